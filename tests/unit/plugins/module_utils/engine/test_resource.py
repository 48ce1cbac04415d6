# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.resource import DEFAULTS, WRITES, Resource, Whole
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Denied, Error, Incomplete, Invalid


class Least:
    kind = "thing"
    immutable = ("place",)

    def observe(self):
        return {"name": "a"}


class More(Least):
    at_once = True
    write_only = {"password": True}

    def ready(self, have):
        return f"{have} is pending"


def test_what_a_kind_leaves_out_is_the_same_for_all():
    thing = Whole(Least())
    assert (thing.write_only, thing.may_be_denied, thing.at_once, thing.blank) == ({}, (), False, {})
    assert thing.fixed({}, {}) == {}
    assert (thing.ready({}), thing.lost({}), thing.held({}), list(thing.noticed({}))) == (None, {}, None, [])


def test_what_it_has_is_its_own():
    thing = Whole(More())
    assert (thing.kind, thing.immutable, thing.at_once, thing.write_only) == (
        "thing",
        ("place",),
        True,
        {"password": True},
    )
    assert thing.ready("it") == "it is pending" and thing.observe() == {"name": "a"}


def test_what_no_kind_may_leave_out_is_missed():
    with pytest.raises(AttributeError):
        Whole(Least()).delete({})


def test_each_member_that_may_be_left_out_is_described():
    assert set(DEFAULTS) <= {*Resource.__annotations__, *vars(Resource)}


@pytest.mark.parametrize(
    ("have", "name"),
    [
        ({"name": "a", "id": "b"}, "The thing a"),
        ({"id": "b"}, "The thing b"),
        ({"thing_id": "c"}, "The thing c"),
        (None, "The thing"),
    ],
)
def test_what_a_thing_is_called(have, name):
    assert Whole(Least()).called(have) == name


MEMBERS = sorted({*DEFAULTS, *vars(Resource), "take_back"} - {"write_only", "may_be_denied", "at_once", "blank"})


@pytest.mark.parametrize("name", [name for name in MEMBERS if not name.startswith("_")])
def test_an_odd_answer_ends_in_a_sentence_wherever_it_is_read(name):
    thing = Least()
    setattr(thing, name, lambda *_have: {}["secret"])
    with pytest.raises(Error, match="^The thing .* has not the form that it should have .KeyError in") as caught:
        getattr(Whole(thing), name)({})
    assert caught.value.wrote is (name in WRITES)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("failure", [Invalid("size", "is odd"), Denied("no")])
def test_an_error_of_ours_stays_what_it_is(failure):
    def want(have):
        raise failure

    thing = Least()
    thing.want = want
    with pytest.raises(type(failure)) as caught:
        Whole(thing).want({})
    assert caught.value is failure


def test_what_may_have_been_written_is_said_to_be():
    thing = Least()
    thing.observe, thing.want, thing.create = lambda: None, lambda have: {"size": 1}, lambda want: {}["id"]
    with pytest.raises(Incomplete, match="The thing may have been written") as caught:
        reconcile(thing)
    assert caught.value.outcome.changed


def test_a_kind_without_absence_still_has_none():
    thing = Least()
    thing.delete = None
    assert Whole(thing).delete is None
