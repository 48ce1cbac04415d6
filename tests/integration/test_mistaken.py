# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people take for something else: one SDDC's vCenter, name or identity for another's, a gateway for its neighbour, a part for the whole."""

from __future__ import annotations

import pytest
import yaml
from rehearsal import Lab
from several import (
    FIRST,
    OTHERS,
    REPLACE,
    ROTATE,
    SITE,
    TEARDOWN,
    Two,
    endpoints,
    gateways,
    machines,
    security_group,
    states,
    words,
)

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


@pytest.mark.parametrize(
    ("playbook", "task"),
    [
        (TEARDOWN, "Remove the appliances, which are no gateways any more"),
        (TEARDOWN, "Close the firewall"),
        (REPLACE, "Let the old one in no more"),
        (ROTATE, "Test it, write it, and wait until vCenter is online and synchronised"),
    ],
)
def test_a_playbook_is_not_begun_in_its_middle(two, playbook, task):
    extra = {"vmc_backup_replace": FIRST, "vmc_backup_new_hypervisor_password": two.passwords["sddc-1"]}
    told = two.refused(playbook, "--limit", "sddc-1", "--start-at-task", task, modes=[()], **extra)
    assert "--start-at-task would leave out what this playbook has to ask first" in told


def test_what_a_range_lets_in_stays_while_an_appliance_that_is_not_planned_any_more_carries_it(two):
    run = two.play(SITE, "--limit", "sddc-1", hosts=planned(two, 50, 51))
    assert run.returncode == 0, run.output
    both = f"{two.address(1, 50)}-{two.address(1, 51)}"
    for domain in ("mgw", "cgw"):
        two.lab.break_("change_group", group="sddc-1-appliances", addresses=both, domain=domain, sddc="sddc-1")
    ec2 = two.lab.aws("ec2")
    group = security_group(two.lab, "sddc-1-appliances")
    kept = [dict(rule) for rule in group["IpPermissions"]]
    for rule in kept:
        ranges = [each for each in rule["IpRanges"] if each["CidrIp"] != f"{two.address(1, 51)}/32"]
        rule["IpRanges"] = [*ranges, {"CidrIp": f"{two.address(1, 50)}/31"}]
    ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=kept)
    run = two.play(SITE, "--limit", "sddc-1", hosts=planned(two, 50))
    assert run.returncode == 0, run.output
    assert f"{two.address(1, 51)} is not planned, and stays let in: the appliance {SECOND} has it" in words(run)
    let_in = {
        each["CidrIp"]
        for rule in security_group(two.lab, "sddc-1-appliances")["IpPermissions"]
        for each in rule["IpRanges"]
    }
    assert f"{two.address(1, 51)}/32" in let_in


def test_what_endpoint_cidr_ips_leaves_out_stays_while_it_serves(two):
    run = two.play(SITE, "--limit", "sddc-1", "--tags", "endpoint", endpoint_cidr_ips="10.9.9.9/32")
    assert run.returncode == 0, run.output
    let_in = {
        each["CidrIp"]
        for rule in security_group(two.lab, "sddc-1-appliances")["IpPermissions"]
        for each in rule["IpRanges"]
    }
    assert let_in == {"10.9.9.9/32", f"{two.address(1, 50)}/32"}
    assert states(two.lab)["sddc-1"] == "ONLINE"


def test_the_nsx_of_another_sddc_is_neither_written_nor_taken_for_closed(two):
    hosts = yaml.safe_load(two.lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]["hosts"]
    url = {"vmc_backup_nsx_url": hosts["sddc-1"]["vmc_backup_nsx_url"]}
    told = two.refused(SITE, "--limit", "sddc-2", **url)
    assert "leads to the NSX of the SDDC" in told
    told = two.refused(TEARDOWN, "--limit", "sddc-2", vmc_backup_teardown_confirm="sddc-2", **url)
    assert "leads to the NSX of the SDDC" in told


def test_new_credentials_are_not_tried_on_the_vcenter_of_another(two):
    two.lab.reset("prepared")
    assert two.play(SITE, "--limit", "sddc-1", vmc_backup_site_id="prod").returncode == 0
    new = {"vmc_backup_rotate_confirm": "sddc-2", "vmc_backup_new_hypervisor_password": "a-new-one-of-sddc-2"}
    told = two.refused(ROTATE, "--limit", "sddc-2", vmc_backup_site_id="prod", modes=[()], **new)
    assert "of this site leads to the vCenter" in told


def test_a_gateway_of_somebody_else_that_is_called_as_ours_keeps_the_endpoint(two):
    assert two.play(TEARDOWN, "--limit", "sddc-2", vmc_backup_teardown_confirm="sddc-2").returncode == 0
    two.lab.break_("plant_gateway", name=FIRST, sddc="sddc-1")
    run = two.play(
        TEARDOWN, "--limit", "sddc-1", vmc_backup_teardown_confirm="sddc-1", vmc_backup_teardown_scope="account"
    )
    assert run.returncode == 0, run.output
    assert endpoints(two.lab)
    assert f"gateways use it: {FIRST}" in words(run)


def test_a_gateway_of_others_on_our_vcenter_is_told_before_anything_is_removed(two):
    aws = two.lab.aws("backup-gateway")
    two.lab.break_("plant_gateway", name="theirs", sddc="sddc-1")
    (theirs,) = [
        each["GatewayArn"] for each in aws.list_gateways()["Gateways"] if each["GatewayDisplayName"] == "theirs"
    ]
    (ours,) = [each["HypervisorArn"] for each in aws.list_hypervisors()["Hypervisors"] if each["Name"] == "sddc-1"]
    aws.associate_gateway_to_server(GatewayArn=theirs, ServerArn=ours)
    told = two.refused(TEARDOWN, "--limit", "sddc-1", vmc_backup_teardown_confirm="sddc-1")
    assert "in use by the gateway theirs" in told


@pytest.mark.parametrize("key", ["vmc-aws-backup:entry", "vmc-aws-backup:instance-uuid", "managed-by"])
def test_an_appliance_is_not_restarted_while_a_job_may_run_whatever_its_gateway_has_lost(two, key):
    aws = two.lab.aws("backup-gateway")
    (arn,) = [each["GatewayArn"] for each in aws.list_gateways()["Gateways"] if each["GatewayDisplayName"] == FIRST]
    aws.untag_resource(ResourceARN=arn, TagKeys=[key])
    two.lab.break_("rename_gateway", name=FIRST, to="renamed")
    two.lab.break_("running_job", machine="workload-01", sddc="sddc-1")
    two.play(SITE, "--limit", "sddc-1", appliance_allow_restart=True, appliance_num_cpus=6)
    restarts = [call["operation"] for call in two.writes() if call["operation"] in ("ShutdownGuest", "PowerOffVM_Task")]
    assert restarts == []


def test_an_answer_of_blanks_is_none(two):
    gone = {"vmc_backup_teardown_confirm": "sddc-1", "vmc_backup_site_gone": "  "}
    run = two.play(TEARDOWN, "--limit", "sddc-1", **gone)
    assert run.returncode == 0, run.output
    assert machines(two.lab) == {}


@pytest.mark.parametrize("name", ["planned", "registration_result"])
def test_what_roles_leave_for_each_other_is_no_extra_variable(two, name):
    told = two.refused(SITE, "--limit", "sddc-1", **{name: {"gone": []}})
    assert f"{name}: is the collection's own" in told
