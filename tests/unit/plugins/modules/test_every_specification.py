# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module takes is what its documentation says that it takes."""

from __future__ import annotations

import importlib
import pathlib

import pytest

from .documentation import documented, specified

MODULES = sorted(path.stem for path in (pathlib.Path(__file__).parents[4] / "plugins" / "modules").glob("*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_the_specification_is_as_documented(name):
    module = importlib.import_module(f"ansible_collections.vmc.aws_backup.plugins.modules.{name}")
    assert specified(module) == documented(module)
