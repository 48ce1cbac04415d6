# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.costs.estimate import estimate
from ansible_collections.vmc.aws_backup.plugins.module_utils.costs.practices import findings
from ansible_collections.vmc.aws_backup.plugins.module_utils.costs.prices import Prices
from ansible_collections.vmc.aws_backup.plugins.module_utils.costs.quantities import Scenario

PRICES = {
    "endpoint_hour": 0.01,
    "endpoint_gb": 0.01,
    "warm_gb_month": 0.05,
    "cold_gb_month": 0.01,
    "cross_az_gb": 0.01,
    "transit_attachment_hour": 0.05,
    "transit_gb": 0.02,
    "host_hour": 8,
    "restore_warm_gb": 0.02,
}
SOUND = {
    "region": "eu-west-1",
    "machines": [{"count": 100, "size_gb": 200}],
    "change_percent_per_day": 3,
    "rules": [{"name": "daily", "delete_after_days": 35}],
    "endpoint_zone_ids": ["a"],
    "sddc_zone_ids": ["a"],
    "way": "connected_vpc",
}


def found(without=(), **values):
    held = {name: price for name, price in PRICES.items() if name not in without}
    prices = Prices({"currency": "USD", "regions": {"eu-west-1": held}})
    scenario = Scenario({**SOUND, **values})
    return {each["id"]: each for each in findings(scenario, prices, estimate(scenario, prices))}


def test_of_what_is_sound_only_the_sum_is_told():
    told = found()
    assert set(told) == {"total"}
    assert told["total"]["verdict"] == "ok" and told["total"]["evidence"].startswith("2,239.80 USD a month")
    assert {"id", "subject", "kind", "name", "verdict", "severity", "evidence", "change", "mended_by"} == set(
        told["total"]
    )


@pytest.mark.parametrize(
    ("values", "practice", "evidence"),
    [
        ({"endpoint_zone_ids": ["a", "b"]}, "endpoint_zones", "7.30 USD a month would be saved."),
        ({"endpoint_zone_ids": ["b"]}, "endpoint_zones", "182.50 USD a month would be saved."),
        ({"way": "transit_connect"}, "way", "438.00 USD a month would be saved."),
        (
            {"rules": [{"name": "daily", "delete_after_days": 120}]},
            "cold_storage",
            "1,960.00 USD a month would be saved.",
        ),
        ({"expired_gb": 1000}, "expired_points", "50.00 USD a month would be saved."),
        ({"extra_hosts": 1}, "extra_hosts", "5,840.00 USD a month would be saved."),
        ({"datastore_used_percent": 81}, "extra_hosts", "5,840.00 USD a month would be saved."),
        ({"datastore_used_percent": 72}, "room", "72 % full"),
        ({"rules": [{"name": "daily", "keep_forever": True}]}, "keep_forever_daily", "kept for ever"),
        ({"rules": [{"name": "daily", "delete_after_days": 3}]}, "short_warm_daily", "warm for 3 days"),
    ],
)
def test_a_practice_that_would_cost_less_is_told_with_what_it_saves(values, practice, evidence):
    told = found(**values)[practice]
    assert (told["verdict"], told["severity"]) == ("costly", "warning")
    assert evidence in told["evidence"] and told["change"]


def test_cold_storage_that_costs_more_is_no_practice():
    rules = [{"name": "monthly", "backups_per_day": 12 / 365, "delete_after_days": 130}]
    assert "cold_storage" not in found(rules=rules, change_percent_per_day=0.001)
    assert "cold_storage" not in found(rules=[{"name": "daily", "delete_after_days": 119}])


def test_whether_a_practice_costs_less_is_unknown_without_a_price():
    told = found(without=("cold_gb_month",), rules=[{"name": "daily", "delete_after_days": 120}])
    assert told["cold_storage"]["verdict"] == "unknown" and "Cold storage" in told["cold_storage"]["evidence"]
    told = found(without=("warm_gb_month",), endpoint_zone_ids=["a", "b"])
    assert told["endpoint_zones"]["verdict"] == "costly"  # whatever storage costs


def test_what_is_unknown_is_asked_for():
    told = found(without=("warm_gb_month",))
    assert told["total"]["verdict"] == told["unknown_warm_storage"]["verdict"] == "unknown"
    assert told["unknown_warm_storage"]["change"] == "Ask AWS, and put it into the price file, with its source."
    told = found(change_percent_per_day=None)
    assert "change_percent_per_day is not given" in told["unknown_warm_storage"]["evidence"]
    assert found(not_counted=["3 machines have no size."])["not_counted"]["verdict"] == "unknown"
