# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/neighbours.md is what tests/neighbours.py writes, and knows every option of the neighbours."""

from __future__ import annotations

import pytest

pytest.importorskip("ansible_collections.community.vmware")
neighbours = pytest.importorskip("neighbours")


@pytest.mark.skipif(
    any(neighbours.version(name) != tried for name, tried in neighbours.TRIED.items()),
    reason="the table is of other versions of the neighbours",
)
def test_every_option_of_the_neighbours_is_told():
    assert neighbours.unknown() == []


def test_the_page_has_the_options_as_the_table_says():
    page = neighbours.PAGE.read_text()
    assert "\n".join(neighbours.options_table()).strip() in page
