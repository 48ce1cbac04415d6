# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.security_group import view
from ansible_collections.vmc.aws_backup.plugins.modules import backup_security_group

from ..module_utils.resources.test_security_group import RAW, group
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_security_group) == specified(backup_security_group)


def test_its_result_is_documented():
    assert set(returned(backup_security_group)["security_group"]["contains"]) == set(view(RAW))


@pytest.mark.parametrize("network", ["10.0.0.1/8", "0.0.0.0/0", "fd00::1", "10.0.0", "everybody", ""])
def test_what_cannot_be_right_is_refused_by_name(network):
    with pytest.raises(Invalid) as caught:
        group(cidr_ips=["10.0.0.1", network]).want(None)
    assert caught.value.option == "cidr_ips"


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("name", {"name": "sg-appliances"}),
        ("name", {"name": ""}),
        ("name", {"name": "appliances?"}),
        ("description", {"description": "one\ntwo"}),
        ("vpc_id", {"vpcs": []}),
    ],
)
def test_a_group_that_cannot_be_made_is_refused_by_name(option, given):
    with pytest.raises(Invalid) as caught:
        group(**given).want(None)
    assert caught.value.option == option
