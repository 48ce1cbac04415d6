# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a virtual machine is, and what it is connected to: by name, and as things of the inventory."""

from __future__ import annotations

import json

from ..clients.vsphere import Vsphere, step, vim
from .machine import Raw, network_of
from .marks import NETWORKS
from .reference import above, is_meant

PLACES = ("cluster", "resource_pool", "datastore")


def connections(raw: Raw) -> list[tuple]:
    """For each adapter the descriptor's name of its network, the name of the network that it is connected to, and that network."""
    names = json.loads(raw.options.get(NETWORKS) or "[]")
    names += [adapter.deviceInfo.label for adapter in raw.adapters[len(names) :]]
    return [(name, *network_of(raw, adapter.backing)) for name, adapter in zip(names, raw.adapters)]


def datastore_name(raw: Raw) -> str | None:
    return raw.own.get("config.files.vmPathName", "").partition("]")[0].lstrip("[") or None


def called_as_it_is(client: Vsphere, raw: Raw, have: dict, want: dict) -> dict:
    """What is wanted by a path or an id, and is what the machine has already, under the name that this has."""
    pool = raw.own.get("resourcePool")
    stores = client.read(raw.virtual_machine, {vim.Datastore: ["name"]}, [step(vim.VirtualMachine, "datastore")])
    found = {
        "cluster": raw.objects.get(pool, {}).get("owner"),
        "resource_pool": pool,
        "datastore": next((item for item, values in stores.items() if values.get("name") == have["datastore"]), None),
    }
    networks = {name: item for name, _called, item in connections(raw)}
    seen = [item for item in [*found.values(), *networks.values()] if item is not None]
    objects = above(client, seen) if seen else {}
    called = {key: have[key] for key in PLACES if key in want and is_meant(want[key], found[key], objects)}
    if "networks" in want:
        called["networks"] = {
            name: have["networks"][name] if is_meant(wanted, networks.get(name), objects) else wanted
            for name, wanted in want["networks"].items()
        }
    return called
