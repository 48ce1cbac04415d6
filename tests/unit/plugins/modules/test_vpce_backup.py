# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.vpc_endpoint import view
from ansible_collections.vmc.aws_backup.plugins.modules import vpce_backup

from ..module_utils.resources.test_vpc_endpoint import SUBNETS, endpoint, resource
from .documentation import documented, returned, specified

MORE = [
    {**SUBNETS[0], "SubnetId": "subnet-1-too"},
    {**SUBNETS[1], "SubnetId": "subnet-of-others", "VpcId": "vpc-2"},
]


def test_its_documentation_is_its_specification():
    assert documented(vpce_backup) == specified(vpce_backup)


def test_its_result_is_documented():
    assert set(returned(vpce_backup)["vpc_endpoint"]["contains"]) == set(
        view({"VpcEndpoint": endpoint(), "NetworkInterfaces": {}, "Subnets": {}})
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("subnet_ids", None),
        ("subnet_ids", []),
        ("subnet_ids", ["subnet-9"]),
        ("subnet_ids", ["subnet-1", "subnet-of-others"]),
        ("subnet_ids", ["subnet-1", "subnet-1-too"]),
        ("security_group_ids", None),
        ("security_group_ids", []),
        ("security_group_ids", ["default"]),
        ("security_group_ids", ["ours", "sg-9"]),
        ("vpc_endpoint_id", "vpce-9"),
        ("policy_document", {"Effect": "Allow"}),
        ("policy_document", {"Statement": "Allow"}),
        ("policy_document", {"Statement": [{"Effect": "Permit"}]}),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(option, value):
    good = {"subnet_ids": ["subnet-1"], "security_group_ids": ["ours"]}
    asked = resource(given={**good, option: value}, describe_subnets={"Subnets": [*SUBNETS, *MORE]})
    with pytest.raises(Invalid) as caught:
        asked.want(asked.observe())
    assert caught.value.option == option
    assert not asked.client.writes
