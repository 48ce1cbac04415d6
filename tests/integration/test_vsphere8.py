# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An appliance in a vCenter 8 as people have them: without DRS, with warnings, on vSAN, and with a guest that has bridges of its own."""

from __future__ import annotations

import pytest
from image_kinds import pack
from lab import ova
from modules import Modules

NAME = "gw-1"
HOST = "esx-1.sddc.lab"


@pytest.fixture
def modules(lab):
    return Modules(lab)


def both(modules, **options):
    """What check mode says and what an apply does, which are the same; a second apply does nothing."""
    predicted = modules.done("gateway_appliance", check_mode=True, **options)
    applied = modules.done("gateway_appliance", **options)
    assert applied["changes"] == predicted["changes"]
    before = len(modules.lab.journal("write"))
    assert not modules.done("gateway_appliance", **options)["changed"]
    assert len(modules.lab.journal("write")) == before
    return predicted, applied


def refused(modules, says, **options):
    for check_mode in (True, False):
        result = modules.run("gateway_appliance", check_mode=check_mode, **options)
        assert result.get("failed") and says in result["msg"], result


def test_a_cluster_without_drs_needs_a_host_and_says_so_before_anything_is_sent(lab, modules):
    lab.break_("turn_drs_off")
    refused(modules, "host: has to be named: the cluster Cluster-1 has no DRS", **modules.deployed())
    refused(modules, f"host: there is no esx-9; there are: esx-0.sddc.lab, {HOST}", **modules.deployed(host="esx-9"))
    assert lab.journal("write") == []
    _predicted, applied = both(modules, **modules.deployed(host=HOST, powered_on=True))
    assert applied["appliance"]["host"] == HOST
    # It stays where it is, whatever is asked for now.
    assert not modules.done("gateway_appliance", name=NAME, host="esx-0.sddc.lab")["changed"]


def test_where_there_is_drs_a_host_may_be_named(modules):
    _predicted, applied = both(modules, **modules.deployed(host=HOST))
    assert applied["appliance"]["host"] == HOST


def test_warnings_of_vcenter_are_shown_or_refused(lab, modules):
    lab.break_("warn_of_imports", of="No such device")
    said = "fail_on_spec_warnings: vCenter warns of the image: No such device"
    refused(modules, said, **modules.deployed(fail_on_spec_warnings=True))
    assert lab.journal("write") == []
    for result in both(modules, **modules.deployed()):
        assert "vCenter warns of the image: No such device" in str(result["warnings"])


@pytest.mark.parametrize("told", ["name", "uuid", "mixed", "disks"])
def test_an_appliance_knows_its_own_disks_however_vsan_tells_them(lab, modules, told):
    lab.switch(vsan_paths=told)
    _predicted, applied = both(modules, **modules.deployed(storage_policy="Erasure coding", powered_on=True))
    assert applied["appliance"]["foreign_disks"] == []
    lab.break_("hot_add_disk", machine="workload-03")
    found = modules.done("gateway_appliance", name=NAME)["appliance"]["foreign_disks"]
    assert len(found) == 1
    refused(modules, "disks of other virtual machines hang on it", name=NAME, state="absent")
    lab.break_("detach_disks")
    both(modules, name=NAME, storage_policy="VMC Workload Storage Policy - Cluster-1")
    both(modules, name=NAME, state="absent")


@pytest.mark.parametrize("first", ["172.17.0.1", "fe80::42:acff:fe11:1"])
def test_the_address_of_an_appliance_is_that_of_its_adapter(lab, modules, first):
    lab.break_("add_docker_bridge", first=first)
    _predicted, applied = both(modules, **modules.deployed(powered_on=True))
    (planned,) = [one["address"] for one in lab.sddcs()[0]["appliances"]]
    found = applied["appliance"]
    assert found["guest_ip_address"] == planned
    assert found["guest_ip_addresses"] == [planned, *dict.fromkeys([first, "172.17.0.1", "fe80::42:acff:fe11:1"])]


def test_how_it_is_deployed_can_be_said(lab, modules):
    refused(
        modules, "deployment_option: the image has no huge; it has: none", **modules.deployed(deployment_option="huge")
    )
    assert lab.journal("write") == []
    both(modules, **modules.deployed(disk_provisioning="thin"))


CHOICES = """<DeploymentOptionSection><Info/><Configuration ovf:id="small" ovf:default="true"><Label/><Description/></Configuration>
<Configuration ovf:id="large"><Label/><Description/></Configuration></DeploymentOptionSection><VirtualSystem """
LARGE = """<Item ovf:configuration="large"><rasd:ElementName>8 virtual CPUs</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID>
<rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>8</rasd:VirtualQuantity></Item>"""


def several(path, size="80"):
    """An image of two configurations, whose disk is as large as a property says and whose memory is in GB."""
    parts = ova.files(properties=True)
    (descriptor, text), *rest = parts.items()
    words = {
        "<VirtualSystem ": CHOICES,
        'ovf:capacity="80"': 'ovf:capacity="${disk_size}"',
        'ovf:value="AWS"/>': f'ovf:value="AWS"/><Property ovf:key="disk_size" ovf:userConfigurable="true" ovf:type="uint32" ovf:value="{size}"/>',
        "<rasd:AllocationUnits>byte * 2^20<": "<rasd:AllocationUnits>GigaBytes<",
        ">16384<": ">16<",
        "      <Item>\n        <rasd:AllocationUnits>": f"      {LARGE}<Item>\n        <rasd:AllocationUnits>",
    }
    text = text.decode()
    for old, new in words.items():
        assert old in text, old
        text = text.replace(old, new)
    return str(
        pack(path, {descriptor: text.encode(), **{name: content for name, content in rest if name.endswith("vmdk")}})
    )


@pytest.mark.parametrize(("option", "cpus"), [(None, 4), ("small", 4), ("large", 8)])
def test_the_deployment_that_is_asked_for_is_the_one_that_is_made(modules, tmp_path, option, cpus):
    image = several(tmp_path / "several.ova")
    _predicted, applied = both(modules, **modules.deployed(ova=image, deployment_option=option))
    assert (applied["appliance"]["num_cpus"], applied["appliance"]["memory_mb"]) == (cpus, 16384)


def test_the_room_for_a_disk_is_what_its_property_says(lab, modules, tmp_path):
    image = several(tmp_path / "several.ova")
    lab.break_("fill_datastore", percent=69.5)
    refused(modules, "with the 160 GiB of this deployment", **modules.deployed(ova=image))
    open_size = several(tmp_path / "open.ova", size="")
    refused(modules, "properties: disk_size has to be given", **modules.deployed(ova=open_size))
    both(modules, **modules.deployed(ova=image, properties={"disk_size": "8"}))
