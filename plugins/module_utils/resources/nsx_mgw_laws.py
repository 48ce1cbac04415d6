# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the management gateway of VMware Cloud on AWS never accepts, said before it is asked."""

from __future__ import annotations

from ..errors import ApiError, Invalid
from ..extent import is_everywhere
from .nsx_group import Groups, group_path, is_known_system_group, is_system_defined

GROUPS = group_path("mgw", "")
SCOPES = {"/infra/labels/mgw", "/infra/tier-1s/mgw"}
PROTECTED = {"VCENTER", "ESXI", "NSX-MANAGER"}
MANAGED_SERVICES = {
    "ESXI": {"HTTPS", "ICMP-ALL", "VMware_Remote_Console", "VMware_VMotion"},
    "HCX": {"HTTPS", "HCX-ApplianceManagement", "ICMP_Echo_Request", "SSH"},
    "NSX-MANAGER": {"HTTPS", "ICMP-ALL"},
    "VCENTER": {"HTTPS", "ICMP-ALL", "SSO"},
}


class ManagementGateway:
    """What has to be asked of the gateway to judge a rule."""

    def __init__(self, nsx, groups: Groups):
        self.nsx = nsx
        self.groups = groups

    def system_groups(self, members) -> list[str]:
        """The ids of those members that are groups defined by the system."""
        return [member[len(GROUPS) :] for member in members if self._is_system_defined(member)]

    def everywhere(self, members, *, excluded: bool = False) -> str | None:
        """The first member that stands for all addresses, or all members that do so together."""
        alone = [member for member in members if is_everywhere(self.groups.sources([member]), excluded=excluded)]
        together = is_everywhere(self.groups.sources(members), excluded=excluded)
        return (alone[0] if alone else ", ".join(members)) if together else None

    def managed_services(self, group_id: str) -> set[str] | None:
        """The paths of the services that may be opened towards a system-defined group; ``None`` if that is not known."""
        known = {f"/infra/services/{name}" for name in MANAGED_SERVICES.get(group_id, ())}
        return (known | self._told_services(f"{GROUPS}{group_id}")) or None

    def _told_services(self, path) -> set[str]:
        try:
            told = self.nsx.cloud_list("/infra/mgmt-vms")
        except ApiError:  # an extra source beside the list above, and one that not every SDDC answers
            return set()
        entries = [service for vm in told if vm.get("group_path") == path for service in vm.get("services") or []]
        return {service["path"] for service in entries if service.get("path")}

    def _is_system_defined(self, member) -> bool:
        if not member.startswith(GROUPS):
            return False
        if is_known_system_group(member):
            return True
        raw = self.groups.get(member)
        return raw is not None and is_system_defined(member, raw)


def obey(rule: dict, gateway: ManagementGateway) -> None:
    """Raise Invalid for the first law that the rule breaks."""
    sources, destinations, services = rule["source_groups"], rule["destination_groups"], rule["services"]
    if rule["action"] != "ALLOW":
        raise _law("action", f"rules can only ALLOW, not {rule['action']}; what no rule allows is dropped")
    if sources == destinations == ["ANY"]:
        raise _law("source_groups", "source and destination cannot both be ANY")
    for option in ("source_groups", "destination_groups"):
        elsewhere = [member for member in rule[option] if member.startswith("/") and not member.startswith(GROUPS)]
        if elsewhere:
            raise _law(option, f"only groups of the domain mgw can be used, not {', '.join(elsewhere)}")
    if not set(rule["scope"]) <= SCOPES:
        raise _law("scope", f"the scope is {min(SCOPES)}, not {', '.join(rule['scope'])}")
    if rule["service_entries"]:
        raise _law("services", "only managed services can be opened, not service_entries of one's own")

    from_system, to_system = gateway.system_groups(sources), gateway.system_groups(destinations)
    if not (from_system or to_system):
        raise _law("destination_groups", "source or destination must be a system-defined group such as VCENTER or ESXI")
    if from_system:
        if services != ["ANY"]:
            raise _law("services", f"must be ANY when the source is a system-defined group ({', '.join(from_system)})")
        return
    _protect(gateway, rule, to_system)
    for group_id in to_system:
        _only_managed(gateway, services, group_id)


def _protect(gateway, rule, to_system):
    exposed = sorted(PROTECTED.intersection(to_system))
    everywhere = exposed and gateway.everywhere(rule["source_groups"], excluded=rule.get("sources_excluded", False))
    if everywhere:
        raise _law("source_groups", f"{', '.join(exposed)} cannot be opened to everybody ({everywhere})")


def _only_managed(gateway, services, group_id):
    if set(services) <= {f"/infra/services/{name}" for name in MANAGED_SERVICES.get(group_id, ())}:
        return
    managed = gateway.managed_services(group_id)
    refused = sorted(set(services) - managed) if managed else []
    if refused:
        raise _law(
            "services",
            f"towards {group_id} only the managed services {', '.join(sorted(managed))} can be opened, "
            f"not {', '.join(refused)}",
        )


def _law(option, text) -> Invalid:
    return Invalid(option, f"a law of the management gateway: {text}.")
