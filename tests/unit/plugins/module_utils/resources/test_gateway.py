# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    Denied,
    Error,
    Foreign,
    TimedOut,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.gateway import BackupGateway
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Unresolved
from ansible_collections.vmc.aws_backup.plugins.modules import backup_gateway

from .aws_api import NOW, Api, params

ENDPOINT = "vpce-1-abc.backup-gateway.eu-west-1.vpce.amazonaws.com"
OURS = {"Key": "managed-by", "Value": "vmc-aws-backup"}
PREFIX = "arn:aws:backup-gateway:eu-west-1:123456789012"


def gateway(number=1, *, uuid="uuid-1", hypervisor=None, seen=0, **more):
    return {
        "GatewayArn": f"{PREFIX}:gateway/bgw-{number}",
        "GatewayDisplayName": "g",
        "GatewayType": "BACKUP_VM",
        "HypervisorId": hypervisor,
        "LastSeenTime": NOW - datetime.timedelta(seconds=seen),
        "VpcEndpoint": ENDPOINT,
        "MaintenanceStartTime": {"HourOfDay": 3, "MinuteOfHour": 30, "DayOfWeek": 1},
        "uuid": uuid,
        "marks": {},
        **more,
    }


def resource(*gateways, hypervisors=("h",), given=None, **answers):
    by_arn = {raw["GatewayArn"]: raw for raw in gateways}

    def tags(ResourceArn):
        raw = by_arn[ResourceArn]
        carried = {**({"vmc-aws-backup:instance-uuid": raw["uuid"]} if raw["uuid"] else {}), **raw["marks"]}
        return {"Tags": [OURS, *({"Key": key, "Value": value} for key, value in carried.items())]}

    known = [{"HypervisorArn": f"{PREFIX}:hypervisor/{name}-id", "Name": name} for name in hypervisors]
    client = Api(
        **{
            "list_gateways": {"Gateways": list(gateways)},
            "get_gateway": lambda GatewayArn: {"Gateway": by_arn[GatewayArn]},
            "list_tags_for_resource": tags,
            "list_hypervisors": {"Hypervisors": known},
            **answers,
        }
    )
    return BackupGateway(client, client, params(backup_gateway, **{"name": "g", **(given or {})}))


def test_the_view_keeps_the_instance_apart_from_the_tags():
    have = resource(gateway()).observe()
    assert have["instance_uuid"] == "uuid-1"
    assert have["tags"] == {"managed-by": "vmc-aws-backup"}


def test_the_name_decides_and_where_it_does_not_the_instance():
    assert resource(gateway(GatewayDisplayName="another")).observe() is None
    two = (gateway(1), gateway(2, uuid="uuid-2"))
    with pytest.raises(Ambiguous, match="bgw-1.*bgw-2"):
        resource(*two).observe()
    assert resource(*two, given={"instance_uuid": "uuid-2"}).observe()["gateway_arn"].endswith("bgw-2")
    with pytest.raises(Ambiguous):
        resource(*two, given={"instance_uuid": "uuid-3"}).observe()


def test_another_instance_or_endpoint_differs_where_nothing_can_change_it():
    asked = resource(gateway(), given={"instance_uuid": "uuid-9", "vpc_endpoint": "vpce-2-x.example"})
    have = asked.observe()
    want = asked.want(have)
    assert [key for key in want if want[key] != have[key]] == ["vpc_endpoint", "instance_uuid"]
    assert set(asked.immutable) == {"vpc_endpoint", "instance_uuid"}


@pytest.mark.parametrize("told", [ENDPOINT, ENDPOINT.upper(), f"{ENDPOINT}.", "vpce-1"])
def test_an_endpoint_is_the_same_as_name_or_id(told):
    asked = resource(gateway(VpcEndpoint=told), given={"vpc_endpoint": ENDPOINT})
    have = asked.observe()
    assert asked.want(have)["vpc_endpoint"] == have["vpc_endpoint"]


def test_an_endpoint_is_not_the_same_as_one_whose_id_begins_alike():
    asked = resource(gateway(VpcEndpoint="vpce-1"), given={"vpc_endpoint": ENDPOINT.replace("vpce-1", "vpce-12")})
    have = asked.observe()
    assert asked.want(have)["vpc_endpoint"] != have["vpc_endpoint"]


def test_one_that_has_lost_its_name_and_its_tags_is_found_by_its_arn_and_claimed():
    given = {"entry": "e", "gateway_arn": f"{PREFIX}:gateway/bgw-1"}
    assert resource(gateway(GatewayDisplayName="renamed", uuid=""), given=given).observe()["name"] == "renamed"
    other = {**given, "gateway_arn": f"{PREFIX}:gateway/bgw-9"}
    assert resource(gateway(GatewayDisplayName="renamed", uuid=""), given=other).observe() is None


def test_an_empty_reference_is_a_thing_to_come():
    want = resource(given={"vpc_endpoint": "", "instance_uuid": "", "hypervisor": "new"}).want(None)
    assert all(isinstance(want[key], Unresolved) for key in ("vpc_endpoint", "instance_uuid", "hypervisor"))


@pytest.mark.parametrize("linked", ["h-id", f"{PREFIX}:hypervisor/h-id"])
def test_a_link_is_seen_as_name_whatever_form_the_api_gives(linked):
    asked = resource(gateway(hypervisor=linked), given={"hypervisor": "h"})
    have = asked.observe()
    assert (have["hypervisor"], have["hypervisor_arn"]) == ("h", f"{PREFIX}:hypervisor/h-id")
    assert asked.want(have)["hypervisor"] == "h"


def test_a_gateway_leaves_its_hypervisor_before_it_joins_another():
    asked = resource(gateway(hypervisor="h-id"), hypervisors=("h", "i"), given={"hypervisor": "i"})
    have = asked.observe()
    asked.update(have, {"hypervisor": asked.want(have)["hypervisor"]})
    arn = f"{PREFIX}:gateway/bgw-1"
    assert asked.client.writes == [
        ("disassociate_gateway_from_server", {"GatewayArn": arn}),
        ("associate_gateway_to_server", {"GatewayArn": arn, "ServerArn": f"{PREFIX}:hypervisor/i-id"}),
    ]


def test_a_gateway_is_taken_off_its_hypervisor_before_it_is_deleted():
    asked = resource(gateway(hypervisor="h-id"))
    asked.delete(asked.observe())
    assert [operation for operation, _request in asked.client.writes] == [
        "disassociate_gateway_from_server",
        "delete_gateway",
    ]


def test_the_key_is_used_once_and_seen_nowhere():
    asked = resource(
        given={"activation_key": "AAAAA-BBBBB", "instance_uuid": "uuid-1", "tags": {"a": "b"}},
        create_gateway={"GatewayArn": "arn:1"},
    )
    want = asked.want(None)
    assert "AAAAA-BBBBB" not in str(want)
    asked.create(want)
    (_operation, request), *others = asked.client.writes
    assert not others
    assert request["ActivationKey"] == "AAAAA-BBBBB"
    assert {"Key": "vmc-aws-backup:instance-uuid", "Value": "uuid-1"} in request["Tags"]


def test_a_gateway_with_the_wrong_endpoint_says_so_after_it_was_made():
    asked = resource(gateway(VpcEndpoint=None), given={"vpc_endpoint": ENDPOINT})
    with pytest.raises(Error, match=r"\(public\) instead of vpce-1"):
        asked.update(asked.observe(), {"vpc_endpoint": ENDPOINT, "hypervisor": "h"})
    assert not asked.client.writes


def test_a_day_that_is_not_given_stays():
    asked = resource(gateway(), given={"maintenance_start_time": {"hour_of_day": 4, "minute_of_hour": 0}})
    assert asked.want(asked.observe())["maintenance_start_time"]["day_of_week"] == 1
    asked.params["maintenance_start_time"]["day_of_month"] = 2
    assert "day_of_week" not in asked.want(asked.observe())["maintenance_start_time"]


def test_a_gateway_without_any_day_gets_one():
    asked = resource(
        gateway(MaintenanceStartTime={"HourOfDay": 3, "MinuteOfHour": 30}),
        given={"maintenance_start_time": {"hour_of_day": 4, "minute_of_hour": 0}},
    )
    have = asked.observe()
    asked.update(have, {"maintenance_start_time": asked.want(have)["maintenance_start_time"]})
    ((_operation, request),) = asked.client.writes
    assert {key: value for key, value in request.items() if key != "GatewayArn"} == {
        "HourOfDay": 4,
        "MinuteOfHour": 0,
        "DayOfWeek": 0,
    }


@pytest.mark.parametrize("meanwhile", [True, False])
def test_a_name_that_was_taken_meanwhile_is_a_lost_race(meanwhile):
    refused = ApiError("the name is taken", code="ValidationException")
    asked = resource(given={"activation_key": "AAAAA-BBBBB"}, create_gateway=refused)
    want = asked.want(asked.observe())
    if meanwhile:
        other = resource(gateway()).client
        asked.client.answers.update({**other.answers, "create_gateway": refused})
    with pytest.raises(ApiError) as caught:
        asked.create(want)
    assert isinstance(caught.value, Conflict) is meanwhile


def test_what_was_heard_of_lately_is_ready():
    asked = resource(gateway(seen=10))
    assert asked.ready(asked.observe()) is None
    asked = resource(gateway(seen=1000))
    assert "last heard of" in asked.ready(asked.observe())
    asked = resource(gateway(LastSeenTime=None))
    assert "never" in asked.ready(asked.observe())


def test_one_that_goes_between_two_calls_is_gone():
    gone = ApiError("gone", code="ResourceNotFoundException")
    assert resource(gateway(), get_gateway=gone).observe() is None


def test_the_tag_of_the_instance_survives_a_purge():
    asked = resource(gateway(), given={"tags": {"a": "b"}, "purge_tags": True})
    have = asked.observe()
    asked.update(have, {"tags": asked.want(have)["tags"]})
    assert [operation for operation, _request in asked.client.writes] == ["tag_resource"]


JOB = {"BackupJobId": "job-1", "ResourceArn": "vm-1", "State": "RUNNING"}
BUSY = {
    "list_virtual_machines": {"VirtualMachines": [{"ResourceArn": "vm-1"}]},
    "list_backup_jobs": lambda ByState, ByResourceType: {"BackupJobs": [JOB] if ByState == "RUNNING" else []},
}


def test_a_gateway_is_held_while_jobs_may_run_through_it():
    asked = resource(gateway(hypervisor="h-id"), **BUSY)
    assert "job-1" in asked.held(asked.observe())


def test_a_gateway_that_is_linked_no_more_may_still_have_jobs():
    unlinked = resource(gateway(), **BUSY)
    assert "job-1" in unlinked.held(unlinked.observe())
    with pytest.raises(Foreign, match="The gateway g must not be given up: jobs may run through it: backup job-1"):
        unlinked.delete(unlinked.observe())
    assert not unlinked.client.writes


def test_one_answer_that_tells_of_a_link_is_enough_to_be_linked():
    listed = gateway(hypervisor="h-id")
    told = {key: value for key, value in listed.items() if key != "HypervisorId"}
    asked = resource(listed, get_gateway={"Gateway": told}, **BUSY)
    assert asked.observe()["hypervisor_arn"]
    with pytest.raises(Foreign, match="job-1"):
        asked.delete(asked.observe())
    assert not asked.client.writes


def test_a_gateway_is_not_taken_off_its_hypervisor_while_jobs_may_run_through_it():
    asked = resource(gateway(hypervisor="h-id"), given={"hypervisor": ""}, **BUSY)
    with pytest.raises(Foreign, match="job-1"):
        asked.update(asked.observe(), {"hypervisor": ""})
    assert not asked.client.writes


@pytest.mark.parametrize("drain", [0, 60])
def test_that_it_cannot_leave_its_hypervisor_yet_is_said_in_a_preview_too(drain):
    asked = resource(
        gateway(hypervisor="h-id"), hypervisors=("h", "i"), given={"hypervisor": "i", "drain_timeout": drain}, **BUSY
    )
    have = asked.observe()
    if drain:
        assert asked.want(have)["hypervisor"] == "i"
    else:
        with pytest.raises(Foreign, match="must not be given up"):
            asked.want(have)


def test_jobs_can_be_waited_for():
    asked = resource(gateway(hypervisor="h-id"), given={"drain_timeout": 1}, **BUSY)
    have = asked.observe()
    assert asked.held(have) is None
    with pytest.raises(TimedOut, match="job-1"):
        asked.delete(have)
    assert not asked.client.writes


def test_a_gateway_of_others_is_refused_unless_it_is_adopted():
    untagged = {"list_tags_for_resource": {"Tags": []}}
    with pytest.raises(Foreign, match="bgw-1.* does not carry the tag"):
        resource(gateway(), **untagged).observe()
    adopted = resource(gateway(), given={"adopt": True}, **untagged)
    assert adopted.want(adopted.observe())["tags"] == {"managed-by": "vmc-aws-backup"}


def test_a_gateway_that_stays_silent_is_lost():
    asked = resource(gateway(seen=1000))
    assert list(asked.lost(asked.observe())) == ["last_seen_time"]
    asked = resource(gateway(seen=10))
    assert asked.lost(asked.observe()) == {}


@pytest.mark.parametrize(("told", "given", "noticed"), [("", None, 1), ("", "vpce-1", 0), ("vpce-1", None, 0)])
def test_that_a_gateway_is_public_is_told_where_no_endpoint_is_asked_for(told, given, noticed):
    asked = resource(gateway(VpcEndpoint=told), given={"vpc_endpoint": given})
    assert len(list(asked.noticed(asked.observe()))) == noticed


# Found by what it carries (SAFETY 24)


SITE, ENTRY = "vmc-aws-backup-site", "vmc-aws-backup:entry"
MINE = {SITE: "a", ENTRY: "a-c-1"}
ASKED = {"name": None, "entry": "a-c-1", "site_id": "a"}


def number_of(asked):
    """Which of the gateways it is."""
    have = asked.observe()
    return have and int(have["gateway_arn"].rpartition("-")[2])


def test_a_gateway_is_found_by_its_entry_whatever_it_is_called():
    others = (
        gateway(2, GatewayDisplayName="x", uuid="uuid-2"),
        gateway(3, GatewayDisplayName="y", uuid="", marks={SITE: "a"}),
    )
    assert number_of(resource(gateway(GatewayDisplayName="renamed", marks=MINE), *others, given=ASKED)) == 1
    assert number_of(resource(*others, given=ASKED)) is None


def test_what_carries_the_entry_goes_before_what_has_the_name():
    named = gateway(1, GatewayDisplayName="a-c-1", uuid="uuid-9", marks={SITE: "a"})
    assert number_of(resource(named, gateway(2, GatewayDisplayName="renamed", marks=MINE), given=ASKED)) == 2


def test_the_gateway_of_the_machine_goes_before_one_that_only_says_the_entry():
    before = gateway(1, GatewayDisplayName="a-c-1", uuid="uuid-0", marks=MINE)
    after = gateway(2, GatewayDisplayName="a-c-1", uuid="uuid-1", marks=MINE)
    given = {**ASKED, "instance_uuid": "uuid-1"}
    assert number_of(resource(before, after, given=given)) == 2
    with pytest.raises(Ambiguous, match="a-c-1.*bgw-1.*bgw-2"):
        resource(before, after, given={**given, "instance_uuid": "uuid-7"}).observe()


def test_without_an_entry_written_yet_it_is_found_by_its_machine_and_marked_in_place():
    old = gateway(GatewayDisplayName="renamed")
    asked = resource(old, given={**ASKED, "instance_uuid": "uuid-1"})
    have = asked.observe()
    want = asked.want(have)
    changed = {key: want[key] for key in want if want[key] != have[key]}
    assert changed == {"entry": "a-c-1", "site_id": "a"}
    assert want["tags"] == {"managed-by": "vmc-aws-backup"}
    asked.update(have, changed)
    ((operation, request),) = asked.client.writes
    assert operation == "tag_resource"
    assert request["Tags"] == [{"Key": ENTRY, "Value": "a-c-1"}, {"Key": SITE, "Value": "a"}]


@pytest.mark.parametrize("name", ["a-c-1", "renamed"])
def test_another_site_s_gateway_is_never_this_one_s(name):
    theirs = gateway(GatewayDisplayName=name, marks={SITE: "b", ENTRY: "a-c-1"})
    for given in (ASKED, {**ASKED, "adopt": True}):
        asked = resource(theirs, given=given)
        if name == "renamed":
            assert asked.observe() is None
        else:
            with pytest.raises(Foreign, match="a-c-1 .*bgw-1.* is of another site, b, and this one is a"):
                asked.observe()


def test_a_machine_s_gateway_that_carries_another_site_s_mark_is_named():
    """The machine was taken along into another site's plan."""
    theirs = gateway(GatewayDisplayName="renamed", marks={SITE: "b"})
    with pytest.raises(Foreign, match="renamed .* is of another site, b"):
        resource(theirs, given={**ASKED, "instance_uuid": "uuid-1"}).observe()


def test_a_name_proves_nothing():
    old = gateway(GatewayDisplayName="a-c-1")
    with pytest.raises(Foreign, match="carries no site's mark, and nothing proves"):
        resource(old, given={**ASKED, "instance_uuid": "uuid-9"}).observe()
    assert number_of(resource(old, given={**ASKED, "adopt": True})) == 1


def test_a_gateway_of_another_entry_is_not_taken_for_this_one_s():
    other = gateway(GatewayDisplayName="a-c-1", uuid="uuid-9", marks={SITE: "a", ENTRY: "a-c-2"})
    with pytest.raises(Foreign, match="that of a-c-2 in the plan, not of a-c-1. Give it its name back"):
        resource(other, given=ASKED).observe()


def test_what_does_not_carry_the_owner_s_tag_carries_no_entry():
    theirs = gateway(GatewayDisplayName="renamed", marks={**MINE, "managed-by": "terraform"})
    assert resource(theirs, given=ASKED).observe() is None


@pytest.mark.parametrize(("was", "found"), [("dead", None), ("other", Foreign), ("", Foreign)])
def test_the_gateways_of_a_site_that_is_gone_are_passed_over(was, found):
    """Its appliances are gone with it, so that no gateway of it serves anything: a new one is made."""
    dead = gateway(GatewayDisplayName="a-c-1", marks={SITE: "dead", ENTRY: "a-c-1"})
    asked = resource(dead, given={**ASKED, "site_was": was})
    if found is None:
        assert asked.observe() is None
        living = gateway(2, GatewayDisplayName="a-c-1", uuid="uuid-2", marks=MINE)
        assert number_of(resource(dead, living, given={**ASKED, "site_was": was})) == 2
    else:
        with pytest.raises(found, match="another site, dead"):
            asked.observe()


def test_the_tags_of_all_are_read_only_where_those_of_the_name_are_not_it():
    asked = resource(
        gateway(1, GatewayDisplayName="a-c-1", marks=MINE), gateway(2, GatewayDisplayName="x"), given=ASKED
    )
    asked.observe()
    read = [
        request["ResourceArn"] for operation, request in asked.client.calls if operation == "list_tags_for_resource"
    ]
    assert [arn.rpartition("/")[2] for arn in read] == ["bgw-1"]


def test_a_new_one_carries_site_entry_and_machine_from_its_first_moment():
    given = {**ASKED, "activation_key": "AAAAA-BBBBB", "instance_uuid": "uuid-1"}
    asked = resource(given=given, create_gateway={"GatewayArn": "arn:1"})
    asked.create(asked.want(None))
    (_operation, request), *_others = asked.client.writes
    assert request["GatewayDisplayName"] == "a-c-1"
    assert {tag["Key"]: tag["Value"] for tag in request["Tags"]} == {
        "managed-by": "vmc-aws-backup",
        **MINE,
        "vmc-aws-backup:instance-uuid": "uuid-1",
    }


@pytest.mark.parametrize(("key", "tag"), [("site_id", SITE), ("entry", ENTRY)])
def test_a_mark_that_may_not_be_written_is_told_and_nothing_else_is_done(key, tag):
    other = {mark: value for mark, value in MINE.items() if mark != tag}
    denied = Denied("no", code="AccessDeniedException")
    given = {**ASKED, "instance_uuid": "uuid-1"}
    asked = resource(gateway(GatewayDisplayName="a-c-1", marks=other), given=given, tag_resource=denied)
    outcome, writes = writes_of(asked)
    assert [(change.path, change.desired, change.actual, change.effect) for change in outcome.changes] == [
        (key, MINE[tag], "", "denied")
    ]
    assert (outcome.changed, len(outcome.warnings), writes) == (False, 1, ["tag_resource"])


# Its name


NAMED = {**ASKED, "name": "given"}


def writes_of(asked, check_mode=False):
    outcome = reconcile(asked, check_mode=check_mode)
    return outcome, [operation for operation, _request in asked.client.writes]


def renamable(**answers):
    """A gateway that is called as it was renamed last."""
    raw = gateway(GatewayDisplayName="derived", marks=MINE)

    def rename(GatewayArn, GatewayDisplayName):
        raw["GatewayDisplayName"] = GatewayDisplayName
        return {}

    return resource(raw, given=NAMED, **{"update_gateway_information": rename, **answers})


def test_a_name_that_is_given_is_written_in_place():
    for check_mode, operations in ((True, []), (False, ["update_gateway_information"])):
        outcome, writes = writes_of(renamable(), check_mode)
        assert [(change.path, change.desired, change.actual, change.effect) for change in outcome.changes] == [
            ("name", "given", "derived", "in_place")
        ]
        assert writes == operations


def test_a_name_that_is_not_given_stays():
    asked = resource(gateway(GatewayDisplayName="renamed", marks=MINE), given=ASKED)
    outcome, writes = writes_of(asked)
    assert (outcome.changes, outcome.changed, writes) == ([], False, [])


def test_a_name_that_may_not_be_written_is_told_and_the_run_goes_on():
    asked = renamable(update_gateway_information=Denied("no", code="AccessDeniedException"))
    outcome, _writes = writes_of(asked)
    assert [(change.path, change.effect) for change in outcome.changes] == [("name", "denied")]
    assert (outcome.changed, len(outcome.warnings)) == (False, 1)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_name_that_another_gateway_has_is_told_and_not_written(check_mode):
    """Of whichever site: names are what people choose by."""
    own = gateway(1, GatewayDisplayName="derived", marks=MINE)
    other = gateway(2, GatewayDisplayName="given", uuid="uuid-2", marks={SITE: "b"})
    outcome, writes = writes_of(resource(own, other, given=NAMED), check_mode)
    assert [(change.path, change.desired, change.actual, change.effect) for change in outcome.changes] == [
        ("name", "given", "derived", "kept")
    ]
    assert (outcome.changed, writes) == (False, [])
    assert "another gateway of the account has that name" in outcome.warnings[0]


# Predicted


def test_what_a_preview_would_make_is_built_upon():
    predicted = {
        "name": "a-c-1",
        "entry": "a-c-1",
        "site_id": "a",
        "tags": {"managed-by": "vmc-aws-backup"},
        "vpc_endpoint": ENDPOINT,
    }
    given = {
        **ASKED,
        "hypervisor": "new",
        "instance_uuid": "",
        "maintenance_start_time": {"hour_of_day": 3, "minute_of_hour": 0},
    }
    predicted["instance_uuid"] = "(the instance_uuid to come)"
    outcome = reconcile(resource(hypervisors=(), given=given), check_mode=True, predicted=predicted)
    assert [(change.path, str(change.desired), change.actual, change.effect) for change in outcome.changes] == [
        ("hypervisor", "new", "", "in_place"),
        ("maintenance_start_time.hour_of_day", "3", None, "in_place"),
        ("maintenance_start_time.minute_of_hour", "0", None, "in_place"),
    ]
