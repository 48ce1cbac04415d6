# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.outcome import (
    Change,
    Outcome,
    compared,
    differing,
    due,
    fields,
    secrets_due,
)

THING = SimpleNamespace(immutable=("place",), write_only={"password": True, "key": False})


def shown(changes):
    return [(change.path, change.desired, change.actual, change.effect) for change in changes]


def test_what_is_not_there_differs_in_all_that_is_wanted_and_in_what_no_api_shows():
    assert shown(compared(THING, None, {"name": "a"})) == [
        ("name", "a", None, "create"),
        ("password", "(write-only)", "(unverifiable)", "create"),
        ("key", "(write-only)", "(unverifiable)", "create"),
    ]


def test_what_cannot_change_would_have_to_be_replaced():
    assert shown(compared(THING, {"place": "x", "size": 1}, {"place": "y", "size": 2})) == [
        ("place", "y", "x", "replace"),
        ("size", 2, 1, "in_place"),
        ("password", "(write-only)", "(unverifiable)", "in_place"),
    ]


@pytest.mark.parametrize(
    ("have", "want", "paths"),
    [
        ({"tags": {"a": "1"}}, {"tags": {"a": "1"}}, []),
        ({"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1", "c": "3"}}, ["tags.b", "tags.c"]),
        ({"tags": {"a": {"b": 1}}}, {"tags": {"a": {"b": 2}}}, ["tags.a.b"]),
        ({"list": [1]}, {"list": [1, 2]}, ["list"]),
        ({}, {"tags": {"a": "1"}}, ["tags"]),
        ({"tags": None}, {"tags": {"a": "1"}}, ["tags"]),
    ],
)
def test_each_field_is_a_record_of_its_own(have, want, paths):
    assert [change.path for change in fields(have, want, ())] == paths


def test_what_would_be_written_are_the_differing_keys_and_the_secrets_that_are_due():
    assert secrets_due(THING) == {"password"}
    assert due(THING, {"size": 1, "name": "a"}, {"size": 2, "name": "a"}) == {"size": 2, "password": "(write-only)"}
    assert due(THING, None, {"size": 2}) == {"size": 2}
    assert differing({"size": 1}, {"size": 1, "name": None}) == {"name": None}


def test_records_are_plain():
    outcome = Outcome(None, None, changes=[Change("name", "a", None, "create")])
    assert outcome.as_records() == [{"path": "name", "desired": "a", "actual": None, "effect": "create"}]
