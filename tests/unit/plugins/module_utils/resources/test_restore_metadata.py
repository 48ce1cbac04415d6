# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.restore_metadata import (
    METADATA,
    disks_of,
    said_disk,
    text,
)

DISKS = [{"DiskId": "2000", "Label": "Hard disk 1"}, {"DiskId": "2001", "Label": "Hard disk 2"}]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"DisksToRestore": None},
        {"DisksToRestore": "{"},
        {"DisksToRestore": '{"DiskId": 1}'},
        {"DisksToRestore": "[1]"},
    ],
)
def test_disks_that_are_not_told_are_none(told):
    assert disks_of(told) == []
    with pytest.raises(Invalid, match="none that are told"):
        said_disk("2000", disks_of(told))


@pytest.mark.parametrize("wanted", ["2001", "Hard disk 2"])
def test_a_disk_is_named_by_id_or_label(wanted):
    assert json.loads(said_disk(wanted, disks_of({"DisksToRestore": json.dumps(DISKS)}))) == DISKS[1:]
    assert json.loads(said_disk(None, DISKS[:1])) == DISKS[:1]


def test_metadata_are_texts():
    assert [text(value) for value in (True, 5, "a", ["b"], {"c": 1})] == ["true", "5", "a", '["b"]', '{"c": 1}']


def test_of_what_is_told_only_the_disks_are_kept():
    told = {"VMName": "x", "VMPath": "/dc/vm", "DisksToRestore": "[]", "vmId": "vm-1"}
    assert METADATA["vmware"].defaults(told) == {"DisksToRestore": "[]", "vmId": "vm-1"}
    assert METADATA["ec2"].defaults(told) == {}
