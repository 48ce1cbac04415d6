# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks of one look have read, so that those that go by it and find nothing to do need not read it again.

The roles of a run share a look of their host. What its modules read is in an anonymous file, until one of the run, on whatever host, is
about to write: from then on nothing is recalled any more. Who finds something to do by what is recalled reads anew before it decides.
Where a module has a process of its own, nothing is recalled.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import time

from .anonymous import anonymous, locked

LASTS = 300  # seconds after which an answer is no longer gone by
SPOILED = b"-"
TIME = "(a time)"

_file = None
_look = ""
_read: dict = {}
_recalled: dict | None = None  # while it is gone by


def begin() -> None:
    """Open the memory of this process and of all its forks."""
    global _file
    if _file is None:
        with anonymous() as file:
            _file = os.dup(file.fileno())


def belong(look: str) -> None:
    """From now on this module reads for a look; without a name, for none."""
    global _look, _read
    _look, _read = look, {}


@contextlib.contextmanager
def gone_by():
    """Within it, what the look has read is not read again."""
    global _recalled
    _recalled = _held()
    try:
        yield bool(_recalled)
    finally:
        _recalled = None


def asked(key: list, ask):
    """What is recalled of a question, else what ``ask()`` brings, which is kept unless there is none."""
    if not _is_kept():
        return ask()
    name = _name(key)
    answer = _known(name)
    if answer is not None:
        return answer
    answer = ask()
    if answer is not None:
        _read[name] = answer
    return answer


def recalled(key: list):
    """What is recalled of a question, or ``None``."""
    return _known(_name(key)) if _recalled is not None else None


def keep() -> None:
    """Leave what this module has read to those that follow."""
    if _is_kept() and _read:
        with locked(_file):
            if not _is_spoiled():
                _append({"look": _look, "at": time.monotonic(), "read": _read})


def spoil() -> None:
    """Something is about to be written, and nobody knows what else that changes."""
    global _recalled
    _recalled = None
    _read.clear()
    if _file is not None:
        with locked(_file):
            os.ftruncate(_file, 0)
            os.pwrite(_file, SPOILED, 0)


def _is_kept() -> bool:
    return _file is not None and _look != ""


def _known(name):
    """What the look has read, this module among it; ``None`` for who does not go by it."""
    return None if _recalled is None else _recalled.get(name, _read.get(name))


def _held() -> dict:
    found: dict = {}
    if _is_kept():
        with locked(_file):
            lines = b"" if _is_spoiled() else os.pread(_file, os.fstat(_file).st_size, 0)
        own = json.dumps({"look": _look}).encode()[:-1]  # in a large play most are another's
        for line in lines.splitlines():
            if line.startswith(own):
                found.update(_answers(line))
    return found


def _answers(line) -> dict:
    try:
        each = json.loads(line, object_hook=_from_json)
    except ValueError:  # of a process that was killed while it wrote
        return {}
    return each["read"] if 0 <= time.monotonic() - each["at"] < LASTS else {}


def _append(record):
    with contextlib.suppress(TypeError, ValueError):  # what is no JSON is not kept
        line = json.dumps(record, default=_as_json).encode()
        os.pwrite(_file, b"\n" + line, os.fstat(_file).st_size)


def _as_json(value):
    """AWS tells times, which are no JSON."""
    if isinstance(value, datetime.datetime):
        return {TIME: value.isoformat()}
    raise TypeError


def _from_json(value: dict):
    return datetime.datetime.fromisoformat(value[TIME]) if set(value) == {TIME} else value


def _is_spoiled() -> bool:
    return os.pread(_file, 1, 0) == SPOILED


def _name(key) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True, default=str).encode()).hexdigest()
