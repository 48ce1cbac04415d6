# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
import sys

from ansible_collections.vmc.aws_backup.plugins.modules import gateway_appliance

from ..module_utils.resources.test_appliance import HAVE
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(gateway_appliance) == specified(gateway_appliance)


def test_its_result_is_documented():
    assert set(returned(gateway_appliance)["appliance"]["contains"]) == {*HAVE, "storage_policy", "tags"}


def test_what_only_tags_need_is_not_loaded_without_them():
    loading = f"import sys, {gateway_appliance.__name__}; sys.exit('requests' in sys.modules)"
    command = [sys.executable, "-c", loading]
    assert subprocess.run(command, env={"PYTHONPATH": ":".join(sys.path)}, check=False).returncode == 0
