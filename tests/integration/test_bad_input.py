# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be right is refused before the first write, and the message names the option: bad_input.yml.

The modules run in this process, against one lab that no case may change.
"""

from __future__ import annotations

import importlib
import io
import ipaddress
import json
import os
import pathlib
import re
import tarfile

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.vmc.aws_backup.plugins.filter.appliances import appliances
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from arguments import patch_module_args
from botocore.loaders import create_loader
from jinja2 import StrictUndefined
from jinja2.nativetypes import NativeEnvironment
from modules import Modules

pytestmark = pytest.mark.xdist_group("bad_input")

TABLE = yaml.safe_load(pathlib.Path(__file__).with_name("bad_input.yml").read_text())
MODULES = TABLE["modules"]
CASES = [(module, case) for module, table in MODULES.items() for case in table["refused"]]
SECRETS = {"secret_key", "activation_key", "api_token", "client_secret", "password", "nsx_password"}
MODELS = create_loader()  # reading those of EC2 takes longer than a case
FOREIGN = ("AWS_", "BOTO", "VMC_", "VMWARE_")


@pytest.fixture(scope="module")
def variables(running_lab, tmp_path_factory):
    """What the table's templates may name: the inventory's variables, and what the prepared SDDC does not have."""
    running_lab.reset()
    inventory = of_the_lab(running_lab)
    variables = {**TABLE["variables"], **inventory["vars"], **inventory["hosts"]["sddc-1"]}
    connected = running_lab.sddcs()[0]["connected_vpc"]
    lock_a_vault(running_lab.aws("backup"))
    address = variables["vmc_backup_appliances"][0]["addresses"][0]
    network = ipaddress.ip_network(f"{address}/24", strict=False)
    return {
        **variables,
        **more_segments(running_lab, network),
        **more_in_the_vpc(running_lab.aws("ec2"), connected),
        "vpc_id": connected["vpc_id"],
        "subnet_id": connected["subnet_id"],
        "default_security_group": connected["security_group_id"],
        "address": address,
        "compute_network": str(network),
        "gateway_address": str(network[1]),
        "broadcast_address": str(network[-1]),
        "forwarder_address": str(network[2]),
        "broken": str(broken_images(pathlib.Path(variables["vmc_backup_ova"]), tmp_path_factory.mktemp("broken"))),
    }


def of_the_lab(lab):
    return yaml.safe_load(lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]


def lock_a_vault(backup):
    """A vault that keeps for 7 to 100 days."""
    backup.create_backup_vault(BackupVaultName="locked")
    backup.put_backup_vault_lock_configuration(BackupVaultName="locked", MinRetentionDays=7, MaxRetentionDays=100)


def more_in_the_vpc(ec2, connected):
    """A security group that is right, a second subnet in the zone, and a subnet of another VPC."""

    def subnet(vpc_id, cidr):
        made = ec2.create_subnet(VpcId=vpc_id, CidrBlock=cidr, AvailabilityZone=connected["availability_zone"])
        return made["Subnet"]["SubnetId"]

    group = ec2.create_security_group(VpcId=connected["vpc_id"], GroupName="right", Description="right")
    elsewhere = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    return {
        "security_group": group["GroupId"],
        "twin_subnet_id": subnet(connected["vpc_id"], "172.29.240.0/24"),
        "foreign_subnet_id": subnet(elsewhere, "10.99.0.0/24"),
    }


def more_segments(lab, network):
    """A segment that hands its DHCP on, and one that has none; the first octets of their networks."""
    relayed, free = (str(ipaddress.ip_network(int(network[0]) + number * 256)).rpartition(".")[0] for number in (1, 2))
    modules = Modules(lab)
    subnet = {"gateway_address": f"{relayed}.1/24", "dhcp_ranges": [f"{relayed}.100-{relayed}.199"]}
    modules.done("nsx_segment", id="relayed", subnets=[subnet])
    modules.done("nsx_segment", id="without-dhcp", subnets=[{"gateway_address": f"{free}.1/24"}])
    lab.break_("relay_dhcp", segment="relayed")
    return {"relayed_network": relayed, "free_network": free}


def broken_images(image, folder):
    """One file for each way in which an image can be broken."""
    with tarfile.open(image) as archive:
        parts = {member.name: archive.extractfile(member).read() for member in archive}
    descriptor, manifest, disk = parts
    whole = image.read_bytes()
    (folder / "text.ova").write_text("no image")
    (folder / "truncated.ova").write_bytes(whole[: len(whole) // 2])
    (folder / "descriptor.ovf").write_text("no XML")
    pack(folder / "other.ova", {"README": b"no image"})
    pack(folder / "diskless.ova", {descriptor: parts[descriptor], manifest: parts[manifest]})
    pack(folder / "short.ova", {**parts, disk: parts[disk][:-512]})
    pack(folder / "edited.ova", {**parts, descriptor: parts[descriptor] + b"\n"})
    return folder


def pack(path, parts):
    with tarfile.open(path, "w") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


@pytest.fixture
def run(variables, monkeypatch, capsys):
    """Run a module with the options of its table, some of them changed; the options, what it printed and what it returns."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr("botocore.session.create_loader", lambda search_path: MODELS)
    monkeypatch.setattr(wait, "SEEN_WITHIN", 0)

    def run(name, changes, *, check_mode=False):
        table = MODULES[name]
        options = {**TABLE["connections"][table["connection"]], **table["right"], **changes}
        options = {key: filled(value, variables) for key, value in options.items() if value is not None}
        module = importlib.import_module(f"ansible_collections.vmc.aws_backup.plugins.modules.{name}")
        with patch_module_args({**options, "_ansible_check_mode": check_mode}), pytest.raises(SystemExit):
            module.main()
        printed = capsys.readouterr()
        return options, printed.out + printed.err, json.loads(printed.out)

    return run


def filled(value, variables):
    """A value of the table with its templates filled in."""
    if isinstance(value, dict):
        return {key: filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, variables) for item in value]
    if isinstance(value, str) and "{{" in value:
        return NativeEnvironment(undefined=StrictUndefined).from_string(value).render(variables, dict=dict)
    return value


@pytest.mark.parametrize("module", MODULES)
def test_what_is_right_is_not_refused(run, module):
    _options, _printed, result = run(module, {}, check_mode=True)
    assert not result.get("failed"), result["msg"]


@pytest.mark.parametrize(
    ("module", "case"), [pytest.param(*pair, id=f"{pair[0]}: {pair[1]['case']}") for pair in CASES]
)
def test_it_is_refused_before_the_first_write(running_lab, variables, run, module, case):
    before = len(running_lab.journal("write", "unknown"))
    options, printed, result = run(module, case["given"])
    says = [case["says"]] if isinstance(case["says"], str) else case["says"]
    secrets = [options[key] for key in SECRETS & set(options) if options[key]]

    assert running_lab.journal("write", "unknown")[before:] == []
    assert result.get("failed"), result
    assert re.search(rf"\b{case['option']}\b", result["msg"]), result["msg"]
    assert [text for text in says if filled(text, variables) not in result["msg"]] == [], result["msg"]
    assert [secret for secret in secrets if secret in printed] == []


@pytest.mark.parametrize("case", TABLE["plans"], ids=lambda case: case["case"])
def test_a_plan_that_cannot_be_is_refused(case):
    plan = case.get("plan", [{"cluster": "Cluster-1", "addresses": ["10.30.5.20"]}])
    with pytest.raises(AnsibleFilterError, match=re.escape(case["says"])):
        appliances(plan, filled(case.get("name", "bad-input"), {}))


def test_a_site_that_cannot_be_is_refused_before_the_first_write(running_lab, variables, tmp_path):
    before = len(running_lab.journal("write", "unknown"))
    inventory = of_the_lab(running_lab)
    sites = filled(TABLE["sites"], variables)
    right = inventory["hosts"]["sddc-1"]
    inventory["hosts"] = {name: {**right, **site["variables"]} for name, site in sites.items()}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"children": {"vmc_sddcs": inventory}}}))

    run = running_lab.play("playbooks/site.yml", "-i", str(tmp_path / "inventory.yml"), "--limit", "!sddc-1")
    assert running_lab.journal("write", "unknown")[before:] == []
    assert {host: counters["failed"] for host, counters in run.recap.items()} == dict.fromkeys(sites, 1), run.output
    told = " ".join(run.output.split())
    assert [text for site in sites.values() for text in site["says"] if text not in told] == [], run.output
