# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.vmc.aws_backup.plugins.lookup.options import LookupModule, options
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.nsx import NSX
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.vmc import VMC
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.vsphere import VSPHERE

SHARED = {
    "vmc_backup_aws_profile": "site",
    "vmc_backup_aws_region": "eu-west-1",
    "vmc_backup_aws_role_arn": "arn:shared",
    "vmc_backup_aws_role_external_id": "shared id",
}


def of(part, **variables):
    return options(part, {**SHARED, **variables}.get)


def test_a_part_without_anything_of_its_own_has_what_the_host_has():
    assert of("backup") == {
        "profile": "site",
        "region": "eu-west-1",
        "assume_role_arn": "arn:shared",
        "assume_role_external_id": "shared id",
    }


def test_a_part_with_a_role_of_its_own_assumes_it_with_the_host_s_credentials():
    found = of("backup", vmc_backup_backup_aws_role_arn="arn:own")
    assert found == {"profile": "site", "region": "eu-west-1", "assume_role_arn": "arn:own"}


def test_credentials_of_a_part_are_not_mixed_with_those_of_the_host():
    own = {"vmc_backup_endpoint_aws_access_key": "KEY", "vmc_backup_endpoint_aws_secret_key": "secret"}
    assert of("endpoint", **own) == {"access_key": "KEY", "secret_key": "secret", "region": "eu-west-1"}
    assert of("backup", **own)["profile"] == "site"


def test_copies_go_to_another_region_with_the_credentials_of_the_backups_or_with_their_own():
    backups = {"vmc_backup_backup_aws_profile": "backups"}
    assert of("copy", **backups) == {"profile": "backups", "region": "eu-west-1"}
    there = {**backups, "vmc_backup_copy_aws_region": "eu-central-1"}
    assert of("copy", **there) == {"profile": "backups", "region": "eu-central-1"}
    assert of("copy", **there, vmc_backup_copy_aws_profile="copies") == {"profile": "copies", "region": "eu-central-1"}
    arn = {"protection_copy_vault_arn": "arn:aws:backup:eu-north-1:123456789012:backup-vault:copies"}
    assert of("copy", **backups, **arn)["region"] == "eu-north-1"
    role = of("copy", vmc_backup_copy_aws_role_arn="arn:copies")
    assert role == {"profile": "site", "region": "eu-west-1", "assume_role_arn": "arn:copies"}


def test_what_is_empty_is_not_given():
    assert "assume_role_arn" not in of("endpoint", vmc_backup_aws_role_arn="")


def test_the_trusted_certificates_and_the_proxy_hold_for_every_part():
    found = of("endpoint", vmc_backup_ca_bundle="/ca.pem", vmc_backup_aws_proxy="http://proxy:3128")
    assert found["aws_ca_bundle"] == "/ca.pem"
    assert found["aws_config"] == {"proxies": {"http": "http://proxy:3128", "https": "http://proxy:3128"}}


def test_what_is_given_for_vmware_cloud_and_nsx_is_passed_on():
    found = of("vmc", vmc_backup_sddc_id="s-1", vmc_backup_nsx_password="word", vmc_backup_ca_bundle="/ca.pem")
    assert found == {"sddc_id": "s-1", "nsx_password": "word", "ca_bundle": "/ca.pem"}


def test_a_vcenter_may_have_certificates_of_its_own():
    given = {"vmc_backup_vcenter_hostname": "vcenter", "vmc_backup_ca_bundle": "/ca.pem"}
    assert of("vsphere", **given) == {"hostname": "vcenter", "ca_bundle": "/ca.pem"}
    assert of("vsphere", **given, vmc_backup_vcenter_ca_bundle="/own.pem")["ca_bundle"] == "/own.pem"


@pytest.mark.parametrize(("group", "spec"), [("vmc", {**VMC, **NSX}), ("vsphere", VSPHERE)])
def test_every_connection_option_of_a_group_comes_from_a_variable(group, spec):
    assert options(group, lambda name: name).keys() == spec.keys()


def test_a_group_that_there_is_not_is_told():
    with pytest.raises(
        AnsibleLookupError,
        match="no action group nsx. There are: endpoint, backup, copy, vmc, vsphere, hypervisor, image",
    ):
        LookupModule().run(["nsx"], {})


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    """What the environment of whoever runs the tests says is not for them."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "VMWARE_HOST", "VMWARE_PORT", "VMWARE_USER", "VMWARE_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


def looked_up(group, **variables):
    loader = DataLoader()
    lookup = LookupModule(loader=loader, templar=Templar(loader, variables=variables))
    (found,) = lookup.run([group], variables)
    return found


@pytest.mark.parametrize("empty", ["", " ", None])
def test_a_variable_that_is_empty_or_null_is_not_given(empty):
    found = looked_up(
        "vsphere", vmc_backup_vcenter_hostname="vc.example", vmc_backup_vcenter_port=empty, vmc_backup_ca_bundle=empty
    )
    assert found == {"hostname": "vc.example"}


def test_text_means_what_it_says():
    given = {"vmc_backup_vcenter_port": "8443", "vmc_backup_exchange_timeout": "60"}
    assert looked_up("vsphere", **given) == {"port": 8443, "exchange_timeout": 60}
    assert looked_up("backup", vmc_backup_empty_answer_is_none='["ListGateways"]') == {
        "empty_answer_is_none": ["ListGateways"]
    }


def test_what_cannot_be_is_refused_by_the_name_of_the_variable():
    with pytest.raises(AnsibleLookupError, match="vmc_backup_vcenter_port: 'https' is no whole number"):
        looked_up("vsphere", vmc_backup_vcenter_port="https")


def test_the_environment_of_the_control_node_holds_on_a_bastion_too(monkeypatch):
    for name, held in {
        "VMWARE_HOST": "vc",
        "VMWARE_USER": "u",
        "VMWARE_PASSWORD": "hush",
        "VMWARE_PORT": "8443",
    }.items():
        monkeypatch.setenv(name, held)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert looked_up("vsphere", vmc_backup_vcenter_username="") == {
        "hostname": "vc",
        "username": "u",
        "password": "hush",
        "port": 8443,
    }
    assert looked_up("vsphere", vmc_backup_vcenter_username="mine")["username"] == "mine"
    assert looked_up("endpoint") == {"region": "eu-west-1"}


def test_a_token_or_a_key_of_the_environment_is_the_modules_to_take(monkeypatch):
    for name in ("VMC_API_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "hush")
    assert looked_up("vmc", vmc_backup_client_id="app") == {"client_id": "app"}
    assert looked_up("backup") == {}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, {"host": "vc.example", "username": "admin", "password": "hush"}),
        (
            {"vmc_backup_hypervisor_username": "backup", "vmc_backup_hypervisor_password": "other"},
            {"host": "vc.example", "username": "backup", "password": "other"},
        ),
        ({"vmc_backup_hypervisor_username": ""}, {"host": "vc.example", "username": "admin", "password": "hush"}),
    ],
)
def test_aws_backup_logs_in_as_the_tasks_do_unless_it_has_a_login_of_its_own(own, expected):
    tasks = {
        "vmc_backup_vcenter_hostname": "vc.example",
        "vmc_backup_vcenter_username": "admin",
        "vmc_backup_vcenter_password": "hush",
    }
    assert looked_up("hypervisor", **tasks, **own) == expected


def test_the_image_is_what_is_said_of_it():
    given = {"vmc_backup_ova": "a.ova", "vmc_backup_ova_checksum": "", "vmc_backup_ova_pull": "false"}
    assert looked_up("image", **given) == {"ova": "a.ova", "pull": False}
    assert looked_up("image", appliance_secret_properties="word: hush") == {"secret_properties": {"word": "hush"}}


def test_a_password_that_is_marked_is_no_template():
    held = DataLoader().load("vmc_backup_vcenter_password: !unsafe 'ab{{cd%}{% ef'")
    assert looked_up("vsphere", **held)["password"] == "ab{{cd%}{% ef"
