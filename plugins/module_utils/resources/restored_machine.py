# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine that a restore has made: its cards are disconnected before it runs, and only what was recorded of it is ever removed (SAFETY 3)."""

from __future__ import annotations

from ..appliance.machine import fetch, is_adapter, reconfigure, refuse_foreign_disks, upward
from ..appliance.power import TOOLS_RUN, is_on
from ..clients.vsphere import Vsphere, vim
from ..errors import Ambiguous, Error, Foreign, Invalid
from ..values import canonical, given

HARDWARE = ["config.guestId", "config.firmware"]


def find(client: Vsphere, wanted) -> list:
    """The machines of which ``wanted(name, instance_uuid)`` says that they are meant."""
    seen = client.all(vim.VirtualMachine, client.content.rootFolder, ["name", "config.instanceUuid", "config.template"])
    meant = [
        item
        for item, values in seen.items()
        if not values.get("config.template") and wanted(values["name"], values.get("config.instanceUuid"))
    ]
    if not meant:
        return []
    hardware = client.read(meant, {vim.VirtualMachine: HARDWARE})
    machines = fetch(client, meant)
    for item, raw in machines.items():
        raw.own.update(hardware.get(item, {}))
    return list(machines.values())


def view(raw) -> dict:
    wired = [card.connectable for card in raw.adapters if getattr(card, "connectable", None)]
    return {
        "name": raw.own["name"],
        "folder": "/" + "/".join(upward(raw)),
        "instance_uuid": raw.own.get("config.instanceUuid"),
        "moid": raw.virtual_machine._moId,
        "powered_on": is_on(raw),
        "network_connected": any(each.connected or each.startConnected for each in wired),
        "tools_running": raw.own.get("guest.toolsRunningStatus") == TOOLS_RUN,
        "cpus": raw.own.get("config.hardware.numCPU"),
        "memory_mb": raw.own.get("config.hardware.memoryMB"),
        "guest_id": raw.own.get("config.guestId"),
        "firmware": raw.own.get("config.firmware"),
        "network_cards": len(raw.adapters),
        "disks": [
            {"label": disk.deviceInfo.label, "capacity_bytes": disk.capacityInKB * 1024}
            for disk in sorted(raw.disks, key=lambda disk: disk.key)
        ],
    }


class RestoredMachine:
    """One machine, found by its instance UUID or, before that is known, by its folder and name."""

    kind = "restored_machine"
    at_once = True
    immutable = frozenset()

    def __init__(self, client: Vsphere, params: dict):
        self.client = client
        self.params = params
        self.folder = "/" + params["folder"].strip("/")
        self.before = set(params["there_before"] or ())
        self.raw = None
        if params["state"] == "absent" and not params["instance_uuid"]:
            raise Invalid("instance_uuid", "Give it: nothing is removed that is known by its name only.")
        if params["instance_uuid"] in self.before:
            raise Invalid("instance_uuid", "The machine was there before the restore, and is none that it has made.")

    def observe(self):
        uuid = self.params["instance_uuid"]
        if uuid:
            found = find(self.client, lambda _name, instance_uuid: instance_uuid == uuid)
        else:
            found = find(self.client, lambda name, _instance_uuid: name == self.params["name"])
            found = [raw for raw in found if view(raw)["folder"] == self.folder]
        if len(found) > 1:
            raise Ambiguous("machine", uuid or self.params["name"], [raw.virtual_machine._moId for raw in found])
        self.raw = found[0] if found else None
        if self.raw is None:
            return None
        have = view(self.raw)
        if have["instance_uuid"] in self.before:
            raise Foreign(
                f"The machine {have['name']} in {have['folder']} was there before the restore. It is left as it is."
            )
        if (have["name"], have["folder"]) != (self.params["name"], self.folder):
            raise Foreign(
                f"The machine that was restored as {self.params['name']} in {self.folder} is called {have['name']} in {have['folder']} now: "
                "somebody has made it his own. It is left as it is."
            )
        return have

    def want(self, have):
        return {
            "name": self.params["name"],
            "folder": self.folder,
            **given(self.params, "powered_on", "network_connected"),
        }

    def create(self, want):
        raise Error(
            f"There is no machine {self.params['name']} in {self.folder}. A restore makes it (vmc.aws_backup.restore_job), and nothing else does."
        )

    def update(self, have, changes):
        if "network_connected" in changes:
            self._connect(changes["network_connected"])
        if "powered_on" in changes:
            method, does = ("PowerOnVM_Task", "on") if changes["powered_on"] else ("PowerOffVM_Task", "off")
            self.client.task(self.raw.virtual_machine, method, attempted=f"power {does} {have['name']}")

    def _connect(self, connected):
        changes = []
        for card in filter(is_adapter, self.raw.adapters):
            card.connectable = card.connectable or vim.vm.device.VirtualDevice.ConnectInfo(allowGuestControl=True)
            card.connectable.connected = card.connectable.startConnected = connected
            changes.append(vim.vm.device.VirtualDeviceSpec(operation="edit", device=card))
        reconfigure(self.client, self.raw.virtual_machine, self.params["name"], deviceChange=changes)

    def ready(self, have):
        if self.params["wait_for_tools"] and not have["tools_running"]:
            return "VMware Tools have not reported from it"
        return None

    def held(self, have):
        """Disks of others, that a backup has left on it, would go with it."""
        try:
            refuse_foreign_disks(self.raw, "removed")
        except Foreign as foreign:
            return str(foreign)
        return None

    def delete(self, have):
        raw = self.raw
        if is_on(raw):
            self.client.task(
                raw.virtual_machine, "PowerOffVM_Task", attempted=f"power off {have['name']}", missing=True
            )
            # Whoever has renamed or moved it, or hung something on it meanwhile, keeps it.
            if self.observe() is None:
                return
            refuse_foreign_disks(self.raw, "removed")
        self.client.task(raw.virtual_machine, "Destroy_Task", attempted=f"remove {have['name']}", missing=True)


def listed(client: Vsphere, names, instance_uuids) -> list[dict]:
    """The machines of these names, or whole paths, and instance UUIDs; all of them where nothing is given."""
    names, uuids = list(names or ()), set(instance_uuids or ())
    last = {name.rstrip("/").rpartition("/")[2] for name in names}
    found = map(view, find(client, lambda name, uuid: not (names or uuids) or name in last or uuid in uuids))
    chosen = [
        each
        for each in found
        if not (names or uuids)
        or each["instance_uuid"] in uuids
        or each["name"] in names
        or f"{each['folder']}/{each['name']}" in names
    ]
    return canonical(chosen)
