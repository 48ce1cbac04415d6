# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What documents leave open and a read can settle: one probe for each such row of docs/unconfirmed.md. Writes nothing."""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass

from ..clients.nsx import POLICY
from ..clients.vsphere import vim
from ..engine.findings import Check, finding, ok, verdict
from ..errors import ApiError, BadCredentials, Error
from ..facts import nsx as path_nsx
from ..resources.sddc import STRETCHED, zone_maps

RULES = "/infra/domains/mgw/gateway-policies/default/rules"
NOBODY = f"{RULES}/vmc-aws-backup-no-such-rule"
FORWARDER = "/infra/tier-1s/cgw/dns-forwarder"
CANARY = "amazonaws.com"
PAGE = 1000
NO_JOBS = ("ABORTING", "PARTIAL", "CREATED", "PENDING")


@dataclass
class Sides:
    """Who can be asked. What is ``None`` was not named by the options."""

    backup_gateway: object = None
    backup: object = None
    ec2: object = None
    nsx: object = None
    vmc: object = None
    vcenter: object = None
    sddc_id: str | None = None


def judge(sides: Sides) -> list[dict]:
    """A finding for each probe: ok with what that confirms, or unknown with why it settles nothing."""
    return [finding(SUBJECT, check, verdict(check.ask, sides)) for check in CHECKS]


def shown(findings: list) -> list[dict]:
    """The rows as people know them."""
    return [_row(found, found["verdict"] == "ok") for found in findings]


def _row(found, is_settled) -> dict:
    return {
        "id": found["id"],
        "asked": found["name"],
        "answered": found["evidence"] if is_settled else None,
        "confirms": found.get("confirms"),
        "not_settled": None if is_settled else found["evidence"],
    }


def _settled(probe, sides) -> dict:
    answered, confirms = probe(sides)
    return {**ok(answered), "confirms": confirms}


def _of(side, name):
    if side is None:
        raise Error(f"{name} was not named by the options.")
    return side


# AWS


def hypervisor_id_form(sides):
    """ListGateways: the form of HypervisorId."""
    found = [each["HypervisorId"] for each in _gateways(sides) if each.get("HypervisorId")]
    if not found:
        raise Error("No gateway is linked to a hypervisor.")
    return f"{len(found)} gateways have one", "arn" if found[0].startswith("arn:") else "id"


def backup_gateway_page_size(sides):
    """ListGateways with the largest MaxResults: how many a page holds."""
    page = _of(sides.backup_gateway, "AWS").call("list_gateways", MaxResults=PAGE)
    count = len(page.get("Gateways") or [])
    if not page.get("NextToken"):
        raise Error(f"All {count} gateways are on one page.")
    return f"{count} gateways and a NextToken", str(count)


def empty_list_answer(sides):
    """ListBackupJobs of a state in which there is none: whether the answer holds an empty list, or nothing."""
    backup = _of(sides.backup, "AWS")
    for state in NO_JOBS:
        page = backup.call("list_backup_jobs", ByState=state, ByResourceType="VirtualMachine")
        if not page.get("BackupJobs"):
            return f"{state}: {sorted(set(page) - {'ResponseMetadata'})}", "list" if "BackupJobs" in page else "nothing"
    raise Error("There are jobs in each of these states.")


def region_types_listed(sides):
    """DescribeRegionSettings: the types that it lists."""
    found = sorted(_of(sides.backup, "AWS").call("describe_region_settings")["ResourceTypeOptInPreference"])
    return ", ".join(found), "VirtualMachine is listed" if "VirtualMachine" in found else "VirtualMachine is not listed"


def endpoint_service_lacks_zone(sides):
    """DescribeVpcEndpointServices and DescribeAvailabilityZones: the zones in which no endpoint can be made."""
    ec2 = _of(sides.ec2, "AWS")
    name = f"com.amazonaws.{ec2.region}.backup-gateway"
    wanted = [{"Name": "service-name", "Values": [name]}]
    services = ec2.call("describe_vpc_endpoint_services", Filters=wanted)["ServiceDetails"]
    if not services:
        raise Error(f"{ec2.region} does not offer {name}.")
    zones = ec2.call("describe_availability_zones")["AvailabilityZones"]
    lacking = sorted(zone["ZoneId"] for zone in zones if zone["ZoneName"] not in services[0]["AvailabilityZones"])
    return f"{name} in {len(services[0]['AvailabilityZones'])} of {len(zones)} zones", ", ".join(lacking) or "none"


def _gateways(sides):
    return _of(sides.backup_gateway, "AWS").pages("list_gateways", "Gateways")


# NSX


def rule_get_missing(sides):
    """GET of a rule of the management gateway that is not there: the status and the code."""
    nsx = _of(sides.nsx, "NSX")
    strict = copy.copy(nsx.rest)
    strict.classify = lambda reply: ApiError
    try:
        strict.request("GET", f"{POLICY}{NOBODY}")
    except BadCredentials:
        raise
    except ApiError as failure:
        status = re.search(r"HTTP (\d+)", failure.message)
        if status is None or status[1] not in ("400", "404"):
            raise
        return f"HTTP {status[1]}, code {failure.code}", status[1]
    raise Error("There is a rule of that id.")


def deny_rule_listed(sides):
    """The rules of the management gateway: whether one that denies is among them."""
    found = _of(sides.nsx, "NSX").list(RULES)
    denying = [rule["id"] for rule in found if rule.get("action") != "ALLOW"]
    return f"{len(found)} rules, denying: {', '.join(denying) or 'none'}", "listed" if denying else "not listed"


def forwarder_looks_up(sides):
    """GET dns-forwarder/nslookup of the compute gateway."""
    nsx = _of(sides.nsx, "NSX")
    try:
        answer = path_nsx.lookup(nsx, CANARY)
    except BadCredentials:
        raise
    except ApiError as failure:
        return str(failure), "not answered"
    return answer["text"] or ", ".join(answer["addresses"]) or "nothing", "answered"


def cloud_service_on_direct_route(sides):
    """GET cloud-service/api/v1/infra/linked-vpcs where nsx_url is the NSX Manager itself."""
    nsx = _of(sides.nsx, "NSX")
    if "/vmc/reverse-proxy/" in nsx.rest.url:
        raise Error("NSX is reached through the reverse proxy; give nsx_url the address of the NSX Manager.")
    try:
        nsx.cloud_list("/infra/linked-vpcs")
    except BadCredentials:
        raise
    except ApiError as failure:
        return str(failure), "not there"
    return "a list", "there"


def learned_routes(sides):
    """GET cloud-service/api/v1/infra/external/routes/learned."""
    nsx = _of(sides.nsx, "NSX")
    try:
        found = path_nsx.learned_routes(nsx)
    except BadCredentials:
        raise
    except ApiError as failure:
        return str(failure), "not answered"
    return f"{len(found)} routes" + (
        ", the default route" if "0.0.0.0/0" in [each["network"] for each in found] else ""
    ), "answered"


def dns_zone_ids(sides):
    """The default DNS zone of each gateway's forwarder, by its id."""
    nsx = _of(sides.nsx, "NSX")
    found = {}
    for gateway in ("mgw", "cgw"):
        forwarder = nsx.get(f"/infra/tier-1s/{gateway}/dns-forwarder")
        if forwarder:
            found[gateway] = (forwarder.get("default_forwarder_zone_path") or "").rpartition("/")[2]
    if not found:
        raise Error("No gateway has a DNS forwarder.")
    same = found == {gateway: f"{gateway}-dns-zone" for gateway in found}
    return ", ".join(f"{gateway}: {zone}" for gateway, zone in found.items()), "as expected" if same else "others"


def forwarder_realization(sides):
    """The realized state of the compute gateway's DNS forwarder."""
    nsx = _of(sides.nsx, "NSX")
    try:
        status = nsx.request("GET", f"{POLICY}/infra/realized-state/status", params={"intent_path": FORWARDER})
    except BadCredentials:
        raise
    except ApiError as failure:
        return str(failure), "not told"
    return str(sorted(status or {})), "told" if status else "not told"


# VMware Cloud


def maintenance_told(sides):
    """GET reservations of the organisation: whether it is still answered, and tells of maintenance that runs."""
    found = _of(sides.vmc, "VMware Cloud").reservations()
    if found is None:
        return "no such resource", "not told"
    if not found:
        raise Error("It is answered, but there is no reservation.")
    keys = {key for each in found for key in each}
    return ", ".join(sorted(keys)), "told" if "in_maintenance_mode" in keys else "not told"


def task_type(sides):
    """GET tasks of the organisation: the types of those for an SDDC."""
    found = {task.get("task_type") for task in _of(sides.vmc, "VMware Cloud").tasks()}
    named = sorted(kind for kind in found if kind and "DNS" in kind.upper())
    if not named:
        raise Error("No task of the switch is remembered.")
    return ", ".join(named), named[0]


def stretched_connections(sides):
    """The connections of a stretched SDDC: how many."""
    _raw, found = _stretched(sides)
    return f"{len(found)} living connections", str(len(found))


def zones_mapped(sides):
    """The connected accounts: whether they map the zones of a stretched SDDC to the customer's, and which way round."""
    raw, links = _stretched(sides)
    accounts = sides.vmc.connected_accounts()
    if not any(each.get("region_to_az_to_shadow_mapping") for each in accounts):
        return "no map", "no"
    linked = {link.get("subnet_availability_zone") for link in links}
    vpcs = sides.nsx.cloud_list("/infra/linked-vpcs") if sides.nsx else []
    linked |= {subnet.get("availability_zone") for vpc in vpcs for subnet in vpc.get("linked_vpc_subnets") or []}
    fitting = sorted({way for way, _names in zone_maps(raw["resource_config"], linked, accounts)})
    if len(fitting) != 1:
        raise Error(f"It fits {' and '.join(fitting) or 'neither way'}.")
    return f"it fits {fitting[0]} only", fitting[0]


def witness_zone_listed(sides):
    """The document of a stretched SDDC: whether the witness's zone is among availability_zones."""
    raw, _found = _stretched(sides)
    config = raw["resource_config"]
    zones, witness = config.get("availability_zones") or [], config.get("witness_availability_zone")
    if not witness:
        raise Error("It names no witness.")
    return f"{', '.join(zones)}; witness {witness}", "listed" if witness in zones else "not listed"


def _document(sides):
    vmc = _of(sides.vmc, "VMware Cloud")
    raw = vmc.sddc(_of(sides.sddc_id, "The SDDC"))
    if raw is None:
        raise Error("There is no such SDDC.")
    return raw


def _stretched(sides):
    raw = _document(sides)
    if (raw.get("resource_config") or {}).get("deployment_type") != STRETCHED:
        raise Error("The SDDC is not stretched.")
    return raw, [each for each in sides.vmc.connections(raw["id"]) if each.get("state") != "DELETED"]


# vSphere


def further_datastore(sides):
    """The datastores in vCenter whose name begins with WorkloadDatastore."""
    return _further(sides, "Datastore", "WorkloadDatastore")


def further_pool(sides):
    """The resource pools in vCenter whose name begins with Compute-ResourcePool."""
    return _further(sides, "ResourcePool", "Compute-ResourcePool")


def _further(sides, kind, first):
    vcenter = _of(sides.vcenter, "vCenter")
    rows = vcenter.all(getattr(vim, kind), vcenter.content.rootFolder, ["name"]).values()
    found = sorted(row["name"] for row in rows if row["name"].startswith(first))
    further = [name for name in found if name != first]
    if not further:
        raise Error("There is one cluster only, or they have other names.")
    return ", ".join(found), further[0]


SUBJECT = "unconfirmed"
CHECKS = tuple(
    Check(probe.__name__, functools.partial(_settled, probe), name=" ".join(probe.__doc__.split()))
    for probe in (
        hypervisor_id_form,
        backup_gateway_page_size,
        empty_list_answer,
        region_types_listed,
        endpoint_service_lacks_zone,
        rule_get_missing,
        deny_rule_listed,
        forwarder_looks_up,
        cloud_service_on_direct_route,
        learned_routes,
        dns_zone_ids,
        forwarder_realization,
        maintenance_told,
        task_type,
        stretched_connections,
        zones_mapped,
        witness_zone_listed,
        further_datastore,
        further_pool,
    )
)
