# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from lab import breaks
from lab.aws import model
from unit.lab.aws_lab import ACCOUNT, PASSWORD, Appliance, error_code, machine

TAGS = [{"Key": "Name", "Value": "n"}]
MAPPING = {"VmwareCategory": "tier", "VmwareTagName": "gold", "AwsTagKey": "plan", "AwsTagValue": "daily"}
ROLE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["backup.amazonaws.com", "backup-gateway.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture
def bgw(lab):
    return lab.client("backup-gateway")


@pytest.fixture
def vcenter(lab):
    found = lab.world.sddcs["sddc-a"].vcenter
    found.running = [Appliance("sddc-a", f"uuid-{number}") for number in range(3)]
    found.machines = [
        machine("web_01", "m1", tags=[{"category": "tier", "name": "gold", "description": "best"}]),
        machine("db.01", "m2"),
    ]
    return found


def new_gateway(lab, name="g1", number=0, **kwargs):
    appliance = lab.world.sddcs["sddc-a"].vcenter.running[number]
    key = lab.aws.issue_key(appliance, "eu-west-1", "vpce-1.example")
    made = lab.client("backup-gateway").create_gateway(
        ActivationKey=key, GatewayDisplayName=name, GatewayType="BACKUP_VM", **kwargs
    )
    return made["GatewayArn"]


def new_hypervisor(lab, **kwargs):
    asked = {"Name": "h1", "Host": "127.70.16.4", "Username": "u@example", "Password": PASSWORD, **kwargs}
    return lab.client("backup-gateway").import_hypervisor_configuration(**asked)["HypervisorArn"]


def linked(lab, **kwargs):
    gateway, hypervisor = new_gateway(lab), new_hypervisor(lab, **kwargs)
    lab.client("backup-gateway").associate_gateway_to_server(GatewayArn=gateway, ServerArn=hypervisor)
    return gateway, hypervisor


def look(bgw, arn):
    return bgw.get_hypervisor(HypervisorArn=arn)["Hypervisor"]


def refusal(call, *args, **kwargs):
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    response = caught.value.response
    return response["Error"]["Code"], response["ErrorCode"], response["Error"]["Message"]


def test_all_operations_are_there(lab):
    names = model.service("backup-gateway").operation_names
    assert len(names) == 25
    assert [name for name in names if not hasattr(lab.aws.backup_gateway, name)] == []


def test_a_gateway(lab, bgw, vcenter):
    arn = new_gateway(lab, Tags=TAGS)
    assert arn.startswith(f"arn:aws:backup-gateway:eu-west-1:{ACCOUNT}:gateway/bgw-")
    found = bgw.get_gateway(GatewayArn=arn)["Gateway"]
    assert found["VpcEndpoint"] == "vpce-1.example" and "HypervisorId" not in found
    assert found["LastSeenTime"].timestamp() == pytest.approx(lab.world.now(), abs=5)
    assert bgw.list_tags_for_resource(ResourceArn=arn)["Tags"] == TAGS
    bgw.tag_resource(ResourceARN=arn, Tags=[{"Key": "a b/ü", "Value": ""}])
    bgw.untag_resource(ResourceARN=arn, TagKeys=["Name"])
    assert bgw.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a b/ü", "Value": ""}]
    bgw.update_gateway_information(GatewayArn=arn, GatewayDisplayName="g2")
    bgw.put_maintenance_start_time(GatewayArn=arn, HourOfDay=1, MinuteOfHour=2, DayOfMonth=3)
    found = bgw.get_gateway(GatewayArn=arn)["Gateway"]
    assert (found["GatewayDisplayName"], found["SoftwareVersion"]) == ("g2", "2-1-0")
    assert found["MaintenanceStartTime"] == {"HourOfDay": 1, "MinuteOfHour": 2, "DayOfMonth": 3}
    bgw.delete_gateway(GatewayArn=arn)
    assert refusal(bgw.get_gateway, GatewayArn=arn)[:2] == ("ResourceNotFoundException", "GatewayNotFound")


def test_bandwidth(lab, bgw, vcenter):
    arn = new_gateway(lab)
    interval = {
        "AverageUploadRateLimitInBitsPerSec": 102400,
        "DaysOfWeek": [1, 2],
        "StartHourOfDay": 8,
        "StartMinuteOfHour": 0,
        "EndHourOfDay": 11,
        "EndMinuteOfHour": 59,
    }
    after = {**interval, "StartHourOfDay": 12, "EndHourOfDay": 13}
    bgw.put_bandwidth_rate_limit_schedule(GatewayArn=arn, BandwidthRateLimitIntervals=[interval, after])
    found = bgw.get_bandwidth_rate_limit_schedule(GatewayArn=arn)
    assert found["BandwidthRateLimitIntervals"] == [interval, after]
    overlapping = [interval, {**after, "StartHourOfDay": 11}]
    code, _unused, _unused = refusal(
        bgw.put_bandwidth_rate_limit_schedule, GatewayArn=arn, BandwidthRateLimitIntervals=overlapping
    )
    assert code == "ValidationException"
    bgw.put_bandwidth_rate_limit_schedule(GatewayArn=arn, BandwidthRateLimitIntervals=[])
    assert bgw.get_bandwidth_rate_limit_schedule(GatewayArn=arn)["BandwidthRateLimitIntervals"] == []


def test_activation_keys(lab, bgw, vcenter):
    appliance = vcenter.running[0]

    def create(key, client=bgw):
        return client.create_gateway(ActivationKey=key, GatewayDisplayName="g", GatewayType="BACKUP_VM")

    assert refusal(create, "NOSUCH")[1] == "ActivationKeyNotFound"
    for region in (None, "", "eu-wset-1"):
        key = lab.aws.issue_key(appliance, region, "vpce-1.example")
        assert refusal(create, key)[1] == "ActivationKeyInvalid"
    assert create(key, lab.client("backup-gateway", region_name="us-east-1"))
    key = lab.aws.issue_key(appliance, "eu-west-1")
    public = create(key)["GatewayArn"]
    assert "VpcEndpoint" not in bgw.get_gateway(GatewayArn=public)["Gateway"]
    assert refusal(create, key)[1] == "ActivationKeyInvalid"
    key = lab.aws.issue_key(appliance, "eu-west-1")
    lab.world.ahead += 31 * 60
    assert refusal(create, key)[1] == "ActivationKeyExpired"


def test_last_seen_moves_only_while_the_path_is_open(lab, bgw, vcenter):
    arn = new_gateway(lab)

    def seen():
        return bgw.get_gateway(GatewayArn=arn)["Gateway"]["LastSeenTime"]

    first = seen()
    lab.physics.endpoint_closed = ["closed"]
    lab.world.ahead += 1000
    assert seen() == first
    lab.physics.endpoint_closed = []
    moved = seen()
    assert moved > first
    vcenter.running[0].powered_on = False
    lab.world.ahead += 1000
    assert seen() == moved
    vcenter.running.clear()
    assert seen() == moved


def test_an_update_takes_a_few_looks_in_which_the_gateway_is_silent(lab, bgw, vcenter):
    arn = new_gateway(lab)

    def look():
        return bgw.get_gateway(GatewayArn=arn)["Gateway"]

    first = look()
    assert refusal(bgw.update_gateway_software_now, GatewayArn=arn)[1] == "NoUpdate"
    lab.world.aws = lab.aws
    breaks.offer_update(lab.world, name="g1")
    breaks.deprecate_gateway(lab.world, name="g1")
    due = look()
    assert due["NextUpdateAvailabilityTime"] < due["LastSeenTime"] > due["DeprecationDate"]
    bgw.update_gateway_software_now(GatewayArn=arn)
    assert refusal(bgw.update_gateway_software_now, GatewayArn=arn)[1] == "GatewayUpdating"
    lab.world.switches["update_while_update"] = "accept"
    bgw.update_gateway_software_now(GatewayArn=arn)
    lab.world.ahead += 60
    looks = [look() for _turn in range(3)]
    assert [each["SoftwareVersion"] != first["SoftwareVersion"] for each in looks] == [False, False, True]
    assert [each["LastSeenTime"] > due["LastSeenTime"] for each in looks] == [False, False, True]
    assert looks[-1]["NextUpdateAvailabilityTime"] > looks[-1]["LastSeenTime"] < looks[-1]["DeprecationDate"]


def test_duplicates_and_pages(lab, bgw, vcenter):
    arns = sorted(new_gateway(lab, number=number) for number in range(3))
    lab.world.switches["backup_gateway_page_size"] = 1
    pages = list(bgw.get_paginator("list_gateways").paginate())
    assert len(pages) == 3
    assert [gateway["GatewayArn"] for page in pages for gateway in page["Gateways"]] == arns
    lab.world.switches["duplicate_gateway_name"] = "refuse"
    assert error_code(new_gateway, lab) == "ValidationException"
    new_hypervisor(lab)
    assert error_code(new_hypervisor, lab, Host="other.example") == "ConflictException"
    lab.world.switches["duplicate_hypervisor"] = "second"
    new_hypervisor(lab)
    assert len(bgw.list_hypervisors()["Hypervisors"]) == 1
    assert len(bgw.get_paginator("list_hypervisors").paginate().build_full_result()["Hypervisors"]) == 2


def test_association(lab, bgw, vcenter):
    gateway, hypervisor = linked(lab)
    pair = {"GatewayArn": gateway, "ServerArn": hypervisor}
    assert bgw.get_gateway(GatewayArn=gateway)["Gateway"]["HypervisorId"] == hypervisor.rpartition("/")[2]
    lab.world.switches["hypervisor_id_form"] = "arn"
    assert bgw.list_gateways()["Gateways"][0]["HypervisorId"] == hypervisor
    assert error_code(bgw.associate_gateway_to_server, **pair) == "ConflictException"
    lab.world.switches["associate_twice"] = "accept"
    bgw.associate_gateway_to_server(**pair)
    assert error_code(bgw.delete_hypervisor, HypervisorArn=hypervisor) == "ConflictException"
    lab.world.switches["delete_associated_gateway"] = "refuse"
    assert error_code(bgw.delete_gateway, GatewayArn=gateway) == "ValidationException"
    bgw.disassociate_gateway_from_server(GatewayArn=gateway)
    assert error_code(bgw.disassociate_gateway_from_server, GatewayArn=gateway) == "ConflictException"
    bgw.delete_hypervisor(HypervisorArn=hypervisor)
    assert refusal(look, bgw, hypervisor)[:2] == ("ResourceNotFoundException", "HypervisorNotFound")
    assert error_code(bgw.associate_gateway_to_server, **pair) == "ValidationException"


def test_states_of_a_hypervisor(lab, bgw, vcenter):
    hypervisor = new_hypervisor(lab)
    assert look(bgw, hypervisor)["State"] == "PENDING"
    gateway = new_gateway(lab)
    bgw.associate_gateway_to_server(GatewayArn=gateway, ServerArn=hypervisor)
    assert look(bgw, hypervisor)["State"] == "ONLINE"
    lab.physics.management_closed = "no rule"
    assert look(bgw, hypervisor)["State"] == "OFFLINE"
    lab.physics.management_closed = None
    bgw.update_hypervisor(HypervisorArn=hypervisor, Host="nowhere.example")
    assert look(bgw, hypervisor)["State"] == "OFFLINE"
    lab.world.sddcs["sddc-a"].vmc = {"resource_config": {"vc_url": "https://vc.sddc.example/"}}
    bgw.update_hypervisor(HypervisorArn=hypervisor, Host="vc.sddc.example")
    assert look(bgw, hypervisor)["State"] == "ONLINE"
    bgw.update_hypervisor(HypervisorArn=hypervisor, Password="wrong")
    assert {look(bgw, hypervisor)["State"] for _turn in range(10)} == {"ERROR"}
    assert vcenter.bad_logins == 1
    lab.world.ahead += 301
    look(bgw, hypervisor)
    assert vcenter.bad_logins == 2
    bgw.update_hypervisor(HypervisorArn=hypervisor, Password=PASSWORD)
    assert bgw.list_hypervisors()["Hypervisors"][0]["State"] == "ONLINE"
    lab.physics.endpoint_closed = ["closed"]
    assert look(bgw, hypervisor)["State"] == "PENDING"


def test_test_hypervisor_configuration(lab, bgw, vcenter):
    asked = {"GatewayArn": new_gateway(lab), "Host": "127.70.16.4", "Username": "u@example", "Password": PASSWORD}
    bgw.test_hypervisor_configuration(**asked)
    assert [call.kind for call in lab.world.journal if call.operation.startswith("Test")] == ["write"]
    other_sddc = {**asked, "Host": "127.70.32.4"}
    code, finer, message = refusal(bgw.test_hypervisor_configuration, **other_sddc)
    assert (code, finer) == ("ValidationException", "HostUnreachable") and "cannot connect" in message
    wrong = {**asked, "Password": "wrong"}
    for _turn in range(5):
        code, finer, message = refusal(bgw.test_hypervisor_configuration, **wrong)
        assert (code, finer) == ("ValidationException", "InvalidCredentials") and "incorrect" in message
    assert "locked" in refusal(bgw.test_hypervisor_configuration, **asked)[2]
    vcenter.running.clear()
    assert refusal(bgw.test_hypervisor_configuration, **asked)[1] == "GatewayNotConnected"


def synced(bgw, hypervisor):
    seen = []
    for _turn in range(6):
        seen.append(look(bgw, hypervisor).get("LatestMetadataSyncStatus"))
        if seen[-1] not in ("CREATED", "RUNNING"):
            return seen
    raise AssertionError(seen)


def test_sync_and_mappings(lab, bgw, vcenter):
    _unused, hypervisor = linked(lab)
    assert synced(bgw, hypervisor) == ["CREATED", "RUNNING", "SUCCEEDED"]
    assert look(bgw, hypervisor)["LastSuccessfulMetadataSyncTime"]
    found = {one["Name"]: one for one in bgw.list_virtual_machines(HypervisorArn=hypervisor)["VirtualMachines"]}
    assert set(found) == {"web_01", "db.01"} and found["web_01"]["Path"] == "/dc/vm/folder"
    arn = found["web_01"]["ResourceArn"]
    detail = bgw.get_virtual_machine(ResourceArn=arn)["VirtualMachine"]
    assert detail["VmwareTags"][0]["VmwareTagName"] == "gold"

    def tags():
        return {tag["Key"]: tag["Value"] for tag in bgw.list_tags_for_resource(ResourceArn=arn)["Tags"]}

    assert tags() == {"aws:backup-gateway:path": "/dc/vm/folder"}
    assert error_code(bgw.untag_resource, ResourceARN=arn, TagKeys=list(tags())) == "ValidationException"
    iam = lab.client("iam")
    half = json.dumps(ROLE).replace("backup.amazonaws.com", "ec2.amazonaws.com")
    role = iam.create_role(RoleName="AWSBackupSync", AssumeRolePolicyDocument=half)["Role"]["Arn"]
    asked = {"HypervisorArn": hypervisor, "VmwareToAwsTagMappings": [MAPPING], "IamRoleArn": role}
    code, _unused, message = refusal(bgw.put_hypervisor_property_mappings, **asked)
    assert code == "AccessDeniedException" and "backup.amazonaws.com" in message
    iam.update_assume_role_policy(RoleName="AWSBackupSync", PolicyDocument=json.dumps(ROLE))
    bgw.put_hypervisor_property_mappings(**asked)
    assert bgw.get_hypervisor_property_mappings(HypervisorArn=hypervisor)["VmwareToAwsTagMappings"] == [MAPPING]
    assert "plan" not in tags()
    bgw.start_virtual_machines_metadata_sync(HypervisorArn=hypervisor)
    assert synced(bgw, hypervisor)[-1] == "SUCCEEDED"
    assert tags()["plan"] == "daily"
    vcenter.machines[0].update(path="/dc/vm/elsewhere", tags=[])
    del vcenter.machines[1]
    bgw.start_virtual_machines_metadata_sync(HypervisorArn=hypervisor)
    synced(bgw, hypervisor)
    assert tags() == {"aws:backup-gateway:path": "/dc/vm/folder"}
    left = bgw.list_virtual_machines()["VirtualMachines"]
    assert [(one["Name"], one["Path"]) for one in left] == [("web_01", "/dc/vm/elsewhere")]
    lab.physics.management_closed = "no rule"
    bgw.start_virtual_machines_metadata_sync(HypervisorArn=hypervisor)
    assert synced(bgw, hypervisor)[-1] == "FAILED"
    elsewhere = hypervisor[:-4] + "0000"
    missing = refusal(bgw.put_hypervisor_property_mappings, **{**asked, "HypervisorArn": elsewhere})
    assert missing[:2] == ("ValidationException", "OutdatedGateway")
    assert error_code(bgw.get_hypervisor_property_mappings, HypervisorArn=elsewhere) == "ResourceNotFoundException"


def test_an_import_again_gives_new_arns_or_the_same(lab, bgw, vcenter):
    def arns():
        _unused, hypervisor = linked(lab)
        synced(bgw, hypervisor)
        found = {one["ResourceArn"] for one in bgw.list_virtual_machines()["VirtualMachines"]}
        lab.world.switches["delete_hypervisor_with_gateways"] = "allow"
        bgw.delete_hypervisor(HypervisorArn=hypervisor)
        return found

    assert not arns() & arns()
    lab.world.switches["reimport_vm_arns"] = "same"
    assert arns() == arns()


def test_the_key_of_the_credentials(lab, bgw, vcenter):
    kms = lab.client("kms")
    missing = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    assert error_code(new_hypervisor, lab, KmsKeyArn=missing) == "AccessDeniedException"
    key = kms.create_key()["KeyMetadata"]["Arn"]
    hypervisor = new_hypervisor(lab, KmsKeyArn=key)
    assert look(bgw, hypervisor)["KmsKeyArn"] == key
    assert len(kms.list_grants(KeyId=key)["Grants"]) == 1
    bgw.delete_hypervisor(HypervisorArn=hypervisor)
    assert kms.list_grants(KeyId=key)["Grants"] == []


@pytest.mark.parametrize(
    ("call", "wrong", "words"),
    [
        ("ImportHypervisorConfiguration", {"Name": "a.b", "Host": "127.70.16.4"}, "regular expression"),
        ("ImportHypervisorConfiguration", {"Name": "a", "Host": "h"}, "length greater than"),
        ("ImportHypervisorConfiguration", {"Name": "a"}, "must not be null"),
        ("ImportHypervisorConfiguration", {"Name": "a", "Host": "127.70.16.4", "Port": 1}, "Unknown member 'Port'"),
        ("ImportHypervisorConfiguration", {"Name": "a", "Host": "127.70.16.4", "Username": "D\\u"}, "'username'"),
        ("CreateGateway", {"ActivationKey": "A", "GatewayDisplayName": "g", "GatewayType": "X"}, "enum value set"),
        ("ListGateways", {"MaxResults": "3"}, "type integer"),
    ],
)
def test_requests_are_checked_against_the_model(lab, call, wrong, words):
    client = boto3.client("backup-gateway", **lab.access)
    client.meta.events.register("before-call", lambda params, **kwargs: params.update(body=json.dumps(wrong).encode()))
    client.meta.events.register(
        "before-call",
        lambda params, **kwargs: params["headers"].update({"X-Amz-Target": f"BackupOnPremises_v20210101.{call}"}),
    )
    code, _unused, message = refusal(client.list_gateways)
    assert code == "ValidationException" and words in message
    assert "D\\u" not in message


def test_an_unknown_operation(lab, bgw):
    bgw.meta.events.register(
        "before-call",
        lambda params, **kwargs: params["headers"].update({"X-Amz-Target": "BackupOnPremises_v20210101.Fly"}),
    )
    assert error_code(bgw.list_gateways) == "UnknownOperationException"
    assert [(call.operation, call.kind) for call in lab.world.journal] == [("Fly", "unknown")]


def test_region_settings(lab):
    backup = lab.client("backup")

    def opted():
        return backup.describe_region_settings()["ResourceTypeOptInPreference"]

    assert opted()["VirtualMachine"] is True and opted()["Storage Gateway"] is True
    backup.update_region_settings(ResourceTypeOptInPreference={**opted(), "VirtualMachine": False})
    assert opted()["VirtualMachine"] is False and len(opted()) > 10
    backup.update_region_settings(ResourceTypeOptInPreference={"EBS": False})
    assert [name for name, on in opted().items() if not on] == ["EBS"]
    lab.world.switches["region_settings"] = "merge"
    backup.update_region_settings(ResourceTypeOptInPreference={"RDS": False})
    assert [name for name, on in opted().items() if not on] == ["EBS", "RDS"]
    lab.world.switches["region_settings"] = "replace"
    backup.update_region_settings(ResourceTypeOptInPreference={"VirtualMachine": True})
    assert [name for name, on in opted().items() if on] == ["VirtualMachine"] and len(opted()) > 10
    lab.world.switches["region_types_refused"] = "Neptune"
    refused = {"ResourceTypeOptInPreference": {**opted(), "EBS": True}}
    assert error_code(backup.update_region_settings, **refused) == "InvalidParameterValueException"
    assert "Neptune" in opted()
    for preference, unknown in (
        ("ResourceTypeOptInPreference", "Nothing"),
        ("ResourceTypeManagementPreference", "EBS"),
    ):
        wrong = {preference: {unknown: True}}
        assert error_code(backup.update_region_settings, **wrong) == "InvalidParameterValueException"


def test_reset(lab, bgw, vcenter):
    new_gateway(lab)
    lab.aws.reset()
    assert bgw.list_gateways()["Gateways"] == []
    lab.aws.seed(opt_in=False)
    settings = lab.client("backup").describe_region_settings()
    assert settings["ResourceTypeOptInPreference"]["VirtualMachine"] is False
