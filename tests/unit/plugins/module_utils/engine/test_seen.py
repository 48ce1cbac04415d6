# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine import seen
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.resource import Whole
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Conflict, Error, Foreign, Lost, TimedOut


class Late:
    """A thing whose looks are given: what each shows, or raises. The last one stays."""

    kind = "thing"
    immutable = ()

    def __init__(self, *looks, at_once=False):
        self.looks = list(looks)
        self.at_once = at_once

    def observe(self):
        shown = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(shown, Exception):
            raise shown
        return shown


def test_a_thing_just_made_is_waited_for_through_all_that_it_may_show():
    done = []
    thing = Whole(Late(None, Conflict("parts"), Foreign("no mark yet"), {"name": "a"}))
    assert seen.created(thing, {}, lambda: None, done) == {"name": "a"}
    assert done == ["created the thing"]


def test_one_that_is_never_seen_is_an_error_and_a_lost_answer_stays_lost():
    with pytest.raises(Error, match="was created, but is not found afterwards"):
        seen.created(Whole(Late(None)), {}, lambda: None, [])

    def lose():
        raise Lost("no answer")

    done = []
    with pytest.raises(Lost):
        seen.created(Whole(Late(None)), {}, lose, done)
    assert done == []
    assert seen.created(Whole(Late({"name": "a"})), {}, lose, done) == {"name": "a"}
    assert done == ["created the thing"]


def test_an_old_value_may_be_one_that_is_not_seen_yet():
    old, new = {"size": 1}, {"size": 2}
    assert seen.written(Whole(Late(old, None, old, new)), old, {"size": 2}) == new
    assert seen.written(Whole(Late(old)), old, {"size": 2}) == old
    assert seen.written(Whole(Late(old, new, at_once=True)), old, {"size": 2}) == old


def test_a_thing_just_deleted_may_still_be_seen():
    again = []
    seen.gone(Whole(Late({"a": 1}, {"a": 1}, None)), 0, lambda: again.append(1))
    assert again == []
    with pytest.raises(TimedOut):
        seen.gone(Whole(Late({"a": 1})), 0.1, lambda: again.append(1))
    assert again == [1]
