# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a rule of a backup plan is due: how far its backups lie apart at most."""

from __future__ import annotations

import calendar
import datetime
import re

from .errors import Error

DAY = datetime.timedelta(days=1)
AHEAD = 800  # days: more than the longest time between two runs of a plan that people call yearly
OFTEN = 24  # times a day, beyond which a few months are enough to look at
MONTHS_AHEAD = 100  # days
RATE = re.compile(r"rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)")
CRON = re.compile(r"cron\((.*)\)")
MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
FIELD = re.compile(r"(\*|\?|[A-Za-z0-9]+)(?:-([A-Za-z0-9]+))?(?:/(\d+))?")


def longest_gap(expression: str, today: datetime.date) -> datetime.timedelta | None:
    """The longest time between two runs from today on, in the time of the rule's own zone; ``None`` where there are none, or one only."""
    rate = RATE.fullmatch(expression.strip())
    if rate:
        return datetime.timedelta(**{f"{rate[2]}s": int(rate[1])})
    times = _runs(expression, today)
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    return max(gaps, default=None)


def runs(expression: str, today: datetime.date, days: int) -> list:
    """When a cron expression is due in the days from today on, in the time of the rule's own zone. Rates are due whenever they were begun."""
    return [] if RATE.fullmatch(expression.strip()) else _runs(expression, today, days)


def _runs(expression: str, today: datetime.date, ahead: int = 0) -> list:
    cron = CRON.fullmatch(expression.strip())
    fields = cron[1].split() if cron else []
    if len(fields) != 6:
        raise Error(f"The schedule {expression!r} cannot be read.")
    minutes, hours = _numbers(fields[0], 0, 59), _numbers(fields[1], 0, 23)
    days = [0] if fields[2] == "L" else _numbers(fields[2], 1, 31)
    months, weekdays = _numbers(fields[3], 1, 12, MONTHS), _numbers(fields[4], 1, 7, WEEKDAYS)
    years = _numbers(fields[5], 1970, 2199)
    found = []
    for number in range(ahead or (MONTHS_AHEAD if len(hours) * len(minutes) > OFTEN else AHEAD)):
        day = today + number * DAY
        last = calendar.monthrange(day.year, day.month)[1]
        of_month = day.day == last if days == [0] else day.day in days
        if day.year in years and day.month in months and of_month and day.isoweekday() % 7 + 1 in weekdays:
            found += [
                datetime.datetime(day.year, day.month, day.day, hour, minute) for hour in hours for minute in minutes
            ]
    return found


def _numbers(text: str, low: int, high: int, names=None) -> list:
    """What a field of cron stands for. L, W and # of days are not read."""
    found: set = set()
    for part in text.split(","):
        read = FIELD.fullmatch(part)
        if read is None:
            raise Error(f"{text!r} of a schedule cannot be read.")
        first, last, step = read.groups()
        if first in ("*", "?"):
            start, end = low, high
        else:
            start = _number(first, names)
            end = _number(last, names) if last else high if step else start
        found.update(range(start, end + 1, int(step or 1)))
    return sorted(found)


def _number(text: str, names) -> int:
    if text.upper() in (names or {}):
        return names[text.upper()]
    if not text.isdigit():
        raise Error(f"{text!r} of a schedule cannot be read.")
    return int(text)
