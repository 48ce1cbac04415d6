# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    ApiError,
    BadCredentials,
    Conflict,
    Denied,
    Error,
    Foreign,
    Invalid,
    Missing,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.hypervisor import (
    BackupHypervisor,
    ConnectionTest,
    virtual_machines,
)
from ansible_collections.vmc.aws_backup.plugins.modules import backup_hypervisor

from .aws_api import NOW, Api, params

PREFIX = "arn:aws:backup-gateway:eu-west-1:123456789012"
OURS = [{"Key": "managed-by", "Value": "vmc-aws-backup"}]
ROLE = "arn:aws:iam::123456789012:role/AWSBackupTags"
MAPPING = {"vmware_category": "c", "vmware_tag_name": "n", "aws_tag_key": "k", "aws_tag_value": "v"}
RAW_MAPPING = {"VmwareCategory": "c", "VmwareTagName": "n", "AwsTagKey": "k", "AwsTagValue": "v"}
CREDENTIALS = {"username": "backup@example.com", "password": "hush"}
NEW = {**CREDENTIALS, "host": "vc.example.com"}


def hypervisor(number=1, **more):
    return {
        "HypervisorArn": f"{PREFIX}:hypervisor/hype-{number}",
        "Name": "h",
        "Host": "vc.example.com",
        "State": "ONLINE",
        "LatestMetadataSyncStatus": "SUCCEEDED",
        **more,
    }


def resource(*hypervisors, linked=True, given=None, **answers):
    by_arn = {raw["HypervisorArn"]: raw for raw in hypervisors}
    gateway = {
        "GatewayArn": f"{PREFIX}:gateway/bgw-1",
        "GatewayDisplayName": "g",
        "HypervisorId": "hype-1" if linked else None,
    }
    client = Api(
        **{
            "list_hypervisors": {"Hypervisors": list(hypervisors)},
            "list_gateways": {"Gateways": [gateway]},
            "get_hypervisor": lambda HypervisorArn: {"Hypervisor": by_arn[HypervisorArn]},
            "list_tags_for_resource": {"Tags": OURS},
            "import_hypervisor_configuration": {"HypervisorArn": f"{PREFIX}:hypervisor/hype-9"},
            **answers,
        }
    )
    return BackupHypervisor(client, client, client, params(backup_hypervisor, **{"name": "h", **(given or {})}))


def operations(asked):
    return [operation for operation, _request in asked.client.writes]


def test_a_hypervisor_is_found_by_its_name_with_its_gateways():
    assert resource(hypervisor()).observe()["gateways"] == ["g"]
    assert resource(hypervisor(Name="another")).observe() is None
    with pytest.raises(Ambiguous):
        resource(hypervisor(1), hypervisor(2)).observe()


def test_credentials_are_in_no_value_that_is_shown():
    asked = resource(given=NEW)
    want = asked.want(None)
    assert "hush" not in str(want)
    assert not set(want) & set(CREDENTIALS)


@pytest.mark.parametrize(("when", "now"), [("on_create", False), ("always", True)])
def test_credentials_are_written_again_only_when_told(when, now):
    asked = resource(given={**CREDENTIALS, "update_password": when})
    assert asked.write_only == {"username": now, "password": now}
    assert resource(given={"update_password": when}).write_only == {}


def test_an_import_is_tested_first_and_once():
    asked = resource(given={**NEW, "gateway": "g"})
    asked.create(asked.want(None))
    assert operations(asked) == ["test_hypervisor_configuration", "import_hypervisor_configuration"]


def test_a_failed_test_ends_it_without_telling_the_password():
    refused = ApiError("Cannot complete login.", code="ValidationException")
    for failure in (refused, Conflict("no", code="ConflictException")):
        asked = resource(given={**NEW, "gateway": "g"}, test_hypervisor_configuration=failure)
        with pytest.raises(Error) as caught:
            asked.create(asked.want(None))
        assert not isinstance(caught.value, Conflict)
        assert operations(asked) == ["test_hypervisor_configuration"]
        assert "hush" not in str(caught.value)


def test_a_gateway_to_test_through_must_exist_before_anything_is_written():
    asked = resource(given={**NEW, "gateway": "to-come"})
    want = asked.want(None)
    with pytest.raises(Missing, match="gateway to-come"):
        asked.create(want)
    assert not asked.client.writes


def test_new_credentials_are_tested_through_a_linked_gateway():
    asked = resource(hypervisor(), given={**CREDENTIALS, "update_password": "always"})
    asked.update(asked.observe(), {"username": "(write-only)", "password": "(write-only)"})
    assert operations(asked) == [
        "test_hypervisor_configuration",
        "update_hypervisor",
        "start_virtual_machines_metadata_sync",
    ]
    (_test, tested), (_update, updated), _sync = asked.client.writes
    assert tested["GatewayArn"].endswith("bgw-1")
    assert updated["Password"] == "hush"


def test_a_change_without_credentials_tests_nothing():
    asked = resource(hypervisor(), given={"host": "new.example.com", **CREDENTIALS})
    asked.update(asked.observe(), {"host": "new.example.com"})
    assert operations(asked) == ["update_hypervisor"]


def test_a_vcenter_is_not_imported_twice():
    with pytest.raises(Foreign, match="another"):
        resource(hypervisor(Name="another"), given=NEW).want(None)


@pytest.mark.parametrize("missing", ["host", "username", "password"])
def test_an_import_needs(missing):
    with pytest.raises(Invalid, match=missing):
        resource(given={**NEW, missing: None}).want(None)


def test_mappings_are_stored_then_applied_where_a_gateway_can():
    given = {"vmware_to_aws_tag_mappings": [MAPPING], "iam_role_arn": ROLE}
    for linked, synced in ((True, ["start_virtual_machines_metadata_sync"]), (False, [])):
        asked = resource(hypervisor(), linked=linked, given=given)
        have = asked.observe()
        asked.update(have, {key: asked.want(have)[key] for key in given})
        assert operations(asked) == ["put_hypervisor_property_mappings", *synced]
        assert asked.client.writes[0][1]["VmwareToAwsTagMappings"] == [RAW_MAPPING]


@pytest.mark.parametrize(("status", "code"), [("RUNNING", "ValidationException"), ("SUCCEEDED", "ConflictException")])
def test_a_sync_that_runs_is_not_begun_again(status, code):
    refused = ApiError("a sync is in progress", code=code)
    given = {"vmware_to_aws_tag_mappings": [MAPPING], "iam_role_arn": ROLE}
    synced = hypervisor(LatestMetadataSyncStatus=status)
    asked = resource(synced, given=given, start_virtual_machines_metadata_sync=refused)
    have = asked.observe()
    asked.update(have, {key: asked.want(have)[key] for key in given})
    assert operations(asked)[-1] == "start_virtual_machines_metadata_sync"


def test_another_refusal_of_a_sync_is_told():
    refused = ApiError("no", code="ValidationException")
    given = {"vmware_to_aws_tag_mappings": [MAPPING], "iam_role_arn": ROLE}
    asked = resource(hypervisor(), given=given, start_virtual_machines_metadata_sync=refused)
    have = asked.observe()
    with pytest.raises(ApiError, match="no"):
        asked.update(have, {key: asked.want(have)[key] for key in given})


def test_the_first_mapping_needs_a_role_and_later_ones_keep_it():
    given = {"vmware_to_aws_tag_mappings": [MAPPING]}
    with pytest.raises(Invalid, match="iam_role_arn"):
        resource(given={**NEW, **given}).want(None)
    mapped = {"VmwareToAwsTagMappings": [], "IamRoleArn": ROLE}
    asked = resource(hypervisor(), given=given, get_hypervisor_property_mappings=mapped)
    have = asked.observe()
    asked.update(have, {"vmware_to_aws_tag_mappings": [MAPPING]})
    assert asked.client.writes[0][1]["IamRoleArn"] == ROLE


def test_a_log_group_is_one_with_and_without_its_ending():
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/vmc/backup"
    for given, wanted in ((arn, f"{arn}:*"), (f"{arn}:*", f"{arn}:*"), ("", "")):
        asked = resource(hypervisor(), given={"log_group_arn": given})
        assert asked.want(asked.observe())["log_group_arn"] == wanted


def test_pending_is_final_until_a_gateway_is_linked():
    asked = resource(hypervisor(State="PENDING"), linked=False)
    assert asked.ready(asked.observe()) is None
    asked = resource(hypervisor(State="PENDING"))
    assert "PENDING" in asked.ready(asked.observe())


def test_online_is_not_ready_before_the_machines_are_synchronised():
    asked = resource(hypervisor(LatestMetadataSyncStatus="FAILED", LatestMetadataSyncStatusMessage="why"))
    assert asked.ready(asked.observe()) == "its metadata sync is FAILED: why"
    asked = resource(hypervisor())
    assert asked.ready(asked.observe()) is None


def test_an_error_is_told_at_once():
    asked = resource(hypervisor(State="ERROR"))
    with pytest.raises(Error, match="check username and password"):
        asked.ready(asked.observe())


def test_own_gateways_are_let_go_and_those_of_others_refused():
    asked = resource(hypervisor())
    asked.delete(asked.observe())
    assert operations(asked) == ["disassociate_gateway_from_server", "delete_hypervisor"]

    def tags(ResourceArn):
        return {"Tags": OURS if "hypervisor/" in ResourceArn else []}

    asked = resource(hypervisor(), list_tags_for_resource=tags)
    with pytest.raises(Foreign, match="gateway g"):
        asked.delete(asked.observe())
    assert not asked.client.writes


def test_a_hypervisor_of_others_is_refused_unless_it_is_adopted():
    with pytest.raises(Foreign, match="hype-1.* does not carry the tag"):
        resource(hypervisor(), list_tags_for_resource={"Tags": []}).observe()
    adopted = resource(hypervisor(), given={"adopt": True}, list_tags_for_resource={"Tags": []})
    assert adopted.want(adopted.observe())["tags"] == {"managed-by": "vmc-aws-backup"}


def test_a_hypervisor_that_does_not_exist_has_no_machines():
    client = resource(hypervisor(), list_virtual_machines={"VirtualMachines": [{"ResourceArn": "arn:vm"}]}).client
    assert virtual_machines(client, hypervisor="to-come") == []
    assert len(virtual_machines(client, hypervisor="h")) == 1
    assert len(virtual_machines(client)) == 1


# Whose it is


SITE = "vmc-aws-backup-site"
GATEWAY = f"{PREFIX}:gateway/bgw-1"


def carrying(**marks):
    """The tags of each thing by the end of its ARN, where they are not only ours."""

    def tags(ResourceArn):
        mark = marks.get(ResourceArn.rpartition("/")[2].replace("-", "_"), "")
        return {"Tags": [*OURS, *([{"Key": SITE, "Value": mark}] if mark else [])]}

    return tags


def of_site(*hypervisors, site_id="a", given=None, marks=None, **answers):
    given = {"site_id": site_id, **(given or {})}
    return resource(*hypervisors, given=given, list_tags_for_resource=carrying(**(marks or {})), **answers)


def test_a_hypervisor_is_found_by_its_site_s_mark_after_it_was_renamed():
    renamed, other = hypervisor(1, Name="renamed"), hypervisor(2, Name="other", Host="other.example.com")
    asked = of_site(renamed, other, marks={"hype_1": "a", "hype_2": "b"})
    have = asked.observe()
    assert have["name"] == "renamed"
    # It keeps the name that somebody gave it, and nothing is written.
    assert asked.want(have)["name"] == "renamed"
    assert of_site(renamed, other, marks={"hype_2": "b"}).observe() is None
    assert resource(renamed, list_tags_for_resource=carrying(hype_1="a")).observe() is None


@pytest.mark.parametrize(
    "given",
    [
        {"host": "VC.example.com"},
        {"host": None},
        {"host": "vc-2.example.com", "take_over": True},
        {"host": "vc-2.example.com", "vcenter_fqdn": "VC-2.example.com"},
        {"host": "vc-2.example.com", "adopt": True},
        {"host": "vc-2.example.com", "site_was": "a", "site_id": "c"},
        {"host": "vc-2.example.com", "site_id": None},
    ],
)
def test_a_vcenter_may_get_another_address(given):
    assert of_site(hypervisor(), marks={"hype_1": "a"}, given=given).observe()["host"] == "vc.example.com"


@pytest.mark.parametrize("fqdn", ["vc.example.com", None])
@pytest.mark.parametrize("name", ["h", "renamed"])
def test_a_mark_does_not_prove_that_another_vcenter_is_the_same_site_s(name, fqdn):
    given = {"host": "vc-2.example.com", "vcenter_fqdn": fqdn}
    asked = of_site(hypervisor(Name=name), marks={"hype_1": "a"}, given=given)
    with pytest.raises(
        Foreign, match="of this site leads to the vCenter vc.example.com, and vc-2.example.com is another"
    ):
        asked.observe()


def test_the_name_goes_before_the_mark():
    asked = of_site(hypervisor(1, Name="renamed"), hypervisor(2), marks={"hype_1": "a", "hype_2": "a"})
    assert asked.observe()["name"] == "h"


def test_two_of_one_site_are_ambiguous_where_none_has_the_name():
    with pytest.raises(Ambiguous, match="hype-1, .*hype-2"):
        of_site(hypervisor(1, Name="x"), hypervisor(2, Name="y"), marks={"hype_1": "a", "hype_2": "a"}).observe()


@pytest.mark.parametrize("given", [{}, {"adopt": True}, {"take_over": True}, {"vcenter_fqdn": "vc.example.com"}])
def test_another_site_s_hypervisor_is_refused_whatever_is_said(given):
    with pytest.raises(Foreign, match="hype-1.* is of another site, b, and this one is a"):
        of_site(hypervisor(), marks={"hype_1": "b"}, given=given).observe()


@pytest.mark.parametrize(
    ("host", "given", "proven"),
    [
        ("vc.example.com", {"vcenter_fqdn": "vc.example.com"}, True),
        ("VC.Example.com", {"vcenter_fqdn": "vc.EXAMPLE.com"}, True),
        ("other.example.com", {"vcenter_fqdn": "vc.example.com"}, False),
        ("10.2.224.4", {"vcenter_fqdn": "vc.example.com"}, False),
        (None, {"vcenter_fqdn": ""}, False),
        ("", {"vcenter_fqdn": None}, False),
        ("10.2.224.4", {"host": "10.2.224.4"}, False),  # SDDCs with one management CIDR share it
        ("10.2.224.4", {"take_over": True}, True),
        ("10.2.224.4", {"adopt": True}, True),
    ],
)
def test_one_without_a_site_s_mark_is_proven_by_the_name_of_the_vcenter_or_by_its_gateways(host, given, proven):
    asked = of_site(hypervisor(Host=host), given=given)
    if proven:
        have = asked.observe()
        want = asked.want(have)
        changed = {key: want[key] for key in want if want[key] != have[key]}
        assert changed == {"site_id": "a"}
        asked.update(have, changed)
        ((operation, request),) = asked.client.writes
        assert (operation, request["Tags"]) == ("tag_resource", [{"Key": SITE, "Value": "a"}])
    else:
        with pytest.raises(Foreign, match="carries no site's mark, and nothing proves that it belongs to a"):
            asked.observe()


def test_that_of_a_site_that_is_gone_is_taken_over_and_marked_anew():
    asked = of_site(hypervisor(), marks={"hype_1": "dead"}, given={"site_was": "dead"})
    have = asked.observe()
    want = asked.want(have)
    assert {key: want[key] for key in want if want[key] != have[key]} == {"site_id": "a"}
    asked.update(have, {"site_id": want["site_id"]})
    assert [request["Tags"] for _operation, request in asked.client.writes] == [[{"Key": SITE, "Value": "a"}]]
    with pytest.raises(Foreign, match="another site, dead"):
        of_site(hypervisor(), marks={"hype_1": "dead"}, given={"site_was": "other"}).observe()


def test_a_mark_that_may_not_be_written_is_told_and_nothing_else_is_done():
    denied = Denied("no", code="AccessDeniedException")
    asked = of_site(hypervisor(), given={"take_over": True}, tag_resource=denied)
    outcome = reconcile(asked)
    assert [(change.path, change.desired, change.actual, change.effect) for change in outcome.changes] == [
        ("site_id", "a", "", "denied")
    ]
    assert (outcome.changed, len(outcome.warnings), operations(asked)) == (False, 1, ["tag_resource"])


def test_a_new_one_carries_the_mark_from_its_first_moment():
    asked = of_site(given=NEW)
    asked.create(asked.want(None))
    ((_operation, request),) = asked.client.writes
    assert {"Key": SITE, "Value": "a"} in request["Tags"]


@pytest.mark.parametrize("mark", ["b", ""])
def test_a_gateway_that_is_not_the_site_s_is_not_taken_off_it(mark):
    asked = of_site(hypervisor(), marks={"hype_1": "a", "bgw_1": mark})
    with pytest.raises(Foreign, match="in use by the gateway g, which is not of this site"):
        asked.delete(asked.observe())
    assert not asked.client.writes
    own = of_site(hypervisor(), marks={"hype_1": "a", "bgw_1": "a"})
    own.delete(own.observe())
    assert operations(own) == ["disassociate_gateway_from_server", "delete_hypervisor"]


def test_a_gateway_of_others_is_seen_in_a_preview_too():
    asked = of_site(hypervisor(), marks={"hype_1": "a", "bgw_1": "b"})
    assert asked.held(asked.observe()).startswith("it is in use by the gateway g, which is not of this site")
    own = of_site(hypervisor(), marks={"hype_1": "a", "bgw_1": "a"})
    assert own.held(own.observe()) is None


# Which gateway tests


def gateways_seen(**hours):
    """Linked gateways, and at which hour AWS Backup heard of each last."""
    listed = {
        f"{PREFIX}:gateway/{name}": {
            "GatewayArn": f"{PREFIX}:gateway/{name}",
            "GatewayDisplayName": name,
            "HypervisorId": "hype-1",
            "LastSeenTime": None if hour is None else NOW.replace(hour=hour),
        }
        for name, hour in hours.items()
    }
    brief = [{key: value for key, value in raw.items() if key != "LastSeenTime"} for raw in listed.values()]
    return {
        "list_gateways": {"Gateways": brief},
        "get_gateway": lambda GatewayArn: {"Gateway": listed[GatewayArn]},
    }


@pytest.mark.parametrize(
    ("hours", "tester"),
    [
        ({"a": 3, "b": 9, "c": 5}, "b"),
        ({"a": None, "b": 1}, "b"),
        ({"a": 10, "b": None}, "a"),
        ({"a": None}, "a"),
    ],
)
def test_the_gateway_that_was_seen_last_tests_new_credentials(hours, tester):
    given = {**CREDENTIALS, "update_password": "always"}
    asked = resource(hypervisor(), given=given, **gateways_seen(**hours))
    asked.update(asked.observe(), {"username": "(write-only)", "password": "(write-only)"})
    tested = [request for operation, request in asked.client.writes if operation == "test_hypervisor_configuration"]
    assert [request["GatewayArn"].rpartition("/")[2] for request in tested] == [tester]


def test_credentials_are_not_given_to_another_site_s_gateway_of_the_same_name():
    answers = gateways_seen(a=1, b=9)
    twin = {"GatewayArn": f"{PREFIX}:gateway/twin", "GatewayDisplayName": "a", "HypervisorId": "hype-2"}
    answers["list_gateways"]["Gateways"][1:] = [twin]
    asked = resource(hypervisor(), given={**CREDENTIALS, "update_password": "always"}, **answers)
    asked.update(asked.observe(), {"username": "(write-only)", "password": "(write-only)"})
    assert asked.client.writes[0][1]["GatewayArn"].endswith("gateway/a")


def test_a_gateway_that_is_named_tests_even_where_another_was_seen_later():
    given = {**CREDENTIALS, "update_password": "always", "gateway": "a"}
    asked = resource(hypervisor(), given=given, **gateways_seen(a=1, b=9))
    asked.update(asked.observe(), {"username": "(write-only)", "password": "(write-only)"})
    assert asked.client.writes[0][1]["GatewayArn"].endswith("gateway/a")


# ConnectionTest


TRY = {"gateway": "g", "host": "vc.example.com", **CREDENTIALS}


def connection(given=None, **answers):
    return ConnectionTest(resource(**answers).client, {**TRY, **(given or {})})


def test_one_gateway_logs_in_once_each_time_that_it_is_asked():
    action = connection()
    assert action.find() is None
    for _time in range(2):
        assert action.view(action.done(action.start(), 60)) == {"gateway": "g", "host": "vc.example.com"}
    assert (
        action.client.writes
        == [
            (
                "test_hypervisor_configuration",
                {"GatewayArn": GATEWAY, "Host": "vc.example.com", "Username": "backup@example.com", "Password": "hush"},
            )
        ]
        * 2
    )


def test_a_gateway_that_was_just_made_and_is_not_known_yet_is_waited_for():
    answers = iter(
        [
            Conflict(
                f"{GATEWAY} does not exist",
                service="backup-gateway",
                operation="x",
                code="ResourceNotFoundException",
                attempted="test",
            )
        ]
        * 2
    )

    def answer(**_request):
        raised = next(answers, None)
        if raised:
            raise raised
        return {}

    action = connection(test_hypervisor_configuration=answer)
    assert action.start() == {"gateway": "g", "host": "vc.example.com"}
    assert len(action.client.writes) == 3


def test_credentials_that_are_refused_are_tried_once():
    def refused(**_request):
        raise BadCredentials("no", service="backup-gateway", operation="x", code="x", attempted="test")

    action = connection(test_hypervisor_configuration=refused)
    with pytest.raises(BadCredentials):
        action.start()
    assert len(action.client.writes) == 1


@pytest.mark.parametrize(
    "given", [{"host": "https://vc"}, {"username": "DOMAIN\\user"}, {"password": "line\n"}, {"password": ""}]
)
def test_what_cannot_be_credentials_is_refused_before_a_login_is_spent(given):
    with pytest.raises(Invalid) as caught:
        connection(given)
    assert caught.value.option in given
    assert "line" not in str(caught.value)


def test_a_login_that_fails_names_the_gateway_and_is_not_tried_again():
    action = connection(test_hypervisor_configuration=ApiError("Cannot complete login.", code="ValidationException"))
    with pytest.raises(Error, match="gateway g could not log in to vc.example.com .* not tried again"):
        action.start()
    assert len(action.client.writes) == 1


def test_a_gateway_that_does_not_exist_tests_nothing():
    action = connection({"gateway": "typo"})
    with pytest.raises(Missing, match="gateway typo"):
        action.start()
    assert not action.client.writes


def test_a_gateway_is_taken_by_its_arn_too():
    action = connection({"gateway": GATEWAY})
    action.start()
    assert action.client.writes[0][1]["GatewayArn"] == GATEWAY


KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
KEY_STATES = [
    ({"KeyMetadata": {"KeyState": "Enabled"}}, None),
    ({"KeyMetadata": {"KeyState": "Disabled"}}, "the key is Disabled"),
    ({"KeyMetadata": {"KeyState": "PendingDeletion"}}, "the key is PendingDeletion"),
    (ApiError("no", code="NotFoundException"), "the key is gone"),
    (Denied("may not", code="AccessDeniedException"), "is not known. may not"),
]


@pytest.mark.parametrize(("answer", "says"), KEY_STATES)
def test_a_key_that_does_not_work_is_told_also_where_nobody_asked_for_one(answer, says):
    asked = resource(hypervisor(KmsKeyArn=KEY), describe_key=answer)
    outcome = reconcile(asked, check_mode=False)
    assert not asked.client.writes
    assert [change.path for change in outcome.changes if change.effect == "kept"] == (["kms_key_arn"] if says else [])
    assert (says or "") in "".join(outcome.warnings)


@pytest.mark.parametrize(("answer", "says"), KEY_STATES)
def test_nothing_is_imported_with_a_key_that_does_not_work(answer, says):
    asked = resource(given={**NEW, "kms_key_arn": KEY}, describe_key=answer)
    if says and "not known" not in says:
        with pytest.raises(Invalid, match=says):
            asked.want(None)
    else:
        assert asked.want(None)["kms_key_arn"] == KEY


ENABLED = {"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled"}}


@pytest.mark.parametrize("called", [KEY, "alias/own", KEY.replace("key/1", "alias/own")])
def test_a_key_is_called_by_its_arn_or_alias(called):
    asked = resource(hypervisor(KmsKeyArn=KEY), given={"kms_key_arn": called}, describe_key=ENABLED)
    assert reconcile(asked, check_mode=False).changes == []
    described = [request["KeyId"] for operation, request in asked.client.calls if operation == "describe_key"]
    assert described == ([KEY] if called == KEY else [called, KEY])
    assert resource(given={**NEW, "kms_key_arn": called}, describe_key=ENABLED).want(None)["kms_key_arn"] == KEY


def test_an_alias_that_leads_to_another_key_is_a_difference_that_cannot_be_mended():
    other = {"KeyMetadata": {"Arn": f"{KEY}2", "KeyState": "Enabled"}}
    asked = resource(hypervisor(KmsKeyArn=KEY), given={"kms_key_arn": "alias/own"}, describe_key=other)
    changes = reconcile(asked, check_mode=True, on_immutable="report").changes
    assert [(change.path, change.desired, change.effect) for change in changes] == [
        ("kms_key_arn", f"{KEY}2", "replace")
    ]


def test_an_alias_that_is_not_there_yet_is_predicted_with():
    gone = ApiError("no", code="NotFoundException")
    asked = resource(given={**NEW, "kms_key_arn": "alias/own"}, describe_key=gone)
    assert str(asked.want(None)["kms_key_arn"]) == "alias/own"
    with pytest.raises(Missing, match="KMS key alias/own"):
        reconcile(asked)
    assert not asked.client.writes


def test_the_key_that_aws_owns_is_not_asked_for():
    asked = resource(hypervisor())
    reconcile(asked, check_mode=False)
    assert "describe_key" not in [operation for operation, _request in asked.client.calls]
