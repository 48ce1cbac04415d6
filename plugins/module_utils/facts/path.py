# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that the verdicts rest on, read from NSX, the VMC API, AWS and vCenter. Writes nothing."""

from __future__ import annotations

import functools
import ipaddress
import socket

from ..clients.vsphere import Vsphere
from ..engine.findings import Untold
from ..engine.findings import told as told_or_not
from ..engine.findings import told_unless_refused as told
from ..errors import Ambiguous, Invalid
from ..resources import appliance, sddc, vpc_endpoint
from . import network, nsx
from .cloud import Cloud

NAMELESS = {
    "sddc": None,
    "link": None,
    "active_eni": None,
    "interface": None,
    "attachments": [],
    "esxi_names": [],
    "learned_routes": [],
}


def collect(params: dict, ec2, cloud: Cloud | None = None) -> dict:
    """The facts. ``ec2`` is the client of the endpoint's account."""
    _check(params)
    appliances = params.get("appliances")
    if appliances is None:
        appliances = _appliances(params.get("vcenter"))
    given = {"platform": params["platform"], "appliances": appliances, "ntp_servers": params["ntp_servers"] or []}
    facts = {**NAMELESS, **given}
    if params["platform"] == "vmc":
        facts.update(_of_the_sddc(params, cloud or Cloud(params)))
    facts["sources"] = _sources(params, facts)
    facts.update(_of_the_endpoint(params, facts, ec2))
    return {**facts, **_answers(facts, facts.pop("nsx", None))}


def _check(params):
    for option in ("addresses", "ntp_servers"):
        for text in params[option] or []:
            if not _is_address(text):
                raise Invalid(option, f"{text!r} is not an IPv4 address.")
    if not params["addresses"] and (params["platform"] != "vmc" or not params["segment"]):
        raise Invalid("addresses", "give the addresses of the appliances, or on VMware Cloud a segment.")


def resolve(name: str) -> list[str]:
    """What a name resolves to on this host."""
    try:
        found = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({address[0] for *_unused, address in found})


def _answers(facts, manager) -> dict:
    """What the compute gateway's forwarder, and this host, say to the names that matter."""
    vcenter = (facts["sddc"] or {}).get("vcenter_hostname")
    names = [name for name in ((facts["endpoint"] or {}).get("dns_name"), *facts["esxi_names"]) if name]
    return {
        "answers": {name: told(functools.partial(nsx.lookup, manager, name)) for name in names if manager},
        "here": {name: resolve(name) for name in [*names, *([vcenter] if vcenter else [])]},
    }


def _of_the_sddc(params, cloud) -> dict:
    manager = cloud.nsx
    linked = told(lambda: manager.cloud_list("/infra/linked-vpcs"))
    facts = {"nsx": manager, **nsx.collect(manager, told), "attachments": told(lambda: nsx.attachments(manager))}
    facts.update(_link(linked))
    if params["ntp_servers"]:
        facts["learned_routes"] = told_or_not(lambda: nsx.learned_routes(manager))
    if params["org_id"] and params["sddc_id"]:
        vmc = cloud.vmc
        raw = vmc.sddc(params["sddc_id"])
        if raw is None:
            raise Invalid("sddc_id", f"there is no SDDC {params['sddc_id']} in the organisation {params['org_id']}.")
        known = [] if isinstance(linked, Untold) else linked
        facts["sddc"] = sddc.view(raw, vmc.connections(raw["id"]), known, sddc.accounts(vmc, raw))
        hosts = (raw.get("resource_config") or {}).get("esx_hosts") or []
        facts["esxi_names"] = [
            name for name in (host.get("hostname") for host in hosts) if name and not _is_address(name)
        ]
    return facts


def _link(linked) -> dict:
    if isinstance(linked, Untold):
        return {"link": None, "active_eni": linked}
    if not linked:
        return {"link": None, "active_eni": Untold("the SDDC is linked to no VPC")}
    vpc = linked[0]
    zones = [subnet.get("availability_zone_id") for subnet in vpc.get("linked_vpc_subnets") or []]
    link = {"vpc_id": vpc.get("linked_vpc_id"), "availability_zone_ids": [zone for zone in zones if zone]}
    return {"link": link, "active_eni": vpc.get("active_eni") or Untold("it names none")}


def _sources(params, facts) -> list[str]:
    """The addresses that have to get through: those given, else the whole of a segment."""
    if params["addresses"]:
        return params["addresses"]
    found = [each["network"] for each in facts["segments"] if params["segment"] in (each["id"], each["path"])]
    if not found:
        names = ", ".join(sorted(each["id"] for each in facts["segments"]))
        raise Invalid("segment", f"there is no segment {params['segment']}; there are: {names or 'none'}.")
    return found


def _of_the_endpoint(params, facts, ec2) -> dict:
    linked = (facts["sddc"] or {}).get("connected_vpc") or facts["link"] or {}
    vpc_id = params["vpc_id"] or linked.get("vpc_id")
    if not (vpc_id or params["vpc_endpoint_id"]):
        raise Invalid("vpc_id", "give this or vpc_endpoint_id: no connected VPC is known.")
    asked = {"vpc_id": params["vpc_id"], "vpc_endpoint_id": params["vpc_endpoint_id"]}
    if not params["vpc_endpoint_id"]:
        asked = {"vpc_id": vpc_id, "service": params["service"]}
    raw = [each for each in vpc_endpoint.find(ec2, **asked) if vpc_endpoint.is_living(each["VpcEndpoint"])]
    found = [vpc_endpoint.view(each) for each in raw]
    if len(found) > 1:
        raise Ambiguous("vpc_endpoint", f"{params['service']} in {vpc_id}", [each["vpc_endpoint_id"] for each in found])
    words = params["vpc_endpoint_id"] or f"for {params['service']} in {vpc_id}"
    if not found:
        return {"endpoint": None, "asked": words}
    return {"endpoint": found[0], "asked": words, **network.collect(ec2, found[0], facts["active_eni"])}


def _appliances(vcenter) -> list | None:
    if not vcenter:
        return None
    return [appliance.view(raw) for raw in appliance.find(Vsphere(vcenter), None)]


def _is_address(text) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
