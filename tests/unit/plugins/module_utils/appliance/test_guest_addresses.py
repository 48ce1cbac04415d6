# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import guest_addresses
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import machine as machines
from pyVmomi import vim

from .vcenter import MACHINE, Vcenter, adapter, disk, machine

MAC, SECOND = "00:50:56:0a:14:0b", "00:50:56:0a:14:0c"
DOCKER = ("02:42:ac:11:00:01", -1, ["172.17.0.1", "fe80::42:acff:fe11:1"])


def raw(first, *nets):
    told = [
        vim.vm.GuestInfo.NicInfo(macAddress=mac, deviceConfigId=key, ipAddress=addresses, connected=True)
        for mac, key, addresses in nets
    ]
    devices = [disk("[WorkloadDatastore] gw/gw.vmdk"), adapter(), adapter(1, mac=SECOND.upper())]
    properties = machine(on=True, address=first, **{"guest.net": told, "config.hardware.device": devices})
    return machines.fetch(Vcenter(**properties), [MACHINE])[MACHINE]


@pytest.mark.parametrize(
    ("first", "nets", "own"),
    [
        (None, [], None),
        ("10.0.0.5", [], "10.0.0.5"),
        ("fe80::1", [], None),
        ("10.0.0.5", [(MAC, 4000, ["10.0.0.5"])], "10.0.0.5"),
        ("172.17.0.1", [DOCKER, (MAC, 4000, ["fe80::1", "10.0.0.5"])], "10.0.0.5"),
        ("fe80::1", [(MAC, 4000, ["fe80::1", "10.0.0.5"]), DOCKER], "10.0.0.5"),
        ("172.17.0.1", [DOCKER, (MAC, 4000, [])], None),  # its own comes later
        ("172.17.0.1", [DOCKER, (MAC, 4000, ["169.254.3.4"])], "169.254.3.4"),
        ("169.254.3.4", [(MAC, 4000, ["169.254.3.4", "10.0.0.5"])], "10.0.0.5"),
        ("10.0.0.9", [(SECOND, 4001, ["10.0.0.9"]), (MAC, 4000, ["10.0.0.5"])], "10.0.0.5"),
        ("10.0.0.5", [(MAC.upper(), -1, ["10.0.0.5"]), DOCKER], "10.0.0.5"),  # a bridge upon the adapter
        ("10.0.0.5", [("", -1, ["172.17.0.1"])], "10.0.0.5"),
        ("odd", [(MAC, 4000, ["odd", "fe80::1%eth0", "10.0.0.5"])], "10.0.0.5"),
    ],
)
def test_its_address_is_that_of_an_adapter_and_no_bridge_s(first, nets, own):
    assert guest_addresses.own(raw(first, *nets)) == own


def test_all_addresses_are_told_those_of_adapters_first():
    seen = raw("172.17.0.1", DOCKER, (MAC, 4000, ["fe80::1", "10.0.0.5"]))
    assert guest_addresses.all_of(seen) == ["fe80::1", "10.0.0.5", "172.17.0.1", "fe80::42:acff:fe11:1"]


def test_what_is_configured_counts_where_it_is_told():
    nic = vim.vm.GuestInfo.NicInfo(macAddress=MAC, deviceConfigId=4000, ipAddress=["10.0.0.5"])
    address = vim.net.IpConfigInfo.IpAddress(ipAddress="10.0.0.6", prefixLength=24)
    nic.ipConfig = vim.net.IpConfigInfo(ipAddress=[address])
    seen = machines.fetch(Vcenter(**machine(**{"guest.net": [nic]})), [MACHINE])[MACHINE]
    assert guest_addresses.all_of(seen) == ["10.0.0.6"]
