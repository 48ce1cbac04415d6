# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's operations on tags against vCenter's own bindings (PyPI: vmware-vcenter). Skipped where they are not installed."""

from __future__ import annotations

import pathlib
import re

import pytest
from lab.vcenter.tagging import OPERATIONS

bindings = pytest.importorskip("com.vmware.cis")
OPERATION = re.compile(r"http_method='(\w+)',\s*url_template='([^']+)'")


@pytest.fixture(scope="module")
def operations():
    [folder] = bindings.__path__
    found = {
        (method, re.sub(r"\{\w+\}", "{id}", url))
        for method, url in OPERATION.findall(pathlib.Path(folder, "tagging_client.py").read_text())
    }
    assert len(found) > 20
    return found


@pytest.mark.parametrize(("method", "kind", "one", "action"), OPERATIONS)
def test_every_operation_exists(operations, method, kind, one, action):
    path = f"/cis/tagging/{kind}{'/{id}' if one else ''}{f'?action={action}' if action else ''}"
    assert (method, path) in operations
