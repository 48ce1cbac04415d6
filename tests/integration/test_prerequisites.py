# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an SDDC and an account need first: told, made, put back when somebody breaks it; and nothing else is touched."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.proof
ONLY = ("--tags", "prerequisites")
BREAKS = {
    "disable_opt_in": {},
    "publish_vcenter_name": {},
    "change_dns_servers": {"zone": "mgw-dns-zone"},
    "drop_rule": {"rule": "sddc-1-control-to-esxi"},
    "change_dhcp_range": {},
    "change_group": {"group": "sddc-1-control", "addresses": "192.0.2.1"},
}
PUT_BACK = [
    ("backup", "UpdateRegionSettings"),
    ("iam", "AttachRolePolicy"),
    ("nsx", "PUT /infra/dns-forwarder-zones/{id}"),
    ("nsx", "PUT /infra/domains/mgw/gateway-policies/default/rules/{id}"),
    ("nsx", "PUT /infra/domains/mgw/groups/{id}"),
    ("nsx", "PUT /infra/tier-1s/cgw/segments/{segment}"),
    ("vmc", "PUT /vmc/api/orgs/{org}/sddcs/{sddc}/dns/{kind}"),
]


@pytest.fixture
def new(lab):
    """An SDDC as VMware hands it over."""
    lab.reset(seed="empty")
    return lab


def play(lab, *arguments, **extra):
    """The run, and what it wrote."""
    before = len(lab.journal("write"))
    run = lab.play("playbooks/site.yml", *ONLY, *arguments, **extra)
    return run, sorted((call["service"], call["operation"]) for call in lab.journal("write")[before:])


def told(run):
    return re.sub(r"\s+", " ", run.output)


def test_what_the_whole_sddc_would_notice_is_only_told_unless_it_is_asked_for(new):
    run, written = play(new, prerequisites_vcenter_resolution="check", prerequisites_dns_zones="check")
    assert run.returncode != 0
    assert "its name resolves to the public address" in told(run)
    assert "the default zones of cgw and mgw do not ask" in told(run) or "mgw and cgw do not ask" in told(run)
    assert written == []


def test_each_is_put_back_and_nothing_else_is_touched(new):
    run, _written = play(new)
    assert run.returncode == 0, run.output
    for verb, arguments in BREAKS.items():
        new.break_(verb, **arguments)
    role = new.aws("iam").list_attached_role_policies(RoleName="AWSBackup-vmc-jobs")["AttachedPolicies"][0]
    new.aws("iam").detach_role_policy(RoleName="AWSBackup-vmc-jobs", PolicyArn=role["PolicyArn"])

    preview, written = play(new, "--check")
    assert (preview.returncode, written) == (0, []), preview.output
    assert preview.changed == len(PUT_BACK)
    run, written = play(new)
    assert run.returncode == 0, run.output
    assert (written, run.changed) == (PUT_BACK, len(PUT_BACK))
    again, written = play(new)
    assert (again.returncode, again.changed, written) == (0, 0, []), again.output


def test_a_run_that_ended_between_the_group_and_the_rule_of_the_entrance_is_taken_up(new):
    new.fault("403", service="nsx", operation="PUT /infra/domains/mgw/gateway-policies/default/rules/{id}", times=1)
    run, _written = play(new)
    assert run.returncode != 0
    assert new.faults() == [0]
    run = new.play("playbooks/site.yml", "--tags", "prerequisites,appliance")
    assert run.returncode == 0, run.output
    assert "sddc-1-cluster-1-1" in [one["name"] for one in new.world()["sddcs"]["sddc-1"]["virtual_machines"]]


def test_dns_servers_that_do_not_answer_are_not_let_in(new):
    servers = new.endpoints["dns"]["servers"]
    new.break_("break_dns", server=servers[1], how="cannot recurse")
    run, written = play(new)
    assert run.returncode != 0
    assert f"{servers[1]} for " in told(run) and "REFUSED" in told(run)
    assert f"{servers[0]} for " not in told(run)
    assert written == []


def test_without_a_name_to_ask_for_no_dns_server_is_let_in(new):
    run, written = play(new, prerequisites_dns_canaries=[])
    assert run.returncode != 0
    assert "Give prerequisites_dns_canaries" in told(run)
    assert written == []


def test_the_name_of_vcenter_stays_public_while_nobody_answers_at_its_private_address(lab):
    lab.break_("publish_vcenter_name")
    lab.break_("move_private_address", address="127.0.0.254")
    run, written = play(lab, prerequisites_reach_timeout=3)
    assert run.returncode != 0
    assert "vCenter does not answer at its private address 127.0.0.254" in told(run)
    assert ("vmc", "PUT /vmc/api/orgs/{org}/sddcs/{sddc}/dns/{kind}") not in written
