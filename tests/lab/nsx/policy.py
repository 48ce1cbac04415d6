# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of `/policy/api/v1`, one method each."""

from __future__ import annotations

import base64
import re
import uuid

from . import laws, refusals
from .kinds import FIXED_SEGMENT, FLEXIBLE_SEGMENT, GROUP, POLICY, RULE, SERVICE, VPC_GROUP

SEGMENTS = (FIXED_SEGMENT, FLEXIBLE_SEGMENT)
EXPRESSION_FIELDS = {"id", "resource_type", "ip_addresses", "path", "relative_path", "parent_path", "marked_for_delete"}
PAGE = 1000


class Policy:
    def __init__(self, nsx):
        self.nsx, self.store, self.world = nsx, nsx.store, nsx.world

    # One object

    def read(self, kind, path, request, user):
        have = self.store.get(path)
        if have is None or self._hidden(have):
            self._missing(kind, path, self.world.switches["rule_get_missing"])
        if kind is POLICY:
            rules = self._rules(path)
            return {**have, "rules": rules, "rule_count": len(rules)}
        return have

    def put(self, kind, path, request, user):
        return self._write("PUT", kind, path, body_of(request), user)

    def patch(self, kind, path, request, user):
        self._write("PATCH", kind, path, body_of(request), user)

    def delete(self, kind, path, request, user):
        have = self.store.get(path)
        if have is None:
            self._missing(kind, path, self.world.switches["rule_delete_missing"])
            return
        self._check_free(kind, have)
        if kind in SEGMENTS and request.args.get("force") != "true":
            self._check_empty(have)
        self.store.delete(path)
        if kind in SEGMENTS:
            self.nsx.unannounced.append((have["display_name"], False))

    def list(self, kind, path, request, user):
        rows = [each for each in self.store.children(path) if not self._hidden(each)]
        if kind is RULE:
            rows.sort(key=lambda rule: rule["sequence_number"])
        return page(rows, request)

    def fill(self, kind, path, body):
        """What the server adds to a body before it looks at it."""
        if kind is RULE and not body.get("scope"):
            body["scope"] = ["/infra/labels/mgw" if path.startswith("/infra/domains/mgw/") else "/infra/labels/cgw-all"]

    def save(self, kind, draft):
        """Keep a draft, with what the server adds to an answer."""
        if kind in (GROUP, VPC_GROUP):
            for part in draft["expression"]:
                self._fill_expression(draft["path"], part)
        if kind is RULE:
            for entry in draft.get("service_entries", ()):
                self._fill_entry(entry)
        if kind in SEGMENTS:
            for subnet in draft["subnets"]:
                subnet["network"] = str(laws.network_of(subnet))
            if draft["path"] not in self.store.objects:
                self.nsx.unannounced.append((draft["display_name"], True))
        return self.store.save(draft)

    def _write(self, method, kind, path, body, user):
        kind.check(body)
        drafts = [(kind, self._draft(method, kind, path, body, user))]
        if kind is POLICY:
            drafts += self._nested(method, path, body.get("rules"), user)
        for each, draft in drafts:
            self.save(each, draft)
        return self.read(kind, path, None, user)

    def _draft(self, method, kind, path, body, user):
        have = self.store.objects.get(path)
        if have is not None:
            self._check_free(kind, have)
        if have is None or method == "PUT" or not self.world.switches["patch_merges"]:
            self.fill(kind, path, body)
        draft = self.store.draft(method, kind, path, body, user)
        if not self.world.switches["descriptions_kept"]:
            draft.pop("description", None)
        laws.check(self.nsx, kind, draft)
        return draft

    def _nested(self, method, path, rules, user):
        """The rules in a policy's body. PUT replaces those that are there, PATCH leaves the others alone."""
        if rules is None:
            return []
        drafts, seen = [], set()
        for body in rules:
            RULE.check(body)
            if not body.get("id"):
                raise refusals.invalid("id is missing in a rule")
            rule_path = f"{path}/rules/{body['id']}"
            seen.add(rule_path)
            have = self.store.objects.get(rule_path)
            if have is not None and have["is_default"]:
                continue
            drafts.append((RULE, self._draft("PATCH", RULE, rule_path, body, user)))
        if method == "PUT":
            for rule in self._rules(path):
                if rule["path"] not in seen and not rule["is_default"]:
                    self.store.delete(rule["path"])
        return drafts

    def _rules(self, policy_path):
        found = [each for each in self.store.children(f"{policy_path}/rules") if not self._hidden(each)]
        return sorted(found, key=lambda rule: rule["sequence_number"])

    def _hidden(self, body):
        deny = body["resource_type"] == "Rule" and body["is_default"] and body["path"].startswith("/infra/domains/mgw/")
        return deny and not self.world.switches["deny_rule_listed"]

    def _missing(self, kind, path, status):
        """Where a rule is missing, status and code are UNCONFIRMED."""
        if kind is RULE and status == 400:
            raise refusals.invalid_path(path)
        if kind is not RULE or status == 404:
            raise refusals.not_found(path)

    def _check_free(self, kind, have):
        if kind in (RULE, SERVICE) and have["is_default"]:
            raise refusals.forbidden(have["path"])
        if kind in (GROUP, VPC_GROUP) and laws.is_system_group(self.nsx, have["path"]):
            raise refusals.forbidden(have["path"])

    def _check_empty(self, segment):
        bindings = [each["path"] for each in self.nsx.bindings(segment["path"])]
        if bindings:
            raise refusals.referenced(segment["path"], bindings)
        if self.nsx.ports(segment):
            raise refusals.Refusal(400, 503040, f"Segment path=[{segment['path']}] has VMs connected to it.")

    # Beside plain reads and writes

    def revise(self, parts, path, request, user):
        """Put a rule in its place among the others, and number them all anew."""
        body, place = body_of(request), request.args.get("operation", "insert_top")
        RULE.check(body)
        policy = path.rpartition("/rules/")[0]
        drafted = self._draft("PATCH", RULE, path, body, user)
        order = [rule for rule in self._rules(policy) if not rule["is_default"] and rule["path"] != path]
        anchors = [rule["path"] for rule in order]
        if place in ("insert_before", "insert_after"):
            if request.args.get("anchor_path") not in anchors:
                raise refusals.dangling(request.args.get("anchor_path"))
            index = anchors.index(request.args["anchor_path"]) + (place == "insert_after")
        else:
            index = 0 if place == "insert_top" else len(order)
        order.insert(index, drafted)
        for number, rule in enumerate(order):
            rule["sequence_number"] = number * 10
        return self.save(RULE, drafted)

    def patch_expression(self, parts, path, request, user):
        body = body_of(request)
        if set(body) - EXPRESSION_FIELDS - {"_protection"}:
            raise refusals.malformed("an address expression has ip_addresses.")
        part = {**body, "id": parts["expression"], "resource_type": "IPAddressExpression"}
        others = [each for each in self._group(parts)["expression"] if each.get("id") != parts["expression"]]
        joint = [{"resource_type": "ConjunctionOperator", "conjunction_operator": "OR"}] if others else []
        self._members(parts, others + joint + [part], user)

    def delete_expression(self, parts, path, request, user):
        self._members(parts, _without(self._group(parts)["expression"], self._expression(parts)), user)

    def post_expression(self, parts, path, request, user):
        part, action = self._expression(parts), request.args.get("action")
        given = body_of(request).get("ip_addresses") or []
        if action not in ("add", "remove"):
            raise refusals.invalid("action is add or remove")
        kept = [each for each in part["ip_addresses"] if each not in given]
        part = {**part, "ip_addresses": kept + given if action == "add" else kept}
        self._members(
            parts, [part if each.get("id") == part["id"] else each for each in self._group(parts)["expression"]], user
        )

    def _group(self, parts):
        path = f"/infra/domains/{parts['domain']}/groups/{parts['id']}"
        if path not in self.store.objects:
            raise refusals.invalid_path(path)
        return self.store.objects[path]

    def _expression(self, parts):
        for part in self._group(parts)["expression"]:
            if part.get("id") == parts["expression"]:
                return part
        raise refusals.not_found(f"{self._group(parts)['path']}/ip-address-expressions/{parts['expression']}")

    def _members(self, parts, expression, user):
        self._write("PATCH", GROUP, self._group(parts)["path"], {"expression": expression}, user)

    def _fill_expression(self, group_path, part):
        part.setdefault("id", str(uuid.uuid4()))
        if part["resource_type"] == "IPAddressExpression":
            part["ip_addresses"] = list(dict.fromkeys(part["ip_addresses"]))
            part["path"] = f"{group_path}/ip-address-expressions/{part['id']}"
        else:
            part["path"] = f"{group_path}/expressions/{part['id']}"
        part |= {"relative_path": part["id"], "parent_path": group_path, "marked_for_delete": False}
        part["_protection"] = "NOT_PROTECTED"

    def _fill_entry(self, entry):
        """Inline entries come back with more than was sent."""
        entry.setdefault("id", str(uuid.uuid4()))
        entry.setdefault("display_name", entry["id"])
        if entry["resource_type"] == "L4PortSetServiceEntry":
            entry.setdefault("source_ports", [])
        entry |= {"marked_for_delete": False, "overridden": False}

    def members(self, parts, path, request, user):
        return page(self.nsx.group_addresses(self._group(parts)["path"]), request)

    def associations(self, parts, path, request, user):
        wanted = _intent(request)
        found = [self.store.objects[each] for each in self.store.referrers(wanted) if each in self.store.objects]
        keys = ("path", "display_name", "resource_type")
        return page([{"target_id": each["path"], **{key: each[key] for key in keys}} for each in found], request)

    def status(self, parts, path, request, user):
        wanted = _intent(request)
        if wanted not in self.store.objects:
            raise refusals.invalid_path(wanted)
        done = self.store.realized(wanted)
        status = {"consolidated_status": "SUCCESS" if done else "IN_PROGRESS"}
        point = {
            "resource_type": "ConsolidatedStatusNsxT",
            "enforcement_point_id": "vmc-enforcementpoint",
            "site_path": "/infra/sites/default",
            "consolidated_status": status,
        }
        return {
            "consolidated_status": status,
            "consolidated_status_per_enforcement_point": [point],
            "publish_status": "REALIZED" if done else "UNREALIZED",
            "intent_version": str(self.store.objects[wanted]["_revision"]),
            "intent_path": wanted,
        }

    def ports(self, parts, path, request, user):
        segment = self.store.get(path.removesuffix("/ports"))
        if segment is None:
            raise refusals.invalid_path(path)
        named = [{"id": each, "display_name": each, "resource_type": "SegmentPort"} for each in self.nsx.ports(segment)]
        return page(named, request)

    def binding_state(self, parts, path, request, user):
        wanted = path.replace("/dhcp-static-bindings/", "/dhcp-static-binding-configs/").removesuffix("/state")
        if wanted not in self.store.objects:
            raise refusals.not_found(wanted)
        return {"state": "success" if self.store.realized(wanted) else "in_progress"}

    def search(self, parts, path, request, user):
        terms = re.findall(r'(\w+):("[^"]*"|\S+)', request.args.get("query", ""))
        wanted = {key: value.strip('"') for key, value in terms}
        rows = [
            each for each in self.store.objects.values() if all(each.get(key) == value for key, value in wanted.items())
        ]
        return page(rows, request)

    def look_up(self, parts, path, request, user):
        """What the forwarder answers. Whether VMC carries this call through is UNCONFIRMED."""
        if not self.world.switches["forwarder_looks_up"] or parts["tier1"] != "cgw":
            raise refusals.Refusal(400, 524015, "The DNS forwarder could not be asked.")
        name = request.args.get("address") or ""
        servers = self.nsx.dns_servers("", name)
        endpoint = self.world.aws.endpoint(name) if servers and servers[0] not in self.nsx.resolvers else None
        answers = [{"name": name, "address": address} for address in (endpoint or {}).get("eni_addresses", ())]
        answer = {
            "resource_type": "NsxTDnsAnswer",
            "enforcement_point_path": "/infra/sites/default/enforcement-points/vmc-enforcementpoint",
            "edge_node_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, self.nsx.sddc.id)),
            "dns_server": f"{self.store.objects[path.rpartition('/')[0]]['listener_ip']}#53",
            **({"non_authoritative_answers": answers} if answers else {"raw_answer": f"{name}: NXDOMAIN"}),
        }
        return {"intent_path": path.rpartition("/")[0], "dns_answer_per_enforcement_point": [answer]}


def body_of(request) -> dict:
    if not request.is_json:
        raise refusals.Refusal(415, 415, "The content type application/json is expected.", "common-services")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise refusals.malformed("the body is no JSON object.")
    return body


def page(rows, request) -> dict:
    """One page of a list. The cursor means nothing to a client."""
    try:
        size = int(request.args.get("page_size", PAGE))
        start = int(base64.urlsafe_b64decode(request.args["cursor"]).decode()) if request.args.get("cursor") else 0
    except ValueError:
        raise refusals.invalid("cursor or page_size is none") from None
    if not 0 < size <= PAGE:
        raise refusals.invalid(f"page_size must be between 1 and {PAGE}")
    order = request.args.get("sort_by")
    if order:
        rows = sorted(rows, key=lambda row: str(row.get(order)), reverse=request.args.get("sort_ascending") == "false")
    answer = {"results": rows[start : start + size], "sort_by": order or "display_name", "sort_ascending": True}
    if start == 0:
        answer["result_count"] = len(rows)
    if start + size < len(rows):
        answer["cursor"] = base64.urlsafe_b64encode(f"{start + size:036d}".encode()).decode()
    return answer


def _intent(request) -> str:
    if not request.args.get("intent_path"):
        raise refusals.invalid("intent_path is missing")
    return request.args["intent_path"]


def _without(expression, part):
    """An expression less one condition, and less the operator that tied it to the others."""
    place = expression.index(part)
    return expression[:place][:-1] + expression[place + 1 :] if place else expression[2:]
