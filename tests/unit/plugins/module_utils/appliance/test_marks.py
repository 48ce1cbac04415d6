# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import marks
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance.machine import fetch

from .vcenter import MACHINE, Vcenter, machine


@pytest.mark.parametrize(("written", "whole"), [("true", True), ("false", False), (None, False)])
def test_a_machine_is_whole_when_it_says_so(written, whole):
    found = machine()
    found["config.extraConfig"] = [] if written is None else [marks.mark(marks.COMPLETE, written)]
    assert marks.is_set(fetch(Vcenter(**found), [MACHINE])[MACHINE], marks.COMPLETE) is whole


def test_a_mark_is_an_option_of_the_configuration():
    written = marks.mark(marks.GATEWAY, "arn")
    assert (written.key, written.value) == ("vmc-aws-backup.gateway", "arn")
