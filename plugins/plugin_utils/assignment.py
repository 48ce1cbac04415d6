# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which virtual machine and which gateway belong to which entry of the plan, and which belong to none."""

from __future__ import annotations

from ..module_utils.values import OWNER_KEY, OWNER_VALUE


def assigned(planned, machines=(), gateways=(), site_id="", name=None):
    """Entries with their machine and gateway, those beyond the plan, those of one name, and sentences on copies.

    A machine or a gateway belongs to an entry whose mark it carries, whatever it is called. One without that mark belongs to the entry of
    its name, and a gateway without it to the entry of the machine whose instance UUID it carries. A clone or a restored copy of a machine,
    and what carries the mark of another site, belongs to none.
    """
    machines, gateways = list(machines or ()), list(gateways or ())
    real = [one for one in machines if not is_another(one) and one.get("site_id", "") in ("", site_id)]
    uuids = {one["instance_uuid"] for one in real}
    ours = [one for one in gateways if _is_of(one, site_id, uuids)]
    entries = [_with(entry, real, ours) for entry in planned]
    used = [one["machine"] for one in entries] + [one["gateway"] for one in entries]
    beyond = [_unplanned(machine=one) for one in real if one not in used]
    for gateway in (one for one in ours if one not in used):
        without = [one for one in beyond if not one["gateway"]]
        of = _first(
            [one for one in without if one["machine"]["instance_uuid"] == gateway["instance_uuid"]],
            [one for one in without if one["entry"] == (gateway.get("entry") or gateway["name"])],
        )
        if of:
            of["gateway"] = gateway
        else:
            beyond.append(_unplanned(gateway=gateway))
    called = _called([*entries, *beyond], name)
    clusters = {_cluster(one) for one in called}
    return {
        "entries": entries,
        "beyond": beyond,
        "called": called,
        "successors": [one for one in entries if one not in called and _cluster(one) in clusters],
        "copies": [_copy_sentence(one) for one in machines if is_another(one)],
    }


def _called(entries, name):
    """By the gateway's name first, since that is what people see."""
    if not name:
        return []
    return next(
        (
            found
            for found in (
                [one for one in entries if one["gateway"].get("name") == name],
                [one for one in entries if one["entry"] == name],
                [one for one in entries if name in (one["name"], one["machine"].get("name"))],
            )
            if found
        ),
        [],
    )


def _cluster(entry):
    """Where its machine is, and only then what the plan calls that: a name, a path or an id."""
    return entry["machine"].get("cluster") or entry.get("cluster")


def is_another(machine) -> bool:
    """A clone or a restored copy: it was made as another machine than it is."""
    return machine.get("deployed_instance_uuid") not in (None, machine.get("instance_uuid"))


def _is_of(gateway, site_id, uuids) -> bool:
    """Of this site by its mark, or made by an earlier version and proven by its machine, or not known to be another's."""
    tags = gateway["tags"]
    if tags.get(OWNER_KEY) != OWNER_VALUE:
        return False
    marked = gateway.get("site_id", "")
    return marked == site_id if marked else gateway["instance_uuid"] in uuids


def _with(entry, machines, gateways):
    machine = _first(
        [one for one in machines if one.get("entry") == entry["entry"]],
        [one for one in machines if not one.get("entry") and one["name"] == entry["name"]],
    )
    gateway = _first(
        [one for one in gateways if machine and one["instance_uuid"] == machine["instance_uuid"]],
        [one for one in gateways if one.get("entry") == entry["entry"]],
        [one for one in gateways if not one.get("entry") and one["name"] == entry["name"]],
    )
    return {**entry, "machine": machine, "gateway": gateway}


def _unplanned(machine=(), gateway=()):
    one = machine or gateway
    return {
        "entry": one.get("entry") or one["name"],
        "name": one["name"],
        "machine": dict(machine),
        "gateway": dict(gateway),
    }


def _first(*choices):
    return next((one for found in choices for one in found), {})


def _copy_sentence(machine) -> str:
    where = f"{machine['name']} ({machine['moid']}) in folder {machine['folder']}"
    if machine.get("copy_of"):
        return f"{where} is a copy of the appliance {machine['copy_of']}, with all its marks. It is left as it is: remove it, or take its marks off."
    return (
        f"{where} is a clone or a restored copy of an appliance that is gone. It is left as it is, and is no gateway."
    )
