# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.activation_key import ActivationKey, query

ENDPOINT = "vpce-1-2.backup-gateway.eu-west-1.vpce.amazonaws.com"


def asked(**changes):
    return {
        "region": "eu-west-1",
        "vpc_endpoint": ENDPOINT,
        "endpoint_type": "standard",
        "ip_version": "ipv4",
        "wait_timeout": 300,
        **changes,
    }


def test_a_key_is_asked_for_one_region_and_one_endpoint():
    assert query(asked()) == {"activationRegion": "eu-west-1", "gatewayType": "BACKUP_VM", "vpcEndpoint": ENDPOINT}


def test_the_ip_version_is_said_for_dual_stack_endpoints_only():
    said = query(asked(endpoint_type="dualstack", ip_version="ipv6"))
    assert (said["endpointType"], said["ipVersion"]) == ("DUALSTACK", "ipv6")


@pytest.mark.parametrize(
    ("option", "changes"),
    [
        ("region", {"region": "Ireland"}),
        ("region", {"region": "eu-west"}),
        ("vpc_endpoint", {"vpc_endpoint": "https://vpce-1.example.com"}),
        ("vpc_endpoint", {"vpc_endpoint": ENDPOINT.replace("eu-west-1", "us-east-1")}),
        ("ip_version", {"ip_version": "ipv6"}),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(option, changes):
    with pytest.raises(Invalid) as caught:
        query(asked(**changes))
    assert caught.value.option == option


def test_asking_is_a_write_and_nothing_is_looked_up_before():
    action = ActivationKey(None, asked())
    assert action.find() is None
    assert action.view("KEY") == {"activation_key": "KEY", "endpoint": ENDPOINT}


def test_an_endpoint_to_come_is_predicted_with_and_refused_before_the_appliance_is_asked():
    action = ActivationKey(None, {**asked(vpc_endpoint=""), "wait_timeout": 1})
    assert action.find() is None
    with pytest.raises(Missing, match="to come"):
        action.start()
