# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that decides: observe, want, compare, then predict or write, then wait until ready."""

from __future__ import annotations

from .. import recall, wait
from ..errors import BadCredentials, Conflict, Error, Foreign, Immutable, Incomplete, Missing
from ..values import unresolved
from . import seen
from .outcome import WRITE_ONLY, Change, Outcome, compared, due
from .resource import Resource, Whole
from .writing import afterwards, decided, unless_busy, write


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

    return decided(decide)


def settled(resource: Resource, *, on_immutable: str, waits: bool, predicted: dict | None) -> Outcome | None:
    """The outcome, where the resource is as asked for and there is nothing else to tell of it; else ``None``. Writes nothing and waits for nothing."""
    resource = Whole(resource)
    try:
        outcome = _present(resource, True, on_immutable, 0, 0, predicted)
        if outcome.changed or outcome.changes or outcome.warnings or (waits and resource.ready(outcome.after)):
            return None
    except BadCredentials:
        raise  # what was refused once is not tried again
    except Error:
        return None
    return outcome


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
    recall.spoil()
    try:
        unless_busy(remove, busy_timeout)
        done.append(f"deleted the {resource.kind}")
        seen.gone(resource, wait_timeout, lambda: unless_busy(remove, busy_timeout))
    except Conflict:
        raise
    except Error as cause:
        if not (done or cause.wrote):
            raise
        raise Incomplete(cause, afterwards(resource, outcome, True), done=done, remaining=["state"]) from cause
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
        recall.spoil()
        write(resource, want, replaced, outcome, busy_timeout)
    if wait_timeout:
        _until_ready(resource, outcome, wait_timeout)
    outcome.changes += _lost(resource, outcome.after)
    _notice(resource, outcome.after, outcome)
    return outcome


def _notice(resource, have, outcome):
    """What the resource noticed joins the outcome: it changes nothing."""
    for each in resource.noticed(have) if have is not None else ():
        outcome.changes.append(Change(each.path, each.desired, each.actual, "kept"))
        outcome.warnings.append(f"{resource.called(have)}: {each.path}: {each.advice}")


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
            cause, afterwards(resource, outcome, outcome.changed), done=done, remaining=["ready"]
        ) from cause


def _lost(resource, have) -> list[Change]:
    if have is None:
        return []
    return [Change(key, desired, actual, "replace") for key, (desired, actual) in resource.lost(have).items()]
