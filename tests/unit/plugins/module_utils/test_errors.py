# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils import errors
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.outcome import Change, Outcome
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Unresolved


def test_an_api_error_says_what_was_attempted_where_and_what_came_back():
    error = errors.ApiError(
        "no such key", attempted="create the gateway", service="backup-gateway", operation="CreateGateway", code="E1"
    )
    assert str(error) == "Could not create the gateway: backup-gateway CreateGateway: no such key"
    assert (error.service, error.operation, error.code, error.retryable) == (
        "backup-gateway",
        "CreateGateway",
        "E1",
        False,
    )


def test_an_api_error_without_context_is_its_message():
    assert str(errors.ApiError("broken")) == "broken"


def test_conflict_denied_and_bad_credentials_are_api_errors_and_only_a_conflict_can_be_busy():
    assert errors.Conflict("in use", busy=True, operation="Delete").busy
    assert not errors.Conflict("exists").busy
    for kind in (errors.Conflict, errors.Denied, errors.BadCredentials):
        assert issubclass(kind, errors.ApiError)


def test_invalid_names_the_option():
    error = errors.Invalid("name", "has a space")
    assert str(error) == "name: has a space"
    assert error.option == "name"


def test_ambiguous_lists_everything_that_matches():
    error = errors.Ambiguous("gateway", "gw", ["arn:b", "arn:a"])
    assert error.found == ["arn:a", "arn:b"]
    assert "arn:a, arn:b" in str(error)


def test_missing_names_each_reference_once_and_says_that_nothing_was_changed():
    error = errors.Missing(
        [Unresolved("gateway", "b"), Unresolved("gateway", "a"), Unresolved("gateway", "b")],
    )
    assert str(error) == "Does not exist: gateway a, gateway b. Nothing was changed."


def test_immutable_names_only_what_would_need_replacing_and_carries_the_outcome():
    outcome = Outcome(
        {}, {}, changes=[Change("vpc_id", "vpc-2", "vpc-1", "replace"), Change("tags.a", "1", None, "in_place")]
    )
    error = errors.Immutable("vpc_endpoint", outcome)
    assert "vpc_id is 'vpc-1', wanted 'vpc-2'" in str(error)
    assert "tags" not in str(error)
    assert error.outcome is outcome
    error = errors.Immutable("vpc_endpoint", outcome, {"vpc_id": "an endpoint stays in its VPC", "tags": "never"})
    assert str(error).endswith("vpc_id is 'vpc-1', wanted 'vpc-2'; an endpoint stays in its VPC.")


def test_incomplete_speaks_as_its_cause_and_keeps_what_was_done():
    error = errors.Incomplete(errors.Error("the line broke"), None, done=["created"], remaining=["tags"])
    assert str(error) == "the line broke"
    assert (error.done, error.remaining) == (["created"], ["tags"])


def test_what_a_server_says_is_one_line_that_commands_no_terminal():
    said = "a\x1b[2J\r\nb\ud800"
    shown = "a\ufffd[2J b\ufffd"
    assert str(errors.Error(said)) == shown
    error = errors.ApiError(said, attempted=said)
    assert str(error) == f"Could not {shown}: {shown}" and error.message == shown
    assert errors.Invalid("name", said).message == shown
    assert shown in str(errors.NotWhole(said)) and shown in str(errors.Ambiguous("gateway", said, []))
