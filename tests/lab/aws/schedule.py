# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a rule of a plan is due."""

from __future__ import annotations

import calendar
import datetime
import re
from zoneinfo import ZoneInfo

UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)
MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")


def due(rule: dict, made: datetime.datetime, since: datetime.datetime, until: datetime.datetime) -> list:
    """The moments after ``since`` and up to ``until`` at which a rule of a plan that was made at ``made`` is due, in UTC."""
    expression = rule.get("ScheduleExpression") or ""
    rate = RATE.fullmatch(expression)
    if rate:
        return _of_rate(datetime.timedelta(**{f"{rate[2]}s": int(rate[1])}), made, since, until)
    if not expression:
        return []
    zone = ZoneInfo(rule["ScheduleExpressionTimezone"])
    return [moment for moment in _of_cron(expression, zone, since, until) if since < moment <= until]


def _of_rate(period, made, since, until) -> list:
    turn = max(1, (since - made) // period + 1)
    found = []
    while made + turn * period <= until:
        found.append(made + turn * period)
        turn += 1
    return found


def _of_cron(expression, zone, since, until):
    minutes, hours, days, months, weekdays, years = expression[len("cron(") : -1].split()
    minutes, hours = _numbers(minutes, 0, 59), _numbers(hours, 0, 23)
    months, weekdays = _numbers(months, 1, 12, MONTHS), _numbers(weekdays, 1, 7, WEEKDAYS)
    years = _numbers(years, 1970, 2199)
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        length = calendar.monthrange(day.year, day.month)[1]
        month_days = [length] if days == "L" else _numbers(days, 1, 31)
        weekday = day.isoweekday() % 7 + 1  # Sunday is 1
        if day.year in years and day.month in months and day.day in month_days and weekday in weekdays:
            for hour in hours:
                for minute in minutes:
                    yield datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
        day += DAY


def _numbers(text: str, low: int, high: int, names=None) -> list:
    found: set = set()
    for part in text.split(","):
        span, _slash, step = part.partition("/")
        first, _dash, last = span.partition("-")
        if first in ("*", "?"):
            first, last = low, high
        else:
            first = _number(first, names)
            last = _number(last, names) if last else high if step else first
        found.update(range(first, last + 1, int(step or 1)))
    return sorted(found)


def _number(text, names) -> int:
    return (names or {}).get(text.upper()) or int(text)
