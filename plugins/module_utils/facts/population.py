# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual machines that vCenter has, each with what AWS Backup lists for it (SAFETY 38). Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

# What names and hosts of the service's own model may hold. Those of vCenter hold more, and what becomes of that is UNCONFIRMED.
OTHER = re.compile(r"[^a-zA-Z0-9-]")


class Machine(NamedTuple):
    """One of vCenter. ``listed`` is its row at AWS; where there is none, ``unclear`` may say why nobody knows which one it is."""

    seen: dict
    listed: dict | None
    unclear: str = ""

    @property
    def name(self) -> str:
        return f"{self.seen['path']}/{self.seen['name']}"


def joined(seen: list, listed: list) -> tuple[list[Machine], list[dict]]:
    """Every machine of vCenter, and the rows of AWS that are no machine's. More than one that it may be is none."""
    kept = any(OTHER.search(row.get("Name") or "") for row in listed)  # names arrive as they are
    rows: dict = {}
    for row in listed:
        for folder, name in _places(row):
            rows.setdefault((folder, _form(name, kept)), []).append(row)
    alike: dict = {}
    for one in seen:
        alike.setdefault(_key(one, kept), []).append(one)
    taken: set = set()
    found = []
    for one in seen:
        candidates = _unique(rows.get(_key(one, kept), []))
        others = alike[_key(one, kept)]
        if len(others) > 1 and not kept:
            candidates, others = _spelled(one, others, candidates)
        if len(candidates) == 1 and len(others) == 1 and one["path"]:
            found.append(Machine(one, candidates[0]))
        else:
            found.append(Machine(one, None, _why(one, candidates, others)))
        taken.update(each["ResourceArn"] for each in candidates)
    return found, [row for row in listed if row["ResourceArn"] not in taken]


def _places(row) -> list:
    """Folder and name. Nobody has seen whether Path is that of the folder or ends in the machine's own name."""
    path, name = (row.get("Path") or "").rstrip("/"), row.get("Name") or ""
    return [(path, name)] + ([(path[: -len(name) - 1], name)] if name and path.endswith(f"/{name}") else [])


def _form(name: str, kept: bool) -> str:
    """A name as it is compared: where AWS may have changed it, by what is left of it in any case."""
    return name if kept else OTHER.sub("", name).replace("-", "")


def _key(one, kept) -> tuple:
    return one["path"], _form(one["name"], kept)


def _spelled(one, others, candidates) -> tuple:
    """Of several that may be one another, those that are spelled as AWS can spell them are told apart by that, if none is spelled otherwise."""
    if any(OTHER.search(each["name"]) for each in others):
        return candidates, others
    same = [each for each in candidates if each.get("Name") == one["name"]]
    return same, [each for each in others if each["name"] == one["name"]]


def _unique(rows) -> list:
    return list({row["ResourceArn"]: row for row in rows}.values())


def _why(one, candidates, others) -> str:
    if not one["path"]:
        return (
            "vCenter tells no folder of it, as of a machine in a vApp, so that it cannot be told which one at AWS it is"
        )
    if candidates and len(others) > 1:
        names = ", ".join(sorted(each["name"] for each in others))
        return f"AWS Backup may have changed names, and {len(candidates)} at AWS may be any of {names}"
    if len(candidates) > 1:
        arns = ", ".join(sorted(each["ResourceArn"] for each in candidates))
        return f"AWS Backup lists {len(candidates)} of its folder and name: {arns}"
    return ""
