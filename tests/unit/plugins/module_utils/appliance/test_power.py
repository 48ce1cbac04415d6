# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import machine as machines
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import power
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Denied, Foreign

from .vcenter import MACHINE, Vcenter, machine

TOOLS = {"guest.toolsRunningStatus": "guestToolsRunning"}
OTHERS = "[WorkloadDatastore] customer/data.vmdk"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(power, "SHUTS_DOWN_WITHIN", 0)


def off(client, **how):
    power.off(client, machines.fetch(client, [MACHINE])[MACHINE], **how)
    return client.methods


def test_what_is_off_stays_off():
    assert off(Vcenter(**machine())) == []


def test_a_guest_without_tools_is_powered_off():
    assert off(Vcenter(**machine(on=True))) == ["PowerOffVM_Task"]


def test_what_is_removed_is_not_asked_to_shut_down():
    assert off(Vcenter(**machine(on=True, **TOOLS)), gently=False) == ["PowerOffVM_Task"]


def test_with_the_disks_of_others_it_stays_on():
    client = Vcenter(**machine(on=True, disks=(OTHERS,)))
    for gently in (True, False):
        with pytest.raises(Foreign, match="cannot be powered off.*customer/data.vmdk"):
            off(client, gently=gently)
    assert client.writes == []


@pytest.mark.parametrize("code", ["ToolsUnavailable", "InvalidPowerState", "InvalidState"])
def test_a_guest_that_cannot_be_asked_is_powered_off(code):
    client = refusing(ApiError("no", code=code))
    assert off(client) == ["PowerOffVM_Task"]


def test_a_guest_that_must_not_be_asked_is_left():
    client = refusing(Denied("no", code="NoPermission"))
    with pytest.raises(Denied):
        off(client)
    assert client.writes == []


def refusing(error):
    client = Vcenter(**machine(on=True, **TOOLS))

    def call(*_call, **_told):
        raise error

    client.call = call
    return client


def test_powering_on_is_a_task():
    client = Vcenter(**machine())
    power.on(client, machines.fetch(client, [MACHINE])[MACHINE])
    assert client.methods == ["PowerOnVM_Task"]
