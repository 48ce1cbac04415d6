# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that decides: observe, want, compare, then predict or write, then wait until ready.

A resource is any object with these members; there is no base class.

``kind``               result key, and the word used in messages
``immutable``          managed keys that cannot change after creation
``observe()``          the thing as it is, in option names, lists canonical; ``None`` only when the API said "not found"
``want(have)``         what was asked for: same keys, same form; keys that were not given are absent
``create(want)``       make it exist and findable; what the creating call cannot carry follows by ``update``. Its id, where the API
                       knows no token: then ``take_back(id)`` removes what this run has made, as long as nobody uses it
``update(have, changes)``  write only the top-level keys in ``changes`` (key -> desired value; a write-only key has WRITE_ONLY)
``delete(have)``       remove it; already gone is fine. ``delete = None``: the kind has no absence
``ready(have)``        optional: ``None``, or why it is not ready yet
``lost(have)``          optional: key -> (desired, actual): what no write mends, though it may mend itself; recorded as replace, after the wait
``held(have)``          optional: ``None``, or why it must not be removed; asked in check mode too
``noticed(have)``      optional: Noticed for what weakens it though nobody asked about it; recorded as kept, told as a warning, never written
``may_be_denied``      optional: keys that are written last and alone; a denial is recorded and told as a warning, and the run goes on;
                       so it is where the service does not keep them
``at_once``            optional: true where a write is seen as soon as it is answered (law 14)
``reasons``            optional: immutable key -> why it cannot change, for the message
``blank``              optional: what a new one has where nothing was asked for; for predictions on top of predictions
``write_only``         optional: key -> write it now? for values that the API never gives back
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from . import wait
from .errors import Ambiguous, Conflict, Denied, Error, Foreign, Immutable, Incomplete, Invalid, Lost, Missing
from .values import plain, unresolved

WRITE_ONLY = "(write-only)"
UNVERIFIABLE = "(unverifiable)"
PASSES = 2
NOT_SEEN = (Conflict, Foreign)  # what an own thing shows that is there, but its parts or marks not yet


@dataclass
class Change:
    """One field that differs. O(effect) is one of create, in_place, replace, delete, kept, denied."""

    path: str
    desired: object
    actual: object
    effect: str


@dataclass
class Outcome:
    """What was, what is (or in check mode would be), and each field between."""

    before: dict | None
    after: dict | None
    changed: bool = False
    changes: list[Change] = field(default_factory=list)
    managed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_records(self) -> list[dict]:
        return [plain(asdict(change)) for change in self.changes]


def reconcile(
    resource,
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
        _until_gone(resource, wait_timeout, lambda: _unless_busy(remove, busy_timeout))
    except Conflict:
        raise
    except Error as cause:
        if not (done or cause.wrote):
            raise
        raise Incomplete(cause, _afterwards(resource, outcome, True), done=done, remaining=["state"]) from cause
    return outcome


def _refuse_if_held(resource, have):
    held = resource.held(have) if hasattr(resource, "held") else None
    if held:
        raise Foreign(f"{_called(resource, have)} must not be removed: {held}.")


def _until_gone(resource, wait_timeout, remove_again):
    """A thing just deleted may still be seen, and nobody shall take it for one that is there. One just made may have been unknown."""
    if not getattr(resource, "at_once", False):
        if wait.seen(lambda: _look(resource), lambda seen: seen is None) is None:
            return
        remove_again()
        wait_timeout = max(wait_timeout, wait.SEEN_WITHIN)
    if wait_timeout:
        wait.until(resource.observe, lambda seen: seen is None, timeout=wait_timeout, what=f"the {resource.kind} to go")


def _present(resource, check_mode, on_immutable, wait_timeout, busy_timeout, predicted) -> Outcome:
    have = resource.observe()
    if have is None and check_mode and predicted:
        have = {**getattr(resource, "blank", {}), **predicted}
    want = resource.want(have)
    changes = _compare(resource, have, want)
    outcome = Outcome(have, have, False, changes, list(want))
    replaced = {change.path.split(".")[0] for change in changes if change.effect == "replace"}
    if replaced and on_immutable == "fail":
        _notice(resource, have, outcome)
        raise Immutable(resource.kind, outcome, getattr(resource, "reasons", None))

    pending = {key: value for key, value in _pending(resource, have, want).items() if key not in replaced}
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
    if wait_timeout and hasattr(resource, "ready"):
        _until_ready(resource, outcome, wait_timeout)
    outcome.changes += _lost(resource, outcome.after)
    _notice(resource, outcome.after, outcome)
    return outcome


def _write(resource, want, replaced, outcome, busy_timeout):
    """Create what is not there, then update what still differs, at most PASSES times, and last what may be denied."""
    done: list[str] = []
    have = outcome.before
    later = getattr(resource, "may_be_denied", ())
    secrets = {key for key, now in getattr(resource, "write_only", {}).items() if now} if have is not None else set()

    def put():
        """Write what differs: whether another look may find more to do."""
        nonlocal have, want, secrets
        want = resource.want(have)
        pending = {key: value for key, value in _differing(have, want).items() if key not in {*replaced, *later}}
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
        have = _written(resource, before, pending)
        return have != before

    def put_again():
        nonlocal have
        have = resource.observe()
        return put()

    try:
        if have is None:
            have = _created(resource, want, busy_timeout, done)
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
        left = sorted(set(_differing(have or {}, resource.want(have))) - replaced - set(denied))
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
    wanted = _differing(have, resource.want(have)) if have is not None and keys else {}
    differing = {key: value for key, value in wanted.items() if key in keys}
    denied: dict = {}
    for key, value in differing.items():
        try:
            _unless_busy(lambda key=key, value=value: resource.update(have, {key: value}), busy_timeout)
        except Denied as refusal:
            denied[key] = refusal
    written = [key for key in differing if key not in denied]
    if written:
        have = resource.observe()
        left = _differing(have or {}, resource.want(have))
        denied.update({key: "It was written, but is not kept." for key in written if key in left})
        done += [key for key in written if key not in left]
    return have, denied


def _tell_denied(resource, denied, done, outcome):
    outcome.changed = outcome.changed and (bool(done) or not denied)
    for change in outcome.changes:
        if change.path.split(".")[0] in denied:
            change.effect = "denied"
    outcome.warnings += [
        f"{_called(resource, outcome.before)}: {key} stays as it is. {refusal}" for key, refusal in denied.items()
    ]


def _notice(resource, have, outcome):
    """What the resource noticed joins the outcome: it changes nothing."""
    for each in resource.noticed(have) if have is not None and hasattr(resource, "noticed") else ():
        outcome.changes.append(Change(each.path, each.desired, each.actual, "kept"))
        outcome.warnings.append(f"{_called(resource, have)}: {each.path}: {each.advice}")


def _called(resource, have) -> str:
    """What a thing is called in a message."""
    names = ("name", "display_name", "alias", "id", f"{resource.kind}_id")
    return f"The {resource.kind} {next((have[key] for key in names if have and have.get(key)), '')}".rstrip()


def _created(resource, want, busy_timeout, done) -> dict:
    """Create it, and see it. One whose answer was lost is looked for, and never created again."""
    made, lost = None, None
    try:
        made = _unless_busy(lambda: resource.create(want), busy_timeout)
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

    O(made) is the id of what was made, where the API knows no token. Who made the smallest waits until the others are gone. They
    are not where the other run had looked before ours was seen: then ours goes.
    """
    yields = taken = False

    def take_back():
        nonlocal yields, taken
        yields = taken = True
        resource.take_back(made)

    def look():
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
        have = wait.seen(look, lambda have: have is not None)
        if have is not None:
            return have
    return None


def _written(resource, before, pending) -> dict | None:
    """What is seen after an update. A key that still has its old value may not be seen yet, unless a kind shows writes at once."""
    keys = [key for key, value in pending.items() if value != WRITE_ONLY]

    def is_seen(have):
        return have is not None and all(key in have and have[key] != before.get(key, ...) for key in keys)

    if getattr(resource, "at_once", False):
        return resource.observe()
    return wait.seen(lambda: _look(resource), is_seen) or resource.observe()


def _look(resource):
    """What is there, or ``None`` too while parts or marks of it are not seen."""
    try:
        return resource.observe()
    except NOT_SEEN:
        return None


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
    return sorted({*secrets, *(change.path for change in _field_changes(outcome.after, want, ()))})


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
    if have is None or not hasattr(resource, "lost"):
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


def _compare(resource, have, want) -> list[Change]:
    """One record per field that differs, write-only keys included."""
    secrets = getattr(resource, "write_only", {})
    if have is None:
        return [
            *(Change(key, value, None, "create") for key, value in want.items()),
            *(Change(key, WRITE_ONLY, UNVERIFIABLE, "create") for key in secrets),
        ]
    return [
        *_field_changes(have, want, resource.immutable),
        *(Change(key, WRITE_ONLY, UNVERIFIABLE, "in_place") for key, now in secrets.items() if now),
    ]


def _field_changes(have, want, immutable) -> list[Change]:
    return [
        change
        for key, value in _differing(have, want).items()
        for change in _fields(key, value, have.get(key), "replace" if key in immutable else "in_place")
    ]


def _fields(path, desired, actual, effect) -> list[Change]:
    """Descend where both sides are dictionaries, so that one tag is one record."""
    if not (isinstance(desired, dict) and isinstance(actual, dict)):
        return [Change(path, desired, actual, effect)]
    return [
        found
        for key in sorted({**actual, **desired}, key=str)
        if desired.get(key) != actual.get(key)
        for found in _fields(f"{path}.{key}", desired.get(key), actual.get(key), effect)
    ]


def _differing(have, want) -> dict:
    """The wanted keys whose value is another."""
    return {key: value for key, value in want.items() if key not in have or value != have[key]}


def _pending(resource, have, want) -> dict:
    """What an apply would write: differing keys, and write-only keys that are due."""
    if have is None:
        return dict(want)
    due = {key: WRITE_ONLY for key, now in getattr(resource, "write_only", {}).items() if now}
    return {**_differing(have, want), **due}
