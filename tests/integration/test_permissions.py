# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies of docs/policies are enough, and what is missing is named: permissions.yml says which playbook gets which."""

from __future__ import annotations

import copy
import json

import pytest
from lab.aws.access import PREFIXES
from modules import Modules, connections, filled
from permissions import LOOKS, POLICIES, ROOT, RUNS

BY_NAME = {run["name"]: run for run in RUNS}
FIRST = "a new SDDC"
SITE = "playbooks/site.yml"
NOTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
GIVEN = "vmc_backup_aws_region vmc_backup_org_id vmc_backup_sddc_id vmc_backup_segment vmc_backup_appliances".split()
INFO = sorted(
    path.stem
    for path in (ROOT / "plugins" / "modules").glob("*_info.py")
    if "aws" in connections(path.stem) and path.stem not in ("backup_path_info", "backup_readiness_info")
)

ASKED = {  # of a module that ends in _info, where it is more than nothing
    "backup_copy_info": [{"backup_vault_name": "vault"}],
    "backup_cost_info": [{"prices": {"currency": "USD"}}],
    "backup_job_info": [{"type": kind} for kind in ("backup", "copy", "restore")],
    "backup_recovery_point_info": [{"backup_vault_name": "vault"}, {"resource_arn": "arn:aws:ec2:::instance/i"}],
    "backup_verification_info": [{"hypervisor": "sddc-1"}],
    "backup_virtual_machine_info": [{"newest_recovery_points": True}],
}


def without(document: dict, action: str) -> dict:
    """The policy as somebody has it who forgot one action."""
    left = copy.deepcopy(document)
    for statement in left["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [one for one in actions if one != action]
    left["Statement"] = [statement for statement in left["Statement"] if statement["Action"]]
    assert left != document, f"{action} is in no statement"
    return left


def calls(lab) -> list:
    return [call for call in lab.journal() if call["actions"]]


def operations(lab) -> list:
    return sorted({f"{PREFIXES.get(call['service'], call['service'])}:{call['operation']}" for call in calls(lab)})


def methods(lab) -> list:
    """What vCenter was asked; its list of versions is no method."""
    asked = {call["operation"] for call in lab.journal() if call["service"] == "vcenter"}
    return sorted(method for method in asked if not method.startswith("/"))


def denials(lab) -> list:
    return [call["detail"] for call in calls(lab) if call["detail"].startswith("denied")]


def play(lab, run):
    """Run a row of the table with its policies and nothing more, and say how it differs from what the table says of it."""
    made = WEAR[run["after"]](lab) if "after" in run else None
    variables = filled(run.get("variables", {}), {**Modules(lab).variables, **(made or {})})
    lab.attach(*(POLICIES[name] for name in run["policies"]))
    lab.forget()
    ran = lab.play(run["playbook"], *run.get("arguments", []), **variables)
    lab.detach()
    assert ran.returncode == 0, ran.output
    assert denials(lab) == []
    assert operations(lab) == run["operations"], run["name"]
    assert set(methods(lab)) <= set(run["vcenter"]), run["name"]


@pytest.fixture
def free(lab):
    """A lab whose policies do not outlive the test."""
    yield lab
    lab.detach()


def test_a_new_sddc_is_made_with_the_converge_policy_and_looked_at_with_the_preflight_policy(free):
    free.reset(seed="empty")
    play(free, BY_NAME[FIRST])
    states = [hypervisor["State"] for hypervisor in free.aws("backup-gateway").list_hypervisors()["Hypervisors"]]
    assert states == ["ONLINE"]

    modules = Modules(free)
    asked = {**ASKED, **furnish(free, modules)}
    free.attach(POLICIES["preflight"])
    free.forget()
    for module in INFO:
        for options in asked.get(module, [{}]):
            modules.done(module, **options)
    modules.done("backup_path_info", addresses=modules.variables["vmc_backup_appliances"][0]["addresses"])
    given = {name: value for name, value in modules.variables.items() if name in GIVEN}
    modules.done("backup_readiness_info", host="sddc-1", given=given)
    assert denials(free) == []
    assert operations(free) == LOOKS


def furnish(lab, modules):
    """What is looked at only where it is: a key, a vault, a plan, an inline policy, a rule with a prefix list; and how some of it is asked for."""
    modules.done("backup_kms_key", alias="alias/vmc-aws-backup")
    backup = lab.aws("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})["BackupPlanId"]
    account = lab.aws("sts").get_caller_identity()["Account"]
    chosen = {
        "SelectionName": "all",
        "IamRoleArn": f"arn:aws:iam::{account}:role/AWSBackup-vmc-jobs",
        "Resources": ["arn:aws:backup-gateway:*:*:vm/*"],
    }
    backup.create_backup_selection(BackupPlanId=plan, BackupSelection=chosen)
    lab.aws("iam").put_role_policy(
        RoleName="AWSBackup-vmc-jobs", PolicyName="other", PolicyDocument=json.dumps(NOTHING)
    )
    ec2 = lab.aws("ec2")
    entries = {"MaxEntries": 5, "AddressFamily": "IPv4", "Entries": [{"Cidr": "198.51.100.0/24"}]}
    listed = ec2.create_managed_prefix_list(PrefixListName="networks", **entries)["PrefixList"]["PrefixListId"]
    group = next(
        one for one in ec2.describe_security_groups()["SecurityGroups"] if one["GroupName"] == "sddc-1-appliances"
    )
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": listed}]}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[rule])
    return {"backup_selection_info": [{"backup_plan_id": plan, "virtual_machines": True}]}


@pytest.mark.proof
@pytest.mark.parametrize(
    "name", [name for name, run in BY_NAME.items() if run["world"] != "converged" and name != FIRST]
)
def test_a_playbook_needs_no_more_than_its_policy(free, name):
    free.reset(seed=BY_NAME[name]["world"])
    play(free, BY_NAME[name])


@pytest.mark.proof
def test_the_life_of_an_sddc_needs_no_more_than_the_policies(free):
    free.reset(seed="empty")
    assert free.play(SITE).returncode == 0
    for run in RUNS:
        if run["world"] == "converged":
            play(free, run)


def wear(lab):
    """Everything about it that a playbook puts right by another call than the one that made it."""
    iam, ec2 = lab.aws("iam"), lab.aws("ec2")
    job = {"RoleName": "AWSBackup-vmc-jobs"}
    managed = "arn:aws:iam::aws:policy"
    iam.detach_role_policy(PolicyArn=f"{managed}/service-role/AWSBackupServiceRolePolicyForRestores", **job)
    iam.attach_role_policy(PolicyArn=f"{managed}/AWSBackupFullAccess", **job)
    iam.put_role_policy(PolicyName="somebody-elses", PolicyDocument=json.dumps(NOTHING), **job)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "backup.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.update_assume_role_policy(RoleName="AWSBackup-vmc-tags", PolicyDocument=document)

    groups = {group["GroupName"]: group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=groups["sddc-1-appliances"], IpPermissions=[ssh])
    lab.break_("remove_group_port", port="1031", group="sddc-1-appliances")
    lab.break_("open_egress")
    lab.break_("forget_descriptions")
    endpoint = ec2.describe_vpc_endpoints()["VpcEndpoints"][0]
    other = ec2.create_security_group(GroupName="other", Description="other", VpcId=endpoint["VpcId"])["GroupId"]
    ours = groups["sddc-1-appliances"]
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint["VpcEndpointId"], AddSecurityGroupIds=[other], RemoveSecurityGroupIds=[ours]
    )
    lab.break_("disable_opt_in")
    lab.break_("tag_machine")


def undo_sharing(lab):
    """The group that somebody had put on the endpoint goes, so that nobody else uses it."""
    ec2 = lab.aws("ec2")
    groups = {group["GroupName"]: group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    endpoint = ec2.describe_vpc_endpoints()["VpcEndpoints"][0]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], RemoveSecurityGroupIds=[groups["other"]])


def make_key(lab) -> dict:
    return {"key_arn": lab.aws("kms").create_key()["KeyMetadata"]["Arn"]}


def disable_key(lab):
    Modules(lab).done("backup_kms_key", alias="alias/vmc-aws-backup", enable_key_rotation=False)
    lab.break_("disable_key")


def protect(lab):
    """A plan for its machines, which have all been backed up a moment ago."""
    backup, gateways = lab.aws("backup"), lab.aws("backup-gateway")
    backup.create_backup_vault(BackupVaultName="protected")
    rule = {
        "RuleName": "monthly",
        "TargetBackupVaultName": "protected",
        "ScheduleExpression": "cron(0 5 1 * ? *)",
        "Lifecycle": {"DeleteAfterDays": 400},
    }
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "monthly", "Rules": [rule]})["BackupPlanId"]
    role = lab.aws("iam").get_role(RoleName="AWSBackup-vmc-jobs")["Role"]["Arn"]
    machines = gateways.list_virtual_machines()["VirtualMachines"]
    arns = [one["ResourceArn"] for one in machines if one["Name"].startswith("workload-")]
    chosen = {"SelectionName": "workloads", "IamRoleArn": role, "Resources": arns}
    backup.create_backup_selection(BackupPlanId=plan, BackupSelection=chosen)
    for arn in arns:
        backup.start_backup_job(
            BackupVaultName="protected", ResourceArn=arn, IamRoleArn=role, Lifecycle={"DeleteAfterDays": 400}
        )
    lab.pass_time(3 * 3600)


def offer_update(lab):
    lab.break_("offer_update", name="sddc-1-cluster-1-1")


def choose_file(lab) -> dict:
    return {"file": str(lab.state / "seen.yml")}


WEAR = {
    "choose_file": choose_file,
    "disable_key": disable_key,
    "protect": protect,
    "offer_update": offer_update,
    "wear": wear,
    "undo_sharing": undo_sharing,
    "make_key": make_key,
}


# What is missing


@pytest.fixture
def modules(free):
    return Modules(free)


def group(modules, name="appliances", **more):
    return modules.run(
        "backup_security_group",
        name=name,
        vpc_id=modules.lab.sddcs()[0]["connected_vpc"]["vpc_id"],
        cidr_ips=["10.1.1.1"],
        **more,
    )


@pytest.mark.parametrize("action", ["ec2:CreateSecurityGroup", "ec2:CreateTags", "ec2:AuthorizeSecurityGroupIngress"])
def test_an_action_that_is_missing_is_named_and_where_to_look_for_it(free, modules, action):
    free.attach(without(POLICIES["converge"], action))
    told = group(modules)
    assert told["failed"]
    assert (
        f"not authorized to perform: {action} on resource: arn:aws:ec2:eu-west-1:123456789012:security-group/"
        in told["msg"]
    )
    assert "docs/permissions.md" in told["msg"]
    assert [call["detail"] for call in free.journal("write") if call["detail"]] == [f"denied {action}"]


def test_what_is_not_ours_cannot_even_be_asked_for(free, modules):
    ec2 = free.aws("ec2")
    vpc = free.sddcs()[0]["connected_vpc"]["vpc_id"]
    ec2.create_security_group(GroupName="appliances", Description="of somebody else", VpcId=vpc)
    free.attach(POLICIES["converge"])
    told = group(modules, adopt=True)
    assert "ec2:AuthorizeSecurityGroupIngress" in told["msg"]
    assert not group(modules, name="ours").get("failed")


def test_a_policy_of_the_organisation_is_called_one(free, modules):
    deny = {"Effect": "Deny", "Action": "ec2:CreateSecurityGroup", "Resource": "*"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    free.attach(POLICIES["converge"], scp={"Version": "2012-10-17", "Statement": [everything, deny]})
    told = group(modules)
    assert "with an explicit deny in a service control policy" in told["msg"]
    assert "nothing in the account can allow it" in told["msg"]


@pytest.mark.proof
@pytest.mark.parametrize("action", ["iam:TagRole", "backup-gateway:TagResource", "ec2:CreateVpcEndpoint"])
def test_site_yml_names_an_action_that_is_missing(free, action):
    free.reset(seed="empty")
    free.attach(without(POLICIES["converge"], action))
    run = free.play(SITE)
    assert run.returncode != 0
    said = " ".join(run.output.split())
    assert f"is not authorized to perform: {action}" in said
    assert "docs/permissions.md" in said


@pytest.mark.proof
def test_two_accounts_have_a_half_of_the_converge_policy_each(free):
    other = free.endpoints["backup_account"]
    halves = {"Endpoint": [], "Backup": []}
    for statement in POLICIES["converge"]["Statement"]:
        next(half for name, half in halves.items() if statement["Sid"].startswith(name)).append(statement)
    assume = {"Sid": "AssumeRole", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": other["role_arn"]}
    half = {name: {"Version": "2012-10-17", "Statement": statements} for name, statements in halves.items()}
    half["Endpoint"]["Statement"] = [*half["Endpoint"]["Statement"], assume]
    free.attach(half["Endpoint"])
    free.attach(half["Backup"], principal=other["role_arn"])
    run = free.play(
        SITE,
        vmc_backup_backup_aws_account_id=other["account_id"],
        vmc_backup_backup_aws_role_arn=other["role_arn"],
        vmc_backup_backup_aws_role_external_id=other["external_id"],
    )
    assert run.returncode == 0, run.output
