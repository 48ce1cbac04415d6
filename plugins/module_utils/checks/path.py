# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The path of an appliance, hop by hop: what was collected becomes verdicts."""

from __future__ import annotations

from ..findings import skipped
from .hops import gateways, link, names, vpc

ON_VMC, OF_ENDPOINT = "vmc", "endpoint"
HOPS = (
    ("clock", gateways.clock, ()),
    ("segment", gateways.segment, (ON_VMC,)),
    ("dns", names.dns, (OF_ENDPOINT,)),
    ("distributed_firewall", gateways.distributed_firewall, (ON_VMC,)),
    ("vcenter_name", names.vcenter_name, (ON_VMC,)),
    ("management_gateway_vcenter", gateways.management_gateway_vcenter, (ON_VMC,)),
    ("management_gateway_esxi", gateways.management_gateway_esxi, (ON_VMC,)),
    ("endpoint", vpc.endpoint, ()),
    ("connection", link.connection, (ON_VMC, OF_ENDPOINT)),
    ("availability_zone", link.availability_zone, (ON_VMC, OF_ENDPOINT)),
    ("compute_gateway", gateways.compute_gateway, (ON_VMC, OF_ENDPOINT)),
    ("sddc_security_group", vpc.sddc_security_group, (ON_VMC, OF_ENDPOINT)),
    ("primary_cidr", link.primary_cidr, (ON_VMC, OF_ENDPOINT)),
    ("network_acl", vpc.network_acl, (OF_ENDPOINT,)),
    ("endpoint_security_group", vpc.endpoint_security_group, (OF_ENDPOINT,)),
    ("route_table", link.route_table, (OF_ENDPOINT,)),
)


def judge(facts: dict) -> dict:
    """A verdict on each hop. Reachable is what no hop breaks; what is unknown may still."""
    hops = [{"hop": name, **_verdict(question, needs, facts)} for name, question, needs in HOPS]
    return {"hops": hops, "reachable": all(hop["verdict"] != "broken" for hop in hops)}


def _verdict(question, needs, facts) -> dict:
    if ON_VMC in needs and facts["platform"] != "vmc":
        return skipped("There is no VMware Cloud on AWS here.")
    if OF_ENDPOINT in needs and not (facts["endpoint"] and facts["endpoint"]["network_interfaces"]):
        return skipped("There is no endpoint yet, see endpoint.")
    return question(facts)
