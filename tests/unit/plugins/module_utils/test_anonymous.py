# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import tempfile

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.anonymous import anonymous, read, write


@pytest.fixture(params=["in memory", "elsewhere"])
def file(request, monkeypatch, tmp_path):
    if request.param == "elsewhere":
        monkeypatch.delattr(os, "memfd_create")
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with anonymous() as made:
        yield made
    assert list(tmp_path.iterdir()) == []


def test_it_has_no_name_and_is_not_handed_to_other_programs(file, tmp_path):
    assert not os.get_inheritable(file.fileno())
    assert os.fstat(file.fileno()).st_nlink == 0
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_last_is_read(file):
    assert read(file.fileno()) == {}
    write(file.fileno(), {"k": "long" * 100})
    write(file.fileno(), {"k": "short"})
    assert read(file.fileno()) == {"k": "short"}


def test_what_a_killed_process_left_by_halves_is_nothing(file):
    os.pwrite(file.fileno(), b'{"k": "ha', 0)
    assert read(file.fileno()) == {}
