# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person calls a thing of the inventory: its name, the end of its path or the whole of it, or its managed object id."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote

from ..clients.vsphere import Vsphere, step, throughout, vim
from ..errors import Ambiguous, Invalid

SWITCH = "config.distributedVirtualSwitch"


def pick(option: str, wanted: str | None, found: list, *usual: str, client: Vsphere | None = None):
    """The object that is called ``wanted``; when none was asked for the only one, or the only one with a ``usual`` name.

    Where a name alone does not say which, the ``client`` is asked for the paths.
    """
    if wanted is None:
        for candidates in (found, *([pair for pair in found if pair[0].startswith(prefix)] for prefix in usual)):
            if len(candidates) == 1:
                return candidates[0][1]
        raise Invalid(option, f"has to be named; there are: {_joined(found)}")
    named = [item for name, item in found if same(name, wanted)]
    if len(named) == 1:
        return named[0]
    objects = above(client, [item for _name, item in found]) if client and found else {}
    meant = named or [item for _name, item in found if is_meant(wanted, item, objects)]
    if not meant:
        raise Invalid(option, f"there is no {wanted}; there are: {_joined(found)}")
    if len(meant) > 1:
        raise Ambiguous(option, wanted, [f"{path_of(item, objects) or wanted} ({item})" for item in meant])
    return meant[0]


def above(client: Vsphere, items: list) -> dict:
    """Things and what is above them, and the switches of portgroups: object -> name and parent."""
    kinds = (vim.Folder, vim.Datacenter, vim.ComputeResource, vim.ResourcePool, vim.Datastore, vim.Network)
    properties = {kind: ["name", "parent"] for kind in kinds}
    properties[vim.dvs.DistributedVirtualPortgroup] = ["name", "parent", SWITCH]
    properties[vim.DistributedVirtualSwitch] = ["name"]
    along = [throughout(vim.ManagedEntity, "parent"), step(vim.dvs.DistributedVirtualPortgroup, SWITCH)]
    return client.read(items, properties, along)


def is_meant(wanted: str, item, objects: dict) -> bool:
    """Whether a thing is called so. A path that begins with a slash is the whole of it."""
    if wanted == getattr(item, "_moId", None):
        return True
    names = _names_down_to(item, objects)
    if not wanted.startswith("/"):
        switch = objects.get(item, {}).get(SWITCH)
        ways = [names, [*_names_down_to(switch, objects)[-1:], *names[-1:]]]
        return any(_ends(way, wanted) for way in ways)
    return len(names) == len(_parts(wanted)) and _ends(names, wanted)


def path_of(item, objects: dict) -> str:
    """The inventory path; without what is above, nothing."""
    names = _names_down_to(item, objects)
    return f"/{'/'.join(names)}" if names else ""


def same(one: str, other: str) -> bool:
    """Whether two names are one, however a slash, a percent sign or an accent in them is written."""
    return one == other or _plain(one) == _plain(other)


def _plain(name) -> str:
    return unicodedata.normalize("NFC", unquote(name))


def _parts(path) -> list:
    return path.strip("/").split("/")


def _ends(names, wanted) -> bool:
    parts = _parts(wanted)
    return len(names) >= len(parts) and all(same(*pair) for pair in zip(names[-len(parts) :], parts))


def _names_down_to(item, objects) -> list:
    """Without the folder at the top, which no path names."""
    names: list = []
    while item in objects and not (isinstance(item, vim.Folder) and objects[item].get("parent") is None):
        names.insert(0, objects[item]["name"])
        item = objects[item].get("parent")
    return names


def _joined(found) -> str:
    return ", ".join(sorted({name for name, _item in found})) or "none"
