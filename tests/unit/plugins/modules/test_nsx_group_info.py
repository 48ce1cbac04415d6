# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_group_info


def test_groups_of_others_are_listed_too(run_nsx, nsx):
    nsx.objects["/infra/domains/cgw/groups/theirs"] = {"id": "theirs"}
    nsx.objects["/infra/domains/mgw/groups/other"] = {"id": "other"}
    result = run_nsx(nsx_group_info, domain="cgw")
    assert [group["id"] for group in result["groups"]] == ["theirs"]
    assert not result["changed"]


def test_a_group_that_is_not_there_is_an_empty_list(run_nsx):
    assert run_nsx(nsx_group_info, domain="cgw", id="none")["groups"] == []


def test_an_id_cannot_leave_its_path(run_nsx):
    assert run_nsx(nsx_group_info, domain="cgw", id="../x")["failed"]
