# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What things cost, as the user's own file says: by Region, each with where it comes from. What it does not say is unknown, never guessed."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import Invalid

# Price -> what one is paid for.
UNITS = {
    "endpoint_hour": "hour in one zone",
    "endpoint_gb": "GB",
    "warm_gb_month": "GB-month",
    "cold_gb_month": "GB-month",
    "restore_warm_gb": "GB",
    "restore_cold_gb": "GB",
    "restore_item": "item",
    "cross_az_gb": "GB",
    "copy_gb": "GB",
    "audit_evaluation": "evaluation",
    "transit_attachment_hour": "hour",
    "transit_gb": "GB",
    "host_hour": "hour",
}
BY_TARGET = ("copy_gb",)  # by the Region that it goes to
OF_A_FILE = ("currency", "exchange_rates", "regions")
OF_AN_ENTRY = ("price", "tiers", "currency", "source", "date")


class Price(NamedTuple):
    """Tiers of quantity and price, the last of them without end, in the currency of the file."""

    tiers: tuple
    source: str

    def amount(self, quantity: float) -> float:
        total, begins = 0.0, 0.0
        for up_to, price in self.tiers:
            ends = quantity if up_to is None else min(quantity, up_to)
            total += max(0.0, ends - begins) * price
            begins = ends
        return total


class Unpriced(str):
    """Why a price is not known, and what to do about it."""


class Prices:
    """A file of prices, checked as a whole before anything is asked of it."""

    def __init__(self, document: dict):
        _refuse_others("prices", document, OF_A_FILE)
        self.currency = _text(document, "currency")
        self._rates = {
            name: _number(rate, f"prices.exchange_rates.{name}")
            for name, rate in _dictionary(document.get("exchange_rates"), "prices.exchange_rates").items()
        }
        self._regions = {
            region: self._checked(region, _dictionary(held, f"prices.regions.{region}"))
            for region, held in _dictionary(document.get("regions"), "prices.regions").items()
        }

    def of(self, name: str, region: str, to: str = ""):
        """The price of one in a Region, or Unpriced."""
        where = ".".join(filter(None, ("regions", region, name, to)))
        found = self._regions.get(region, {}).get(name)
        entry = (found or {}).get(to) if to else found
        if entry is None:
            others = sorted(other for other, held in self._regions.items() if other != region and held.get(name))
            elsewhere = (
                f" There is one for {', '.join(others)}, which is not this Region's." if others and not to else ""
            )
            return Unpriced(f"{where} is not in the price file.{elsewhere}")
        currency = entry.get("currency") or self.currency
        if currency != self.currency and currency not in self._rates:
            return Unpriced(
                f"{where} is in {currency}, and exchange_rates does not say what one is in {self.currency}."
            )
        rate = 1.0 if currency == self.currency else self._rates[currency]
        tiers = tuple((up_to, price * rate) for up_to, price in _tiers(entry, where))
        converted = "" if currency == self.currency else f", {currency} at {rate:g} {self.currency}"
        return Price(tiers, f"{entry.get('source') or 'price file'}{_dated(entry)}{converted}")

    def _checked(self, region: str, held: dict) -> dict:
        _refuse_others(f"prices.regions.{region}", held, UNITS)
        found = {}
        for name, entry in held.items():
            where = f"prices.regions.{region}.{name}"
            if name in BY_TARGET:
                targets = _dictionary(entry, where)
                found[name] = {to: _entry(one, f"{where}.{to}") for to, one in targets.items()}
            else:
                found[name] = _entry(entry, where)
        return found


def _entry(entry, where: str) -> dict | None:
    """One price; None where it is asked for only."""
    if entry is None or isinstance(entry, (int, float)) and not isinstance(entry, bool):
        entry = {"price": entry}
    entry = _dictionary(entry, where)
    _refuse_others(where, entry, OF_AN_ENTRY)
    if entry.get("price") is None and not entry.get("tiers"):
        return None
    _tiers(entry, where)
    return entry


def _tiers(entry: dict, where: str) -> list[tuple]:
    if not entry.get("tiers"):
        return [(None, _number(entry["price"], where))]
    tiers, last = [], 0.0
    for tier in entry["tiers"]:
        up_to = None if tier.get("up_to") is None else _number(tier["up_to"], f"{where}.tiers.up_to")
        if last is None or (up_to is not None and up_to <= last):
            raise Invalid(f"{where}.tiers", "Each has to end beyond the one before, and only the last one has no end.")
        tiers.append((up_to, _number(tier.get("price"), f"{where}.tiers.price")))
        last = up_to
    if last is not None:
        raise Invalid(f"{where}.tiers", f"What is beyond {last:g} has no price: the last one has to have no up_to.")
    return tiers


def _number(value, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise Invalid(where, f"{value!r} is no number of 0 or more.")
    return float(value)


def _text(document: dict, name: str) -> str:
    if not isinstance(document.get(name), str) or not document[name]:
        raise Invalid(f"prices.{name}", "has to be given, such as USD.")
    return document[name]


def _dictionary(value, where: str) -> dict:
    if value is not None and not isinstance(value, dict):
        raise Invalid(where, f"{value!r} is no dictionary.")
    return value or {}


def _refuse_others(where: str, held: dict, known) -> None:
    others = sorted(str(name) for name in held if name not in known)
    if others:
        raise Invalid(where, f"There is no {', '.join(others)}, but only {', '.join(known)}.")


def _dated(entry: dict) -> str:
    return f", {entry['date']}" if entry.get("date") else ""
