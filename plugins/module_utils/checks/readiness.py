# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether everything is there that AWS Backup needs: one row for each thing that people know by name, with the checks that belong to it."""

from __future__ import annotations

from typing import Callable, NamedTuple

from ..engine.findings import Check, Untold, finding, ok, skipped, unknown, verdict
from ..ownership import is_ours
from . import path
from .prerequisites import activation, aws, dns, given, sddc, unexpected

SUBJECT = "readiness"
ROLE = "prerequisites"


class Row(NamedTuple):
    """What people know by a number or a name. ``seen(facts)`` says what there is of it; ``option`` is the variable that may leave it out."""

    id: str
    title: str
    seen: Callable
    number: int | str = ""
    option: str = ""
    of_vmc: bool = False


def _hops(facts) -> list[dict]:
    """The hops, with who mends each of them here."""
    if isinstance(facts.path, Untold):
        return []
    return [{**hop, "mended_by": _mender(hop, facts)} for hop in path.judge(facts.path)]


def _mender(hop, facts) -> str:
    does = {
        "segment": sddc.segment_to_come,
        "vcenter_name": lambda facts: facts.given["prerequisites_vcenter_resolution"] == "enforce",
        "dns": dns.to_come,
        "compute_gateway": lambda facts: not _stopped_before(hop, facts),
        "ntp": lambda facts: not _stopped_before(hop, facts),
    }
    mends = hop["id"] not in does or does[hop["id"]](facts)
    return hop["mended_by"] if mends else ""


def _stopped_before(hop, facts) -> bool:
    """A rule that stops the appliances before the one of the role firewall comes stays in the way."""
    rules = [] if isinstance(facts.cgw_rules, Untold) else facts.cgw_rules
    place = int(facts.given.get("firewall_cgw_sequence_number", 20)) + (hop["id"] == "ntp")
    earlier = [
        each for each in rules if each["action"] != "ALLOW" and not each["disabled"] and each["sequence_number"] < place
    ]
    return any(f"rule {each['id']} of the compute gateway" in hop["evidence"] for each in earlier)


def _path_seen(facts):
    if isinstance(facts.path, Untold):
        return unknown(facts.path)
    hops = _hops(facts)
    told = [
        f"{verdict}: {', '.join(hop['id'] for hop in hops if hop['verdict'] == verdict)}"
        for verdict in ("ok", "broken", "costly", "unknown", "skipped")
        if any(hop["verdict"] == verdict for hop in hops)
    ]
    costs = [f"{hop['evidence']} {hop['change']}" for hop in hops if hop["verdict"] == "costly"]
    return ok(" ".join([f"{'; '.join(told)}.", *costs]))


ROWS = (
    Row(
        "vcenter_resolution",
        "vCenter's name leads to its private address",
        sddc.name_seen,
        1,
        "prerequisites_vcenter_resolution",
        True,
    ),
    Row("dns_zones", "Default DNS zones", dns.zones_seen, 2, "prerequisites_dns_zones", True),
    Row(
        "control_access",
        "Management gateway lets the tasks in to vCenter and ESXi",
        sddc.lets_in_seen,
        3,
        "prerequisites_control_access",
        True,
    ),
    Row("segment", "Segment of the appliances", sddc.segment_seen, 4, "prerequisites_segment", True),
    Row("account", "AWS accounts", aws.accounts_seen, 5),
    Row("vpc", "VPC of the endpoint", aws.vpc_seen, 6),
    Row("path", "Path of the appliances", _path_seen, 7),
    Row("opt_in", "Service opt-in for virtual machines", aws.opt_in_seen, 8, "prerequisites_opt_in"),
    Row("variables", "Variables", given.all_given),
    Row("libraries", "Libraries", given.libraries_seen),
    Row("image", "Appliance image", given.image_seen),
    Row("sddc", "SDDC", sddc.seen, of_vmc=True),
    Row("nsx", "NSX", sddc.nsx_seen, of_vmc=True),
    Row("vcenter", "vCenter", sddc.login_seen),
    Row("appliances", "Appliances", given.planned),
    Row("iam_roles", "Roles of AWS Backup", aws.roles_seen, option="prerequisites_iam_roles"),
    Row("kms_key", "Customer managed key", aws.key_seen, option="prerequisites_kms_key"),
    Row("endpoint", "Endpoint and its security group", aws.endpoint_seen),
    Row("activation", "Way to the activation page", activation.seen, of_vmc=True),
)
CHECKS = (
    Check("variables_given", given.unset, "variables", "Variables"),
    Check("site_known", given.site, "variables", "Site"),
    Check("cloud_credentials", sddc.token, "sddc", "VMware Cloud"),
    Check("libraries", given.libraries, "libraries", "Python"),
    Check("image_readable", given.image, "image", "Appliance image"),
    Check("plan", given.plan, "appliances", "Appliances"),
    Check("sddc_there", sddc.there, "sddc", "SDDC", necessary=True),
    Check("sddc_ready", sddc.ready, "sddc", "SDDC"),
    Check("sddc_quiet", sddc.quiet, "sddc", "SDDC"),
    Check("sddc_region", sddc.region, "sddc", "Region"),
    Check("link_active", aws.link, "vpc", "Connected VPC"),
    Check("vcenter_name_private", sddc.private_name, "vcenter_resolution", "vCenter", mended_by=ROLE),
    Check("vcenter_of_sddc", sddc.its_own, "vcenter", "vCenter", severity="warning"),
    Check("vcenter_login", sddc.login, "vcenter", "vCenter", necessary=True),
    Check("vcenter_release", sddc.release, "vcenter", "vCenter", severity="warning"),
    Check("nsx_names_free", sddc.foreign_objects, "nsx", "NSX"),
    Check("nsx_objects_uncopied", sddc.copied_objects, "nsx", "NSX", severity="warning"),
    Check("management_unexposed", unexpected.exposed, "nsx", "NSX", severity="warning"),
    Check("nsx_objects_planned", unexpected.unplanned_objects, "nsx", "NSX", severity="warning"),
    Check("nsx_answers", sddc.nsx, "nsx", "NSX", necessary=True),
    Check("segment_there", sddc.segment, "segment", "Segment", mended_by=ROLE, necessary=True),
    Check("dns_zones_told", dns.zones, "dns_zones", "DNS", necessary=True),
    Check("dns_zones_ask", dns.servers, "dns_zones", "DNS", mended_by=ROLE),
    Check("dns_servers_can_be_tried", dns.can_be_tried, "dns_zones", "DNS"),
    Check("dns_servers_answer", dns.answer, "dns_zones", "DNS", necessary=True),
    Check("opted_in", aws.opt_in, "opt_in", "Service opt-in", mended_by=ROLE, necessary=True),
    Check("roles_there", aws.roles, "iam_roles", "Roles", mended_by=ROLE, necessary=True),
    Check("control_addresses", sddc.one_address, "control_access", "Activation port"),
    Check("account_answers", aws.account, "account", "AWS", necessary=True),
    Check("endpoint_account_answers", aws.endpoint_account, "account", "AWS, for the endpoint", necessary=True),
    Check("account_asserted", aws.asserted, "account", "AWS account"),
    Check("endpoint_account_asserted", aws.endpoint_asserted, "account", "AWS account"),
    Check("service_offered", aws.offered, "vpc", "Region"),
    Check("gateways_told", aws.gateways, "account", "AWS Backup", necessary=True),
    Check("gateways_maintained", aws.outdated, "account", "Gateway software", severity="warning"),
    Check("gateways_planned", unexpected.unplanned_gateways, "account", "Gateways", severity="warning"),
    Check("gateways_known", unexpected.strangers, "account", "Gateways", severity="warning"),
    Check("subnets_there", aws.subnets, "vpc", "Subnets"),
    Check("zones_served", aws.served, "vpc", "Availability zone"),
    Check("link_owner", aws.owner, "account", "AWS account"),
    Check("clusters_covered", given.uncovered, "appliances", "Appliances", severity="warning"),
    Check("further_zones", aws.further_zones, "vpc", "Cost"),
    Check("another_vpc", aws.another_vpc, "vpc", "Cost"),
    Check("activation_source", activation.source, "activation", "Activation"),
    Check("activation_comes_back", activation.comes_back, "activation", "Activation"),
    Check("activation_reached", activation.reached, "activation", "Activation", severity="warning"),
    Check("activation_readable", activation.readable, "activation", "Activation", severity="warning"),
    Check(
        "activation_closed", activation.closed, "activation", "Activation", mended_by="registration", severity="warning"
    ),
)


def judge(facts) -> list[dict]:
    """A finding for each row, one for each check that has something to say, and those on the path."""
    found = []
    for row in ROWS:
        of_row = Check(row.id, row.seen, row.id, row.title)
        reason = _left_out(row, facts)
        found.append(finding(SUBJECT, of_row, skipped(reason) if reason else verdict(row.seen, facts)))
        if not reason:
            said = ((check, verdict(check.ask, facts)) for check in CHECKS if check.of == row.id)
            found += [finding(SUBJECT, check, each) for check, each in said if each]
    return found + [{**hop, "kind": "path", "name": "Path"} for hop in _hops(facts)]


def to_try(facts) -> list[str]:
    """Of what may still be refused, that of which enough is seen to try it without writing."""
    planned = bool(facts.plan) and not isinstance(facts.plan, Untold)
    has_network = "vmc_backup_segment" in facts.given or "appliance_networks" in facts.given
    segments = [] if isinstance(facts.segments, Untold) else facts.segments
    told_account = not isinstance(facts.account, Untold)
    lets_in = _enforced(facts, "control_access") and isinstance(facts.mgw_groups, list)
    ours = not segments or any(is_ours(each["tags"]) for each in segments)
    return [
        name
        for name, can_be in (
            ("whose", not isinstance(facts.gateways, Untold) and set(given.VCENTER) <= set(facts.vcenter_options)),
            ("appliances", planned and has_network and facts.has("vmc_backup_ova") and sddc.logs_in(facts)),
            ("endpoint", planned and facts.vpc_id and facts.subnet_ids and isinstance(facts.endpoint_account, dict)),
            ("region_settings", _enforced(facts, "opt_in") and told_account),
            ("kms_key", _enforced(facts, "kms_key") and told_account),
            ("iam_role", _enforced(facts, "iam_roles") and told_account),
            ("segment", sddc.segment_to_come(facts) and not isinstance(facts.segments, Untold) and ours),
            ("dns_zone", dns.is_written(facts) and not isinstance(facts.dns_zones, Untold)),
            ("group", lets_in),
            ("mgw_rule", lets_in),
            ("vcenter_dns", _enforced(facts, "vcenter_resolution") and isinstance(facts.sddc, dict)),
            ("addresses", planned and segments and facts.given.get("firewall_static_bindings", True)),
        )
        if can_be
    ]


def _enforced(facts, what) -> bool:
    return facts.given[f"prerequisites_{what}"] == "enforce"


def _left_out(row, facts) -> str:
    if row.of_vmc and not facts.on_vmc:
        return "There is no VMware Cloud on AWS here (vmc_backup_platform: vsphere)."
    if row.id == "sddc" and facts.without_cloud:
        return "Nothing is asked of VMware Cloud."
    if row.option and facts.given.get(row.option) == "skip":
        return f"Left out by {row.option}: skip."
    if row.id == "dns_zones" and "vmc_backup_dns_servers" not in facts.given:
        return "vmc_backup_dns_servers names no servers of the organisation."
    return ""
