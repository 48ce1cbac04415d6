# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml from an SDDC as VMware hands it over to a hypervisor that is ONLINE, and what happens when a step was forgotten."""

from __future__ import annotations

import re
from collections import Counter

import pytest

SITE = "playbooks/site.yml"
BEFORE_REGISTRATION = ("--tags", "endpoint,appliance,firewall")
# What an unchanged site may take. Less is better: lower the figure then.
MOST_READS, MOST_LOGINS, MOST_TASKS = 80, 2, 55
IMPATIENT = {"registration_activation_timeout": 10, "registration_online_timeout": 10, "registration_boot_timeout": 60}


@pytest.fixture
def unregistered(lab):
    """All but the registration is done."""
    run = lab.play(SITE, *BEFORE_REGISTRATION)
    assert run.returncode == 0, run.output
    return lab


def register(lab, **extra):
    return lab.play(SITE, "--tags", "registration", **IMPATIENT, **extra)


def hypervisor_states(lab):
    return [hypervisor["State"] for hypervisor in lab.aws("backup-gateway").list_hypervisors()["Hypervisors"]]


def broken_hops(run):
    """The hops that the failure of the role names, in their order."""
    return list(
        dict.fromkeys(
            re.findall(
                r"^\s*(?:\[ERROR\]:.*|msg:.*)?\b([a-z_]+): .* puts in order what is ours", run.output, re.MULTILINE
            )
        )
    )


def test_a_new_sddc_gets_an_online_hypervisor_and_the_second_run_writes_nothing(lab):
    lab.reset(seed="empty")
    preview = lab.play(SITE, "--check", "--diff")
    assert preview.returncode == 0, preview.output
    assert preview.changed > 0
    assert lab.journal("write") == []

    applied = lab.play(SITE)
    assert applied.returncode == 0, applied.output
    assert hypervisor_states(lab) == ["ONLINE"]
    machines = lab.aws("backup-gateway").list_virtual_machines()["VirtualMachines"]
    assert {machine["Name"] for machine in machines} >= {"workload-01", "workload-02", "workload-03"}

    lab.forget()
    again = lab.play("vmc.aws_backup.site")
    assert again.returncode == 0, again.output
    assert again.changed == 0, again.output
    assert lab.journal("write") == []
    assert lab.journal("unknown") == []
    asked = Counter(call["operation"] for call in lab.journal())
    assert sum(asked.values()) <= MOST_READS
    assert asked["Login"] <= MOST_LOGINS
    assert sum(number for operation, number in asked.items() if "api-tokens" in operation) == 1
    # Skipped tasks do not count, and neither do the five by which core judges the roles' arguments.
    assert again.recap["sddc-1"]["ok"] - 5 <= MOST_TASKS


def test_no_rule_to_vcenter_leaves_it_offline_and_the_role_names_the_rule(unregistered):
    unregistered.break_("drop_rule", rule="sddc-1-appliances-to-vcenter")
    run = register(unregistered)
    assert run.returncode != 0
    assert "ONLINE" not in hypervisor_states(unregistered)
    assert broken_hops(run) == ["management_gateway_vcenter"], run.output


def test_no_rule_to_the_endpoint_is_named(unregistered):
    unregistered.break_("drop_rule", domain="cgw", rule="sddc-1-appliances-to-endpoint")
    run = register(unregistered)
    assert run.returncode != 0
    assert "ONLINE" not in hypervisor_states(unregistered)
    assert broken_hops(run) == ["compute_gateway"], run.output


def test_appliances_that_ask_for_the_time_get_a_key_only_once_they_are_let_out_to_their_servers(unregistered):
    unregistered.switch(appliance_asks_ntp="169.254.169.123")
    refused = register(unregistered)
    assert refused.returncode != 0
    assert "CLOCK_SKEW" in refused.output
    let_out = unregistered.play(SITE, "--tags", "firewall", vmc_backup_ntp_servers=["169.254.169.123"])
    assert let_out.returncode == 0, let_out.output
    run = register(unregistered, vmc_backup_ntp_servers=["169.254.169.123"])
    assert run.returncode == 0, run.output
    assert hypervisor_states(unregistered) == ["ONLINE"]

    closed = unregistered.play(SITE, "--tags", "firewall")
    assert closed.returncode == 0, closed.output
    assert closed.changed == 2, closed.output


def test_a_security_group_without_1031_is_named(unregistered):
    unregistered.break_("remove_group_port", port="1031", group="sddc-1-appliances")
    run = register(unregistered)
    assert run.returncode != 0
    assert "ONLINE" not in hypervisor_states(unregistered)
    assert broken_hops(run) == ["endpoint_security_group"], run.output
    assert "1031" in run.output


def test_without_the_firewall_nothing_gets_online_and_each_missing_rule_is_named(lab):
    run = lab.play(SITE, "--skip-tags", "firewall", **IMPATIENT)
    assert run.returncode != 0
    assert "ONLINE" not in hypervisor_states(lab)
    assert broken_hops(run) == ["management_gateway_vcenter", "management_gateway_esxi", "compute_gateway"], run.output


def test_a_wrong_region_is_refused_before_anything_is_written(lab):
    run = lab.play(SITE, vmc_backup_aws_region="us-east-1")
    assert run.returncode != 0
    assert "eu-west-1" in run.output
    assert lab.journal("write") == []


def test_a_wrong_password_is_tried_once_and_told_and_the_next_run_goes_on_with_the_gateway_of_this_one(unregistered):
    refused = register(unregistered, vmc_backup_hypervisor_password="not the password")
    assert refused.returncode != 0
    assert "password" in refused.output
    assert hypervisor_states(unregistered) == []
    tried = [call for call in unregistered.journal() if call["operation"] == "TestHypervisorConfiguration"]
    assert len(tried) == 1

    run = register(unregistered)
    assert run.returncode == 0, run.output
    assert len(unregistered.aws("backup-gateway").list_gateways()["Gateways"]) == 1
    assert hypervisor_states(unregistered) == ["ONLINE"]
