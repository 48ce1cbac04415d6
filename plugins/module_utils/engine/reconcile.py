# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that decides: observe, want, compare, then predict or write, then wait until ready."""

from __future__ import annotations

from .. import wait
from ..errors import Conflict, Denied, Error, Foreign, Immutable, Incomplete, Invalid, Missing
from ..values import unresolved
from . import seen
from .outcome import WRITE_ONLY, Change, Outcome, compared, differing, due, fields, secrets_due
from .resource import Resource, Whole

PASSES = 2


def reconcile(
    resource: Resource,
    *,
    state: str = "present",
    check_mode: bool = False,
    on_immutable: str = "fail",
    wait_timeout: float = 0,
    busy_timeout: float = 60,
    predicted: dict | None = None,
) -> Outcome:
    """Bring one resource to its state, or say what that would take.

    A wait_timeout of 0 does not wait for readiness, busy_timeout is how long an object in use is waited for, and predicted is what an
    earlier task of a preview said that it would make: in check mode it stands for what is not there yet.
    """

    resource = Whole(resource)

    def decide():
        if state == "absent":
            return _absent(resource, check_mode, wait_timeout, busy_timeout)
        return _present(resource, check_mode, on_immutable, wait_timeout, busy_timeout, predicted)

    return _decided(decide)


def _decided(decide):
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


def _absent(resource, check_mode, wait_timeout, busy_timeout) -> Outcome:
    have = resource.observe()
    if have is None:
        return Outcome(None, None)
    outcome = Outcome(have, None, True, [Change("state", "absent", "present", "delete")], list(have))
    if check_mode:
        _refuse_if_held(resource, have)
        return outcome

    def remove():
        _refuse_if_held(resource, have)
        resource.delete(have)

    done: list[str] = []
    try:
        _unless_busy(remove, busy_timeout)
        done.append(f"deleted the {resource.kind}")
        seen.gone(resource, wait_timeout, lambda: _unless_busy(remove, busy_timeout))
    except Conflict:
        raise
    except Error as cause:
        if not (done or cause.wrote):
            raise
        raise Incomplete(cause, _afterwards(resource, outcome, True), done=done, remaining=["state"]) from cause
    return outcome


def _refuse_if_held(resource, have):
    held = resource.held(have)
    if held:
        raise Foreign(f"{resource.called(have)} must not be removed: {held}.")


def _present(resource, check_mode, on_immutable, wait_timeout, busy_timeout, predicted) -> Outcome:
    have = resource.observe()
    if have is None and check_mode and predicted:
        have = {**resource.blank, **predicted}
    want = resource.want(have)
    fixed = resource.fixed(have, want) if have is not None else {}
    changes = compared(resource, have, want, fixed)
    outcome = Outcome(have, have, False, changes, list(want), list(resource.heard))
    replaced = {change.path.split(".")[0] for change in changes if change.effect == "replace"}
    if replaced and on_immutable == "fail":
        _notice(resource, have, outcome)
        raise Immutable(resource.kind, outcome, fixed)

    pending = {key: value for key, value in due(resource, have, want).items() if key not in replaced}
    outcome.changed = have is None or bool(pending)
    if check_mode:
        if outcome.changed:
            outcome.after = {**(have or {}), **{key: want.get(key, WRITE_ONLY) for key in want if key not in replaced}}
        outcome.changes += _lost(resource, have)
        # What the predicted changes put right is not noticed any more.
        _notice(resource, have and outcome.after, outcome)
        return outcome
    if outcome.changed:
        missing = unresolved({key: value for key, value in want.items() if key not in replaced})
        if missing:
            raise Missing(missing)
        _write(resource, want, replaced, outcome, busy_timeout)
    if wait_timeout:
        _until_ready(resource, outcome, wait_timeout)
    outcome.changes += _lost(resource, outcome.after)
    _notice(resource, outcome.after, outcome)
    return outcome


def _write(resource, want, replaced, outcome, busy_timeout):
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
        _unless_busy(lambda: resource.update(before, pending), busy_timeout)
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
            have = seen.created(resource, want, lambda: _unless_busy(lambda: resource.create(want), busy_timeout), done)
        for _pass in range(PASSES):
            try:
                more = put()
            except (Conflict, Missing) as race:
                if not (done or race.wrote):
                    raise  # the whole is decided anew, what cannot change included
                more = _decided(put_again)
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
            _afterwards(resource, outcome, bool(done) or cause.wrote),
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
            _unless_busy(lambda key=key, value=value: resource.update(have, {key: value}), busy_timeout)
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


def _notice(resource, have, outcome):
    """What the resource noticed joins the outcome: it changes nothing."""
    for each in resource.noticed(have) if have is not None else ():
        outcome.changes.append(Change(each.path, each.desired, each.actual, "kept"))
        outcome.warnings.append(f"{resource.called(have)}: {each.path}: {each.advice}")


def _afterwards(resource, outcome, wrote) -> Outcome:
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


def _until_ready(resource, outcome, wait_timeout):
    """A run that was killed while the thing was pending finishes its wait, changed or not."""

    def verdict(seen):
        if seen is None:
            return "it is gone"
        return resource.ready(seen) or True

    try:
        if resource.ready(outcome.after) is None:
            return
        outcome.after = wait.until(
            resource.observe, verdict, timeout=wait_timeout, what=f"the {resource.kind} to be ready"
        )
    except Error as cause:
        done = sorted({change.path for change in outcome.changes if change.effect != "replace"})
        outcome.changes += _lost(resource, outcome.after)
        raise Incomplete(
            cause, _afterwards(resource, outcome, outcome.changed), done=done, remaining=["ready"]
        ) from cause


def _lost(resource, have) -> list[Change]:
    if have is None:
        return []
    return [Change(key, desired, actual, "replace") for key, (desired, actual) in resource.lost(have).items()]


def _unless_busy(write, busy_timeout):
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
