# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_segment_info

from .documentation import documented, specified


def test_segments_are_listed(run_nsx, nsx):
    nsx.objects["/infra/tier-1s/cgw/segments/backup"] = {
        "id": "backup",
        "subnets": [{"gateway_address": "10.30.5.1/27"}],
    }
    found = run_nsx(nsx_segment_info)["segments"]
    assert [segment["subnets"][0]["gateway_address"] for segment in found] == ["10.30.5.1/27"]
    assert run_nsx(nsx_segment_info, id="other")["segments"] == []


def test_what_it_documents_is_what_it_accepts():
    assert documented(nsx_segment_info) == specified(nsx_segment_info)
