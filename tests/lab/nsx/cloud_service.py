# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reads and writes of `/cloud-service/api/v1`: VMC's own part of the NSX API."""

from __future__ import annotations

from ..world import SHADOW_ACCOUNT
from . import addresses, refusals
from .laws import MANAGED_SERVICES
from .policy import page

PREFIX = "/cloud-service/api/v1"


class CloudService:
    """One method per operation; each takes the path's parts and the request."""

    def __init__(self, nsx):
        self.nsx = nsx
        self.public_ips: dict[str, dict] = {}
        self.connected_services: dict[str, bool] = {"s3": True}

    def linked_vpcs(self, parts, request):
        return results([self._linked_vpc()] if self._connected() else [])

    def linked_vpc(self, parts, request):
        return self._only_linked(parts)

    def connected_services_list(self, parts, request):
        self._only_linked(parts)
        return results([{"name": name, "enabled": on} for name, on in self.connected_services.items()])

    def connected_service(self, parts, request):
        self._only_linked(parts)
        if parts["service"] not in self.connected_services:
            raise refusals.invalid(f"{parts['service']} is not a service of a connected VPC")
        self.connected_services[parts["service"]] = bool(request.get_json().get("enabled"))
        return {"name": parts["service"], "enabled": self.connected_services[parts["service"]]}

    def accounts(self, parts, request):
        return {"linked_vpc_account": self._connected()["account_id"], "shadow_account": SHADOW_ACCOUNT}

    def mgmt_vms(self, parts, request):
        return results([self._mgmt_vm(name) for name in MANAGED_SERVICES])

    def mgmt_vm(self, parts, request):
        if parts["id"] not in MANAGED_SERVICES:
            raise refusals.not_found(f"/infra/mgmt-vms/{parts['id']}")
        return self._mgmt_vm(parts["id"])

    def invalid_fw_rules(self, parts, request):
        """Rules that expose management VMs to everyone, by management VM."""
        found = {}
        for rule in self.nsx.rules("mgw"):
            sources = [each for entry in rule["source_groups"] for each in self.nsx.group_addresses(entry)]
            if rule["disabled"] or rule["action"] != "ALLOW" or not any(map(addresses.is_everything, sources)):
                continue
            for name in MANAGED_SERVICES:
                if self.nsx.mgw(name) in rule["destination_groups"]:
                    exposed = {"rule_id": rule["rule_id"], "rule_name": rule["display_name"]}
                    found.setdefault(name, []).append(exposed)
        text = "Rules expose management VMs to any source." if found else ""
        return {"error_msg": text, "invalid_rules": [{"key": key, "value": rules} for key, rules in found.items()]}

    def sddc_user_config(self, parts, request):
        """SddcUserConfiguration: many of its fields name the same thing twice, the older name being deprecated."""
        sddc = self.nsx.sddc
        management = [f"{sddc.management_prefix}.0/24"]
        zone = self.nsx.objects["/infra/tier-1s/mgw/dns-forwarder"]["default_forwarder_zone_path"]
        labels = [shown(each["path"], each["display_name"]) for each in self.nsx.store.children("/infra/labels")]
        return {
            "provider_name": "AWS",
            "sddc_name": sddc.name,
            "sddc_region": sddc.vmc["resource_config"]["region"],
            "security_classification": None,
            "route_aggregation_enabled": None,
            "mgmt_subnet": management,
            "mgmt_subnets": management,
            "infra_subnets": management,
            "sddc_infra_subnet": management,
            "mgw_snat_ip": sddc.vmc["resource_config"]["vc_public_ip"],
            "cgw_snat_ip": self.nsx.world.vmc.snat_address(sddc),
            "management_gateway": "mgw",
            "compute_gateway": "cgw",
            "management_domain": "mgw",
            "compute_domain": "cgw",
            "management_gateway_label": "mgw",
            "all_uplink_interface_label": "cgw-all",
            "public_interface_label": "cgw-public",
            "dx_interface_label": "cgw-direct-connect",
            "linked_vpc_interface_label": "cgw-cross-vpc",
            "all_vpn_interface_label": "cgw-vpn",
            "management_gateway_default_dns_zone": shown(zone),
            "labels": labels,
            "domains": [shown("/infra/domains/mgw"), shown("/infra/domains/cgw")],
            "enforcement_points": [shown("/infra/sites/default/enforcement-points/vmc-enforcementpoint")],
            "gateways": [
                {"key": "tier0s", "value": [shown("/infra/tier-0s/vmc")]},
                {"key": "tier1s", "value": [shown("/infra/tier-1s/mgw"), shown("/infra/tier-1s/cgw")]},
            ],
            "provider_gateways": None,
            "provider_prefix_lists": None,
            "external_connectivities": None,
            "interfaces": None,
            "vpn_internet_ips": [],
            "vpn_dx_ips": [],
            "vpn_endpoints": None,
        }

    def networking_state(self, parts, request):
        """SddcNetworkingStateInfo: each part is a list."""
        sddc, connected = self.nsx.sddc, self._connected()
        provider = {
            "account_id": connected.get("account_id"),
            "vpc_id": connected.get("vpc_id"),
            "vpc_cidr": [connected["cidr_block"]] if connected else [],
            "vpc": sddc.linked_subnets if connected else [],
            "connectivity_status": "CONNECTED" if connected else "DISCONNECTED",
            "availability_zone": sddc.zone,
            "cloud_formation_stack_name": "vmware-sddc-formation",
            "s3_enabled": self.connected_services["s3"],
            "ec2_enabled": None,
            "iam_role_names": None,
            "traffic_group_eni_mapping_infos": [],
        }
        management = [f"{sddc.management_prefix}.0/24"]
        mgw = {
            "mgmt_subnets": management,
            "infra_subnets": management,
            "appliance_subnet": management[0],
            "dns": self.nsx.objects["/infra/dns-forwarder-zones/mgw-dns-zone"]["upstream_servers"],
            "total_firewall_rules": len(self.nsx.rules("mgw")),
        }
        cgw = {
            "dns": self.nsx.objects["/infra/dns-forwarder-zones/cgw-dns-zone"]["upstream_servers"],
            "total_firewall_rules": len(self.nsx.rules("cgw")),
            "total_segments": len(self.nsx.segments()),
            "total_tier1_gateways": 2,
        }
        vpn = {
            "connectivity_up": 0,
            "connectivity_down": 0,
            "connectivity_deactivated": 0,
            "total_connections": 0,
            "public_ip": None,
            "vpn_down_connections": [],
        }
        return {
            "sddc_id": sddc.id,
            "sddc_name": sddc.name,
            "sddc_region": sddc.vmc["resource_config"]["region"],
            "provider_name": "AWS",
            "last_sync_time": None,
            "error": None,
            "cloud_provider": [provider],
            "management_gateway": [mgw],
            "compute_gateway": [cgw],
            "vpn": [vpn],
            "direct_connect": [],
            "transit_connect": [],
            "outposts_connect": [],
        }

    def associated_groups(self, parts, request):
        kind = {"resource_type": "AssociatedTgwGroupConnectionInfoVersion2"}
        return results([{**kind, **each} for each in self._connected().get("groups", [])])

    def public_ips_list(self, parts, request):
        return page(list(self.public_ips.values()), request)

    def public_ip(self, parts, request):
        if parts["id"] not in self.public_ips:
            raise refusals.not_found(f"/infra/public-ips/{parts['id']}")
        known = self.public_ips[parts["id"]]
        shown = dict(known)
        # The address may appear only after a second read.
        if known["ip"] is None:
            known["ip"] = self.free_address()
            self.nsx.when_allotted()
        return shown

    def put_public_ip(self, parts, request):
        body, name = request.get_json(), parts["id"]
        known = self.public_ips.setdefault(name, {"id": name, "ip": None, "display_name": name})
        if body.get("ip") not in (None, known["ip"]):
            raise refusals.invalid("only display_name can change")
        known["display_name"] = body.get("display_name", name)
        return dict(known)

    def delete_public_ip(self, parts, request):
        path = f"/infra/public-ips/{parts['id']}"
        if parts["id"] not in self.public_ips:
            raise refusals.not_found(path)
        users = self._users(self.public_ips[parts["id"]]["ip"])
        # That `force` exists says that there is a refusal without it; its code is UNCONFIRMED.
        if users and request.args.get("force") != "true":
            raise refusals.referenced(path, users)
        del self.public_ips[parts["id"]]
        self.nsx.when_allotted()

    def addresses(self) -> list[str]:
        """The public addresses that were allotted."""
        return [each["ip"] for each in self.public_ips.values() if each["ip"]]

    def free_address(self):
        network, taken = self.nsx.sddc.public_network, self.addresses()
        return next(each for each in (f"{network}.{last}" for last in range(10, 250)) if each not in taken)

    def learned_routes(self, parts, request):
        """ExternalSddcRoutesListResult: what Direct Connect and Transit Connect teach. A VPN's routes are not among them."""
        if not self.nsx.world.switches["learned_routes"]:
            raise refusals.not_found("/infra/external/routes/learned")
        routes = [
            {"destination": network, "connectivities": [{"connectivity_type": by, "status": "SUCCEEDED"}]}
            for network, by in self.nsx.sddc.learned_routes
        ]
        return {"routes": routes, "result_count": len(routes)}

    def _users(self, address):
        """The NAT rules that name a public address."""
        rules = self.nsx.store.children("/infra/tier-1s/cgw/nat/USER/nat-rules")
        named = ("destination_network", "translated_network")
        return [each["path"] for each in rules if address and address in [each.get(key) for key in named]]

    def _connected(self):
        return self.nsx.sddc.connected_vpc

    def _only_linked(self, parts):
        if parts["vpc"] != self._connected().get("vpc_id"):
            raise refusals.not_found(f"/infra/linked-vpcs/{parts['vpc']}")
        return self._linked_vpc()

    def _linked_vpc(self):
        connected = self._connected()
        return {
            "linked_vpc_id": connected["vpc_id"],
            "linked_account": connected["account_id"],
            "linked_vpc_addresses": [connected["cidr_block"]],
            "linked_vpc_subnets": self.nsx.sddc.linked_subnets,
            "active_eni": connected["active_network_interface_id"],
            "route_table_ids": [connected["route_table_id"]],
            "arn_role": f"arn:aws:iam::{connected['account_id']}:role/vmware-sddc-formation-remote-role",
            "linked_vpc_nat_ips": [],
            "traffic_group_eni_mappings": [],
        }

    def _mgmt_vm(self, name):
        group = self.nsx.objects[self.nsx.mgw(name)]
        services = [self.nsx.objects[f"/infra/services/{each}"] for each in sorted(MANAGED_SERVICES[name])]
        return {
            "id": name,
            "display_name": group["display_name"],
            "group_path": group["path"],
            "ips": self.nsx.group_addresses(group["path"]),
            "services": [{"display_name": each["display_name"], "path": each["path"]} for each in services],
            "ip_attachment_pairs": [],
        }


def shown(path, name=None):
    """ProviderObject."""
    identifier = path.rpartition("/")[2]
    return {"id": identifier, "path": path, "display_name": name or identifier, "type": None, "url": None}


def results(rows):
    return {"results": rows, "result_count": len(rows)}


ROUTES = (
    ("GET", "/infra/linked-vpcs", CloudService.linked_vpcs),
    ("GET", "/infra/linked-vpcs/{vpc}", CloudService.linked_vpc),
    ("GET", "/infra/linked-vpcs/{vpc}/connected-services", CloudService.connected_services_list),
    ("PUT", "/infra/linked-vpcs/{vpc}/connected-services/{service}", CloudService.connected_service),
    ("GET", "/infra/accounts", CloudService.accounts),
    ("GET", "/infra/mgmt-vms", CloudService.mgmt_vms),
    ("GET", "/infra/mgmt-vms/{id}", CloudService.mgmt_vm),
    ("GET", "/infra/sddc/mgw/gateway-policies/invalid-fw-rules", CloudService.invalid_fw_rules),
    ("GET", "/infra/sddc-user-config", CloudService.sddc_user_config),
    ("GET", "/infra/sddc-networking-state-info", CloudService.networking_state),
    ("GET", "/infra/associated-groups", CloudService.associated_groups),
    ("GET", "/infra/external/routes/learned", CloudService.learned_routes),
    ("GET", "/infra/public-ips", CloudService.public_ips_list),
    ("GET", "/infra/public-ips/{id}", CloudService.public_ip),
    ("PUT", "/infra/public-ips/{id}", CloudService.put_public_ip),
    ("DELETE", "/infra/public-ips/{id}", CloudService.delete_public_ip),
)
