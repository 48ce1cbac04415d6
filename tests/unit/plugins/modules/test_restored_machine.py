# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import restored_machine

from .documentation import documented, specified


def test_its_documentation_is_its_specification():
    assert documented(restored_machine) == specified(restored_machine)
