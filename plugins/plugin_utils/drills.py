# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written down of restore drills on the control node: one file for each, from before anything is made until all of it is gone."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import re
import tempfile
import uuid

from ..module_utils.errors import Error

REQUEST = re.compile(r"drill-[0-9a-f]{10}")


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def new_request() -> str:
    return f"drill-{uuid.uuid4().hex[:10]}"


def read(folder: str, site_id: str = "") -> list[dict]:
    """The records of a site. One that cannot be read is an error: what it has made would be forgotten."""
    found = []
    for path in sorted(pathlib.Path(folder).expanduser().glob("drill-*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            found.append({**record, "machine": dict(record["machine"]), "request_id": str(record["request_id"])})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Error(
                f"The record {path} of a restore drill cannot be read ({type(error).__name__}). It says what that drill has made: look there, "
                "then move it away."
            ) from None
    return [record for record in found if not site_id or record.get("site_id") == site_id]


def write(folder: str, record: dict) -> str:
    """As a whole or not at all, for the owner only. The path of the file."""
    if not REQUEST.fullmatch(str(record.get("request_id"))):
        raise Error(f"{record.get('request_id')!r} is no drill's name.")
    where = pathlib.Path(folder).expanduser()
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = where / f"{record['request_id']}.json"
    handle, beside = tempfile.mkstemp(prefix=".", suffix=".part", dir=where)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    return str(path)
