# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from fuzz import fuzz

SECONDS = 45


@pytest.mark.timeout(4 * SECONDS)
def test_whatever_an_image_is_it_is_read_or_refused_in_one_sentence():
    cases, wrong = fuzz(seed=1, seconds=SECONDS)
    assert cases > 100
    assert wrong == [], f"make fuzz SEED=1 ONLY={wrong[0][0]}\n{wrong[0][1]}"
