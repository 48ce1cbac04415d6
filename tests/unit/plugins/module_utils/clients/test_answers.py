# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import botocore.session
import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import answers
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.answers import (
    AWS,
    FILTERS,
    NSX,
    TAGGING,
    VMC,
    form,
    wrong,
)

SERVICES = ("sts", "backup-gateway", "backup", "ec2", "kms", "resourcegroupstaggingapi", "organizations", "sns", "iam")


@pytest.mark.parametrize(
    ("value", "wanted", "why"),
    [
        ({"Gateways": []}, {"Gateways": [dict]}, None),
        ({"Gateways": [], "New": 1}, {"Gateways": [dict]}, None),
        ({}, {"Gateways": [dict]}, "it lacks Gateways"),
        ({"Gateways": None}, {"Gateways": [dict]}, "it lacks Gateways"),
        ({"Gateways": None}, {"Gateways?": [dict]}, None),
        ({"Gateways": {}}, {"Gateways?": [dict]}, "Gateways is an object instead of a list"),
        ({"Gateways": ["a"]}, {"Gateways": [dict]}, "an item of Gateways is text instead of an object"),
        ({"Gateways": [{}]}, {"Gateways": [{"GatewayArn": str}]}, "it lacks GatewayArn"),
        ([], {"id": str}, "it is a list instead of an object"),
        (None, {"id": str}, "it is null instead of an object"),
        (None, [dict], "it is null instead of a list"),
        (None, ([dict], type(None)), None),
        ([1], ([dict], dict), "an item of its list is a number instead of an object"),
        (True, int, "it is true or false instead of a number"),
        ("x", str, None),
        (None, object, None),
        ({"Policy": json.dumps({"Statement": []})}, {"Policy": answers.Document}, None),
        ({"Policy": {"Statement": []}}, {"Policy": answers.Document}, None),
        ({"Policy": "<html>"}, {"Policy": answers.Document}, "Policy is text instead of a policy"),
        (True, bool, None),
        (1, bool, "it is a number instead of true or false"),
        ("10.0.0.1/24", answers.Network, None),
        ("fd00::1/64", answers.Network, None),
        ("", answers.Network, None),
        ("x", answers.Network, "it is text instead of a network"),
        (7, answers.Network, "it is a number instead of a network"),
        ({"Policy": "[" * 100_000}, {"Policy": answers.Document}, "Policy is text instead of a policy"),
    ],
)
def test_a_form_says_what_is_wrong_and_shows_nothing(value, wanted, why):
    assert wrong(value, wanted) == why


def test_each_operation_and_key_is_one_of_its_service():
    """The table names members that botocore knows, so that a slip of the pen is no answer that is never whole."""
    session = botocore.session.get_session()
    models = [session.get_service_model(service) for service in SERVICES]
    for name, keys in AWS.items():
        model = next(model for model in models if name in model.operation_names)
        _compare(model.operation_model(name).output_shape, keys)


def _compare(shape, wanted):
    if isinstance(wanted, list):
        assert shape.type_name == "list"
        _compare(shape.member, wanted[0])
    elif isinstance(wanted, dict):
        assert shape.type_name == "structure"
        for key, inner in wanted.items():
            _compare(shape.members[key.rstrip("?")], inner)


def test_filters_compare_what_is_listed():
    for operation, filters in FILTERS.items():
        assert operation in AWS
        assert filters


@pytest.mark.parametrize(
    ("table", "method", "path", "body", "why"),
    [
        (NSX, "LIST", "/policy/api/v1/infra/segments", {}, "it lacks results"),
        (NSX, "LIST", "/policy/api/v1/infra/segments", {"results": [], "cursor": None}, None),
        (
            NSX,
            "LIST",
            "/policy/api/v1/infra/segments",
            {"results": [1]},
            "an item of results is a number instead of an object",
        ),
        (NSX, "LIST", "/cloud-service/api/v1/infra/mgmt-vms", [{"x": 1}], None),
        (
            NSX,
            "LIST",
            "/policy/api/v1/infra/domains/cgw/groups/g/members/ip-addresses",
            {"results": ["192.0.2.1"]},
            None,
        ),
        (NSX, "GET", "/policy/api/v1/infra/domains/cgw/groups/g", {}, "it lacks id"),
        (NSX, "PUT", "/policy/api/v1/infra/domains/cgw/groups/g", {}, "it lacks id"),
        (NSX, "GET", "/policy/api/v1/infra/domains/cgw/groups/g", {"id": "g", "expression": None}, None),
        (
            NSX,
            "GET",
            "/policy/api/v1/infra/domains/cgw/groups/g",
            {"id": "g", "tags": "x"},
            "tags is text instead of a list",
        ),
        (NSX, "GET", "/policy/api/v1/infra/realized-state/status", {}, None),
        (NSX, "LIST", "/cloud-service/api/v1/infra/mgmt-vms", [{"services": [{"path": "/infra/services/SSH"}]}], None),
        (NSX, "GET", "/cloud-service/api/v1/infra/sddc-user-config", [], "it is a list instead of an object"),
        (NSX, "DELETE", "/policy/api/v1/infra/domains/cgw/groups/g", {}, None),
        (VMC, "GET", "/vmc/api/orgs/o/sddcs", {}, "it is an object instead of a list"),
        (VMC, "GET", "/vmc/api/orgs/o/sddcs/s", None, "it is null instead of an object"),
        (VMC, "GET", "/vmc/api/orgs/o/reservations", None, None),
        (VMC, "PUT", "/vmc/api/orgs/o/sddcs/s/dns/private", {}, "it lacks id"),
        (TAGGING, "POST", "/session", {}, "it is an object instead of text"),
        (TAGGING, "POST", "/cis/tagging/tag?action=list-tags-for-category", "x", "it is text instead of a list"),
        (TAGGING, "POST", "/cis/tagging/tag-association/t?action=attach", {}, None),
    ],
)
def test_each_call_has_the_form_of_its_answer(table, method, path, body, why):
    assert wrong(body, form(table, method, path)) == why


GROUP = "/policy/api/v1/infra/domains/cgw/groups/g"
CLOUD = "/cloud-service/api/v1/infra"
SDDCS = "/vmc/api/orgs/o/sddcs"
NESTED = [
    (NSX, GROUP, {"id": "g", "expression": [{"ip_addresses": ["192.0.2.1"], "expressions": [{"paths": ["/a"]}]}]}),
    (NSX, GROUP, {"id": "g", "tags": [{"scope": "s", "tag": "t"}], "display_name": "g", "marked_for_delete": False}),
    (NSX, GROUP, {"id": "s", "subnets": [{"gateway_address": "10.0.0.1/24", "dhcp_ranges": ["10.0.0.9"]}]}),
    (NSX, GROUP, {"id": "s", "subnets": [{"dhcp_config": {"dns_servers": ["10.0.0.2"], "lease_time": 60}}]}),
    (NSX, GROUP, {"id": "r", "service_entries": [{"destination_ports": ["443"]}], "sources_excluded": True}),
    (NSX, GROUP, {"id": "r", "sequence_number": 5, "disabled": False, "scope": ["/infra/labels/cgw-all"]}),
    (NSX, f"{CLOUD}/sddc-user-config", {"mgmt_subnets": ["10.0.0.0/16"], "cgw_snat_ip": "192.0.2.1"}),
    (NSX, f"{CLOUD}/nslookup", {"dns_answer_per_enforcement_point": [{"authoritative_answers": [{"address": "a"}]}]}),
    (NSX, "/realized-state/status", {"consolidated_status": {"consolidated_status": "SUCCESS"}}),
    (VMC, f"{SDDCS}/s", {"id": "s", "resource_config": {"esx_hosts": [{"hostname": "h"}], "vc_url": "https://h"}}),
    (VMC, f"{SDDCS}/s", {"id": "s", "resource_config": {"sddc_manifest": {"vmc_version": "1"}, "region": "EU"}}),
    (VMC, SDDCS, [{"id": "s", "name": "n"}]),
    (VMC, "/vmc/api/orgs/o/account-link/sddc-connections", [{"vpc_id": "v", "subnet_id": "s", "state": "ACTIVE"}]),
    (VMC, "/vmc/api/orgs/o/tasks", [{"id": "t", "resource_id": "s", "status": "FINISHED", "progress_percent": 5}]),
    (VMC, "/vmc/api/orgs/o/reservations", [{"sddc_id": "s"}]),
]


def places(value, path=()):
    """The places of all that lies in a value."""
    if path:
        yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


def spoilt(value, path, odd):
    copied = json.loads(json.dumps(value))
    holder = copied
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = odd
    return copied


@pytest.mark.parametrize(("table", "path", "body"), NESTED)
def test_what_is_read_has_its_form_however_deep_it_lies(table, path, body):
    wanted = form(table, "GET", path)
    assert wrong(body, wanted) is None
    for place in places(body):
        of = body
        for key in place:
            of = of[key]
        for odd in (True, -1, "x", [5], {"a": 1}):
            if not isinstance(odd, type(of)) or (isinstance(odd, bool) and not isinstance(of, bool)):
                if isinstance(of, str) and "ports" in str(place) and odd == -1:
                    continue
                assert wrong(spoilt(body, place, odd), wanted), (place, odd)
        if isinstance(place[-1], int):
            assert wrong(spoilt(body, place, None), wanted), place


@pytest.mark.parametrize(
    "answer",
    [
        {"VmwareToAwsTagMappings": [None]},
        {"VmwareToAwsTagMappings": ["x"]},
        {"VmwareToAwsTagMappings": [{"AwsTagKey": 5}]},
    ],
)
def test_so_it_has_at_aws(answer):
    assert wrong(answer, AWS["GetHypervisorPropertyMappings"])
