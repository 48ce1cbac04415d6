# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import crash_matrix
import pytest
from rehearsal import Lab

HERE = pathlib.Path(__file__).parent
# Seconds of one test, on a slow machine; of the others says pytest.ini.
LIMIT, OF_A_PROOF = 900, 1800
LONGEST_FIRST = ("test_site.py", "test_runner.py", "test_crash.py", "test_targets.py")


def pytest_collection_modifyitems(items):
    """What takes longest comes first, so that the workers end together; none takes for ever."""
    for item in items:
        if item.path.is_relative_to(HERE) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(OF_A_PROOF if item.get_closest_marker("proof") else LIMIT))
    items.sort(
        key=lambda item: LONGEST_FIRST.index(item.path.name) if item.path.name in LONGEST_FIRST else len(LONGEST_FIRST)
    )


@pytest.fixture(scope="session")
def running_lab(tmp_path_factory):
    """One lab for each worker: labs run side by side."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.up()
    yield lab
    lab.down()


@pytest.fixture
def lab(running_lab):
    """A prepared SDDC, as new."""
    running_lab.reset()
    return running_lab


@pytest.fixture(scope="session")
def undisturbed(running_lab):
    """The world that one site.yml makes when nothing gets in its way; for tests of the group of that name."""
    return crash_matrix.undisturbed(running_lab)[0]
