# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the hosts of one play claim for themselves, and which claims only one of them can have."""

from __future__ import annotations

from collections import defaultdict

from ansible.errors import AnsibleError

from ..module_utils.errors import Invalid
from ..module_utils.plan import appliances
from .known_variables import VARIABLES
from .variables import is_given, typed

# What the endpoint of a VPC has once, whichever host asks for it, and what the role endpoint asks for where nothing is given.
OF_THE_ENDPOINT = {
    "vmc_backup_endpoint_name": "vmc-aws-backup",
    "endpoint_private_dns_enabled": False,
    "endpoint_ip_address_type": None,
    "endpoint_policy_document": None,
    "endpoint_vpc_endpoint_id": None,
}


def rivals_in(task_vars) -> list[str]:
    """One sentence for each thing that two hosts of the play would claim, be it a name, an address or an endpoint, which only one of them can have."""
    hosts, hostvars = task_vars.get("ansible_play_hosts_all") or [], task_vars["hostvars"]
    if len(hosts) < 2:
        return []
    return collisions(
        [_claims(host, _quietly(hostvars, host), hostvars[host].get("__prerequisites_readiness")) for host in hosts]
    )


def collisions(hosts: list[dict]) -> list[str]:
    """One sentence for each claim that more than one host makes.

    A host has ``host``, ``site_id``, ``vcenter``, ``name``, ``entries`` of its plan, ``region``, ``account``, ``vpc_id``, ``endpoint`` and ``shared``.
    What it does not say is empty. Accounts that nobody names may be one.
    """
    return [
        *_shared(hosts, _sites),
        *_shared(hosts, _names, apart=("region", "account")),
        *_shared(hosts, _addresses, apart=("vpc_id",)),
        *_endpoints(hosts),
    ]


def _sites(host):
    if host["site_id"]:
        yield f"are the site {host['site_id']}: copied inventory? Each host needs a vmc_backup_sddc_id or vmc_backup_site_id of its own"
    elif host["vcenter"]:
        yield f"have the vCenter {host['vcenter']}, and so the same identity: one host is one site"


def _names(host):
    yield f"would be called {host['name']}: give one of them another vmc_backup_name"
    for entry in host["entries"]:
        for name in dict.fromkeys((entry["entry"], entry["name"])):
            yield f"plan an appliance called {name}: give one of them another vmc_backup_name, or another name in its plan"


def _addresses(host):
    if host["vpc_id"]:
        for entry in host["entries"]:
            yield f"plan the address {entry['ip_address']} towards one VPC, {host['vpc_id']}"


def _endpoints(hosts):
    """One VPC has one endpoint for AWS Backup: who shares it has to ask for the same one."""
    of_vpc = defaultdict(list)
    for host in hosts:
        if host["vpc_id"]:
            of_vpc[host["vpc_id"]].append(host)
    for vpc_id, sharing in of_vpc.items():
        who = _joined(host["host"] for host in sharing)
        if len(sharing) < 2:
            continue
        for variable in OF_THE_ENDPOINT:
            if any(_asked(host, variable) != _asked(sharing[0], variable) for host in sharing):
                yield f"{who} share the endpoint of {vpc_id}, but do not give {variable} the same value."
        if not all(host["shared"] for host in sharing):
            yield f"{who} share the endpoint of {vpc_id}: endpoint_shared must be true for each of them."


def _asked(host, variable):
    held = host["endpoint"].get(variable)
    if held is not None and variable == "endpoint_policy_document":
        return _policy(held)
    return OF_THE_ENDPOINT[variable] if held is None else held


def _policy(held):
    """A policy as the service reads it, also when it is given as text; what is none, the role refuses."""
    from ..module_utils.clients.aws_forms import canonical_policy  # brings boto3 with it, which few hosts need

    try:
        return canonical_policy(held)
    except (AttributeError, TypeError, ValueError):
        return held


def _shared(hosts, claims, apart=()):
    """Sentences on what two hosts claim, unless something that both name tells them apart."""
    holders = defaultdict(list)
    for host in hosts:
        for claim in claims(host):
            holders[claim].append(host)
    for claim, found in holders.items():
        rivals = [host for host in found if any(_may_meet(host, other, apart) for other in found if other is not host)]
        if rivals:
            yield f"{_joined(host['host'] for host in rivals)} {claim}."


def _may_meet(one, other, apart) -> bool:
    return not any(one[key] and other[key] and one[key] != other[key] for key in apart)


def _joined(names) -> str:
    return " and ".join(sorted(set(names)))


def _quietly(hostvars, host):
    """Reads variables of any host of the play; what cannot be read or be meant, that host itself complains of."""

    def value(name):
        try:
            held = hostvars[host].get(name)
            return typed(name, held) if is_given(held) else VARIABLES[name].get("default")
        except (AnsibleError, Invalid):
            return None

    return value


def _claims(host, value, seen) -> dict:
    name = value("vmc_backup_name") or host
    site_id = value("vmc_backup_site_id") or value("vmc_backup_sddc_id") or ""
    return {
        "host": host,
        "site_id": site_id,
        "vcenter": "" if site_id else value("vmc_backup_vcenter_hostname") or "",
        "name": name,
        "entries": planned_of(value, name),
        "region": value("vmc_backup_aws_region") or "",
        "account": value("vmc_backup_backup_aws_account_id") or value("vmc_backup_aws_account_id") or "",
        "vpc_id": value("vmc_backup_vpc_id") or _connected_vpc(seen) or "",
        "endpoint": {variable: value(variable) for variable in OF_THE_ENDPOINT},
        "shared": value("endpoint_shared"),
    }


def planned_of(value, name) -> list:
    """The entries of a plan, none where it cannot be read."""
    try:
        return appliances(value("vmc_backup_appliances") or [], name)
    except Invalid:
        return []


def _connected_vpc(seen):
    """As an earlier task of the play saw it."""
    sddcs = (seen or {}).get("sddcs") or [{}]
    return (sddcs[0].get("connected_vpc") or {}).get("vpc_id")
