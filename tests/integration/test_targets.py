# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module keeps its promises on the lab: targets/<module>, mostly the shared contract."""

from __future__ import annotations

import pathlib

import pytest
from rehearsal import OF_MODULES

HERE = pathlib.Path(__file__).parent


@pytest.mark.parametrize("target", OF_MODULES)
def test_the_module_keeps_its_promises(lab, target):
    run = lab.play(HERE / "target.yml", target=target, lab_url=lab.url)
    assert run.returncode == 0, run.output
