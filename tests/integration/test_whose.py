# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a thing is, how it is found again, and in which order things close (SAFETY 23 to 25).

A run that has to be refused is refused in check mode first, so that what would do harm leaves the world to the next test.
"""

from __future__ import annotations

import contextlib
import json
import re

import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.module_utils.plan import mac_address
from modules import Modules
from rehearsal import ROOT, Lab
from several import (
    FIRST,
    IMPATIENT,
    MODES,
    OTHERS,
    REPLACE,
    ROTATE,
    SITE,
    SITE_TAG,
    TEARDOWN,
    Two,
    collides,
    endpoints,
    failures,
    gateways,
    machines,
    security_group,
    states,
    tags_of,
    words,
)

pytestmark = pytest.mark.proof


def group_addresses(lab, name):
    """Whom a security group lets in."""
    rules = security_group(lab, name)["IpPermissions"]
    return {source["CidrIp"] for rule in rules for source in rule["IpRanges"]}


# Two SDDCs of one VPC, both converged; each test leaves them to the next


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    directory = tmp_path_factory.mktemp("whose")
    lab = Lab(directory / "lab")
    lab.up("--sddcs", "2", "--seed", "converged")
    yield Two(lab, directory)
    lab.down()


in_turn = pytest.mark.xdist_group("whose")


@in_turn
@pytest.mark.parametrize("playbook", [SITE, TEARDOWN])
def test_two_hosts_whose_derived_names_are_the_same_are_refused(two, playbook):
    hosts = {
        "sddc-1": {
            "vmc_backup_name": "prod",
            "vmc_backup_teardown_confirm": "sddc-1",
            "vmc_backup_appliances": [{**two.plans["sddc-1"][0], "cluster": "East-Cluster-1"}],
        },
        "sddc-2": {"vmc_backup_name": "prod-east", "vmc_backup_teardown_confirm": "sddc-2"},
    }
    two.refused(playbook, hosts=hosts)
    if playbook == SITE:
        assert collides(two.last, "prod-east-cluster-1-1")
    else:  # to take one of them off is no claim: each names what is its own
        told = failures(two.last)
        assert FIRST in told["sddc-1"] and OTHERS in told["sddc-2"], told


@in_turn
@pytest.mark.parametrize("claimed", ["vmc_backup_name", "vmc_backup_site_id", "vmc_backup_appliances"])
def test_two_hosts_that_claim_one_name_site_or_address_are_refused(two, claimed):
    same = {
        "vmc_backup_name": "sddc-1",
        "vmc_backup_site_id": two.site(1),
        "vmc_backup_appliances": two.plans["sddc-1"],
    }[claimed]
    hosts = {"sddc-2": {claimed: same}}
    two.refused(SITE, hosts=hosts)
    what = two.plans["sddc-1"][0]["addresses"][0] if claimed == "vmc_backup_appliances" else same
    assert collides(two.last, what)


FOREIGN_THINGS = {
    "gateway": ("backup_gateway", {"name": FIRST, "wait": False}),
    "its removal": ("backup_gateway", {"name": FIRST, "state": "absent"}),
    "its link": ("backup_gateway", {"name": FIRST, "hypervisor": "", "wait": False}),
    "hypervisor": ("backup_hypervisor", {"name": "sddc-1", "host": "{{ vmc_backup_vcenter_hostname }}", "wait": False}),
    "removal of the hypervisor": ("backup_hypervisor", {"name": "sddc-1", "state": "absent"}),
    "security group": ("backup_security_group", {"name": "sddc-1-appliances", "cidr_ips": ["10.0.0.1/32"]}),
    "removal of the group": ("backup_security_group", {"name": "sddc-1-appliances", "state": "absent"}),
}


@in_turn
@pytest.mark.parametrize("thing", FOREIGN_THINGS)
def test_a_thing_of_another_site_is_foreign_whatever_its_name(two, thing):
    module, options = FOREIGN_THINGS[thing]
    modules = Modules(two.lab, "sddc-2", for_its_site=True)
    if module == "backup_security_group":
        options = {**options, "vpc_id": two.lab.sddcs()[0]["connected_vpc"]["vpc_id"]}
    for check_mode in (True, False):
        before = len(two.writes())
        refused = modules.run(module, check_mode=check_mode, **options)
        assert refused.get("failed"), refused
        assert options["name"] in refused["msg"] and two.site(1) in refused["msg"]
        assert two.writes()[before:] == []


@in_turn
@pytest.mark.parametrize("playbook", [SITE, TEARDOWN])
def test_a_host_under_the_name_of_another_one_is_refused_before_anything_is_written(two, playbook):
    host = {
        "vmc_backup_name": "sddc-1",
        "vmc_backup_teardown_confirm": "sddc-2",
        "vmc_backup_teardown_unplanned": [OTHERS],  # which is its own
    }
    told = two.refused(playbook, "--limit", "sddc-2", hosts={"sddc-2": host})
    assert two.site(1) in told
    assert "replace_gateway" not in told


@in_turn
def test_a_gateway_of_another_sddc_is_not_retired(two):
    told = two.refused(two.role("registration", retire=OTHERS), "--limit", "sddc-1")
    assert OTHERS in told and two.site(2) in told


COMMANDED = [
    (TEARDOWN, {"registration_state": "present"}),
    (TEARDOWN, {"endpoint_state": "present"}),
    (REPLACE, {"registration_retire": OTHERS}),
]


@in_turn
@pytest.mark.parametrize(("playbook", "extra"), COMMANDED, ids=lambda value: str(value).rpartition("/")[2])
def test_what_a_playbook_commands_is_not_overridden_by_an_extra_variable(two, playbook, extra):
    (name,) = extra
    planned = [{**two.plans["sddc-1"][0], "addresses": [two.address(1, 50), two.address(1, 61)]}]
    hosts = {"sddc-1": {"vmc_backup_appliances": planned}} if playbook == REPLACE else None
    asked = {"vmc_backup_teardown_confirm": "sddc-1", "vmc_backup_replace": FIRST, **extra}
    assert name in two.refused(playbook, "--limit", "sddc-1", hosts=hosts, **asked)


RENAMED = {
    "the gateway": [("rename_gateway", {"name": FIRST, "to": "renamed"}, {"name": "renamed", "to": FIRST})],
    "the machine": [("rename_appliance", {"name": FIRST, "to": "renamed"}, {"name": "renamed", "to": FIRST})],
    "the folder": [
        (
            "move_machine",
            {"machine": FIRST, "folder": "Templates", "sddc": "sddc-1"},
            {"machine": FIRST, "folder": "Workloads", "sddc": "sddc-1"},
        )
    ],
}
RENAMED["all of them"] = [*RENAMED["the gateway"], *RENAMED["the folder"], *RENAMED["the machine"]]


@in_turn
@pytest.mark.parametrize("what", RENAMED)
def test_a_gateway_and_its_machine_are_found_after_somebody_renamed_or_moved_them(two, what):
    with contextlib.ExitStack() as stack:
        for verb, how, back in RENAMED[what]:
            stack.enter_context(two.broken(verb, (verb, back), **how))
        two.unchanged(SITE, "--limit", "sddc-1", "--tags", "appliance,registration")
        assert len(machines(two.lab)) == 1


COPIES = {"of the same name": {"folder": "Templates"}, "of another name": {"to": "copied", "folder": "Workloads"}}


@in_turn
@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_of_an_appliance_is_named_and_left_alone(two, copy):
    how = COPIES[copy]
    name = how.get("to", FIRST)
    modules = Modules(two.lab, for_its_site=True)
    undo = ("delete_appliance", {"name": name, "folder": how["folder"], "sddc": "sddc-1"})
    with two.broken("clone_appliance", undo, name=FIRST, sddc="sddc-1", **how):
        told = two.unchanged(SITE, "--limit", "sddc-1")
        assert "copy" in told.lower() and how["folder"] in told
        copied = [one for one in two.lab.sddcs()[0]["appliances"] if not one["powered_on"]]
        assert [one["name"] for one in copied] == [name]
        for asked in ({"state": "absent", "gateway_arn": ""}, {"powered_on": True}):
            for check_mode in (True, False):
                before = len(two.writes())
                refused = modules.run(
                    "gateway_appliance", check_mode=check_mode, name=name, folder=how["folder"], **asked
                )
                assert refused.get("failed") or not refused["changed"], refused
                assert two.writes()[before:] == []


@in_turn
def test_a_rule_that_was_copied_from_another_site_is_a_finding(two):
    rules = "/infra/domains/mgw/gateway-policies/default/rules"
    how = {"path": f"{rules}/sddc-1-appliances-to-vcenter", "to": "copied-rule", "site": two.site(2)}
    with two.broken("copy_object", ("drop_rule", {"rule": "copied-rule", "sddc": "sddc-1"}), sddc="sddc-1", **how):
        told = two.unchanged(SITE, "--limit", "sddc-1", modes=MODES[:1])
        assert "copied-rule" in told and two.site(2) in told


# In which order things close


@in_turn
@pytest.mark.parametrize("tag", ["endpoint", "appliance", "firewall", "registration"])
def test_an_empty_plan_is_refused_and_closes_nothing(two, tag):
    told = two.refused(SITE, "--limit", "sddc-1", "--tags", tag, vmc_backup_appliances=[])
    assert "vmc_backup_appliances" in told


@in_turn
def test_an_empty_plan_is_good_for_an_endpoint_whose_sources_are_given(two):
    """Only what the rules say of whom they let in is another."""
    sources, before = sorted(group_addresses(two.lab, "sddc-1-appliances")), len(two.writes())
    empty = {"vmc_backup_appliances": [], "endpoint_cidr_ips": sources}
    run = two.play(SITE, "--limit", "sddc-1", "--tags", "endpoint", **empty)
    assert run.returncode == 0, run.output
    assert "stays let in" not in words(run)
    assert {call["operation"] for call in two.writes()[before:]} == {"UpdateSecurityGroupRuleDescriptionsIngress"}
    two.unchanged(SITE, "--limit", "sddc-1", "--tags", "endpoint", modes=[()], **empty)
    restored = two.play(SITE, "--limit", "sddc-1", "--tags", "endpoint")
    assert (restored.returncode, restored.changed) == (0, 1), restored.output


@in_turn
@pytest.mark.parametrize(
    "tags",
    [
        pytest.param((), id="all"),
        pytest.param(("--tags", "endpoint"), id="endpoint"),
        pytest.param(("--tags", "firewall"), id="firewall"),
    ],
)
def test_an_address_that_an_appliance_has_is_not_closed_because_another_one_is_planned(two, tags):
    """The whole play refuses what a single tag may do by halves: let the new address in and the old one not out."""
    planned = [{**two.plans["sddc-1"][0], "addresses": [two.address(1, 61)]}]
    has = f"{two.address(1, 50)}/32"
    if not tags:
        two.refused(SITE, "--limit", "sddc-1", hosts={"sddc-1": {"vmc_backup_appliances": planned}})
        return
    preview = two.play(
        SITE, "--limit", "sddc-1", "--check", "--diff", *tags, hosts={"sddc-1": {"vmc_backup_appliances": planned}}
    )
    assert not re.search(rf"^-.*{re.escape(has.partition('/')[0])}\b", preview.output, re.MULTILINE), preview.output
    run = two.play(SITE, "--limit", "sddc-1", *tags, hosts={"sddc-1": {"vmc_backup_appliances": planned}})
    assert has in group_addresses(two.lab, "sddc-1-appliances"), run.output
    assert states(two.lab)["sddc-1"] == "ONLINE"
    mended = two.play(SITE, "--limit", "sddc-1")
    assert mended.returncode == 0, mended.output


@in_turn
@pytest.mark.parametrize("name", ["sddc-1-cluster-1-l", "sddc-3-cluster-1-1"])
def test_a_gateway_that_nobody_has_cannot_be_replaced(two, name):
    assert name in two.refused(REPLACE, vmc_backup_replace=name)


@in_turn
def test_check_mode_predicts_the_replacement_of_a_healthy_gateway(two):
    planned = [{**two.plans["sddc-1"][0], "addresses": [two.address(1, 50), two.address(1, 61)]}]
    before = len(two.writes())
    preview = two.play(
        REPLACE, "--check", vmc_backup_replace=FIRST, hosts={"sddc-1": {"vmc_backup_appliances": planned}}
    )
    assert preview.returncode == 0, preview.output
    assert preview.changed > 0 and two.writes()[before:] == []


@in_turn
def test_credentials_are_rotated_only_where_the_host_is_named(two):
    def tested():
        return len([call for call in two.lab.journal() if call["operation"] == "TestHypervisorConfiguration"])

    new = {"vmc_backup_new_hypervisor_password": two.passwords["sddc-1"]}
    before = tested()
    assert "vmc_backup_rotate_confirm=sddc-1" in two.refused(ROTATE, "--limit", "sddc-1", modes=[("--check",)], **new)
    assert "vmc_backup_rotate_confirm=sddc-1" in two.refused(ROTATE, "--limit", "sddc-1", modes=[()], **new)
    assert tested() == before
    run = two.play(ROTATE, vmc_backup_rotate_confirm="sddc-1", **new)
    assert "vmc_backup_rotate_confirm=sddc-2" in words(run)
    assert (run.recap["sddc-1"]["failed"], run.recap["sddc-2"]["failed"]) == (0, 1), run.output
    assert tested() == before + 1
    assert states(two.lab) == {"sddc-1": "ONLINE", "sddc-2": "ONLINE"}


# What an earlier version made, and what is left of a site that is gone: these come last


@in_turn
def test_what_an_earlier_version_made_is_not_taken_over_by_another_site(two):
    two.lab.break_("as_0_1_0")
    told = two.refused(SITE, "--limit", "sddc-2", hosts={"sddc-2": {"vmc_backup_name": "sddc-1"}})
    assert "sddc-1" in told and "adopt" in told


@in_turn
def test_what_an_earlier_version_made_gets_its_marks_and_no_other_change(two):
    two.lab.break_("as_0_1_0")
    before, world = len(two.writes()), two.lab.world()
    run = two.play(SITE)
    assert run.returncode == 0, run.output
    allowed = {
        "TagResource",
        "CreateTags",
        "UpdateSecurityGroupRuleDescriptionsIngress",
        "ReconfigVM_Task",
    }
    written = {call["operation"] for call in two.writes()[before:] if call["service"] != "nsx"}
    assert written <= allowed
    client = two.lab.aws("backup-gateway")
    sites = {f"sddc-{number}": two.site(number) for number in (1, 2)}
    for hypervisor in client.list_hypervisors()["Hypervisors"]:
        assert tags_of(two.lab, hypervisor["HypervisorArn"])[SITE_TAG] == sites[hypervisor["Name"]]
    for gateway in client.list_gateways()["Gateways"]:
        tags = tags_of(two.lab, gateway["GatewayArn"])
        assert tags[SITE_TAG] == sites[gateway["GatewayDisplayName"][:6]]
        assert tags["vmc-aws-backup:entry"] == gateway["GatewayDisplayName"]
    (endpoint,) = two.lab.aws("ec2").describe_vpc_endpoints(VpcEndpointIds=endpoints(two.lab))["VpcEndpoints"]
    users = {tag["Key"] for tag in endpoint["Tags"] if tag["Key"].startswith("vmc-aws-backup-user:")}
    assert users == {f"vmc-aws-backup-user:{site}" for site in sites.values()}
    after = two.lab.world()
    for name, sddc in world["sddcs"].items():
        found = {path: unmarked(body) for path, body in after["sddcs"][name]["nsx"].items()}
        assert found == {path: unmarked(body) for path, body in sddc["nsx"].items()}
    two.unchanged(SITE, modes=[()])


def unmarked(body):
    """An object of NSX without its tags and its description."""
    return json.dumps({key: body[key] for key in body.keys() - {"tags", "description"}}, sort_keys=True)


@in_turn
def test_a_site_that_lives_cannot_be_said_to_be_gone(two):
    gone = {"vmc_backup_teardown_confirm": "sddc-2", "vmc_backup_site_gone": two.site(2)}
    told = two.refused(TEARDOWN, "--limit", "sddc-2", **gone)
    assert "vmc_backup_site_gone" in told and "READY" in told


@in_turn
def test_an_sddc_that_was_deployed_anew_is_taken_over_only_when_it_is_said_what_it_was(two):
    former = two.site(2)
    two.lab.break_("redeploy_sddc", sddc="sddc-2")
    now = two.lab.sddcs()[1]
    hosts = {"sddc-2": {"vmc_backup_sddc_id": now["id"], "vmc_backup_nsx_url": now["nsx_url"]}}
    told = two.refused(SITE, "--limit", "sddc-2", hosts=hosts)
    assert former in told and "vmc_backup_site_was" in told
    hosts["sddc-2"]["vmc_backup_site_was"] = former
    run = two.play(SITE, "--limit", "sddc-2", hosts=hosts)
    assert run.returncode == 0, run.output
    assert states(two.lab) == {"sddc-1": "ONLINE", "sddc-2": "ONLINE"}
    (arn,) = [
        one["HypervisorArn"]
        for one in two.lab.aws("backup-gateway").list_hypervisors()["Hypervisors"]
        if one["Name"] == "sddc-2"
    ]
    assert tags_of(two.lab, arn)[SITE_TAG] == now["id"]
    assert list(machines(two.lab, 2).values()) == [True]


@in_turn
@pytest.mark.parametrize("answer", ["deleted", "404"])
def test_what_is_left_of_an_sddc_that_is_gone_can_be_removed(two, answer):
    now = two.lab.sddcs()[1]
    two.lab.switch(deleted_sddc=answer)
    if answer == "deleted":
        two.lab.break_("delete_sddc", sddc="sddc-2")
    host = {
        "vmc_backup_sddc_id": now["id"],
        "vmc_backup_nsx_url": now["nsx_url"],
        "vmc_backup_vpc_id": now["connected_vpc"]["vpc_id"],
        "vmc_backup_teardown_confirm": "sddc-2",
    }
    told = two.refused(TEARDOWN, "--limit", "sddc-2", hosts={"sddc-2": host})
    assert "vmc_backup_site_gone" in told
    host["vmc_backup_site_gone"] = now["id"]
    if answer == "deleted":
        # An SDDC whose gateways have just been heard of is not gone.
        told = two.refused(TEARDOWN, "--limit", "sddc-2", hosts={"sddc-2": host})
        assert "was heard of at" in told
        two.lab.break_("silence_gateway", name="sddc-2-cluster-1-1")
    preview = two.play(TEARDOWN, "--limit", "sddc-2", "--check", hosts={"sddc-2": host})
    assert preview.returncode == 0, preview.output
    if answer == "deleted":
        return  # the other answer removes it
    run = two.play(TEARDOWN, "--limit", "sddc-2", hosts={"sddc-2": host})
    assert run.returncode == 0, run.output
    assert (list(gateways(two.lab)), states(two.lab)) == ([FIRST], {"sddc-1": "ONLINE"})
    assert len(endpoints(two.lab)) == 1


# The endpoint: who uses it is asked of what hangs on it


@pytest.fixture
def shared(lab, tmp_path):
    """An endpoint that one SDDC has made and that no gateway uses yet."""
    run = lab.play(SITE, "--tags", "endpoint")
    assert run.returncode == 0, run.output
    return Two(lab, tmp_path)


def own_group_off(lab):
    """Only what others put on the endpoint is left on it."""
    ec2 = lab.aws("ec2")
    (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=endpoints(lab))["VpcEndpoints"]
    own = [group["GroupId"] for group in found["Groups"] if group["GroupName"] == "sddc-1-appliances"]
    ec2.modify_vpc_endpoint(VpcEndpointId=found["VpcEndpointId"], RemoveSecurityGroupIds=own)


def deny_list(lab):
    """The caller may do everything but list gateways."""
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "backup-gateway:ListGateways", "Resource": "*"},
    ]
    lab.attach({"Version": "2012-10-17", "Statement": statements})


def renamed(lab):
    lab.break_("tag_endpoint", key="Name", value="of somebody")


USED = {
    "a gateway of another site": [lambda lab: lab.break_("plant_gateway", site="another-site"), renamed],
    "a gateway without a mark": [lambda lab: lab.break_("plant_gateway"), renamed],
    "a group of another site": [lambda lab: lab.break_("attach_group", site="another-site"), renamed],
    "only a group of others": [lambda lab: lab.break_("attach_group"), own_group_off],
    "a mark": [lambda lab: lab.break_("tag_endpoint", key="vmc-aws-backup-user:another-site", value="another-site")],
    "what was not told": [deny_list],
}


@pytest.mark.parametrize("hint", USED)
def test_an_endpoint_that_somebody_uses_stays_whatever_its_name_is(shared, hint):
    before = endpoints(shared.lab)
    for step in USED[hint]:
        step(shared.lab)
    absent = shared.role("endpoint", state="absent")
    try:
        for mode in MODES:
            run = shared.play(absent, *mode, vmc_backup_teardown_scope="account")
            assert "endpoint stays" in words(run) or run.returncode != 0, run.output
            assert endpoints(shared.lab) == before
        if "group" in hint:
            assert security_group(shared.lab, "theirs")["GroupId"] in words(run)
        elif hint != "what was not told":
            assert "another-site" in words(run) or "theirs" in words(run)
    finally:
        shared.lab.detach()


def test_an_endpoint_stays_while_a_gateway_of_another_account_that_was_named_uses_it(shared):
    """The backups are in a second account; a gateway of the endpoint's own account is asked for all the same."""
    other = shared.lab.endpoints["backup_account"]
    accounts = {
        "vmc_backup_backup_aws_account_id": other["account_id"],
        "vmc_backup_backup_aws_role_arn": other["role_arn"],
        "vmc_backup_backup_aws_role_external_id": other["external_id"],
    }
    shared.lab.break_("plant_gateway", name="of-the-first-account")
    absent = shared.role("endpoint", state="absent")
    for mode in MODES:
        run = shared.play(absent, *mode, vmc_backup_teardown_scope="account", **accounts)
        assert "of-the-first-account" in words(run)
        assert len(endpoints(shared.lab)) == 1


def test_an_account_that_nobody_named_does_not_count_and_teardown_says_so(shared):
    shared.lab.break_("plant_gateway", account="other")
    run = shared.play(TEARDOWN, vmc_backup_teardown_confirm="sddc-1", vmc_backup_teardown_scope="account")
    assert run.returncode == 0, run.output
    assert endpoints(shared.lab) == []
    assert "gateways of accounts that nobody named use the endpoint is not known" in words(run)


@pytest.mark.parametrize("used", [False, True])
def test_of_several_endpoints_none_is_removed_unless_it_is_said_which_one(shared, used):
    """Nor is the site taken off the first that is listed, where another site uses one of them."""
    ec2, vpc = shared.lab.aws("ec2"), shared.lab.sddcs()[0]["connected_vpc"]
    (first,) = endpoints(shared.lab)
    tags = [{"Key": "managed-by", "Value": "vmc-aws-backup"}]
    twin = ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=vpc["vpc_id"],
        ServiceName=f"com.amazonaws.{shared.lab.endpoints['region']}.backup-gateway",
        SubnetIds=[vpc["subnet_id"]],
        SecurityGroupIds=[security_group(shared.lab, "sddc-1-appliances")["GroupId"]],
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": tags}],
    )["VpcEndpoint"]["VpcEndpointId"]
    if used:
        ec2.create_tags(Resources=[twin], Tags=[{"Key": "vmc-aws-backup-user:another-site", "Value": "true"}])
    absent = shared.role("endpoint", state="absent")
    account = {"vmc_backup_teardown_scope": "account", "vmc_backup_teardown_confirm": "sddc-1"}
    for playbook, *arguments in ((absent,), (absent, "--check"), (TEARDOWN,), (SITE, "--tags", "registration")):
        before = len(shared.writes())
        run = shared.play(playbook, *arguments, **account)
        assert run.returncode != 0 and first in words(run) and twin in words(run), run.output
        assert shared.writes()[before:] == []
    run = shared.play(absent, endpoint_vpc_endpoint_id=twin, **account)
    assert endpoints(shared.lab) == ([first, twin] if used else [first]), run.output


# Addresses prove nothing


@pytest.fixture(scope="module")
def alike(tmp_path_factory):
    """Two SDDCs whose vCenters have the same private address."""
    lab = Lab(tmp_path_factory.mktemp("alike") / "lab")
    lab.up("--sddcs", "2", "--one-management")
    yield lab
    lab.down()


@pytest.mark.xdist_group("alike")
@pytest.mark.parametrize("host", ["sddc-1", "sddc-2"])
def test_what_an_earlier_version_made_for_an_address_that_two_sddcs_have_is_nobody_s(alike, host):
    alike.reset()
    address = alike.endpoints["sddcs"][0]["vcenter"]["private_address"]
    alike.aws("backup-gateway").import_hypervisor_configuration(
        Name="sddc-1", Host=address, Tags=[{"Key": "managed-by", "Value": "vmc-aws-backup"}]
    )
    before = len(alike.journal("write"))
    modules = Modules(alike, host, for_its_site=True)
    for asked in ({"state": "absent"}, {"host": address, "wait": False}):
        for check_mode in (True, False):
            refused = modules.run("backup_hypervisor", check_mode=check_mode, name="sddc-1", **asked)
            assert refused.get("failed") and "adopt" in refused["msg"], refused
    assert alike.journal("write")[before:] == []


# Two sites on premises


def test_a_site_on_premises_is_told_from_another_one_by_its_vcenter(tmp_path):
    lab = Lab(tmp_path / "lab")
    lab.up("--sddcs", "2")
    try:
        hosts = {f"site-{number}": on_premises(lab, number) for number in (1, 2)}
        inventory = tmp_path / "sites.yml"
        inventory.write_text(yaml.safe_dump({"vmc_sddcs": {"hosts": hosts}}))
        run = lab.play(SITE, "--limit", "site-1", inventory=inventory, **IMPATIENT)
        assert run.returncode == 0, run.output
        hosts["site-2"]["vmc_backup_name"] = "site-1"
        inventory.write_text(yaml.safe_dump({"vmc_sddcs": {"hosts": hosts}}))
        before = len(lab.journal("write"))
        for mode in MODES:
            refused = lab.play(SITE, *mode, "--limit", "site-2", inventory=inventory, **IMPATIENT)
            assert (refused.returncode != 0, refused.changed) == (True, 0), refused.output
            assert lab.journal("write")[before:] == []
        assert lab.sddcs()[0]["vcenter_instance_uuid"] in words(refused)
    finally:
        lab.down()


def on_premises(lab, number):
    """The variables of a site, by the example of the documentation."""
    at, sddc = lab.endpoints, lab.endpoints["sddcs"][number - 1]
    shared = yaml.safe_load(lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]["vars"]
    address = f"{sddc['compute_network'].rpartition('.')[0]}.50"
    lab.break_("go_on_premises", mac=mac_address(address), address=address, sddc=sddc["name"])
    example = ROOT / "examples" / "on-premises" / "group_vars" / "vmc_sddcs" / "main.yml"
    return {
        **yaml.safe_load(example.read_text()),
        **{key: value for key, value in shared.items() if "_aws_" in key or key.startswith("ansible_")},
        "vmc_backup_ca_bundle": at["ca"],
        "vmc_backup_ova": at["ova"],
        "vmc_backup_vcenter_hostname": sddc["vcenter"]["hostname"],
        "vmc_backup_vcenter_port": sddc["vcenter"]["port"],
        "vmc_backup_vcenter_username": sddc["vcenter"]["username"],
        "vmc_backup_vcenter_password": sddc["vcenter"]["password"],
        "vmc_backup_hypervisor_username": sddc["vcenter"]["username"],
        "vmc_backup_hypervisor_password": sddc["vcenter"]["password"],
        "vmc_backup_segment": "backup",
        "vmc_backup_activation_port": shared["vmc_backup_activation_port"],
        "vmc_backup_vpc_id": sddc["vpc_id"],
        "vmc_backup_subnet_ids": [sddc["subnet_id"]],
        "vmc_backup_appliances": [{"cluster": "Cluster-1", "addresses": [address]}],
        "appliance_datacenter": "SDDC-Datacenter",
        "appliance_folder": "Workloads",
    }


# Three gateways in two clusters; the last test gives the world up


class Pair(Two):
    """One SDDC with two gateways in its first cluster and one in its second."""

    SECOND, ELSEWHERE = "sddc-1-cluster-1-2", "sddc-1-cluster-2-1"

    @property
    def plan(self):
        return [
            {"cluster": "Cluster-1", "addresses": [self.address(1, 50), self.address(1, 61)]},
            {"cluster": "Cluster-2", "addresses": [self.address(1, 71)]},
        ]

    @property
    def vcenter(self):
        return self.lab.endpoints["sddcs"][0]["vcenter"]["hostname"]

    def play(self, playbook, *arguments, hosts=None, **extra):
        return super().play(
            playbook, *arguments, hosts=hosts or {"sddc-1": {"vmc_backup_appliances": self.plan}}, **extra
        )


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pair")
    lab = Lab(directory / "lab")
    lab.up()
    lab.break_("add_cluster")
    world = Pair(lab, directory)
    run = world.play(SITE)
    assert run.returncode == 0, run.output
    yield world
    lab.down()


side_by_side = pytest.mark.xdist_group("pair")


@side_by_side
def test_credentials_are_tested_through_a_gateway_that_is_alive(pair):
    confirmed = {"vmc_backup_rotate_confirm": "sddc-1"}
    with pair.broken("power_off_appliance", ("power_on_appliance", {"name": FIRST}), name=FIRST):
        pair.lab.pass_time(1000)
        run = pair.play(ROTATE, vmc_backup_new_hypervisor_password=pair.passwords["sddc-1"], **confirmed)
        assert run.returncode == 0, run.output


@side_by_side
def test_teardown_names_what_is_there_beyond_the_plan_before_it_writes(pair):
    shorter = [{"cluster": "Cluster-1", "addresses": [pair.address(1, 50)]}, pair.plan[1]]
    hosts = {"sddc-1": {"vmc_backup_appliances": shorter}}
    before = len(pair.writes())
    preview = pair.play(TEARDOWN, "--check", hosts=hosts, vmc_backup_teardown_confirm="sddc-1")
    assert pair.SECOND in preview.output.partition("changed: [")[0], preview.output
    assert pair.writes()[before:] == []
    if preview.returncode:  # else it removes that one too
        assert pair.SECOND in pair.refused(TEARDOWN, hosts=hosts, vmc_backup_teardown_confirm="sddc-1")


@side_by_side
def test_registration_means_every_planned_gateway(pair):
    undo = ("release", {})
    with pair.broken("isolate", undo, address=pair.address(1, 61), to=pair.vcenter):
        told = pair.refused(SITE, "--tags", "registration", modes=[()])
        assert pair.SECOND in told


@side_by_side
def test_a_gateway_of_another_cluster_does_not_make_up_for_a_successor_that_does_not_work(pair):
    before = gateways(pair.lab)
    pair.lab.break_("isolate", address=pair.address(1, 61), to=pair.vcenter)
    run = pair.play(REPLACE, vmc_backup_replace=FIRST)
    assert run.returncode != 0, run.output
    assert gateways(pair.lab) == before
    assert machines(pair.lab)[FIRST]
    assert pair.SECOND in "".join(failures(run).values())


# A gateway that is to be replaced, alone in its cluster


def converged(lab, directory):
    """One SDDC on which site.yml has run."""
    lab.reset()
    world = Two(lab, directory)
    run = world.play(SITE)
    assert run.returncode == 0, run.output
    return world


@pytest.fixture
def single(running_lab, tmp_path):
    return converged(running_lab, tmp_path)


def test_the_old_gateway_stays_when_its_successor_does_not_reach_vcenter_and_the_way_back_is_told(single):
    vcenter = single.lab.endpoints["sddcs"][0]["vcenter"]["hostname"]
    single.lab.break_("isolate", address=single.address(1, 61), to=vcenter)
    planned = [{"cluster": "Cluster-1", "addresses": [single.address(1, 50), single.address(1, 61)]}]
    linked = gateways(single.lab)[FIRST]
    run = single.play(REPLACE, vmc_backup_replace=FIRST, hosts={"sddc-1": {"vmc_backup_appliances": planned}})
    assert run.returncode != 0
    assert gateways(single.lab)[FIRST] == linked
    assert (machines(single.lab)[FIRST], states(single.lab)["sddc-1"]) == (True, "ONLINE")
    told = "".join(failures(run).values())
    assert "sddc-1-cluster-1-2" in told and FIRST in told
    single.lab.break_("release")
    again = single.play(REPLACE, vmc_backup_replace=FIRST, hosts={"sddc-1": {"vmc_backup_appliances": planned}})
    assert again.returncode == 0, again.output
    assert (list(gateways(single.lab)), states(single.lab)) == (["sddc-1-cluster-1-2"], {"sddc-1": "ONLINE"})


@pytest.fixture(scope="module")
def replaced(running_lab, tmp_path_factory):
    """A gateway was replaced whose machine somebody had renamed; AWX gave the plan as an extra variable."""
    world = converged(running_lab, tmp_path_factory.mktemp("replaced"))
    running_lab.break_("rename_appliance", name=FIRST, to="renamed")
    planned = [{"cluster": "Cluster-1", "addresses": [world.address(1, 50), world.address(1, 61)]}]
    run = world.play(REPLACE, vmc_backup_replace=FIRST, vmc_backup_appliances=planned)
    assert run.returncode == 0, run.output
    return world, run


with_a_plan_of_awx = pytest.mark.xdist_group("replaced")


@with_a_plan_of_awx
def test_the_address_of_a_retired_gateway_is_closed_also_when_the_plan_is_an_extra_variable(replaced):
    world, _run = replaced
    gone = world.address(1, 50)
    assert group_addresses(world.lab, "sddc-1-appliances") == {f"{world.address(1, 61)}/32"}
    nsx = world.lab.world()["sddcs"]["sddc-1"]["nsx"]
    groups = {path: json.dumps(body["expression"]) for path, body in nsx.items() if path.endswith("-appliances")}
    assert len(groups) >= 2
    assert [path for path, members in groups.items() if gone in members] == []


@with_a_plan_of_awx
def test_the_machine_of_a_retired_gateway_is_found_under_another_name(replaced):
    world, run = replaced
    assert "renamed" not in machines(world.lab) or "renamed" in words(run)
