# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default DNS zones, and the servers that they are to ask."""

from __future__ import annotations

import re

from ...engine.findings import Untold, broken, ok, unknown

NO_NAME = re.compile(r"[0-9.]*|.*:.*")


def _asked_for(facts) -> bool:
    return facts.given["prerequisites_dns_zones"] != "skip" and "vmc_backup_dns_servers" in facts.given


def _servers(facts) -> str:
    return ", ".join(facts.given.get("vmc_backup_dns_servers") or [])


def _different(facts) -> list:
    """The gateways whose default zone asks other servers."""
    if not _asked_for(facts) or isinstance(facts.dns_zones, Untold):
        return []
    wanted = facts.given["vmc_backup_dns_servers"]
    found = [each for each in facts.dns_zones if each["default"] and each["upstream_servers"] != wanted]
    return sorted({gateway for each in found for gateway in each["gateways"]})


def is_written(facts) -> bool:
    return facts.given["prerequisites_dns_zones"] == "enforce" and "vmc_backup_dns_servers" in facts.given


def to_come(facts) -> bool:
    return is_written(facts) and bool(_different(facts))


def names(facts) -> list:
    """The names on which the SDDC depends, by which servers are tried before the default zones ask them."""
    if not to_come(facts):
        return []
    sddc = facts.sddc if isinstance(facts.sddc, dict) else {}
    hosts = [facts.given.get("vmc_backup_vcenter_hostname") or "", sddc.get("vcenter_hostname") or ""]
    named = [each for each in hosts if not NO_NAME.fullmatch(each)]
    return list(dict.fromkeys([*named, *facts.endpoint_names, *facts.given.get("prerequisites_dns_canaries", [])]))


def zones(facts):
    if not _asked_for(facts) or isinstance(facts.mgw_groups, Untold):
        return None
    return unknown(facts.dns_zones) if isinstance(facts.dns_zones, Untold) else None


def servers(facts):
    if facts.given["prerequisites_dns_zones"] != "check" or not _different(facts):
        return None
    return broken(
        f"the default zones of {' and '.join(_different(facts))} do not ask {_servers(facts)}.",
        "Change them, or let prerequisites_dns_zones: enforce do it.",
    )


def can_be_tried(facts):
    if not to_come(facts) or names(facts):
        return None
    return broken(
        f"vCenter has no name and there is no endpoint yet, so nothing shows whether {_servers(facts)} answer.",
        "Give prerequisites_dns_canaries, names on which the SDDC depends.",
    )


def answer(facts):
    """None while nobody has asked the servers yet."""
    seen = facts.seen.get("dns")
    if not names(facts) or not seen:
        return None
    if "answers" not in seen:
        return unknown(seen.get("msg") or "the servers could not be asked.")
    silent = [
        f"{each['server']} for {each['name']}: {each['error']}" for each in seen["answers"] if not each["answered"]
    ]
    return (
        broken(f"the default zones must not ask servers that do not answer: {'; '.join(silent)}.") if silent else None
    )


def zones_seen(facts):
    if isinstance(facts.dns_zones, Untold):
        return unknown("NSX did not tell.")
    found = [each for each in facts.dns_zones if each["default"]]
    return ok(
        " ".join(f"{' and '.join(each['gateways'])} asks {', '.join(each['upstream_servers'])}." for each in found)
    )
