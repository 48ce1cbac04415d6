# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making the machine of an appliance from its image. Whatever breaks off is taken away, or recognised by the next run."""

from __future__ import annotations

import json
import os

from .. import wait
from ..clients import pull
from ..clients.nfc import LEASE_TIMEOUT, STALL_TIMEOUT, Lease
from ..clients.vsphere import Vsphere, vim, words
from ..errors import ApiError, Conflict, Error, Invalid, TimedOut
from ..image.progress import PROGRESS, Progress
from ..image.text import normal
from ..values import given
from . import power, sizing, storage_policy
from .machine import clock, fetch, fix_mac, is_adapter, reconfigure
from .marks import COMPLETE, ENTRY, GATEWAY, HARDWARE, IMAGE, INSTANCE, NETWORKS, SITE, is_set, mark

SETTLES_WITHIN = 3


class Deployment:
    """One image at one place, imported as one machine that carries our marks. ``texts`` are the values of its OVF properties.

    ``warnings`` are what vCenter said of the descriptor.
    """

    def __init__(self, client: Vsphere, params: dict, image, place, *, policy=None, texts: dict | None = None):
        self.client = client
        self.params = params
        self.image = image
        self.place = place
        self.policy = policy
        self.texts = texts or {}
        self.warnings: list[str] = []
        self._made = None

    def prepare(self, want):
        """Have vCenter look at the descriptor, before anything is written."""
        self._made = self.spec(want)

    def run(self, want):
        spec = self._made or self.spec(want)
        lease = None
        limits = {"timeout": self.params["wait_timeout"]} if self.params.get("wait") else {}
        try:
            with Lease(
                self.client,
                self.begin(spec),
                stall_timeout=stall_timeout(self.params),
                report=Progress(os.environ.get(PROGRESS)),
                **limits,
            ) as lease:
                for item in spec.fileItem:
                    item.path = normal(item.path) or item.path
                if self.params.get("pull"):
                    pull.pull(lease, self.image, spec.fileItem)
                else:
                    lease.send(self.image, spec.fileItem)
                lease.complete()
            self._finish(lease.entity, want["name"])
        except Error:
            if lease is not None:
                self._clear_away(lease.entity)
            raise
        finally:
            self.image.close()

    def spec(self, want):
        """What vCenter makes of the descriptor, with our marks and settings in it."""
        attempted = f"prepare the import of {want['name']}"
        mapping, networks = vim.OvfManager.NetworkMapping, self.place.networks
        parameters = vim.OvfManager.CreateImportSpecParams(
            locale="",
            deploymentOption=self.params.get("deployment_option") or "",
            entityName=want["name"],
            hostSystem=self.place.host,
            diskProvisioning=self.params.get("disk_provisioning") or "thick",
            propertyMapping=[vim.KeyValue(key=name, value=value) for name, value in self.texts.items()],
            networkMapping=[mapping(name=name, network=networks[to]) for name, to in want["networks"].items()],
        )
        manager = self.client.content.ovfManager
        arguments = (self.image.descriptor, self.place.pool, self.place.datastore, parameters)
        made = self.client.call(manager, "CreateImportSpec", *arguments, attempted=attempted)
        if made.error:
            raise ApiError("; ".join(words(fault) for fault in made.error), attempted=attempted, service="vCenter")
        self.warnings = [words(fault) for fault in getattr(made, "warning", None) or ()]
        if self.warnings and self.params.get("fail_on_spec_warnings"):
            raise Invalid("fail_on_spec_warnings", f"vCenter warns of the image: {'; '.join(self.warnings)}")
        config = getattr(made.importSpec, "configSpec", None)
        if config is None:
            raise Invalid("ova", "its descriptor does not describe one virtual machine")
        self._set(config, want)
        return made

    def begin(self, spec):
        """The lease of the import."""
        arguments = (spec.importSpec, self.place.folder, *([self.place.host] if self.place.host else []))
        attempted = f"import {spec.importSpec.configSpec.name}"
        return self.client.call(self.place.pool, "ImportVApp", *arguments, attempted=attempted)

    def _set(self, config, want):
        hardware = self.image.hardware(self.texts)
        config.extraConfig = [
            *(config.extraConfig or []),
            mark(IMAGE, self.image.identity),
            mark(NETWORKS, json.dumps(self.image.adapters)),
            mark(HARDWARE, sizing.text(hardware)),
            mark(COMPLETE, "false"),
        ]
        for setting, value in sizing.settings(given(want, *sizing.KEYS), config.numCoresPerSocket).items():
            setattr(config, setting, value)
        for name, key in (("gateway_arn", GATEWAY), ("entry", ENTRY), ("site_id", SITE)):
            if want.get(name):
                config.extraConfig += [mark(key, want[name])]
        if "annotation" in want:
            config.annotation = want["annotation"]
        if "sync_time_with_host" in want:
            config.tools = clock(self.client, want["sync_time_with_host"], config.tools)
        if self.policy is not None:
            config.vmProfile = storage_policy.spec(self.policy)
            for change in config.deviceChange:
                if isinstance(change.device, vim.vm.device.VirtualDisk):
                    change.profile = storage_policy.spec(self.policy)
        adapters = [change.device for change in config.deviceChange if is_adapter(change.device)]
        if "mac_address" in want:
            if not adapters:
                raise Invalid("mac_address", "the image has no network adapter")
            fix_mac(adapters[0], want["mac_address"])

    def _finish(self, virtual_machine, name):
        """Mark it as whole, and as which machine it was made: a clone carries the mark of the machine that it was made from."""
        raw = fetch(self.client, [virtual_machine]).get(virtual_machine)
        born = [] if raw is None else [mark(INSTANCE, raw.own["config.instanceUuid"])]
        reconfigure(self.client, virtual_machine, name, extraConfig=[mark(COMPLETE, "true"), *born])

    def _clear_away(self, virtual_machine):
        """vCenter removes what an aborted import made; whatever is left when that fails, the next run recognises."""
        try:
            raw = fetch(self.client, [virtual_machine]).get(virtual_machine) if virtual_machine is not None else None
            if raw is not None and not is_set(raw, COMPLETE):
                remove(self.client, raw)
        except Error:
            pass


def stall_timeout(params: dict) -> float:
    seconds = params.get("stall_timeout", STALL_TIMEOUT)
    if seconds < 1:
        raise Invalid("stall_timeout", f"{seconds} is not a number of seconds to wait")
    return seconds


def remove(client: Vsphere, raw):
    power.off(client, raw, "removed", gently=False)
    attempted = f"remove {raw.own['name']}"
    client.task(raw.virtual_machine, "Destroy_Task", attempted=attempted, missing=True)


def remove_remains(client: Vsphere, virtual_machine, name: str):
    """Remove a half-made machine, unless another run still makes it: then wait until it is made, or its lease ends."""

    def look():
        raw = fetch(client, [virtual_machine]).get(virtual_machine)
        if raw is None or is_set(raw, COMPLETE):
            raise Conflict(f"another run has changed {name} meanwhile")
        return raw

    def attempt():
        try:
            remove(client, _settled(look, name))
        except Conflict as conflict:
            if not conflict.busy:
                raise
            return conflict
        return None

    what = f"another run to upload {name}, or for the lease of one that was killed to end"
    wait.until(attempt, lambda busy: busy is None or str(busy), timeout=LEASE_TIMEOUT, what=what)


def _settled(look, name):
    """Between the end of its lease and its mark, a machine of another run looks half-made."""
    try:
        wait.until(look, lambda raw: "it is half-made", timeout=SETTLES_WITHIN, what=name)
    except TimedOut:
        pass
    return look()
