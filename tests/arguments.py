# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options for a module that runs in the process of the test, with any ansible-core."""

from __future__ import annotations

import contextlib
import json
from unittest import mock

from ansible.module_utils import basic

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.16

    @contextlib.contextmanager
    def patch_module_args(options):
        text = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
        with mock.patch.object(basic, "_ANSIBLE_ARGS", text):
            yield


__all__ = ["patch_module_args"]
