# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.in_the_way import in_the_way

BROKEN = {"hop": "route_table", "verdict": "broken", "evidence": "No route to 10.0.5.20."}
OTHER = {"hop": "dns", "verdict": "broken", "evidence": "No answer."}


def told(hops, retired=(), retire=None):
    planned = [{"name": "gw-1", "ip_address": "10.0.5.20"}, {"name": "gw-2", "ip_address": "10.0.5.2"}]
    return in_the_way(hops, {"appliances": planned, "given": {"retired": list(retired), "retire": retire}})


def test_it_is_said_who_is_cut_off_and_why():
    assert told([BROKEN, {**OTHER, "verdict": "unknown"}]) == "gw-1: No route to 10.0.5.20."
    assert told([OTHER]) == "No answer."
    assert told([{**BROKEN, "verdict": "costly"}], ["old"]) == ""


@pytest.mark.parametrize("kept", [{"retired": ["old"]}, {"retire": "old"}, {"retired": ["old"], "retire": "old"}])
def test_it_is_said_that_nothing_was_given_up(kept):
    assert (
        told([OTHER], **kept) == "No answer.\nold is not given up, and serves as before. Mend that, and run this again."
    )
