# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.style import SCRIPT, STYLE


def test_it_is_made_for_light_and_dark_for_paper_and_for_phones():
    for media in ("prefers-color-scheme:dark", "@media print", "max-width:40rem"):
        assert media in STYLE


def test_every_colour_has_a_name_that_each_scheme_fills():
    named = set(re.findall(r"var\((--\w+)\)", STYLE))
    light, dark = re.findall(r":root{(.*?)}", STYLE, re.DOTALL)[:2]
    for scheme in (light, dark):
        assert named <= set(re.findall(r"(--\w+):", scheme))


def test_nothing_ends_the_elements_that_they_stand_in():
    assert "</" not in STYLE + SCRIPT and "innerHTML" not in SCRIPT
