# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules answer to roles that run without a lab: a site of three appliances, of which two are gateways."""

from __future__ import annotations

import copy

SITE = "site-of-blue"
SDDC_ID = "5a1e0000-1111-4222-8333-944444444444"
GONE_ID = "5a1e0000-9999-4222-8333-944444444444"
OF_VCENTER = "5012a3b4-c5d6-e7f8-0912-a3b4c5d6e7f8"
NAME = "blue"
OURS = {"managed-by": "vmc-aws-backup"}
SEEN_AT = "2026-02-01T12:00:00+00:00"
ENDPOINT = "vpce-1-abc.backup-gateway.eu-west-3.vpce.amazonaws.com"
PLAN = [
    {
        "cluster": "Cluster-1",
        "addresses": ["10.0.5.20", "10.0.5.21"],
        "name": "first",
        "hosts": ["host-1", "host-2"],
        "resource_pool": "pool-of-it",
        "datastore": "store-of-it",
        "storage_policy": "policy-of-it",
        "folder": "folder-of-it",
    },
    {"cluster": "Cluster-2", "addresses": ["10.0.5.22"]},
    {"cluster": "Cluster-3", "count": 0},
]
E1, E2, E3 = "blue-cluster-1-1", "blue-cluster-1-2", "blue-cluster-2-1"
CREATED = [{"path": "state", "desired": "present", "actual": "absent", "effect": "create"}]


def arn(number):
    return f"arn:aws:backup-gateway:eu-west-3:111122223333:gateway/bgw-{number}"


def machine(number, entry, **other):
    return {
        "name": f"vm-of-{entry}",
        "moid": f"vm-{number}",
        "entry": entry,
        "site_id": SITE,
        "instance_uuid": f"uuid-{number}",
        "deployed_instance_uuid": f"uuid-{number}",
        "gateway_arn": arn(number) if number < 3 else "",
        "guest_ip_address": f"10.0.5.{19 + number}",
        "powered_on": True,
        "cluster": "Cluster-1" if number < 3 else "Cluster-2",
        "datacenter": "Datacenter-of-it",
        "folder": "Folder-of-it",
        "foreign_disks": [],
        **other,
    }


def gateway(number, entry, **other):
    return {
        "name": f"gateway-{number}",
        "entry": entry,
        "gateway_arn": arn(number),
        "instance_uuid": f"uuid-{number}",
        "hypervisor": NAME,
        "vpc_endpoint": ENDPOINT,
        "last_seen_time": f"2026-02-01T12:0{number}:00+00:00",
        "site_id": SITE,
        "tags": dict(OURS),
        **other,
    }


KEPT_MACHINE = {
    "name": "web-1",
    "path": "/dc/vm/Workloads",
    "resource_arn": "arn:aws:backup-gateway:eu-west-3:111122223333:vm/vm-1",
    "newest_recovery_point": {
        "recovery_point_arn": "arn:aws:backup:eu-west-3:111122223333:recovery-point:1",
        "backup_vault_name": "vault-of-it",
        "backed_up_at": "2026-02-01T05:00:00+00:00",
    },
}
BACKED_UP = {
    "job_id": "b-1",
    "state": "COMPLETED",
    "recovery_point_arn": "arn:aws:backup:eu-west-3:111122223333:recovery-point:2",
    "creation_date": "2026-02-01T06:00:00+00:00",
}
RESTORE = {
    "job_id": "r-1",
    "state": "COMPLETED",
    "creation_date": "2026-02-01T07:00:00+00:00",
    "completion_date": "2026-02-01T07:30:00+00:00",
}
RESTORED = {
    "name": "web-1",
    "folder": "/dc/vm/Drills",
    "instance_uuid": "uuid-of-restored",
    "cpus": 1,
    "memory_mb": 1024,
    "guest_id": "other",
    "firmware": "bios",
    "network_cards": 1,
    "tools_running": True,
    "disks": [{"label": "Hard disk 1", "capacity_bytes": 10 * 2**30}],
}

SUBNETS = [{"subnet_id": "subnet-1", "availability_zone": "eu-west-3a", "availability_zone_id": "euw3-az1"}]
SDDC = {
    "id": SDDC_ID,
    "name": "SDDC of blue",
    "version": "1.24",
    "region": "eu-west-3",
    "sddc_state": "READY",
    "maintenance_state": None,
    "availability_zone_ids": ["euw3-az1"],
    "vcenter_hostname": "vcenter.sddc-1.example",
    "vcenter_management_ip": "127.0.0.1",
    "vcenter_public_ip": "192.0.2.7",
    "dns_with_management_vm_private_ip": True,
    "connected_vpc": {"vpc_id": "vpc-connected", "state": "ACTIVE", "account_id": "111122223333", "subnets": SUBNETS},
}
ENDPOINTS = {
    "vpc_endpoint_id": "vpce-1",
    "state": "available",
    "dns_name": ENDPOINT,
    "security_group_ids": ["sg-1"],
    "network_interfaces": [{"private_ip_address": "10.9.0.5"}, {"private_ip_address": "10.9.1.5"}],
    "users": [SITE],
    "tags": {**OURS, "Name": "vmc-aws-backup"},
}
OTHER_ENDPOINT = {
    **ENDPOINTS,
    "vpc_endpoint_id": "vpce-2",
    "dns_name": ENDPOINT.replace("vpce-1", "vpce-2"),
    "network_interfaces": [{"private_ip_address": "10.9.0.9"}],
}
GROUP = {
    "group_id": "sg-1",
    "name": f"{NAME}-appliances",
    "site_id": SITE,
    "tags": dict(OURS),
    "ingress": [{"cidr_ip": f"10.0.5.{host}/32"} for host in (20, 21, 22)],
}
TAGGED = [{"scope": "managed-by", "tag": "vmc-aws-backup"}]
ZONES = [
    {"id": f"{gateway}-dns-zone", "gateways": [gateway], "default": True, "upstream_servers": ["8.8.8.8"]}
    for gateway in ("mgw", "cgw")
]
ACCOUNT = {
    "account_id": "111122223333",
    "endpoint_services": [{"service_name": "com.amazonaws.eu-west-3.backup-gateway"}],
    "subnets": SUBNETS,
}

FINDING = {
    "id": "coverage",
    "subject": "protection",
    "verdict": "broken",
    "severity": "warning",
    "evidence": "1 outdated.",
}


WEB = {
    "name": "web",
    "path": "/Datacenter-of-it/vm/prod",
    "resource_arn": "arn:aws:backup-gateway:eu-west-3:111122223333:vm/web",
    "last_backup_date": None,
}
PLANS = [
    {
        "name": f"{NAME}-{entry}",
        "backup_plan_id": f"id-of-{entry}",
        "rules": {"daily": {}},
        "site_id": SITE,
        "tags": dict(OURS),
    }
    for entry in ("all", "old")
]
SELECTION = {"selection_name": "all-1", "creator_request_id": "theirs", "virtual_machines": [WEB]}
POINTS = [
    {
        "resource_arn": WEB["resource_arn"],
        "status": "COMPLETED",
        "delete_at": "2026-03-08T12:00:00+00:00",
        "lifecycle": {"delete_after_days": 35},
        "backup_vault_name": "blue-backups",
    }
]
COPIES = {
    "source_account_id": "111122223333",
    "destination_account_id": "444455556666",
    "partition": "aws",
    "findings": [{"name": "Setting", "verdict": "unknown", "evidence": "Denied.", "change": ""}],
}


def to(gives, **asked):
    return {"to": asked, "gives": gives}


def written(kind, **seen):
    return {"changed": True, "changes": CREATED, kind: seen}


def world(**other) -> dict:
    """Module -> its answer, or answers by what it is asked; ``other`` takes the place of some."""
    return copy.deepcopy(
        {
            "backup_account_info": {"accounts": [ACCOUNT]},
            "backup_gateway": [
                # Whether jobs run is asked by trying to remove.
                to({"failed": True, "msg": "Jobs may run."}, check_mode=True, state="absent", entry=E2),
                *(to(written("gateway", **gateway(n, entry)), entry=entry) for n, entry in ((1, E1), (2, E2), (3, E3))),
                to(written("gateway", name="other")),
            ],
            "backup_gateway_update": {
                "changed": True,
                "gateway": {"software_version": "2"},
                "software_version_before": "1",
            },
            "backup_gateway_info": {"gateways": [gateway(1, E1), gateway(2, E2)]},
            "backup_hypervisor": written(
                "hypervisor", name=NAME, state="ONLINE", hypervisor_arn="arn:hypervisor", site_id=SITE
            ),
            "backup_hypervisor_info": {
                "hypervisors": [
                    {"name": NAME, "host": SDDC["vcenter_hostname"], "site_id": SITE, "gateways": ["gateway-1"]}
                ]
            },
            "backup_hypervisor_test": {"changed": True},
            "backup_copy_info": {"copies": [COPIES]},
            "backup_job": {
                "changed": True,
                "job": {"job_id": "job-1", "state": "COMPLETED", "resource_name": "web"},
                "request_id": "r-1",
            },
            "backup_plan": written("backup_plan", name="blue-all"),
            "backup_plan_info": {"backup_plans": PLANS},
            "backup_recovery_point_info": {"recovery_points": POINTS},
            "backup_selection": written("backup_selection", name="all", older=[], virtual_machines=[]),
            "backup_selection_info": {"backup_selections": [SELECTION]},
            "backup_vault": written("backup_vault", name="blue-backups", backup_vault_arn="arn:vault"),
            "backup_iam_role": written("iam_role"),
            "backup_iam_role_info": {
                "iam_roles": [{"name": "it", "role_arn": "arn:aws:iam::111122223333:role/AWSBackup-it"}]
            },
            "backup_kms_key": written("kms_key"),
            "backup_path_info": {
                "reachable": True,
                "hops": [{"hop": "dns", "verdict": "ok", "evidence": "", "change": ""}],
            },
            "backup_region_settings": written("region_settings"),
            "backup_region_settings_info": {
                "region_settings": [{"resource_type_opt_in_preference": {"VirtualMachine": True}}]
            },
            "backup_security_group": written("security_group", group_id="sg-1"),
            "backup_security_group_info": {"security_groups": [GROUP]},
            "backup_virtual_machine_info": {"virtual_machines": [WEB]},
            "backup_verification_info": {"findings": [FINDING], "population": [], "backup_plans": []},
            "dns_answer_info": {"answers": [{"server": "10.0.0.53", "name": "a", "answered": True, "error": ""}]},
            "gateway_activation_key": {"activation_key": "the key", "_ansible_no_log": True},
            "gateway_appliance": [
                to(written("appliance", **machine(n, entry)), entry=entry) for n, entry in ((1, E1), (2, E2), (3, E3))
            ],
            "gateway_appliance_info": {"appliances": [machine(1, E1), machine(2, E2), machine(3, E3)]},
            "nsx_cgw_rule": written("cgw_rule"),
            "nsx_cgw_rule_info": {"rules": []},
            "nsx_dhcp_static_binding": written("static_binding"),
            "nsx_dns_zone": written("dns_zone"),
            "nsx_dns_zone_info": {"dns_zones": ZONES},
            "nsx_group": written("group"),
            "nsx_group_info": {"groups": []},
            "nsx_mgw_rule": written("mgw_rule"),
            "nsx_mgw_rule_info": {"rules": []},
            "nsx_nat_rule": written("nat_rule"),
            "nsx_nat_rule_info": {"nat_rules": []},
            "nsx_public_ip_info": {"public_ips": []},
            "nsx_public_ip": written("public_ip", ip="198.51.100.7"),
            "nsx_segment": written("segment"),
            "nsx_segment_info": {"segments": []},
            "vmc_sddc_info": {"sddcs": [SDDC]},
            "vmc_vcenter_dns": written("vcenter_dns"),
            "vpce_backup": written("vpc_endpoint", vpc_endpoint_id="vpce-1", dns_name=ENDPOINT),
            "vpce_backup_info": {"vpc_endpoints": [ENDPOINTS]},
            "vsphere_about_info": {
                "vcenters": [{"instance_uuid": OF_VCENTER}],
                "appliances": [machine(1, E1), machine(2, E2), machine(3, E3)],
                "datastores": [],
            },
            "vsphere_anti_affinity_rule": written("anti_affinity_rule"),
            "vsphere_virtual_machine_info": {"vcenter": {}, "virtual_machines": [{"name": "a machine"}]},
            **other,
        }
    )


OUT_OF_REACH = {"failed": True, "msg": "vCenter does not answer.", "error": {"code": "TimeoutError"}}


def of_the_site(answers, site: str):
    """The same answers of another site."""
    if isinstance(answers, dict):
        return {key: of_the_site(value, site) for key, value in answers.items()}
    if isinstance(answers, list):
        return [of_the_site(value, site) for value in answers]
    return site if answers == SITE else answers
