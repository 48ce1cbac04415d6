# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook cost: what it costs is told of the world, and of what would be otherwise, and nothing is written."""

from __future__ import annotations

import json

import pytest
import yaml
from permissions import POLICIES
from rehearsal import ROOT

pytestmark = pytest.mark.xdist_group("cost")
PLAYBOOK = ROOT / "playbooks" / "cost.yml"
PLAN = {
    "BackupPlanName": "daily",
    "Rules": [
        {
            "RuleName": "daily",
            "TargetBackupVaultName": "cost",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "Lifecycle": {"DeleteAfterDays": 35},
        }
    ],
}


@pytest.fixture(scope="module")
def converged(running_lab):
    """A converged SDDC whose machines a plan takes, of which one has a recovery point."""
    running_lab.reset("converged")
    backup, account = running_lab.aws("backup"), running_lab.endpoints["account"]
    backup.create_backup_vault(BackupVaultName="cost")
    plan = backup.create_backup_plan(BackupPlan=PLAN)["BackupPlanId"]
    role = f"arn:aws:iam::{account}:role/AWSBackup-vmc-jobs"
    machines = running_lab.aws("backup-gateway").list_virtual_machines()["VirtualMachines"]
    chosen = [each["ResourceArn"] for each in machines if each["Name"].startswith("workload")]
    selection = {"SelectionName": "all", "IamRoleArn": role, "Resources": chosen}
    backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
    backup.start_backup_job(BackupVaultName="cost", ResourceArn=chosen[0], IamRoleArn=role)
    running_lab.pass_time(5 * 3600)
    return running_lab


@pytest.fixture
def prices(converged, tmp_path):
    region = converged.endpoints["region"]
    path = tmp_path / "prices.yml"
    held = {"endpoint_hour": 0.01, "endpoint_gb": 0.01, "warm_gb_month": {"price": 0.05, "source": "a bill"}}
    path.write_text(yaml.safe_dump({"currency": "USD", "regions": {region: held}}))
    return str(path)


def rows(told):
    return {row["id"]: row for row in told["estimate"]["rows"]}


def test_the_world_is_estimated_and_kept_and_compared(converged, prices, tmp_path):
    converged.attach(POLICIES["preflight"])
    converged.forget()
    asked = {"cost_prices": prices, "cost_dir": str(tmp_path), "cost_scenario": {"change_percent_per_day": 3}}
    ran = converged.play(PLAYBOOK, **asked)
    converged.detach()
    assert ran.returncode == 0, ran.output
    assert ran.changed <= 1  # the file
    writes = [call for call in converged.journal("write") if call["service"] != "csp"]
    assert writes == []
    told = json.loads((tmp_path / "cost.json").read_text())["sddc-1"]
    found = rows(told)
    assert found["endpoint_hours"]["amount"] == pytest.approx(7.3)
    assert found["endpoint_hours"]["quantity_from"].startswith("vpce-")
    assert found["cross_az_gb"]["amount"] == 0
    assert found["warm_storage"]["amount"] > 0 and "a bill" in found["warm_storage"]["price_from"]
    assert any("have no recovery point yet" in text for text in told["estimate"]["missing"])
    assert "Warm storage" in ran.output and "incomplete" in ran.output

    again = {
        **asked,
        "cost_scenario": {"change_percent_per_day": 6},
        "cost_compare_with": str(tmp_path / "cost.json"),
        "cost_dir": "",
    }
    ran = converged.play(PLAYBOOK, **again)
    assert ran.returncode == 0, ran.output
    assert "What would differ:" in ran.output


def test_a_plan_asks_nothing_of_aws_backup(converged, prices):
    scenario = {
        "machines": [{"count": "100", "size_gb": "200"}],  # as a survey of AWX has it
        "change_percent_per_day": "3",
        "endpoint_zone_ids": ["a"],
        "sddc_zone_ids": ["a"],
    }
    rules = [{"name": "daily", "schedule_expression": "rate(1 day)", "lifecycle": {"delete_after_days": 35}}]
    converged.forget()
    ran = converged.play(
        PLAYBOOK,
        cost_prices=prices,
        cost_of="plan",
        cost_scenario=scenario,
        cost_planned_rules=rules,
        cost_what_if={"endpoint_zone_ids": ["a", "b"]},
    )
    assert ran.returncode == 0, ran.output
    assert "2,050.00" in ran.output and "+7.30" in ran.output
    assert [call for call in converged.journal() if call["service"].startswith("backup")] == []


def test_without_prices_it_says_where_there_are_some_to_copy(converged):
    ran = converged.play(PLAYBOOK)
    assert ran.returncode != 0 and "examples/prices.yml is one to copy" in ran.output


def test_the_prices_to_copy_are_read_and_what_they_lack_is_asked_for(converged):
    ran = converged.play(
        PLAYBOOK,
        cost_prices=str(ROOT / "examples" / "prices.yml"),
        cost_of="plan",
        cost_scenario={"machines": [{"size_gb": 100}], "change_percent_per_day": 3},
        cost_planned_rules=[
            {"name": "d", "schedule_expression": "rate(1 day)", "lifecycle": {"delete_after_days": 35}}
        ],
    )
    assert ran.returncode == 0, ran.output
    assert "is not in the price file" in ran.output
