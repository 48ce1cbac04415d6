# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_cgw_rule

RULE = "/infra/domains/cgw/gateway-policies/default/rules/r"
PORTS = [{"l4_protocol": "TCP", "destination_ports": [443, 1031]}]
TO_ENDPOINT = {
    "id": "r",
    "source_groups": ["10.0.0.5"],
    "destination_groups": ["10.1.0.5/32"],
    "service_entries": PORTS,
    "scope": ["cgw-cross-vpc"],
    "action": "ALLOW",
}


def test_a_rule_is_written_to_the_compute_gateway(run_nsx, nsx):
    assert run_nsx(nsx_cgw_rule, **TO_ENDPOINT)["changed"]
    body = nsx.objects[RULE]
    assert body["scope"] == ["/infra/labels/cgw-cross-vpc"]
    assert body["service_entries"] == [
        {"resource_type": "L4PortSetServiceEntry", "l4_protocol": "TCP", "destination_ports": ["1031", "443"]}
    ]
    assert not run_nsx(nsx_cgw_rule, **TO_ENDPOINT)["changed"]


def test_the_laws_of_the_management_gateway_are_not_its_own(run_nsx):
    assert run_nsx(nsx_cgw_rule, **{**TO_ENDPOINT, "action": "DROP", "source_groups": ["ANY"]})["changed"]


def test_a_rule_goes(run_nsx, nsx):
    run_nsx(nsx_cgw_rule, **TO_ENDPOINT)
    assert run_nsx(nsx_cgw_rule, id="r", state="absent")["changed"]
    assert nsx.objects == {}
