# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import about
from pyVmomi import vim

ABOUT = vim.AboutInfo(
    instanceUuid="2f1c3a52-6a3e-4b7c-9d7e-1f0a4c1b9e55",
    name="VMware vCenter Server",
    version="8.0.3",
    build="24022515",
    apiVersion="8.0.3.0",
)


def test_a_vcenter_is_told_from_every_other_by_its_instance_uuid():
    client = SimpleNamespace(content=SimpleNamespace(about=ABOUT))
    assert about.view(about.find(client)) == {
        "instance_uuid": "2f1c3a52-6a3e-4b7c-9d7e-1f0a4c1b9e55",
        "name": "VMware vCenter Server",
        "version": "8.0.3",
        "build": "24022515",
        "api_version": "8.0.3.0",
    }
