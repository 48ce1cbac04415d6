# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vCenter of one's own, by the variables of examples/on-premises: nothing of VMware Cloud and NSX is asked."""

from __future__ import annotations

import pathlib

import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.module_utils.plan import mac_address
from rehearsal import ROOT

pytestmark = pytest.mark.proof

EXAMPLE = ROOT / "examples" / "on-premises"
SITE = "playbooks/site.yml"


@pytest.fixture
def site(lab):
    """The inventory of the example, with the values of a lab whose SDDC is a site on premises."""
    at, (sddc,) = lab.endpoints, lab.endpoints["sddcs"]
    connected = lab.sddcs()[0]["connected_vpc"]
    address = f"{sddc['compute_network'].rpartition('.')[0]}.50"
    lab.break_("go_on_premises", mac=mac_address(address), address=address)
    variables = yaml.safe_load((EXAMPLE / "group_vars" / "vmc_sddcs" / "main.yml").read_text())
    (host,) = yaml.safe_load((EXAMPLE / "hosts.yml").read_text())["vmc_sddcs"]["hosts"].values()
    here = {
        "vmc_backup_aws_account_id": at["account"],
        "vmc_backup_aws_region": at["region"],
        "vmc_backup_vcenter_hostname": sddc["vcenter"]["hostname"],
        "vmc_backup_vcenter_username": sddc["vcenter"]["username"],
        "vmc_backup_vcenter_password": sddc["vcenter"]["password"],
        "vmc_backup_hypervisor_username": sddc["vcenter"]["username"],
        "vmc_backup_hypervisor_password": sddc["vcenter"]["password"],
        "vmc_backup_ova": at["ova"],
        "vmc_backup_segment": "backup",
        "vmc_backup_vpc_id": connected["vpc_id"],
        "vmc_backup_subnet_ids": [connected["subnet_id"]],
        "vmc_backup_appliances": [{"cluster": "Cluster-1", "addresses": [address]}],
        "appliance_datacenter": "SDDC-Datacenter",
        "appliance_folder": "Workloads",
    }
    assert set(here) <= {*variables, *host}  # each is in the example
    of_the_lab = {
        "vmc_backup_ca_bundle": at["ca"],
        "vmc_backup_aws_endpoint_url": at["aws"],
        "vmc_backup_aws_access_key": at["access_key"],
        "vmc_backup_aws_secret_key": at["secret_key"],
        "vmc_backup_vcenter_port": sddc["vcenter"]["port"],
        "vmc_backup_activation_port": yaml.safe_load(lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]["vars"][
            "vmc_backup_activation_port"
        ],
    }
    inventory = {"vmc_sddcs": {"hosts": {"site-hamburg": {**variables, **host, **here, **of_the_lab}}}}
    path = pathlib.Path(lab.state) / "on_premises.yml"
    path.write_text(yaml.safe_dump(inventory))
    return lambda playbook, *arguments, **extra: lab.play(playbook, *arguments, inventory=path, **extra)


def asked(lab):
    return sorted({call["service"] for call in lab.journal()} & {"csp", "vmc", "nsx"})


def test_a_site_becomes_online_without_vmware_cloud_and_nsx_and_is_taken_down_again(lab, site):
    preview = site(SITE, "--check")
    assert (preview.returncode, lab.journal("write")) == (0, []), preview.output
    run = site(SITE)
    assert run.returncode == 0, run.output
    (hypervisor,) = lab.aws("backup-gateway").list_hypervisors()["Hypervisors"]
    assert hypervisor["State"] == "ONLINE"
    again = site(SITE)
    assert (again.returncode, again.changed) == (0, 0), again.output
    gone = site("playbooks/teardown.yml", vmc_backup_teardown_confirm="site-hamburg")
    assert gone.returncode == 0, gone.output
    assert lab.aws("backup-gateway").list_hypervisors()["Hypervisors"] == []
    assert (asked(lab), lab.journal("unknown")) == ([], [])


def test_another_word_than_the_two_platforms_is_refused(lab, site):
    run = site(SITE, vmc_backup_platform="onpremises")
    assert run.returncode != 0
    assert "must be one of vmc, vsphere. Nothing was changed." in " ".join(run.output.split()).replace("\\n", " ")
    assert "vmc_backup_platform: " in run.output
    assert lab.journal() == []
