# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import backup_gateway as api
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Unresolved

ARN = "arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-1"


@pytest.mark.parametrize(("linked", "is_linked"), [("hype-1", True), (ARN, True), ("hype-11", False), (None, False)])
def test_a_link_is_known_by_id_or_arn(linked, is_linked):
    assert api.is_linked({"HypervisorId": linked}, ARN) is is_linked


def test_a_reference_is_a_name_or_an_arn():
    names = {"arn:1": "a", "arn:2": "b", "arn:3": "b"}
    assert api.resolve("gateway", "a", names) == "arn:1"
    assert api.resolve("gateway", "arn:3", names) == "arn:3"
    assert isinstance(api.resolve("gateway", "c", names), Unresolved)
    with pytest.raises(Ambiguous, match="arn:2, arn:3"):
        api.resolve("gateway", "b", names)
