# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole lab, started as a user starts it."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys

import pytest
import requests
import yaml
from pyVim.connect import Disconnect, SmartConnect
from unit.lab.vsphere_client import deploy, done

TESTS = pathlib.Path(__file__).parents[2]
POLICY = "policy/api/v1/infra/domains/cgw/gateway-policies/default/rules/activation"


def command(directory, *words):
    return subprocess.run(
        [sys.executable, "-m", "lab", words[0], "--state-dir", str(directory), *words[1:]],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        timeout=120,
        check=False,
    )


class Lab:
    def __init__(self, directory):
        self.directory = directory
        self.at = json.loads((directory / "endpoints.json").read_text())
        self.sddc = self.at["sddcs"][0]

    def ask(self, method, name, /, **body):
        answer = requests.request(method, f"{self.at['control']}/_lab/{name}", json=body or None, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def apply(self, what, /, **arguments):
        return self.ask("POST", "break", what=what, **arguments)

    def appliance(self):
        (found,) = self.ask("GET", "state")["sddcs"][0]["appliances"]
        return found

    def vcenter(self, number=0):
        place = self.at["sddcs"][number]["vcenter"]
        return SmartConnect(
            host=place["hostname"],
            port=place["port"],
            user=place["username"],
            pwd=place["password"],
            sslContext=ssl.create_default_context(cafile=self.at["ca"]),
        )

    def open_port_80(self):
        token = requests.post(
            f"{self.at['csp']}/csp/gateway/am/api/auth/api-tokens/authorize",
            data={"api_token": self.at["api_token"]},
            verify=self.at["ca"],
            timeout=10,
        ).json()["access_token"]
        rule = {
            "resource_type": "Rule",
            "source_groups": ["127.0.0.1/32"],
            "destination_groups": [self.appliance()["address"]],
            "services": ["/infra/services/HTTP"],
            "scope": ["/infra/labels/cgw-all"],
            "action": "ALLOW",
        }
        headers = {"csp-auth-token": token}
        answer = requests.put(
            f"{self.sddc['nsx']}/{POLICY}", json=rule, headers=headers, verify=self.at["ca"], timeout=10
        )
        assert answer.ok, answer.text

    def page(self, query):
        url = f"http://{self.appliance()['address']}:8080/?{query}"
        return requests.get(url, timeout=2, allow_redirects=False)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    directory = tmp_path_factory.mktemp("lab")
    started = command(directory, "up", "--sddcs", "2", "--vms", "2")
    assert started.returncode == 0, started.stderr
    assert started.stdout.strip() == str(directory / "endpoints.json")
    yield directory
    assert command(directory, "down").returncode == 0
    assert not (directory / "endpoints.json").exists()


@pytest.fixture
def lab(running):
    lab = Lab(running)
    lab.ask("POST", "reset")
    return lab


@pytest.fixture
def appliance(lab):
    session = lab.vcenter()
    machine = deploy(session, "appliance-1")
    done(machine.PowerOnVM_Task())
    lab.open_port_80()
    yield machine
    Disconnect(session)


def test_up_says_when_a_lab_is_already_up(running):
    again = command(running, "up")
    assert again.returncode == 0
    assert again.stdout.strip() == str(running / "endpoints.json")
    assert "already up" in again.stderr


def test_files_with_secrets_are_for_their_owner(running):
    assert {(running / name).stat().st_mode & 0o777 for name in ("inventory.yml", "endpoints.json")} == {0o600}


def test_the_inventory_has_one_host_for_each_sddc(running):
    group = yaml.safe_load((running / "inventory.yml").read_text())["all"]["children"]["vmc_sddcs"]
    assert list(group["hosts"]) == ["sddc-1", "sddc-2"]
    addresses = {host["vmc_backup_vcenter_hostname"] for host in group["hosts"].values()}
    assert len(addresses) == 2
    assert pathlib.Path(group["vars"]["vmc_backup_ova"]).exists()


def test_each_sddc_has_a_vcenter_of_its_own(lab):
    for number in (0, 1):
        session = lab.vcenter(number)
        assert session.CurrentTime()
        Disconnect(session)


def test_without_its_rule_the_management_gateway_drops_what_goes_to_vcenter(lab):
    lab.apply("drop_rule", rule="control-node-to-vcenter")
    with pytest.raises(requests.Timeout):
        requests.get(f"https://{lab.sddc['vcenter']['hostname']}:9443/sdk", verify=lab.at["ca"], timeout=2)
    assert lab.vcenter(1).CurrentTime()


def test_an_appliance_gives_a_key(lab, appliance):
    bare = lab.page("activationRegion=eu-west-1&gatewayType=BACKUP_VM&no_redirect")
    assert len(bare.text) == 29
    redirected = lab.page("activationRegion=eu-west-1&gatewayType=BACKUP_VM")
    assert redirected.status_code == 302
    assert "activationKey=" in redirected.headers["Location"]
    journal = lab.ask("GET", "journal?service=appliance")
    assert [call["kind"] for call in journal] == ["write", "write"]


def test_the_page_is_out_of_reach_without_a_rule(lab, appliance):
    lab.apply("drop_rule", rule="activation", domain="cgw")
    with pytest.raises(requests.Timeout):
        lab.page("activationRegion=eu-west-1&gatewayType=BACKUP_VM&no_redirect")


def test_an_appliance_that_does_not_reach_its_endpoint_gives_no_key(lab, appliance):
    query = "activationRegion=eu-west-1&gatewayType=BACKUP_VM&vpcEndpoint=vpce-0.example&no_redirect"
    assert "errorType=PRIVATE_LINK_ENDPOINT_UNREACHABLE" in lab.page(query).headers["Location"]
    lab.ask("POST", "switches", activation_failure="504")
    assert lab.page(query).status_code == 504


def test_a_clock_that_is_off_breaks_activation(lab, appliance):
    lab.apply("unsync_clock")
    answer = lab.page("activationRegion=eu-west-1&gatewayType=BACKUP_VM&no_redirect")
    assert "errorType=CLOCK_SKEW" in answer.headers["Location"]


def test_machines_can_be_broken(lab, appliance):
    address, uuid = lab.appliance()["address"], lab.appliance()["instance_uuid"]
    lab.apply("rebuild_appliance")
    assert lab.appliance()["instance_uuid"] != uuid
    lab.apply("hot_add_disk", machine="workload-02")
    files = [getattr(device.backing, "fileName", "") for device in appliance.config.hardware.device]
    assert "[WorkloadDatastore] workload-02/workload-02.vmdk" in files
    lab.apply("move_machine", machine="workload-01", folder="Templates")
    lab.apply("power_off_appliance")
    assert lab.appliance()["address"] is None
    with socket.socket() as probe:
        assert probe.connect_ex((address, 8080)) != 0
    lab.apply("power_on_appliance")
    lab.apply("change_mac")
    assert lab.appliance()["mac"] == "00:50:56:3f:ff:ff"
    lab.apply("delete_appliance")
    assert lab.ask("GET", "state")["sddcs"][0]["appliances"] == []


def test_the_network_and_accounts_can_be_broken(lab):
    assert "eni-" in lab.apply("fail_over_eni")["done"]
    lab.apply("disable_opt_in")
    lab.apply("publish_vcenter_name")
    lab.apply("widen_rule", rule="control-node-to-vcenter")
    lab.apply("change_vcenter_password")
    assert command(lab.directory, "break", "lock_account", "sddc=sddc-2").returncode == 0
    for number in (0, 1):
        with pytest.raises(Exception, match="Cannot complete login"):
            lab.vcenter(number)


def test_an_sddc_can_grow_by_a_cluster_that_no_appliance_reaches(lab, appliance):
    assert "Compute-ResourcePool-2" in lab.apply("add_cluster")["done"]
    assert lab.ask("GET", "state")["sddcs"][0]["out_of_reach"] == [
        "cluster-2-workload-01",
        "workload-01",
        "workload-02",
    ]
    lab.ask("POST", "switches", further_pool="Compute-ResourcePool ({1})")
    assert "Compute-ResourcePool (2) and WorkloadDatastore (2)" in lab.apply("add_cluster", cluster="Cluster-3")["done"]


def test_reset_mends_everything(lab):
    lab.apply("drop_rule", rule="control-node-to-vcenter")
    lab.apply("change_vcenter_password")
    assert command(lab.directory, "reset").returncode == 0
    assert lab.vcenter().CurrentTime()
    assert lab.ask("GET", "journal?kind=write") == []


def test_a_reset_waits_for_a_lab_that_is_just_starting(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    words = [sys.executable, "-m", "lab", "up", "--vms", "0", "--state-dir", str(tmp_path)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as starting:
        while not (tmp_path / "pid").exists():
            assert starting.poll() is None
        assert not (tmp_path / "endpoints.json").exists()
        found = command(tmp_path, "reset")
        assert (found.returncode, "back to the seed prepared" in found.stderr) == (0, True), found.stderr
    assert command(tmp_path, "down").returncode == 0
    assert "No lab is up" in command(tmp_path, "reset").stderr


def test_a_killed_lab_leaves_nothing_in_the_way(tmp_path):
    started = command(tmp_path, "up", "--vms", "0")
    assert started.returncode == 0, started.stderr
    os.kill(Lab(tmp_path).at["pid"], signal.SIGKILL)
    again = command(tmp_path, "up", "--vms", "0")
    assert again.returncode == 0, again.stderr
    assert "already up" not in again.stderr
    assert command(tmp_path, "down").returncode == 0
    assert command(tmp_path, "journal").returncode == 1
