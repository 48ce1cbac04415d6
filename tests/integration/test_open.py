# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing opens by halves, and what others open on a thing of ours is put right or told without being asked (SAFETY 11, 25, 26)."""

from __future__ import annotations

import copy
import json

import pytest
from modules import Modules
from permissions import POLICIES
from rehearsal import Lab

SITE = "playbooks/site.yml"
PREFLIGHT = "playbooks/preflight.yml"
ALIAS = "alias/vmc-aws-backup"
ROLE = "AWSBackup-vmc-jobs"
HALVES = ["0.0.0.0/1", "128.0.0.0/1"]
TO_ESXI = {"id": "r", "destination_groups": ["ESXI"], "services": ["HTTPS"]}
TO_ENDPOINT = {
    "id": "r",
    "destination_groups": ["172.29.0.0/24"],
    "services": ["HTTPS"],
    "scope": ["cgw-cross-vpc"],
    "action": "ALLOW",
}


@pytest.fixture
def modules(lab):
    return Modules(lab)


def effects(result):
    return {change["path"]: change["effect"] for change in result["changes"]}


def warned(result, text):
    """Whether a warning says this. Modules that run in one process share their warnings."""
    return text in json.dumps(result.get("warnings", []))


# Rules and groups of NSX


@pytest.mark.parametrize("domain", ["mgw", "cgw"])
def test_a_group_that_holds_everybody_opens_no_rule_however_deep_it_is(lab, modules, domain):
    module, rule = (f"nsx_{domain}_rule", TO_ESXI if domain == "mgw" else TO_ENDPOINT)
    modules.done("nsx_group", domain=domain, id="small", ip_addresses=["127.99.0.10"])
    refused = modules.run("nsx_group", domain=domain, id="wide", ip_addresses=HALVES)
    assert refused["failed"] and "allow_wide" in refused["msg"]
    modules.done("nsx_group", domain=domain, id="wide", ip_addresses=["10.0.0.0/8"], allow_wide="a lab")
    before = len(lab.journal("write"))
    sources = [["wide"], ["small", "wide"], HALVES, ["127.99.0.1", "10.0.0.0-10.1.0.0"], ["10.0.0.0/8"]]
    for source_groups in sources:
        for check_mode in (True, False):
            refused = modules.run(module, check_mode=check_mode, source_groups=source_groups, **rule)
            assert refused["failed"] and refused["msg"].startswith("source_groups: "), source_groups
    assert lab.journal("write")[before:] == []

    modules.done(module, source_groups=["small"], **rule)
    assert not modules.done(module, source_groups=["small"], **rule)["changed"]
    told = modules.done(module, source_groups=["wide"], allow_wide="a lab", description="For a test", **rule)
    assert told["rule"]["description"] == "For a test Open wide: a lab"
    group = modules.done("nsx_group_info", domain=domain, id="wide")["groups"][0]
    assert group["description"] == "Open wide: a lab"


def test_a_group_that_others_fill_behind_a_rule_is_seen(lab, modules):
    modules.done("nsx_group", domain="cgw", id="small", ip_addresses=["127.99.0.10"])
    modules.done("nsx_cgw_rule", source_groups=["small"], **TO_ENDPOINT)
    lab.break_("nest_group", group="small", inner="theirs", addresses="0.0.0.0/1,128.0.0.0/1", domain="cgw")
    refused = modules.run("nsx_cgw_rule", source_groups=["small"], **TO_ENDPOINT)
    assert refused["failed"] and "4,294,967,296 addresses" in refused["msg"]
    put_right = modules.done("nsx_group", domain="cgw", id="small", ip_addresses=["127.99.0.10"])
    assert effects(put_right) == {"ip_addresses": "in_place"}
    assert not modules.done("nsx_cgw_rule", source_groups=["small"], **TO_ENDPOINT)["changed"]


def test_a_description_that_nsx_does_not_keep_is_a_warning(lab, modules):
    rule = {"source_groups": ["127.99.0.10"], "description": "For a test", **TO_ENDPOINT}
    lab.switch(descriptions_kept=False)
    modules.done("nsx_cgw_rule", **rule)
    again = modules.done("nsx_cgw_rule", **rule)
    assert (again["changed"], effects(again)) == (False, {"description": "denied"})
    assert warned(again, "is not kept")


def test_wide_rules_of_others_are_left_and_ours_can_be_switched_off_and_removed(lab, modules):
    lab.break_("widen_rule", rule="control-node-to-esxi")
    modules.done("nsx_cgw_rule", source_groups=["127.99.0.10"], **TO_ENDPOINT)
    lab.break_("widen_rule", rule="r", domain="cgw")
    assert "allow_wide" in modules.run("nsx_cgw_rule", id="r", logged=True)["msg"]
    assert modules.done("nsx_cgw_rule", id="r", disabled=True)["changed"]
    drop = {**TO_ENDPOINT, "id": "drop", "action": "DROP"}
    assert modules.done("nsx_cgw_rule", source_groups=["ANY"], **drop)["changed"]
    assert modules.done("nsx_cgw_rule", id="r", state="absent")["changed"]


# The security group


def appliances(modules, *addresses, **more):
    vpc = modules.lab.sddcs()[0]["connected_vpc"]["vpc_id"]
    given = {"name": "sddc-1-appliances", "vpc_id": vpc, "cidr_ips": list(addresses or ["10.1.1.1"]), **more}
    return modules.run("backup_security_group", **given)


@pytest.mark.parametrize(
    ("verb", "arguments", "key"),
    [
        ("open_egress", {}, "egress"),
        ("open_egress", {"target": "0.0.0.0/0"}, "egress"),
        ("open_group", {}, "ingress"),
        ("open_group", {"source": "::/0"}, "ingress"),
        ("open_group", {"source": "10.0.0.0/8", "port": "22"}, "ingress"),
    ],
)
def test_what_others_open_in_the_group_is_closed(lab, modules, verb, arguments, key):
    made = appliances(modules)["security_group"]
    lab.break_(verb, **arguments)
    assert effects(appliances(modules, check_mode=True)) == {key: "in_place"}
    closed = appliances(modules)
    assert (effects(closed), closed["security_group"]) == ({key: "in_place"}, made)
    assert not appliances(modules)["changed"]


def test_rules_get_their_descriptions_without_a_gap(lab, modules):
    told = {"ingress_descriptions": {"10.1.1.1": "Appliance a"}}
    appliances(modules)
    lab.forget()
    assert effects(appliances(modules, **told)) == {"ingress_descriptions.10.1.1.1/32": "in_place"}
    assert [call["operation"] for call in lab.journal("write")] == ["UpdateSecurityGroupRuleDescriptionsIngress"]
    assert not appliances(modules, **told)["changed"]


def test_a_description_that_is_denied_is_a_warning_and_the_rest_is_done(lab, modules):
    told = {"ingress_descriptions": {"10.1.1.1": "Appliance a", "10.1.1.2": "Appliance b"}}
    appliances(modules)
    lab.break_("open_egress")
    lab.attach(without("ec2:UpdateSecurityGroupRuleDescriptionsIngress", "ec2:RevokeSecurityGroupEgress"))
    try:
        done = appliances(modules, "10.1.1.1", "10.1.1.2", **told)
        again = appliances(modules, "10.1.1.1", "10.1.1.2", **told)
    finally:
        lab.detach()
    denied = {"ingress_descriptions.10.1.1.1/32": "denied", "egress": "denied"}
    assert done["changed"] and len(done["security_group"]["ingress"]) == 6
    assert effects(done).items() >= denied.items()
    assert (again["changed"], effects(again)) == (False, denied)
    assert warned(again, "ingress_descriptions stays as it is") and warned(again, "egress stays as it is")


def without(*names):
    """The policy of converge as it was before it had these actions."""
    left = copy.deepcopy(POLICIES["converge"])
    for statement in left["Statement"]:
        listed = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [action for action in listed if action not in names]
    return left


# Key and roles


def test_a_disabled_key_is_enabled_and_rotation_comes_back(lab, modules):
    asked = {"alias": ALIAS, "enable_key_rotation": True}
    modules.done("backup_kms_key", **asked)
    lab.break_("stop_rotation")
    lab.break_("disable_key")
    wanted = {"enabled": "in_place", "enable_key_rotation": "in_place"}
    assert effects(modules.done("backup_kms_key", check_mode=True, **asked)) == wanted
    assert modules.done("backup_kms_key", **asked)["kms_key"]["key_state"] == "Enabled"
    assert not modules.done("backup_kms_key", **asked)["changed"]


def test_a_key_that_is_to_go_and_an_alias_that_leads_elsewhere_are_refused_with_the_command_that_helps(lab, modules):
    made = modules.done("backup_kms_key", alias=ALIAS)["kms_key"]
    other = modules.done("backup_kms_key", alias="alias/other")["kms_key"]
    lab.break_("point_alias", key=other["key_id"])
    refused = modules.run("backup_kms_key", alias=ALIAS)
    assert f"aws kms update-alias --alias-name {ALIAS} --target-key-id {made['key_arn']}" in refused["msg"]
    lab.break_("point_alias", key=made["key_id"])
    lab.break_("doom_key")
    refused = modules.run("backup_kms_key", alias=ALIAS)
    assert f"aws kms cancel-key-deletion --key-id {made['key_id']}" in refused["msg"]


def role(modules, **more):
    return modules.done("backup_iam_role", name=ROLE, purpose="backup_and_restore", **more)


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("put_policy", "inline_policies.somebody-elses"),
        ("attach_policy", "managed_policy_arns"),
        ("bound_role", "permissions_boundary"),
    ],
)
def test_what_others_put_on_a_role_is_told_each_time_until_somebody_decides(lab, modules, verb, path):
    role(modules)
    lab.break_(verb)
    for check_mode in (True, False, False):
        told = role(modules, check_mode=check_mode)
        assert (told["changed"], effects(told), warned(told, path)) == (False, {path: "kept"}, True)
    assert role(modules, purge_policies=True, permissions_boundary="")["changed"]
    assert effects(role(modules)) == {}


def test_a_widened_trust_is_put_right(lab, modules):
    role(modules)
    lab.break_("trust_everybody")
    assert effects(role(modules)) == {"assume_role_policy_document.Statement": "in_place"}
    assert effects(role(modules)) == {}


# The plays


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("open"))
    lab.up()
    run = lab.play(SITE, *OPENING, **WITH_KEY)
    assert run.returncode == 0, run.output
    yield lab
    lab.down()


OPENING = ("--tags", "prerequisites,endpoint,firewall")  # what opens anything for good
WITH_KEY = {"prerequisites_kms_key": "enforce"}
in_turn = pytest.mark.xdist_group("open")


def words(run):
    return " ".join(run.output.split())


def nsx(lab):
    return lab.world()["sddcs"]["sddc-1"]["nsx"]


@pytest.mark.proof
@in_turn
def test_everything_that_is_made_says_what_it_is_for(made):
    ours = {"scope": "managed-by", "tag": "vmc-aws-backup"}
    silent = [
        path for path, body in nsx(made).items() if ours in (body.get("tags") or ()) and not body.get("description")
    ]
    assert silent == []
    (group,) = Modules(made).done("backup_security_group_info", name="sddc-1-appliances")["security_groups"]
    assert set(group["ingress_descriptions"].values()) == {"AWS Backup appliance sddc-1-cluster-1-1"}
    again = made.play(SITE, *OPENING, **WITH_KEY)
    assert (again.returncode, again.changed) == (0, 0), again.output


@pytest.mark.proof
@in_turn
def test_a_world_of_the_first_version_gets_descriptions_and_nothing_else(made):
    before = nsx(made)
    made.break_("forget_descriptions")
    made.forget()
    made.attach(
        without(
            "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
            "ec2:RevokeSecurityGroupEgress",
            "iam:DeleteRolePolicy",
            "backup-gateway:UpdateGatewayInformation",
            "backup-gateway:UntagResource",
        )
    )
    try:
        run = made.play(SITE, *OPENING)
    finally:
        made.detach()
    assert run.returncode == 0, run.output
    assert "ingress_descriptions stays as it is" in words(run)
    operations = {(call["service"], call["operation"].split()[0]) for call in made.journal("write")}
    assert operations == {("nsx", "PUT"), ("ec2", "UpdateSecurityGroupRuleDescriptionsIngress")}  # the latter denied
    made.forget()
    assert made.play(SITE, *OPENING).changed == 1
    assert [call["operation"] for call in made.journal("write")] == ["UpdateSecurityGroupRuleDescriptionsIngress"]

    def settled(objects):
        made_by_server = ("_revision", "_last_modified_time", "_last_modified_user")
        return {path: {k: v for k, v in body.items() if k not in made_by_server} for path, body in objects.items()}

    assert settled(nsx(made)) == settled(before)


BROKEN = [
    ("disable_key", {}),
    ("open_egress", {}),
    ("open_group", {"source": "::/0"}),
    ("trust_everybody", {"role": "AWSBackup-vmc-tags"}),
    ("change_endpoint", {"private_dns": "yes"}),
    ("narrow_protocol", {"rule": "sddc-1-appliances-to-vcenter"}),
    ("nest_group", {"group": "sddc-1-appliances", "inner": "theirs", "addresses": "0.0.0.0/1,128.0.0.0/1"}),
]
TOLD = [("put_policy", {}), ("attach_policy", {}), ("bound_role", {})]
SAID = [
    "kms_key: enabled will be put right",
    "security_group: ingress, egress will be put right",
    "vpc_endpoint: private_dns_enabled will be put right",
    "iam_role AWSBackup-vmc-jobs: inline_policies.somebody-elses is",
    "iam_role AWSBackup-vmc-jobs: managed_policy_arns is arn:aws:iam::aws:policy/AWSBackupFullAccess",
    "iam_role AWSBackup-vmc-jobs: permissions_boundary is",
]


@pytest.mark.proof
@in_turn
def test_what_weakens_our_things_is_said_by_preflight_and_put_right_or_told_by_site(made):
    for verb, arguments in BROKEN + TOLD:
        made.break_(verb, **arguments)
    preflight = made.play(PREFLIGHT, **WITH_KEY)
    assert preflight.returncode != 0
    assert [text for text in SAID if text not in words(preflight)] == []
    assert made.journal("write")[-1:] == [] or preflight.changed == 0

    run = made.play(SITE, *OPENING, **WITH_KEY)
    assert run.returncode == 0, run.output
    assert run.changed == len(BROKEN) - 1  # the group's two are one
    assert words(run).count("Set purge_policies to have it taken off") == 2
    assert "somebody bounds the role" in words(run)
    again = made.play(SITE, *OPENING, **WITH_KEY)
    assert (again.returncode, again.changed) == (0, 0), again.output
    assert words(again).count("Set purge_policies to have it taken off") == 2

    decided = {"prerequisites_purge_policies": True, "prerequisites_permissions_boundary": "none"}
    last = made.play(SITE, "--tags", "prerequisites", **WITH_KEY, **decided)
    assert last.returncode == 0, last.output
    clean = made.play(PREFLIGHT, **WITH_KEY)
    assert clean.returncode == 0, clean.output


@pytest.mark.proof
@in_turn
def test_a_source_that_is_too_wide_and_a_plan_beyond_a_quota_are_refused_by_the_names_of_their_variables(made):
    made.forget()
    wide = made.play(SITE, "--tags", "endpoint", endpoint_cidr_ips=HALVES)
    assert wide.returncode != 0
    assert "4,294,967,296 addresses" in words(wide) and "endpoint_cidr_ips" in words(wide)
    control = made.play(SITE, "--tags", "prerequisites", vmc_backup_control_addresses=HALVES)
    assert control.returncode != 0 and "vmc_backup_control_addresses has 0.0.0.0/1" in words(control)
    many = made.play(SITE, "--tags", "endpoint", endpoint_cidr_ips=[f"10.30.6.{number}" for number in range(21)])
    assert many.returncode != 0
    assert "more than the 60" in words(many) and "endpoint_rules_quota" in words(many)
    assert made.journal("write") == []
    preflight = made.play(PREFLIGHT, endpoint_cidr_ips=HALVES)
    assert preflight.returncode != 0 and "4,294,967,296 addresses" in words(preflight)
    assert json.dumps(made.journal("write")) == "[]"


@pytest.mark.proof
@in_turn
def test_a_doomed_key_is_said_by_preflight_with_what_keeps_it(made):
    made.break_("doom_key")
    preflight = made.play(PREFLIGHT, **WITH_KEY)
    assert preflight.returncode != 0 and "aws kms cancel-key-deletion --key-id" in words(preflight)
