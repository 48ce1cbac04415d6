# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.datastore import view
from ansible_collections.vmc.aws_backup.plugins.modules import vsphere_datastore_info

from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(vsphere_datastore_info) == specified(vsphere_datastore_info)


def test_its_result_is_documented():
    shown = view({"name": "WorkloadDatastore", "clusters": [], "cluster_ids": [], "virtual_machines": []})
    assert set(returned(vsphere_datastore_info)["datastores"]["contains"]) == set(shown)
