# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import stat

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error
from ansible_collections.vmc.aws_backup.plugins.plugin_utils import drills


def record(request=None, **more):
    return {
        "request_id": request or drills.new_request(),
        "site_id": "site",
        "machine": {"name": "web"},
        "state": "open",
        **more,
    }


def test_what_is_written_is_read_again_by_its_site(tmp_path):
    folder = tmp_path / "deep" / "drills"
    assert drills.read(str(folder)) == []
    first, other = record(), record(site_id="other")
    path = drills.write(str(folder), first)
    drills.write(str(folder), other)
    assert drills.read(str(folder), "site") == [first]
    assert len(drills.read(str(folder))) == 2
    assert stat.S_IMODE((folder / path.rpartition("/")[2]).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_record_is_replaced_as_a_whole(tmp_path):
    first = record()
    drills.write(str(tmp_path), first)
    drills.write(str(tmp_path), {**first, "state": "closed"})
    assert [each["state"] for each in drills.read(str(tmp_path))] == ["closed"]
    assert [path.name for path in tmp_path.iterdir()] == [f"{first['request_id']}.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"request_id": "drill-1", "machine": null}', "\xff"])
def test_one_that_cannot_be_read_is_no_empty_folder(tmp_path, text):
    (tmp_path / "drill-1.json").write_text(text, encoding="latin-1")
    with pytest.raises(Error, match="drill-1.json of a restore drill cannot be read"):
        drills.read(str(tmp_path))


@pytest.mark.parametrize("request_id", ["", "../x", "drill-xyz", None, 5])
def test_a_name_is_a_drill_s(tmp_path, request_id):
    with pytest.raises(Error, match="is no drill's name"):
        drills.write(str(tmp_path), {**record(), "request_id": request_id})
    assert list(tmp_path.iterdir()) == []


def test_no_two_drills_have_one_name():
    assert len({drills.new_request() for _time in range(100)}) == 100
    assert drills.REQUEST.fullmatch(drills.new_request())
    assert drills.now().endswith("+00:00")
