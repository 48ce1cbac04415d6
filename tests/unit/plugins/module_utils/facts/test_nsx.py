# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What NSX says becomes facts."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import told_unless_refused as told
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Denied
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import nsx as path_nsx

MGW, CGW = "/infra/domains/mgw", "/infra/domains/cgw"
RULES = "gateway-policies/default/rules"
SECTIONS = f"{CGW}/security-policies"


class Manager:
    """Objects by path, lists by the path above them; what is denied is among ``denied``."""

    def __init__(self, **objects):
        self.objects = {
            f"{MGW}/{RULES}/late": {"id": "late", "sequence_number": 20, "source_groups": [f"{MGW}/groups/gw"]},
            f"{MGW}/{RULES}/early": {"id": "early", "sequence_number": 10, "services": ["/infra/services/HTTPS"]},
            f"{MGW}/groups/gw": addresses("10.30.5.20/32"),
            f"{MGW}/groups/VCENTER": {"id": "VCENTER", "expression": []},
            f"{MGW}/groups/VCENTER/members/ip-addresses/0": "10.20.0.4",
            f"{MGW}/groups/ESXI": addresses("10.20.16.0/28"),
            "/infra/services/HTTPS": {"id": "HTTPS", "service_entries": [{"l4_protocol": "TCP"}]},
            "/infra/tier-1s/cgw/dns-forwarder": {
                "default_forwarder_zone_path": "/infra/dns-forwarder-zones/cgw",
                "conditional_forwarder_zone_paths": [
                    "/infra/dns-forwarder-zones/aws",
                    "/infra/dns-forwarder-zones/gone",
                ],
            },
            "/infra/dns-forwarder-zones/cgw": {"id": "cgw", "dns_domain_names": [""], "upstream_servers": ["8.8.8.8"]},
            "/infra/dns-forwarder-zones/aws": {
                "id": "aws",
                "dns_domain_names": ["amazonaws.com."],
                "upstream_servers": [],
            },
            "/infra/tier-1s/cgw/segments/backup": {
                "id": "backup",
                "path": "/infra/tier-1s/cgw/segments/backup",
                "subnets": [{"gateway_address": "10.30.5.1/24", "dhcp_config": {"dns_servers": ["10.2.2.2"]}}],
            },
            **objects,
        }
        self.denied = set()
        self.answers = {}

    def get(self, path):
        self._check(path)
        return self.objects.get(path)

    def list(self, path):
        self._check(path)
        within = f"{path}/"
        return [raw for at, raw in self.objects.items() if at.startswith(within) and "/" not in at[len(within) :]]

    def request(self, method, path, *, params=None):
        assert method == "GET"
        self._check(path)
        return self.answers.get(path)

    def cloud_list(self, path, key="results", *, certain=False):
        if key == "routes":
            return [
                {"destination": "0.0.0.0/0", "connectivities": [{"connectivity_type": "DIRECT_CONNECT"}]},
                {"destination": "10.9.0.0/16", "connectivities": None},
                {"destination": None},
            ]
        return [{"tgw_id": "tgw-1", "state": "CONNECTED"}]

    def _check(self, path):
        if path in self.denied:
            raise Denied("not yours", code="403")


def addresses(*members, **more):
    return {
        "id": "gw",
        "expression": [{"resource_type": "IPAddressExpression", "ip_addresses": list(members)}],
        **more,
    }


def collected(manager):
    return path_nsx.collect(manager, told)


def test_rules_come_in_their_order_with_the_groups_and_services_that_they_name():
    found = collected(Manager())
    assert [rule["id"] for rule in found["rules"]["mgw"]] == ["early", "late"]
    assert found["groups"] == {
        f"{MGW}/groups/gw": ["10.30.5.20"],
        f"{MGW}/groups/VCENTER": ["10.20.0.4"],
        f"{MGW}/groups/ESXI": ["10.20.16.0/28"],
    }
    assert found["services"] == {"/infra/services/HTTPS": [{"l4_protocol": "TCP"}]}


def test_the_members_of_a_group_that_is_more_than_addresses_are_asked_for():
    path = f"{CGW}/groups/dynamic"
    rule = {f"{CGW}/{RULES}/x": {"id": "x", "source_groups": [path]}, path: {"id": "dynamic", "expression": [{}]}}
    manager = Manager(**rule, **{f"{path}/members/ip-addresses/0": "10.30.5.20"})
    assert collected(manager)["groups"][path] == ["10.30.5.20"]
    manager.denied.add(f"{path}/members/ip-addresses")
    assert collected(manager)["groups"][path] is None


def test_a_group_that_is_withheld_or_gone_has_unknown_members():
    manager = Manager()
    manager.denied.add(f"{MGW}/groups/gw")
    assert collected(manager)["groups"][f"{MGW}/groups/gw"] is None


def test_the_distributed_firewall_comes_by_category_then_by_number():
    sections = {
        "app": {"id": "app", "category": "Application", "scope": ["ANY"]},
        "two": {"id": "two", "category": "Emergency", "sequence_number": 2, "scope": ["/g/us"]},
        "one": {"id": "one", "category": "Emergency", "sequence_number": 1},
        "mac": {"id": "mac", "category": "Ethernet"},
    }
    objects = {f"{SECTIONS}/{name}": body for name, body in sections.items()}
    objects.update({f"{SECTIONS}/{name}/rules/r": {"id": name, "action": "DROP"} for name in sections})
    objects[f"{SECTIONS}/two/rules/own"] = {"id": "own", "sequence_number": 9, "scope": ["/g/them"]}
    found = collected(Manager(**objects))["distributed"]
    assert [(rule["id"], rule["applied_to"]) for rule in found] == [
        ("one", ["ANY"]),
        ("two", ["/g/us"]),
        ("own", ["/g/them"]),
        ("app", ["ANY"]),
    ]


def test_what_is_withheld_is_untold():
    manager = Manager()
    manager.denied.update([SECTIONS, "/cloud-service/api/v1/infra/sddc-user-config"])
    found = collected(manager)
    assert isinstance(found["distributed"], Untold) and isinstance(found["public_address"], Untold)


def test_the_forwarder_s_zones_have_their_domains():
    assert collected(Manager())["forwarder"] == {
        "enabled": True,
        "zones": [
            {"id": "cgw", "domains": [], "servers": ["8.8.8.8"]},
            {"id": "aws", "domains": ["amazonaws.com"], "servers": []},
        ],
    }
    assert collected(Manager(**{"/infra/tier-1s/cgw/dns-forwarder": None}))["forwarder"] is None


@pytest.mark.parametrize(
    ("more", "connected"),
    [
        ({}, True),
        ({"advanced_config": {"connectivity": "OFF"}}, False),
        ({"admin_state": "DOWN"}, False),
        ({"type": "DISCONNECTED"}, False),
        ({"type": "ROUTED", "admin_state": "UP", "advanced_config": {"connectivity": "ON"}}, True),
    ],
)
def test_a_segment_is_connected_unless_it_says_otherwise(more, connected):
    subnet = {"gateway_address": "10.30.6.1/24", "network": "10.30.6.0/24"}
    found = collected(Manager(**{"/infra/segments/flexible": {"id": "flexible", "subnets": [subnet], **more}}))[
        "segments"
    ]
    assert [(each["id"], each["network"], each["connected"]) for each in found] == [
        ("backup", "10.30.5.1/24", True),
        ("flexible", "10.30.6.0/24", connected),
    ]
    assert found[0]["dns_servers"] == ["10.2.2.2"]


def test_names_are_looked_up_by_the_forwarder():
    manager, path = Manager(), "/policy/api/v1/infra/tier-1s/cgw/dns-forwarder/nslookup"
    with pytest.raises(ApiError, match="does not look names up"):
        path_nsx.lookup(manager, "name")
    both = {"authoritative_answers": [{"address": "10.0.0.1"}], "non_authoritative_answers": [{"address": "10.0.0.2"}]}
    manager.answers[path] = {"dns_answer_per_enforcement_point": [both]}
    assert path_nsx.lookup(manager, "name") == {"addresses": ["10.0.0.1", "10.0.0.2"], "text": ""}
    manager.answers[path] = {"dns_answer_per_enforcement_point": [{"raw_answer": "NXDOMAIN"}]}
    assert path_nsx.lookup(manager, "name") == {"addresses": [], "text": "NXDOMAIN"}


def test_the_sddc_s_public_address_and_its_groups():
    manager = Manager()
    assert isinstance(collected(manager)["public_address"], Untold)
    manager.answers["/cloud-service/api/v1/infra/sddc-user-config"] = {"cgw_snat_ip": "192.0.2.1"}
    assert collected(manager)["public_address"] == "192.0.2.1"
    assert path_nsx.attachments(manager) == [{"tgw_id": "tgw-1"}]


def test_the_ways_that_were_learned_are_told_with_how():
    assert path_nsx.learned_routes(Manager()) == [
        {"network": "0.0.0.0/0", "by": "DIRECT_CONNECT"},
        {"network": "10.9.0.0/16", "by": ""},
    ]
