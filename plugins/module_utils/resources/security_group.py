# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The security group of the endpoint: owned whole, open for the appliances only."""

from __future__ import annotations

import re

from ..clients.aws_forms import retag, tag_list, tags_of
from ..errors import Invalid
from ..extent import Untold, reason_for, too_wide, with_reason
from ..forms import checked_network
from ..ownership import claim
from ..values import SITE_KEY, Noticed, canonical, checked_site, given, marks, wanted_tags

PORTS = (443, 1026, 1027, 1028, 1031)
SUPPORT_PORT = 2222
TEXT = re.compile(r"[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}")
CHARACTERS = "1 to 255 letters, digits, spaces and any of ._-:/()#,@[]+=&;{}!$*"
DESCRIPTION = "AWS Backup gateway appliances to the interface endpoint"

# The ways a rule names its source: our key -> the list in a permission, and the key in that list.
SOURCES = {
    "cidr_ip": ("IpRanges", "CidrIp"),
    "cidr_ipv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefix_list_id": ("PrefixListIds", "PrefixListId"),
    "source_group_id": ("UserIdGroupPairs", "GroupId"),
}

# What EC2 puts into each new group. An endpoint opens no connection, so that these neither help nor harm, and stay.
EGRESS = (
    {"from_port": -1, "to_port": -1, "cidr_ip": "0.0.0.0/0", "protocol": "-1"},
    {"from_port": -1, "to_port": -1, "cidr_ipv6": "::/0", "protocol": "-1"},
)


def find(client, *, name: str | None = None, vpc_id: str | None = None) -> list[dict]:
    """The security groups of that name in that VPC, as EC2 gives them."""
    wanted = {"group-name": name, "vpc-id": vpc_id}
    filters = [{"Name": key, "Values": [value]} for key, value in wanted.items() if value]
    return client.pages("describe_security_groups", "SecurityGroups", Filters=filters)


def view(raw: dict) -> dict:
    tags = tags_of(raw.get("Tags"))
    return {
        "group_id": raw["GroupId"],
        "name": raw["GroupName"],
        "vpc_id": raw.get("VpcId"),
        "description": raw.get("Description", ""),
        "ingress": canonical(rule for permission in raw.get("IpPermissions", []) for rule in _rules(permission)),
        "ingress_descriptions": _descriptions(raw.get("IpPermissions", [])),
        "egress": canonical(rule for permission in raw.get("IpPermissionsEgress", []) for rule in _rules(permission)),
        "site_id": tags.get(SITE_KEY, ""),
        "tags": {key: value for key, value in tags.items() if key != SITE_KEY},
    }


def too_open(have: dict) -> str | None:
    """How many a group lets in, where that is more than it may unasked. Members of other groups do not count."""
    sources = [rule[key] for rule in have["ingress"] for key in ("cidr_ip", "cidr_ipv6") if key in rule]
    lists = [rule["prefix_list_id"] for rule in have["ingress"] if "prefix_list_id" in rule]
    return too_wide([*sources, *(Untold(name, "is a list of others") for name in lists)])


class BackupSecurityGroup:
    kind = "security_group"
    immutable = ("description",)
    may_be_denied = ("ingress_descriptions", "egress", "site_id")

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
        want.update(given(self.params, "description", "site_id"))
        if have is None:
            want.setdefault("description", DESCRIPTION)
        networks = None if self.params["cidr_ips"] is None else canonical(map(_network, self.params["cidr_ips"]))
        if networks is not None:
            want["ingress"] = self._ingress(networks, have["ingress"] if have else [])
            self._check_quota(have["ingress"] if have else [], want["ingress"])
        told = self._descriptions(networks, have)
        if told:
            want["ingress_descriptions"] = {**(have["ingress_descriptions"] if have else {}), **told}
        if have is not None:
            want["egress"] = [rule for rule in have["egress"] if rule in EGRESS]
        tags = self.params["tags"]
        want["tags"] = wanted_tags(have and have["tags"], tags, purge=tags is not None and self.params["purge_tags"])
        return want

    def create(self, want):
        self.client.call(
            "create_security_group",
            GroupName=want["name"],
            VpcId=want["vpc_id"],
            Description=want["description"],
            TagSpecifications=[
                {"ResourceType": "security-group", "Tags": tag_list({**want["tags"], **marks(want.get("site_id"))})}
            ],
        )

    def update(self, have, changes):
        group = have["group_id"]
        if "ingress" in changes:
            self._put_ingress(
                group, have["ingress"], changes["ingress"], self.want(have).get("ingress_descriptions", {})
            )
        if "ingress_descriptions" in changes:
            self._describe(group, have, changes["ingress_descriptions"])
        if "egress" in changes:
            self._revoke("revoke_security_group_egress", group, have["egress"], changes["egress"])
        if "site_id" in changes:
            self.client.call("create_tags", Resources=[group], Tags=tag_list({SITE_KEY: changes["site_id"]}))
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

    def noticed(self, have):
        """Without cidr_ips nobody says who may come in."""
        wide = too_open(have) if self.params["cidr_ips"] is None else None
        if wide:
            advice = f"it lets in {wide}, and cidr_ips is not given. Name there who may come in."
            yield Noticed("ingress", None, have["ingress"], advice)

    def _check(self):
        checked_site(self.params.get("site_id"))
        for option in ("name", "description"):
            if self.params[option] is not None and not TEXT.fullmatch(self.params[option]):
                raise Invalid(option, f"It must be {CHARACTERS}.")
        if self.params["name"].lower().startswith("sg-"):
            raise Invalid("name", "A name must not begin with sg-, like an id.")

    def _refuse_without_vpc(self):
        vpc = self.params["vpc_id"]
        if not self.client.pages("describe_vpcs", "Vpcs", Filters=[{"Name": "vpc-id", "Values": [vpc]}]):
            raise Invalid("vpc_id", f"There is no VPC {vpc} in {self.client.region}.")

    def _ingress(self, networks, have):
        """What lets in a source on ports that it needs stays as it is spelled; the rest is as few rules as its ports make."""
        ports = set(ports_for(self.params["support_access"]))
        rules = []
        for network in networks:
            held = [
                rule
                for rule in have
                if rule.get("cidr_ip") == network and "protocol" not in rule and _ports(rule) <= ports
            ]
            missing = ports.difference(*map(_ports, held))
            rules += [
                *held,
                *({"from_port": low, "to_port": high, "cidr_ip": network} for low, high in spans_of(missing)),
            ]
        return canonical(rules)

    def _check_quota(self, have, want):
        """Of a source that stays, new rules come before old ones go, so that all of them count at once."""
        staying = {rule["cidr_ip"] for rule in want}
        number = len(want) + sum(rule.get("cidr_ip") in staying for rule in have if rule not in want)
        if any(rule not in have for rule in want):
            refuse_more_rules("cidr_ips", number, self.params["rules_quota"], "rules_quota")

    def _descriptions(self, networks, have) -> dict:
        """What the rules say of each source, by the source, where it is asked for or where the rules are wide."""
        told = {_network(source): text for source, text in (self.params["ingress_descriptions"] or {}).items()}
        for source in told if networks is not None else ():
            if source not in networks:
                raise Invalid("ingress_descriptions", f"{source} is not among cidr_ips.")
        reason = reason_for("cidr_ips", networks or [], self.params["allow_wide"])
        if reason:
            before = {**(have["ingress_descriptions"] if have else {}), **told}
            told = {source: with_reason(before.get(source, ""), reason) for source in networks}
        for source, text in told.items():
            if not TEXT.fullmatch(str(text)):
                option = "allow_wide" if reason else "ingress_descriptions"
                raise Invalid(option, f"The description of {source} must be {CHARACTERS}.")
        return told

    def _put_ingress(self, group, have, want, descriptions):
        """Open first, then close, so that nobody who stays is cut off in between.

        Where the group has no room for all of them at once, sources that go make room for those that come.
        """
        known, staying = {_source(rule) for rule in have}, {_source(rule) for rule in want}
        missing = sorted((rule for rule in want if rule not in have), key=lambda rule: _source(rule) not in known)
        room = max(0, self.params["rules_quota"] - sum("cidr_ip" in rule for rule in have))
        self._authorize(group, missing[:room], descriptions)
        if missing[room:]:
            left = [rule for rule in have if rule in want or _source(rule) in staying]
            self._revoke("revoke_security_group_ingress", group, have, left)
            self._authorize(group, missing[room:], descriptions)
            have = left
        self._revoke("revoke_security_group_ingress", group, have, want)

    def _authorize(self, group, rules, descriptions):
        if rules:
            permissions = [_permission(rule, descriptions) for rule in rules]
            self.client.call("authorize_security_group_ingress", GroupId=group, IpPermissions=permissions)

    def _describe(self, group, have, descriptions):
        """Put descriptions on rules as they are: nothing is closed meanwhile."""
        stale = [
            _permission(rule, descriptions)
            for rule in have["ingress"]
            if descriptions.get(_source(rule)) != have["ingress_descriptions"].get(_source(rule))
        ]
        self.client.call("update_security_group_rule_descriptions_ingress", GroupId=group, IpPermissions=stale)

    def _revoke(self, operation, group, have, want):
        surplus = [_permission(rule) for rule in have if rule not in want]
        if surplus:
            self.client.call(operation, missing=("InvalidPermission.NotFound",), GroupId=group, IpPermissions=surplus)


def ports_for(support_access: bool) -> tuple:
    """The ports that each who is let in needs."""
    return (*PORTS, SUPPORT_PORT) if support_access else PORTS


def spans_of(ports) -> list[tuple]:
    """Ports as spans of neighbours: never over a gap."""
    spans: list = []
    for port in sorted(ports):
        if spans and port == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], port)
        else:
            spans.append((port, port))
    return spans


def rules_for(support_access: bool) -> int:
    """How many rules each who is let in needs at least."""
    return len(spans_of(ports_for(support_access)))


def refuse_more_rules(option: str, number: int, most: int, quota: str) -> None:
    """Refuse more rules than a group may have, by the names of who is let in and of the quota."""
    if number > most:
        raise Invalid(
            option,
            f"{number} rules, those that are still to be closed of who stays among them, are more than the {most} that a group may have "
            f"({quota}). Let in fewer, or a network that holds them, or have the quota raised and say so there.",
        )


def _network(text: str) -> str:
    return checked_network("cidr_ips", text)


def _rules(permission: dict):
    """One rule per source of a permission; the protocol is named where it is not TCP."""
    protocol = permission["IpProtocol"]
    rule = {"from_port": permission.get("FromPort", -1), "to_port": permission.get("ToPort", -1)}
    other = {} if protocol == "tcp" else {"protocol": protocol}
    for ours, (group, theirs) in SOURCES.items():
        for source in permission.get(group, []):
            yield {**rule, ours: source[theirs], **other}


def _ports(rule: dict) -> set:
    return set(range(rule["from_port"], rule["to_port"] + 1))


def _source(rule: dict) -> str:
    return next(rule[key] for key in SOURCES if key in rule)


def _descriptions(permissions: list) -> dict:
    """What the rules say of each source; an empty text where they do not say the same."""
    found: dict = {}
    for permission in permissions:
        for group, theirs in SOURCES.values():
            for source in permission.get(group, []):
                found.setdefault(source[theirs], set()).add(source.get("Description") or "")
    return {source: texts.pop() if len(texts) == 1 else "" for source, texts in sorted(found.items())}


def _permission(rule: dict, descriptions: dict | None = None) -> dict:
    """A rule as EC2 takes it."""
    ours = next(key for key in SOURCES if key in rule)
    group, theirs = SOURCES[ours]
    protocol = rule.get("protocol", "tcp")
    ports = {} if protocol == "-1" else {"FromPort": rule["from_port"], "ToPort": rule["to_port"]}
    text = (descriptions or {}).get(rule[ours])
    return {"IpProtocol": protocol, **ports, group: [{theirs: rule[ours], **({"Description": text} if text else {})}]}
