# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What VMware Cloud shows of an SDDC, in the forms of VMware's SDK (vmwarecloud_aws): with all that is null in them, and all that is secret."""

from __future__ import annotations

import copy

from .world import ORG

USER = "operator@example.org"
CONNECTED_ACCOUNT_ID = "deadbeef-0000-0000-0000-000000000002"
OPERATOR_ID = "00000000-1111-2222-3333-444444444444"
# Who made what, and when: of every entity.
MADE = {
    "created": "2026-01-05T08:00:00.000Z",
    "updated": "2026-01-05T10:00:00.000Z",
    "version": 12,
    "user_id": OPERATOR_ID,
    "user_name": USER,
    "updated_by_user_id": OPERATOR_ID,
    "updated_by_user_name": None,
}
# Where the configuration of an SDDC was seen holding a secret, or its model says that it may.
SECRETS = (
    "cloud_password",
    "nsx_cloud_admin_password",
    "nsx_cloud_audit_password",
    "admin_password",
    "temp_vc_admin_password",
    "nsx_manager_password",
    "nsx_manager_audit_password",
    "root_nsx_controller_password",
    "root_nsx_edge_password",
    "root_nsx_manager_password",
    "nsx_proxy_password",
    "fleet_management_password",
    "fleet_management_queue_password",
    "perf_agent_svc_password",
    "backup_restore_vc_password",
    "vuln_scanner_password",
    "edge_vmci_auth_token",
    "vc_ssh_credential.password",
    "sddc_manager_credentials.password",
    "new_nsx_credentials.password",
    "nsx_service_client.secret",
    "nsx_user_client.secret",
    "nsx_native_client.secret",
    "vc_oauth_client.secret",
    "agent.sddc_csp_oauth_client.csp_oauth_client.secret",
    "agents.0.sddc_csp_oauth_client.csp_oauth_client.secret",
    "agents.0.key_pair.key_material",
    "vpc_info.default_key_pair.key_material",
    "esx_hosts.0.esx_credential.password",
    "clusters.0.esx_host_list.0.esx_credential.password",
)
NULL_SDDC = ("account_link_state", "expiration_date", "sddc_type", "sddc_template_id")
NULL_CONFIG = (
    "backup_restore_vc_username",
    "custom_properties",
    "ebs_backed_vsan_config",
    "esx_cluster_id",
    "fleet_management_queue_user",
    "fleet_management_username",
    "intermediate_ip_pool",
    "ipv6_enabled",
    "key_provider",
    "key_provider_data",
    "management_ds",
    "management_rp",
    "mgmt_appliance_connectivity_logical_switch_id",
    "mgmt_appliance_network_name",
    "mgw_id",
    "msft_license_config",
    "nsx_controller_ips",
    "nsx_manager_audit_username",
    "nsx_manager_username",
    "nsx_proxy_username",
    "nsxt_addons",
    "outpost_config",
    "perf_agent_svc_username",
    "pop_agent_xeni_connection",
    "psc_ip",
    "psc_url",
    "sub_domain",
    "vc_break_glass_url",
    "vc_csp_login_status",
    "vpc_info_peered_agent",
    "vuln_scanner_admin_user",
)
NULL_VPC = (
    "api_association_id",
    "api_subnet_id",
    "association_id",
    "edge_association_id",
    "edge_subnet_id",
    "esx_public_security_group_id",
    "esx_security_group_id",
    "internet_gateway_id",
    "ipv6_vpc_cidr",
    "peering_connection_id",
    "private_association_id",
    "private_subnet_id",
    "security_group_id",
    "subnet_id",
    "tgw_ips",
    "traffic_group_edge_vm_ips",
    "vcdr_enis",
    "vgw_id",
    "vm_security_group_id",
)


def sddc(sddc, private_dns: bool) -> dict:
    """The SDDC, but for its secrets."""
    return {
        **dict.fromkeys(NULL_SDDC),
        **MADE,
        "id": sddc.id,
        "org_id": ORG,
        "name": sddc.name,
        "provider": "AWS",
        "sddc_state": "READY",
        "sddc_access_state": "ENABLED",
        "nsxt_csp_mode": True,
        "resource_config": _config(sddc, private_dns),
    }


def with_secrets(document: dict, secrets: dict) -> dict:
    """The document with all that it gives away: by the path within its configuration, the secret."""
    shown = copy.deepcopy(document)
    for path, secret in secrets.items():
        *inner, last = path.split(".")
        place = shown["resource_config"]
        for name in inner:
            if isinstance(place, list):
                place = place[int(name)]
            else:
                place[name] = place.get(name) or {"id": name, "username": "root"}
                place = place[name]
        place[last] = secret
    return shown


def _config(sddc, private_dns) -> dict:
    proxy = f"https://{sddc.nsx_address}:9443/vmc/reverse-proxy/api"
    first = cluster(sddc, 1, "Cluster-1", [host(sddc, 0, sddc.zone)])
    return {
        **dict.fromkeys(NULL_CONFIG),
        "provider": "AWS",
        "sddc_id": sddc.id,
        "region": sddc.region.upper().replace("-", "_"),
        "availability_zones": [sddc.zone],
        # Seen on an SDDC that is not stretched: its own zone.
        "witness_availability_zone": sddc.zone,
        "deployment_type": "SINGLE_AZ",
        "nsxt": True,
        "nfs_mode": False,
        "cvds_enabled": True,
        "vlcm_enabled": False,
        "skip_creating_vxlan": True,
        "vxlan_subnet": None,
        "sddc_desired_state": True,
        "two_hostname_vc_deployment": False,
        "vc_containerized_permissions_enabled": True,
        "vc_url": f"https://{sddc.vcenter_address}:9443/",
        "vc_ip": f"https://{sddc.vcenter_address}:9443/",
        "vc_instance_id": None,
        "vc_management_ip": sddc.vcenter_private_address,
        "vc_public_ip": f"192.0.2.{10 + sddc.number}",
        "psc_management_ip": sddc.vcenter_private_address,
        "dns_with_management_vm_private_ip": private_dns,
        "admin_username": "administrator@vmc.local",
        "cloud_username": "cloudadmin@vmc.local",
        "cloud_user_group": "CloudAdminGroup",
        "sso_domain": "vmc.local",
        "nsx_mgr_url": f"https://{sddc.nsx_address}:9443/",
        "nsx_mgr_ip": f"https://{sddc.nsx_address}:9443/",
        "nsx_mgr_login_url": f"https://{sddc.nsx_address}:9443/login.jsp",
        "nsx_mgr_management_ip": f"{sddc.management_prefix}.3",
        "nsx_api_public_endpoint_url": f"{proxy}/orgs/{ORG}/sddcs/{sddc.id}/sks-nsxt-manager",
        "nsx_reverse_proxy_url": proxy,
        "nsx_cloud_admin": "cloud_admin",
        "nsx_cloud_audit": "cloud_audit",
        "vpc_info": {
            **dict.fromkeys(NULL_VPC),
            "provider": "AWS",
            "network_type": "AWS_SIMPLE",
            "id": f"vpc-{sddc.number:017x}",
            "vpc_cidr": f"{sddc.management_prefix}.0/24",
            "route_table_id": f"rtb-{sddc.number:017x}",
            "vgw_route_table_id": None,
            "vif_ids": [],
            "available_zones": [],
            "routetables": {"localTable": {"name": "localTable", "id": f"rtb-{sddc.number:017x}"}},
            "witness_az": {"id": None, "subnets": []},
        },
        "account_link_sddc_config": [
            {
                "connected_account_id": CONNECTED_ACCOUNT_ID,
                "customer_subnet_ids": [sddc.connected_vpc[key] for key in ("subnet_id",) if key in sddc.connected_vpc],
            }
        ],
        "agents": [_agent(sddc)],
        "agent": _agent(sddc),
        "non_master_agents": [],
        "public_ip_pool": [],
        "mgw_public_ip_pool": [],
        "max_num_public_ip": 30,
        "cgws": ["domain-c8"],
        "sddc_networks": [],
        "certificates": {},
        "management_vms": {},
        "esx_hosts": [dict(each) for each in first["esx_host_list"]],
        "clusters": [first],
        "esx_host_subnet": f"{sddc.management_prefix}.16/28",
        "esx_instance_profile": {"instance_profile_name": "esx", "role_name": "esx", "policy_name": "esx"},
        "kms_vpc_endpoint": {"vpc_endpoint_id": None, "network_interface_ids": []},
        "vsan_encryption_config": {"port": None, "certificate": None},
        "sddc_security": {"profile": "NONE", "hardened": False},
        "sddc_size": {"vc_size": "medium", "nsx_size": "medium", "size": "MEDIUM"},
        "backup_restore_bucket": None,
        "sddc_manifest": {
            "vmc_version": "1.24",
            "vmc_internal_version": "1.24.0.0.0",
            "esx_ami": {
                "id": "ami-0123456789abcdef0",
                "region": sddc.region,
                "instance_type": "i3en.metal",
                "name": None,
            },
            "glcm_bundle": {"id": "1234", "s3_bucket": None},
            "metadata": {"cycle_id": "cycle-1", "timestamp": "1767600000000"},
            "pop_info": None,
            "ebs_backed_vsan_config": None,
            "esx_nsxt_ami": None,
            "vsan_witness_ami": None,
        },
    }


def _agent(sddc) -> dict:
    return {
        "provider": "AWS",
        "id": f"agent-{sddc.number}",
        "agent_url": None,
        "agent_state": "READY",
        "internal_ip": f"{sddc.management_prefix}.5",
        "management_ip": None,
        "custom_properties": None,
        "addresses": [],
        "healthy": True,
        "kms_key_id": None,
        "tinyproxy_whitelist": None,
        "tenant_service_info": {"s3_log_bucket_arn": ""},
        "sddc_csp_oauth_client": None,
        "key_pair": None,
        "master": True,
    }


def host(sddc, number, zone) -> dict:
    return {
        "esx_id": f"host-{sddc.number}-{number}",
        "name": sddc.esxi_address,
        "hostname": sddc.esxi_address,
        "mac_address": f"02:00:00:00:{sddc.number:02x}:{number:02x}",
        "provider": "AWS",
        "instance_type": "i3en.metal",
        "instance_id": f"i-{sddc.number:08x}{number:09x}",
        "esx_state": "READY",
        "availability_zone": zone,
        "custom_properties": None,
        "esx_credential": None,
        "finger_print": None,
        "durable_host_name": None,
        "state_last_updated": MADE["updated"],
        "eni_list": [],
    }


def cluster(sddc, number, name, hosts) -> dict:
    zones = sorted({each["availability_zone"] for each in hosts})
    return {
        "cluster_id": f"cluster-{sddc.number}-{number}",
        "cluster_name": name,
        "cluster_state": "READY",
        "availability_type": "SINGLE_AZ" if len(zones) == 1 else "MULTI_AZ",
        "availability_zones": zones,
        "esx_host_list": hosts,
        "esx_host_info": {"instance_type": "i3en.metal"},
        "host_cpu_cores_count": 48,
        "hyper_threading_enabled": True,
        "cluster_capacity": {
            "number_of_sockets": 2,
            "total_number_of_cores": 48,
            "cpu_capacity_ghz": 110.4,
            "memory_capacity_gib": 768,
            "number_of_ssds": 8,
            "storage_capacity_gib": 46488,
        },
        "partition_placement_group_info": None,
        "msft_license_config": {"windows_licensing": None, "mssql_licensing": None, "academic_license": False},
        "vsan_witness": None,
        "vsan_version": None,
        "aws_kms_info": None,
        "wcp_details": None,
        "custom_properties": None,
        "compute_rp_name": None,
        "mgmt_rp_name": None,
    }


def connection(sddc, subnet, order) -> dict:
    connected = sddc.connected_vpc
    return {
        **MADE,
        "id": f"c0ffee00-0000-0000-{order:04d}-{sddc.number:012d}",
        "sddc_id": sddc.id,
        "org_id": ORG,
        "connected_account_id": CONNECTED_ACCOUNT_ID,
        "vpc_id": connected["vpc_id"],
        "subnet_id": subnet["id"],
        "subnet_availability_zone": subnet["availability_zone"],  # as the customer's account names it
        "cidr_block_subnet": subnet["cidr"],
        "cidr_block_vpc": connected["cidr_block"],
        "customer_eni_infos": [
            {"eni_id": eni, "primary_ip_address": address, "secondary_ip_addresses": None}
            for eni, address in connected["network_interface_addresses"].items()
        ],
        "default_route_table": connected["route_table_id"],
        "eni_group": None,
        "state": connected.get("state", "ACTIVE"),
        "connection_order": order,
        "cgw_present": order == 1,  # of the two of a stretched SDDC the one with the compute gateway
    }


def reservation(sddc, in_window, maintained) -> dict:
    """MaintenanceWindowEntry: the regular window of an SDDC, whether it is open, and whether the SDDC is being maintained."""
    return {
        "sddc_id": sddc.id,
        "reservation_id": f"5eed0000-0000-0000-0000-{sddc.number:012d}",
        "in_maintenance_window": sddc.id in in_window,
        "in_maintenance_mode": sddc.id in maintained,
        "reservation_schedule": {
            "day_of_week": "SUN",
            "hour_of_day": 2,
            "duration_min": 360,
            "version": 1,
            "reservations": [],
            "reservations_mw": [],
        },
    }
