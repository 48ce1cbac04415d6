# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.restored_volume import view
from ansible_collections.vmc.aws_backup.plugins.modules import restored_volume

from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(restored_volume) == specified(restored_volume)


def test_its_result_is_documented():
    raw = {"RestoreJobId": "1", "Arn": "arn", "VolumeId": "vol-1", "Size": 1, "State": "available"}
    assert set(returned(restored_volume)["restored_volume"]["contains"]) == set(view(raw))
