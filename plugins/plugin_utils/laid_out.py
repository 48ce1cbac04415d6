# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a role laid beside what there is: what it goes by, and what does not fit."""

from __future__ import annotations

import datetime

from ..module_utils.resources.gateway import ENTRY_TAG, INSTANCE_TAG
from ..module_utils.values import OWNER_KEY, OWNER_VALUE, SITE_KEY, addresses_of
from .assignment import assigned, is_another

SILENCE = 900  # seconds after which a gateway counts as silent
NO_ENDPOINT = ("rejected", "failed", "expired")


def laid_out(role: str, inputs: dict, machines=None, gateways=(), endpoints=(), deployed=()) -> dict:
    """What a role goes by, from what the action inputs returned and what its looks found. ``None`` for the machines: nobody could be asked.

    ``deployed`` is what the role appliance deployed before, or in a preview would have. What does not fit is ``refused``, a sentence each.
    """
    given = inputs["given"]
    retire = given.get("retire")
    asked, machines = machines is not None, list(machines or ())
    planned = inputs["planned"] if retire else inputs["appliances"]
    found = assigned(planned, machines, gateways, inputs["site_id"], retire)
    named = given.get("vmc_backup_teardown_unplanned") or []
    going = [one for one in found["beyond"] if {one["entry"], one["name"]} & set(named)]
    leaving = found["called"] if retire else found["entries"] + going if given["state"] == "absent" else []
    living = [one for one in endpoints if _may_be_meant(one, given.get("endpoint_vpc_endpoint_id"))]
    plan = {
        **found,
        "leaving": leaving,
        "dead": [one for one in gateways if inputs["site_was"] and one.get("site_id") == inputs["site_was"]],
        "gone": [one["gateway"]["gateway_arn"] for one in leaving if one["gateway"]],
        "deployed": {one["entry"]: one for one in deployed if one.get("entry") and not is_another(one)},
        "linked": all(one["gateway"].get("hypervisor") for one in found["entries"]),
        "serving": [one["entry"] for one in found["entries"] if _serves(one, deployed)],
        "clusters": _clusters(found["entries"]),
        "tester": _tester(found["entries"]),
        "due": _due(found["entries"]),
        "vpc_endpoint": next((one["dns_name"] for one in living), "") or "",
        # A hypervisor of an earlier version has no site's mark: a gateway of it whose machine is in this vCenter proves whose it is.
        "proven": any(one["machine"] and one["gateway"].get("hypervisor") for one in found["entries"]),
        "to_do": _to_do(given, _clusters(found["entries"])) if role == "appliance" else [],
    }
    everything = assigned(inputs["planned"], machines, gateways, inputs["site_id"])
    refused = [
        *_ambiguous(everything, [*given.get("retired", ()), retire]),
        *_lost_tags([*found["entries"], *found["beyond"]], gateways),
        *(_unfit(found, asked) if given["state"] == "present" and not retire else ()),
    ]
    if role == "registration":
        refused += _several_endpoints(living)
        refused += REFUSALS[given["step"]](inputs, plan, list(gateways))
    return {**plan, "refused": refused}


def _may_be_meant(endpoint, wanted) -> bool:
    return endpoint["state"] not in NO_ENDPOINT and wanted in (None, endpoint["vpc_endpoint_id"])


def _ambiguous(everything, names):
    """A name by which one is given up is that of one only, whatever it is the name of."""
    entries = [*everything["entries"], *everything["beyond"]]
    for name in dict.fromkeys(filter(None, names)):
        meant = [one for one in entries if name in _called_by(one)]
        if len(meant) > 1:
            each = "; ".join(
                f"the entry {one['entry']}, whose gateway is called {one['gateway'].get('name') or '(none)'} "
                f"and whose appliance {one['machine'].get('name') or '(none)'}"
                for one in meant
            )
            yield f"{name} may be any of these: {each}. Give the gateways in AWS Backup and the machines in vSphere names that tell them apart."


def _called_by(entry) -> set:
    return {entry["entry"], entry["name"], entry["gateway"].get("name"), entry["machine"].get("name")}


def _lost_tags(entries, gateways):
    """A gateway whose ARN an appliance of ours carries is that appliance's, also where it has lost its own marks."""
    known = {one["gateway_arn"]: one for one in gateways}
    for entry in entries:
        machine, gateway = entry["machine"], known.get(entry["machine"].get("gateway_arn"))
        if gateway and gateway["gateway_arn"] != entry["gateway"].get("gateway_arn"):
            yield (
                f"The appliance {machine['name']} carries the ARN of the gateway {gateway['name']} ({gateway['gateway_arn']}), which does not "
                f"say that it is this appliance's. Give it its tags back, {OWNER_KEY}={OWNER_VALUE}, {SITE_KEY}, {ENTRY_TAG}={entry['entry']} and "
                f"{INSTANCE_TAG}={machine['instance_uuid']}, or take the mark vmc-aws-backup.gateway off the appliance."
            )


def _unfit(found, asked):
    """What is planned takes no address from what is there, and nothing is deployed in the place of a machine that is gone."""
    carried = {
        address: one for one in [*found["entries"], *found["beyond"]] for address in addresses_of(one["machine"])
    }
    for entry in found["entries"]:
        rival = carried.get(entry.get("ip_address"))
        if rival and rival is not entry:
            yield (
                f"{entry['entry']} is planned with {entry['ip_address']}, which the appliance {rival['machine']['name']} of this site has, the entry "
                f"{rival['entry']}. Was vmc_backup_name, a cluster's name or the order of the plan changed? Change it back, or plan another address."
            )
        if entry["gateway"] and not entry["machine"] and asked:
            yield (
                f"The gateway {entry['gateway']['name']} of {entry['entry']} has no appliance in this vCenter any more, and would have to be replaced: "
                f"plan a second address for its cluster, and run vmc.aws_backup.replace_gateway with vmc_backup_replace={entry['entry']}."
            )


def _several_endpoints(living):
    if len(living) > 1:
        yield (
            f"{', '.join(one['vpc_endpoint_id'] for one in living)}: several endpoints of this collection in one VPC. "
            "Say which one is meant with endpoint_vpc_endpoint_id, or remove the others."
        )


def _serves(entry, deployed) -> bool:
    """Whether the role appliance has just seen it run at its planned address."""
    seen = next((one for one in deployed if one.get("entry") == entry["entry"]), {})
    return bool(seen.get("powered_on") and entry["machine"] and entry["ip_address"] in addresses_of(seen))


def _clusters(entries) -> list:
    """The entries of each cluster, under its name."""
    together: dict = {}
    for one in entries:
        together.setdefault(one["cluster"], []).append(one)
    return [{"name": name, "appliances": held} for name, held in sorted(together.items())]


def _to_do(given, clusters) -> list:
    """What only a person can do on VMware Cloud on AWS."""
    if not (given["appliance_spread"] and given["state"] == "present" and given["vmc_backup_platform"] == "vmc"):
        return []
    return [
        f"You must do: give {', '.join(one['name'] for one in each['appliances'])} of {each['name']} a common vSphere tag "
        "(appliance_tags), and make a VM-VM anti-affinity compute policy for it (vSphere Client, Policies and Profiles, Compute Policies). "
        "Without it one host may run both, and its loss stops both."
        for each in clusters
        if len(each["appliances"]) > 1
    ]


def _due(entries) -> list:
    """The entries for whose gateways AWS has newer software now, each with whether it is ``alone``: no other one of its cluster serves."""
    now = datetime.datetime.now(datetime.timezone.utc)
    limit = (now - datetime.timedelta(seconds=SILENCE)).isoformat()
    serving = [
        one
        for one in entries
        if one["gateway"].get("hypervisor") and (one["gateway"].get("last_seen_time") or "") > limit
    ]
    return [
        {**one, "alone": not any(each["cluster"] == one["cluster"] for each in serving if each is not one)}
        for one in entries
        if (one["gateway"].get("next_update_availability_time") or "9999") <= now.isoformat()
    ]


def _tester(entries) -> str:
    """The gateway that AWS Backup heard of last: one that is off cannot test anything, and another may."""
    heard = [one["gateway"] for one in entries if one["gateway"].get("last_seen_time")]
    return max(heard, key=lambda one: str(one["last_seen_time"]))["gateway_arn"] if heard else ""


def _refused_present(_inputs, plan, _gateways):
    missing = [one for one in plan["entries"] if not one["machine"] and not one["gateway"]]
    without = [one["entry"] for one in missing if one["entry"] not in plan["deployed"]]
    if without:
        yield " ".join(
            [
                f"There is no appliance for {', '.join(without)}. The tag appliance deploys what is planned.",
                *plan["copies"],
            ]
        )


def _refused_absent(inputs, plan, _gateways):
    unnamed = [one["name"] for one in plan["beyond"] if one not in plan["leaving"]]
    if unnamed:
        yield (
            f"{', '.join(unnamed)}: gateways or appliances of {inputs['host']} that vmc_backup_appliances does not plan. "
            "Plan them, or name them in vmc_backup_teardown_unplanned, and they are removed as well."
        )
    yield from _foreign_disks(plan["leaving"])
    if inputs["site_gone"]:
        yield from _still_heard(inputs, plan["leaving"])


def _still_heard(inputs, leaving):
    """A site whose gateways speak is not gone, whoever says so."""
    limit = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=SILENCE)).isoformat()
    for gateway in (one["gateway"] for one in leaving):
        if (gateway.get("last_seen_time") or "") > limit:
            yield (
                f"vmc_backup_site_gone: the gateway {gateway['name']} was heard of at {gateway['last_seen_time']}, so that {inputs['site_id']} is "
                "not gone. If it went since, wait a quarter of an hour."
            )


def _refused_retire(inputs, plan, gateways):
    name = inputs["given"]["retire"]
    if not plan["leaving"]:
        sites = {one["site_id"]: True for one in gateways if one["name"] == name}
        others = [site for site in sites if site not in ("", inputs["site_id"])]
        of_others = f" It is of another site, {', '.join(others)}." if others else ""
        yield f"{name} is no gateway of {inputs['name']}: nothing of this site is planned or called so.{of_others}"
    elif not plan["successors"]:
        yield f"{name} is the only gateway planned for its cluster, and one of another cluster does not see its disks."
    yield from _foreign_disks(plan["leaving"])


def _foreign_disks(leaving):
    for machine in (one["machine"] for one in leaving):
        if machine.get("foreign_disks"):
            yield (
                f"Disks of other virtual machines hang on {machine['name']}, probably of a backup that runs or broke off: "
                f"{', '.join(machine['foreign_disks'])}. Let the backup end, or detach these disks in vSphere without deleting their files."
            )


REFUSALS = {
    "present": _refused_present,
    "absent": _refused_absent,
    "ask": _refused_absent,
    "retire": _refused_retire,
    "update": lambda *_all: (),
}
