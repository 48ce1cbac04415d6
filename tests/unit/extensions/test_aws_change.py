# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.util
import pathlib

import pytest

PATH = pathlib.Path(__file__).parents[3] / "extensions" / "eda" / "plugins" / "event_filter" / "aws_change.py"
SPEC = importlib.util.spec_from_file_location("aws_change", PATH)
aws_change = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(aws_change)

ROLE = "arn:aws:iam::123456789012:role/automation"
GATEWAY = "arn:aws:backup-gateway:eu-west-1:123456789012:gateway/bgw-1234ABCD"


def call(name, source="ec2", parameters=None, **more):
    """An event of CloudTrail as EventBridge sends it."""
    identity = {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::123456789012:assumed-role/automation/session",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
    }
    detail = {
        "userIdentity": identity,
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "requestParameters": parameters or {},
        "responseElements": None,
        "readOnly": False,
        **more,
    }
    return {"source": f"aws.{source}", "detail-type": "AWS API Call via CloudTrail", "detail": detail}


def job(state, kind="VirtualMachine"):
    detail = {
        "state": state,
        "resourceType": kind,
        "resourceArn": f"{GATEWAY.rpartition(':')[0]}:vm/vm-1",
        "statusMessage": "-",
    }
    return {"source": "aws.backup", "detail-type": "Backup Job State Change", "detail": detail}


ENDPOINT = {"ModifyVpcEndpointRequest": {"VpcEndpointId": "vpce-0123456789abcdef0", "AddSecurityGroupId": ["sg-0aa"]}}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (call("ModifyVpcEndpoint", parameters=ENDPOINT), "change"),
        (call("DeleteVpcEndpoints"), "change"),
        (call("RevokeSecurityGroupIngress"), "change"),
        (call("ModifySecurityGroupRules"), "change"),
        (call("RunInstances"), ""),
        (call("DescribeVpcEndpoints", readOnly=True), ""),
        (call("ModifyVpcEndpoint", errorCode="Client.UnauthorizedOperation"), ""),
        (call("DeleteGateway", "backup-gateway", {"gatewayArn": GATEWAY}), "change"),
        (call("ListGateways", "backup-gateway"), ""),
        (call("TestHypervisorConfiguration", "backup-gateway"), ""),
        (call("ModifyVpcEndpoint", "rds"), ""),
        (job("FAILED"), "job"),
        (job("EXPIRED"), "job"),
        (job("ABORTED"), "job"),
        (job("COMPLETED"), ""),
        (job("FAILED", "EBS"), ""),
        ({"source": "aws.health", "detail-type": "AWS Health Event"}, ""),
        ({}, ""),
    ],
)
def test_an_event_is_of_interest_where_something_was_changed_or_a_backup_ended_badly(event, kind):
    assert aws_change.main(event)["change"]["kind"] == kind
    assert aws_change.main({"body": event, "meta": {}})["change"]["kind"] == kind


def test_a_body_that_is_no_object_is_of_no_interest():
    assert aws_change.main({"body": "text"})["change"]["kind"] == ""


def test_who_did_it_is_the_role_that_was_assumed_else_the_caller():
    assert aws_change.main(call("ModifyVpcEndpoint"))["change"]["by"] == ROLE
    user = {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/alice"}
    assert aws_change.main(call("ModifyVpcEndpoint", userIdentity=user))["change"]["by"] == user["arn"]
    assert aws_change.main(call("ModifyVpcEndpoint", userIdentity=None))["change"]["by"] == ""


def test_whose_an_object_is_is_told_by_its_id_wherever_it_stands():
    event, sddcs = call("ModifyVpcEndpoint", parameters=ENDPOINT), {"sg-0aa": "sddc-1"}
    assert aws_change.main(event, sddcs)["change"]["sddc"] == "sddc-1"
    assert aws_change.main(event)["change"]["sddc"] == ""


def test_where_objects_are_named_others_of_ec2_are_of_no_interest_and_gateways_still_are():
    sddcs = {"vpce-0": "sddc-1"}
    assert aws_change.main(call("ModifyVpcEndpoint", parameters=ENDPOINT), sddcs)["change"]["kind"] == ""
    assert (
        aws_change.main(call("DeleteGateway", "backup-gateway", {"gatewayArn": GATEWAY}), sddcs)["change"]["kind"]
        == "change"
    )
