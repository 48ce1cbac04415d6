# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is given: variables, libraries, the image, the plan."""

from __future__ import annotations

import re

from ...engine.findings import Untold, broken, ok, unknown

VCENTER = ("hostname", "username", "password")
LIBRARY = re.compile(r"Python library \((\w+)\)")
LIBRARIES = {"pyvmomi": "pyVmomi"}


def unset(facts):
    wanted = ["vmc_backup_aws_region", "vmc_backup_ova", "vmc_backup_appliances"]
    if facts.on_vmc:
        wanted += [] if facts.without_cloud else ["vmc_backup_org_id", "vmc_backup_sddc_id"]
        wanted += ["vmc_backup_segment", "vmc_backup_control_addresses"]
    else:
        wanted += ["vmc_backup_vpc_id", "vmc_backup_subnet_ids"]
    missing = [name for name in wanted if not facts.has(name)]
    missing += [f"vmc_backup_vcenter_{name}" for name in VCENTER if name not in facts.vcenter_options]
    return broken(f"{', '.join(missing)}.") if missing else None


def all_given(facts):
    return ok("All that are needed are given." if unset(facts) is None else "Some are not given.")


def site(facts):
    untold = facts.identity.get("site_untold")
    return broken(untold) if untold else None


def image(facts):
    """Read where the appliances are deployed from, which may be a bastion."""
    found = facts.seen.get("vcenter", {}).get("images") or []
    unread = [each["path"] for each in found if not each["readable"]]
    where = f" on {facts.bastion}" if facts.bastion else ""
    return broken(f"{', '.join(unread)} cannot be read{where}.") if unread else None


def image_seen(facts):
    """Its address may hold a token, so that only a path is shown."""
    if not facts.has("vmc_backup_ova"):
        return unknown("vmc_backup_ova is not given.")
    seen = facts.seen.get("vcenter", {})
    if "images" in seen:
        return ok(f"{seen['images'][0]['path']}.")
    if "appliances" in seen:
        return ok("It is an address, and is read when an appliance is deployed.")
    return unknown("Nobody could look for it: there was no login to vCenter.")


def libraries(facts):
    lacking = LIBRARY.search(facts.seen.get("vcenter", {}).get("msg") or "")
    if not lacking:
        return None
    name = LIBRARIES.get(lacking[1], lacking[1])
    if facts.bastion:
        return broken(f"on {facts.bastion}, its interpreter lacks {name}.")
    return broken(f"{name}, for the interpreter of this host.")


def libraries_seen(facts):
    seen = facts.seen.get("vcenter", {})
    if seen.get("unreachable"):
        return unknown(f"{facts.bastion or 'The host'} could not be asked: {seen.get('msg') or 'it is not reached'}")
    return ok(f"For {facts.interpreter}{f' and on {facts.bastion}' if facts.bastion else ''}.")


def plan(facts):
    if isinstance(facts.plan, Untold):
        return broken(facts.plan)
    if "vmc_backup_appliances" in facts.given and not facts.plan:
        return broken("vmc_backup_appliances plans none.")
    return None


def planned(facts):
    if isinstance(facts.plan, Untold) or not facts.plan:
        return unknown("Planned: none.")
    places = [f"{each['name']} at {each['ip_address']}" for each in facts.plan]
    text = f"Planned: {', '.join(places)}."
    seen = "appliances" in facts.seen.get("vcenter", {}) and facts.has("vmc_backup_ova")
    return ok(text) if seen else unknown(f"{text} Whether they can be had is not seen yet.")


def uncovered(facts):
    """On VMware Cloud on AWS a disk is only backed up by an appliance whose host sees the disk's datastore."""
    stores = facts.seen.get("vcenter", {}).get("datastores") or []
    if isinstance(facts.plan, Untold) or not facts.plan or not facts.on_vmc:
        return None
    spoken_of = {_last(each.get("cluster")) for each in facts.given["vmc_backup_appliances"]}
    unseen = [
        each
        for each in stores
        if each["virtual_machine_count"]
        and each["clusters"]
        and not spoken_of & {*each["clusters"], *each["cluster_ids"]}
    ]
    if not unseen:
        return None
    told = ", ".join(
        f"{each['name']} of {', '.join(each['clusters'])} (virtual machines: {each['virtual_machine_count']})"
        for each in unseen
    )
    return broken(
        f"none is planned where a host sees {told}, so that AWS Backup cannot back up what is there.",
        "Plan one for the cluster in vmc_backup_appliances, or say there with a count of 0 that the cluster needs none.",
    )


def _last(path) -> str:
    """The name at the end of a cluster's path, or its id."""
    return str(path or "").rpartition("/")[2]
