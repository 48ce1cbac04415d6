# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists, objects and references that lag behind a write."""

from __future__ import annotations

from lab.world import Fault
from unit.lab.aws_lab import error_code
from unit.lab.nsx_lab import CGW_RULES, group, rule

GROUP = "/infra/domains/cgw/groups/a"


def lags(world, calls, **only):
    if only:
        world.faults.append(Fault("lag", reads=calls, **only))
    else:
        world.switches["lag"] = calls


def names(ec2, **asked):
    return [group["GroupName"] for group in ec2.describe_security_groups(**asked)["SecurityGroups"]]


def made(lab):
    ec2 = lab.client("ec2")
    ours = {"Filters": [{"Name": "group-name", "Values": ["a"]}]}
    assert names(ec2, **ours) == []
    return ec2, ours, ec2.create_security_group(GroupName="a", VpcId=lab.vpc["vpc_id"], Description="a")["GroupId"]


def test_a_list_shows_what_it_showed_before_the_write(lab):
    lags(lab.world, 2)
    ec2, ours, group = made(lab)
    assert [names(ec2, **ours) for _look in range(4)] == [[], [], ["a"], ["a"]]


def test_what_was_just_made_is_unknown_to_reads_and_writes_that_name_it(lab):
    lags(lab.world, 2)
    ec2, _ours, group = made(lab)
    for call in (
        lambda: ec2.describe_security_groups(GroupIds=[group]),
        lambda: ec2.create_tags(Resources=[group], Tags=[{"Key": "a", "Value": "b"}]),
    ):
        assert [error_code(call), error_code(call)] == ["InvalidGroup.NotFound"] * 2
        call()


def test_what_was_deleted_is_seen_for_a_while(lab):
    ec2, ours, group = made(lab)
    lags(lab.world, 1)
    assert names(ec2, **ours) == ["a"]
    ec2.delete_security_group(GroupId=group)
    assert [names(ec2, **ours), names(ec2, **ours)] == [["a"], []]


def test_a_rule_may_be_for_one_operation(lab):
    lags(lab.world, 1, service="ec2", operation="CreateTags")
    ec2, ours, _unused = made(lab)
    assert names(ec2, **ours) == ["a"]


def test_a_new_role_cannot_be_assumed_by_a_service_at_first(lab):
    lags(lab.world, 1)
    iam, api = lab.client("iam"), lab.client("backup-gateway")
    role = iam.create_role(RoleName="AWSBackupNew", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    arn = "arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-0"
    asked = {"HypervisorArn": arn, "IamRoleArn": role, "VmwareToAwsTagMappings": []}
    assert error_code(api.put_hypervisor_property_mappings, **asked) == "AccessDeniedException"
    assert error_code(api.put_hypervisor_property_mappings, **asked) == "ValidationException"


def test_nsx_shows_an_old_revision_and_does_not_know_a_new_group(world, call):
    lags(world, 2)
    assert call("GET", GROUP).status_code == 404
    assert call("PUT", GROUP, group("10.0.0.1")).status_code == 200
    to_it = rule(source_groups=[GROUP], destination_groups=["ANY"], action="ALLOW")
    answers = [call("PUT", f"{CGW_RULES}/a", to_it) for _turn in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 200]
    assert answers[0].json["error_code"] == 500232
    assert [call("GET", GROUP).status_code for _turn in range(3)] == [404, 404, 200]
    assert call("PUT", GROUP, {**group("10.0.0.2"), "_revision": 0}).status_code == 200
    assert [call("GET", GROUP).json["_revision"] for _turn in range(3)] == [0, 0, 1]
