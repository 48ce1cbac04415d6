# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site in which all is there, and what can be different of it."""

from __future__ import annotations

from types import SimpleNamespace

from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

FIRST = {"subnet_id": "subnet-1", "availability_zone": "eu-west-1b", "availability_zone_id": "euw1-az1"}
SECOND = {"subnet_id": "subnet-2", "availability_zone": "eu-west-1c", "availability_zone_id": "euw1-az2"}
WITNESS = {"subnet_id": "subnet-3", "availability_zone": "eu-west-1a", "availability_zone_id": "euw1-az3"}
LINK = {"vpc_id": "vpc-1", "account_id": "1", "subnets": [FIRST], "state": "ACTIVE"}
SDDC = {
    "id": "s",
    "name": "one",
    "version": "1.24",
    "sddc_state": "READY",
    "maintenance_state": "",
    "region": "eu-west-1",
    "availability_zone_ids": ["euw1-az1"],
    "dns_with_management_vm_private_ip": True,
    "vcenter_hostname": "vcenter.example",
    "vcenter_management_ip": "10.0.0.4",
    "vcenter_public_ip": "203.0.113.4",
    "connected_vpc": LINK,
}
ACCOUNT = {"account_id": "1", "endpoint_services": ["it"], "subnets": [FIRST]}
OURS = [{"scope": "managed-by", "tag": "vmc-aws-backup"}]
RULE = {"id": "one-control-to-vcenter", "disabled": False, "tags": OURS}
GROUP = {"id": "one-control", "ip_addresses": ["10.0.0.9"], "tags": OURS}
ZONE = {"default": True, "gateways": ["mgw"], "upstream_servers": ["10.0.0.53"]}
SEGMENT = {"id": "backup", "type": "ROUTED", "subnets": [{"gateway_address": "10.1.0.1/24"}], "tags": OURS}
STORE = {
    "name": "WorkloadDatastore",
    "clusters": ["Cluster-1"],
    "cluster_ids": ["domain-c1"],
    "virtual_machine_count": 3,
}
GIVEN = {
    "vmc_backup_aws_region": "eu-west-1",
    "vmc_backup_org_id": "o",
    "vmc_backup_sddc_id": "s",
    "vmc_backup_ova": "/a.ova",
    "vmc_backup_segment": "backup",
    "vmc_backup_appliances": [{"cluster": "Cluster-1", "addresses": ["10.1.0.50"]}],
    "vmc_backup_control_addresses": ["10.0.0.9/32"],
    "vmc_backup_dns_servers": ["10.0.0.53"],
    "vmc_backup_vcenter_hostname": "vcenter.example",
    "prerequisites_opt_in": "check",
    "prerequisites_iam_roles": "check",
    "prerequisites_kms_key": "skip",
    "prerequisites_segment": "check",
    "prerequisites_control_access": "enforce",
    "prerequisites_dns_zones": "check",
    "prerequisites_vcenter_resolution": "check",
    "prerequisites_job_role": "jobs",
    "prerequisites_tag_role": "tags",
    "prerequisites_kms_alias": "alias/a",
    "prerequisites_dns_canaries": [],
}
VCENTER = {"appliances": [], "datastores": [STORE], "images": [{"path": "/a.ova", "readable": True}]}
TIMEOUT = {"msg": "no answer", "error": {"code": "TimeoutError"}}
SILENT = Untold("HTTP 503")


def site(*, given=None, without=(), **changed):
    """The facts of the site, ``given`` laid over its variables and ``without`` taken from them."""
    variables = {name: value for name, value in {**GIVEN, **(given or {})}.items() if name not in without}
    sddc = changed.get("sddc", SDDC)
    link = sddc["connected_vpc"] if isinstance(sddc, dict) else None
    facts = {
        "host": "one",
        "name": "one",
        "given": variables,
        "seen": {"vcenter": VCENTER},
        "identity": {},
        "vcenter_options": ["hostname", "username", "password"],
        "has_token": True,
        "bastion": "",
        "interpreter": "/python",
        "adopts": False,
        "on_vmc": True,
        "without_cloud": False,
        "names_sddc": True,
        "names_nsx": True,
        "plan": [{"name": "one-cluster-1-1", "entry": "one-cluster-1-1", "ip_address": "10.1.0.50"}],
        "clusters": ["Cluster-1"],
        "sddc": sddc,
        "connected_vpc": link,
        "vpc_id": variables.get("vmc_backup_vpc_id") or (link or {}).get("vpc_id") or "",
        "subnet_ids": ["subnet-1"],
        "mgw_groups": [GROUP],
        "cgw_groups": [],
        "mgw_rules": [RULE],
        "cgw_rules": [],
        "nat_rules": [],
        "public_ips": [],
        "learned_routes": [],
        "segments": [SEGMENT],
        "dns_zones": [ZONE],
        "account": ACCOUNT,
        "endpoint_account": ACCOUNT,
        "gateways": [],
        "region_settings": {"resource_type_opt_in_preference": {"VirtualMachine": True}},
        "roles_that_lack": [],
        "endpoint_names": [],
        "path": Untold("not asked"),
        **changed,
    }
    found = SimpleNamespace(**facts)
    found.has = lambda name: name in variables or name in (found.identity.get("secrets") or [])
    return found


def said(verdict) -> tuple:
    """A verdict and all its text; nothing to say is nothing."""
    return (verdict["verdict"], f"{verdict['evidence']} {verdict['change']}") if verdict else (None, "")


def with_link(**changed):
    return {**SDDC, "connected_vpc": {**LINK, **changed}}
