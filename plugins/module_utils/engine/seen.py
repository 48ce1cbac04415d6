# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thing just written may not be seen yet, and one just deleted may still be seen (law 14). Also what of several made at once stays."""

from __future__ import annotations

from .. import wait
from ..errors import Ambiguous, Conflict, Error, Foreign, Lost
from .outcome import WRITE_ONLY

NOT_SEEN = (Conflict, Foreign)  # what an own thing shows that is there, but its parts or marks not yet


def created(resource, want, make, done) -> dict:
    """Make it by ``make()``, and see it. One whose answer was lost is looked for, and never created again."""
    made, lost = None, None
    try:
        made = make()
    except Lost as failure:
        lost = failure
    else:
        done.append(f"created the {resource.kind}")
    have = _settled(resource, made)
    if have is None:
        raise lost or Error(f"The {resource.kind} was created, but is not found afterwards.")
    if lost:
        done.append(f"created the {resource.kind}")
    return have


def _settled(resource, made) -> dict | None:
    """The one thing there is after an own create. Of several made at once the smallest id stays, and a run takes back only its own.

    ``made`` is the id of what was made, where the API knows no token. Who made the smallest waits until the others are gone. They
    are not where the other run had looked before ours was seen: then ours goes.
    """
    yields = taken = False

    def take_back():
        nonlocal yields, taken
        yields = taken = True
        resource.take_back(made)

    def look_once():
        try:
            have = resource.observe()
        except Ambiguous as twins:
            if made in twins.found and (yields or made != min(twins.found)):
                take_back()
            return None
        except NOT_SEEN:
            return None
        if have is None or made is None:
            return have
        if made in have.values():
            return None if taken else have
        if yields:
            take_back()
        return have if yields else None

    for turn in range(1 if made is None else 3):
        yields = yields or turn == 2
        have = wait.seen(look_once, lambda have: have is not None)
        if have is not None:
            return have
    return None


def written(resource, before, pending) -> dict | None:
    """What is seen after an update. A key that still has its old value may not be seen yet, unless a kind shows writes at once."""
    keys = [key for key, value in pending.items() if value != WRITE_ONLY]

    def is_seen(have):
        return have is not None and all(key in have and have[key] != before.get(key, ...) for key in keys)

    if resource.at_once:
        return resource.observe()
    return wait.seen(lambda: look(resource), is_seen) or resource.observe()


def look(resource):
    """What is there, or ``None`` too while parts or marks of it are not seen."""
    try:
        return resource.observe()
    except NOT_SEEN:
        return None


def gone(resource, wait_timeout, remove_again) -> None:
    """A thing just deleted may still be seen, and nobody shall take it for one that is there. One just made may have been unknown."""
    if not resource.at_once:
        if wait.seen(lambda: look(resource), lambda seen: seen is None) is None:
            return
        remove_again()
        wait_timeout = max(wait_timeout, wait.SEEN_WITHIN)
    if wait_timeout:
        wait.until(resource.observe, lambda seen: seen is None, timeout=wait_timeout, what=f"the {resource.kind} to go")
