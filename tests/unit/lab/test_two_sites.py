# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two SDDCs of one management network in one VPC: what tells them apart, what is mixed up, and what is left of one that is gone."""

from __future__ import annotations

import boto3
import pytest
import requests
import yaml
from pyVim.connect import Disconnect
from pyVmomi import vim
from unit.lab.test_server import Lab, command
from unit.lab.vsphere_client import deploy, done, named

SITE = "vmc-aws-backup-site"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    directory = tmp_path_factory.mktemp("sites")
    started = command(directory, "up", "--sddcs", "2", "--vms", "1", "--one-management")
    assert started.returncode == 0, started.stderr
    yield directory
    assert command(directory, "down").returncode == 0


@pytest.fixture
def lab(running):
    lab = Lab(running)
    lab.ask("POST", "reset")
    return lab


@pytest.fixture
def session(lab):
    session = lab.vcenter()
    yield session
    Disconnect(session)


@pytest.fixture
def appliance(session):
    machine = deploy(session, "appliance-1")
    done(machine.PowerOnVM_Task())
    marks = {"vmc-aws-backup.gateway": "arn:of-a-gateway", "vmc-aws-backup.site": "a", "vmc-aws-backup.entry": "b"}
    options = [vim.option.OptionValue(key=key, value=value) for key, value in marks.items()]
    done(machine.ReconfigVM_Task(vim.vm.ConfigSpec(extraConfig=options)))
    return machine


def aws(lab, service):
    keys = {"aws_access_key_id": lab.at["access_key"], "aws_secret_access_key": lab.at["secret_key"]}
    return boto3.client(service, region_name=lab.at["region"], endpoint_url=lab.at["aws"], **keys)


def vmc(lab, path):
    token = requests.post(
        f"{lab.at['csp']}/csp/gateway/am/api/auth/api-tokens/authorize",
        data={"api_token": lab.at["api_token"]},
        verify=lab.at["ca"],
        timeout=10,
    ).json()["access_token"]
    url = f"{lab.at['vmc']}/vmc/api/orgs/{lab.at['org_id']}/{path}"
    return requests.get(url, headers={"csp-auth-token": token}, verify=lab.at["ca"], timeout=10)


@pytest.fixture
def endpoint(lab):
    """An endpoint of the connected VPC with a security group of its own; its id."""
    ec2, connected = aws(lab, "ec2"), lab.ask("GET", "state")["sddcs"][0]["connected_vpc"]
    group = ec2.create_security_group(GroupName="a", Description="a", VpcId=connected["vpc_id"])["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    source = {"CidrIp": "127.0.0.1/32", "Description": "of an appliance"}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**rule, "IpRanges": [source]}])
    ec2.create_tags(Resources=[group], Tags=[{"Key": "managed-by", "Value": "vmc-aws-backup"}])
    ec2.create_tags(Resources=[group], Tags=[{"Key": SITE, "Value": "a"}])
    return ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=connected["vpc_id"],
        ServiceName="com.amazonaws.eu-west-1.backup-gateway",
        SubnetIds=[connected["subnet_id"]],
        SecurityGroupIds=[group],
        PrivateDnsEnabled=False,
    )["VpcEndpoint"]["VpcEndpointId"]


def described(lab, endpoint):
    return aws(lab, "ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]


def test_they_share_a_vpc_and_what_they_tell_of_their_management_network(lab):
    first, second = lab.ask("GET", "state")["sddcs"]
    assert first["connected_vpc"]["vpc_id"] == second["connected_vpc"]["vpc_id"]
    documents = [vmc(lab, f"sddcs/{one['id']}").json()["resource_config"] for one in (first, second)]
    assert len({document["vc_management_ip"] for document in documents}) == 1
    assert len({document["vc_url"] for document in documents}) == 2
    hosts = yaml.safe_load((lab.directory / "inventory.yml").read_text())["all"]["children"]["vmc_sddcs"]["hosts"]
    assert hosts["sddc-1"]["vmc_backup_vcenter_hostname"] != hosts["sddc-2"]["vmc_backup_vcenter_hostname"]


def test_the_control_node_reaches_each_vcenter_by_its_own_rule(lab):
    lab.apply("drop_rule", rule="control-node-to-vcenter", sddc="sddc-2")
    assert lab.vcenter(0).CurrentTime()
    with pytest.raises(requests.Timeout):
        address = lab.at["sddcs"][1]["vcenter"]["hostname"]
        requests.get(f"https://{address}:9443/sdk", verify=lab.at["ca"], timeout=1)


def test_each_vcenter_has_an_instance_uuid_of_its_own_that_a_reset_leaves_and_a_deployment_does_not(lab):
    def uuids():
        sessions = [lab.vcenter(number) for number in (0, 1)]
        return [session.content.about.instanceUuid for session in sessions]

    first = uuids()
    assert len(set(first)) == 2
    assert first == [one["vcenter_instance_uuid"] for one in lab.ask("GET", "state")["sddcs"]]
    lab.ask("POST", "reset")
    assert uuids() == first
    lab.apply("redeploy_sddc", sddc="sddc-2")
    assert (uuids()[0], uuids()[1] == first[1]) == (first[0], False)


def copies(lab, session, name):
    """The machines of that name: their folders, UUIDs, power and marks."""
    view = session.content.viewManager.CreateContainerView(session.content.rootFolder, [vim.VirtualMachine], True)
    found = [machine for machine in view.view if machine.name == name]
    view.DestroyView()
    return {
        machine.parent.name: (
            machine.config.instanceUuid,
            machine.runtime.powerState,
            {option.key: option.value for option in machine.config.extraConfig if "vmc-aws" in option.key},
        )
        for machine in found
    }


def test_a_copy_has_the_marks_of_the_appliance_and_a_uuid_of_its_own(lab, session, appliance):
    files = [
        one.backing.fileName for one in appliance.config.hardware.device if isinstance(one, vim.vm.device.VirtualDisk)
    ]
    lab.apply("clone_appliance")
    found = copies(lab, session, "appliance-1")
    assert set(found) == {"Workloads", "Templates"}
    first, copied = found["Workloads"], found["Templates"]
    assert (first[1], copied[1], copied[2]) == ("poweredOn", "poweredOff", first[2])
    assert (first[0] == copied[0], first[2]["vmc-aws-backup.gateway"]) == (False, "arn:of-a-gateway")
    assert len(lab.ask("GET", "state")["sddcs"][0]["appliances"]) == 2
    still = [
        one.backing.fileName for one in appliance.config.hardware.device if isinstance(one, vim.vm.device.VirtualDisk)
    ]
    assert still == files

    lab.apply("clone_appliance", name="appliance-1", to="another", folder="Workloads")
    assert set(copies(lab, session, "another")) == {"Workloads"}
    lab.apply("delete_appliance", name="appliance-1", folder="Templates")
    assert set(copies(lab, session, "appliance-1")) == {"Workloads"}


def test_an_appliance_can_be_renamed_moved_and_restored(lab, session, appliance):
    uuid = appliance.config.instanceUuid
    lab.apply("rename_appliance", to="renamed")
    lab.apply("move_machine", machine="renamed", folder="Templates")
    assert copies(lab, session, "renamed")["Templates"][0] == uuid
    lab.apply("restore_appliance", gateway_arn="arn:of-an-earlier-one")
    ((folder, (restored, power, marks)),) = copies(lab, session, "renamed").items()
    assert (folder, power, restored == uuid) == ("Templates", "poweredOff", False)
    assert marks["vmc-aws-backup.gateway"] == "arn:of-an-earlier-one"


def test_gateways_of_others_and_new_names_are_seen_in_their_account(lab, endpoint):
    lab.apply("plant_gateway", site="another-site")
    lab.apply("plant_gateway", account="other")
    client = aws(lab, "backup-gateway")
    (gateway,) = client.list_gateways()["Gateways"]
    assert client.get_gateway(GatewayArn=gateway["GatewayArn"])["Gateway"]["VpcEndpoint"].startswith(endpoint)
    tags = client.list_tags_for_resource(ResourceArn=gateway["GatewayArn"])["Tags"]
    assert {"Key": SITE, "Value": "another-site"} in tags
    lab.apply("rename_gateway", name="theirs", to="renamed")
    assert [one["GatewayDisplayName"] for one in client.list_gateways()["Gateways"]] == ["renamed"]


def test_the_endpoint_gets_other_tags_and_groups(lab, endpoint):
    lab.apply("tag_endpoint", key="Name", value="of somebody")
    lab.apply("attach_group", site="another-site")
    found = described(lab, endpoint)
    assert {"Key": "Name", "Value": "of somebody"} in found["Tags"]
    assert len(found["Groups"]) == 2
    lab.apply("tag_endpoint", key="Name")
    assert described(lab, endpoint)["Tags"] == []


def test_what_version_0_1_0_did_not_write_is_gone_and_the_rest_is_there(lab, session, appliance, endpoint):
    lab.apply("plant_gateway", site="a")
    lab.apply("tag_endpoint", key="vmc-aws-backup-user:a", value="a")
    lab.apply("tag_endpoint", key="Name", value="kept")
    lab.apply("copy_object", path="/infra/domains/mgw/groups/control-node", to="copied", site="a")
    lab.apply("as_0_1_0")
    client = aws(lab, "backup-gateway")
    arn = client.list_gateways()["Gateways"][0]["GatewayArn"]
    owned = [{"Key": "managed-by", "Value": "vmc-aws-backup"}]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == owned
    found = described(lab, endpoint)
    assert found["Tags"] == [{"Key": "Name", "Value": "kept"}]
    group = aws(lab, "ec2").describe_security_groups(GroupIds=[found["Groups"][0]["GroupId"]])["SecurityGroups"][0]
    assert (group["Tags"], group["IpPermissions"][0]["IpRanges"]) == (owned, [{"CidrIp": "127.0.0.1/32"}])
    assert lab.ask("GET", "world")["sddcs"]["sddc-1"]["nsx"]["/infra/domains/mgw/groups/copied"]["tags"] == []
    marks = copies(lab, session, "appliance-1")["Workloads"][2]
    assert marks["vmc-aws-backup.gateway"] == "arn:of-a-gateway"
    assert not {"vmc-aws-backup.site", "vmc-aws-backup.entry"} & set(marks)


@pytest.mark.parametrize("answer", ["deleted", "404"])
def test_of_an_sddc_that_was_deleted_only_vmware_cloud_knows(lab, answer):
    lab.ask("POST", "switches", deleted_sddc=answer)
    first, second = lab.ask("GET", "state")["sddcs"]
    lab.apply("delete_sddc", sddc="sddc-1")
    told = vmc(lab, f"sddcs/{first['id']}")
    assert told.status_code == (404 if answer == "404" else 200)
    assert answer == "404" or told.json()["sddc_state"] == "DELETED"
    assert [one["id"] for one in vmc(lab, "sddcs").json()] == [second["id"]]
    for url in (lab.sddc["nsx"], f"https://{lab.sddc['vcenter']['hostname']}:9443/sdk"):
        with pytest.raises(requests.ConnectionError):
            requests.get(url, verify=lab.at["ca"], timeout=5)
    assert lab.vcenter(1).CurrentTime()
    connected = second["connected_vpc"]
    routes = aws(lab, "ec2").describe_route_tables(RouteTableIds=[connected["route_table_id"]])
    assert not set(first["connected_vpc"]["routes"]) & {
        route["DestinationCidrBlock"] for route in routes["RouteTables"][0]["Routes"]
    }


def test_an_sddc_that_was_deployed_anew_is_another_one_in_the_same_place(lab, session):
    deploy(session, "appliance-1")
    before = lab.ask("GET", "state")["sddcs"][0]
    lab.apply("redeploy_sddc", sddc="sddc-1")
    after = lab.ask("GET", "state")["sddcs"][0]
    assert (before["name"], before["connected_vpc"]["vpc_id"]) == (after["name"], after["connected_vpc"]["vpc_id"])
    assert before["id"] != after["id"] and before["nsx_url"] != after["nsx_url"]
    assert (len(before["appliances"]), after["appliances"]) == (1, [])
    assert vmc(lab, f"sddcs/{before['id']}").json()["sddc_state"] == "DELETED"
    assert vmc(lab, f"sddcs/{after['id']}").json()["sddc_state"] == "READY"
    assert named(lab.vcenter(), vim.VirtualMachine, "workload-01") is not None
    lab.ask("POST", "reset")
    assert lab.ask("GET", "state")["sddcs"][0]["id"] == before["id"]


def test_a_rule_and_a_group_are_copied_with_the_mark_of_another_site(lab):
    rules = "/infra/domains/mgw/gateway-policies/default/rules"
    lab.apply("copy_object", path=f"{rules}/control-node-to-vcenter", to="copied", site="another-site")
    lab.apply("copy_object", path="/infra/domains/mgw/groups/control-node", to="copied")
    nsx = lab.ask("GET", "world")["sddcs"]["sddc-1"]["nsx"]
    assert nsx[f"{rules}/copied"]["tags"] == [{"scope": SITE, "tag": "another-site"}]
    assert nsx[f"{rules}/copied"]["source_groups"] == nsx[f"{rules}/control-node-to-vcenter"]["source_groups"]
    assert nsx["/infra/domains/mgw/groups/copied"]["expression"][0]["ip_addresses"] == ["127.0.0.1/32"]


def test_who_was_isolated_can_be_released(lab):
    section = "/infra/domains/cgw/security-policies/quarantine"
    lab.apply("isolate", address="127.0.0.9", to="127.0.0.8")
    assert section in lab.ask("GET", "world")["sddcs"]["sddc-1"]["nsx"]
    assert lab.apply("release")["done"] == "nobody is isolated"
    assert not any(section in path for path in lab.ask("GET", "world")["sddcs"]["sddc-1"]["nsx"])
