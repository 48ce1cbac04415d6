# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The path of an appliance, hop by hop: what was collected becomes verdicts."""

from __future__ import annotations

from ..engine.findings import Check, finding, skipped, verdict
from .hops import clock, gateways, link, names, vpc

SUBJECT = "path"
ON_VMC, OF_ENDPOINT = "vmc", "endpoint"
HOPS = (
    Check("clock", clock.clock, mended_by="appliance"),
    Check("ntp", clock.ntp, mended_by="firewall"),
    Check("segment", gateways.segment, needs=(ON_VMC,), mended_by="prerequisites"),
    Check("dns", names.dns, needs=(OF_ENDPOINT,), mended_by="prerequisites"),
    Check("distributed_firewall", gateways.distributed_firewall, needs=(ON_VMC,)),
    Check("vcenter_name", names.vcenter_name, needs=(ON_VMC,), mended_by="prerequisites"),
    Check("management_gateway_vcenter", gateways.management_gateway_vcenter, needs=(ON_VMC,), mended_by="firewall"),
    Check("management_gateway_esxi", gateways.management_gateway_esxi, needs=(ON_VMC,), mended_by="firewall"),
    Check("endpoint", vpc.endpoint, mended_by="endpoint"),
    Check("connection", link.connection, needs=(ON_VMC, OF_ENDPOINT)),
    Check("availability_zone", link.availability_zone, needs=(ON_VMC, OF_ENDPOINT)),
    Check("compute_gateway", gateways.compute_gateway, needs=(ON_VMC, OF_ENDPOINT), mended_by="firewall"),
    Check("sddc_security_group", vpc.sddc_security_group, needs=(ON_VMC, OF_ENDPOINT)),
    Check("primary_cidr", link.primary_cidr, needs=(ON_VMC, OF_ENDPOINT)),
    Check("network_acl", vpc.network_acl, needs=(OF_ENDPOINT,)),
    Check("endpoint_security_group", vpc.endpoint_security_group, needs=(OF_ENDPOINT,), mended_by="endpoint"),
    Check("route_table", link.route_table, needs=(OF_ENDPOINT,)),
)


def judge(facts: dict, predicted=()) -> list[dict]:
    """A finding on each hop. What a role mends of which only a preview has been seen, ``predicted``, cannot be broken yet."""
    return [finding(SUBJECT, hop, _to_come(hop, _verdict(hop, facts), predicted)) for hop in HOPS]


def shown(findings: list) -> dict:
    """The hops as people know them. Reachable is what no hop breaks; what is unknown may still."""
    keys = ("verdict", "evidence", "change", "mended_by")
    hops = [{"hop": found["id"], **{key: found[key] for key in keys}} for found in findings]
    return {"hops": hops, "reachable": all(hop["verdict"] != "broken" for hop in hops)}


def _to_come(hop, said, predicted) -> dict:
    if said["verdict"] == "broken" and hop.mended_by in predicted:
        return skipped(f"The role {hop.mended_by} would put it in order: {said['evidence']}")
    return said


def _verdict(hop, facts) -> dict:
    if ON_VMC in hop.needs and facts["platform"] != "vmc":
        return skipped("There is no VMware Cloud on AWS here.")
    if OF_ENDPOINT in hop.needs and not (facts["endpoint"] and facts["endpoint"]["network_interfaces"]):
        return skipped("There is no endpoint yet, see endpoint.")
    return verdict(hop.ask, facts)
