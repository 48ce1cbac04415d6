# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's truth table."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.outcome import UNVERIFIABLE, WRITE_ONLY
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    ApiError,
    Error,
    Foreign,
    Immutable,
    Incomplete,
    Invalid,
    Missing,
    TimedOut,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Noticed, Unresolved

from .things import Thing, records

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
