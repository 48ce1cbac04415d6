# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS Backup has that costs: machines and their sizes, the rules of plans that take them, and points that could not be deleted."""

from __future__ import annotations

import re

from ..resources import backup_plan, backup_selection, recovery_point, virtual_machine
from ..resources import hypervisor as of_hypervisor

GB = 1 << 30
TYPE = "VirtualMachine"
RATE = re.compile(r"rate\(\s*(\d+) (minute|hour|day)s?\s*\)")
CRON = re.compile(r"cron\(\s*(.*\S)\s*\)")
OF_A_DAY = {"minute": 1440, "hour": 24, "day": 1}
RANGES = {"minute": (0, 59), "hour": (0, 23), "month": (1, 12), "weekday": (1, 7)}
NAMES = {
    "weekday": dict(zip(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), range(1, 8))),
    "month": dict(zip("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), range(1, 13))),
}
WEEK, MONTH = 7, 365 / 12


def of_region(client, hypervisor: str | None = None) -> tuple[dict, dict]:
    """A scenario's values and where each comes from. ``client(service)`` speaks to the account in its Region."""
    gateway, backup = client("backup-gateway"), client("backup")
    rules, unread, takers = _plans(backup)
    machines = [
        of_hypervisor.view_virtual_machine(raw)
        for raw in of_hypervisor.virtual_machines(gateway, hypervisor=hypervisor)
    ]
    if any(needs for needs, _takes, _names in takers):
        tagged = virtual_machine.described(gateway, client("resourcegroupstaggingapi"), hypervisor)
        tags = {each["resource_arn"]: each["tags"] for each in tagged}
    else:
        tags = {}
    if hypervisor and not machines:
        unread.append(f"AWS Backup lists no machine of a hypervisor called {hypervisor}.")
    arns = {each["resource_arn"] for each in machines}
    points = [raw for raw in _points(backup) if hypervisor is None or raw.get("ResourceArn") in arns]
    sizes = _sizes(points)
    groups, unsized = _grouped(machines, tags, takers, sizes)
    expired = sum(_size(raw) for raw in points if raw.get("Status") == "EXPIRED") / GB
    values = {
        "machines": groups,
        "rules": rules,
        "expired_gb": expired,
        "not_counted": [*unread, *([_unsized(unsized)] if unsized else [])],
    }
    sources = {
        "machines": f"recovery points of {len(sizes)} machines, the largest of each",
        "rules": "backup plans of the account",
        "expired_gb": f"{sum(raw.get('Status') == 'EXPIRED' for raw in points)} recovery points with the status EXPIRED",
    }
    return values, sources


def of_seen(seen: dict) -> tuple[dict, dict]:
    """The same of what other tasks saw: the endpoints, and the SDDC."""
    values: dict = {}
    sources: dict = {}
    endpoints = [each for each in seen.get("endpoints") or [] if each.get("state") == "available"]
    sddc = next(iter(seen.get("sddcs") or []), None)
    if seen.get("endpoints") is not None:
        values["endpoint_zone_ids"] = [zone for each in endpoints for zone in each["availability_zone_ids"]]
        sources["endpoint_zone_ids"] = (
            ", ".join(each["vpc_endpoint_id"] for each in endpoints) or "no endpoint is there"
        )
    if sddc:
        values["sddc_zone_ids"] = sddc["availability_zone_ids"]
        sources["sddc_zone_ids"] = f"the SDDC {sddc['name']}"
        connected = (sddc.get("connected_vpc") or {}).get("vpc_id")
        if endpoints and connected:
            near = all(each["vpc_id"] == connected for each in endpoints)
            values["way"] = "connected_vpc" if near else "transit_connect"
            sources["way"] = f"the VPC of the endpoint is {'' if near else 'not '}the connected one"
    return values, sources


def of_planned(rules: list[dict]) -> tuple[dict, dict]:
    """The same of rules that are planned, as backup_plan takes them."""
    found, unread = [], []
    for raw in rules:
        number = per_day(raw.get("schedule_expression") or "")
        if number is None:
            unread.append(_untold(raw["name"], raw.get("schedule_expression")))
            continue
        copies = raw.get("copy_actions") or []
        vault = raw.get("target_backup_vault_name")
        found.append(
            {
                "name": raw["name"],
                "backups_per_day": number,
                **({"vault": vault} if vault else {}),
                **_days(raw),
                "copies": [{**_of_vault(copy["destination_backup_vault_arn"]), **_days(copy)} for copy in copies],
            }
        )
    return {"rules": found, "not_counted": unread}, {"rules": "planned_rules"}


def _days(kept: dict) -> dict:
    return {**(kept.get("lifecycle") or {}), "keep_forever": bool(kept.get("keep_forever"))}


def _untold(name: str, schedule) -> str:
    return f"How often {name} runs cannot be told from {schedule!r}."


def _plans(backup) -> tuple[list, list, list]:
    """The rules of all plans, those whose schedule cannot be read, and for each selection whom it takes for which rules."""
    rules, unread, takers = [], [], []
    for raw in backup_plan.find(backup):
        plan = backup_plan.view(raw)
        names = []
        for name, rule in plan["rules"].items():
            number = per_day(rule.get("schedule_expression") or "")
            called = f"{plan['name']}/{name}"
            if number is None:
                unread.append(_untold(called, rule.get("schedule_expression")))
                continue
            names.append(called)
            rules.append(_rule(called, rule, number))
        for selected in backup_selection.find(backup, plan["backup_plan_id"]):
            document = backup_selection.view(selected)
            own = f"{backup_selection.OF_TAG}{backup_selection.PATH}"
            needs = {each["key"] for each in [*document["conditions"], *document["list_of_tags"]]} - {own}
            takers.append((bool(needs), backup_selection.taker(document), names))
    return rules, unread, takers


def _rule(name: str, rule: dict, per_day: float) -> dict:
    return {
        "name": name,
        "backups_per_day": per_day,
        "vault": rule["target_backup_vault_name"],
        **_days(rule),
        "copies": [{**_of_vault(arn), **_days(copy)} for arn, copy in rule["copy_actions"].items()],
    }


def _of_vault(arn: str) -> dict:
    _arn, _partition, _service, region, account, _kind, name = arn.split(":", 6)
    return {"region": region, "account_id": account, "vault": name}


def per_day(schedule: str) -> float | None:
    """How often a day a schedule comes round, on average; None for what cannot be told."""
    rate = RATE.fullmatch(schedule)
    if rate:
        return OF_A_DAY[rate[2]] / int(rate[1]) if int(rate[1]) else None
    cron = CRON.fullmatch(schedule)
    fields = cron[1].split() if cron else []
    if len(fields) != 6:
        return None
    minute, hour, day, month, weekday, _year = fields
    counts = [_count("minute", minute), _count("hour", hour), _count("month", month)]
    days = _part_of_days(day, weekday)
    if None in counts or days is None:
        return None
    return counts[0] * counts[1] * counts[2] / 12 * days


def _part_of_days(day: str, weekday: str) -> float | None:
    """The part of all days on which it comes round."""
    if day in ("*", "?") and weekday in ("*", "?"):
        return 1.0
    if day in ("*", "?"):
        if "#" in weekday or weekday.endswith("L"):
            return 1 / MONTH
        number = _count("weekday", weekday)
        return None if number is None else number / WEEK
    if day in ("L", "LW") or re.fullmatch(r"\d{1,2}W", day):
        return 1 / MONTH
    number = _count("day", day)
    return None if number is None else number / MONTH


def _count(kind: str, field: str) -> int | None:
    """How many values a field of a cron expression names."""
    first, last = RANGES.get(kind, (1, 31))
    found: set = set()
    for part in field.split(","):
        begins, _slash, step = part.partition("/")
        if step and not (step.isdigit() and int(step)):
            return None
        ends = [_value(kind, each) for each in begins.split("-")] if begins not in ("*", "?") else [first, last]
        if None in ends or len(ends) > 2:
            return None
        end = ends[-1] if len(ends) == 2 else (last if step else ends[0])
        if not first <= ends[0] <= end <= last:
            return None
        found |= set(range(ends[0], end + 1, int(step or 1)))
    return len(found)


def _value(kind: str, text: str) -> int | None:
    named = NAMES.get(kind, {}).get(text.upper())
    return named or (int(text) if text.isdigit() else None)


def _points(backup) -> list[dict]:
    return [raw for raw in recovery_point.find(backup, None) if raw.get("ResourceType") in (TYPE, None)]


def _size(raw: dict) -> int:
    return raw.get("BackupSizeInBytes") or 0


def _sizes(points: list[dict]) -> dict:
    """Machine -> bytes. Nobody has seen whether a point tells the size of the machine or of what it adds: the largest counts."""
    sizes: dict = {}
    for raw in points:
        if _size(raw):
            sizes[raw.get("ResourceArn")] = max(_size(raw), sizes.get(raw.get("ResourceArn"), 0))
    return sizes


def _grouped(machines, tags, takers, sizes) -> tuple[list, int]:
    """Machines by the rules that take them, with what they come to, and how many have no size."""
    groups: dict = {}
    unsized = 0
    for machine in machines:
        seen = {**machine, "tags": tags.get(machine["resource_arn"], {})}
        taken = tuple(dict.fromkeys(name for _needs, takes, names in takers if takes(seen) for name in names))
        size = sizes.get(machine["resource_arn"])
        if taken and size is None:
            unsized += 1
        elif taken:
            groups.setdefault(taken, []).append(size)
    return [
        {"count": len(found), "size_gb": sum(found) / len(found) / GB, "rules": list(taken)}
        for taken, found in groups.items()
    ], unsized


def _unsized(number: int) -> str:
    return f"{number} machines that plans take have no recovery point yet, so that nobody tells their size."
