# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a thing is written: in passes, decided anew after a lost race, waited for while it is in use, and told when it fails halfway."""

from __future__ import annotations

from .. import wait
from ..errors import Conflict, Denied, Error, Incomplete, Invalid, Missing
from ..values import unresolved
from . import seen
from .outcome import WRITE_ONLY, Outcome, differing, fields, secrets_due

PASSES = 2


def decided(decide):
    """What ``decide()`` gives: decided anew after a lost race, and while what it needs may only not be seen yet (law 14)."""

    def attempt():
        try:
            return decide()
        except (Conflict, Missing) as met:
            return met

    found = attempt()
    if isinstance(found, Error):
        found = wait.seen(attempt, lambda found: not isinstance(found, Error))
    if isinstance(found, Error):
        raise found
    return found


def write(resource, want, replaced, outcome, busy_timeout):
    """Create what is not there, then update what still differs, at most PASSES times, and last what may be denied."""
    done: list[str] = []
    have = outcome.before
    later = resource.may_be_denied
    secrets = secrets_due(resource) if have is not None else set()

    def put():
        """Write what differs: whether another look may find more to do."""
        nonlocal have, want, secrets
        want = resource.want(have)
        pending = {key: value for key, value in differing(have, want).items() if key not in {*replaced, *later}}
        pending.update(dict.fromkeys(secrets, WRITE_ONLY))
        if not pending:
            return False
        before = have
        missing = unresolved(pending)
        if missing:
            raise Missing(missing)
        unless_busy(lambda: resource.update(before, pending), busy_timeout)
        done.extend(sorted(pending))
        secrets = set()
        have = seen.written(resource, before, pending)
        return have != before

    def put_again():
        nonlocal have
        have = resource.observe()
        return put()

    try:
        if have is None:
            have = seen.created(resource, want, lambda: unless_busy(lambda: resource.create(want), busy_timeout), done)
        for _pass in range(PASSES):
            try:
                more = put()
            except (Conflict, Missing) as race:
                if not (done or race.wrote):
                    raise  # the whole is decided anew, what cannot change included
                more = decided(put_again)
            if not more:
                break
        have, denied = _write_later(resource, have, [key for key in later if key not in replaced], done, busy_timeout)
        _tell_denied(resource, denied, done, outcome)
        outcome.after = have
        left = sorted(set(differing(have or {}, resource.want(have))) - replaced - set(denied))
        if left:
            raise Error(f"The {resource.kind} still differs after it was written: {', '.join(left)}.")
    except Error as cause:
        if isinstance(cause, (Conflict, Invalid, Missing)) and not (done or cause.wrote):
            raise
        raise Incomplete(
            cause,
            afterwards(resource, outcome, bool(done) or cause.wrote),
            done=done,
            remaining=_remaining(outcome, want, secrets, done),
        ) from cause


def _write_later(resource, have, keys, done, busy_timeout) -> tuple:
    """Write each of the keys by itself. Returns the thing as it then is, and by key why it was denied or that it was not kept."""
    wanted = differing(have, resource.want(have)) if have is not None and keys else {}
    later = {key: value for key, value in wanted.items() if key in keys}
    denied: dict = {}
    for key, value in later.items():
        try:
            unless_busy(lambda key=key, value=value: resource.update(have, {key: value}), busy_timeout)
        except Denied as refusal:
            denied[key] = refusal
    written = [key for key in later if key not in denied]
    if written:
        have = resource.observe()
        left = differing(have or {}, resource.want(have))
        denied.update({key: "It was written, but is not kept." for key in written if key in left})
        done += [key for key in written if key not in left]
    return have, denied


def _tell_denied(resource, denied, done, outcome):
    outcome.changed = outcome.changed and (bool(done) or not denied)
    for change in outcome.changes:
        if change.path.split(".")[0] in denied:
            change.effect = "denied"
    outcome.warnings += [
        f"{resource.called(outcome.before)}: {key} stays as it is. {refusal}" for key, refusal in denied.items()
    ]


def afterwards(resource, outcome, wrote) -> Outcome:
    """The outcome with the world as it is after a failure, if it can be seen at all."""
    try:
        outcome.after = resource.observe()
    except Error:
        outcome.after = None
    outcome.changed = wrote or outcome.after != outcome.before
    return outcome


def _remaining(outcome, want, secrets, done) -> list[str]:
    """The fields that are not as wanted: as seen afterwards, or where nothing is seen, those that were not written."""
    if outcome.after is None:
        return sorted({change.path for change in outcome.changes if change.path.split(".")[0] not in done})
    return sorted({*secrets, *(change.path for change in fields(outcome.after, want, ()))})


def unless_busy(write, busy_timeout):
    """Write, and again while the object is in use, for as long as allowed: what the write returns."""

    def attempt():
        try:
            return write()
        except Conflict as conflict:
            if not conflict.busy:
                raise
            return conflict

    def done(found):
        return str(found) if isinstance(found, Conflict) else True

    found = attempt()
    if done(found) is True:
        return found
    return wait.until(attempt, done, timeout=busy_timeout, what="a busy object")
