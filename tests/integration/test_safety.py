# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused, what is left alone, and what is said: each world is one in which a careless play would do harm."""

from __future__ import annotations

import json

import certifi
import pytest
import yaml
from modules import Modules
from rehearsal import Lab

pytestmark = pytest.mark.proof

SITE = "playbooks/site.yml"
NOT_OFFERED = "eu-central-2"  # by the service model of botocore, which the lab goes by
REPLACE = "playbooks/replace_gateway.yml"
ROTATE = "playbooks/rotate_credentials.yml"
TEARDOWN = "playbooks/teardown.yml"
OLD, NEW = "sddc-1-cluster-1-1", "sddc-1-cluster-1-2"
IMPATIENT = {"registration_activation_timeout": 60, "registration_online_timeout": 60, "registration_boot_timeout": 90}
CONFIRMED = {"vmc_backup_teardown_confirm": "sddc-1"}
NAMED = {"vmc_backup_rotate_confirm": "sddc-1"}
LEFT_OPEN = "/infra/domains/cgw/gateway-policies/default/rules/sddc-1-activation"


@pytest.fixture
def modules(lab):
    return Modules(lab)


def rules(lab, domain):
    prefix = f"/infra/domains/{domain}/gateway-policies/default/rules/"
    found = lab.world()["sddcs"]["sddc-1"]["nsx"]
    return {path.removeprefix(prefix): body for path, body in found.items() if path.startswith(prefix)}


def registered(lab):
    """The names of the gateways, and the states of the hypervisors."""
    client = lab.aws("backup-gateway")
    gateways = [gateway["GatewayDisplayName"] for gateway in client.list_gateways()["Gateways"]]
    return gateways, [hypervisor["State"] for hypervisor in client.list_hypervisors()["Hypervisors"]]


def words(run):
    """The output as one line: Ansible breaks long messages."""
    return " ".join(run.output.split())


def logins(lab):
    return [call for call in lab.journal() if call["operation"] == "Login" and call["service"] == "vcenter"]


# A world that is only prepared


def test_a_wrong_password_of_vcenter_is_tried_once_and_ends_the_play(lab):
    run = lab.play(SITE, vmc_backup_vcenter_password="not the password")
    assert run.returncode != 0
    assert "is not ready" in run.output and "vCenter:" in run.output
    assert len(logins(lab)) == 1
    assert lab.journal("write") == []


def test_all_that_would_harm_is_told_at_once_before_anything_is_written(lab, modules):
    connected = lab.sddcs()[0]["connected_vpc"]
    subnets = lab.aws("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [connected["vpc_id"]]}])["Subnets"]
    # VMware's account calls the SDDC's zone so; in the customer's account another zone has that name.
    names = modules.done("vmc_sddc_info")["sddcs"][0]["availability_zones"]
    elsewhere = [one for one in subnets if one["AvailabilityZone"] in names]
    assert connected["availability_zone"] not in names
    run = lab.play(
        SITE,
        vmc_backup_control_addresses=["10.0.0.0/8"],
        vmc_backup_segment="no-such-segment",
        prerequisites_segment="check",
        vmc_backup_subnet_ids=[elsewhere[0]["SubnetId"]],
    )
    assert run.returncode != 0
    assert "10.0.0.0/8, which is more than one address" in run.output
    assert "Segment: there is no no-such-segment" in run.output
    assert f"the SDDC is in {connected['availability_zone_id']}" in run.output
    assert lab.journal("write") == []


def test_a_region_without_the_service_is_told_before_anything_is_written(lab):
    run = lab.play(SITE, vmc_backup_aws_region=NOT_OFFERED)
    assert run.returncode != 0
    assert f"Region: {NOT_OFFERED} does not offer com.amazonaws.{NOT_OFFERED}.backup-gateway." in words(run)
    assert lab.journal("write") == []


def test_the_firewall_is_not_opened_to_an_endpoint_that_is_not_there(lab):
    preview = lab.play(SITE, "--check", "--tags", "firewall")
    assert preview.returncode == 0, preview.output
    run = lab.play(SITE, "--tags", "firewall")
    assert run.returncode != 0
    assert "There is no endpoint yet: the tag endpoint makes it." in run.output
    assert lab.journal("write") == []


@pytest.mark.parametrize("module", ["vmc_sddc_info", "nsx_group_info", "gateway_appliance_info"])
def test_a_certificate_of_an_unknown_authority_is_refused(lab, modules, module):
    domain = {"domain": "mgw"} if module == "nsx_group_info" else {}
    result = modules.run(module, ca_bundle=certifi.where(), **domain)
    assert result["failed"] and "certificate" in result["msg"].lower()


def test_the_passwords_in_the_sddc_s_document_are_not_told(modules):
    """The document has cloud_password and those of two users of NSX."""
    told = json.dumps(modules.done("vmc_sddc_info")["sddcs"])
    assert "password" not in told


def test_an_endpoint_of_others_is_neither_taken_over_nor_doubled(lab, modules):
    connected = lab.sddcs()[0]["connected_vpc"]
    group = modules.done("backup_security_group", name="a", vpc_id=connected["vpc_id"], cidr_ips=["10.0.0.1/32"])
    asked = {"vpc_id": connected["vpc_id"], "subnet_ids": [connected["subnet_id"]], "security_group_ids": ["a"]}
    theirs = lab.aws("ec2").create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=connected["vpc_id"],
        ServiceName="com.amazonaws.eu-west-1.backup-gateway",
        SubnetIds=asked["subnet_ids"],
        SecurityGroupIds=[group["security_group"]["group_id"]],
        PrivateDnsEnabled=False,
    )["VpcEndpoint"]["VpcEndpointId"]
    before = len(lab.journal("write"))
    for check_mode in (True, False):
        refused = modules.run("vpce_backup", check_mode=check_mode, **asked)
        assert refused["failed"] and theirs in refused["msg"]
    assert len(lab.journal("write")) == before
    adopted = modules.done("vpce_backup", vpc_endpoint_id=theirs, adopt=True, **asked)
    assert adopted["vpc_endpoint"]["vpc_endpoint_id"] == theirs


def test_a_deleted_endpoint_is_not_taken_for_the_new_one(lab, modules):
    connected = lab.sddcs()[0]["connected_vpc"]
    modules.done("backup_security_group", name="a", vpc_id=connected["vpc_id"], cidr_ips=["10.0.0.1/32"])
    asked = {"vpc_id": connected["vpc_id"], "subnet_ids": [connected["subnet_id"]], "security_group_ids": ["a"]}
    first = modules.done("vpce_backup", **asked)["vpc_endpoint"]
    lab.break_("delete_endpoint")
    second = modules.done("vpce_backup", **asked)["vpc_endpoint"]
    assert (second["state"], second["vpc_endpoint_id"] == first["vpc_endpoint_id"]) == ("available", False)


def test_an_endpoint_lies_in_both_zones_of_a_stretched_sddc_and_never_beside_the_witness(lab, modules):
    """By the names in the SDDC's document it would lie beside the witness."""
    lab.switch(stretched_connections=1, witness_zone_listed=True)
    lab.break_("stretch")
    run = lab.play(SITE, "--tags", "prerequisites,endpoint")
    assert run.returncode == 0, run.output
    connected = lab.sddcs()[0]["connected_vpc"]
    both = sorted([connected["availability_zone_id"], connected["further_subnets"][0]["availability_zone_id"]])
    endpoint = modules.done("vpce_backup_info", vpc_id=connected["vpc_id"])["vpc_endpoints"][0]
    assert endpoint["availability_zone_ids"] == both
    assert "outside the availability zones" not in words(run)

    told = lab.play(SITE, "--tags", "prerequisites", vmc_backup_subnet_ids=connected["subnet_ids"])
    assert told.returncode == 0, told.output
    beside = [one for one in connected["subnet_ids"] if one not in endpoint["subnet_ids"]]
    assert f"Cost: {beside[0]} in " in words(told)


def test_an_endpoint_of_a_cluster_that_is_not_stretched_lies_in_its_zone_only(lab, modules):
    lab.break_("stretch")
    lab.break_("add_cluster", zone="second")
    address = modules.variables["vmc_backup_appliances"][0]["addresses"][0]
    plan = [{"cluster": "Cluster-2", "addresses": [address]}]
    run = lab.play(SITE, "--tags", "prerequisites,endpoint", vmc_backup_appliances=plan)
    assert run.returncode == 0, run.output
    connected = lab.sddcs()[0]["connected_vpc"]
    endpoint = modules.done("vpce_backup_info", vpc_id=connected["vpc_id"])["vpc_endpoints"][0]
    assert endpoint["subnet_ids"] == [connected["further_subnets"][0]["id"]]


def test_each_cluster_gets_an_appliance_that_sees_its_disks_and_one_without_is_told(lab, modules):
    lab.break_("add_cluster", machines=2)
    plan = modules.variables["vmc_backup_appliances"]
    told = lab.play(SITE, "--tags", "prerequisites", "--check")
    assert told.returncode == 0, told.output
    assert "sees WorkloadDatastore (1) of Cluster-2 (virtual machines: 2), so that" in words(told)
    assert lab.journal("write") == []

    second = f"{plan[0]['addresses'][0].rpartition('.')[0]}.61"
    run = lab.play(SITE, vmc_backup_appliances=[*plan, {"cluster": "Cluster-2", "addresses": [second]}], **IMPATIENT)
    assert run.returncode == 0, run.output
    assert "none is planned where" not in words(run)
    shown = modules.done("gateway_appliance_info")["appliances"]
    assert [(one["cluster"], one["resource_pool"], one["datastore"]) for one in shown] == [
        ("Cluster-1", "Compute-ResourcePool", "WorkloadDatastore"),
        ("Cluster-2", "Compute-ResourcePool-2", "WorkloadDatastore (1)"),
    ]
    gateways = modules.done("backup_gateway_info")["gateways"]
    assert len({one["hypervisor"] for one in gateways}) == 1 and gateways[0]["hypervisor"]
    assert lab.sddcs()[0]["out_of_reach"] == []


# A world that site.yml has made, on the lab of one worker; each test leaves it to the next


class Made:
    """What site.yml made, and how to run plays on it with a second address planned or another password known."""

    def __init__(self, lab, directory):
        self.lab = lab
        self.modules = Modules(lab)
        self.foreign = rules(lab, "mgw")
        address = self.modules.variables["vmc_backup_appliances"][0]["addresses"][0]
        self.addresses = [address, f"{address.rpartition('.')[0]}.61"]
        self.inventory = directory / "more.yml"
        self.plan()
        self.password = self.modules.variables["vmc_backup_vcenter_password"]

    def plan(self, *addresses):
        entry = {"cluster": "Cluster-1", "addresses": list(addresses or self.addresses[:1])}
        self.inventory.write_text(yaml.safe_dump({"all": {"hosts": {"sddc-1": {"vmc_backup_appliances": [entry]}}}}))

    def play(self, playbook, *arguments, **extra):
        extra = {"vmc_backup_vcenter_password": self.password, **IMPATIENT, **extra}
        return self.lab.play(playbook, "-i", str(self.inventory), *arguments, **extra)

    def refused(self, playbook, *arguments, **extra):
        """The play fails and writes nothing."""
        before = len(self.lab.journal("write"))
        run = self.play(playbook, *arguments, **extra)
        assert run.returncode != 0
        assert self.lab.journal("write")[before:] == []
        return run.output


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    directory = tmp_path_factory.mktemp("safety")
    lab = Lab(directory / "lab")
    lab.up()
    world = Made(lab, directory)
    world.modules.done(
        "nsx_cgw_rule",
        id="sddc-1-activation",
        source_groups=["127.0.0.1/32"],
        destination_groups=["ANY"],
        services=["ANY"],
        scope=["/infra/labels/cgw-all"],
        action="ALLOW",
    )
    assert "sddc-1-activation" in rules(lab, "cgw")
    run = world.play(SITE)
    assert run.returncode == 0, run.output
    yield world
    lab.down()


in_turn = pytest.mark.xdist_group("safety")


@in_turn
def test_the_port_of_a_killed_run_is_closed_and_the_rules_of_others_are_as_they_were(made):
    assert "sddc-1-activation" not in rules(made.lab, "cgw")
    found = rules(made.lab, "mgw")
    assert {name: found[name] for name in made.foreign} == made.foreign


@in_turn
def test_an_appliance_and_its_gateway_know_each_other(made):
    appliance = made.modules.done("gateway_appliance_info")["appliances"][0]
    gateway = made.modules.done("backup_gateway_info")["gateways"][0]
    assert appliance["gateway_arn"] == gateway["gateway_arn"]
    assert gateway["instance_uuid"] == appliance["instance_uuid"]
    for asked in ({"state": "absent"}, {"powered_on": False}):
        refused = made.modules.run("gateway_appliance", name=OLD, **asked)
        assert refused["failed"] and gateway["gateway_arn"] in refused["msg"]


@in_turn
def test_teardown_is_refused_unless_the_host_is_named(made):
    assert "needs vmc_backup_teardown_confirm=sddc-1" in made.refused(TEARDOWN, vmc_backup_teardown_confirm="yes")


@in_turn
def test_nothing_is_torn_down_while_a_job_runs(made):
    made.lab.break_("running_job", machine="workload-02")
    for check in ((), ("--check",)):
        assert "jobs may run through it: backup" in made.refused(TEARDOWN, *check, **CONFIRMED)
    for asked in ({"state": "absent"}, {"hypervisor": ""}):
        refused = made.modules.run("backup_gateway", name=OLD, **asked)
        assert refused["failed"] and "workload-02 (RUNNING)" in refused["msg"]
    assert "workload-02" in made.modules.run("backup_hypervisor", name="sddc-1", state="absent")["msg"]
    made.lab.break_("end_jobs")


@in_turn
def test_no_appliance_is_restarted_while_a_job_may_run_through_its_gateway(made):
    made.lab.break_("running_job", machine="workload-02")
    wanted = {"appliance_num_cpus": 8, "appliance_allow_restart": True}
    output = " ".join(made.refused(SITE, "--tags", "appliance", **wanted).split())
    assert "jobs may run through it: backup" in output and "num_cpus is 4, wanted 8" in output
    made.lab.break_("end_jobs")
    run = made.play(SITE, "--tags", "appliance", **wanted)
    assert run.returncode == 0, run.output
    appliance = made.modules.done("gateway_appliance_info")["appliances"][0]
    assert (appliance["num_cpus"], appliance["powered_on"]) == (8, True)


@in_turn
def test_nothing_is_torn_down_while_a_customer_s_disk_hangs_on_an_appliance(made):
    made.lab.break_("hot_add_disk", machine="workload-03")
    output = made.refused(TEARDOWN, **CONFIRMED)
    assert "Disks of other virtual machines hang on" in output and "workload-03" in output
    for check_mode in (True, False):
        refused = made.modules.run("gateway_appliance", check_mode=check_mode, name=OLD, state="absent", gateway_arn="")
        assert refused["failed"] and "workload-03" in refused["msg"]
    made.lab.break_("detach_disks")


@in_turn
def test_credentials_are_rotated_with_one_test_and_proven_by_a_sync(made):
    client = made.lab.aws("backup-gateway")
    arn = client.list_hypervisors()["Hypervisors"][0]["HypervisorArn"]

    def tests():
        return len([call for call in made.lab.journal() if call["operation"] == "TestHypervisorConfiguration"])

    before = tests()
    assert "vmc_backup_new_hypervisor_password" in made.refused(ROTATE, **NAMED)
    assert tests() == before
    wrong = made.play(ROTATE, vmc_backup_new_hypervisor_password="not the password", **NAMED)
    assert wrong.returncode != 0 and "could not log in" in wrong.output
    assert tests() == before + 1
    assert registered(made.lab)[1] == ["ONLINE"]

    made.password = "Another-password-2026"
    made.lab.break_("change_vcenter_password", password=made.password)
    synced = client.get_hypervisor(HypervisorArn=arn)["Hypervisor"]["LastSuccessfulMetadataSyncTime"]
    run = made.play(ROTATE, vmc_backup_new_hypervisor_password=made.password, **NAMED)
    assert run.returncode == 0, run.output
    assert made.password not in run.output
    assert tests() == before + 2
    found = client.get_hypervisor(HypervisorArn=arn)["Hypervisor"]
    assert (found["State"], found["LatestMetadataSyncStatus"]) == ("ONLINE", "SUCCEEDED")
    assert found["LastSuccessfulMetadataSyncTime"] > synced
    made.modules.variables["vmc_backup_vcenter_password"] = made.password


@in_turn
def test_a_silent_gateway_is_never_in_sync(made):
    made.lab.break_("power_off_appliance")
    made.lab._call("clock", {"seconds": 1000})
    seen = made.modules.run("backup_gateway", check_mode=True, name=OLD)
    assert [(change["path"], change["effect"]) for change in seen["changes"]] == [("last_seen_time", "replace")]
    made.lab.break_("power_on_appliance")


@in_turn
def test_a_machine_that_was_restored_in_place_of_the_appliance_is_no_gateway_and_says_what_to_do(made):
    made.lab.break_("rebuild_appliance")
    run = made.play(SITE, "--tags", "registration")
    assert run.returncode != 0
    assert "would have to be replaced" in run.output and "vmc_backup_replace" in run.output
    assert registered(made.lab)[0] == [OLD]


@in_turn
def test_a_gateway_is_replaced_by_one_beside_it_and_only_by_that(made):
    assert "Add a second address" in made.refused(REPLACE, vmc_backup_replace=OLD)
    made.plan(*made.addresses)
    run = made.play(REPLACE, vmc_backup_replace=OLD)
    assert run.returncode == 0, run.output
    assert registered(made.lab) == ([NEW], ["ONLINE"])
    order = [
        call["operation"]
        for call in made.lab.journal("write")
        if call["operation"]
        in ("AssociateGatewayToServer", "DisassociateGatewayFromServer", "DeleteGateway", "Destroy_Task")
    ]
    assert order[-3:] == ["AssociateGatewayToServer", "DisassociateGatewayFromServer", "DeleteGateway"]
    # What was restored is a copy, which is told and left to a person.
    assert sorted(appliance["name"] for appliance in made.lab.sddcs()[0]["appliances"]) == [OLD, NEW]
    made.plan("", made.addresses[1])
    again = made.play(SITE, "--check")
    assert (again.returncode, again.changed) == (0, 0), again.output
    assert f"{OLD}" in words(again) and "copy" in words(again)
    made.lab.break_("delete_appliance", name=OLD)


@in_turn
def test_a_vcenter_that_shows_no_machine_fails_the_role(made):
    made.lab.break_("strip_account")
    account = {"username": made.modules.variables["vmc_backup_vcenter_username"], "password": made.password}
    made.modules.done("backup_hypervisor", name="sddc-1", update_password="always", **account)
    run = made.play(SITE, "--tags", "registration")
    assert run.returncode != 0
    assert "AWS Backup lists no virtual machine of it" in run.output


@in_turn
def test_teardown_leaves_the_data_and_what_others_may_use_says_so_and_does_nothing_twice(made):
    preview = made.play(TEARDOWN, "--check", **CONFIRMED)
    assert preview.returncode == 0, preview.output
    assert registered(made.lab) == ([NEW], ["ONLINE"])

    run = made.play(TEARDOWN, **CONFIRMED)
    assert run.returncode == 0, run.output
    assert "Recovery points, vaults, keys and grants stay" in run.output
    assert "vmc_backup_teardown_scope: account" in words(run)
    assert registered(made.lab) == ([], [])
    assert made.lab.sddcs()[0]["appliances"] == []
    entrance = {"sddc-1-control-to-vcenter", "sddc-1-control-to-esxi"}
    left = rules(made.lab, "mgw")
    assert (set(left), {name: left[name] for name in made.foreign}) == ({*made.foreign, *entrance}, made.foreign)
    assert len(made.lab.world()["ec2"]["vpc_endpoints"]) == 1

    before = len(made.lab.journal("write"))
    again = made.play(TEARDOWN, **CONFIRMED)
    assert (again.returncode, again.changed) == (0, 0), again.output
    assert made.lab.journal("write")[before:] == []

    account = made.play(TEARDOWN, vmc_backup_teardown_scope="account", **CONFIRMED)
    assert account.returncode == 0, account.output
    assert made.lab.world()["ec2"]["vpc_endpoints"] == []
