# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An estimate: each quantity with its price, where both come from, what they come to, and how two estimates differ. Pure."""

from __future__ import annotations

from .prices import UNITS, Prices, Unpriced
from .quantities import Quantity, Scenario, quantities

NAMES = {
    "endpoint_hours": "Endpoint, by hour and zone",
    "endpoint_gb": "Endpoint, by GB",
    "first_endpoint_gb": "Endpoint, by GB, the first backup",
    "cross_az_gb": "Traffic between zones",
    "first_cross_az_gb": "Traffic between zones, the first backup",
    "transit_hours": "Transit Connect, by hour",
    "transit_gb": "Transit Connect, by GB",
    "first_transit_gb": "Transit Connect, by GB, the first backup",
    "warm_storage": "Warm storage",
    "cold_storage": "Cold storage",
    "expired_points": "Points that could not be deleted",
    "restored_warm": "Restores from warm storage",
    "restored_cold": "Restores from cold storage",
    "restored_items": "Restored items",
    "copied": "Copies to another Region",
    "first_copied": "Copies to another Region, the first one",
    "audit_evaluations": "Audit Manager",
    "extra_hosts": "Hosts that VMware Cloud adds",
}
# What is paid beside, and not counted here.
NOT_COUNTED = (
    "CloudWatch logs, KMS requests and keys, AWS Config recorder, notifications",
    "what a drill or restore costs as an EC2 instance or EBS volume while it lives",
    "Direct Connect, VPN and traffic to the internet",
    "taxes, discounts, committed use",
)
DIGITS = 6


def estimate(scenario: Scenario, prices: Prices) -> dict:
    """All rows, what a month and what the beginning comes to, and whether something is missing in that."""
    rows = [_row(each, prices) for each in quantities(scenario)]
    missing = [f"{called(row)}: {row['why']}" for row in rows if row["state"] == "unknown"]
    missing += scenario.get("not_counted", [])
    return {
        "currency": prices.currency,
        "month": _sum(row for row in rows if not row["once"]),
        "once": _sum(row for row in rows if row["once"]),
        "complete": not missing,
        "missing": missing,
        "rows": rows,
        "not_counted": list(NOT_COUNTED),
    }


def called(row: dict) -> str:
    return f"{row['name']}, {row['of']}" if row["of"] else row["name"]


def _row(quantity: Quantity, prices: Prices) -> dict:
    price = prices.of(quantity.price, quantity.region, quantity.to)
    unpriced = isinstance(price, Unpriced)
    none = quantity.amount == 0
    amount, why = None, ""
    if none:
        amount = 0.0
    elif quantity.amount is None:
        why = quantity.formula
    elif unpriced:
        why = str(price)
    else:
        amount = round(price.amount(quantity.amount), DIGITS)
    tiers = None if unpriced else [{"up_to": up_to, "price": each} for up_to, each in price.tiers]
    return {
        "id": quantity.id,
        "name": NAMES[quantity.id],
        "of": quantity.of,
        "region": quantity.region,
        "once": quantity.once,
        "quantity": None if quantity.amount is None else round(quantity.amount, DIGITS),
        "unit": UNITS[quantity.price],
        "formula": quantity.formula,
        "quantity_from": quantity.source,
        "price": None if unpriced else (tiers[0]["price"] if len(tiers) == 1 else tiers),
        "price_from": "" if unpriced else price.source,
        "price_name": ".".join(filter(None, ("regions", quantity.region, quantity.price, quantity.to))),
        "amount": amount,
        "state": "unknown" if why else "known",
        "why": why,
    }


def _sum(rows) -> float:
    return round(sum(row["amount"] for row in rows if row["amount"] is not None), DIGITS)


def difference(before: dict, after: dict) -> dict:
    """What a change of one estimate to another costs or saves, row by row. What is unknown in one of them is unknown in it."""
    if before["currency"] != after["currency"]:
        return {"rows": [], "month": None, "once": None, "complete": False, "why": _two_currencies(before, after)}
    rows = {}
    for which, told in (("before", before), ("after", after)):
        for row in told["rows"]:
            key = (row["id"], row["of"])
            kept = rows.setdefault(key, {"id": row["id"], "name": row["name"], "of": row["of"], "once": row["once"]})
            kept[which] = row["amount"]
    found = []
    for row in rows.values():
        first, then = row.setdefault("before", 0.0), row.setdefault("after", 0.0)
        row["change"] = None if first is None or then is None else round(then - first, DIGITS)
        if row["change"] != 0:
            found.append(row)
    unknown = [row for row in found if row["change"] is None and not _same_quantity(before, after, row)]
    found = [row for row in found if row["change"] is not None or row in unknown]
    return {
        "rows": found,
        "month": _change(row for row in found if not row["once"]),
        "once": _change(row for row in found if row["once"]),
        "complete": not unknown,
        "why": "; ".join(called(row) for row in unknown),
    }


def _same_quantity(before, after, row) -> bool:
    """Of what there is as much as before, it does not matter what it costs."""
    of = [
        [each["quantity"] for each in told["rows"] if (each["id"], each["of"]) == (row["id"], row["of"])]
        for told in (before, after)
    ]
    return of[0] == of[1] and None not in of[0]


def _change(rows) -> float:
    return round(sum(row["change"] for row in rows if row["change"] is not None), DIGITS)


def _two_currencies(before, after) -> str:
    return f"one is in {before['currency']}, the other in {after['currency']}"


def money(amount, currency: str) -> str:
    return "unknown" if amount is None else f"{amount:,.2f} {currency}"


def table(told: dict) -> list[str]:
    """The rows for people, the most expensive first, then the sums."""
    shown = [row for row in told["rows"] if row["amount"] or row["state"] == "unknown"]
    lines = [
        ["what", "quantity", "unit", "price", f"{told['currency']} a month", "from"],
        *(_line(row) for row in sorted(shown, key=lambda row: (row["once"], -(row["amount"] or 0)))),
        ["A month", "", "", "", _total(told, "month"), "" if told["complete"] else "incomplete"],
        ["At first", "", "", "", _total(told, "once"), "" if told["complete"] else "incomplete"],
    ]
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]) - 1)]
    return [_aligned(line, widths) for line in lines]


def lines(told: dict, compared: dict) -> list[str]:
    """An estimate for people, with what differs from another one."""
    found = table(told)
    if not compared:
        return found
    found += ["", "What would differ:"]
    for row in compared["rows"]:
        change = "unknown" if row["change"] is None else f"{row['change']:+,.2f}"
        found.append(f"  {called(row)}: {_short(row['before'])} -> {_short(row['after'])}, {change}")
    whole = "" if compared["complete"] else f", incomplete: {compared['why']}"
    return [*found, f"  A month: {_short(compared['month'], '+')}, at first: {_short(compared['once'], '+')}{whole}"]


def _short(amount, sign="") -> str:
    return "unknown" if amount is None else f"{amount:{sign},.2f}"


def _total(told, which) -> str:
    return f"{told[which]:,.2f}" if told["complete"] else f"{told[which]:,.2f} +?"


def _line(row) -> list[str]:
    price = row["price"]
    return [
        called(row) + (" (once)" if row["once"] else ""),
        "unknown" if row["quantity"] is None else f"{row['quantity']:,.2f}",
        row["unit"],
        "unknown" if price is None else ("tiers" if isinstance(price, list) else f"{price:g}"),
        "unknown" if row["amount"] is None else f"{row['amount']:,.2f}",
        row["why"] or f"{row['formula']} ({row['quantity_from']}); {row['price_from']}",
    ]


def _aligned(line, widths) -> str:
    right = (1, 3, 4)
    cells = [cell.rjust(widths[at]) if at in right else cell.ljust(widths[at]) for at, cell in enumerate(line[:-1])]
    return "  ".join([*cells, line[-1]]).rstrip()
