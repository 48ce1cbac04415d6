# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.gateway import view
from ansible_collections.vmc.aws_backup.plugins.modules import backup_gateway

from ..module_utils.resources.test_gateway import gateway, resource
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_gateway) == specified(backup_gateway)


def test_its_result_is_documented():
    assert set(returned(backup_gateway)["gateway"]["contains"]) == set(
        view({"Gateway": gateway(), "Tags": {}, "Intervals": [], "Hypervisor": None})
    )


WINDOW = {"hour_of_day": 3, "minute_of_hour": 30}
INTERVAL = {
    "days_of_week": [1, 2],
    "start_hour_of_day": 8,
    "start_minute_of_hour": 0,
    "end_hour_of_day": 17,
    "end_minute_of_hour": 59,
}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("name", "with space"),
        ("name", "x" * 101),
        ("name", ""),
        ("activation_key", "with space"),
        ("activation_key", "x" * 51),
        ("vpc_endpoint", "https://vpce-1-a.backup-gateway.eu-west-1.vpce.amazonaws.com"),
        ("vpc_endpoint", "vpce-1-a.backup-gateway.us-east-1.vpce.amazonaws.com"),
        ("tags", {"vmc-aws-backup:instance-uuid": "x"}),
        ("maintenance_start_time", {**WINDOW, "hour_of_day": 24}),
        ("maintenance_start_time", {**WINDOW, "minute_of_hour": -1}),
        ("maintenance_start_time", {**WINDOW, "day_of_month": 29}),
        ("maintenance_start_time", {**WINDOW, "day_of_week": 0, "day_of_month": 1}),
        ("bandwidth_rate_limit_intervals", [INTERVAL, INTERVAL]),
        ("bandwidth_rate_limit_intervals", [INTERVAL, {**INTERVAL, "start_hour_of_day": 17, "end_hour_of_day": 20}]),
        ("bandwidth_rate_limit_intervals", [{**INTERVAL, "start_hour_of_day": 22}]),
        ("bandwidth_rate_limit_intervals", [{**INTERVAL, "days_of_week": []}]),
        ("bandwidth_rate_limit_intervals", [{**INTERVAL, "days_of_week": [7]}]),
        ("bandwidth_rate_limit_intervals", [{**INTERVAL, "average_upload_rate_limit_in_bits_per_sec": 51199}]),
        ("bandwidth_rate_limit_intervals", [INTERVAL] * 21),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(option, value):
    with pytest.raises(Invalid) as caught:
        resource(given={option: value}).want(None)
    assert caught.value.option == option


def test_intervals_may_touch():
    later = {**INTERVAL, "start_hour_of_day": 18, "end_hour_of_day": 20}
    want = resource(given={"bandwidth_rate_limit_intervals": [INTERVAL, later]}).want(None)
    assert len(want["bandwidth_rate_limit_intervals"]) == 2


@pytest.mark.parametrize("key", [None, ""])
def test_a_new_gateway_needs_a_key(key):
    asked = resource(given={"activation_key": key})
    with pytest.raises(Invalid) as caught:
        asked.create(asked.want(None))
    assert caught.value.option == "activation_key"
    assert not asked.client.writes
