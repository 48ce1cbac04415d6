# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vCenter of one SDDC: its simulator, its accounts, and what happens to machines when they are powered on."""

from __future__ import annotations

import pathlib
import re
import secrets
import shutil
import tempfile
import threading
import urllib.parse
import uuid
from dataclasses import dataclass

from ..certificates import Certificate
from . import nfc, proxy, pull, tagging, vsphere8
from .hand import WORKLOAD_NETWORK, WORKLOADS, Hand, Machine
from .simulator import USERNAME, Simulator

BAD_LOGINS = 5
DEVICE = re.compile(r"<key>([^<]*)</key>\s*<importKey>([^<]*)</importKey>\s*<url>[^<]*/nfc/([^/<]*)/([^<]*)</url>")
READS_UNTIL_TOOLS = 2


@dataclass
class Appliance:
    """A machine that was imported from an image, as the physics sees it."""

    sddc: str
    moid: str
    instance_uuid: str
    name: str
    address: str | None
    mac: str
    network: str
    host: str
    cluster: str
    powered_on: bool
    clock_skew: float
    complete: bool  # its disks were uploaded to the end
    disks: list[str]  # what was uploaded
    tags: list[dict]


class Vcenter:
    """State of one vCenter. The simulator owns the inventory; here is what it does not know."""

    def __init__(self, world, sddc, binary: str, *, directory=None, log=None):
        self.world = world
        self.sddc = sddc
        self.binary = binary
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="lab-vcenter-"))
        self.log = log
        self.certificate = Certificate(f"{sddc.esxi_address}", addresses=[sddc.esxi_address])
        self.lock = threading.RLock()
        self.when_changed = None  # called after machines may have changed
        self.proxy = proxy.Proxy(self)
        self.app = self.proxy
        self.nfc_app = nfc.Uploads(self)
        self.pulls = pull.Pulls(self)
        self.tagging = tagging.Tagging(self)
        self.vsphere8 = vsphere8.Vsphere8(self)
        self.simulator = None
        self.first_password = secrets.token_urlsafe(18)
        self._forget()

    def _forget(self):
        self.accounts = {USERNAME: self.first_password}
        self.bad_logins: dict[str, int] = {}
        self.thumbprint = self.certificate.thumbprint  # of the host, as vCenter knows it
        self.blind = False  # the account of AWS Backup may see no machine
        self.restored: set[str] = set()  # instance UUIDs of what restores have made
        self.guests_wake = False  # VMware Tools report from what restores have made, once it runs
        self.untracked: set[str] = set()  # instance UUIDs of machines without changed block tracking
        self.unquiesced: set[str] = set()  # of those whose VMware Tools cannot quiesce them
        self.leases: dict[str, nfc.Lease] = {}
        self.imported: dict[str, nfc.Lease] = {}
        self.machines: dict[str, Machine] = {}
        self.policies: dict[str, str] = {}  # moid, or moid:disk -> its storage policy
        self.prepared: dict[str, list[dict]] = {}  # name -> OVF properties of the machine that will be imported
        self.tagging.forget()
        self.vsphere8.forget()
        self.addresses: dict[str, tuple] = {}  # moid -> (mac, network, address) as long as it is powered on
        self.unreported: dict[str, int] = {}  # moid -> reads until VMware Tools report the address

    # Life

    def start(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        self.simulator = Simulator(self.binary, f"127.{self.world.block}.0.2", self.log)
        self.hand = Hand(self.simulator)
        self.hand.build(self.directory, vms=self.world.options["vms"], segments=self._segments())
        self.settle()
        self._tag_workloads()

    def stop(self):
        if self.simulator is not None:
            self.simulator.stop()
            self.simulator = None
        shutil.rmtree(self.directory, ignore_errors=True)

    def reset(self):
        with self.lock:
            self.stop()
            self._forget()
            self.start()

    def delete(self):
        """The vCenter is no more, nor what ran in it."""
        with self.lock:
            self.stop()
            self._forget()
        if self.when_changed is not None:
            self.when_changed()

    def copy(self, moid: str, name: str, folder: str) -> str:
        """Another machine with the disks, the card and the marks of one that was imported; powered off, and with a UUID of its own."""
        with self.lock:
            copied = self.hand.copy(moid, name, folder)
            if moid in self.imported:
                self.imported[copied] = self.imported[moid]
            self.settle()
            return copied

    # What other parts ask

    @property
    def about_uuid(self) -> str:
        """The instance UUID of this vCenter, another one after each deployment."""
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"vcenter.{self.sddc.id}"))

    @property
    def username(self) -> str:
        return USERNAME

    @property
    def password(self) -> str:
        return self.accounts[USERNAME]

    def check_login(self, username: str, password: str) -> str | None:
        """None when the login is good, else "invalid" or "locked". Five bad ones in a row lock the account."""
        with self.lock:
            if self.bad_logins.get(username, 0) >= BAD_LOGINS:
                return "locked"
            expected = self.accounts.get(username)
            if expected is not None and secrets.compare_digest(expected.encode(), password.encode()):
                self.bad_logins.pop(username, None)
                return None
            self.bad_logins[username] = self.bad_logins.get(username, 0) + 1
            return "invalid"

    def appliances(self) -> list[Appliance]:
        with self.lock:
            return [self._appliance(row) for moid, row in self.machines.items() if moid in self.imported]

    def virtual_machines(self) -> list[dict]:
        """What a backup gateway finds in this vCenter."""
        if self.blind:
            return []
        with self.lock:
            return [
                {
                    "name": row.name,
                    "host_name": row.host,
                    "path": row.path,
                    "moid": row.moid,
                    "instance_uuid": row.instance_uuid,
                    "tags": self.tagging.of(row.moid),
                }
                for row in self.machines.values()
            ]

    def workloads(self) -> list[Machine]:
        """The customer's machines."""
        ours = self.imported.keys() | self.hand.protected
        return [row for moid, row in self.machines.items() if moid not in ours]

    def machine_of(self, instance_uuid: str) -> Machine | None:
        """One that the account may work with: VMware's own are not among them."""
        with self.lock:
            rows = (row for moid, row in self.machines.items() if moid not in self.hand.protected)
            return next((row for row in rows if row.instance_uuid == instance_uuid), None)

    def leave_disk(self, appliance: Appliance, instance_uuid: str):
        """A disk of a machine stays hung on an appliance."""
        with self.lock:
            found = self.machine_of(instance_uuid)
            if found is not None:
                self.hand.attach(appliance.moid, found.disks[0])
                self.settle()

    def image(self, instance_uuid: str) -> dict:
        """What a backup keeps of a machine."""
        with self.lock:
            return self.hand.image(self.machine_of(instance_uuid).moid)

    def restore(self, image: dict, **place) -> str:
        """A new machine of an image: its instance UUID, or what vCenter says against it."""
        with self.lock:
            made = self.hand.restore(image, **place)
            self.restored.add(made)
            self.settle()
            return made

    def datastores(self, cluster: str) -> tuple:
        """What the hosts of a cluster see."""
        return self.hand.stores[cluster]

    def add_cluster(self, name: str, pool: str, datastores, machines):
        """For breaks: a further cluster with machines on the first of its datastores."""
        with self.lock:
            pools = self.hand.add_cluster(name, [pool], datastores)
            for machine in machines:
                self.hand.add_machine(
                    machine, self.hand.folder(WORKLOADS), pools[pool], datastores[0], WORKLOAD_NETWORK
                )
            self.settle()
            self._tag_workloads()

    def on_segment(self, name: str):
        """A new segment appears as a network."""
        if self.simulator is not None:
            self.hand.add_network(name)

    def on_segment_gone(self, name: str):
        if self.simulator is not None:
            self.hand.remove_network(name)

    # What the proxy reports

    def read(self):
        """A client looks: VMware Tools are a little further."""
        with self.lock:
            self.expire()
            for moid in list(self.unreported):
                self.unreported[moid] -= 1
                if self.unreported[moid] <= 0:
                    del self.unreported[moid]
                    self.hand.tell_guest(moid, self.addresses[moid][2], self.machines[moid].name)

    def settle(self):
        """A client has changed something: powered-on machines on a segment get addresses, others lose theirs."""
        with self.lock:
            self.machines = self.hand.machines()
            for moid, row in self.machines.items():
                held = self.addresses.get(moid)
                if held and not (row.powered_on and held[:2] == (row.mac, row.network)):
                    self._lose(moid)
                if row.powered_on and moid not in self.addresses:
                    self._gain(row)
                if row.powered_on and self.guests_wake and row.instance_uuid in self.restored:
                    self.restored.discard(row.instance_uuid)
                    self.hand.tell_guest(moid, "127.0.0.1", row.name)
            for moid in set(self.addresses) - set(self.machines):
                del self.addresses[moid]
                self.unreported.pop(moid, None)
        if self.when_changed is not None:
            self.when_changed()

    def begin_import(self, lease_id: str, name: str, before) -> str:
        """A lease was granted: find the machine it fills, and make it as unique as a real one."""
        with self.lock:
            rows = self.hand.machines()
            moid = next(moid for moid, row in rows.items() if moid not in before and row.name == name)
            # ImportVApp: the simulator derives both UUIDs from the path, so that a rebuilt machine would be its own ghost.
            self.hand.reconfigure(moid, instanceUuid=str(uuid.uuid4()), uuid=str(uuid.uuid4()))
            self.hand.give_properties(moid, self.prepared.pop(name, []))
            disks = {disk.rpartition("/")[2] for disk in rows[moid].disks}
            self.leases[lease_id] = self.imported[moid] = nfc.Lease(lease_id, moid, disks, self.world.now())
            self.settle()
            return moid

    def give_policies(self, moid: str, given: dict, *, new: bool = False):
        """Storage policies of a machine and of its disks; the keys of a new machine's disks are not yet those that it was made with."""
        for key, policy in given.items():
            keys = [f"{moid}:{disk}" for disk in self.hand.disk_keys(moid)] if new and key else [f"{moid}:{key}"]
            self.policies.update(dict.fromkeys(keys if key else [moid], policy))

    def busy(self, moid: str) -> bool:
        """Whether an upload into the machine is still open. A lease that nobody keeps alive ends, and its machine with it."""
        self.expire()
        return moid in self.imported and self.imported[moid].state == "ready"

    def tools_run(self, moid: str) -> bool:
        """Whether VMware Tools have reported from a machine."""
        return moid in self.addresses and moid not in self.unreported

    def failure(self, lease_id: str) -> tuple | None:
        """Why a lease has the state error, if it has."""
        lease = self.leases.get(lease_id)
        return lease.failure if lease is not None and lease.state == "ready" else None

    def keep_alive(self, lease_id: str):
        with self.lock:
            if lease_id in self.leases:
                self.leases[lease_id].alive_at = self.world.now()

    def learn_devices(self, answer: bytes):
        """Which device of an import is which disk of its lease, as the simulator tells a client."""
        for key, import_key, lease_id, name in DEVICE.findall(answer.decode()):
            lease = self.leases.get(urllib.parse.unquote(lease_id))
            if lease is not None:
                lease.devices[import_key] = (key, name)

    def expire(self):
        oldest = self.world.now() - self.world.switches["lease_seconds"]
        for lease_id, lease in list(self.leases.items()):
            if lease.state == "ready" and lease.alive_at < oldest:
                self.end_import(lease_id, "aborted")

    def end_import(self, lease_id: str, state: str):
        with self.lock:
            lease = self.leases.get(lease_id)
            if lease is None or lease.state != "ready":
                return
            lease.state = state
            if state == "aborted" and lease.moid in self.machines:
                self.hand.destroy(lease.moid)
            self.settle()

    # Inside

    def _tag_workloads(self):
        """Those that have no tag yet."""
        for row in self.workloads():
            if not self.tagging.of(row.moid):
                self.tagging.replace(row.moid, "backup", "daily")

    def _segments(self) -> list[str]:
        objects = self.sddc.nsx.objects.values() if self.sddc.nsx else []
        return sorted(body["display_name"] for body in objects if body.get("resource_type") == "Segment")

    def _gain(self, row: Machine):
        segment = self.sddc.nsx.segment_of(row.network) if self.sddc.nsx else None
        address = self.sddc.nsx.address_for(segment, row.mac) if segment else None
        if self.sddc.on_premises:
            address = self.sddc.reservations.get(row.mac)
        if address:
            self.addresses[row.moid] = (row.mac, row.network, address)
            self.unreported[row.moid] = READS_UNTIL_TOOLS

    def _lose(self, moid: str):
        del self.addresses[moid]
        if self.unreported.pop(moid, None) is None:
            self.hand.tell_guest(moid, None)

    def _appliance(self, row: Machine) -> Appliance:
        held = self.addresses.get(row.moid)
        return Appliance(
            sddc=self.sddc.id,
            moid=row.moid,
            instance_uuid=row.instance_uuid,
            name=row.name,
            address=held[2] if held else None,
            mac=row.mac,
            network=row.network,
            host=row.host,
            cluster=row.cluster,
            powered_on=row.powered_on,
            clock_skew=0 if row.synced else self.world.switches["unsynced_clock_skew"],
            complete=self.imported[row.moid].complete,
            disks=self.imported[row.moid].content,
            tags=self.tagging.of(row.moid),
        )
