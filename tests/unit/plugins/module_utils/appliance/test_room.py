# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import machine as machines
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import room
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from pyVmomi import vim

from .test_machine import layout
from .vcenter import MACHINE, Vcenter, machine, summary


def filled(used, capacity=1000):
    return vim.Datastore.Summary(name="WorkloadDatastore", capacity=capacity, freeSpace=capacity - used)


@pytest.mark.parametrize(
    ("used", "need", "most", "freed"),
    [(600, 100, 70, 0), (0, 700, 70, 0), (900, 100, 100, 0), (700, 80, 70, 80), (0, 0, 70, 900)],
)
def test_up_to_the_limit_there_is_room(used, need, most, freed):
    room.check(filled(used), need, most, freed=freed)


@pytest.mark.parametrize(("used", "need", "freed"), [(600, 101, 0), (900, 0, 0), (700, 81, 80)])
def test_beyond_it_a_deployment_is_refused(used, need, freed):
    with pytest.raises(Invalid, match="WorkloadDatastore is .* beyond 70 %") as caught:
        room.check(filled(used), need, 70, freed=freed)
    assert caught.value.option == "max_datastore_usage"


def test_a_datastore_that_does_not_tell_its_size_is_no_reason():
    room.check(filled(0, capacity=0), 100, 70)


@pytest.mark.parametrize("most", [0, 101, -1])
def test_a_limit_is_a_percentage(most):
    with pytest.raises(Invalid, match="1 to 100"):
        room.check(filled(0), 0, most)


def test_what_is_left_of_an_upload_makes_as_much_room_as_its_files_take_where_they_are_told():
    raw = machines.fetch(
        Vcenter(**machine(layoutEx=layout(("[WorkloadDatastore] gw/gw.vmdk", "x", 7), chain=(0,)))), [MACHINE]
    )
    assert room.freed(summary("WorkloadDatastore"), raw[MACHINE]) == 7
    untold = machines.fetch(Vcenter(**machine()), [MACHINE])
    assert room.freed(summary("WorkloadDatastore"), untold[MACHINE]) == 2 * 2**30
