# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup plan protects: a selection of virtual machines, which AWS can only make and delete, not change."""

from __future__ import annotations

import re

from .. import forms
from ..clients import backup_gateway as gateway_api
from ..clients.aws_forms import timestamp
from ..errors import Ambiguous, Error, Foreign, Invalid
from ..values import SITE_KEY, Noticed, Unresolved, canonical, given
from . import backup_plan, virtual_machine

GONE = ("ResourceNotFoundException",)
MOST_RESOURCES, MOST_CONDITIONS, LONGEST_NAME = 500, 30, 40
OF_TAG = "aws:ResourceTag/"
PATH = "aws:backup-gateway:path"


def like(text: str, pattern: str) -> bool:
    """As AWS compares: * is any text, and all else is what it is, brackets among it."""
    if "*" not in pattern:
        return text == pattern
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


# Option -> operator of the API, and what it asks of a tag.
OPERATORS = {
    "string_equals": ("StringEquals", lambda actual, wanted: actual == wanted),
    "string_not_equals": ("StringNotEquals", lambda actual, wanted: actual != wanted),
    "string_like": ("StringLike", lambda actual, wanted: actual is not None and like(actual, wanted)),
    "string_not_like": (
        "StringNotLike",
        lambda actual, wanted: actual is None or not like(actual, wanted),
    ),
}
DOCUMENT = ("iam_role_arn", "resources", "not_resources", "conditions", "list_of_tags")


def find(client, plan_id: str) -> list[dict]:
    """The selections of a plan, anybody's."""
    listed = client.pages("list_backup_selections", "BackupSelectionsList", BackupPlanId=plan_id)
    found = (
        client.call("get_backup_selection", missing=GONE, BackupPlanId=plan_id, SelectionId=raw["SelectionId"])
        for raw in listed
    )
    return [raw for raw in found if raw]


def view(raw: dict) -> dict:
    selection = raw["BackupSelection"]
    return {
        "selection_name": selection["SelectionName"],
        "selection_id": raw["SelectionId"],
        "backup_plan_id": raw["BackupPlanId"],
        "creation_date": timestamp(raw.get("CreationDate")),
        "creator_request_id": raw.get("CreatorRequestId") or "",
        "iam_role_arn": selection["IamRoleArn"],
        "resources": canonical(selection.get("Resources") or []),
        "not_resources": canonical(selection.get("NotResources") or []),
        "conditions": canonical(
            {"operator": ours, "key": each["ConditionKey"], "value": each["ConditionValue"]}
            for ours, (theirs, _asks) in OPERATORS.items()
            for each in (selection.get("Conditions") or {}).get(theirs) or []
        ),
        "list_of_tags": canonical(
            {"key": each["ConditionKey"], "value": each["ConditionValue"]} for each in selection.get("ListOfTags") or []
        ),
    }


def takes(document: dict, machine: dict) -> bool:
    """Whether AWS takes a machine by a selection: one of its ARNs or of its tags, and all of its conditions, and none that it leaves out."""
    return taker(document)(machine)


def taker(document: dict):
    """The same for many machines: what is named by its whole ARN is not searched for again for each of them."""
    named, left_out = _matcher(document["resources"]), _matcher(document["not_resources"])
    open_to_all = not document["resources"] and not document["list_of_tags"]

    def takes_one(machine: dict) -> bool:
        arn, tags = machine["resource_arn"], {PATH: machine["path"], **machine["tags"]}
        tagged = any(tags.get(each["key"]) == each["value"] for each in document["list_of_tags"])
        fits = all(
            OPERATORS[each["operator"]][1](tags.get(each["key"][len(OF_TAG) :]), each["value"])
            for each in document["conditions"]
        )
        return (open_to_all or tagged or named(arn)) and fits and not left_out(arn)

    return takes_one


def _matcher(patterns):
    patterns = [str(pattern) for pattern in patterns]
    whole = {pattern for pattern in patterns if "*" not in pattern}
    wild = [pattern for pattern in patterns if pattern not in whole]
    return lambda arn: arn in whole or any(like(arn, pattern) for pattern in wild)


def taken(document: dict, machines: list[dict]) -> list[dict]:
    """The machines that AWS takes by a selection today."""
    takes_one = taker(document)
    return [
        {"name": one["name"], "path": one["path"], "resource_arn": one["resource_arn"]}
        for one in machines
        if takes_one(one)
    ]


class BackupSelection:
    """Made as ``<name>-<generation>``: the next one is made and read back before the one that it replaces goes."""

    kind = "backup_selection"
    immutable = ()
    blank = {"list_of_tags": [], "not_resources": [], "conditions": [], "older": [], "unmarked": []}

    def __init__(self, client, gateway, tagging, iam, sts, params: dict):
        self.client = client
        self.gateway = gateway
        self.tagging = tagging
        self.iam = iam
        self.sts = sts
        self.params = params
        self._own = backup_plan.own_requests(params["name"], params.get("site_id"))
        self._marked: set = set()  # ARNs

    def observe(self):
        self._check()
        plan = self._plan()
        if plan is None:
            return None
        self._all = [view(raw) for raw in find(self.client, plan["backup_plan_id"])]
        ours = sorted((each for each in self._all if self._is_ours(each)), key=self._generation)
        if not ours:
            return None
        return {
            **ours[-1],
            "name": self.params["name"],
            "backup_plan": plan["name"],
            "older": [each["selection_name"] for each in ours[:-1]],
            "unmarked": [machine["name"] for machine in self._unmarked()],
            "virtual_machines": taken(ours[-1], self._machines) if self.params["state"] == "present" else [],
        }

    _all: list = []

    def want(self, have):
        want = {"name": self.params["name"], "backup_plan": self._plan_name(), **self._document()}
        want.update(unmarked=[], **({} if self.params["keep_older"] else {"older": []}))
        self._refuse_others()
        if have is not None:
            self._refuse_less(have, want)
        return want

    def create(self, want):
        self._mark()
        self._make(self._plan()["backup_plan_id"], want)

    def update(self, have, changes):
        if "unmarked" in changes:
            self._mark()
        old = [have["selection_name"]] if any(key in changes for key in DOCUMENT) else []
        if old:
            self._make(have["backup_plan_id"], {**have, **changes})
        if not self.params["keep_older"]:
            self._remove(have["backup_plan_id"], [*have["older"], *old])

    def delete(self, have):
        self._remove(have["backup_plan_id"], [*have["older"], have["selection_name"]])

    def held(self, have):
        """Whoever is protected by it would be so no more (SAFETY 33)."""
        names = self._lost(have, None)
        return (
            f"it protects {', '.join(names)}. If that is meant, name them, or *, in allow_less_protection"
            if names
            else None
        )

    def noticed(self, have):
        if not taken(have, self._machines):
            yield Noticed("resources", None, have["resources"], "it selects no machine that AWS Backup lists today.")
        others = [each["selection_name"] for each in self._all if not self._is_ours(each)]
        if others:
            advice = f"the plan protects what others selected too: {', '.join(others)}. That stays as it is."
            yield Noticed("backup_plan", None, have["backup_plan"], advice)

    # The plan, and what is ours in it

    def _plan(self) -> dict | None:
        wanted = self.params["backup_plan"]
        meant = [backup_plan.view(raw) for raw in backup_plan.find(self.client, reference=wanted)]
        ours = [plan for plan in meant if backup_plan.is_of_site(plan, self.params.get("site_id"))]
        if len(ours or meant) > 1:
            raise Ambiguous("backup plan", wanted, [plan["backup_plan_arn"] for plan in ours or meant])
        if meant and not ours:
            raise Foreign(
                f"The plan {wanted} is not this site's, so that nothing is selected for it here. Choose another plan."
            )
        return ours[0] if ours else None

    def _plan_name(self):
        plan = self._plan()
        return plan["name"] if plan else Unresolved("backup plan", self.params["backup_plan"])

    def _is_ours(self, selection) -> bool:
        return selection["creator_request_id"].startswith(self._own)

    def _generation(self, selection) -> int:
        last = selection["creator_request_id"][len(self._own) :]
        return int(last) if last.isdigit() else 0

    def _make(self, plan_id, document):
        """Make the next generation, and see that AWS has it as it was meant."""
        now = [view(raw) for raw in find(self.client, plan_id)]
        taken = [self._generation(each) for each in now if self._is_ours(each)]
        names = {each["selection_name"] for each in now}
        number = max(taken, default=0) + 1
        while f"{self.params['name']}-{number}" in names:
            number += 1
        made = self.client.call(
            "create_backup_selection",
            names=document["iam_role_arn"],  # a role that was just made may not be known yet
            BackupPlanId=plan_id,
            BackupSelection=_theirs(f"{self.params['name']}-{number}", document),
            CreatorRequestId=f"{self._own}{number}",
        )
        seen = self.client.call("get_backup_selection", BackupPlanId=plan_id, SelectionId=made["SelectionId"])
        stored = view(seen)
        differing = [key for key in DOCUMENT if stored[key] != document[key]]
        if differing:
            raise Error(
                f"AWS Backup stored the selection {stored['selection_name']} otherwise than it was asked to: {', '.join(differing)}. "
                "The one before stays."
            )

    def _remove(self, plan_id, names):
        for selection in (view(raw) for raw in find(self.client, plan_id)):
            if selection["selection_name"] in names and self._is_ours(selection):
                self.client.call(
                    "delete_backup_selection",
                    missing=GONE,
                    BackupPlanId=plan_id,
                    SelectionId=selection["selection_id"],
                )

    # What is selected

    def _document(self) -> dict:
        machines, conditions = self.params["virtual_machines"], []
        left_out = [self._machine(reference) for reference in self.params["not_virtual_machines"] or []]
        if machines is not None:
            resources = [self._machine(reference) for reference in machines]
        elif self.params["path_conditions"] or not self.params["folder"]:
            resources, conditions = [f"{self._arn_of_machines()}*"], self._conditions()
        else:
            # Without any resource AWS would take whatever of the account fulfils the conditions.
            nobody = Unresolved("virtual machine in", self.params["folder"])
            resources, conditions = self._in([self.params["folder"]]) or [nobody], self._conditions()
        if machines is None and not self.params["path_conditions"]:
            left_out += self._in(self.params["not_folders"] or [])
        resources, left_out = canonical(resources), canonical(left_out)
        if len(resources) + len(left_out) > MOST_RESOURCES:
            raise Invalid(
                "virtual_machines",
                f"{len(resources) + len(left_out)} are more than the {MOST_RESOURCES} that a selection can name. Take conditions.",
            )
        if len(conditions) > MOST_CONDITIONS:
            raise Invalid(
                "conditions", f"{len(conditions)} are more than the {MOST_CONDITIONS} that a selection can have."
            )
        return {
            "iam_role_arn": self._role(),
            "resources": resources,
            "not_resources": left_out,
            "conditions": canonical(conditions),
            "list_of_tags": [],
        }

    def _conditions(self) -> list:
        found = [("string_equals", SITE_KEY, self.params["site_id"])] if self.params["hypervisor"] else []
        if self.params["path_conditions"]:
            found += [("string_like", PATH, self.params["folder"])] if self.params["folder"] else []
            found += [("string_not_like", PATH, pattern) for pattern in self.params["not_folders"] or []]
        for operator, tags in given(self.params, "conditions").get("conditions", {}).items():
            found += [(operator, key, str(value)) for key, value in tags.items()]
        return [{"operator": operator, "key": f"{OF_TAG}{key}", "value": value} for operator, key, value in found]

    def _in(self, folders) -> list:
        """The machines that are in folders today."""
        return [
            one["resource_arn"]
            for one in self._machines
            if any(like(one["path"] or "", pattern) for pattern in folders)
        ]

    def _arn_of_machines(self) -> str:
        account = self.sts.call("get_caller_identity")["Account"]
        return f"arn:{self.client.partition}:backup-gateway:{self.client.region}:{account}:vm/"

    @property
    def _machines(self) -> list:
        """Those of the hypervisor, or of all, as AWS Backup lists them, with their tags."""
        if self._listed is None:
            listed = virtual_machine.described(self.gateway, self.tagging, self.params["hypervisor"])
            # A mark that was just written may not be seen yet (law 14).
            marked = {SITE_KEY: self.params["site_id"]}
            self._listed = [
                {**one, "tags": {**one["tags"], **marked}} if one["resource_arn"] in self._marked else one
                for one in listed
            ]
        return self._listed

    _listed: list | None = None

    def _machine(self, reference):
        """The ARN that a name, a path or an ARN means."""
        if reference.startswith("arn:"):
            return reference
        found = [one["resource_arn"] for one in self._machines if reference in (one["name"], one["full_path"])]
        if len(found) > 1:
            raise Ambiguous("virtual machine", reference, found)
        return found[0] if found else Unresolved("virtual machine", reference)

    def _role(self):
        reference = self.params["iam_role_arn"]
        if reference.startswith("arn:"):
            return reference
        answer = self.iam.call("get_role", missing=("NoSuchEntity",), RoleName=reference)
        return answer["Role"]["Arn"] if answer else Unresolved("role", reference)

    # Whose the machines are

    def _unmarked(self) -> list:
        """The machines of the hypervisor without the mark that the selection asks for: no ARN says which hypervisor one is of (SAFETY 34)."""
        if not self.params["hypervisor"] or self.params["virtual_machines"] is not None:
            return []
        return [one for one in self._machines if one["tags"].get(SITE_KEY) != self.params["site_id"]]

    def _refuse_others(self):
        for machine in self._unmarked():
            other = machine["tags"].get(SITE_KEY)
            if other:
                raise Foreign(
                    f"The machine {machine['name']} ({machine['resource_arn']}) carries the mark of another site, {other}. "
                    f"Take its tag {SITE_KEY} off if it is of {self.params['site_id']}."
                )

    def _mark(self):
        for machine in self._unmarked():
            gateway_api.put_tags(self.gateway, machine["resource_arn"], {}, {SITE_KEY: self.params["site_id"]})
            self._marked.add(machine["resource_arn"])
        self._listed = None

    # What must not be

    def _refuse_less(self, have, want):
        names = self._lost(have, want)
        if names:
            raise Invalid(
                "allow_less_protection",
                f"the selection {self.params['name']} would protect {', '.join(names)} no more. If that is meant, name them here, or *. "
                "Nothing was written.",
            )

    def _lost(self, have, want) -> list:
        """The machines that it protects, and would not, but for those that are allowed to be."""
        allowed = self.params["allow_less_protection"] or []
        if "*" in allowed:
            return []
        marked = [{**one, "tags": {**one["tags"], **self._to_be_marked(one)}} for one in self._machines]
        return sorted(
            one["name"]
            for one in marked
            if takes(have, one) and not (want and takes(want, one)) and one["name"] not in allowed
        )

    def _to_be_marked(self, machine) -> dict:
        return {SITE_KEY: self.params["site_id"]} if machine in self._unmarked() else {}

    def _check(self):
        params = self.params
        forms.checked("name", "selection_name", params["name"])
        if params["state"] == "absent":
            return
        if not params["iam_role_arn"]:
            raise Invalid("iam_role_arn", "A selection needs the role with which AWS Backup works.")
        role = params["iam_role_arn"]
        forms.checked(
            "iam_role_arn", "backup_role_arn", role if role.startswith("arn:") else f"arn:aws:iam::0:role/{role}"
        )
        narrowed = [option for option in ("folder", "conditions") if params[option]]
        if params["virtual_machines"] is not None and narrowed:
            raise Invalid(
                "virtual_machines",
                f"names machines, so that {', '.join(narrowed)} would narrow nothing. Give one or the other.",
            )
        for option in ("virtual_machines", "not_virtual_machines"):
            for reference in params[option] or []:
                if reference.startswith("arn:") or "*" in reference:
                    forms.checked(option, "machine_arn", reference)
        if params["virtual_machines"] == []:
            raise Invalid("virtual_machines", "names no machine. To protect nothing, remove the selection.")
        if params["hypervisor"] and not params["site_id"]:
            raise Invalid(
                "site_id",
                "is needed with hypervisor: by it the machines of one vCenter are told from those of another.",
            )
        if (
            params["virtual_machines"] is None
            and not params["hypervisor"]
            and len(gateway_api.hypervisors(self.gateway)) > 1
        ):
            raise Invalid(
                "hypervisor",
                "is needed: there are several in the account, and a selection of all machines would take those of each of them.",
            )


def _theirs(name, document) -> dict:
    """A selection as AWS takes it."""
    conditions: dict = {}
    for each in document["conditions"]:
        theirs = OPERATORS[each["operator"]][0]
        conditions.setdefault(theirs, []).append({"ConditionKey": each["key"], "ConditionValue": each["value"]})
    return {
        "SelectionName": name,
        "IamRoleArn": document["iam_role_arn"],
        "Resources": document["resources"],
        **({"NotResources": document["not_resources"]} if document["not_resources"] else {}),
        **({"Conditions": conditions} if conditions else {}),
    }
