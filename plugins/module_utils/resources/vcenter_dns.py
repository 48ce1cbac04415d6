# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address to which the name of an SDDC's vCenter Server resolves, for everybody who asks."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from .. import wait
from ..errors import ApiError, Conflict, Error, Invalid

ADDRESSES = {"private": "vcenter_management_ip", "public": "vcenter_public_ip"}
RESOLVES_TO = {True: "private", False: "public"}
RUNNING = ("STARTED", "CANCELING")


class VcenterDns:
    kind = "vcenter_dns"
    immutable = ()
    create = delete = None

    def __init__(self, vmc, params: dict):
        if not params["sddc_id"]:
            raise Invalid("sddc_id", "is needed to say whose vCenter is meant.")
        self.vmc = vmc
        self.params = params

    def observe(self):
        found = find(self.vmc, sddc_id=self.params["sddc_id"])
        if not found:
            raise Invalid("sddc_id", f"there is no SDDC {self.params['sddc_id']} in this organisation.")
        return view(found[0])

    def want(self, have):
        wanted = self.params["resolution_address"]
        if wanted != have["resolution_address"]:
            if not have[ADDRESSES[wanted]]:
                raise Invalid(
                    "resolution_address", f"this SDDC does not say what the {wanted} address of its vCenter is."
                )
            if have["sddc_state"] != "READY":
                raise Error(
                    f"The SDDC {have['sddc_id']} is {have['sddc_state']}: nothing is switched before it is READY."
                )
        return {"resolution_address": wanted}

    def update(self, have, changes):
        """Switch, unless a task that runs already, such as that of a run that was killed, has done it by its end."""
        self._wait(self._quiet, f"other tasks of the SDDC {have['sddc_id']}")
        wanted = changes["resolution_address"]
        if self.observe()["resolution_address"] != wanted:
            task = self._begun(have["sddc_id"], wanted)
            try:
                self._wait(lambda: self._switched(task, wanted), f"the task {task['id']}")
            except Error as failure:
                failure.wrote = True
                raise
        name = self.params["vcenter_hostname"]
        if name:
            self._wait(lambda: _leads_elsewhere(name, have[ADDRESSES[wanted]]), f"the name {name}")

    def _begun(self, sddc_id, wanted) -> dict:
        """The task that switches; a refusal while another task runs is that of a run that was faster by a moment."""
        try:
            return self.vmc.resolve_vcenter(sddc_id, wanted)
        except ApiError as refusal:
            if not self._quiet():
                raise
            raise Conflict(refusal.message, attempted=refusal.attempted, service="vmc", code=refusal.code) from None

    def _wait(self, probe, what):
        """Until ``probe`` gives no more reason why not."""
        wait.until(probe, lambda reason: reason or True, timeout=self.params["wait_timeout"], what=what)

    def _quiet(self):
        running = [task for task in self.vmc.tasks() if task.get("resource_id") == self.params["sddc_id"]]
        return "; ".join(_task_text(task) for task in running if task.get("status") in RUNNING)

    def _switched(self, task, wanted):
        seen = self.vmc.task(task["id"]) or task
        if seen.get("status") in RUNNING:
            return _task_text(seen)
        if seen.get("status") != "FINISHED":
            raise Error(f"VMware Cloud did not switch the address: {_task_text(seen)}.")
        have = self.observe()["resolution_address"]
        return None if have == wanted else f"the task is done, the SDDC still says {have}"


def find(vmc, *, sddc_id: str | None = None) -> list[dict]:
    if sddc_id is None:
        return vmc.sddcs()
    raw = vmc.sddc(sddc_id)
    return [] if raw is None else [raw]


def view(raw: dict) -> dict:
    config = raw.get("resource_config") or {}
    return {
        "sddc_id": raw["id"],
        "sddc_state": raw.get("sddc_state"),
        "vcenter_hostname": urlsplit(config.get("vc_url") or "").hostname,
        "resolution_address": RESOLVES_TO.get(config.get("dns_with_management_vm_private_ip")),
        "vcenter_management_ip": config.get("vc_management_ip"),
        "vcenter_public_ip": config.get("vc_public_ip"),
    }


def _leads_elsewhere(name: str, address: str) -> str | None:
    """Why a name does not lead to an address yet, as seen from where this runs."""
    try:
        found = sorted({answer[4][0] for answer in socket.getaddrinfo(name, None)})
    except OSError as error:
        return f"{name} is not found here: {error.strerror or error}"
    return None if address in found else f"{name} still leads to {', '.join(found)} here"


def _task_text(task) -> str:
    words = [task.get("task_type") or "task", task.get("id"), task.get("status") or "of an unknown state"]
    if task.get("status") in RUNNING:
        words.append(f"at {task.get('progress_percent') or 0} %")
    reason = task.get("error_message")
    return " ".join(str(word) for word in words if word) + (f" ({reason})" if reason else "")
