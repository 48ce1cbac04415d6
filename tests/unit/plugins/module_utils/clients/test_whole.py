# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import botocore.session
import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import whole

PRUNED = "<requestId>r</requestId>"


def answer(service, operation, body, status=200, **headers):
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return whole.aws(model, {"status_code": status, "headers": headers, "body": body})


@pytest.mark.parametrize(
    ("length", "arrived", "why"),
    [("840", 312, "312 of 840 bytes"), ("312", 312, None), (None, 312, None), ("abc", 312, None), ("\u00b2", 1, None)],
)
def test_the_bytes_are_those_that_were_told(length, arrived, why):
    assert whole.short(length, arrived) == why


@pytest.mark.parametrize("status", [200, 400, 503])
def test_a_cut_answer_is_not_whole_whatever_its_status(status):
    assert answer("backup-gateway", "ListGateways", b"{", status, content_length="9") == "1 of 9 bytes"


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_has_none(status):
    assert answer("backup", "UpdateRegionSettings", b"", status, content_length="9") is None


@pytest.mark.parametrize(
    ("service", "operation", "why"),
    [
        ("backup-gateway", "ListGateways", "it is empty"),
        ("backup", "DescribeRegionSettings", "it is empty"),
        ("kms", "ListGrants", "it is empty"),
        ("ec2", "DescribeVpcEndpoints", "it is no XML"),
        ("iam", "GetRole", "it is no XML"),
    ],
)
def test_it_is_no_answer_to_what_has_to_be_told(service, operation, why):
    assert answer(service, operation, b"", 204) == why


@pytest.mark.parametrize(
    ("operation", "body", "why"),
    [
        ("PutObject", b"", None),
        ("ListBuckets", b"<ListAllMyBucketsResult/>", None),
        ("ListBuckets", b"", "it is no XML"),
        ("ListBuckets", b"<html>", "it is no XML"),
    ],
)
def test_s3_says_in_headers_what_it_has_to_say(operation, body, why):
    assert answer("s3", operation, body) == why


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"Gateways": []}', None),
        (b'{"Gateways": null, "NextToken": null}', None),
        (b'{"Gateways": [{"GatewayType": "NEW", "Unknown": [1]}]}', None),
        (b"{}", None),
        (b"", "it is empty"),
        (b"<html></html>", "it is no JSON"),
        (b'{"Gateways": [', "it is no JSON"),
        (b"\xff\xfe\xfa", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"null", "it is null instead of an object"),
        (b"[]", "it is a list instead of an object"),
        (b'"x"', "it is text instead of an object"),
        (b'{"Gateways": {}}', "Gateways is an object instead of a list"),
        (b'{"Gateways": ["x"]}', "an item of Gateways is text instead of a structure"),
        (b'{"Gateways": [{"LastSeenTime": []}]}', "LastSeenTime is a list instead of a time"),
        (b'{"Gateways": [null]}', "an item of Gateways is null"),
        (b'{"Gateways": [{"GatewayArn": 1}]}', "GatewayArn is a number instead of a string"),
        (b'{"NextToken": {}}', "NextToken is an object instead of a string"),
    ],
)
def test_json_has_the_types_of_the_model(body, why):
    assert answer("backup-gateway", "ListGateways", body) == (why and why.replace("a list$", ""))


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_operation_that_says_nothing_may_say_so(body):
    assert answer("kms", "TagResource", body) is None


@pytest.mark.parametrize("body", [b"<html></html>", b"null"])
def test_a_page_is_no_answer_of_an_operation_that_says_nothing(body):
    assert answer("kms", "TagResource", body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (f"<DescribeVpcsResponse>{PRUNED}<vpcSet/></DescribeVpcsResponse>", None),
        (f"<DescribeVpcsResponse xmlns='http://ec2'>{PRUNED}<new/></DescribeVpcsResponse>", None),
        (f"<DescribeVpcsResponse>{PRUNED}<vpcSet><item><vpcId>v</vpcId></item></vpcSet></DescribeVpcsResponse>", None),
        (f"<DescribeVpcsResponse>{PRUNED}<vpcSet>", "it is no XML"),
        ("", "it is no XML"),
        ("{}", "it is no XML"),
        ("<html><body/></html>", "it is no DescribeVpcsResponse"),
        ("<DescribeSubnetsResponse/>", "it is no DescribeVpcsResponse"),
        ("<DescribeVpcsResponse><vpcSet>x</vpcSet></DescribeVpcsResponse>", "vpcSet is text instead of a list"),
        ("<DescribeVpcsResponse><vpcSet><a/></vpcSet></DescribeVpcsResponse>", "vpcSet is no list of item"),
        (
            "<DescribeVpcsResponse><vpcSet><item><isDefault>?</isDefault></item></vpcSet></DescribeVpcsResponse>",
            "isDefault is text instead of true or false",
        ),
    ],
)
def test_xml_has_the_root_and_the_types_of_the_model(body, why):
    assert answer("ec2", "DescribeVpcs", body.encode()) == why


def test_a_query_has_its_result_inside():
    assert answer("sts", "GetCallerIdentity", b"<GetCallerIdentityResponse/>") == "it lacks GetCallerIdentityResult"
    inside = b"<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>"
    assert answer("sts", "GetCallerIdentity", inside) is None


def test_a_service_that_older_versions_of_botocore_know_one_protocol_of():
    class Service:
        metadata = {"protocol": "query"}

    assert whole._protocol(Service()) == "query"
