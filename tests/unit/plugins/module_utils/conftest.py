# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import storage_policy
from lab import ova as ova_of_the_lab

from .appliance.storage import Service, policy
from .image.images import archive, files


@pytest.fixture
def ova(tmp_path):
    return archive(tmp_path / "a.ova", files())


@pytest.fixture
def large(tmp_path):
    """An image that takes 8 GiB of disk and 16 GiB of memory."""
    return archive(tmp_path / "large.ova", ova_of_the_lab.files(gibibytes=8, mebibytes=1))


@pytest.fixture
def policies(monkeypatch):
    """Two policies; the machine has the first one."""
    known = [policy("Mirrored", hostFailuresToTolerate=1), policy("Plain", hostFailuresToTolerate=0)]
    given = {"vm-1": ["id of Mirrored"], "vm-1:2000": ["id of Mirrored"]}
    monkeypatch.setattr(storage_policy, "Policies", lambda client: Service(known, given))
