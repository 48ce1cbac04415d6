# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.costs.prices import Price, Prices, Unpriced
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid


def prices(currency="USD", rates=None, **entries):
    return Prices({"currency": currency, "exchange_rates": rates, "regions": {"eu-west-1": entries}})


def test_a_price_says_where_it_comes_from():
    found = prices(endpoint_hour={"price": 0.01, "source": "a page", "date": "2026-05-01"}).of(
        "endpoint_hour", "eu-west-1"
    )
    assert (found.amount(730), found.source) == (pytest.approx(7.3), "a page, 2026-05-01")


def test_a_bare_number_is_a_price_of_the_file():
    assert prices(warm_gb_month=0.05).of("warm_gb_month", "eu-west-1") == Price(((None, 0.05),), "price file")


@pytest.mark.parametrize("entry", [None, {"price": None}, {"price": None, "source": "ask AWS"}])
def test_a_price_that_is_not_given_is_asked_for(entry):
    found = prices(warm_gb_month=entry).of("warm_gb_month", "eu-west-1")
    assert isinstance(found, Unpriced) and "regions.eu-west-1.warm_gb_month is not in the price file" in found


def test_zero_is_a_price():
    assert prices(warm_gb_month=0).of("warm_gb_month", "eu-west-1").amount(5) == 0


def test_a_price_of_another_region_never_counts_and_is_named():
    found = prices(warm_gb_month=0.05).of("warm_gb_month", "us-east-1")
    assert isinstance(found, Unpriced) and "There is one for eu-west-1, which is not this Region's." in found


def test_a_price_of_another_currency_is_converted_or_unknown():
    entry = {"price": 2, "currency": "EUR"}
    found = prices(rates={"EUR": 1.1}, host_hour=entry).of("host_hour", "eu-west-1")
    assert (found.amount(1), found.source) == (pytest.approx(2.2), "price file, EUR at 1.1 USD")
    found = prices(host_hour=entry).of("host_hour", "eu-west-1")
    assert isinstance(found, Unpriced) and "exchange_rates does not say what one is in USD" in found


def test_copies_cost_by_the_region_that_they_go_to():
    held = prices(copy_gb={"us-east-1": 0.02})
    assert held.of("copy_gb", "eu-west-1", "us-east-1").amount(10) == pytest.approx(0.2)
    assert isinstance(held.of("copy_gb", "eu-west-1", "us-west-2"), Unpriced)


@pytest.mark.parametrize(("quantity", "amount"), [(0, 0), (50, 50), (100, 100), (150, 125), (1100, 590)])
def test_tiers_are_paid_one_after_the_other(quantity, amount):
    tiers = [{"up_to": 100, "price": 1}, {"up_to": 1000, "price": 0.5}, {"price": 0.4}]
    found = prices(endpoint_gb={"tiers": tiers}).of("endpoint_gb", "eu-west-1")
    assert found.amount(quantity) == pytest.approx(amount)


@pytest.mark.parametrize(
    "document",
    [
        {"regions": {}},
        {"currency": "", "regions": {}},
        {"currency": "USD", "region": {}},
        {"currency": "USD", "exchange_rates": {"EUR": "1,1"}},
        {"currency": "USD", "regions": []},
        {"currency": "USD", "regions": {"r": {"warm": 1}}},
        {"currency": "USD", "regions": {"r": {"warm_gb_month": "0,05"}}},
        {"currency": "USD", "regions": {"r": {"warm_gb_month": {"price": "0.05"}}}},
        {"currency": "USD", "regions": {"r": {"warm_gb_month": -1}}},
        {"currency": "USD", "regions": {"r": {"warm_gb_month": True}}},
        {"currency": "USD", "regions": {"r": {"warm_gb_month": {"price": 1, "unit": "GB"}}}},
        {"currency": "USD", "regions": {"r": {"endpoint_gb": {"tiers": [{"up_to": 1, "price": 1}]}}}},
        {"currency": "USD", "regions": {"r": {"endpoint_gb": {"tiers": [{"price": 1}, {"price": 2}]}}}},
        {
            "currency": "USD",
            "regions": {"r": {"endpoint_gb": {"tiers": [{"up_to": 2, "price": 1}, {"up_to": 1, "price": 1}]}}},
        },
        {"currency": "USD", "regions": {"r": {"copy_gb": 0.02}}},
    ],
)
def test_what_cannot_be_right_is_refused(document):
    with pytest.raises(Invalid, match="prices"):
        Prices(document)
