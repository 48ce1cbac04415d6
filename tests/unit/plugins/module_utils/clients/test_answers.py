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

SERVICES = ("sts", "backup-gateway", "backup", "ec2", "kms", "iam")


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
