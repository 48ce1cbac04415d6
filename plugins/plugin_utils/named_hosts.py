# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What machines and their groups are called in an inventory: each by a name of its own, whatever they are called in vCenter."""

from __future__ import annotations

import collections
import hashlib

ALL = "aws_backup"
GROUPED_BY = ("hypervisor", "folder", "tag", "protection")


def hosts(machines: list[dict], preferred: list[str]) -> dict[str, dict]:
    """Machine by host name: the first of the preferred ones that it has. Those that would be called the same have their id behind it."""
    wanted = [(_wanted(machine, preferred), machine) for machine in machines]
    counted = collections.Counter(name for name, _machine in wanted)
    named = {}
    for name, machine in wanted:
        unique = name if counted[name] == 1 else f"{name}_{machine['id']}"
        named[unique if unique not in named else machine["resource_arn"]] = machine
    return named


def _wanted(machine: dict, preferred: list[str]) -> str:
    found = (machine[each] for each in preferred)
    return next((name for name in found if name), machine["id"])


def folder_of(machine: dict) -> str:
    """The folder of a machine. Nobody has seen whether Path is that of the folder or ends in the machine's own name."""
    path = machine["path"].rstrip("/")
    return path[: -len(machine["name"]) - 1] if machine["name"] and path.endswith(f"/{machine['name']}") else path


def keys(machine: dict, by) -> list[tuple]:
    """What a machine is grouped by: each a kind, and what it is of that kind."""
    found: list[tuple] = []
    if "hypervisor" in by:
        found.append(("hypervisor", machine["hypervisor"]))
    if "folder" in by and folder_of(machine):
        found.append(("folder", folder_of(machine)))
    if "tag" in by:
        found += [("tag", key, value) for key, value in sorted(machine.get("tags", {}).items())]
    if "protection" in by and "protection" in machine:
        reason = machine["protection_reason"] if machine["protection"] == "unprotected" else ""
        found.append(("protection", machine["protection"], reason))
    return found


def parents(key: tuple) -> list[tuple]:
    """The groups that a group is in, from the nearest on."""
    if key[0] == "folder":
        upper = key[1].rpartition("/")[0]
        return [("folder", upper), *parents(("folder", upper))] if upper else []
    if key[0] == "protection" and key[2]:
        return [("protection", key[1], "")]
    return []


def group_names(wanted, safe) -> dict[tuple, str]:
    """Group by key, where ``safe(text)`` makes a text fit for a group. Those that would be called the same have a digest behind it."""
    plain = {key: safe(_called(key)) for key in wanted}
    counted = collections.Counter(plain.values())
    return {key: name if counted[name] == 1 else f"{name}_{_digest(key)}" for key, name in plain.items()}


def _called(key: tuple) -> str:
    if key[0] == "protection":
        return "_".join(filter(None, [ALL, "protection_unknown" if key[1] == "unknown" else key[1], key[2]]))
    return "_".join((key[0], *(part.strip("/") for part in key[1:]))).rstrip("_")


def _digest(key: tuple) -> str:
    return hashlib.sha256("\0".join(key).encode()).hexdigest()[:6]
