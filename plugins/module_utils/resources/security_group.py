# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The security group of the endpoint: owned whole, open for the appliances only."""

from __future__ import annotations

import ipaddress
import re

from ..clients.aws import retag, tag_list, tags_of
from ..errors import Invalid
from ..ownership import claim
from ..values import canonical, given, marks, wanted_tags

PORTS = (443, 1026, 1027, 1028, 1031)
SUPPORT_PORT = 2222
TEXT = re.compile(r"[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}")
DESCRIPTION = "AWS Backup gateway appliances to the interface endpoint"

# The ways a rule names its source: our key -> the list in a permission, and the key in that list.
SOURCES = {
    "cidr_ip": ("IpRanges", "CidrIp"),
    "cidr_ipv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefix_list_id": ("PrefixListIds", "PrefixListId"),
    "source_group_id": ("UserIdGroupPairs", "GroupId"),
}


def find(client, *, name: str | None = None, vpc_id: str | None = None) -> list[dict]:
    """The security groups of that name in that VPC, as EC2 gives them."""
    wanted = {"group-name": name, "vpc-id": vpc_id}
    filters = [{"Name": key, "Values": [value]} for key, value in wanted.items() if value]
    return client.pages("describe_security_groups", "SecurityGroups", Filters=filters)


def view(raw: dict) -> dict:
    return {
        "group_id": raw["GroupId"],
        "name": raw["GroupName"],
        "vpc_id": raw.get("VpcId"),
        "description": raw.get("Description", ""),
        "ingress": canonical(rule for permission in raw.get("IpPermissions", []) for rule in _rules(permission)),
        "tags": tags_of(raw.get("Tags")),
    }


class BackupSecurityGroup:
    kind = "security_group"
    immutable = ("description",)

    def __init__(self, client, params: dict):
        self.client = client
        self.params = params

    def observe(self):
        found = find(self.client, name=self.params["name"], vpc_id=self.params["vpc_id"])
        if not found:
            return None
        have = view(found[0])
        what = f"The security group {have['name']} ({have['group_id']}) in {have['vpc_id']}"
        return claim(what, have, self.params, along=" with all its rules", proven=self.params.get("take_over"))

    def want(self, have):
        self._check()
        if have is None:
            self._refuse_without_vpc()
        want = {"name": self.params["name"], "vpc_id": self.params["vpc_id"]}
        want.update(given(self.params, "description"))
        if have is None:
            want.setdefault("description", DESCRIPTION)
        if self.params["cidr_ips"] is not None:
            want["ingress"] = self._ingress()
        tags = self.params["tags"]
        want["tags"] = wanted_tags(
            have and have["tags"],
            tags,
            purge=tags is not None and self.params["purge_tags"],
            ours=marks(self.params.get("site_id")),
        )
        return want

    def create(self, want):
        self.client.call(
            "create_security_group",
            GroupName=want["name"],
            VpcId=want["vpc_id"],
            Description=want["description"],
            TagSpecifications=[{"ResourceType": "security-group", "Tags": tag_list(want["tags"])}],
        )

    def update(self, have, changes):
        group = have["group_id"]
        if "ingress" in changes:
            self._put_ingress(group, have["ingress"], changes["ingress"])
        if "tags" in changes:
            retag(
                have["tags"],
                changes["tags"],
                put=lambda tags: self.client.call("create_tags", Resources=[group], Tags=tags),
                remove=lambda keys: self.client.call(
                    "delete_tags", Resources=[group], Tags=[{"Key": key} for key in keys]
                ),
            )

    def delete(self, have):
        self.client.call("delete_security_group", missing=("InvalidGroup.NotFound",), GroupId=have["group_id"])

    def _check(self):
        for option in ("name", "description"):
            if self.params[option] is not None and not TEXT.fullmatch(self.params[option]):
                raise Invalid(option, "It must be 1 to 255 letters, digits, spaces and any of ._-:/()#,@[]+=&;{}!$*.")
        if self.params["name"].lower().startswith("sg-"):
            raise Invalid("name", "A name must not begin with sg-, like an id.")

    def _refuse_without_vpc(self):
        vpc = self.params["vpc_id"]
        if not self.client.pages("describe_vpcs", "Vpcs", Filters=[{"Name": "vpc-id", "Values": [vpc]}]):
            raise Invalid("vpc_id", f"There is no VPC {vpc} in {self.client.region}.")

    def _ingress(self):
        ports = [*PORTS, SUPPORT_PORT] if self.params["support_access"] else PORTS
        return canonical(
            {"from_port": port, "to_port": port, "cidr_ip": _network(text)}
            for text in self.params["cidr_ips"]
            for port in ports
        )

    def _put_ingress(self, group, have, want):
        """Open first, then close, so that nobody who stays is cut off in between."""
        missing = [_permission(rule) for rule in want if rule not in have]
        if missing:
            self.client.call("authorize_security_group_ingress", GroupId=group, IpPermissions=missing)
        surplus = [_permission(rule) for rule in have if rule not in want]
        if surplus:
            self.client.call(
                "revoke_security_group_ingress",
                missing=("InvalidPermission.NotFound",),
                GroupId=group,
                IpPermissions=surplus,
            )


def _network(text: str) -> str:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as reason:
        raise Invalid("cidr_ips", f"{text} is no IPv4 address or network: {reason}.") from reason
    if network.prefixlen == 0:
        raise Invalid("cidr_ips", f"{text} lets everybody in. Name the addresses of the appliances.")
    return str(network)


def _rules(permission: dict):
    """One rule per source of a permission; the protocol is named where it is not TCP."""
    protocol = permission["IpProtocol"]
    rule = {"from_port": permission.get("FromPort", -1), "to_port": permission.get("ToPort", -1)}
    other = {} if protocol == "tcp" else {"protocol": protocol}
    for ours, (group, theirs) in SOURCES.items():
        for source in permission.get(group, []):
            yield {**rule, ours: source[theirs], **other}


def _permission(rule: dict) -> dict:
    """A rule as EC2 takes it."""
    ours = next(key for key in SOURCES if key in rule)
    group, theirs = SOURCES[ours]
    protocol = rule.get("protocol", "tcp")
    ports = {} if protocol == "-1" else {"FromPort": rule["from_port"], "ToPort": rule["to_port"]}
    return {"IpProtocol": protocol, **ports, group: [{theirs: rule[ours]}]}
