# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_public_ip_info

from .documentation import documented, specified


def test_addresses_are_listed(run_nsx, nsx):
    nsx.cloud["/infra/public-ips/out"] = {"id": "out", "display_name": "Out", "ip": "198.51.100.10"}
    assert run_nsx(nsx_public_ip_info)["public_ips"] == [{"id": "out", "display_name": "Out", "ip": "198.51.100.10"}]
    assert run_nsx(nsx_public_ip_info, id="other")["public_ips"] == []


def test_what_it_documents_is_what_it_accepts():
    assert documented(nsx_public_ip_info) == specified(nsx_public_ip_info)
