# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import random

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.costs.estimate import difference, estimate, lines, table
from ansible_collections.vmc.aws_backup.plugins.module_utils.costs.prices import UNITS, Prices
from ansible_collections.vmc.aws_backup.plugins.module_utils.costs.quantities import Scenario

REGIONS = ("eu-west-1", "us-east-1")
OF_ALL = {
    "endpoint_hour": 0.01,
    "endpoint_gb": 0.01,
    "warm_gb_month": 0.05,
    "cold_gb_month": 0.01,
    "restore_warm_gb": 0.02,
    "restore_cold_gb": 0.03,
    "restore_item": 0.5,
    "cross_az_gb": 0.01,
    "copy_gb": {"us-east-1": 0.02},
    "audit_evaluation": 0.001,
    "transit_attachment_hour": 0.05,
    "transit_gb": 0.02,
    "host_hour": 8,
}


def prices(held=None, **more):
    return Prices({"currency": "USD", "regions": dict.fromkeys(REGIONS, OF_ALL if held is None else held), **more})


# 100 machines of 200 GB, of which 3 % change in a day. Daily backups stay warm for 35 days, and are copied to another Region once.
# Monthly backups move to cold storage after 60 days, and are deleted after 240.
EXAMPLE = {
    "region": "eu-west-1",
    "machines": [{"count": 100, "size_gb": 200}],
    "change_percent_per_day": 3,
    "rules": [
        {"name": "daily", "delete_after_days": 35, "copies": [{"region": "us-east-1", "delete_after_days": 35}]},
        {
            "name": "monthly",
            "backups_per_day": 12 / 365,
            "move_to_cold_storage_after_days": 60,
            "delete_after_days": 240,
        },
    ],
    "endpoint_zone_ids": ["euw1-az1"],
    "sddc_zone_ids": ["euw1-az1"],
}
# By hand. A daily point adds 20,000 GB x 3 % = 600 GB, a monthly one 20,000 GB x 3 % x 365/12 = 18,250 GB.
BY_HAND = {
    "endpoint_hours": (730, 7.30),
    "endpoint_gb": (600 * 365 / 12 + 18_250, 365.00),  # 18,250 a month of the daily ones, and one monthly
    "cross_az_gb": (0, 0),
    "warm_storage backup": (20_000 + 35 * 600 + 60 / (365 / 12) * 18_250, 3_850.00),  # 20,000 + 21,000 + 36,000
    "cold_storage backup": (20_000 + 180 / (365 / 12) * 18_250, 1_280.00),  # 20,000 + 108,000
    "warm_storage copy": (20_000 + 35 * 600, 2_050.00),
    "cold_storage copy": (0, 0),
    "copied": (600 * 365 / 12, 365.00),
    "restored_warm": (0, 0),
    "restored_cold": (0, 0),
    "restored_items": (0, 0),
    "audit_evaluations": (0, 0),
    "extra_hosts": (0, 0),
    "first_endpoint_gb": (20_000, 200.00),
    "first_cross_az_gb": (0, 0),
    "first_copied": (20_000, 400.00),
}


def test_the_worked_example_comes_to_what_it_comes_to_by_hand():
    told = estimate(Scenario(EXAMPLE), prices())
    found = {}
    for row in told["rows"]:
        name = f"{row['id']} {row['of'].split()[0]}" if row["id"].endswith("storage") else row["id"]
        found[name] = (row["quantity"], row["amount"])
    assert set(found) == set(BY_HAND)
    for name, (quantity, amount) in BY_HAND.items():
        assert found[name] == (pytest.approx(quantity), pytest.approx(amount)), name
    assert told["month"] == pytest.approx(7_917.30)
    assert told["once"] == pytest.approx(600.00)
    assert told["complete"] and told["missing"] == []


def month(values, held=None):
    told = estimate(Scenario(values), held or prices())
    assert told["complete"], told["missing"]
    return told["month"] + told["once"]


def worlds(count=60):
    """Scenarios at random, the same in each run."""
    dice = random.Random(19)
    for _each in range(count):
        rules = [
            {
                "name": f"rule-{number}",
                "backups_per_day": dice.choice([1 / 30, 1 / 7, 1, 4]),
                "vault": dice.choice(["a", "b"]),
                "delete_after_days": dice.randint(100, 400),
                **dice.choice([{}, {"move_to_cold_storage_after_days": dice.randint(1, 10)}]),
                "copies": dice.choice([[], [{"region": "us-east-1", "delete_after_days": dice.randint(1, 90)}]]),
            }
            for number in range(dice.randint(1, 3))
        ]
        yield {
            "region": "eu-west-1",
            "machines": [{"count": dice.randint(1, 90), "size_gb": dice.uniform(1, 900)} for _group in range(2)],
            "change_percent_per_day": dice.uniform(0, 40),
            "rules": rules,
            "cold_points": dice.choice(["incremental", "full"]),
            "endpoint_zone_ids": dice.sample(["a", "b", "c"], 2),
            "sddc_zone_ids": dice.sample(["a", "b", "c"], dice.randint(1, 2)),
            "way": dice.choice(["connected_vpc", "transit_connect", "on_premises"]),
            "restores": [{"count": dice.randint(0, 4), "size_gb": 100, "storage": dice.choice(["warm", "cold"])}],
            "datastore_used_percent": dice.uniform(10, 90),
            "expired_gb": dice.uniform(0, 9),
        }


def with_rule(values, **more):
    first, *others = values["rules"]
    return {**values, "rules": [{**first, **more}, *others]}


MORE = {
    "retention": lambda v: with_rule(v, delete_after_days=v["rules"][0]["delete_after_days"] + 30),
    "machines": lambda v: {**v, "machines": [*v["machines"], {"size_gb": 50}]},
    "size": lambda v: {**v, "machines": [{**each, "size_gb": each["size_gb"] + 1} for each in v["machines"]]},
    "change": lambda v: {**v, "change_percent_per_day": v["change_percent_per_day"] + 5},
    "backups": lambda v: with_rule(v, backups_per_day=v["rules"][0]["backups_per_day"] * 2),
    "rules": lambda v: {**v, "rules": [*v["rules"], {"name": "another", "delete_after_days": 7}]},
    "copies": lambda v: with_rule(v, copies=[*v["rules"][0]["copies"], {"vault": "x", "delete_after_days": 7}]),
    "zones": lambda v: {**v, "endpoint_zone_ids": [*v["endpoint_zone_ids"], "d"]},
    "restores": lambda v: {**v, "restores": [*v["restores"], {"size_gb": 10}]},
    "items": lambda v: {**v, "restored_items_per_month": 5},
    "expired": lambda v: {**v, "expired_gb": v["expired_gb"] + 1},
    "hosts": lambda v: {**v, "extra_hosts": 2},
    "full": lambda v: {**v, "datastore_used_percent": v["datastore_used_percent"] + 30},
    "evaluations": lambda v: {**v, "audit_evaluations_per_month": 5},
    "way": lambda v: {**v, "way": "transit_connect"},
}


@pytest.mark.parametrize("more", MORE)
def test_more_never_costs_less(more):
    for values in worlds():
        assert month(MORE[more](values)) >= month(values) - 1e-6, values


def test_higher_prices_never_cost_less():
    dearer = {name: {"us-east-1": 0.04} if name == "copy_gb" else 2 * price for name, price in OF_ALL.items()}
    for values in worlds(20):
        assert month(values, prices(dearer)) == pytest.approx(2 * month(values))


def test_the_order_of_rules_and_machines_does_not_matter():
    for values in worlds(20):
        orders = itertools.permutations(values["rules"])
        costs = [month({**values, "rules": list(order), "machines": values["machines"][::-1]}) for order in orders]
        assert costs == pytest.approx([month(values)] * len(costs))


def test_an_amount_is_its_quantity_times_its_price():
    for values in worlds(20):
        for row in estimate(Scenario(values), prices())["rows"]:
            assert row["amount"] == pytest.approx(row["quantity"] * row["price"], abs=1e-4)


@pytest.mark.parametrize("price", UNITS)
def test_a_price_that_is_missing_makes_its_rows_unknown_and_the_sum_incomplete(price):
    values = {
        **EXAMPLE,
        "sddc_zone_ids": ["euw1-az2"],
        "way": "transit_connect",
        "restores": [{"size_gb": 1}, {"size_gb": 1, "storage": "cold"}],
        "restored_items_per_month": 1,
        "audit_evaluations_per_month": 1,
        "extra_hosts": 1,
    }
    told = estimate(Scenario(values), prices({name: held for name, held in OF_ALL.items() if name != price}))
    unknown = [row for row in told["rows"] if row["state"] == "unknown"]
    assert unknown and {f".{price}" in row["price_name"] for row in unknown} == {True}
    assert {row["amount"] for row in unknown} == {None} and not told["complete"]
    assert told["month"] < estimate(Scenario(values), prices())["month"] + 1e-9


def test_what_is_not_there_needs_no_price():
    told = estimate(Scenario(EXAMPLE), prices({name: held for name, held in OF_ALL.items() if name != "host_hour"}))
    assert told["complete"]


def test_a_price_of_zero_is_known():
    told = estimate(Scenario(EXAMPLE), prices({**OF_ALL, "warm_gb_month": 0}))
    assert told["complete"] and told["month"] == pytest.approx(7_917.30 - 3_850 - 2_050)


def test_what_cannot_be_counted_makes_it_incomplete():
    told = estimate(Scenario({**EXAMPLE, "not_counted": ["3 machines have no size."]}), prices())
    assert (told["complete"], told["missing"]) == (False, ["3 machines have no size."])


def test_a_difference_is_told_row_by_row():
    before = estimate(Scenario(EXAMPLE), prices())
    after = estimate(Scenario({**EXAMPLE, "endpoint_zone_ids": ["euw1-az1", "euw1-az2"], "expired_gb": 10}), prices())
    told = difference(before, after)
    assert {row["id"]: row["change"] for row in told["rows"]} == {"endpoint_hours": 7.3, "expired_points": 0.5}
    assert (told["month"], told["once"], told["complete"]) == (7.8, 0, True)
    assert difference(*reversed([before, after]))["month"] == -7.8
    assert difference(before, before)["rows"] == []


def test_what_is_unknown_on_one_side_is_unknown_in_the_difference():
    lacking = prices({name: held for name, held in OF_ALL.items() if name != "cold_gb_month"})
    before = estimate(Scenario(EXAMPLE), lacking)
    more = estimate(Scenario(with_rule(EXAMPLE, delete_after_days=40)), lacking)
    assert difference(before, more)["complete"]  # of cold storage there is as much as before
    colder = {**EXAMPLE, "rules": [EXAMPLE["rules"][0], {**EXAMPLE["rules"][1], "delete_after_days": 300}]}
    told = difference(before, estimate(Scenario(colder), lacking))
    assert not told["complete"] and "Cold storage" in told["why"]


def test_estimates_in_two_currencies_are_not_compared():
    other = estimate(Scenario(EXAMPLE), prices(currency="EUR"))
    told = difference(estimate(Scenario(EXAMPLE), prices()), other)
    assert (told["month"], told["complete"], told["why"]) == (None, False, "one is in USD, the other in EUR")


def test_the_table_has_the_sums_and_says_what_is_missing():
    lacking = prices({name: held for name, held in OF_ALL.items() if name != "cold_gb_month"})
    told = estimate(Scenario(EXAMPLE), lacking)
    shown = "\n".join(table(told))
    assert "3,850.00" in shown and "6,637.30 +?  incomplete" in shown
    assert "regions.eu-west-1.cold_gb_month is not in the price file" in shown
    assert "Audit Manager" not in shown  # there is none
    differing = "\n".join(lines(told, difference(told, estimate(Scenario({**EXAMPLE, "expired_gb": 10}), lacking))))
    assert "Points that could not be deleted: 0.00 -> 0.50, +0.50" in differing
