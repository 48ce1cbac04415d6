# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gateway appliance: a virtual machine that is imported from an image and that says in its own configuration whose it is."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from functools import cached_property

from ..appliance import guest_addresses, placement, power, properties, room, sizing, storage_policy
from ..appliance.deployment import Deployment, remove, remove_remains, stall_timeout
from ..appliance.machine import (
    Raw,
    clock,
    connection_to,
    fetch,
    fix_mac,
    foreign_disks,
    others,
    own_disks,
    reconfigure,
    refuse_foreign_disks,
    upward,
)
from ..appliance.marks import COMPLETE, ENTRY, GATEWAY, IMAGE, INSTANCE, RESTARTING, SITE, is_set, mark
from ..appliance.reference import above, path_of
from ..appliance.storage_policy import StoragePolicies
from ..appliance.vsphere_tags import VsphereTags
from ..appliance.whereabouts import PLACES, called_as_it_is, connections, datastore_name
from ..clients import pull
from ..clients.https import need_urllib3
from ..clients.vsphere import Vsphere, vim
from ..errors import Ambiguous, Error, Foreign, Invalid
from ..image import ova, ovf
from ..values import Unresolved, addresses_of, given

NOTE = "AWS Backup gateway, deployed by the Ansible collection vmc.aws_backup from the image sha256:{}"
EVERY = "*"
NO_ADDRESS = "the guest has not reported an address"
# What it says of itself in its configuration.
MARKED = {"gateway_arn": GATEWAY, "entry": ENTRY, "site_id": SITE}
SETTINGS = (
    "cluster",
    "resource_pool",
    "datastore",
    "powered_on",
    "sync_time_with_host",
    "annotation",
    *MARKED,
)
IMMUTABLE = frozenset({"image", *PLACES})
# What can only change while the machine is powered off.
WHILE_OFF = ("mac_address", "properties", *sizing.KEYS)
MAC = re.compile(r"^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$")


class Appliance:
    """One appliance, found by folder and name. An upload that broke off shows as ``complete`` being false."""

    kind = "appliance"
    immutable = IMMUTABLE
    at_once = True
    blank = {
        "complete": True,
        "powered_on": False,
        "instance_uuid": None,
        "deployed_instance_uuid": None,
        "restarting": False,
        "gateway_arn": "",
        "foreign_disks": [],
        "guest_ip_addresses": [],
        "networks": {},
        "properties": {},
        "tags": {},
    }

    def __init__(self, client: Vsphere, params: dict):
        self.client = client
        self.params = params
        self.name = _checked_name(params.get("name") or params.get("entry") or "")
        self.folder = params["folder"].strip("/")
        self.mac_address = _canonical_mac(params.get("mac_address"))
        self.size = sizing.asked(params)
        self.properties = properties.texts("properties", params)
        self.secrets = properties.texts("secret_properties", params)
        # Given with the deployment, and never again: nobody can read them back.
        self.write_only = {} if self.secrets is None else {"secret_properties": False}
        self._deployment = None

    @property
    def heard(self) -> list[str]:
        """What vCenter warns of."""
        return (
            []
            if self._deployment is None
            else [f"vCenter warns of the image: {said}" for said in self._deployment.warnings]
        )

    def observe(self):
        if self._out_of_reach:
            return None
        raw = self._located()
        if raw is None:
            return None
        have = view(raw)
        if have["image"] is None:
            raise Foreign(
                f"The virtual machine {self.name} in folder {self.folder} was not deployed by this collection. "
                "Choose another name, or move that machine away."
            )
        self._claim(have)
        if self.params.get("storage_policy") is not None:
            have["storage_policy"] = self._policies.seen(raw)
        if self._tags is not None:
            have["tags"] = self._tags.seen(have["moid"])
        return have

    def want(self, have):
        if have is not None and is_another(have):
            return {}  # no appliance of ours, whatever its marks say (SAFETY 15, 24): nothing of it is managed
        if have is None or have["complete"]:
            return self._wanted(have)
        return {key: value for key, value in self._wanted(None, have).items() if key not in IMMUTABLE}

    def fixed(self, have, want):
        """What a running machine keeps, unless it may be restarted."""
        if not have["complete"] or is_another(have) or want.get("powered_on") is False:
            return {}
        differing = {key: want[key] for key in WHILE_OFF if key in want and want[key] != have[key]}
        if not differing or not have["powered_on"]:
            return {}
        if not self.params["allow_restart"]:
            why = "can only change while the appliance is powered off: allow_restart lets it be restarted"
        elif have["foreign_disks"]:
            why = f"needs a restart, and disks of other virtual machines hang on it: {', '.join(have['foreign_disks'])}"
        else:
            return {}
        return {key: f"{key} {why}" for key in differing.keys() - sizing.live(self._fetch(have), differing)}

    def _located(self) -> Raw | None:
        """By the entry of the plan that it carries, wherever it is and whatever it is called, and only then by its place."""
        virtual_machine = self._at(self.folder) or self._at_what_is_called_so()
        if virtual_machine is not None and not isinstance(virtual_machine, vim.VirtualMachine):
            raise Foreign(f"{self.name} in folder {self.folder} is not a virtual machine.")
        placed = fetch(self.client, [virtual_machine]).get(virtual_machine) if virtual_machine is not None else None
        if not self.params.get("entry") or (placed is not None and self._carries(view(placed))):
            return placed
        carrying = [raw for raw in find(self.client) if self._carries(view(raw))]
        if len(carrying) > 1:
            found = [f"{raw.own['name']} ({raw.virtual_machine._moId})" for raw in carrying]
            raise Ambiguous(self.kind, self.params.get("entry"), found)
        return carrying[0] if carrying else placed

    def _at(self, folder: str):
        return self.client.find(posixpath.join("/", self._datacenter, "vm", folder, self.name))

    def _at_what_is_called_so(self):
        """In the folder by whatever it is called. One that nobody knows holds nothing."""
        if isinstance(
            self.client.find(posixpath.join("/", self._datacenter, "vm", self.folder).rstrip("/")), vim.Folder
        ):
            return None
        try:
            folder = placement.folder(self.client, self.folder, self._datacenter)
        except Invalid:
            return None
        return self._at(path_of(folder, above(self.client, [folder])).partition("/vm/")[2])

    def _carries(self, have) -> bool:
        """Whether a machine is the one that was made for this entry of this site's plan, and no copy of it."""
        of_the_site = not self.params.get("site_id") or have["site_id"] in ("", self.params.get("site_id"))
        return of_the_site and have["entry"] == self.params.get("entry") and not is_another(have)

    def _claim(self, have):
        what = f"The virtual machine {have['name']} in folder {have['folder']}"
        site_id, entry = self.params.get("site_id"), self.params.get("entry")
        if site_id and have["site_id"] not in ("", site_id):
            raise Foreign(
                f"{what} is an appliance of another site, {have['site_id']}, and this one is {site_id}. It stays as it is."
            )
        if entry and have["entry"] not in ("", entry):
            raise Foreign(f"{what} is that of {have['entry']} in the plan, not of {entry}. It stays as it is.")

    def _wanted(self, have, remains=None):
        """What was asked for; ``remains`` are what broke off and makes room first."""
        want = {
            # Where it carries its entry of the plan, it is never renamed or moved (SAFETY 24).
            "name": have["name"] if have else self.name,
            "folder": have["folder"] if have else self.folder,
            "complete": True,
            **given(self.params, *SETTINGS),
            **self.size,
        }
        if self.params.get("datacenter"):
            want["datacenter"] = have["datacenter"] if have else posixpath.basename(self._datacenter)
        if self.mac_address:
            want["mac_address"] = self.mac_address
        if self.image is not None:
            want["image"] = self.image.identity
            if have is None:
                want.setdefault("annotation", NOTE.format(self.image.identity))
        if self._tags is not None:
            want["tags"] = self._wanted_tags(have, want.get("image"))
        if want.get("gateway_arn") and not want["gateway_arn"].startswith("arn:"):
            want["gateway_arn"] = Unresolved("gateway", want["gateway_arn"])
        if self._out_of_reach:
            return want if have else {**want, **self._foreseen()}
        if self._policy is not None:
            want["storage_policy"] = self._policy.name
        networks = self._networks(have)
        if networks is not None:
            want["networks"] = networks
        if have is not None:
            otherwise = {key: want[key] for key in (*PLACES, "networks") if key in want and want[key] != have[key]}
            raw = self._fetch(have) if otherwise else None
            want.update({} if raw is None else called_as_it_is(self.client, raw, have, otherwise))
        if have is None:
            want.update(properties.wanted_first(self.image.properties(), self.properties, self.secrets))
            sizing.refuse_less(self.size, vars(self._hardware))
            if self.params.get("pull"):
                pull.refuse(self.image)
            want.update(given(self.params, "host"))
            place = placement.place(self.client, want, self._datacenter, to_come=True)
            self._check_room(place, remains)
            self._deployment = self._deployed_at(place)
            if None not in place.networks.values():  # else they are still to be made, in a preview
                self._deployment.prepare(want)
            return want
        if any(have[key] != value for key, value in self.size.items()):
            sizing.refuse_less(self.size, sizing.least(self._fetch(have), have))
        want.update(properties.wanted(have["properties"], self.properties))
        if have["restarting"]:
            want["restarting"] = False
        if want.get("powered_on") is False and have["powered_on"]:
            self._refuse_to_power_off({**have, **given(want, "gateway_arn")})
        return want

    def _foreseen(self) -> dict:
        """What else a new appliance will have, as far as that is known without asking vCenter."""
        host = self.params["hostname"]
        if self.image is None:
            return {"hostname": Unresolved("way to", host)}
        to = f"way to {host} and its network"
        found = {name: Unresolved(to, network) for name, network in self._networks(None).items()}
        policy = self.params.get("storage_policy")
        known = self.image.properties()
        return {
            **given(self.params, "host"),
            "networks": found,
            **({} if policy is None else {"storage_policy": policy}),
            **properties.wanted_first(known, self.properties, self.secrets),
        }

    def _wanted_tags(self, have, image) -> dict:
        has = {} if have is None else have["tags"]
        wanted = self._tags.wanted(has, image if have is None else have["image"])
        if not self._out_of_reach:
            self._tags.check(has, wanted)
        return wanted

    @property
    def _out_of_reach(self):
        return self.params.get("in_reach") is False and self.params["state"] == "present"

    def create(self, want):
        if self._deployment is None or None in self._deployment.place.networks.values():
            self._deployment = self._deployed_at(placement.place(self.client, want, self._datacenter))
        self._deployment.run(want)

    def _deployed_at(self, place) -> Deployment:
        return Deployment(self.client, self.params, self.image, place, policy=self._policy, texts=self._texts)

    def update(self, have, changes):
        if "complete" in changes:
            want = self._wanted(None, have)
            remove_remains(self.client, self._reference(have), self.name)
            self.create(want)
            return
        if "tags" in changes:
            self._tags.write(have["moid"], changes["tags"])
        raw = self._fetch(have)
        if changes.get("powered_on") is False:
            self._refuse_to_power_off({**have, **given(changes, "gateway_arn")})
            power.off(self.client, raw)
        restart = self._needs_restart(raw, changes)
        if restart:
            self._restart_begins(raw)
        self._configure(raw, changes)
        stays_off = self.params.get("powered_on") is False
        if changes.get("powered_on") or restart or ("restarting" in changes and not stays_off):
            self._power_on(raw)
        if restart or "restarting" in changes:
            reconfigure(self.client, raw.virtual_machine, self.name, extraConfig=[mark(RESTARTING, "")])

    def delete(self, have):
        raw = self._fetch(have)
        if raw is not None:
            remove(self.client, raw)

    def held(self, have):
        if is_another(have):
            return f"it is a copy of {have['copy_of'] or 'an appliance'}, and not the appliance itself"
        if have["gateway_arn"] and self.params.get("gateway_arn") != "":
            return _serves(have["gateway_arn"])
        if have["foreign_disks"]:
            return f"disks of other virtual machines hang on it: {', '.join(have['foreign_disks'])}"
        return None

    def lost(self, have):
        """A clone or a restored copy is reported, and never mended."""
        return {"instance_uuid": (have["deployed_instance_uuid"], have["instance_uuid"])} if is_another(have) else {}

    def ready(self, have):
        if not have["powered_on"] or is_another(have):
            return None
        address = have["guest_ip_address"]
        if not address:
            others = ", ".join(addresses_of(have))
            return f"its network adapter has no IPv4 address yet, only others: {others}" if others else NO_ADDRESS
        if ipaddress.ip_address(address).is_link_local:
            return f"the guest has only the link-local address {address}; does the network have DHCP?"
        return None

    @cached_property
    def image(self):
        if not self.params.get("ova"):
            return None
        need_urllib3()
        return ova.read(
            self.params["ova"],
            configuration=self.params.get("deployment_option"),
            checksum=self.params.get("checksum"),
            context=self.client.context,
            proxy=self.params.get("ova_proxy"),
            patience=stall_timeout(self.params),
        )

    @cached_property
    def _datacenter(self) -> str:
        return placement.datacenter(self.client, self.params.get("datacenter"))

    @cached_property
    def _tags(self) -> VsphereTags | None:
        tags, image_category = self.params.get("tags"), self.params.get("image_tag_category")
        if (tags is None and not image_category) or self.params["state"] == "absent":
            return None
        return VsphereTags(self.client, tags, image_category)

    @cached_property
    def _policies(self) -> StoragePolicies:
        return StoragePolicies(self.client)

    @cached_property
    def _policy(self):
        name = self.params.get("storage_policy")
        return None if name is None else self._policies.find(name)

    @cached_property
    def _hardware(self) -> ovf.Hardware:
        return self.image.hardware(self._texts)

    @property
    def _texts(self) -> dict:
        """The OVF properties that are given."""
        return {**(self.properties or {}), **(self.secrets or {})}

    def _check_room(self, place, remains):
        freed = 0
        copies = room.COPIES if self._policy is None else storage_policy.copies(self._policy)
        if remains is not None and remains["datastore"] == place.summary.name:
            raw = self._fetch(remains)
            freed = room.freed(place.summary, raw, copies) if raw is not None else 0
        memory = self.size.get("memory_mb", self._hardware.memory_mb)
        need = room.needed(place.summary, self._hardware.disk_bytes, memory, copies)
        room.check(place.summary, need, self.params["max_datastore_usage"], freed=freed)

    def _networks(self, have):
        """Every adapter's network as asked for, by the descriptor's names."""
        asked = self.params.get("networks")
        if have is not None:
            known, kept = list(have["networks"]), have["networks"]
        elif self.image is not None:
            known, kept = list(dict.fromkeys([*self.image.adapters, *self.image.networks])), {}
        else:
            raise Invalid("ova", "is needed to deploy an appliance that does not exist yet")
        if asked is None and have is not None:
            return None
        asked = asked or {}
        unknown = sorted(set(asked) - {*known, EVERY})
        if unknown:
            raise Invalid("networks", f"the image has no network {', '.join(unknown)}; it has: {', '.join(known)}")
        used = known if have is not None else list(dict.fromkeys(self.image.adapters))
        wanted = {name: asked.get(name, asked.get(EVERY, kept.get(name))) for name in used}
        unmapped = [name for name, network in wanted.items() if not network]
        if unmapped:
            raise Invalid("networks", f"say which network {', '.join(unmapped)} of the image is to be connected to")
        return wanted

    def _configure(self, raw, changes):
        settings = {**given(changes, "annotation"), **sizing.settings(changes, sizing.cores(raw))}
        if MARKED.keys() & changes.keys():
            settings["extraConfig"] = [mark(key, changes[name]) for name, key in MARKED.items() if name in changes]
        if "sync_time_with_host" in changes:
            settings["tools"] = clock(self.client, changes["sync_time_with_host"])
        adapters = raw.adapters
        edited = {}
        if "mac_address" in changes:
            fix_mac(adapters[0], changes["mac_address"])
            edited[0] = adapters[0]
        for number, (name, network, _item) in enumerate(connections(raw)):
            if name in changes.get("networks", {}) and changes["networks"][name] != network:
                wanted = changes["networks"][name]
                found = placement.network(self.client, raw.own["runtime.host"], wanted)
                adapters[number].backing = connection_to(self.client, *found)
                edited[number] = adapters[number]
        change = vim.vm.device.VirtualDeviceSpec
        devices = [change(operation="edit", device=device) for device in edited.values()]
        if "storage_policy" in changes:
            profile = settings["vmProfile"] = storage_policy.spec(self._policy)
            devices += [change(operation="edit", device=disk, profile=profile) for disk in own_disks(raw)]
        if devices:
            settings["deviceChange"] = devices
        if "properties" in changes:
            settings["vAppConfig"] = properties.spec(raw, changes["properties"])
        if settings:
            reconfigure(self.client, raw.virtual_machine, self.name, **settings)

    def _reference(self, have):
        return vim.VirtualMachine(have["moid"], self.client.content.searchIndex._stub)

    def _fetch(self, have):
        virtual_machine = self._reference(have)
        return fetch(self.client, [virtual_machine]).get(virtual_machine)

    def _refuse_to_power_off(self, have):
        if have["gateway_arn"]:
            raise Foreign(f"{self.name} must not be powered off: {_serves(have['gateway_arn'])}.")
        if have["foreign_disks"]:
            raise Foreign(others(self.name, "powered off", have["foreign_disks"]))

    def _needs_restart(self, raw, changes) -> bool:
        differing = {key: changes[key] for key in WHILE_OFF if key in changes}
        if not differing or not power.is_on(raw) or changes.get("powered_on") is False:
            return False
        held = differing.keys() - sizing.live(raw, differing)
        if held and not self.params["allow_restart"]:
            raise Error(f"{', '.join(sorted(held))} can only change while the appliance is powered off.")
        return bool(held)

    def _restart_begins(self, raw):
        """Power off, with a mark by which the next run powers on again what a killed run left off."""
        refuse_foreign_disks(raw, "restarted")
        reconfigure(self.client, raw.virtual_machine, self.name, extraConfig=[mark(RESTARTING, "true")])
        power.off(self.client, raw, "restarted")

    def _power_on(self, raw):
        now = self._fetch({"moid": raw.virtual_machine._moId})
        if now is None or not power.is_on(now):
            power.on(self.client, raw)


def find(client: Vsphere, names: list | None = None) -> list[Raw]:
    """Every appliance of ours in the inventory, or those of these names or entries of the plan."""
    listed = client.all(
        vim.VirtualMachine, client.content.rootFolder, ["name", "config.extraConfig", "config.instanceUuid"]
    )
    living = {values.get("config.instanceUuid"): values["name"] for values in listed.values() if "name" in values}
    ours = []
    for item, values in listed.items():
        options = {option.key: option.value for option in values.get("config.extraConfig") or []}
        if IMAGE in options and (names is None or values["name"] in names or options.get(ENTRY) in names):
            ours.append(item)
    found = list(fetch(client, ours).values()) if ours else []
    for raw in found:
        raw.original = living.get(raw.options.get(INSTANCE)) if is_another(view(raw)) else None
    return found


def is_another(have: dict) -> bool:
    """Whether a machine is another one than its marks say: a clone, or a copy that was restored."""
    return have["deployed_instance_uuid"] not in (None, have["instance_uuid"])


def view(raw: Raw) -> dict:
    """An appliance in the words of the options."""
    own = raw.own
    where = upward(raw)
    tools = own.get("config.tools")
    allowed = getattr(tools, "syncTimeWithHostAllowed", None)
    pool = own.get("resourcePool")
    return {
        "name": own["name"],
        "moid": raw.virtual_machine._moId,
        "instance_uuid": own.get("config.instanceUuid"),
        "deployed_instance_uuid": raw.options.get(INSTANCE),
        "copy_of": raw.original or "",
        "site_id": raw.options.get(SITE) or "",
        "entry": raw.options.get(ENTRY) or "",
        "image": raw.options.get(IMAGE),
        "complete": is_set(raw, COMPLETE),
        "powered_on": own.get("runtime.powerState") == "poweredOn",
        "guest_ip_address": guest_addresses.own(raw),
        "guest_ip_addresses": guest_addresses.all_of(raw),
        "mac_address": raw.adapters[0].macAddress.lower() if raw.adapters else None,
        "networks": {name: network for name, network, _item in connections(raw)},
        "datacenter": where[0] if where else None,
        "folder": "/".join(where[2:]),
        "cluster": raw.name_of(raw.objects.get(pool, {}).get("owner")),
        "host": raw.name_of(own.get("runtime.host")),
        "resource_pool": raw.name_of(pool),
        "datastore": datastore_name(raw),
        "sync_time_with_host": bool(getattr(tools, "syncTimeWithHost", None) if allowed is None else allowed),
        "num_cpus": own.get("config.hardware.numCPU"),
        "memory_mb": own.get("config.hardware.memoryMB"),
        "properties": properties.seen(raw),
        "annotation": own.get("config.annotation") or "",
        "gateway_arn": raw.options.get(GATEWAY) or "",
        "foreign_disks": foreign_disks(raw),
        "restarting": is_set(raw, RESTARTING),
    }


def _serves(gateway: str) -> str:
    return f"it is the gateway {gateway}. Remove that one first, or say with an empty gateway_arn that it is gone"


def _checked_name(name):
    if not re.fullmatch(r"[^/\\%]{1,80}", name):
        raise Invalid("name", f"{name!r} must be 1 to 80 characters without slash, backslash and percent sign")
    return name


def _canonical_mac(value):
    if value is None:
        return None
    canonical = value.strip().lower().replace("-", ":")
    if not MAC.match(canonical):
        raise Invalid("mac_address", f"{value} is not a unicast MAC address like 00:50:56:01:02:03")
    return canonical
