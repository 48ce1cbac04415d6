# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.modules import backup_cost_info

from .documentation import documented, returned, specified

PRICES = {
    "currency": "USD",
    "regions": {"eu-west-1": {"warm_gb_month": 0.05, "endpoint_hour": 0.01, "endpoint_gb": 0.01}},
}
PLANNED = {
    "machines": [{"count": 100, "size_gb": 200}],
    "change_percent_per_day": 3,
    "rules": [{"name": "daily", "delete_after_days": 35, "move_to_cold_storage_after_days": None}],
    "endpoint_zone_ids": ["a"],
    "sddc_zone_ids": ["a"],
    "way": None,
}


def fetched(monkeypatch, **options):
    asked = []

    def client(module, service):
        return types.SimpleNamespace(region="eu-west-1", service=service)

    def of_region(client, hypervisor):
        asked.append(hypervisor)
        return {"machines": [{"count": 1, "size_gb": 10}], "not_counted": ["some"]}, {"machines": "recovery points"}

    monkeypatch.setattr(backup_cost_info, "Aws", client)
    monkeypatch.setattr(backup_cost_info.cost, "of_region", of_region)
    params = {
        "prices": PRICES,
        "of": "plan",
        "planned_rules": [],
        "hypervisor": None,
        "seen": {},
        "scenario": PLANNED,
        "what_if": {},
    }
    module = types.SimpleNamespace(params={**params, "compare_with": None, **options})
    return {**backup_cost_info.fetch(module), "asked": asked}


def test_its_documentation_is_its_specification():
    assert documented(backup_cost_info) == specified(backup_cost_info)


def test_its_result_is_documented(monkeypatch):
    told = fetched(monkeypatch)
    told.pop("asked")
    assert set(told) == set(returned(backup_cost_info))
    estimate = returned(backup_cost_info)["estimate"]["contains"]
    assert set(told["estimate"]) == set(estimate)
    assert set(told["estimate"]["rows"][0]) == set(estimate["rows"]["contains"])


def test_a_plan_asks_nobody(monkeypatch):
    told = fetched(monkeypatch)
    assert told["asked"] == [] and told["estimate"]["complete"]
    assert told["estimate"]["month"] == pytest.approx(7.3 + 182.5 + 2050)


def test_the_world_is_asked_and_what_is_given_counts_more(monkeypatch):
    scenario = {"change_percent_per_day": 3, "rules": PLANNED["rules"]}
    told = fetched(monkeypatch, of="world", scenario=scenario, hypervisor="sddc-1")
    assert told["asked"] == ["sddc-1"] and told["estimate"]["missing"][-1] == "some"
    (warm,) = (row for row in told["estimate"]["rows"] if row["id"] == "warm_storage")
    assert (warm["quantity"], warm["quantity_from"]) == (pytest.approx(10 + 35 * 0.3), "recovery points; given")
    told = fetched(monkeypatch, of="world")
    assert "some" not in told["estimate"]["missing"]
    (warm,) = (row for row in told["estimate"]["rows"] if row["id"] == "warm_storage")
    assert warm["quantity_from"] == "given"


def test_what_if_is_compared(monkeypatch):
    told = fetched(monkeypatch, what_if={"change_percent_per_day": 6, "machines": None})
    assert told["difference"]["month"] == pytest.approx(182.5 + 1050)
    assert told["what_if"]["month"] == pytest.approx(told["estimate"]["month"] + 1232.5)
    assert told["table"][-1].startswith("  A month: +1,232.50")


def test_an_estimate_of_before_is_compared(monkeypatch):
    before = fetched(monkeypatch)["estimate"]
    unfilled = dict.fromkeys(PLANNED)  # as Ansible has suboptions that nobody gave
    told = fetched(
        monkeypatch, compare_with=before, what_if=unfilled, scenario={**PLANNED, "endpoint_zone_ids": ["a", "b"]}
    )
    assert told["difference"]["month"] == pytest.approx(7.3)
    with pytest.raises(Invalid, match="compare_with"):
        fetched(monkeypatch, compare_with=before, what_if={"change_percent_per_day": 6})


def test_rules_that_are_planned_are_those_of_a_plan(monkeypatch):
    rules = [{"name": "monthly", "schedule_expression": "cron(0 5 1 * ? *)", "lifecycle": {"delete_after_days": 365}}]
    scenario = {name: held for name, held in PLANNED.items() if name != "rules"}
    told = fetched(monkeypatch, planned_rules=rules, scenario=scenario)
    (warm,) = (row for row in told["estimate"]["rows"] if row["id"] == "warm_storage")
    assert warm["quantity"] == pytest.approx(20_000 + 12 * 18_250)
    assert "planned_rules" in warm["quantity_from"]
    with pytest.raises(Invalid, match="planned_rules"):
        fetched(monkeypatch, planned_rules=rules, of="world")
