# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's tables against NSX's own bindings (PyPI: vcf-nsx). Skipped where they are not installed."""

from __future__ import annotations

import pathlib
import re

import pytest
from lab.nsx.kinds import CALLS, KINDS, SERVER_OWNED, WRITABLE
from unit.lab.models import problems
from unit.lab.nsx_lab import MGW, NAT_RULES, RULES, SEGMENT, group, rule

vcf = pytest.importorskip("vcf.nsx")
bindings = pytest.importorskip("vmware.vapi.bindings.type")
PREFIX = "/policy/api/v1"
PYTHON = {"StringType": str, "IntegerType": int, "BooleanType": bool, "ListType": list}
OPERATION = re.compile(r"http_method='(\w+)',\s*url_template='([^']+)'")


@pytest.fixture(scope="module")
def operations():
    found = set()
    for root in vcf.__path__:
        for file in pathlib.Path(root, "policy").rglob("*_client.py"):
            found |= {(method, _plain(url)) for method, url in OPERATION.findall(file.read_text())}
    assert len(found) > 1000
    return found


def _plain(template):
    return re.sub(r"\{[^}]+\}", "{}", template)


def _fields(name):
    """The fields of a structure, by the Python type of their JSON."""
    import vcf.nsx.model_client as models

    structure = getattr(models, name).get_binding_type()
    types = {}
    for field in structure.get_field_names():
        kind = structure.get_field(field)
        if isinstance(kind, bindings.OptionalType):
            kind = kind.element_type
        types[field] = PYTHON.get(type(kind).__name__, dict)
    return types


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
def test_every_path_and_method_exists(operations, kind):
    for method in kind.methods:
        assert (method, _plain(PREFIX + kind.path)) in operations
    if kind.listed:
        assert ("GET", _plain(PREFIX + kind.path.rpartition("/")[0])) in operations


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_call_exists(operations, method, path):
    names = {(verb, url.partition("?")[0] if "?" not in path else url) for verb, url in operations}
    assert (method, _plain(PREFIX + path)) in names


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
def test_every_field_exists_with_its_type(kind):
    known = _fields(kind.resource_type)
    ours = {**WRITABLE, **SERVER_OWNED, **kind.fields}
    assert {name: known.get(name) for name in ours} == ours
    assert set(kind.defaults) | set(kind.enums) | set(kind.read_only) <= set(kind.fields)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.enums], ids=lambda kind: kind.path)
def test_every_enum_has_its_values(kind):
    import vcf.nsx.model_client as models

    classes = [getattr(models, name, None) for name in (kind.resource_type, f"Base{kind.resource_type}")]
    for field, values in kind.enums.items():
        prefix = field.upper() + "_"
        known = {getattr(each, name) for each in classes for name in dir(each) if name.startswith(prefix)}
        assert set(values) <= known


def test_answers_hold_known_fields_only(call):
    shown = call("PUT", "/infra/domains/cgw/groups/mine", group("127.64.21.10")).json
    assert set(shown) <= set(_fields("Group"))
    assert set(shown["expression"][0]) <= set(_fields("IPAddressExpression"))
    assert set(call("GET", f"{RULES}/control-node-to-esxi").json) <= set(_fields("Rule"))
    assert set(call("GET", RULES).json) <= set(_fields("RuleListResult"))
    status = call(
        "GET", "/infra/realized-state/status", query_string={"intent_path": f"{RULES}/control-node-to-esxi"}
    ).json
    assert set(status) <= set(_fields("ConsolidatedRealizedStatus"))
    assert set(call("GET", f"{RULES}/none").json) - {"httpStatus"} <= set(_fields("RelatedApiError"))


def test_every_object_is_answered_as_its_model_says(nsx, call):
    """Those of the first day, and one of each kind that the collection makes."""
    import vcf.nsx.model_client as models

    for path, body in {
        f"{MGW}/groups/mine": group("127.64.21.10"),
        f"{RULES}/mine": rule(services=["/infra/services/HTTPS"]),
        f"{SEGMENT}/dhcp-static-binding-configs/one": {
            "resource_type": "DhcpV4StaticBindingConfig",
            "mac_address": "00:50:56:00:00:0a",
            "ip_address": "127.64.21.10",
        },
        f"{NAT_RULES}/mine": {
            "action": "REFLEXIVE",
            "source_network": "127.64.21.10",
            "translated_network": "198.51.100.10",
        },
    }.items():
        assert call("PUT", path, body).status_code == 200, path
    wrong = {
        each["path"]: problems(each, getattr(models, each["resource_type"]).get_binding_type())
        for each in nsx.objects.values()
    }
    assert {path: told for path, told in wrong.items() if told} == {}
    assert len(wrong) > 30


@pytest.mark.parametrize(
    ("path", "query", "model"),
    [
        (RULES, {}, "RuleListResult"),
        (f"{MGW}/groups", {}, "GroupListResult"),
        (f"{MGW}/groups/VCENTER/members/ip-addresses", {}, "PolicyGroupIPMembersListResult"),
        (f"{MGW}/gateway-policies/default", {}, "GatewayPolicy"),
        ("/infra/tier-1s/cgw/segments", {}, "SegmentListResult"),
        (f"{SEGMENT}/ports", {}, "SegmentPortListResult"),
        ("/infra/dns-forwarder-zones", {}, "PolicyDnsForwarderZoneListResult"),
        ("/infra/realized-state/status", {"intent_path": SEGMENT}, "ConsolidatedRealizedStatus"),
    ],
)
def test_every_other_answer_is_as_its_model_says(call, path, query, model):
    import vcf.nsx.model_client as models

    found = call("GET", path, query_string=query)
    assert found.status_code == 200, found.text
    structure = getattr(models, model)
    assert problems(found.json, structure.get_binding_type()) == []
