# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gateways whose software AWS has newer: one after the other, while no job runs, and never the only one unlinked."""

from __future__ import annotations

import threading

import pytest

pytestmark = pytest.mark.proof

SITE = "playbooks/site.yml"
UPDATE = "playbooks/update_gateways.yml"
ONE, TWO = "sddc-1-cluster-1-1", "sddc-1-cluster-1-2"
STEPS = ("DisassociateGatewayFromServer", "UpdateGatewaySoftwareNow", "AssociateGatewayToServer")


def words(run):
    return " ".join(run.output.split())


def gateways(lab) -> dict:
    """What AWS says of each gateway, by its name."""
    client = lab.aws("backup-gateway")
    found = [client.get_gateway(GatewayArn=one["GatewayArn"])["Gateway"] for one in client.list_gateways()["Gateways"]]
    return {one["GatewayDisplayName"]: one for one in found}


def steps(lab) -> list:
    return [call["operation"] for call in lab.journal("write") if call["operation"] in STEPS]


def online(lab):
    return [one["State"] for one in lab.aws("backup-gateway").list_hypervisors()["Hypervisors"]] == ["ONLINE"]


@pytest.fixture
def two(lab):
    """Two gateways of one cluster."""
    first = lab.endpoints["sddcs"][0]["compute_network"].rpartition(".")[0]
    plan = [{"cluster": "Cluster-1", "addresses": [f"{first}.50", f"{first}.51"]}]
    run = lab.play(SITE, vmc_backup_appliances=plan)
    assert run.returncode == 0, run.output

    def play(*arguments, **extra):
        return lab.play(UPDATE, *arguments, vmc_backup_appliances=plan, **extra)

    lab.update = play
    return lab


def test_two_of_a_cluster_are_updated_one_after_the_other_and_each_is_linked_again(two):
    before = len(steps(two))
    nothing = two.update()
    assert (nothing.returncode, nothing.changed, steps(two)[before:]) == (0, 0, []), nothing.output
    for name in (ONE, TWO):
        two.break_("offer_update", name=name)
    preview = two.update("--check")
    assert preview.returncode == 0 and steps(two)[before:] == [], preview.output
    assert "would be updated" in words(preview)
    old = {name: one["SoftwareVersion"] for name, one in gateways(two).items()}
    run = two.update()
    assert run.returncode == 0, run.output
    assert steps(two)[before:] == [*STEPS, *STEPS]
    new = gateways(two)
    assert all(new[name]["SoftwareVersion"] != old[name] and new[name]["HypervisorId"] for name in (ONE, TWO))
    assert online(two)
    again = two.update()
    assert (again.returncode, again.changed) == (0, 0), again.output


def test_the_only_one_waits_for_its_jobs_is_never_unlinked_and_a_deprecated_one_is_told(lab):
    assert lab.play(SITE).returncode == 0
    before = len(steps(lab))
    lab.break_("offer_update", name=ONE)
    lab.break_("deprecate_gateway", name=ONE)
    told = lab.play("playbooks/preflight.yml")
    assert "Gateway software" in words(told), told.output
    lab.break_("running_job", machine="workload-02")
    refused = lab.play(UPDATE, vmc_backup_drain_timeout=0)
    assert refused.returncode != 0 and "workload-02 (RUNNING)" in words(refused)
    assert steps(lab)[before:] == []
    ends = threading.Timer(25, lambda: lab.break_("end_jobs"))
    ends.start()
    run = lab.play(UPDATE)
    ends.join()
    assert run.returncode == 0, run.output
    assert steps(lab)[before:] == ["UpdateGatewaySoftwareNow"]
    assert gateways(lab)[ONE]["SoftwareVersion"] == "2-2-0" and online(lab)
    assert "Gateway software" not in words(lab.play("playbooks/preflight.yml"))


def test_an_update_that_is_not_yet_to_be_had_is_left_and_parts_are_refused(lab):
    assert lab.play(SITE).returncode == 0
    before = len(steps(lab))
    lab.break_("offer_update", name=ONE, hours="2")
    run = lab.play(UPDATE)
    assert (run.returncode, run.changed, steps(lab)[before:]) == (0, 0, []), run.output
    part = lab.play(UPDATE, "--tags", "registration")
    assert part.returncode != 0 and "This playbook has no parts" in words(part)
