# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interface endpoint of a VPC for AWS Backup."""

from __future__ import annotations

import json

from .. import wait
from ..clients.aws_forms import canonical_policy, retag, tag_list, tags_of
from ..errors import Ambiguous, ApiError, Conflict, Error, Foreign, Invalid
from ..ownership import NOT_OURS, is_of, is_ours
from ..values import MARKS, Noticed, Unresolved, canonical, checked_site, given, token, wanted_tags
from . import security_group

USER_KEY = f"{MARKS}-user:"  # and a site that uses it: the endpoint is shared, so that it carries no site's mark
USES = "true"
DEAD = {"deleting", "deleted", "rejected", "failed", "expired"}
GHOSTS = 5
FULL_ACCESS = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}


def service_name(client, service: str) -> str:
    return f"com.amazonaws.{client.region}.{service}"


def find(client, *, vpc_id=None, service=None, name=None, vpc_endpoint_id=None, network=True) -> list[dict]:
    """Interface endpoints, dead ones too, each with the subnets and network interfaces that belong to it.

    Without ``network`` only what one call tells.
    """
    wanted = {
        "vpc-endpoint-type": "Interface",
        "vpc-id": vpc_id,
        "service-name": service and service_name(client, service),
        "tag:Name": name,
        "vpc-endpoint-id": vpc_endpoint_id,
    }
    filters = [{"Name": key, "Values": [value]} for key, value in wanted.items() if value]
    found = client.pages("describe_vpc_endpoints", "VpcEndpoints", Filters=filters)
    interfaces = {}
    subnets = {}
    if network:
        ids = sorted(item for endpoint in found for item in endpoint.get("NetworkInterfaceIds", []))
        interfaces = _described(client, "network_interfaces", "network-interface-id", ids, "NetworkInterfaceId")
        ids = sorted({item for endpoint in found for item in endpoint.get("SubnetIds", [])})
        subnets = _described(client, "subnets", "subnet-id", ids, "SubnetId")
    return [{"VpcEndpoint": endpoint, "NetworkInterfaces": interfaces, "Subnets": subnets} for endpoint in found]


def view(raw: dict) -> dict:
    endpoint = raw["VpcEndpoint"]
    subnets = [raw["Subnets"][item] for item in endpoint.get("SubnetIds", []) if item in raw["Subnets"]]
    interfaces = [
        raw["NetworkInterfaces"].get(item, {"NetworkInterfaceId": item})  # one that is not seen yet has no address
        for item in endpoint.get("NetworkInterfaceIds", [])
        if item in raw["NetworkInterfaces"] or is_living(endpoint)
    ]
    names = [entry["DnsName"] for entry in endpoint.get("DnsEntries", []) if entry.get("DnsName")]
    regional = [name for name in names if _is_regional(name, endpoint["VpcEndpointId"])]
    tags = tags_of(endpoint.get("Tags"))
    return {
        "vpc_endpoint_id": endpoint["VpcEndpointId"],
        "vpc_endpoint_type": endpoint.get("VpcEndpointType"),
        "state": state_of(endpoint),
        "service_name": endpoint.get("ServiceName"),
        "vpc_id": endpoint.get("VpcId"),
        "subnet_ids": canonical(endpoint.get("SubnetIds", [])),
        "security_group_ids": canonical(group["GroupId"] for group in endpoint.get("Groups", [])),
        "private_dns_enabled": bool(endpoint.get("PrivateDnsEnabled")),
        "ip_address_type": endpoint.get("IpAddressType"),
        "policy_document": canonical_policy(endpoint.get("PolicyDocument") or FULL_ACCESS),
        "dns_name": regional[0] if regional else None,
        "zonal_dns_names": canonical(name for name in names if name.startswith("vpce-") and name not in regional),
        "network_interfaces": canonical(_interface(item, raw["Subnets"]) for item in interfaces),
        "availability_zone_ids": canonical(item["AvailabilityZoneId"] for item in subnets),
        "users": canonical(key[len(USER_KEY) :] for key in tags if key.startswith(USER_KEY)),
        "tags": {key: value for key, value in tags.items() if not key.startswith(USER_KEY)},
    }


def _marks(users) -> dict:
    """The tags by which an endpoint says who uses it."""
    return {f"{USER_KEY}{site}": USES for site in users}


def state_of(endpoint: dict) -> str:
    # DescribeVpcEndpoints: the model spells states PendingAcceptance, the service pendingAcceptance.
    state = endpoint.get("State") or "pending"
    return state[0].lower() + state[1:]


def is_living(endpoint: dict) -> bool:
    return state_of(endpoint) not in DEAD


class VpcEndpoint:
    kind = "vpc_endpoint"
    immutable = ("vpc_id", "service_name", "vpc_endpoint_type")
    may_be_denied = ("users",)

    def __init__(self, client, params: dict):
        self.client = client
        self.params = params
        self.open_groups: dict = {}  # of others on the endpoint, as want has seen them -> how wide they are

    def observe(self):
        if self.params["vpc_endpoint_id"]:
            found = find(self.client, vpc_endpoint_id=self.params["vpc_endpoint_id"])
        else:
            found = self._in_place()
        ours = [raw for raw in found if is_living(raw["VpcEndpoint"]) and self._is_meant(raw["VpcEndpoint"])]
        if len(ours) > 1:
            raise Ambiguous(self.kind, self._place(), [raw["VpcEndpoint"]["VpcEndpointId"] for raw in ours])
        return view(ours[0]) if ours else None

    def want(self, have):
        params = self.params
        if have is None:
            self._refuse_to_create()
        if params.get("used") is False and not params.get("site_id"):
            raise Invalid("used", "needs site_id, the site that does not use it any more.")
        want = {
            "vpc_id": params["vpc_id"],
            "service_name": service_name(self.client, params["service"]),
            "vpc_endpoint_type": "Interface",
            **given(params, "private_dns_enabled", "ip_address_type"),
        }
        if params["subnet_ids"] is not None or have is None:
            want["subnet_ids"] = self._subnet_ids(have)
        if params.get("used") is not False and (params["security_group_ids"] is not None or have is None):
            want["security_group_ids"] = self._security_group_ids(have)
        if params["policy_document"] is not None:
            _check_policy(params["policy_document"])
            want["policy_document"] = canonical_policy(params["policy_document"] or FULL_ACCESS)
        tags = {**(params["tags"] or {}), "Name": params["name"]}
        purge = params["tags"] is not None and params["purge_tags"]
        want["tags"] = wanted_tags(have and have["tags"], tags, purge=purge)
        if checked_site(params.get("site_id")):
            want["users"] = self._users(have["users"] if have else [])
        if params.get("used") is False:
            # ModifyVpcEndpoint: the last group cannot be taken off.
            want["security_group_ids"] = self._groups_of_others(have) or have["security_group_ids"]
        return want

    def create(self, want):
        """Create under a token that tells this generation from those that died before it (SAFETY 20)."""
        request = {
            "VpcEndpointType": "Interface",
            "VpcId": want["vpc_id"],
            "ServiceName": want["service_name"],
            "SubnetIds": want["subnet_ids"],
            "SecurityGroupIds": want["security_group_ids"],
            "PrivateDnsEnabled": want.get("private_dns_enabled", False),
            "TagSpecifications": [
                {"ResourceType": "vpc-endpoint", "Tags": tag_list({**want["tags"], **_marks(want.get("users", []))})}
            ],
        }
        if "ip_address_type" in want:
            request["IpAddressType"] = want["ip_address_type"]
        if "policy_document" in want:
            request["PolicyDocument"] = json.dumps(want["policy_document"])

        generation = self._last_dead()
        for _ghost in range(GHOSTS):
            answer = self.client.call(
                "create_vpc_endpoint",
                missing=("IdempotentParameterMismatch",),
                ClientToken=token(self.params["name"], want["vpc_id"], want["service_name"], generation),
                **request,
            )
            if answer is None:
                self._refuse_a_lost_race()
                generation = token(generation, json.dumps(request, sort_keys=True))
            elif is_living(answer["VpcEndpoint"]) and self._lives(answer["VpcEndpoint"]["VpcEndpointId"]):
                return
            else:
                generation = answer["VpcEndpoint"]["VpcEndpointId"]
        raise Error(f"EC2 answers every request with an endpoint that is dead, the last time with {generation}.")

    def update(self, have, changes):
        endpoint = have["vpc_endpoint_id"]
        request = {
            **_added_and_removed("SubnetIds", have["subnet_ids"], changes.get("subnet_ids")),
            **_added_and_removed("SecurityGroupIds", have["security_group_ids"], changes.get("security_group_ids")),
        }
        if "policy_document" in changes:
            request["PolicyDocument"] = json.dumps(changes["policy_document"])
        if "private_dns_enabled" in changes:
            request["PrivateDnsEnabled"] = changes["private_dns_enabled"]
        if "ip_address_type" in changes:
            request["IpAddressType"] = changes["ip_address_type"]
        if request:
            self.client.call("modify_vpc_endpoint", VpcEndpointId=endpoint, **request)
        for key, marked in (("tags", dict), ("users", _marks)):
            if key not in changes:
                continue
            retag(
                marked(have[key]),
                marked(changes[key]),
                put=lambda tags: self.client.call("create_tags", Resources=[endpoint], Tags=tags),
                remove=lambda keys: self.client.call(
                    "delete_tags", Resources=[endpoint], Tags=[{"Key": key} for key in keys]
                ),
            )

    def delete(self, have):
        endpoint = have["vpc_endpoint_id"]
        answer = self.client.call("delete_vpc_endpoints", VpcEndpointIds=[endpoint])
        for refused in answer.get("Unsuccessful", []):
            error = refused.get("Error", {})
            if error.get("Code") != "InvalidVpcEndpoint.NotFound":
                raise ApiError(
                    f"{error.get('Message')} ({error.get('Code')})",
                    service="ec2",
                    operation="DeleteVpcEndpoints",
                    code=error.get("Code"),
                )
        if self.params["wait"]:
            wait.until(
                lambda: find(self.client, vpc_endpoint_id=endpoint, network=False),
                lambda found: all(state_of(raw["VpcEndpoint"]) != "deleting" for raw in found),
                timeout=self.params["wait_timeout"],
                what=f"the endpoint {endpoint} to go",
            )

    def held(self, have):
        """Why it must not go: whatever hangs on it, or hints at another user, counts as use (SAFETY 23)."""
        used_by = self.params.get("in_use_by")
        reasons = [*self._uses_of_others(have), f"it is used by {', '.join(used_by)}" if used_by else ""]
        return "; ".join(filter(None, reasons)) or None

    def _uses_of_others(self, have) -> list[str]:
        others = [
            site for site in have["users"] if site not in (self.params.get("site_id"), self.params.get("site_was"))
        ]
        groups = self._groups_of_others(have) if self.params.get("site_id") else []
        return [
            f"its tags name other sites that use it, {', '.join(others)}" if others else "",
            f"others have put their security groups on it, {', '.join(groups)}" if groups else "",
        ]

    def noticed(self, have):
        if self.params["private_dns_enabled"] is None and have["private_dns_enabled"]:
            advice = "everybody in the VPC who calls the service is led here. Set private_dns_enabled, to false if that is not meant."
            yield Noticed("private_dns_enabled", None, True, advice)
        if self.params["policy_document"] is None and have["policy_document"] != canonical_policy(FULL_ACCESS):
            advice = (
                "somebody has changed the policy, which can stop gateways. Give policy_document, empty for full access."
            )
            yield Noticed("policy_document", None, have["policy_document"], advice)
        for group, wide in self.open_groups.items():
            advice = f"{group} is not of this collection, and lets in {wide}. It is never taken off unasked."
            yield Noticed("security_group_ids", None, group, advice)

    def ready(self, have):
        if have["state"] != "available":
            return f"its state is {have['state']}"
        unseen = [item["network_interface_id"] for item in have["network_interfaces"] if not item["private_ip_address"]]
        return f"the addresses of {', '.join(unseen)} are not seen" if unseen else None

    def _users(self, users) -> list[str]:
        """The sites that use it, with this one or without it, and without the one whose place it takes."""
        site_id = self.params["site_id"]
        others = [site for site in users if site not in (site_id, self.params.get("site_was"))]
        return canonical(others if self.params.get("used") is False else [*others, site_id])

    def _groups_of_others(self, have) -> list[str]:
        """The security groups on it that were not made for this site."""
        groups = {raw["GroupId"]: raw for raw in security_group.find(self.client, vpc_id=have["vpc_id"])}
        return [group for group in have["security_group_ids"] if not self._is_of_the_site(groups.get(group))]

    def _is_of_the_site(self, group) -> bool:
        return group is not None and is_of(tags_of(group.get("Tags")), self.params.get("site_id"))

    def _in_place(self, **kwargs):
        return find(self.client, vpc_id=self.params["vpc_id"], service=self.params["service"], **kwargs)

    def _place(self):
        return f"{service_name(self.client, self.params['service'])} in {self.params['vpc_id']}"

    def _is_meant(self, endpoint):
        """Ours by its tag, or named by its id and to be adopted."""
        if is_ours(tags_of(endpoint.get("Tags"))):
            return True
        if self.params["vpc_endpoint_id"] and not self.params["adopt"]:
            raise Foreign(_foreign(endpoint))
        return bool(self.params["vpc_endpoint_id"])

    def _refuse_to_create(self):
        if self.params["vpc_endpoint_id"]:
            raise Invalid("vpc_endpoint_id", f"There is no living endpoint {self.params['vpc_endpoint_id']}.")
        if self.params.get("used") is False:
            raise Invalid("used", f"There is no living endpoint for {self._place()} to take the site off.")
        for raw in self._in_place(network=False):
            if is_living(raw["VpcEndpoint"]) and not is_ours(tags_of(raw["VpcEndpoint"].get("Tags"))):
                raise Foreign(_foreign(raw["VpcEndpoint"]))

    def _refuse_to_take(self, have, subnets):
        """What is taken off an endpoint is taken from all who use it."""
        taken = [subnet for subnet in have["subnet_ids"] if subnet not in subnets] if have else []
        reasons = [reason for reason in self._uses_of_others(have) if reason] if taken else []
        if reasons:
            raise Invalid(
                "subnet_ids",
                f"{', '.join(taken)} must not be taken off {have['vpc_endpoint_id']}, which is not this site's alone: {'; '.join(reasons)}. "
                "With shared it stays. Nothing was changed.",
            )

    def _subnet_ids(self, have):
        wanted = canonical(self.params["subnet_ids"] or [])
        if not wanted:
            raise Invalid(
                "subnet_ids", "An interface endpoint needs a subnet, best the one in the SDDC's availability zone."
            )
        kept = have["subnet_ids"] if have and self.params["shared"] else []
        if have and canonical([*wanted, *kept]) == have["subnet_ids"]:
            return have["subnet_ids"]
        found = _described(self.client, "subnets", "subnet-id", canonical([*wanted, *kept]), "SubnetId")
        zones: dict = {}
        for subnet in wanted:
            if found.get(subnet, {}).get("VpcId") != self.params["vpc_id"]:
                raise Invalid("subnet_ids", f"{subnet} is no subnet of {self.params['vpc_id']}.")
            zones.setdefault(found[subnet]["AvailabilityZone"], []).append(subnet)
        for zone, twins in zones.items():
            if len(twins) > 1:
                raise Invalid("subnet_ids", f"{' and '.join(twins)} lie in the same availability zone, {zone}.")
        served = {found[subnet]["AvailabilityZone"] for subnet in kept}
        chosen = canonical([*kept, *(subnet for zone, (subnet,) in zones.items() if zone not in served)])
        self._refuse_to_take(have, chosen)
        return chosen

    def _security_group_ids(self, have):
        """The groups asked for, and those attached by others, which are never taken away; all others where it is shared."""
        wanted = self.params["security_group_ids"] or []
        if not wanted:
            raise Invalid("security_group_ids", "The endpoint needs a security group that lets only the appliances in.")
        groups = {raw["GroupId"]: raw for raw in security_group.find(self.client, vpc_id=self.params["vpc_id"])}
        resolved = canonical(_security_group(reference, groups) for reference in wanted)
        for group in resolved:
            if not isinstance(group, Unresolved) and groups[group]["GroupName"] == "default":
                raise Invalid(
                    "security_group_ids", f"{group} is the default group of the VPC, which lets others in too."
                )
        attached = have["security_group_ids"] if have else []
        kept = [group for group in attached if self.params["shared"] or not self._is_of_the_site(groups.get(group))]
        theirs = {
            group: groups[group]
            for group in kept
            if group in groups and not is_ours(tags_of(groups[group].get("Tags")))
        }
        width = {
            group: security_group.too_open(security_group.view(raw))
            for group, raw in theirs.items()
            if group not in resolved
        }
        self.open_groups = {group: wide for group, wide in width.items() if wide}
        wanted = canonical([*resolved, *kept])
        if len(wanted) > self.params["security_groups_quota"] and wanted != attached:
            names = ", ".join(groups.get(str(group), {}).get("GroupName", str(group)) for group in wanted)
            raise Invalid(
                "security_group_ids",
                f"{len(wanted)} groups ({names}) are more than the {self.params['security_groups_quota']} that a network interface "
                "may have (security_groups_quota). Have the quota raised and say so there, or let SDDCs share a group.",
            )
        return wanted

    def _last_dead(self):
        dead = [raw["VpcEndpoint"] for raw in self._in_place(network=False) if not is_living(raw["VpcEndpoint"])]
        dead = [endpoint for endpoint in dead if is_ours(tags_of(endpoint.get("Tags")))]
        return max(dead, key=lambda endpoint: str(endpoint.get("CreationTimestamp")))["VpcEndpointId"] if dead else ""

    def _refuse_a_lost_race(self):
        """The token was used for another request: by a run for another SDDC just now, or by one for an endpoint long gone."""

        def ours():
            return [raw for raw in self._in_place(network=False) if is_living(raw["VpcEndpoint"])]

        found = wait.seen(ours, bool)
        if found:
            raise Conflict(f"Another run has made {found[0]['VpcEndpoint']['VpcEndpointId']} just now.")

    def _lives(self, endpoint):
        """Whether what CreateVpcEndpoint answered with is there; a new one may take a moment to be listed."""
        found = wait.seen(lambda: find(self.client, vpc_endpoint_id=endpoint, network=False), bool)
        return bool(found) and is_living(found[0]["VpcEndpoint"])


def _check_policy(policy: dict) -> None:
    statements = policy.get("Statement", [] if policy else None)
    statements = [statements] if isinstance(statements, dict) else statements
    if policy and not (statements and isinstance(statements, list)):
        raise Invalid(
            "policy_document", "A policy is a dictionary with Statement, a list. Leave it empty for full access."
        )
    for statement in statements or []:
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            raise Invalid("policy_document", "The Effect of each Statement must be Allow or Deny.")


def _described(client, things: str, by: str, ids: list, key: str) -> dict:
    """Subnets or network interfaces by their ids."""
    if not ids:
        return {}
    answer = "".join(word.capitalize() for word in things.split("_"))
    found = client.pages(f"describe_{things}", answer, Filters=[{"Name": by, "Values": ids}])
    return {item[key]: item for item in found}


def _interface(interface: dict, subnets: dict) -> dict:
    subnet = subnets.get(interface.get("SubnetId"), {})
    return {
        "network_interface_id": interface["NetworkInterfaceId"],
        "private_ip_address": interface.get("PrivateIpAddress"),
        "subnet_id": interface.get("SubnetId"),
        "availability_zone": subnet.get("AvailabilityZone"),
        "availability_zone_id": subnet.get("AvailabilityZoneId"),
    }


def _is_regional(name: str, endpoint: str) -> bool:
    """vpce-<id>-<hash>.<service>... is the regional name; vpce-<id>-<hash>-<zone>.<service>... a zonal one."""
    label = name.split(".")[0]
    return label.startswith(f"{endpoint}-") and "-" not in label[len(endpoint) + 1 :]


def _security_group(reference: str, groups: dict):
    if reference in groups:
        return reference
    named = [group for group, raw in groups.items() if raw["GroupName"] == reference]
    return named[0] if named else Unresolved("security group", reference)


def _added_and_removed(what: str, have: list, want: list | None) -> dict:
    if want is None:
        return {}
    added = [item for item in want if item not in have]
    removed = [item for item in have if item not in want]
    return {**({f"Add{what}": added} if added else {}), **({f"Remove{what}": removed} if removed else {})}


def _foreign(endpoint: dict) -> str:
    return (
        f"{endpoint['VpcEndpointId']} for {endpoint.get('ServiceName')} in {endpoint.get('VpcId')} is living, but {NOT_OURS}. "
        "To take it over, name it in vpc_endpoint_id and set adopt."
    )
