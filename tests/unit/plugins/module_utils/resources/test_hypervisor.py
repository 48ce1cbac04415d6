# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    Error,
    Foreign,
    Invalid,
    Missing,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.hypervisor import (
    BackupHypervisor,
    virtual_machines,
)
from ansible_collections.vmc.aws_backup.plugins.modules import backup_hypervisor

from .aws_api import Api, params

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
    return BackupHypervisor(client, client, params(backup_hypervisor, **{"name": "h", **(given or {})}))


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
