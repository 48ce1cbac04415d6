# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import machine as machines
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import sizing
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.image.ovf import Hardware

from .vcenter import MACHINE, Vcenter, machine, option

HAVE = {"num_cpus": 4, "memory_mb": 16384}
HOT = {
    "config.cpuHotAddEnabled": True,
    "config.memoryHotAddEnabled": True,
    "config.hotPlugMemoryIncrementSize": 1024,
    "config.hotPlugMemoryLimit": 32768,
}


def raw(**more):
    return machines.fetch(Vcenter(**machine(**more)), [MACHINE])[MACHINE]


def test_what_is_not_given_is_not_asked_for():
    assert sizing.asked({"num_cpus": None}) == {}
    assert sizing.asked({"num_cpus": 8, "memory_mb": 32768}) == {"num_cpus": 8, "memory_mb": 32768}


def test_the_mark_is_read_back():
    written = option(sizing.HARDWARE, sizing.text(Hardware(2, 8192, 10)))
    assert sizing.least(raw(**{"config.extraConfig": [written]}), HAVE) == {"num_cpus": 2, "memory_mb": 8192}
    assert sizing.least(raw(), HAVE) == HAVE


def test_less_than_the_image_asks_for_names_the_option():
    sizing.refuse_less({"num_cpus": 4}, HAVE)
    with pytest.raises(Invalid) as caught:
        sizing.refuse_less({"memory_mb": 16380}, HAVE)
    assert caught.value.option == "memory_mb"


@pytest.mark.parametrize(
    ("changes", "more", "live"),
    [
        ({"num_cpus": 8, "memory_mb": 32768}, HOT, {"num_cpus", "memory_mb"}),
        ({"num_cpus": 8, "memory_mb": 32768}, {}, set()),
        ({"num_cpus": 2, "memory_mb": 8192}, HOT, set()),
        ({"memory_mb": 33792}, HOT, set()),
        ({"memory_mb": 16388}, HOT, set()),
        ({"num_cpus": 6}, {**HOT, "config.hardware.numCoresPerSocket": 4}, set()),
        ({"mac_address": "00:50:56:00:00:02"}, HOT, set()),
    ],
)
def test_vsphere_only_adds_and_only_where_hot_add_is_on(changes, more, live):
    assert sizing.live(raw(**more), changes) == live


@pytest.mark.parametrize(
    ("changes", "cores", "settings"),
    [
        ({"num_cpus": 8, "memory_mb": 32768}, 4, {"numCPUs": 8, "memoryMB": 32768}),
        ({"num_cpus": 6}, 4, {"numCPUs": 6, "numCoresPerSocket": 1}),
        ({"num_cpus": 6}, None, {"numCPUs": 6}),
        ({"annotation": "x"}, 1, {}),
    ],
)
def test_changes_become_vsphere_s_words(changes, cores, settings):
    assert sizing.settings(changes, cores) == settings
