# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's truth table."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.outcome import UNVERIFIABLE, WRITE_ONLY
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    Denied,
    Error,
    Foreign,
    Immutable,
    Incomplete,
    Invalid,
    Lost,
    Missing,
    TimedOut,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Noticed, Unresolved


class Thing:
    """A kind of thing in a world of one: the world is ``there``, every write is noted."""

    kind = "thing"
    immutable = ("place",)

    def __init__(self, there=None, *, creating=("name", "place", "size", "tags"), **wanted):
        self.there = there
        self.creating = creating
        self.wanted = wanted
        self.writes = []
        self.failures = []

    def observe(self):
        return copy.deepcopy(self.there)

    def want(self, have):
        return dict(self.wanted)

    def create(self, want):
        self.write("create")
        self.there = {key: want[key] for key in self.creating if key in want}

    def update(self, have, changes):
        self.write("update", *sorted(changes))
        self.there.update({key: value for key, value in changes.items() if value != WRITE_ONLY})

    def delete(self, have):
        self.write("delete")
        self.there = None

    def write(self, *what):
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.writes.append(what)


def records(outcome):
    return [(change.path, change.desired, change.actual, change.effect) for change in outcome.changes]


# present


@pytest.mark.parametrize("check_mode", [True, False])
def test_present_and_as_wanted_writes_nothing(check_mode):
    thing = Thing({"name": "a", "size": 1, "born": "1970"}, name="a", size=1)
    outcome = reconcile(thing, check_mode=check_mode)
    assert (outcome.changed, outcome.changes, thing.writes) == (False, [], [])
    assert outcome.before == outcome.after == {"name": "a", "size": 1, "born": "1970"}


def test_absent_is_created():
    thing = Thing(name="a", size=1)
    outcome = reconcile(thing)
    assert thing.writes == [("create",)]
    assert (outcome.changed, outcome.before, outcome.after) == (True, None, {"name": "a", "size": 1})
    assert records(outcome) == [("name", "a", None, "create"), ("size", 1, None, "create")]


def test_absent_in_check_mode_is_predicted_and_not_created():
    thing = Thing(name="a", size=1)
    outcome = reconcile(thing, check_mode=True)
    assert (thing.writes, thing.there) == ([], None)
    assert (outcome.changed, outcome.before, outcome.after) == (True, None, {"name": "a", "size": 1})
    assert records(outcome) == [("name", "a", None, "create"), ("size", 1, None, "create")]


def test_only_what_differs_is_updated():
    thing = Thing({"name": "a", "size": 1, "colour": "red"}, name="a", size=2)
    outcome = reconcile(thing)
    assert thing.writes == [("update", "size")]
    assert outcome.after == {"name": "a", "size": 2, "colour": "red"}
    assert records(outcome) == [("size", 2, 1, "in_place")]


def test_an_update_in_check_mode_is_predicted_and_not_written():
    thing = Thing({"name": "a", "size": 1, "colour": "red"}, name="a", size=2)
    outcome = reconcile(thing, check_mode=True)
    assert (thing.writes, thing.there["size"], outcome.changed) == ([], 1, True)
    assert outcome.after == {"name": "a", "size": 2, "colour": "red"}
    assert records(outcome) == [("size", 2, 1, "in_place")]


def test_a_wanted_key_that_the_thing_does_not_have_at_all_differs_even_when_it_is_none():
    thing = Thing({"name": "a"}, name="a", size=None)
    assert reconcile(thing).changed
    assert thing.writes == [("update", "size")]


def test_what_is_not_wanted_is_not_managed():
    outcome = reconcile(Thing({"name": "a", "size": 1}, name="a"))
    assert not outcome.changed
    assert outcome.managed == ["name"]


def test_a_dictionary_that_differs_is_one_record_per_entry():
    thing = Thing({"tags": {"a": "1", "gone": "x", "same": "s"}}, tags={"a": "2", "new": "n", "same": "s"})
    assert records(reconcile(thing)) == [
        ("tags.a", "2", "1", "in_place"),
        ("tags.gone", None, "x", "in_place"),
        ("tags.new", "n", None, "in_place"),
    ]
    assert thing.there["tags"] == {"a": "2", "new": "n", "same": "s"}


@pytest.mark.parametrize("actual", [None, "x", ["x"]])
def test_a_dictionary_where_there_was_none_is_one_record(actual):
    assert records(reconcile(Thing({"tags": actual}, tags={"a": "1"}))) == [("tags", {"a": "1"}, actual, "in_place")]


def test_a_list_that_differs_is_one_record():
    assert records(reconcile(Thing({"size": [1]}, size=[1, 2]))) == [("size", [1, 2], [1], "in_place")]


def test_what_the_creating_call_cannot_carry_follows_in_the_same_run():
    thing = Thing(creating=("name",), name="a", size=2)
    outcome = reconcile(thing)
    assert thing.writes == [("create",), ("update", "size")]
    assert outcome.after == {"name": "a", "size": 2}


def test_a_run_that_died_between_create_and_update_is_picked_up():
    thing = Thing({"name": "a"}, name="a", size=2)
    reconcile(thing)
    assert thing.writes == [("update", "size")]


def test_a_second_pass_writes_what_the_first_made_possible():
    class InTwoSteps(Thing):
        def update(self, have, changes):
            if "size" in changes and not have.get("ready"):
                self.write("update", "ready")
                self.there["ready"] = True
            else:
                super().update(have, changes)

    thing = InTwoSteps({"name": "a"}, name="a", size=2)
    reconcile(thing)
    assert thing.writes == [("update", "ready"), ("update", "size")]


def test_a_thing_that_never_gets_as_wanted_fails_and_says_where():
    class Stubborn(Thing):
        def update(self, have, changes):
            self.write("update", *sorted(changes))

    thing = Stubborn({"name": "a", "size": 1}, name="a", size=2)
    with pytest.raises(Incomplete, match="still differs after it was written: size") as failed:
        reconcile(thing)
    assert failed.value.remaining == ["size"]
    assert failed.value.outcome.changed
    assert thing.writes == [("update", "size")]


def test_a_created_thing_that_is_not_found_afterwards_is_a_failure():
    class Vanishing(Thing):
        def create(self, want):
            self.write("create")

    with pytest.raises(Incomplete, match="is not found afterwards") as failed:
        reconcile(Vanishing(name="a"))
    assert failed.value.done == ["created the thing"]


def test_want_is_asked_again_with_what_was_created():
    class Merging(Thing):
        def want(self, have):
            return {"name": "a", "tags": {**(have or {}).get("tags", {}), "ours": "1"}}

        def create(self, want):
            self.write("create")
            self.there = {"name": "a", "tags": {"servers": "own"}}

    thing = Merging()
    reconcile(thing)
    assert thing.there["tags"] == {"servers": "own", "ours": "1"}


# absent


@pytest.mark.parametrize("check_mode", [True, False])
def test_absent_and_already_gone_is_fine(check_mode):
    thing = Thing(name="a")
    outcome = reconcile(thing, state="absent", check_mode=check_mode)
    assert (outcome.changed, outcome.before, outcome.after, thing.writes) == (False, None, None, [])


def test_absent_deletes_without_asking_what_is_wanted():
    class Unaskable(Thing):
        def want(self, have):
            raise Invalid("size", "is missing")

    thing = Unaskable({"name": "a"})
    outcome = reconcile(thing, state="absent")
    assert thing.writes == [("delete",)]
    assert (outcome.changed, outcome.before, outcome.after) == (True, {"name": "a"}, None)
    assert records(outcome) == [("state", "absent", "present", "delete")]


def test_absent_in_check_mode_deletes_nothing():
    thing = Thing({"name": "a"})
    outcome = reconcile(thing, state="absent", check_mode=True)
    assert (thing.writes, thing.there, outcome.changed, outcome.after) == ([], {"name": "a"}, True, None)


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_held_is_not_removed_and_not_predicted_to_be(check_mode):
    class Held(Thing):
        def held(self, have):
            return "a job runs"

    thing = Held({"name": "a"})
    with pytest.raises(Foreign, match="a must not be removed: a job runs"):
        reconcile(thing, state="absent", check_mode=check_mode)
    assert thing.writes == []


class Silent(Thing):
    def ready(self, have):
        return "it is silent"

    def lost(self, have):
        return {"seen": ("lately", "never")}


def test_what_no_write_mends_is_recorded_as_replace_and_fails_nothing():
    thing = Silent({"name": "a"}, name="a")
    outcome = reconcile(thing, check_mode=True)
    assert (outcome.changed, records(outcome)) == (False, [("seen", "lately", "never", "replace")])


def test_what_no_write_mends_is_waited_for_first():
    thing = Silent({"name": "a"}, name="a")
    with pytest.raises(Incomplete) as caught:
        reconcile(thing, wait_timeout=0.01)
    assert records(caught.value.outcome) == [("seen", "lately", "never", "replace")]


def test_absent_waits_until_it_is_gone():
    class Lingering(Thing):
        seen = 0

        def observe(self):
            self.seen += 1
            return {"state": "deleting"} if self.seen < 4 else None

    thing = Lingering()
    reconcile(thing, state="absent", wait_timeout=60)
    assert thing.seen == 4


def test_what_is_seen_for_ever_is_deleted_once_more_and_then_said_to_stay():
    """The delete may have been taken for one of a thing that is not there."""

    class Lingering(Thing):
        def observe(self):
            return {"state": "deleting"}

    thing = Lingering()
    with pytest.raises(Incomplete, match="waiting for the thing to go") as failed:
        reconcile(thing, state="absent", wait_timeout=0)
    assert failed.value.outcome.changed
    assert thing.writes == [("delete",)] * 2


def test_absent_without_waiting_leaves_at_once_where_writes_are_seen_at_once(clock):
    class Lingering(Thing):
        at_once = True

        def observe(self):
            return {"state": "deleting"}

    assert reconcile(Lingering(), state="absent", wait_timeout=0).changed
    assert clock.now == 0


# ready


class Growing(Thing):
    """Ready when it was looked at often enough."""

    def observe(self):
        if self.there is not None:
            self.there["age"] = self.there.get("age", 0) + 1
        return super().observe()

    def ready(self, have):
        return None if have["age"] >= 5 else "it is young"


def test_a_created_thing_is_waited_for():
    outcome = reconcile(Growing(name="a"), wait_timeout=60)
    assert outcome.after["age"] == 5


def test_a_thing_that_needs_no_change_is_waited_for_too():
    outcome = reconcile(Growing({"name": "a"}, name="a"), wait_timeout=60)
    assert (outcome.changed, outcome.after["age"]) == (False, 5)


def test_without_a_timeout_nothing_is_waited_for():
    assert reconcile(Growing({"name": "a"}, name="a")).after["age"] == 1


def test_check_mode_never_waits():
    assert reconcile(Growing({"name": "a"}, name="a"), check_mode=True, wait_timeout=60).after["age"] == 1


def test_a_thing_that_does_not_get_ready_fails_with_the_reason_and_what_was_done():
    class Young(Thing):
        def ready(self, have):
            return "it is young"

    with pytest.raises(Incomplete, match="Last seen: it is young") as failed:
        reconcile(Young(name="a"), wait_timeout=60)
    assert isinstance(failed.value.cause, TimedOut)
    assert (failed.value.done, failed.value.remaining) == (["name"], ["ready"])
    assert failed.value.outcome.changed


def test_a_thing_that_goes_away_while_it_is_waited_for_is_never_ready():
    class Dying(Thing):
        def ready(self, have):
            self.there = None
            return "it is dying"

    with pytest.raises(Incomplete, match="it is gone"):
        reconcile(Dying({"name": "a"}, name="a"), wait_timeout=60)


def test_ready_that_raises_ends_the_wait_at_once():
    class Broken(Thing):
        asked = 0

        def ready(self, have):
            self.asked += 1
            if self.asked > 1:
                raise Error("it is in error")
            return "not yet"

    thing = Broken({"name": "a"}, name="a")
    with pytest.raises(Incomplete, match="it is in error"):
        reconcile(thing, wait_timeout=600)
    assert thing.asked == 2


def test_ready_that_raises_at_once_still_tells_what_was_done():
    class Broken(Thing):
        def ready(self, have):
            raise Error("it is in error")

    with pytest.raises(Incomplete, match="it is in error") as failed:
        reconcile(Broken(name="a"), wait_timeout=600)
    assert failed.value.done == ["name"]


# references by name


def test_check_mode_predicts_with_an_unresolved_reference():
    outcome = reconcile(Thing(name="a", size=Unresolved("size", "large")), check_mode=True)
    assert outcome.changed
    assert outcome.as_records()[1] == {"path": "size", "desired": "large", "actual": None, "effect": "create"}


@pytest.mark.parametrize("there", [None, {"name": "a", "size": "large", "tags": {}}])
def test_an_apply_refuses_an_unresolved_reference_before_the_first_write(there):
    thing = Thing(there, name="a", tags={"b": "c"}, size=[Unresolved("size", "large")])
    with pytest.raises(Missing, match="size large"):
        reconcile(thing)
    assert thing.writes == []


def test_an_unresolved_reference_differs_from_the_same_name():
    assert reconcile(Thing({"size": "large"}, size=Unresolved("size", "large")), check_mode=True).changed


# write-only


def secret(there, **due):
    thing = Thing(there, name="a")
    thing.write_only = due
    return thing


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_write_only_key_is_written_each_time_it_is_due(check_mode):
    thing = secret({"name": "a"}, password=True)
    outcome = reconcile(thing, check_mode=check_mode)
    assert outcome.changed
    assert records(outcome) == [("password", WRITE_ONLY, UNVERIFIABLE, "in_place")]
    assert thing.writes == ([] if check_mode else [("update", "password")])


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_write_only_key_that_is_not_due_is_left(check_mode):
    thing = secret({"name": "a"}, password=False)
    outcome = reconcile(thing, check_mode=check_mode)
    assert (outcome.changed, outcome.changes, thing.writes) == (False, [], [])


@pytest.mark.parametrize("due", [True, False])
def test_creating_carries_write_only_keys_so_that_no_update_follows(due):
    thing = secret(None, password=due)
    outcome = reconcile(thing)
    assert thing.writes == [("create",)]
    assert ("password", WRITE_ONLY, UNVERIFIABLE, "create") in records(outcome)


def test_a_write_only_key_is_written_once_with_whatever_else_differs():
    class Slow(Thing):
        def update(self, have, changes):
            self.write("update", *sorted(changes))
            self.there["name"] = "a" if len(self.writes) == 2 else "half"

    thing = Slow({"name": "b"}, name="a")
    thing.write_only = {"password": True}
    reconcile(thing)
    assert thing.writes == [("update", "name", "password"), ("update", "name")]


# what cannot change


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_immutable_difference_fails_before_any_write_with_the_whole_outcome(check_mode):
    thing = Thing({"name": "a", "place": "here", "size": 1}, name="a", place="there", size=2)
    with pytest.raises(Immutable, match="place is 'here', wanted 'there'") as failed:
        reconcile(thing, check_mode=check_mode)
    assert thing.writes == []
    assert records(failed.value.outcome) == [("place", "there", "here", "replace"), ("size", 2, 1, "in_place")]
    assert not failed.value.outcome.changed


def test_reported_an_immutable_difference_is_left_and_the_rest_is_put_right():
    thing = Thing({"name": "a", "place": "here", "size": 1}, name="a", place="there", size=2)
    outcome = reconcile(thing, on_immutable="report")
    assert thing.writes == [("update", "size")]
    assert outcome.changed
    assert outcome.after == {"name": "a", "place": "here", "size": 2}
    assert records(outcome) == [("place", "there", "here", "replace"), ("size", 2, 1, "in_place")]


def test_reported_in_check_mode_the_prediction_leaves_it_too():
    thing = Thing({"name": "a", "place": "here", "size": 1}, name="a", place="there", size=2)
    outcome = reconcile(thing, on_immutable="report", check_mode=True)
    assert thing.writes == []
    assert outcome.after == {"name": "a", "place": "here", "size": 2}


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_immutable_difference_alone_is_reported_and_is_no_change(check_mode):
    thing = Thing({"place": "here"}, place="there")
    outcome = reconcile(thing, on_immutable="report", check_mode=check_mode)
    assert (outcome.changed, thing.writes, outcome.after) == (False, [], {"place": "here"})
    assert records(outcome) == [("place", "there", "here", "replace")]


def test_an_unresolved_immutable_that_is_only_reported_does_not_stop_the_rest():
    thing = Thing({"place": "here", "size": 1}, place=Unresolved("place", "there"), size=2)
    reconcile(thing, on_immutable="report")
    assert thing.writes == [("update", "size")]


def test_a_resource_can_say_why_something_cannot_change():
    thing = Thing({"place": "here"}, place="there")
    thing.fixed = lambda have, want: {"place": "things stay where they are", "colour": "never told"}
    with pytest.raises(Immutable, match="wanted 'there'; things stay where they are.$"):
        reconcile(thing)


def test_what_only_now_cannot_change_is_a_replace_too():
    thing = Thing({"place": "here", "size": 1}, size=2)
    thing.fixed = lambda have, want: {"size": "it is full"} if have["size"] == 1 else {}
    with pytest.raises(Immutable, match="size is 1, wanted 2; it is full"):
        reconcile(thing)
    thing = Thing({"size": 3}, size=2)
    thing.fixed = lambda have, want: {"size": "it is full"} if have["size"] == 1 else {}
    assert reconcile(thing).changed


def test_each_entry_of_an_immutable_dictionary_is_a_replace():
    with pytest.raises(Immutable) as failed:
        reconcile(Thing({"place": {"x": 1, "y": 1}}, place={"x": 2, "y": 1}))
    assert records(failed.value.outcome) == [("place.x", 2, 1, "replace")]


def test_what_cannot_change_can_still_be_created():
    thing = Thing(place="there")
    reconcile(thing)
    assert thing.there == {"place": "there"}


# conflicts


def test_a_lost_race_is_observed_and_decided_again():
    class Raced(Thing):
        def create(self, want):
            self.there = {"name": "a", "size": 1}
            raise Conflict("already exists")

    thing = Raced(name="a", size=2)
    outcome = reconcile(thing)
    assert thing.writes == [("update", "size")]
    assert outcome.before == {"name": "a", "size": 1}


def test_races_are_lost_no_longer_than_things_take_to_be_seen(clock):
    thing = Thing(name="a")
    thing.failures = [Conflict("already exists")] * 99
    with pytest.raises(Conflict):
        reconcile(thing)
    assert clock.now == wait.SEEN_WITHIN


def test_a_few_lost_races_are_survived():
    thing = Thing({"name": "b"}, name="a")
    thing.failures = [Conflict("stale revision")] * 4
    assert reconcile(thing).changed
    assert thing.writes == [("update", "name")]


def test_a_delete_that_loses_its_race_is_decided_again():
    class Raced(Thing):
        def delete(self, have):
            self.there = None
            raise Conflict("already deleted")

    assert not reconcile(Raced({"name": "a"}), state="absent").changed


@pytest.mark.parametrize(("there", "state"), [(None, "present"), ({"name": "b"}, "present"), ({}, "absent")])
def test_a_busy_thing_is_waited_for(there, state):
    thing = Thing(there, name="a")
    thing.failures = [Conflict("in use", busy=True)] * 5
    assert reconcile(thing, state=state).changed
    assert len(thing.writes) == 1


def test_a_thing_that_stays_busy_fails_with_the_reason():
    thing = Thing({"name": "a"})
    thing.failures = [Conflict("a job is running", busy=True)] * 999
    with pytest.raises(TimedOut, match="a job is running"):
        reconcile(thing, state="absent", busy_timeout=30)
    assert thing.there is not None


def test_a_race_lost_after_the_first_write_is_observed_and_decided_again():
    class Raced(Thing):
        def update(self, have, changes):
            self.there.update(changes)
            raise Conflict("already exists")

    thing = Raced(creating=("name",), name="a", size=2)
    assert reconcile(thing).after == {"name": "a", "size": 2}
    assert thing.writes == [("create",)]


def test_races_lost_for_ever_after_the_first_write_say_what_was_done():
    thing = Thing(creating=("name",), name="a", size=2)
    thing.failures = [None, *[Conflict("stale revision")] * 99]
    with pytest.raises(Incomplete, match="stale revision") as failed:
        reconcile(thing)
    assert (failed.value.done, failed.value.remaining) == (["created the thing"], ["size"])
    assert (thing.writes, failed.value.outcome.changed) == ([("create",)], True)


# what was just written is not seen yet, and what was just deleted still is


class Late(Thing):
    """Every look shows what was there some looks before the last write."""

    def __init__(self, there=None, *, behind=3, **wanted):
        super().__init__(there, **wanted)
        self.behind, self.left, self.old = behind, 0, None

    def write(self, *what):
        before = copy.deepcopy(self.there) if self.left == 0 else self.old
        super().write(*what)
        self.left, self.old = self.behind, before

    def observe(self):
        if self.left:
            self.left -= 1
            return copy.deepcopy(self.old)
        return super().observe()


def test_what_was_created_is_waited_for():
    thing = Late(creating=("name",), name="a", size=2)
    outcome = reconcile(thing)
    assert (outcome.changed, outcome.after) == (True, {"name": "a", "size": 2})
    assert thing.writes == [("create",), ("update", "size")]


def test_what_was_written_is_not_written_again_because_it_is_not_seen():
    thing = Late({"name": "a", "size": 1, "tags": {"a": "1"}}, name="a", size=2, tags={"a": "2"})
    outcome = reconcile(thing)
    assert outcome.after == {"name": "a", "size": 2, "tags": {"a": "2"}}
    assert thing.writes == [("update", "size", "tags")]


def test_what_was_deleted_is_waited_for_until_it_is_seen_no_more():
    thing = Late({"name": "a"})
    reconcile(thing, state="absent")
    assert (thing.writes, thing.observe()) == ([("delete",)], None)


def test_what_shows_writes_at_once_is_not_waited_for(clock):
    class InTwoSteps(Thing):
        at_once = True

        def update(self, have, changes):
            super().update(have, {"ready": True} if not have.get("ready") else changes)

    reconcile(InTwoSteps({"size": 1}, size=2))
    assert clock.now == 0


@pytest.mark.parametrize("unseen", [Foreign("no mark"), Conflict("no parts")])
def test_an_own_thing_without_its_marks_or_parts_is_not_seen_yet(unseen):
    class Unmarked(Thing):
        looks = [unseen, unseen]

        def observe(self):
            if self.writes and self.looks:
                raise self.looks.pop()
            return super().observe()

    assert reconcile(Unmarked(name="a")).after == {"name": "a"}


def test_a_reference_that_is_missing_is_waited_for_in_an_apply_only(clock):
    class Referring(Thing):
        asked = 0

        def want(self, have):
            self.asked += 1
            return {"size": 2 if self.asked > 3 else Unresolved("size", "two")}

    thing = Referring()
    reconcile(thing, check_mode=True)
    assert (clock.now, thing.asked) == (0, 1)
    assert reconcile(thing).after == {"size": 2}


def test_a_create_that_was_not_answered_is_looked_for_and_never_repeated():
    class Unanswered(Late):
        def create(self, want):
            super().create(want)
            raise Lost("no answer")

    thing = Unanswered(name="a")
    assert reconcile(thing).changed
    assert thing.writes == [("create",)]


def test_a_create_that_was_not_answered_and_is_not_seen_fails_as_one_that_may_have_been_done(clock):
    thing = Thing(name="a")
    thing.failures = [Lost("no answer")]
    with pytest.raises(Incomplete, match="no answer") as failed:
        reconcile(thing)
    assert (failed.value.done, failed.value.outcome.changed, thing.writes) == ([], True, [])


def test_a_failure_between_two_calls_of_an_update_is_a_change():
    class InTwoCalls(Late):
        def update(self, have, changes):
            self.write("first")
            failure = ApiError("no")
            failure.wrote = True
            raise failure

    with pytest.raises(Incomplete) as failed:
        reconcile(InTwoCalls({"size": 1}, size=2))
    assert failed.value.outcome.changed


def test_a_failure_between_two_calls_of_a_delete_is_a_change():
    class InTwoCalls(Thing):
        def delete(self, have):
            failure = ApiError("no")
            failure.wrote = True
            raise failure

    with pytest.raises(Incomplete) as failed:
        reconcile(InTwoCalls({"size": 1}), state="absent")
    assert failed.value.outcome.changed


def test_why_it_must_stay_is_asked_again_before_each_try_to_delete():
    class Serving(Thing):
        asked = 0

        def held(self, have):
            self.asked += 1
            return None if self.asked == 1 else "a job runs"

    thing = Serving({"name": "a"})
    thing.failures = [Conflict("in use", busy=True)]
    with pytest.raises(Foreign, match="a job runs"):
        reconcile(thing, state="absent")


class Twins(Thing):
    """An API without tokens: ``others`` were made at the same time, and go after some looks, or never."""

    def __init__(self, others, *, go_after=None, behind=0):
        super().__init__(name="a")
        self.ids = []
        self.others, self.go_after, self.behind, self.looks, self.taken = others, go_after, behind, 0, []

    def observe(self):
        self.looks += bool(self.writes)
        if self.looks <= self.behind:
            return None
        if self.go_after is not None and self.looks > self.go_after:
            self.others = []
        found = sorted([*self.ids, *(self.others if self.writes else [])])
        if len(found) > 1:
            raise Ambiguous("thing", "a", found)
        return {"name": "a", "id": found[0]} if found else None

    def create(self, want):
        self.write("create")
        self.ids = ["2"]
        return "2"

    def take_back(self, made):
        self.taken.append(made)
        if len(self.taken) > 1:  # the first time nobody has heard of it yet
            self.ids = []


@pytest.mark.parametrize("behind", [0, 3])
def test_of_several_made_at_once_the_smallest_id_stays(behind):
    larger, smaller = Twins(["1"], behind=behind), Twins(["3"], behind=behind, go_after=6)
    assert reconcile(larger).after["id"] == "1"
    assert (set(larger.taken), larger.ids) == ({"2"}, [])
    assert reconcile(smaller).after["id"] == "2"
    assert smaller.taken == []


def test_the_smallest_goes_where_the_other_run_does_not():
    thing = Twins(["3"])
    assert reconcile(thing).after["id"] == "3"
    assert thing.ids == []


# failures


def test_a_failure_at_the_first_write_says_that_nothing_was_done():
    thing = Thing({"name": "b", "size": 1}, name="a", size=2)
    thing.failures = [ApiError("no")]
    with pytest.raises(Incomplete, match="no") as failed:
        reconcile(thing)
    assert (failed.value.done, failed.value.remaining) == ([], ["name", "size"])
    assert not failed.value.outcome.changed


def test_a_failure_after_the_first_write_observes_once_more_and_says_what_remains():
    thing = Thing(creating=("name",), name="a", size=2)
    thing.failures = [None, ApiError("the line broke")]
    with pytest.raises(Incomplete, match="the line broke") as failed:
        reconcile(thing)
    assert failed.value.done == ["created the thing"]
    assert failed.value.remaining == ["size"]
    assert failed.value.outcome.changed
    assert failed.value.outcome.after == {"name": "a"}


def test_a_failed_create_leaves_everything_to_do():
    thing = Thing(name="a", size=2)
    thing.write_only = {"password": True}
    thing.failures = [ApiError("no")]
    with pytest.raises(Incomplete) as failed:
        reconcile(thing)
    assert (failed.value.done, failed.value.remaining) == ([], ["name", "password", "size"])


def test_a_failed_update_names_the_fields_that_were_not_written():
    thing = Thing({"size": 1, "tags": {"a": "1"}}, size=2, tags={"a": "2"})
    thing.write_only = {"password": True, "username": False}
    thing.failures = [ApiError("no")]
    with pytest.raises(Incomplete) as failed:
        reconcile(thing)
    assert failed.value.remaining == ["password", "size", "tags.a"]


def test_a_failure_in_the_second_pass_leaves_what_the_first_did_not_reach():
    class InTwoSteps(Thing):
        def update(self, have, changes):
            super().update(have, {"size": 2} if have["size"] == 1 else changes)

    thing = InTwoSteps({"size": 1, "name": "b"}, size=2, name="a")
    thing.failures = [None, ApiError("no")]
    with pytest.raises(Incomplete) as failed:
        reconcile(thing)
    assert thing.there == {"size": 2, "name": "b"}
    assert failed.value.remaining == ["name"]


def test_a_failure_whose_aftermath_cannot_be_seen_is_still_told():
    class Blind(Thing):
        def observe(self):
            if self.writes:
                raise ApiError("no answer")
            return super().observe()

    with pytest.raises(Incomplete, match="no answer") as failed:
        reconcile(Blind({"name": "b"}, name="a"))
    assert (failed.value.done, failed.value.outcome.after) == (["name"], None)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_thing_that_cannot_be_observed_is_never_taken_for_absent(state):
    class Unseen(Thing):
        def observe(self):
            raise ApiError("access denied")

    thing = Unseen(name="a")
    with pytest.raises(ApiError, match="access denied"):
        reconcile(thing, state=state)
    assert thing.writes == []


def test_what_cannot_be_right_is_refused_before_the_first_write():
    class Impossible(Thing):
        def want(self, have):
            raise Invalid("size", "is negative")

    thing = Impossible()
    with pytest.raises(Invalid, match="size: is negative"):
        reconcile(thing)
    assert thing.writes == []


def test_a_kind_without_absence_is_created_and_updated_like_any_other():
    class Setting(Thing):
        delete = None

    thing = Setting({"size": 1}, size=2)
    assert reconcile(thing).after == {"size": 2}


# What is noticed, and what may be denied


class Marked(Thing):
    """A thing whose tags may be denied."""

    may_be_denied = ("tags",)

    def __init__(self, *arguments, denied=False, **wanted):
        super().__init__(*arguments, **wanted)
        self.denied = denied

    def update(self, have, changes):
        if self.denied and "tags" in changes:
            self.write("denied")
            raise Denied("you may not tag", code="AccessDenied")
        super().update(have, changes)


def test_what_may_be_denied_is_written_last_and_alone():
    thing = Marked({"name": "a", "size": 1, "tags": []}, name="a", size=2, tags=["x"])
    outcome = reconcile(thing)
    assert thing.writes == [("update", "size"), ("update", "tags")]
    assert [(change.path, change.effect) for change in outcome.changes] == [("size", "in_place"), ("tags", "in_place")]
    assert (outcome.changed, outcome.warnings, outcome.after["tags"]) == (True, [], ["x"])


def test_a_denial_is_one_record_and_one_warning_and_the_rest_is_done():
    thing = Marked({"name": "a", "size": 1, "tags": []}, denied=True, name="a", size=2, tags=["x"])
    outcome = reconcile(thing)
    assert [(change.path, change.effect) for change in outcome.changes] == [("size", "in_place"), ("tags", "denied")]
    assert (outcome.changed, outcome.after["size"]) == (True, 2)
    assert outcome.warnings == ["The thing a: tags stays as it is. you may not tag"]


def test_where_all_is_denied_nothing_has_changed():
    thing = Marked({"name": "a", "tags": []}, denied=True, name="a", tags=["x"])
    outcome = reconcile(thing)
    assert (outcome.changed, [change.effect for change in outcome.changes]) == (False, ["denied"])
    predicted = reconcile(Marked({"name": "a", "tags": []}, denied=True, name="a", tags=["x"]), check_mode=True)
    assert (predicted.changed, [change.effect for change in predicted.changes]) == (True, ["in_place"])


def test_what_may_be_denied_and_is_not_kept_is_told_and_no_change():
    class Forgetful(Marked):
        def update(self, have, changes):
            super().update(have, {**changes, "tags": []} if "tags" in changes else changes)

    thing = Forgetful({"name": "a", "size": 1, "tags": []}, name="a", size=2, tags=["x"])
    outcome = reconcile(thing)
    assert [(change.path, change.effect) for change in outcome.changes] == [("size", "in_place"), ("tags", "denied")]
    assert outcome.changed and "not kept" in outcome.warnings[0]
    again = reconcile(thing)
    assert (again.changed, [change.effect for change in again.changes]) == (False, ["denied"])


def test_what_may_be_denied_comes_with_the_creation():
    thing = Marked(None, denied=True, name="a", tags=["x"])
    assert reconcile(thing).changed
    assert thing.writes == [("create",)]


def test_another_refusal_of_it_still_fails():
    thing = Marked({"name": "a", "size": 1, "tags": []}, name="a", size=2, tags=["x"])
    thing.failures = [None, ApiError("broken")]
    with pytest.raises(Incomplete, match="broken") as caught:
        reconcile(thing)
    assert (caught.value.done, caught.value.remaining) == (["size"], ["tags"])


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_noticed_is_told_and_left(check_mode):
    thing = Thing({"name": "a", "size": 1, "guests": ["b"]}, name="a", size=1)
    thing.noticed = lambda have: [Noticed("guests", [], have["guests"], "b is nobody of ours.")]
    outcome = reconcile(thing, check_mode=check_mode)
    assert (outcome.changed, thing.writes) == (False, [])
    assert outcome.as_records() == [{"path": "guests", "desired": [], "actual": ["b"], "effect": "kept"}]
    assert outcome.warnings == ["The thing a: guests: b is nobody of ours."]


# predicted


def blank(there=None, **wanted):
    """A thing with what a new one has where nothing was asked for."""
    thing = Thing(there, **wanted)
    thing.blank = {"size": 0, "tags": {}}
    return thing


def test_what_an_earlier_task_predicted_stands_for_what_is_not_there_yet():
    outcome = reconcile(blank(name="a", size=2, tags={"x": "1"}), check_mode=True, predicted={"name": "a"})
    assert records(outcome) == [("size", 2, 0, "in_place"), ("tags.x", "1", None, "in_place")]
    assert outcome.before == {"name": "a", "size": 0, "tags": {}}
    assert outcome.after == {"name": "a", "size": 2, "tags": {"x": "1"}}


def test_what_was_predicted_goes_before_what_a_new_one_has():
    outcome = reconcile(blank(name="a", size=2), check_mode=True, predicted={"name": "a", "size": 2})
    assert (outcome.changed, outcome.changes) == (False, [])


def test_a_preview_of_what_was_predicted_whole_changes_nothing():
    first = reconcile(blank(name="a", size=2), check_mode=True)
    second = reconcile(blank(name="a", size=2), check_mode=True, predicted=first.after)
    assert first.changed and not second.changed


def test_what_is_there_is_believed_and_not_the_prediction():
    thing = blank({"name": "a", "size": 1}, name="a", size=2)
    outcome = reconcile(thing, check_mode=True, predicted={"name": "a", "size": 2})
    assert records(outcome) == [("size", 2, 1, "in_place")]


@pytest.mark.parametrize("predicted", [None, {}])
def test_without_a_prediction_what_is_not_there_is_to_be_created(predicted):
    outcome = reconcile(blank(name="a", size=2), check_mode=True, predicted=predicted)
    assert [change.effect for change in outcome.changes] == ["create", "create"]


def test_an_apply_never_builds_upon_a_prediction():
    thing = blank(name="a", size=2)
    outcome = reconcile(thing, predicted={"name": "a", "size": 2})
    assert thing.writes == [("create",)]
    assert [change.effect for change in outcome.changes] == ["create", "create"]


def test_a_kind_that_needs_nothing_for_it_has_no_blank():
    outcome = reconcile(Thing(name="a", size=2), check_mode=True, predicted={"name": "a"})
    assert records(outcome) == [("size", 2, None, "in_place")]


def test_the_absence_of_what_was_only_predicted_is_no_change():
    assert not reconcile(blank(name="a"), state="absent", check_mode=True, predicted={"name": "a"}).changed
