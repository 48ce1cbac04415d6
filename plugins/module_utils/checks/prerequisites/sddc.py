# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SDDC, its vCenter and its NSX."""

from __future__ import annotations

import re

from ...engine.findings import Untold, broken, ok, unknown
from ...ownership import is_ours, site_of

ALONE = re.compile(r"[0-9.]+(/32)?|[0-9a-fA-F:]+(/128)?")
OWN = (
    "control appliances endpoint control-to-vcenter control-to-esxi appliances-to-vcenter appliances-to-esxi "
    "appliances-to-endpoint ntp appliances-to-ntp activation"
).split()
LISTED = ("6.7", "7.0", "8.")  # docs.aws.amazon.com/aws-backup/latest/devguide/vm-backups.html
STALE = "What is seen of it now may be stale, and corrections wait"


def _sddc(facts) -> dict:
    return facts.sddc if isinstance(facts.sddc, dict) else {}


def token(facts):
    if not facts.on_vmc or facts.has_token or facts.without_cloud:
        return None
    return broken(
        "vmc_backup_api_token, or vmc_backup_client_id and vmc_backup_client_secret.",
        "With vmc_backup_nsx_auth: basic neither is needed if vmc_backup_vpc_id and vmc_backup_subnet_ids are given.",
    )


def there(facts):
    if not facts.names_sddc:
        return None
    if facts.sddc is None:
        return broken(f"there is none with the id {facts.given['vmc_backup_sddc_id']}")
    return unknown(facts.sddc) if isinstance(facts.sddc, Untold) else None


def ready(facts):
    state = _sddc(facts).get("sddc_state", "READY")
    return None if state == "READY" else broken(f"its state is {state}, not READY. {STALE}.")


def quiet(facts):
    if _sddc(facts).get("maintenance_state") != "RUNNING":
        return None
    return broken(f"VMware maintains or upgrades it. {STALE} until it has ended.")


def region(facts):
    found, given = _sddc(facts).get("region"), facts.given.get("vmc_backup_aws_region")
    if not found or not given or found == given:
        return None
    return broken(f"the SDDC is in {found}, vmc_backup_aws_region is {given}.")


def seen(facts):
    if not _sddc(facts):
        return unknown("VMware Cloud did not tell.")
    found = facts.sddc
    return ok(f"{found['name'] or ''}, {found['version']}, {found['region']}, {found['sddc_state']}.")


def nsx(facts):
    return unknown(facts.mgw_groups) if facts.names_nsx and isinstance(facts.mgw_groups, Untold) else None


def nsx_seen(facts):
    return unknown("It was not asked.") if isinstance(facts.mgw_groups, Untold) else ok("It answers.")


def own_ids(facts) -> set:
    """What this collection calls its objects in the NSX of the site."""
    return {f"{facts.name}-{word}" for word in OWN}


def foreign_objects(facts):
    """Objects of NSX with names of ours that somebody else has made."""
    lists = (facts.mgw_groups, facts.cgw_groups, facts.mgw_rules, facts.cgw_rules)
    if facts.adopts or any(isinstance(each, Untold) for each in lists):
        return None
    own = own_ids(facts)
    found = sorted(
        {each["id"] for listed in lists for each in listed if each["id"] in own and not is_ours(each["tags"])}
    )
    if not found:
        return None
    return broken(
        f"{', '.join(found)} would be this collection's, but somebody else has made what is called so.",
        "Give it another name, or set vmc_backup_name.",
    )


def copied_objects(facts):
    """This NSX is of one site: what carries the mark of another one was copied."""
    lists = (facts.mgw_groups, facts.cgw_groups, facts.mgw_rules, facts.cgw_rules)
    ours = ("", facts.identity.get("site_id") or "", facts.identity.get("site_was") or "")
    found = [
        f"{each['id']} carries the mark of another site, {site_of(each['tags'])}"
        for listed in lists
        if not isinstance(listed, Untold)
        for each in listed
        if site_of(each["tags"]) not in ours
    ]
    if not found:
        return None
    return broken(
        f"{', '.join(found)}, so that it was copied. Nothing changes or removes it.",
        "Remove it, or take its tags off if it is meant.",
    )


def its_own(facts):
    """AWS Backup would be registered with the vCenter that is given, whoever's it is."""
    found, given = _sddc(facts), facts.given.get("vmc_backup_vcenter_hostname")
    own = [found.get(each) for each in ("vcenter_hostname", "vcenter_management_ip", "vcenter_public_ip")]
    if not given or not own[0] or given.lower() in [each.lower() for each in own if each]:
        return None
    return broken(
        f"vmc_backup_vcenter_hostname is {given}, and the vCenter of this SDDC is {own[0]}.",
        "Give that name, unless the other one leads to it.",
    )


def private_name(facts):
    found = _sddc(facts)
    if facts.given["prerequisites_vcenter_resolution"] != "check" or found.get(
        "dns_with_management_vm_private_ip", True
    ):
        return None
    return broken(
        "its name resolves to the public address, and traffic of the appliances would arrive with an address that no rule names.",
        "Set the vCenter Server FQDN resolution address to private, or let prerequisites_vcenter_resolution: enforce do it.",
    )


def name_seen(facts):
    found = _sddc(facts)
    if not found:
        return unknown("VMware Cloud did not tell.")
    private = found["dns_with_management_vm_private_ip"]
    where = (
        f"private address {found['vcenter_management_ip']}"
        if private
        else f"public address {found['vcenter_public_ip']}"
    )
    return ok(f"{found['vcenter_hostname'] or ''} is set to resolve to its {where}.")


# vCenter, as a task saw it that runs where the appliances are deployed from


def _vcenter(facts) -> dict:
    return facts.seen.get("vcenter") or {}


def logs_in(facts) -> bool:
    return "appliances" in _vcenter(facts)


def unanswered(facts) -> bool:
    return (_vcenter(facts).get("error") or {}).get("code") == "TimeoutError"


def in_reach(facts) -> bool:
    """Out of reach is what does not answer while the rule that lets the tasks in, or its group, is not in order yet."""
    if not unanswered(facts) or not facts.on_vmc or facts.given["prerequisites_control_access"] != "enforce":
        return True
    return let_in(facts)


def let_in(facts) -> bool:
    """Whether the tasks are let in already; what NSX does not tell may be so."""
    if isinstance(facts.mgw_rules, Untold) or isinstance(facts.mgw_groups, Untold):
        return True
    rules = [
        each for each in facts.mgw_rules if each["id"] == f"{facts.name}-control-to-vcenter" and not each["disabled"]
    ]
    groups = [each for each in facts.mgw_groups if each["id"] == f"{facts.name}-control"]
    inside = {address for each in groups for address in each["ip_addresses"] or []}
    wanted = {address.replace("/32", "") for address in facts.given.get("vmc_backup_control_addresses") or []}
    return bool(rules) and wanted <= inside


def login(facts):
    found = _vcenter(facts)
    if logs_in(facts) or not found.get("msg") or not in_reach(facts) or "Python library" in found["msg"]:
        return None
    return unknown(found["msg"])


def login_seen(facts):
    if logs_in(facts):
        return ok("The login works.")
    if not in_reach(facts):
        return unknown("It is out of reach until the tasks are let in, see 3.")
    return unknown("There was no login.")


def release(facts):
    """Whether it is one of the releases that AWS lists for AWS Backup."""
    found = next(iter(_vcenter(facts).get("vcenters") or []), {}).get("version") or ""
    if not found or found.startswith(LISTED):
        return None
    return broken(
        f"it is vSphere {found}, and AWS lists 8, 7.0 and 6.7 for AWS Backup. VMware Cloud Foundation 9, which Amazon EVS offers, is none of these.",
        "Ask AWS before you rely on it, and restore a virtual machine to see that it works.",
    )


def lets_in_seen(facts):
    if isinstance(facts.mgw_groups, Untold):
        return unknown("NSX did not tell.")
    asked = f"Asked for are rules from {', '.join(facts.given.get('vmc_backup_control_addresses') or [])}"
    if logs_in(facts):
        return ok(f"{asked}; vCenter answers from where the tasks run.")
    if unanswered(facts):
        return ok(f"{asked}; vCenter does not answer from where the tasks run.")
    return ok(f"{asked}; whether vCenter answers from where the tasks run is not known.")


def one_address(facts):
    found = [each for each in facts.given.get("vmc_backup_control_addresses") or [] if not ALONE.fullmatch(each)]
    if not found:
        return None
    return broken(
        f"vmc_backup_control_addresses has {', '.join(found)}, which is more than one address. Whoever asks an appliance first owns it."
    )


# The segment


def segment_to_come(facts) -> bool:
    return facts.given["prerequisites_segment"] == "enforce" and "prerequisites_segment_gateway_address" in facts.given


def segment(facts):
    if "vmc_backup_segment" not in facts.given or isinstance(facts.mgw_groups, Untold):
        return None
    if isinstance(facts.segments, Untold):
        return unknown(facts.segments)
    if facts.segments or segment_to_come(facts):
        return None
    return broken(
        f"there is no {facts.given['vmc_backup_segment']}.",
        "Make it, or give prerequisites_segment_gateway_address and leave prerequisites_segment at enforce.",
    )


def segment_seen(facts):
    if isinstance(facts.segments, Untold):
        return unknown("NSX did not tell.")
    if not facts.segments:
        return ok(f"There is none with the id {facts.given['vmc_backup_segment']}.")
    return ok(
        " ".join(
            f"{each['id']}, {each['type']}, {', '.join(subnet['gateway_address'] for subnet in each['subnets'])}."
            for each in facts.segments
        )
    )
