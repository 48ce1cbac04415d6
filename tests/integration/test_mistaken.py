# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people take for something else: one SDDC's vCenter, name or identity for another's, a gateway for its neighbour, a part for the whole."""

from __future__ import annotations

import pytest
import yaml
from rehearsal import Lab
from several import FIRST, OTHERS, REPLACE, ROTATE, SITE, TEARDOWN, Two, gateways, machines, states

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("mistaken")]
SECOND = "sddc-1-cluster-1-2"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    directory = tmp_path_factory.mktemp("mistaken")
    lab = Lab(directory / "lab")
    lab.up("--sddcs", "2", "--seed", "prepared")
    yield Two(lab, directory)
    lab.down()


@pytest.fixture
def two(running):
    """Two SDDCs that are converged, as new."""
    running.lab.reset("converged")
    return running


def planned(two, *last):
    return {
        "sddc-1": {"vmc_backup_appliances": [{"cluster": "Cluster-1", "addresses": [two.address(1, n) for n in last]}]}
    }


def of_vcenter(two, number):
    hosts = yaml.safe_load(two.lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]["hosts"]
    held = hosts[f"sddc-{number}"]
    return {name: value for name, value in held.items() if name.startswith("vmc_backup_vcenter_")}


def test_a_gateway_that_got_the_name_of_another_is_not_given_up_for_it(two):
    hosts = planned(two, 50, 61)
    run = two.play(SITE, "--limit", "sddc-1", hosts=hosts)
    assert run.returncode == 0, run.output
    for name, to in ((FIRST, "other"), (SECOND, FIRST), ("other", SECOND)):
        two.lab.break_("rename_gateway", name=name, to=to)
    told = two.refused(REPLACE, "--limit", "sddc-1", hosts=hosts, vmc_backup_replace=FIRST)
    assert f"{FIRST} may be any of these" in told
    assert len(machines(two.lab)) == 2


def test_one_identity_for_two_sddcs_is_refused_though_each_runs_by_itself(two):
    two.lab.reset("prepared")
    run = two.play(SITE, "--limit", "sddc-1", vmc_backup_site_id="prod")
    assert run.returncode == 0, run.output
    before = states(two.lab)
    told = two.refused(SITE, "--limit", "sddc-2", vmc_backup_site_id="prod")
    assert "two sites have one identity" in told
    assert states(two.lab) == before == {"sddc-1": "ONLINE"}


@pytest.mark.parametrize("playbook", [SITE, TEARDOWN])
def test_the_vcenter_of_another_sddc_is_refused_before_anything_is_written(two, playbook):
    hosts = {"sddc-2": {**of_vcenter(two, 1), "vmc_backup_teardown_confirm": "sddc-2"}}
    told = two.refused(playbook, "--limit", "sddc-2", hosts=hosts)
    assert "of this site leads to the vCenter" in told
    assert OTHERS not in machines(two.lab, 1)


def test_another_name_for_a_site_is_refused_before_a_second_set_of_everything_is_made(two):
    told = two.refused(SITE, "--limit", "sddc-1", hosts={"sddc-1": {"vmc_backup_name": "prod"}})
    assert f"{two.address(1, 50)}, which the appliance {FIRST} of this site has" in told


def test_nothing_is_deployed_for_a_gateway_whose_machine_is_gone(two):
    hosts = planned(two, 50, 61)
    assert two.play(SITE, "--limit", "sddc-1", hosts=hosts).returncode == 0
    two.lab.break_("delete_appliance", name=SECOND)
    told = two.refused(SITE, "--limit", "sddc-1", hosts=hosts)
    assert f"The gateway {SECOND} of {SECOND} has no appliance in this vCenter any more" in told
    run = two.play(REPLACE, "--limit", "sddc-1", hosts=planned(two, 50, 61, 62), vmc_backup_replace=SECOND)
    assert run.returncode == 0, run.output
    assert SECOND not in gateways(two.lab)


@pytest.mark.parametrize("playbook", [SITE, TEARDOWN])
def test_a_gateway_that_lost_all_its_tags_is_known_by_the_arn_that_its_machine_carries(two, playbook):
    gateway = two.lab.aws("backup-gateway")
    (arn,) = [each["GatewayArn"] for each in gateway.list_gateways()["Gateways"] if each["GatewayDisplayName"] == FIRST]
    two.lab.break_("rename_gateway", name=FIRST, to="renamed")
    keys = [tag["Key"] for tag in gateway.list_tags_for_resource(ResourceArn=arn)["Tags"]]
    gateway.untag_resource(ResourceARN=arn, TagKeys=keys)
    told = two.refused(playbook, "--limit", "sddc-1", vmc_backup_teardown_confirm="sddc-1")
    assert "carries the ARN of the gateway renamed" in told


COMMANDS = [
    {"registration_state": "absent"},
    {"firewall_state": "absent"},
    {"firewall_retired": [FIRST]},
    {"endpoint_state": "absent", "vmc_backup_teardown_scope": "account"},
    {"registration_retire": FIRST},
    {"appliance_state": "absent"},
    {"prerequisites_state": "absent"},
]


@pytest.mark.parametrize("extra", COMMANDS, ids=lambda extra: next(iter(extra)))
def test_what_a_role_can_be_told_is_no_part_of_site(running, extra):
    """The first of them has to see a converged world, and leaves it so to the others."""
    if extra is COMMANDS[0]:
        running.lab.reset("converged")
    told = running.refused(SITE, "--limit", "sddc-1", **extra)
    assert next(iter(extra)) in told
    running.refused(SITE, "--limit", "sddc-1", "--tags", next(iter(extra)).partition("_")[0], modes=[()], **extra)


@pytest.mark.parametrize(
    "extra",
    [{"endpoint_wait_timeout": "soon"}, {"vmc_backup_teardown_scope": "Account"}],
    ids=lambda extra: next(iter(extra)),
)
def test_what_the_last_role_of_a_teardown_could_not_take_is_refused_by_the_first(two, extra):
    assert next(iter(extra)) in two.refused(
        TEARDOWN, "--limit", "sddc-2", vmc_backup_teardown_confirm="sddc-2", **extra
    )


@pytest.mark.parametrize(
    "extra",
    [
        {"prerequisites_said_to_be_gone": "00000000-0000-0000-0000-000000000000"},
        {"__prerequisites_said_to_be_gone": "00000000-0000-0000-0000-000000000000"},
        {"vmc_backup_platform": "vsphere"},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_the_question_whether_an_sddc_is_gone_cannot_be_left_out(two, extra):
    gone = {"vmc_backup_teardown_confirm": "sddc-2", "vmc_backup_site_gone": two.site(2), **extra}
    two.refused(TEARDOWN, "--limit", "sddc-2", **gone)


@pytest.mark.parametrize("playbook", [TEARDOWN, REPLACE, ROTATE])
def test_a_playbook_that_has_no_parts_is_not_begun_by_a_tag(two, playbook):
    named = {
        "vmc_backup_teardown_confirm": "sddc-1",
        "vmc_backup_rotate_confirm": "sddc-1",
        "vmc_backup_replace": FIRST,
    }
    told = two.refused(playbook, "--limit", "sddc-1", "--tags", "registration", modes=[()], **named)
    assert "has no parts" in told


def test_a_vcenter_that_was_renamed_in_aws_backup_is_online_without_the_old_gateway_before_that_is_removed(two):
    aws = two.lab.aws("backup-gateway")
    (arn,) = [each["HypervisorArn"] for each in aws.list_hypervisors()["Hypervisors"] if each["Name"] == "sddc-1"]
    aws.update_hypervisor(HypervisorArn=arn, Name="renamed")
    hosts = planned(two, 50, 61)
    two.unchanged(SITE, "--limit", "sddc-1", modes=[()])
    two.lab.forget()
    run = two.play(REPLACE, "--limit", "sddc-1", hosts=hosts, vmc_backup_replace=f" {FIRST} ")
    assert run.returncode == 0, run.output
    calls = [call["operation"] for call in two.lab.journal()]
    between = calls[calls.index("DisassociateGatewayFromServer") : calls.index("DeleteGateway")]
    assert "GetHypervisor" in between
    assert states(two.lab)["renamed"] == "ONLINE"


@pytest.mark.parametrize("unlinked", [False, True])
def test_a_teardown_waits_for_no_job_and_is_refused_while_one_may_run(two, unlinked):
    two.lab.break_("running_job", machine="workload-02", sddc="sddc-1")
    if unlinked:
        aws = two.lab.aws("backup-gateway")
        (arn,) = [each["GatewayArn"] for each in aws.list_gateways()["Gateways"] if each["GatewayDisplayName"] == FIRST]
        aws.disassociate_gateway_from_server(GatewayArn=arn)
    told = two.refused(TEARDOWN, "--limit", "sddc-1", vmc_backup_teardown_confirm="sddc-1")
    assert "jobs may run through it" in told
