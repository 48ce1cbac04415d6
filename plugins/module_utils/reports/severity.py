# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How grave a difference is: the one table, first match first. A user's own rows come before it."""

from __future__ import annotations

import ipaddress
from fnmatch import fnmatchcase
from typing import NamedTuple

from ..errors import Invalid
from ..extent import too_wide

SEVERITIES = ("critical", "warning", "info")  # the gravest first


class Row(NamedTuple):
    """Patterns of what it is about, and of the values as text. What is empty matches everything.

    ``than_desired`` is less or more, of actual values that are numbers. What ``opens`` has in its actual value addresses that are not desired,
    too many of them.
    """

    severity: str
    kind: str = ""
    name: str = ""
    path: str = ""
    desired: str = ""
    actual: str = ""
    effect: str = ""
    than_desired: str = ""
    opens: bool = False
    id: str = ""
    host: str = ""
    verdict: str = ""


# Where a check's own answer is another one.
OF_CHECKS = (
    # Which servers an appliance asks is told by nobody where it is not given, and no news on the next day either.
    Row("info", id="ntp", verdict="unknown"),
    # No reason not to build, but one to look at at once.
    Row("critical", id="management_unexposed"),
)
TABLE = (
    # What lets in more than a rule may unasked.
    *(Row("critical", kind=kind, opens=True) for kind in ("security_group", "mgw_rule", "cgw_rule", "group")),
    Row("critical", kind="cgw_rule", effect="delete"),  # the port of an activation, left open
    Row("critical", kind="nat_rule", effect="delete"),
    Row("critical", kind="public_ip", effect="delete"),
    # What keeps backups from being made, kept or read.
    Row("critical", effect="replace"),
    Row("critical", kind="kms_key", path="enabled"),
    Row("critical", kind="kms_key", path="pending*"),
    Row("critical", kind="region_settings", actual="False"),
    Row("critical", kind="appliance", path="powered_on"),
    Row("critical", kind="appliance", path="nic*"),
    Row("critical", kind="vpc_endpoint", path="private_dns_enabled"),
    Row("critical", kind="vpc_endpoint", path="subnet_ids*"),
    Row("critical", kind="vpc_endpoint", path="security_group_ids*"),
    Row("critical", kind="backup_vault", path="lock*"),
    Row("critical", kind="backup_plan", path="*delete_after_days", than_desired="less"),
    Row("critical", kind="backup_plan", path="*copy_actions*"),
    Row("warning", kind="backup_plan", path="*delete_after_days"),
    Row("critical", kind="backup_selection"),
    Row("critical", kind="iam_role", path="assume_role_policy_document*"),
    Row("critical", kind="iam_role", path="inline_policies*", actual="*'Action': '[*]'*"),
    Row("critical", kind="iam_role", path="managed_policy_arns", actual="*:policy/AdministratorAccess*"),
    # Of what is not there all fields are as grave as that.
    Row("critical", effect="create"),
    # What says whose it is.
    Row("warning", path="tags.managed-by"),
    Row("warning", path="tags.vmc-aws-backup*"),
    # What nobody and nothing goes by.
    Row("info", path="tags*"),
    Row("info", path="*description"),
    Row("info", path="display_name"),
    Row("info", path="notes"),
    Row("info", kind="iam_role", path="max_session_duration"),
    Row("info", kind="kms_key", path="alias"),
    # What is written and cannot be read.
    Row("info", actual="(unverifiable)"),
    Row("warning"),
)


def severity(finding: dict, rows=()) -> str:
    """How grave it is: by a row of the user's, else as its check says, else by the table."""
    told = (*rows, *OF_CHECKS) if finding.get("severity") else (*rows, *TABLE)
    return next((row.severity for row in told if _matches(row, finding)), finding.get("severity"))


def rows(given) -> tuple:
    """The rows of a user. Invalid names the one at fault."""
    return tuple(_row(place, dict(each)) for place, each in enumerate(given or ()))


def _row(place, given) -> Row:
    unknown = sorted(set(given) - set(Row._fields))
    if unknown:
        raise Invalid(f"severities[{place}]", f"there is no {', '.join(unknown)}; there are: {', '.join(Row._fields)}.")
    if given.get("severity") not in SEVERITIES:
        raise Invalid(f"severities[{place}].severity", f"must be one of {', '.join(SEVERITIES)}.")
    if len([value for value in given.values() if value]) < 2:
        raise Invalid(f"severities[{place}]", "would match everything. Say what it is about.")
    if given.get("than_desired") not in (None, "", "less", "more"):
        raise Invalid(f"severities[{place}].than_desired", "must be less or more.")
    return Row(**{name: value is True if name == "opens" else str(value or "") for name, value in given.items()})


PATTERNS = ("kind", "name", "path", "desired", "actual", "effect", "id", "host", "verdict")


def _matches(row, finding) -> bool:
    for name in PATTERNS:
        pattern = getattr(row, name)
        if pattern and not fnmatchcase(str(finding.get(name, "")), pattern):
            return False
    if row.opens and not too_wide(_unasked(finding)):
        return False
    return not row.than_desired or _compares(row.than_desired, finding.get("actual"), finding.get("desired"))


def _compares(than, actual, desired) -> bool:
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (actual, desired))
    return numbers and (actual < desired if than == "less" else actual > desired)


def _unasked(finding) -> list:
    """The addresses that are there and should not be."""
    desired = set(_addresses(finding.get("desired")))
    return [each for each in _addresses(finding.get("actual")) if each not in desired]


def _addresses(value):
    """The texts in a value that are addresses, networks or ANY."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _addresses(item)
    elif isinstance(value, str) and (value.upper() == "ANY" or _is_network(value)):
        yield value


def _is_network(text) -> bool:
    try:
        return bool(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return False
