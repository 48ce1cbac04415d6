# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/api/v2 of AWX, kept in memory: lists, objects, associations, surveys, nodes. A payload is held against what the serializers take.

What they would ignore, such as a field that they do not know, is kept in ``ignored``, so that a test can look at it.
"""

from __future__ import annotations

import copy
import itertools
import json
import re

from werkzeug.wrappers import Request

from ..web import answer
from .kinds import KINDS, NOTIFICATIONS, STARTED, SURVEY

VERSION = "24.6.1"
ENCRYPTED = "$encrypted$"
BUILT_IN = {  # credential types that AWX brings, with their secret inputs
    "Amazon Web Services": ("cloud", ("password", "security_token")),
    "VMware vCenter": ("cloud", ("password",)),
    "Vault": ("vault", ("vault_password",)),
    "Source Control": ("scm", ("password", "ssh_key_data", "ssh_key_unlock")),
    "Machine": ("ssh", ("password", "ssh_key_data", "become_password")),
}
RRULE = re.compile(
    r"DTSTART(;TZID=[\w/+-]+)?:\d{8}T\d{6}Z? RRULE:(?=.*FREQ=(MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY))(?=.*INTERVAL=\d+)\S+"
)


def _is_int(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status, body):
        super().__init__(body)
        self.status, self.body = status, body


class Awx:
    """WSGI. ``playbooks`` are those that AWX finds in any project."""

    def __init__(self, playbooks=(), *, token="awx-token", host_filter=None):
        self.token, self.playbooks, self.no_filter = token, list(playbooks), host_filter
        self.things: dict = {kind: {} for kind in KINDS}
        self.linked: dict = {}  # (kind, id, association) -> ids
        self.surveys: dict = {}
        self.secrets: dict = {}
        self.calls, self.ignored, self.jobs = [], [], []
        self.numbers = itertools.count(1)
        self.make("organizations", {"name": "Default"})
        self.make("users", {"username": "admin", "is_superuser": True})
        self.make("instance_groups", {"name": "default"})
        for name, (kind, secret) in BUILT_IN.items():
            fields = [{"id": one, "type": "string", "secret": True} for one in secret]
            made = self.make("credential_types", {"name": name, "kind": kind, "inputs": {"fields": fields}})
            made["managed"] = True
        self.calls.clear()

    # -- protocol

    def __call__(self, environ, start_response):
        request = Request(environ)
        headers = {"X-API-Product-Name": "AWX", "X-API-Product-Version": VERSION}
        try:
            if request.headers.get("Authorization") != f"Bearer {self.token}" and request.path != "/api/v2/ping/":
                raise Refused(401, {"detail": "Authentication credentials were not provided."})
            status, body = self.answered(request)
        except Refused as refusal:
            status, body = refusal.status, refusal.body
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            self.calls.append((request.method, request.path, status, body))
        return answer(status, body, headers)(environ, start_response)

    def answered(self, request):
        path = [part for part in request.path.removeprefix("/api/v2/").split("/") if part]
        if path in (["ping"], ["config"]):
            return 200, {"version": VERSION}
        if path and path[0] in ("roles", "project_updates", "unified_job_templates", "jobs", *KINDS):
            run = getattr(self, f"on_{path[0]}", self.on_kind)
            return run(request, *path)
        raise Refused(404, {"detail": "The requested resource could not be found."})

    def on_kind(self, request, kind, number=None, sub=None):
        if number is None:
            if request.method == "GET":
                return 200, self.listed(request, [self.shown(kind, one) for one in self.things[kind].values()])
            if request.method == "OPTIONS":
                return 200, {"actions": {"POST": described(KINDS[kind])}}
            return 201, self.shown(kind, self.make(kind, self.body(request)))
        thing = self.found(kind, number)
        if sub:
            return self.on_sub(request, kind, thing, sub)
        if request.method == "PATCH":
            self.change(kind, thing, self.body(request))
        elif request.method == "DELETE":
            self.remove(kind, thing)
            return (202, {}) if kind == "inventories" else (204, None)
        return 200, self.shown(kind, thing)

    def on_sub(self, request, kind, thing, sub):
        if sub == "survey_spec" and kind in ("job_templates", "workflow_job_templates"):
            return self.survey(request, thing)
        if sub == "create_approval_template" and kind == "workflow_job_template_nodes":
            made = self.make("workflow_approval_templates", self.body(request))
            thing["unified_job_template"] = made["id"]
            return 201, self.shown("workflow_approval_templates", made)
        if sub == "launch" and kind == "job_templates" and request.method == "POST":
            return self.launched(request, thing)
        of = KINDS[kind].associations.get(sub)
        if of is None:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        return self.associated(request, (kind, thing["id"], sub), of)

    def on_roles(self, request, _roles, number, actors):
        return self.associated(request, ("roles", int(number), actors), actors)

    def on_project_updates(self, request, _kind, number):
        return 200, {"id": int(number), "status": "successful", "finished": "2026-01-01T00:00:00Z", "failed": False}

    def on_unified_job_templates(self, request, *_path):
        shown = [self.shown(kind, one) for kind in STARTED for one in self.things[kind].values()]
        return 200, self.listed(request, [{"organization": None, **one} for one in shown])

    def on_jobs(self, request, _kind, number):
        return 200, {"id": int(number), "status": "successful", "finished": "2026-01-01T00:00:00Z", "artifacts": {}}

    def launched(self, request, template):
        """What a launch gives is kept in ``jobs``; none of them runs."""
        given = self.body(request)
        if given.get("limit") and not template["ask_limit_on_launch"]:
            raise Refused(400, {"limit": ["Field is not configured to prompt on launch."]})
        self.check_answers(template, given.get("extra_vars") or {})
        self.jobs.append({"template": template["name"], "limit": given.get("limit", "")})
        number = next(self.numbers)
        return 201, {"id": number, "job": number, "type": "job", "url": f"/api/v2/jobs/{number}/", "status": "pending"}

    def body(self, request) -> dict:
        found = json.loads(request.get_data(as_text=True) or "{}")
        if not isinstance(found, dict):
            raise Refused(400, {"detail": "Invalid data. Expected a dictionary."})
        return found

    def found(self, kind, number):
        thing = self.things[kind].get(int(number)) if str(number).isdigit() else None
        if thing is None:
            raise Refused(404, {"detail": "Not found."})
        return thing

    def listed(self, request, shown):
        asked = {key: value for key, value in request.args.items() if key not in ("page", "page_size", "order_by")}
        others = [key for key in asked if key.startswith("or__")]
        kept = [
            one
            for one in shown
            if all(self.matches(one, key, asked[key]) for key in asked if key not in others)
            and (not others or any(self.matches(one, key.removeprefix("or__"), asked[key]) for key in others))
        ]
        size, page = int(request.args.get("page_size", 25)), int(request.args.get("page", 1))
        more = f"{request.path}?{request.query_string.decode()}&page={page + 1}" if len(kept) > size * page else None
        return {"count": len(kept), "next": more, "previous": None, "results": kept[size * (page - 1) : size * page]}

    def matches(self, one, key, value) -> bool:
        name, _sep, how = key.partition("__")
        if name not in one and name not in ("id", "type"):
            raise Refused(400, {"detail": f"{one['type']} has no field named '{name}'"})
        has = "" if one[name] is None else str(one[name])
        tests = {"": has == value, "in": has in value.split(","), "startswith": has.startswith(value)}
        if how not in tests:
            raise Refused(400, {"detail": f"unsupported filter {key}"})
        return tests[how]

    # -- things

    def make(self, kind, given) -> dict:
        fields = KINDS[kind].fields
        thing = {name: copy.deepcopy(field.default) for name, field in fields.items()}
        thing.update(id=next(self.numbers))
        missing = [name for name, field in fields.items() if field.required and given.get(name) in (None, "")]
        if missing:
            raise Refused(400, {name: ["This field is required."] for name in missing})
        self.write(kind, thing, given)
        self.things[kind][thing["id"]] = thing
        return thing

    def change(self, kind, thing, given) -> None:
        if kind == "credential_types" and thing["managed"]:
            raise Refused(403, {"detail": "Modifications not allowed for managed credential types"})
        self.write(kind, thing, given)

    def write(self, kind, thing, given) -> None:
        fields, new = KINDS[kind].fields, dict(thing)
        for name, value in given.items():
            if name not in fields or fields[name].read_only:
                if name != "type":
                    self.ignored.append((kind, name))
                continue
            new[name] = self.taken(kind, name, fields[name], value)
        getattr(self, f"check_{kind}", lambda *_: None)(new, given)
        same = [one for one in self.things[kind].values() if one["id"] != new["id"] and self.alike(kind, one, new)]
        if same:
            raise Refused(
                400, {"__all__": [f"{KINDS[kind].type} with this {' and '.join(KINDS[kind].unique)} already exists."]}
            )
        thing.update(new)

    def alike(self, kind, one, new) -> bool:
        unique = KINDS[kind].unique
        return bool(unique) and all(one[name] == new[name] for name in unique)

    def taken(self, kind, name, field, value):
        """The value as AWX keeps it."""
        if value is None:
            if field.null or (kind, name) == ("inventories", "kind"):
                return "" if (kind, name) == ("inventories", "kind") else None
            raise Refused(400, {name: ["This field may not be null."]})
        if field.of:
            if value == "":
                return None
            pools = STARTED if field.of == "unified_job_templates" else (field.of,)
            if not _is_int(value) or not any(value in self.things[pool] for pool in pools):
                raise Refused(400, {name: [f'Invalid pk "{value}" - object does not exist.']})
            return value
        if field.type is bool and not isinstance(value, bool):
            raise Refused(400, {name: ["Must be a valid boolean."]})
        if field.type is int and (isinstance(value, bool) or not str(value).lstrip("-").isdigit()):
            raise Refused(400, {name: ["A valid integer is required."]})
        if field.type in (str, dict) and not isinstance(value, field.type):
            raise Refused(400, {name: [f"Expected {field.type.__name__}, received {type(value).__name__}."]})
        value = int(value) if field.type is int else value
        if field.choices and value not in field.choices:
            raise Refused(400, {name: [f'"{value}" is not a valid choice.']})
        if field.most and len(value) > field.most:
            raise Refused(400, {name: [f"Ensure this field has no more than {field.most} characters."]})
        if name in ("extra_vars", "variables", "source_vars") and value:
            mapping = json.loads(value) if value.lstrip().startswith("{") else None
            if not isinstance(mapping, dict):
                raise Refused(400, {name: ["Cannot parse as JSON or YAML."]})
        return value

    def shown(self, kind, thing) -> dict:
        url = f"/api/v2/{kind}/{thing['id']}/"
        related = {name: f"{url}{name}/" for name in KINDS[kind].associations}
        summary: dict = {}
        if kind in ("job_templates", "workflow_job_templates"):
            related.update(survey_spec=f"{url}survey_spec/", launch=f"{url}launch/")
        if kind == "workflow_job_template_nodes" and thing["unified_job_template"]:
            pool = next(one for one in STARTED if thing["unified_job_template"] in self.things[one])
            related["unified_job_template"] = f"/api/v2/{pool}/{thing['unified_job_template']}/"
        if thing.get("organization"):
            summary["organization"] = {"name": self.things["organizations"][thing["organization"]]["name"]}
        if KINDS[kind].roles:
            roles = KINDS[kind].roles
            summary["object_roles"] = {
                f"{role}_role": {"id": thing["id"] * 100 + place, "name": role} for place, role in enumerate(roles)
            }
        if kind == "projects" and thing["scm_type"]:
            summary["current_update"] = {"id": thing["id"]}
        shown = {
            **copy.deepcopy(thing),
            "type": KINDS[kind].type,
            "url": url,
            "related": related,
            "summary_fields": summary,
        }
        if kind == "credentials":
            shown["inputs"].update({name: ENCRYPTED for name in self.secret_inputs(thing) if thing["inputs"].get(name)})
        if kind == "notification_templates" and thing["notification_configuration"].get("password"):
            shown["notification_configuration"]["password"] = ENCRYPTED
        if kind == "inventories" and thing["host_filter"] is None:
            shown["host_filter"] = self.no_filter
        return shown

    def remove(self, kind, thing) -> None:
        number = thing["id"]
        if kind == "credential_types" and any(
            one["credential_type"] == number for one in self.things["credentials"].values()
        ):
            raise Refused(403, {"detail": "Credential types that are in use cannot be deleted"})
        self.things[kind].pop(number)
        for other, spec in KINDS.items():
            for one in list(self.things[other].values()):
                if spec.parent and one[spec.parent] == number and self.refers(other, spec.parent, kind):
                    self.remove(other, one)
                    continue
                for name, field in spec.fields.items():
                    if one.get(name) == number and field.of and self.refers(other, name, kind):
                        one[name] = None
        approvals = {one["unified_job_template"] for one in self.things["workflow_job_template_nodes"].values()}
        for one in [one for one in self.things["workflow_approval_templates"] if one not in approvals]:
            self.things["workflow_approval_templates"].pop(one)
        self.surveys.pop(number, None)
        labels = {id_ for (*_thing, sub), ids in self.linked.items() if sub == "labels" for id_ in ids}
        self.linked = {
            key: [one for one in ids if key[2] not in (kind,) or one != number]
            for key, ids in self.linked.items()
            if key[1] != number and not (key[0] == "roles" and key[1] // 100 == number)
        }
        still = {id_ for (*_thing, sub), ids in self.linked.items() if sub == "labels" for id_ in ids}
        for gone in labels - still:  # a label goes with the last thing that has it
            self.things["labels"].pop(gone, None)

    def refers(self, kind, name, to) -> bool:
        of = KINDS[kind].fields[name].of
        return of == to or (of == "unified_job_templates" and to in STARTED)

    def associated(self, request, key, of):
        ids = self.linked.setdefault(key, [])
        if request.method == "GET":
            return 200, self.listed(request, [self.shown(of, self.things[of][one]) for one in ids])
        given = self.body(request)
        one = self.found(of, given.get("id", "none"))
        if given.get("disassociate"):
            ids.remove(one["id"])
        elif one["id"] not in ids:
            self.check_association(key, of, one)
            ids.append(one["id"])
        return 204, None

    def check_association(self, key, of, one):
        kind, number, name = key
        if name == "credentials":
            # AWX takes one credential of a type, and of Vault one for each id.
            same = [
                other
                for other in self.linked[key]
                if self.identity(self.things["credentials"][other]) == self.identity(one)
            ]
            if same:
                raise Refused(400, {"error": "Cannot assign multiple credentials of one type."})
        if kind == "workflow_job_template_nodes" and name.endswith("_nodes"):
            node = self.things[kind][number]
            if one["workflow_job_template"] != node["workflow_job_template"] or one["id"] == number:
                raise Refused(400, {"Error": "Cannot associate a node with itself or with one of another workflow."})

    def identity(self, credential):
        return (credential["credential_type"], credential["inputs"].get("vault_id"))

    def secret_inputs(self, credential) -> list:
        kind = self.things["credential_types"][credential["credential_type"]]
        return [one["id"] for one in kind["inputs"].get("fields", []) if one.get("secret")]

    # -- what single kinds ask for

    def check_credential_types(self, new, given):
        ids = [one.get("id") for one in new["inputs"].get("fields", [])]
        for one in new["inputs"].get("fields", []):
            if set(one) - {
                "id",
                "label",
                "type",
                "secret",
                "help_text",
                "choices",
                "default",
                "format",
                "multiline",
                "ask_at_runtime",
            }:
                raise Refused(400, {"inputs": ["Additional properties are not allowed"]})
        if set(new["inputs"].get("required", [])) - set(ids):
            raise Refused(400, {"inputs": ["required names a field that is not there"]})
        if set(new["injectors"]) - {"file", "env", "extra_vars"}:
            raise Refused(400, {"injectors": ["Additional properties are not allowed"]})
        for part in ("env", "extra_vars"):
            for name, template in new["injectors"].get(part, {}).items():
                if not re.fullmatch(r"[A-Za-z_]\w*", name) or not isinstance(template, str):
                    raise Refused(400, {"injectors": [f"{name} does not match"]})
                if set(re.findall(r"{{\s*(\w+)", template)) - set(ids):
                    raise Refused(400, {"injectors": [f"{template} uses an undefined field"]})

    def check_credentials(self, new, given):
        for name in self.secret_inputs(new):
            if given.get("inputs", {}).get(name) == ENCRYPTED:
                new["inputs"][name] = self.things["credentials"].get(new["id"], {}).get("inputs", {}).get(name)
        fields = self.things["credential_types"][new["credential_type"]]["inputs"]
        missing = [name for name in fields.get("required", []) if not new["inputs"].get(name)]
        if missing:
            raise Refused(400, {"inputs": {name: ["This field is required."] for name in missing}})
        managed = self.things["credential_types"][new["credential_type"]]["managed"]
        extra = set(new["inputs"]) - {one["id"] for one in fields.get("fields", [])}
        if extra and not managed:
            raise Refused(400, {"inputs": [f"Additional properties are not allowed ({sorted(extra)})"]})

    def check_notification_templates(self, new, given):
        wanted = NOTIFICATIONS.get(new["notification_type"], {})
        configuration = dict(new["notification_configuration"])
        for name, (kind, *default) in wanted.items():
            if name not in configuration and default:
                configuration[name] = default[0]
            if name not in configuration:
                raise Refused(400, {"__all__": [f"Missing required fields for Notification Configuration: {name}."]})
            if not isinstance(configuration[name], kind) or isinstance(configuration[name], bool) is not (kind is bool):
                raise Refused(
                    400, {"__all__": [f"Configuration field '{name}' incorrect type, expected {kind.__name__}."]}
                )
            if kind is list and not configuration[name]:
                raise Refused(400, {"__all__": [f"No values specified for field '{name}'"]})
        new["notification_configuration"] = configuration

    def check_job_templates(self, new, given):
        if not new["project"]:
            raise Refused(400, {"project": ["Job Templates must have a project assigned."]})
        new["organization"] = self.things["projects"][new["project"]]["organization"]
        if new["playbook"] not in self.playbooks:
            raise Refused(400, {"playbook": ["Playbook not found for project."]})
        if not new["inventory"] and not new["ask_inventory_on_launch"]:
            raise Refused(400, {"inventory": ["Job Template must provide 'inventory' or allow prompting for it."]})
        if new["timeout"] < -1 or new["job_slice_count"] < 1 or new["forks"] < 0:
            raise Refused(400, {"__all__": ["out of range"]})
        for name in ("limit", "job_tags"):
            if len(new[name]) > 1024:
                raise Refused(400, {name: ["Ensure this field has no more than 1024 characters."]})

    def check_workflow_job_template_nodes(self, new, given):
        if new["extra_data"] and new["unified_job_template"]:
            template = self.things["job_templates"].get(new["unified_job_template"])
            self.check_answers(template, new["extra_data"])

    def check_schedules(self, new, given):
        if not RRULE.fullmatch(new["rrule"]):
            raise Refused(400, {"rrule": ["rrule parsing failed validation"]})
        if re.search(r"BYDAY=[+-]?\d", new["rrule"]) or new["rrule"].count("RRULE:") > 1:
            raise Refused(400, {"rrule": ["BYDAY with numeric prefix not supported."]})
        if new["extra_data"]:
            self.check_answers(self.things["job_templates"].get(new["unified_job_template"]), new["extra_data"])

    def check_answers(self, template, answers):
        """What a node or a schedule answers in advance has to be asked, and to be an answer."""
        if template is None or template["ask_variables_on_launch"]:
            return
        spec = self.surveys.get(template["id"], {}).get("spec", []) if template["survey_enabled"] else []
        asked = {one["variable"]: one for one in spec}
        stray = sorted(set(answers) - set(asked))
        if stray:
            raise Refused(400, {"extra_data": [f"Variables {', '.join(stray)} are not allowed on launch."]})
        for name, value in answers.items():
            wrong = wrong_answer(asked[name], value)
            if wrong:
                raise Refused(400, {"variables_needed_to_start": [wrong]})

    def survey(self, request, template):
        if request.method == "GET":
            return 200, copy.deepcopy(self.surveys.get(template["id"], {}))
        if request.method == "DELETE":
            self.surveys.pop(template["id"], None)
            return 200, {}
        spec = self.body(request)
        wrong = wrong_survey(spec)
        if wrong:
            raise Refused(400, {"error": wrong})
        for one in spec["spec"]:
            if one["type"] == "password" and one.get("default"):
                one["default"] = ENCRYPTED
        self.surveys[template["id"]] = spec
        return 200, {}

    # -- for tests

    def left(self) -> dict:
        """Names of all that is there but what AWX brings, by kind."""
        brought = {
            "organizations": {"Default"},
            "users": {"admin"},
            "instance_groups": {"default"},
            "credential_types": set(BUILT_IN),
        }
        names = {
            kind: sorted(
                {str(one.get("name") or one.get("identifier") or one.get("username")) for one in held.values()}
                - brought.get(kind, set())
            )
            for kind, held in self.things.items()
        }
        return {kind: found for kind, found in names.items() if found}

    def by_name(self, kind, name) -> dict:
        """What is kept of one thing, whatever stands before its name."""
        (one,) = (one for one in self.things[kind].values() if str(one.get("name") or one["identifier"]).endswith(name))
        return one

    def names(self, kind, number, association) -> list:
        of = KINDS[kind].associations[association]
        ids = self.linked.get((kind, number, association), [])
        return sorted(str(self.things[of][one].get("name") or self.things[of][one]["identifier"]) for one in ids)


def described(kind) -> dict:
    """What OPTIONS says of a POST."""
    words = {str: "string", bool: "boolean", int: "integer", dict: "json"}
    return {
        name: {
            "type": "field" if field.of else "choice" if field.choices else words[field.type],
            "required": field.required,
            **({"choices": [[one, one] for one in field.choices]} if field.choices else {}),
            **({"default": field.default} if not field.required else {}),
        }
        for name, field in kind.fields.items()
        if not field.read_only
    }


def wrong_survey(spec) -> str | None:
    """What AWX would say of a survey, or None."""
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(name), kind):
            return f"Field '{name}' is missing from survey spec."
    if not spec["spec"]:
        return "'spec' doesn't contain any items."
    variables = [one.get("variable") for one in spec["spec"]]
    if len(set(variables)) != len(variables):
        return "'variable' duplicated in survey question."
    for place, one in enumerate(spec["spec"]):
        for name in ("type", "question_name", "variable", "required"):
            if not isinstance(one.get(name), bool if name == "required" else str):
                return f"'{name}' missing from survey question {place}"
        if one["type"] not in SURVEY:
            return f"'{one['type']}' in survey question {place} is not one of the allowed question types."
        default = one.get("default")
        if default not in (None, "") and not isinstance(default, SURVEY[one["type"]]):
            return f"Default value {default} in survey question {place} has the wrong type."
        if any(name in one and not _is_int(one[name]) for name in ("min", "max")):
            return f"The limit in survey question {place} expected to be integer."
        if one["type"] in ("multiplechoice", "multiselect"):
            if not one.get("choices"):
                return f"Survey question {place} of type {one['type']} must specify choices."
            if default and default not in one["choices"]:
                return "Default choice must be answered from the choices listed."
    return None


def wrong_answer(question, value) -> str | None:
    """What AWX would say of an answer, or None."""
    name, kind = question["variable"], question["type"]
    if kind in ("text", "textarea", "password"):
        if not isinstance(value, str):
            return f"Value {value} for '{name}' expected to be a string."
        if not question.get("min", 0) <= len(value) <= question.get("max", len(value)):
            return f"'{name}' value {value} has the wrong length."
    elif kind == "multiplechoice" and value not in question["choices"]:
        return f"Value {value} for '{name}' expected to be one of {question['choices']}."
    elif kind in ("integer", "float") and not isinstance(value, SURVEY[kind]):
        return f"Value {value} for '{name}' expected to be a number."
    return None
