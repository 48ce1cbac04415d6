# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.activation import nat_source
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid


@pytest.mark.parametrize(
    ("given", "control", "source"),
    [
        ("203.0.113.9", ["10.0.0.9/32"], "203.0.113.9/32"),
        ("203.0.113.9/32", [], "203.0.113.9/32"),
        (None, ["203.0.113.7"], "203.0.113.7/32"),
        (None, ["127.0.0.1/32"], "127.0.0.1/32"),
    ],
)
def test_one_address_is_let_in(given, control, source):
    assert nat_source(given, control) == source


@pytest.mark.parametrize(
    ("given", "control", "says"),
    [
        ("203.0.113.0/31", [], "'203.0.113.0/31' is not one IPv4 address"),
        ("ANY", [], "'ANY' is not one IPv4 address"),
        ("2001:db8::1", [], "is not one IPv4 address"),
        ("10.0.0.9", ["203.0.113.7"], "10.0.0.9 is private"),
        ("100.64.0.9", [], "100.64.0.9 is private"),
        (None, ["10.0.0.9/32"], "10.0.0.9 is private"),
        (None, ["203.0.113.7", "203.0.113.8"], "is not given, and vmc_backup_control_addresses is not one"),
        (None, ["203.0.113.0/24"], "is not given, and vmc_backup_control_addresses is not one"),
        (None, [], "is not given, and vmc_backup_control_addresses is not one"),
    ],
)
def test_more_than_one_address_or_one_that_nobody_sees_is_refused(given, control, says):
    with pytest.raises(Invalid) as refused:
        nat_source(given, control)
    assert says in str(refused.value) and str(refused.value).startswith("registration_nat_source_address")
