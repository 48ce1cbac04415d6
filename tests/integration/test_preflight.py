# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One report of every prerequisite: met, will be done, left to a human. It writes nothing, and says by its exit whether a human is needed."""

from __future__ import annotations

import re
import uuid

import pytest
import yaml

pytestmark = pytest.mark.proof

PREFLIGHT = "playbooks/preflight.yml"
SITE = "playbooks/site.yml"
ROW = re.compile(r"(met|site\.yml|YOU|not seen|left out) +(\d)  ")


def preflight(lab, *arguments, **extra):
    """The run; its rows by number; all it says in one line."""
    before = len(lab.journal("write"))
    run = lab.play(PREFLIGHT, *arguments, **extra)
    assert (lab.journal("write")[before:], lab.journal("unknown")) == ([], []), run.output
    assert run.changed == 0, run.output
    rows = {int(number): kind for kind, number in ROW.findall(run.output)}
    return run, rows, " ".join(run.output.split())


def test_a_new_sddc_needs_nobody_where_all_is_enforced(lab):
    lab.reset(seed="empty")
    run, rows, told = preflight(lab)
    assert run.returncode == 0, run.output
    assert rows == {**dict.fromkeys((1, 2, 3, 4, 7, 8), "site.yml"), 5: "met", 6: "met"}
    assert "will be done by site.yml" in told and "you must do" not in told


def test_a_new_sddc_needs_somebody_for_what_is_only_checked_and_all_of_it_is_told_at_once(lab):
    lab.reset(seed="empty")
    lab.break_("begin_maintenance")
    run, rows, told = preflight(
        lab,
        prerequisites_vcenter_resolution="check",
        prerequisites_dns_zones="check",
        prerequisites_segment="check",
        prerequisites_opt_in="check",
        vmc_backup_control_addresses=["10.0.0.0/8"],
        vmc_backup_aws_account_id="999999999999",
        vmc_backup_subnet_ids=["subnet-00000000000000000"],
    )
    assert run.returncode != 0
    assert rows == dict.fromkeys(range(1, 9), "YOU")
    assert "A human is needed for sddc-1" in told
    assert "VMware maintains or upgrades it. What is seen of it now may be stale" in told


def test_what_site_yml_made_is_met_and_a_hop_that_only_a_human_mends_is_named(lab):
    made = lab.play(SITE)
    assert made.returncode == 0, made.output
    run, rows, told = preflight(lab)
    assert run.returncode == 0, run.output
    assert rows == dict.fromkeys(range(1, 9), "met")
    assert "will be done" not in told

    lab.break_("close_default_group")
    lab.break_("drop_rule", rule="sddc-1-appliances-to-esxi")
    run, rows, told = preflight(lab)
    assert run.returncode != 0
    assert rows == {**dict.fromkeys(range(1, 9), "met"), 7: "YOU"}
    assert "> sddc_security_group: " in told and "> management_gateway_esxi: " not in told

    before = len(lab.journal("write"))
    site = lab.play(SITE, "--tags", "prerequisites")
    assert site.returncode == 0, site.output
    assert "Path: " in site.output
    assert lab.journal("write")[before:] == []


def test_corrections_wait_for_maintenance_that_runs_and_not_for_a_window(lab):
    lab.break_("begin_maintenance")
    run = lab.play(SITE)
    assert run.returncode != 0
    assert "may be stale, and corrections wait" in " ".join(run.output.split())
    assert lab.journal("write") == []
    lab.break_("end_maintenance")
    lab.break_("open_window")
    run = lab.play(SITE, "--tags", "prerequisites", "--check")
    assert run.returncode == 0, run.output


def test_each_sddc_has_its_part_in_the_one_report_also_where_lines_are_json(lab, monkeypatch, tmp_path):
    """Two hosts, the second of which has no token; the callback as AWX has it."""
    monkeypatch.setenv("ANSIBLE_CALLBACK_RESULT_FORMAT", "json")
    inventory = yaml.safe_load(lab.inventory.read_text())
    hosts = inventory["all"]["children"]["vmc_sddcs"]["hosts"]
    apart = {
        "vmc_backup_sddc_id": str(uuid.uuid4()),
        "vmc_backup_appliances": [{"cluster": "C", "addresses": ["192.0.2.9"]}],
    }
    hosts["sddc-2"] = {**hosts["sddc-1"], **apart, "vmc_backup_api_token": "not-a-token", "vmc_backup_name": "other"}
    both = tmp_path / "both.yml"
    both.write_text(yaml.safe_dump(inventory))
    before = len(lab.journal("write"))
    run = lab.play(PREFLIGHT, inventory=both)
    assert (run.returncode != 0, lab.journal("write")[before:]) == (True, []), run.output
    lines = run.output.splitlines()
    assert [line.partition(":")[0] for line in lines if re.match(r"sddc-\d: \d+ met", line)] == ["sddc-1", "sddc-2"]
    assert "A human is needed for sddc-2" in run.output and "A human is needed for sddc-1" not in run.output
