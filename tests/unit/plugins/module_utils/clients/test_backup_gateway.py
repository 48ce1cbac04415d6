# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import backup_gateway as api
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, ApiError, Conflict, Error
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Unresolved

from ..resources.aws_api import Api

ARN = "arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-1"


@pytest.mark.parametrize(("linked", "is_linked"), [("hype-1", True), (ARN, True), ("hype-11", False), (None, False)])
def test_a_link_is_known_by_id_or_arn(linked, is_linked):
    assert api.is_linked({"HypervisorId": linked}, ARN) is is_linked


def test_a_reference_is_a_name_or_an_arn():
    names = {"arn:1": "a", "arn:2": "b", "arn:3": "b"}
    assert api.resolve("gateway", "a", names) == "arn:1"
    assert api.resolve("gateway", "arn:3", names) == "arn:3"
    assert isinstance(api.resolve("gateway", "c", names), Unresolved)
    with pytest.raises(Ambiguous, match="arn:2, arn:3"):
        api.resolve("gateway", "b", names)


def create(answer, *twins):
    removed = []
    client = Api(create_gateway=answer)
    api.create_once(client, "create_gateway", "GatewayArn", twins=lambda: list(twins), remove=removed.append)
    return removed


def test_of_two_that_were_made_at_once_the_smallest_stays():
    assert create({"GatewayArn": "arn:2"}, "arn:1", "arn:2") == ["arn:2"]
    assert create({"GatewayArn": "arn:1"}, "arn:1", "arn:2") == []
    assert create({"GatewayArn": "arn:1"}) == []


def test_a_lost_answer_is_looked_for_before_it_is_an_error():
    lost = ApiError("gone", retryable=True)
    assert create(lost, "arn:1") == []
    with pytest.raises(ApiError):
        create(lost)


def test_a_refusal_stays_one_even_beside_a_twin():
    with pytest.raises(ApiError):
        create(ApiError("no", code="ValidationException"), "arn:1")


def test_a_conflict_with_another_thing_is_not_tried_again():
    with pytest.raises(Error) as caught:
        create(Conflict("taken"))
    assert not isinstance(caught.value, Conflict)
    assert create(Conflict("taken"), "arn:1") == []


def test_a_busy_service_is_for_the_engine_to_wait_for():
    with pytest.raises(Conflict):
        create(Conflict("slow down", busy=True), "arn:1")
