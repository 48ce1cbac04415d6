# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power of an appliance. It is never taken away while disks of other virtual machines hang on it (SAFETY 1)."""

from __future__ import annotations

from .. import wait
from ..clients.vsphere import Vsphere
from ..errors import ApiError, TimedOut
from .machine import Raw, fetch, refuse_foreign_disks

SHUTS_DOWN_WITHIN = 300
TOOLS_RUN = "guestToolsRunning"
NOT_TO_BE_ASKED = ("ToolsUnavailable", "InvalidPowerState", "InvalidState")


def is_on(raw: Raw) -> bool:
    return raw.own.get("runtime.powerState") != "poweredOff"


def on(client: Vsphere, raw: Raw):
    name = raw.own["name"]
    client.task(raw.virtual_machine, "PowerOnVM_Task", attempted=f"power on {name}")


def off(client: Vsphere, raw: Raw, done_to_it: str = "powered off", *, gently: bool = True):
    """Power off; ``gently`` lets the guest shut down first, where its tools run."""
    refuse_foreign_disks(raw, done_to_it)
    if not is_on(raw) or (gently and _shuts_down(client, raw)):
        return
    now = fetch(client, [raw.virtual_machine]).get(raw.virtual_machine)
    if now is None or not is_on(now):
        return
    refuse_foreign_disks(now, done_to_it)
    attempted = f"power off {raw.own['name']}"
    client.task(raw.virtual_machine, "PowerOffVM_Task", attempted=attempted, missing=True)


def _shuts_down(client, raw) -> bool:
    """Whether the guest shuts itself down in time."""
    if raw.own.get("guest.toolsRunningStatus") != TOOLS_RUN:
        return False
    name = raw.own["name"]
    try:
        client.call(raw.virtual_machine, "ShutdownGuest", attempted=f"shut down the guest of {name}", missing=True)
    except ApiError as error:
        if error.code in NOT_TO_BE_ASKED:
            return False
        raise

    def running():
        now = fetch(client, [raw.virtual_machine]).get(raw.virtual_machine)
        return now is not None and is_on(now)

    try:
        wait.until(running, lambda on: not on, timeout=SHUTS_DOWN_WITHIN, what=f"the guest of {name} to shut down")
    except TimedOut:
        return False
    return True
