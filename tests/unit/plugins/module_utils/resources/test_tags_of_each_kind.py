# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Others' tags, on every kind that has any: they stay unless purge_tags is asked for, and our marks stay even then."""

from __future__ import annotations

import importlib
import pathlib

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_plan import BackupPlan
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_vault import BackupVault
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.gateway import BackupGateway
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.hypervisor import BackupHypervisor
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.iam_role import BackupIamRole
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.kms_key import BackupKmsKey
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_dhcp_static_binding import StaticBinding
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_dns_zone import DnsZone
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_group import Group
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_nat_rule import TEXTS, NatRule
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_rule import DEFAULTS, Rule
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_segment import Segment
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.security_group import BackupSecurityGroup
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.vpc_endpoint import VpcEndpoint

from .aws_api import Api

MODULES = pathlib.Path(__file__).parents[5] / "plugins" / "modules"
# Module -> how its resource is made of a client, what says which thing it is, and what is there of it besides its tags.
OF_AWS = {
    "backup_gateway": (lambda api, params: BackupGateway(api, api, params), {"name": "g"}, {"name": "g"}),
    "backup_hypervisor": (lambda api, params: BackupHypervisor(api, api, api, params), {"name": "h"}, {"name": "h"}),
    "backup_iam_role": (lambda api, params: BackupIamRole(api, api, params), {"name": "AWSBackup-r"}, {}),
    "backup_kms_key": (
        BackupKmsKey,
        {"alias": "alias/a"},
        {"aliases": ["alias/a"], "enabled": True, "enable_key_rotation": False},
    ),
    "backup_plan": (BackupPlan, {"name": "p"}, {"name": "p", "rules": {}}),
    "backup_vault": (lambda api, params: BackupVault(api, api, api, api, params), {"name": "v1"}, {"lock": {}}),
    "backup_security_group": (
        BackupSecurityGroup,
        {"name": "g", "vpc_id": "vpc-1"},
        {"ingress": [], "egress": []},
    ),
    "vpce_backup": (VpcEndpoint, {"vpc_id": "vpc-1"}, {"users": []}),
}


def dns_zone(nsx, params):
    for gateway in ("cgw", "mgw"):
        path = f"/infra/tier-1s/{gateway}/dns-forwarder"
        nsx.objects[path] = {"id": "dns-forwarder", "default_forwarder_zone_path": "/infra/dns-forwarder-zones/default"}
    zone = DnsZone(nsx, params)
    zone.observe()
    return zone


RULE = {
    **DEFAULTS,
    "action": "ALLOW",
    "source_groups": ["10.0.0.1"],
    "services": ["/infra/services/HTTPS"],
    "service_entries": [],
}
NAT = {
    **dict.fromkeys(TEXTS, ""),
    "action": "DNAT",
    "destination_network": "198.51.100.10",
    "translated_network": "10.30.5.20",
}
OF_NSX = {
    "nsx_cgw_rule": (
        lambda nsx, params: Rule(nsx, "cgw", params),
        {"id": "r"},
        {**RULE, "destination_groups": ["10.0.0.2"], "scope": ["/infra/labels/cgw-all"]},
    ),
    "nsx_dhcp_static_binding": (StaticBinding, {"segment": "s", "id": "a"}, {}),
    "nsx_dns_zone": (
        dns_zone,
        {"gateway": "cgw", "id": "corp"},
        {"gateways": ["cgw"], "dns_domain_names": ["corp.example"]},
    ),
    "nsx_group": (Group, {"domain": "mgw", "id": "g"}, {}),
    "nsx_mgw_rule": (
        lambda nsx, params: Rule(nsx, "mgw", params),
        {"id": "r"},
        {**RULE, "destination_groups": ["/infra/domains/mgw/groups/ESXI"], "scope": ["/infra/labels/mgw"]},
    ),
    "nsx_nat_rule": (NatRule, {"id": "n"}, NAT),
    "nsx_segment": (Segment, {"id": "s"}, {"subnets": []}),
}
MARKS = {"managed-by": "vmc-aws-backup"}
THEIRS = {"owner": "them", "cost": "1"}


def spec(module):
    return importlib.import_module(f"ansible_collections.vmc.aws_backup.plugins.modules.{module}").SPEC


def params(module, **given):
    return {**{option: known.get("default") for option, known in spec(module).items()}, **given}


def wanted(module, client, have, **given):
    """The tags of a thing after a run, by key, without what the kind adds of its own."""
    made, which, other = (OF_AWS if module in OF_AWS else OF_NSX)[module]
    if module in OF_AWS:
        tags = {**MARKS, **have}
    else:
        tags = [{"scope": scope, "tag": tag} for scope, tag in {**MARKS, **have}.items()]
        if "tags" in given:
            given["tags"] = [{"scope": scope, "tag": tag} for scope, tag in given["tags"].items()]
    found = made(client, params(module, **which, **given)).want({**other, "tags": tags})["tags"]
    found = found if isinstance(found, dict) else {tag["scope"]: tag["tag"] for tag in found}
    return {key: value for key, value in found.items() if key not in ("Name", "vmc-aws-backup:alias")}


@pytest.fixture
def client(nsx):
    api = Api(
        describe_vpc_endpoint_services={"ServiceNames": ["com.amazonaws.eu-west-1.backup-gateway"]},
        describe_vpcs={"Vpcs": [{"VpcId": "vpc-1"}]},
    )
    return lambda module: api if module in OF_AWS else nsx


def test_every_module_that_has_tags_is_here():
    having = {path.stem for path in MODULES.glob("*.py") if "purge_tags" in spec(path.stem)}
    assert having == {*OF_AWS, *OF_NSX}


KINDS = pytest.mark.parametrize("module", [*OF_AWS, *OF_NSX])


@KINDS
def test_others_tags_stay(client, module):
    assert wanted(module, client(module), THEIRS) == {**MARKS, **THEIRS}
    assert wanted(module, client(module), THEIRS, tags={"team": "b"}) == {**MARKS, **THEIRS, "team": "b"}


@KINDS
def test_a_tag_that_is_asked_for_gets_its_value(client, module):
    assert wanted(module, client(module), THEIRS, tags={"owner": "us"}) == {**MARKS, **THEIRS, "owner": "us"}


@KINDS
@pytest.mark.parametrize("asked", [{"team": "b"}, {}])
def test_others_tags_go_where_purging_is_asked_for_and_our_marks_stay(client, module, asked):
    found = wanted(module, client(module), THEIRS, tags=asked, purge_tags=True)
    assert found == {**MARKS, **asked}
