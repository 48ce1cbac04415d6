# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much there is of what is paid for, in a month and at first: from sizes, change, rules, zones and restores. Pure."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import Invalid
from ..lifecycle import checked

DAYS = 365 / 12  # of a month
HOURS = 730  # of a month
HORIZON = 365  # days after which what is kept for ever is counted
FULL = 80  # percent of a datastore from which on VMware Cloud adds a host by itself
GIVEN = "given"


class Quantity(NamedTuple):
    """How much of one thing; ``amount`` is None where it is not known, and ``formula`` says why or how."""

    id: str
    price: str
    region: str
    amount: float | None
    formula: str
    source: str
    of: str = ""
    to: str = ""  # the Region that a copy goes to
    once: bool = False


class Kept(NamedTuple):
    """What a rule keeps in one vault."""

    rule: dict
    region: str
    vault: str
    warm_days: float
    cold_days: float
    is_copy: bool


class Scenario:
    """What there is or would be. ``values`` by name, each with where it comes from in ``sources``."""

    def __init__(self, values: dict, sources: dict | None = None):
        self.values = {name: held for name, held in values.items() if held is not None}
        self.sources = dict.fromkeys(self.values, GIVEN) | dict(sources or {})
        self.rules = [_rule(each, position) for position, each in enumerate(self.values.get("rules") or [])]
        self._refuse_odd()

    def get(self, name: str, default=None):
        return self.values.get(name, default)

    def source(self, *names: str) -> str:
        told = dict.fromkeys(self.sources[name] for name in names if name in self.sources)
        return "; ".join(told) or "not counted"

    def but(self, **values) -> Scenario:
        """The same, but for these."""
        return Scenario({**self.values, **values}, self.sources)

    @property
    def region(self) -> str:
        return self.get("region", "")

    def size(self, rule: dict | None = None) -> float | None:
        """GB of all machines, or of those that a rule takes."""
        if "machines" not in self.values:
            return None
        taken = [each for each in self.values["machines"] if rule is None or takes(rule, each)]
        return sum(each.get("count", 1) * each["size_gb"] for each in taken)

    def change(self, rule: dict) -> float | None:
        """The part of a machine that one backup of a rule has to store anew."""
        percent = self.get("change_percent_per_day")
        return None if percent is None else min(1.0, percent / 100 * rule["interval_days"])

    def kept(self) -> list[Kept]:
        found = []
        for rule in self.rules:
            found.append(Kept(rule, self.region, rule.get("vault", "vault"), *self._days(rule), False))
            for copy in rule["copies"]:
                region = copy.get("region") or self.region
                found.append(Kept(rule, region, _copy_name(copy, region), *self._days(copy), True))
        return found

    def _days(self, kept: dict) -> tuple[float, float]:
        cold = kept.get("move_to_cold_storage_after_days")
        ends = kept.get("delete_after_days") or max(self.get("horizon_days", HORIZON), (cold or 0) + 90)
        return (ends, 0) if cold is None else (cold, ends - cold)

    def _refuse_odd(self):
        for name, held in self.values.items():
            if isinstance(held, (int, float)) and not isinstance(held, bool) and held < 0:
                raise Invalid(f"scenario.{name}", f"{held} is less than nothing.")
        for each in [*self.get("machines", ()), *self.get("restores", ())]:
            if each["size_gb"] < 0 or each.get("count", 1) < 0:
                raise Invalid("scenario.machines", f"{each} is less than nothing.")
        names = [rule["name"] for rule in self.rules]
        if len(set(names)) < len(names):
            raise Invalid("scenario.rules", "Each needs a name of its own.")


def takes(rule: dict, machines: dict) -> bool:
    return machines.get("rules") is None or rule["name"] in machines["rules"]


def _rule(raw: dict, position: int) -> dict:
    rule = {name: held for name, held in raw.items() if held is not None}
    name = rule.setdefault("name", f"rule-{position + 1}")
    per_day = rule.get("backups_per_day", 1)
    if not per_day > 0:
        raise Invalid("scenario.rules", f"{name}: backups_per_day is {per_day}, but must be more than 0.")
    rule["interval_days"] = 1 / per_day
    rule["copies"] = [{key: held for key, held in copy.items() if held is not None} for copy in rule.get("copies", [])]
    for kept in (rule, *rule["copies"]):
        checked(kept, bool(kept.get("keep_forever")), f"scenario.rules.{name}")
    return rule


def _copy_name(copy: dict, region: str) -> str:
    return "/".join(filter(None, (copy.get("account_id"), copy.get("vault", "copy"), region)))


def quantities(scenario: Scenario) -> list[Quantity]:
    """Everything that is paid for, each once; what does not occur is 0, and what nobody knows is unknown."""
    return [
        *_endpoint(scenario),
        *_traffic(scenario),
        *_storage(scenario),
        *_restores(scenario),
        *_copies(scenario),
        *_beside(scenario),
    ]


def _endpoint(scenario):
    zones, hours = scenario.get("endpoint_zone_ids"), scenario.get("hours_per_month", HOURS)
    known = zones is not None
    yield Quantity(
        "endpoint_hours",
        "endpoint_hour",
        scenario.region,
        len(zones) * hours if known else None,
        f"{len(zones)} zones x {hours:g} hours" if known else "endpoint_zone_ids is not given",
        scenario.source("endpoint_zone_ids"),
    )


def _traffic(scenario):
    """What passes the endpoint, and what it passes before."""
    monthly, formula = _moved(scenario)
    first, region = scenario.size(), scenario.region
    source = scenario.source("machines", "change_percent_per_day", "rules", "restores")
    ways = [("endpoint_gb", "endpoint_gb", 1.0, "")]
    share, why = _crossing(scenario)
    ways.append(("cross_az_gb", "cross_az_gb", share, why))
    if scenario.get("way") == "transit_connect":
        attachments = scenario.get("transit_attachments", 2)
        hours = scenario.get("hours_per_month", HOURS)
        yield Quantity(
            "transit_hours",
            "transit_attachment_hour",
            region,
            attachments * hours,
            f"{attachments} attachments x {hours:g} hours",
            scenario.source("way", "transit_attachments"),
        )
        ways.append(("transit_gb", "transit_gb", 1.0, ""))
    for name, price, part, told in ways:
        of = (
            source
            if name == "endpoint_gb"
            else f"{source}; {scenario.source('way', 'sddc_zone_ids', 'endpoint_zone_ids')}"
        )
        yield Quantity(name, price, region, _times(monthly, part), _joined(formula, told), of)
        yield Quantity(
            f"first_{name}", price, region, _times(first, part), _joined(_sized(scenario), told), of, once=True
        )


def _crossing(scenario) -> tuple[float | None, str]:
    """The part of the traffic that leaves its zone."""
    if scenario.get("way") == "on_premises":
        return 0.0, "0, since it comes from no zone"
    sddc, endpoint = scenario.get("sddc_zone_ids"), scenario.get("endpoint_zone_ids")
    if not sddc or endpoint is None:
        return None, "sddc_zone_ids or endpoint_zone_ids is not given"
    away = [zone for zone in sddc if zone not in endpoint]
    return len(away) / len(sddc), f"{len(away)} of {len(sddc)} zones have no endpoint"


def _moved(scenario) -> tuple[float | None, str]:
    """GB a month through the endpoint: what backups store anew, and what is restored to vSphere."""
    parts, total = [], 0.0
    for rule in scenario.rules:
        size, change = scenario.size(rule), scenario.change(rule)
        if size is None or change is None:
            return None, _lacking(scenario)
        number = DAYS / rule["interval_days"]
        total += size * change * number
        parts.append(f"{size:g} GB x {change * 100:g} % x {number:.4g} backups")
    back = sum(each.get("count", 1) * each["size_gb"] for each in _back(scenario))
    if back:
        parts.append(f"{back:g} GB restored to vSphere")
    return total + back, " + ".join(parts) or "nothing is backed up"


def _back(scenario):
    return [each for each in scenario.get("restores", ()) if each.get("to", "vsphere") == "vsphere"]


def _storage(scenario):
    vaults: dict = {}
    for kept in scenario.kept():
        vaults.setdefault((kept.region, kept.vault, kept.is_copy), []).append(kept)
    for (region, vault, is_copy), rules in vaults.items():
        of = f"{'copy' if is_copy else 'backup'} in {vault if is_copy else region}"
        if not is_copy and len({(each[0], each[1]) for each in vaults if not each[2]}) > 1:
            of = f"backup in {vault}"
        source = scenario.source("machines", "change_percent_per_day", "rules")
        for tier in ("warm", "cold"):
            amount, formula = _stored(scenario, rules, tier)
            yield Quantity(f"{tier}_storage", f"{tier}_gb_month", region, amount, formula, source, of=of)
    if "expired_gb" in scenario.values:
        expired = scenario.get("expired_gb")
        yield Quantity(
            "expired_points",
            "warm_gb_month",
            scenario.region,
            expired,
            f"{expired:g} GB in points that could not be deleted",
            scenario.source("expired_gb"),
        )


def _stored(scenario, rules, tier) -> tuple[float | None, str]:
    """The machines once, and beside that what each point that is kept there adds; points in cold storage may be full ones."""
    full = tier == "cold" and scenario.get("cold_points", "incremental") == "full"
    total, parts, based = 0.0, [], {}
    for kept in rules:
        days = kept.warm_days if tier == "warm" else kept.cold_days
        if not days:
            continue
        size, change = scenario.size(kept.rule), scenario.change(kept.rule)
        if size is None or (change is None and not full):
            return None, _lacking(scenario)
        number = days / kept.rule["interval_days"]
        each = size if full else size * change
        total += number * each
        parts.append(f"{number:.4g} points x {each:g} GB")
        if not full:
            based.update(_groups(scenario, kept.rule))
    base = sum(based.values())
    if base:
        parts.insert(0, f"{base:g} GB")
    return total + base, " + ".join(parts) or "nothing is kept there"


def _groups(scenario, rule) -> dict:
    """The size of each group of machines that a rule takes, by its place in the list."""
    machines = enumerate(scenario.get("machines", ()))
    return {at: each.get("count", 1) * each["size_gb"] for at, each in machines if takes(rule, each)}


def _restores(scenario):
    restores, source = scenario.get("restores", []), scenario.source("restores")
    for storage in ("warm", "cold"):
        of_it = [each for each in restores if each.get("storage", "warm") == storage]
        amount = sum(each.get("count", 1) * each["size_gb"] for each in of_it)
        formula = " + ".join(f"{each.get('count', 1):g} x {each['size_gb']:g} GB" for each in of_it) or "none"
        yield Quantity(f"restored_{storage}", f"restore_{storage}_gb", scenario.region, amount, formula, source)
    items = scenario.get("restored_items_per_month", 0)
    yield Quantity(
        "restored_items",
        "restore_item",
        scenario.region,
        items,
        f"{items:g} items",
        scenario.source("restored_items_per_month"),
    )


def _copies(scenario):
    """What goes to another Region. Between accounts of one Region nothing is paid for the way."""
    source = scenario.source("machines", "change_percent_per_day", "rules")
    first: dict = {}
    for kept in (each for each in scenario.kept() if each.is_copy and each.region != scenario.region):
        size, change = scenario.size(kept.rule), scenario.change(kept.rule)
        number = DAYS / kept.rule["interval_days"]
        known = size is not None and change is not None
        yield Quantity(
            "copied",
            "copy_gb",
            scenario.region,
            size * change * number if known else None,
            f"{size:g} GB x {change * 100:g} % x {number:.4g} copies" if known else _lacking(scenario),
            source,
            of=f"{kept.rule['name']} to {kept.vault}",
            to=kept.region,
        )
        first.setdefault((kept.vault, kept.region), {}).update(_groups(scenario, kept.rule))
    for (vault, region), groups in first.items():
        amount = sum(groups.values()) if "machines" in scenario.values else None
        told = f"{amount:g} GB" if amount is not None else _lacking(scenario)
        yield Quantity(
            "first_copied", "copy_gb", scenario.region, amount, told, source, of=f"to {vault}", to=region, once=True
        )


def _beside(scenario):
    count = scenario.get("audit_evaluations_per_month", 0)
    yield Quantity(
        "audit_evaluations",
        "audit_evaluation",
        scenario.region,
        count,
        f"{count:g} evaluations; this collection sets up no Audit Manager",
        scenario.source("audit_evaluations_per_month"),
    )
    hosts, why = extra_hosts(scenario)
    hours = scenario.get("hours_per_month", HOURS)
    yield Quantity(
        "extra_hosts",
        "host_hour",
        scenario.region,
        None if hosts is None else hosts * hours,
        f"{hosts:g} hosts x {hours:g} hours; {why}" if hosts else why,
        scenario.source("extra_hosts", "datastore_used_percent", "datastore_capacity_gb", "restores"),
    )


def extra_hosts(scenario) -> tuple[float, str]:
    """How many hosts VMware Cloud adds by itself, because a datastore gets too full."""
    if "extra_hosts" in scenario.values:
        return scenario.get("extra_hosts"), "as given"
    used = fullest(scenario)
    if used is None:
        return 0, "none; datastore_used_percent is not given, so that nobody looked"
    return (
        (1, f"the datastore is {used:.0f} % full, and from {FULL} % on a host is added")
        if used >= FULL
        else (
            0,
            f"none, at {used:.0f} % of the datastore",
        )
    )


def fullest(scenario) -> float | None:
    """How full the datastore gets, in percent, while the largest restore to vSphere lies there."""
    used, capacity = scenario.get("datastore_used_percent"), scenario.get("datastore_capacity_gb")
    if used is None or not capacity:
        return used
    return used + max((each["size_gb"] for each in _back(scenario)), default=0) / capacity * 100


def _times(amount, part):
    if part == 0:
        return 0.0
    return None if amount is None or part is None else amount * part


def _sized(scenario) -> str:
    size = scenario.size()
    return _lacking(scenario) if size is None else f"{size:g} GB, all machines once"


def _lacking(scenario) -> str:
    lacking = [name for name in ("machines", "change_percent_per_day") if name not in scenario.values]
    return f"{' and '.join(lacking)} is not given" if lacking else "nothing is backed up"


def _joined(*texts) -> str:
    return "; ".join(filter(None, texts))
