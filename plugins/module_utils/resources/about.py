# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a vCenter says of itself."""

from __future__ import annotations

from ..clients.vsphere import Vsphere


def find(client: Vsphere):
    return client.content.about


def view(raw) -> dict:
    return {
        "instance_uuid": raw.instanceUuid,
        "name": raw.name,
        "version": raw.version,
        "build": raw.build,
        "api_version": raw.apiVersion,
    }
