# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sites that are no SDDC in the cloud, by the variables of their examples: on premises, Amazon EVS, and VMware Cloud on AWS Outposts."""

from __future__ import annotations

import pathlib

import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.module_utils.plan import mac_address
from rehearsal import ROOT

pytestmark = pytest.mark.proof

EXAMPLES = ROOT / "examples"
SITE = "playbooks/site.yml"


def example(name):
    """The variables of an example, with its one host."""
    folder = EXAMPLES / name
    ((host, own),) = yaml.safe_load((folder / "hosts.yml").read_text())["vmc_sddcs"]["hosts"].items()
    return host, {**yaml.safe_load((folder / "group_vars" / "vmc_sddcs" / "main.yml").read_text()), **own}


def inventory(lab, name, here):
    """The inventory of an example, with the values of a lab; each of them is in the example."""
    at, (sddc,) = lab.endpoints, lab.endpoints["sddcs"]
    connected = lab.sddcs()[0]["connected_vpc"]
    host, variables = example(name)
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
        "vmc_backup_appliances": [{"cluster": "Cluster-1", "addresses": [planned(lab)]}],
        **here,
    }
    assert set(here) <= set(variables)
    of_the_lab = {
        "vmc_backup_ca_bundle": at["ca"],
        "vmc_backup_aws_endpoint_url": at["aws"],
        "vmc_backup_aws_access_key": at["access_key"],
        "vmc_backup_aws_secret_key": at["secret_key"],
        "vmc_backup_vcenter_port": sddc["vcenter"]["port"],
        "vmc_backup_activation_port": of_lab(lab)["vmc_backup_activation_port"],
    }
    if variables["vmc_backup_platform"] == "vmc":
        of_the_lab.update(vmc_backup_csp_url=at["csp"], vmc_backup_vmc_url=at["vmc"], vmc_backup_nsx_url=sddc["nsx"])
    path = pathlib.Path(lab.state) / f"{name}.yml"
    path.write_text(yaml.safe_dump({"vmc_sddcs": {"hosts": {host: {**variables, **here, **of_the_lab}}}}))
    return path


def of_lab(lab):
    return yaml.safe_load(lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]["vars"]


def planned(lab):
    return f"{lab.endpoints['sddcs'][0]['compute_network'].rpartition('.')[0]}.50"


@pytest.fixture(params=["on-premises", "evs"])
def site(lab, request):
    """A lab whose SDDC is a site with a vCenter and a network of its own."""
    address = planned(lab)
    lab.break_("go_on_premises", mac=mac_address(address), address=address)
    here = {"appliance_datacenter": "SDDC-Datacenter", "appliance_folder": "Workloads"}
    path = inventory(lab, request.param, here)
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
    gone = site("playbooks/teardown.yml", vmc_backup_teardown_confirm=next(iter(again.recap)))
    assert gone.returncode == 0, gone.output
    assert lab.aws("backup-gateway").list_hypervisors()["Hypervisors"] == []
    assert (asked(lab), lab.journal("unknown")) == ([], [])


def test_another_word_than_the_two_platforms_is_refused(lab, site):
    run = site(SITE, vmc_backup_platform="onpremises")
    assert run.returncode != 0
    assert "must be one of vmc, vsphere. Nothing was changed." in " ".join(run.output.split()).replace("\\n", " ")
    assert "vmc_backup_platform: " in run.output
    assert lab.journal() == []


def test_an_sddc_on_an_outpost_becomes_online_through_an_endpoint_in_its_region(lab):
    at, (sddc,) = lab.endpoints, lab.endpoints["sddcs"]
    here = {
        "vmc_backup_org_id": at["org_id"],
        "vmc_backup_sddc_id": sddc["id"],
        "vmc_backup_api_token": at["api_token"],
        "vmc_backup_control_addresses": ["127.0.0.1/32"],
    }
    path = inventory(lab, "outposts", here)
    run = lab.play(SITE, inventory=path)
    assert run.returncode == 0, run.output
    (hypervisor,) = lab.aws("backup-gateway").list_hypervisors()["Hypervisors"]
    assert (hypervisor["Name"], hypervisor["State"]) == ("sddc-outpost", "ONLINE")
    again = lab.play(SITE, inventory=path)
    assert (again.returncode, again.changed) == (0, 0), again.output


@pytest.mark.parametrize("name", sorted(each.name for each in EXAMPLES.iterdir() if each.is_dir()))
def test_each_example_says_which_platform_it_is_for(name):
    text = (EXAMPLES / name / "group_vars" / "vmc_sddcs" / "main.yml").read_text()
    assert yaml.safe_load(text).get("vmc_backup_platform", "vmc") in ("vmc", "vsphere")
    assert f"`{name}`" in (EXAMPLES / "README.md").read_text()
