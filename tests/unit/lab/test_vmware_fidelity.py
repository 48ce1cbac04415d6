# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lab answers for VMware Cloud, against VMware's own models. Skipped where these are not installed.

They are vmwarecloud_aws and nsx_vmc_aws_integration of github.com/vmware/vsphere-automation-sdk-python, and vcf-nsx of PyPI.
"""

from __future__ import annotations

import pytest
from lab.vmc import API_TOKEN, AUTH
from lab.world import ORG
from unit.lab.models import problems
from unit.lab.nsx_lab import MGW, RULES, SDDC, rule
from werkzeug.test import Client

vmc = pytest.importorskip("com.vmware.vmc.model_client")
app = pytest.importorskip("com.vmware.nsx_vmc_app.model_client")
IN_ORG = f"/vmc/api/orgs/{ORG}"
CLOUD = "/cloud-service/api/v1"
# Seen in a recorded document of an SDDC (the tests of saltext.vmware), and in no model.
BEYOND = frozenset(
    """
    account_link_sddc_config admin_password admin_username agent agents backup_restore_vc_password backup_restore_vc_username certificates
    edge_vmci_auth_token esx_credential finger_print fleet_management_password fleet_management_queue_password
    fleet_management_queue_user fleet_management_username instance_id intermediate_ip_pool ipv6_enabled key_provider_data
    management_vms mgmt_appliance_connectivity_logical_switch_id new_nsx_credentials non_master_agents nsx_manager_audit_password
    nsx_manager_audit_username nsx_manager_password nsx_manager_username nsx_mgr_ip nsx_proxy_password nsx_proxy_username
    nsx_reverse_proxy_url nsxt_csp_mode perf_agent_svc_password perf_agent_svc_username root_nsx_controller_password
    root_nsx_edge_password root_nsx_manager_password sddc_manager_credentials sddc_template_id sub_domain temp_vc_admin_password
    vc_ssh_credential vuln_scanner_admin_user vuln_scanner_password default_key_pair ipv6_vpc_cidr witness_az ebs_backed_vsan_config
    username s3_bucket
    """.split()
)


@pytest.fixture
def get(world):
    token = Client(world.vmc.app).post(f"{AUTH}/api-tokens/authorize", data={"api_token": API_TOKEN})
    return lambda path, method="GET": (
        Client(world.vmc.app)
        .open(path, method=method, headers={"csp-auth-token": token.json["access_token"]})
        .get_json()
    )


@pytest.mark.parametrize(
    ("path", "model", "listed"),
    [
        ("", "Organization", False),
        (f"/sddcs/{SDDC}", "Sddc", False),
        ("/sddcs", "Sddc", True),
        ("/account-link/sddc-connections", "AwsSddcConnection", True),
        ("/account-link/connected-accounts", "AwsCustomerConnectedAccount", True),
        ("/reservations", "MaintenanceWindowEntry", True),
        ("/tasks", "Task", True),
    ],
)
def test_the_cloud_answers_as_its_model_says(get, path, model, listed):
    get(f"{IN_ORG}/sddcs/{SDDC}/dns/public", method="PUT")
    found = get(f"{IN_ORG}{path}")
    found = found if listed else [found]
    structure = getattr(vmc, model).get_binding_type()
    assert found and [each for one in found for each in problems(one, structure, beyond=BEYOND)] == []


def test_a_state_of_an_sddc_is_one_that_there_is(get):
    states = {value for name, value in vars(vmc.Sddc).items() if name.startswith("SDDC_STATE_")}
    assert get(f"{IN_ORG}/sddcs/{SDDC}")["sddc_state"] in states


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/infra/linked-vpcs", "LinkedVpcsListResult"),
        ("/infra/linked-vpcs/vpc-0abc", "LinkedVpcInfo"),
        ("/infra/linked-vpcs/vpc-0abc/connected-services", "ConnectedServiceListResult"),
        ("/infra/accounts", "VMCAccounts"),
        ("/infra/mgmt-vms", "MgmtVmsListResult"),
        ("/infra/mgmt-vms/VCENTER", "MgmtVmInfo"),
        ("/infra/sddc/mgw/gateway-policies/invalid-fw-rules", "FilteredMgwGatewayPolicies"),
        ("/infra/sddc-user-config", "SddcUserConfiguration"),
        ("/infra/sddc-networking-state-info", "SddcNetworkingStateInfo"),
        ("/infra/associated-groups", "AssociatedGroupConnectionInfosListResult"),
        ("/infra/public-ips", "PublicIpsListResult"),
        ("/infra/public-ips/one", "PublicIp"),
    ],
)
def test_the_cloud_service_answers_as_its_model_says(call, world, path, model):
    world.switches["any_to_esxi_refused"] = False
    assert call("PUT", f"{RULES}/open", rule(source_groups=["ANY"], destination_groups=[f"{MGW}/groups/ESXI"])).json[
        "id"
    ]
    call("PUT", "/infra/public-ips/one", {"id": "one", "display_name": "one"}, api=CLOUD)
    world.sddcs[SDDC].connected_vpc["groups"] = [{"tgw_id": "tgw-1", "tgw_attachment_id": "a", "state": "CONNECTED"}]
    found = call("GET", path, api=CLOUD)
    assert found.status_code == 200
    assert problems(found.json, getattr(app, model).get_binding_type()) == []


def test_groups_of_an_sddc_are_told_with_their_transit_gateways(call, world):
    world.sddcs[SDDC].connected_vpc["groups"] = [{"tgw_id": "tgw-1", "tgw_attachment_id": "a", "state": "CONNECTED"}]
    (found,) = call("GET", "/infra/associated-groups", api=CLOUD).json["results"]
    structure = getattr(app, found["resource_type"]).get_binding_type()
    assert problems(found, structure) == []
