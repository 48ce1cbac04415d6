# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.costs.quantities import DAYS, Scenario, quantities
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid

DAILY = {"name": "daily", "backups_per_day": 1, "delete_after_days": 35}


def of(name, of="", **values):
    asked = {
        "region": "eu-west-1",
        "machines": [{"count": 10, "size_gb": 100}],
        "change_percent_per_day": 3,
        "rules": [DAILY],
    }
    found = quantities(Scenario({**asked, **values}))
    (one,) = (each for each in found if each.id == name and of in each.of)
    return one


@pytest.mark.parametrize(
    ("name", "values", "amount"),
    [
        ("endpoint_hours", {"endpoint_zone_ids": ["a", "b"]}, 1460),
        ("endpoint_hours", {"endpoint_zone_ids": ["a"], "hours_per_month": 720}, 720),
        ("endpoint_hours", {"endpoint_zone_ids": []}, 0),
        ("endpoint_hours", {}, None),
        ("endpoint_gb", {}, 1000 * 0.03 * DAYS),
        ("endpoint_gb", {"restores": [{"count": 2, "size_gb": 100}]}, 1000 * 0.03 * DAYS + 200),
        ("endpoint_gb", {"restores": [{"count": 2, "size_gb": 100, "to": "ec2"}]}, 1000 * 0.03 * DAYS),
        ("endpoint_gb", {"change_percent_per_day": None}, None),
        ("first_endpoint_gb", {}, 1000),
        ("cross_az_gb", {"sddc_zone_ids": ["a"], "endpoint_zone_ids": ["a"]}, 0),
        ("cross_az_gb", {"sddc_zone_ids": ["a", "b"], "endpoint_zone_ids": ["a"]}, 1000 * 0.03 * DAYS / 2),
        ("cross_az_gb", {"sddc_zone_ids": ["a"], "endpoint_zone_ids": ["b"]}, 1000 * 0.03 * DAYS),
        ("cross_az_gb", {"endpoint_zone_ids": ["b"]}, None),
        ("cross_az_gb", {"way": "on_premises"}, 0),
        ("transit_hours", {"way": "transit_connect"}, 1460),
        ("transit_gb", {"way": "transit_connect"}, 1000 * 0.03 * DAYS),
        ("warm_storage", {}, 1000 + 35 * 30),
        ("warm_storage", {"change_percent_per_day": 200}, 1000 + 35 * 1000),
        ("warm_storage", {"machines": None}, None),
        ("cold_storage", {}, 0),
        ("expired_points", {"expired_gb": 7}, 7),
        ("restored_warm", {"restores": [{"count": 2, "size_gb": 100}]}, 200),
        ("restored_cold", {"restores": [{"size_gb": 100, "storage": "cold"}]}, 100),
        ("restored_items", {"restored_items_per_month": 3}, 3),
        ("audit_evaluations", {"audit_evaluations_per_month": 1000}, 1000),
        ("extra_hosts", {}, 0),
        ("extra_hosts", {"extra_hosts": 2}, 1460),
        ("extra_hosts", {"datastore_used_percent": 79.9}, 0),
        ("extra_hosts", {"datastore_used_percent": 80}, 730),
        (
            "extra_hosts",
            {"datastore_used_percent": 75, "datastore_capacity_gb": 1000, "restores": [{"size_gb": 50}]},
            730,
        ),
        (
            "extra_hosts",
            {"datastore_used_percent": 75, "datastore_capacity_gb": 1000, "restores": [{"size_gb": 50, "to": "ebs"}]},
            0,
        ),
    ],
)
def test_how_much_there_is(name, values, amount):
    assert of(name, **values).amount == (amount if amount is None else pytest.approx(amount))


def test_cold_storage_holds_what_points_add_or_the_whole_machine():
    rule = {**DAILY, "move_to_cold_storage_after_days": 30, "delete_after_days": 120}
    assert of("warm_storage", rules=[rule]).amount == pytest.approx(1000 + 30 * 30)
    assert of("cold_storage", rules=[rule]).amount == pytest.approx(1000 + 90 * 30)
    assert of("cold_storage", rules=[rule], cold_points="full").amount == pytest.approx(90 * 1000)


def test_rules_of_one_vault_store_a_machine_once_and_those_of_two_vaults_twice():
    weekly = {"name": "weekly", "backups_per_day": 1 / 7, "delete_after_days": 70}
    assert of("warm_storage", rules=[DAILY, weekly]).amount == pytest.approx(1000 + 35 * 30 + 10 * 210)
    other = {**weekly, "vault": "other"}
    assert of("warm_storage", "in other", rules=[DAILY, other]).amount == pytest.approx(1000 + 10 * 210)


def test_a_rule_counts_only_the_machines_that_it_takes():
    machines = [{"count": 1, "size_gb": 100, "rules": ["daily"]}, {"count": 1, "size_gb": 900, "rules": []}]
    assert of("warm_storage", machines=machines).amount == pytest.approx(100 + 35 * 3)


def test_what_is_kept_for_ever_is_counted_as_of_the_horizon():
    forever = {"name": "daily", "keep_forever": True}
    assert of("warm_storage", rules=[forever]).amount == pytest.approx(1000 + 365 * 30)
    assert of("warm_storage", rules=[forever], horizon_days=730).amount == pytest.approx(1000 + 730 * 30)


def test_copies_cost_the_way_only_to_another_region():
    copies = [{"region": "us-east-1", "delete_after_days": 10}, {"account_id": "1", "delete_after_days": 10}]
    scenario = Scenario(
        {
            "region": "eu-west-1",
            "machines": [{"size_gb": 100}],
            "change_percent_per_day": 10,
            "rules": [{**DAILY, "copies": copies}],
        }
    )
    found = quantities(scenario)
    assert [(each.to, each.amount) for each in found if each.id == "copied"] == [
        ("us-east-1", pytest.approx(10 * DAYS))
    ]
    assert [(each.to, each.amount) for each in found if each.id == "first_copied"] == [("us-east-1", 100)]
    stored = {each.of: (each.region, each.amount) for each in found if each.id == "warm_storage"}
    assert stored["copy in copy/us-east-1"] == ("us-east-1", pytest.approx(200))
    assert stored["copy in 1/copy/eu-west-1"] == ("eu-west-1", pytest.approx(200))


def test_where_it_comes_from_is_told():
    scenario = Scenario({"endpoint_zone_ids": ["a"]}, {"endpoint_zone_ids": "vpce-1"})
    (hours,) = (each for each in quantities(scenario) if each.id == "endpoint_hours")
    assert (hours.source, hours.formula) == ("vpce-1", "1 zones x 730 hours")


@pytest.mark.parametrize(
    "values",
    [
        {"change_percent_per_day": -1},
        {"machines": [{"size_gb": -1}]},
        {"restores": [{"size_gb": 1, "count": -1}]},
        {"rules": [{**DAILY, "backups_per_day": 0}]},
        {"rules": [{"name": "daily"}]},
        {"rules": [{**DAILY, "keep_forever": True}]},
        {"rules": [{**DAILY, "move_to_cold_storage_after_days": 30}]},
        {"rules": [DAILY, DAILY]},
        {"rules": [{**DAILY, "copies": [{"region": "us-east-1"}]}]},
    ],
)
def test_what_cannot_be_right_is_refused(values):
    with pytest.raises(Invalid):
        Scenario(values)
