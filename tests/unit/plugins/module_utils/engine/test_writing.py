# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the engine writes: races, busy things, what is not seen yet, failures halfway, denials."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    Denied,
    Foreign,
    Incomplete,
    Lost,
    TimedOut,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Unresolved

from .things import Thing

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


# What may be denied


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
