# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Practices that would cost less: each another scenario, whose estimate is compared, or what no estimate can say. Pure."""

from __future__ import annotations

from ..engine.findings import Check, costly, finding, ok, unknown
from .estimate import called, difference, estimate, money
from .prices import Prices
from .quantities import FULL, Scenario, extra_hosts, fullest

SUBJECT = "cost"
WARN = 70  # percent of a datastore, from which on it is told
LEAST_WARM = 7  # days, below which AWS may have nothing to add an increment to
LEAST_COLD = 90
SOON_COLD = 30
PRICED = "Ask AWS, and put it into the price file, with its source."
NOT_COUNTED = "Say it in the scenario, by machines and rules."


def findings(scenario: Scenario, prices: Prices, told: dict) -> list[dict]:
    """The total, each row that is unknown, and each practice that would cost less."""
    found = [_total(told)]
    found += [
        _finding(
            f"unknown_{row['id']}",
            called(row),
            unknown(row["why"], PRICED if _lacks_price(row) else ""),
        )
        for row in told["rows"]
        if row["state"] == "unknown"
    ]
    found += [
        _finding("not_counted", "What is not counted", unknown(text, NOT_COUNTED))
        for text in scenario.get("not_counted", [])
    ]
    for name, title, otherwise, change in _practices(scenario):
        found += _compared(name, title, change, told, estimate(otherwise, prices))
    return found + [_finding(name, title, verdict) for name, title, verdict in _beyond_estimates(scenario)]


def _lacks_price(row) -> bool:
    return row["quantity"] is not None


def _finding(name, title, verdict) -> dict:
    return finding(SUBJECT, Check(name, None, of=SUBJECT, name=title), verdict)


def _total(told) -> dict:
    text = f"{money(told['month'], told['currency'])} a month, and {money(told['once'], told['currency'])} at first."
    if told["complete"]:
        return _finding("total", "Estimate", ok(text))
    lacking = f"{len(told['missing'])} rows are unknown, so that this is not all of it: {text}"
    return _finding("total", "Estimate", unknown(lacking, "Give what is missing: each has a row of its own."))


def _compared(name, title, change, now, otherwise):
    saved = difference(now, otherwise)
    if not saved["complete"]:
        yield _finding(
            name, title, unknown(f"Whether it would cost less is not known: {saved['why']} is unknown.", change)
        )
    elif saved["month"] < 0:
        less = money(-saved["month"], now["currency"])
        yield _finding(name, title, costly(f"{less} a month would be saved.", change))


def _practices(scenario: Scenario):
    sddc, endpoint = scenario.get("sddc_zone_ids"), scenario.get("endpoint_zone_ids")
    if sddc and endpoint is not None and set(sddc) != set(endpoint) and scenario.get("way") != "on_premises":
        near = f"Put the endpoint into the zone of the SDDC, {', '.join(sddc)}, and into no other."
        yield "endpoint_zones", "Zones of the endpoint", scenario.but(endpoint_zone_ids=list(sddc)), near
    if scenario.get("way") == "transit_connect":
        text = "Put the endpoint into the connected VPC, to which the way costs nothing within a zone."
        yield "way", "Way to the endpoint", scenario.but(way="connected_vpc"), text
    rules = _colder(scenario)
    if rules:
        text = f"Move what is kept long to cold storage: {', '.join(rules)}. It stays there for {LEAST_COLD} days at least."
        yield "cold_storage", "Cold storage", scenario.but(rules=_with_cold(scenario, rules)), text
    if scenario.get("expired_gb"):
        text = "Let AWS Backup delete them: its role must be there, and no legal hold nor access point on them."
        yield "expired_points", "Points that could not be deleted", scenario.but(expired_gb=0), text
    if extra_hosts(scenario)[0]:
        text = "Make room on the datastore, or restore less at once: VMware Cloud keeps and bills a host that it added."
        yield "extra_hosts", "Hosts that VMware Cloud adds", scenario.but(extra_hosts=0), text


def _colder(scenario) -> list[str]:
    return [
        rule["name"]
        for rule in scenario.rules
        if "move_to_cold_storage_after_days" not in rule and _ends(rule) >= SOON_COLD + LEAST_COLD
    ]


def _ends(kept) -> float:
    return kept.get("delete_after_days") or float("inf")


def _with_cold(scenario, names) -> list[dict]:
    given = scenario.values["rules"]
    moved = {"move_to_cold_storage_after_days": SOON_COLD}
    return [{**raw, **moved} if rule["name"] in names else raw for raw, rule in zip(given, scenario.rules)]


def _beyond_estimates(scenario: Scenario):
    for rule in scenario.rules:
        for kept, where in ((rule, ""), *((copy, " as a copy") for copy in rule["copies"])):
            if "delete_after_days" not in kept:
                text = f"What {rule['name']} makes is kept for ever{where}, so that it costs more each month."
                yield (
                    f"keep_forever_{rule['name']}",
                    "Kept for ever",
                    costly(text, "Let it end, unless somebody has to keep it."),
                )
            warm = min(_ends(kept), kept.get("move_to_cold_storage_after_days", float("inf")))
            if warm < LEAST_WARM:
                text = f"What {rule['name']} makes is warm for {warm:g} days{where}: each backup may be a full one."
                yield (
                    f"short_warm_{rule['name']}",
                    "Too short in warm storage",
                    costly(text, f"Keep it warm for {LEAST_WARM} days or more."),
                )
    used = fullest(scenario)
    if used is not None and WARN <= used < FULL and not extra_hosts(scenario)[0]:
        text = f"The datastore gets {used:.0f} % full. At {FULL} % VMware Cloud adds a host by itself, and bills it."
        yield "room", "Room on the datastore", costly(text, "Make room before.")
