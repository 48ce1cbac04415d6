# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the serializers of AWX 24.6.1 take: each kind's fields, types, choices and defaults, and what can be associated with it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Field:
    """One field. ``of`` is the kind that it refers to, ``kept`` says that a POST is heard and a PATCH is not."""

    type: type = str
    default: object = None
    required: bool = False
    choices: tuple = ()
    of: str = ""
    most: int | None = None
    null: bool = False
    read_only: bool = False


@dataclass
class Kind:
    """One list of the API."""

    type: str
    fields: dict
    associations: dict = field(default_factory=dict)  # name -> kind
    roles: tuple = ()
    unique: tuple = ("name",)
    parent: str = ""  # goes with what this field refers to


def text(default="", **more):
    return Field(str, default, **more)


def flag(default=False, **more):
    return Field(bool, default, **more)


def number(default=0, **more):
    return Field(int, default, **more)


def to(kind, **more):
    return Field(int, None, of=kind, null=not more.get("required"), **more)


NAMED = {"name": text(required=True, most=512), "description": text()}
NOTIFIED = {f"notification_templates_{when}": "notification_templates" for when in ("started", "success", "error")}
ASKED = (
    "diff_mode variables limit tags skip_tags job_type verbosity inventory credential execution_environment forks instance_groups "
    "job_slice_count labels timeout scm_branch"
).split()
PROMPTS = {
    "extra_data": Field(dict, {}),
    "inventory": to("inventories"),
    "execution_environment": to("execution_environments"),
    "scm_branch": text(None, null=True),
    "job_type": text(None, null=True, choices=("run", "check")),
    "job_tags": text(None, null=True),
    "skip_tags": text(None, null=True),
    "limit": text(None, null=True),
    "diff_mode": flag(None, null=True),
    "verbosity": number(None, null=True, choices=(0, 1, 2, 3, 4, 5)),
    "forks": number(None, null=True),
    "job_slice_count": number(None, null=True),
    "timeout": number(None, null=True),
}
PROMPTED = {"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"}
ORGANIZATION = to("organizations", required=True)

KINDS = {
    "organizations": Kind(
        "organization",
        {**NAMED, "max_hosts": number(), "default_environment": to("execution_environments")},
        {
            **NOTIFIED,
            "notification_templates_approvals": "notification_templates",
            "instance_groups": "instance_groups",
        },
        ("admin", "execute", "auditor", "member", "read", "approval"),
    ),
    "users": Kind("user", {"username": text(required=True, most=150), "is_superuser": flag()}, unique=("username",)),
    "instance_groups": Kind("instance_group", {"name": text(required=True, most=250)}, roles=("admin", "use", "read")),
    "labels": Kind(
        "label", {"name": text(required=True, most=512), "organization": ORGANIZATION}, unique=("name", "organization")
    ),
    "teams": Kind(
        "team",
        {**NAMED, "organization": ORGANIZATION},
        roles=("admin", "member", "read"),
        unique=("name", "organization"),
        parent="organization",
    ),
    "credential_types": Kind(
        "credential_type",
        {
            **NAMED,
            "kind": text(required=True, choices=("cloud", "net", "scm", "ssh", "vault", "insights")),
            "managed": flag(read_only=True),
            "inputs": Field(dict, {}),
            "injectors": Field(dict, {}),
        },
        unique=("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        {
            **NAMED,
            "organization": to("organizations"),
            "credential_type": to("credential_types", required=True),
            "inputs": Field(dict, {}),
        },
        roles=("admin", "use", "read"),
        unique=("name", "organization", "credential_type"),
    ),
    "notification_templates": Kind(
        "notification_template",
        {
            **NAMED,
            "organization": ORGANIZATION,
            "notification_type": text(
                required=True,
                choices=tuple("awssns email grafana irc mattermost pagerduty rocketchat slack twilio webhook".split()),
            ),
            "notification_configuration": Field(dict, {}),
            "messages": Field(dict, None, null=True),
        },
        unique=("name", "organization"),
        parent="organization",
    ),
    "execution_environments": Kind(
        "execution_environment",
        {
            **NAMED,
            "organization": to("organizations"),
            "image": text(required=True, most=1024),
            "managed": flag(read_only=True),
            "credential": to("credentials"),
            "pull": text(choices=("", "always", "missing", "never")),
        },
    ),
    "projects": Kind(
        "project",
        {
            **NAMED,
            "organization": to("organizations"),
            "local_path": text(most=1024),
            "scm_type": text(choices=("", "git", "svn", "insights", "archive")),
            "scm_url": text(most=1024),
            "scm_branch": text(most=256),
            "scm_refspec": text(most=1024),
            "scm_clean": flag(),
            "scm_track_submodules": flag(),
            "scm_delete_on_update": flag(),
            "credential": to("credentials"),
            "timeout": number(),
            "scm_update_on_launch": flag(),
            "scm_update_cache_timeout": number(),
            "allow_override": flag(),
            "custom_virtualenv": text(None, null=True),
            "default_environment": to("execution_environments"),
            "signature_validation_credential": to("credentials"),
            "scm_revision": text(read_only=True),
        },
        NOTIFIED,
        ("admin", "use", "update", "read"),
        ("name", "organization"),
    ),
    "inventories": Kind(
        "inventory",
        {
            **NAMED,
            "organization": ORGANIZATION,
            "kind": text(choices=("", "smart", "constructed")),
            "host_filter": text(None, null=True),
            "variables": text(),
            "prevent_instance_group_fallback": flag(),
        },
        {"instance_groups": "instance_groups", "input_inventories": "inventories"},
        ("admin", "update", "adhoc", "use", "read"),
        ("name", "organization"),
    ),
    "hosts": Kind(
        "host",
        {
            **NAMED,
            "inventory": to("inventories", required=True),
            "enabled": flag(True),
            "instance_id": text(),
            "variables": text(),
        },
        unique=("name", "inventory"),
        parent="inventory",
    ),
    "groups": Kind(
        "group",
        {**NAMED, "inventory": to("inventories", required=True), "variables": text()},
        {"hosts": "hosts", "children": "groups"},
        unique=("name", "inventory"),
        parent="inventory",
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            **NAMED,
            "source": text(
                None,
                null=True,
                choices=tuple(
                    "file constructed scm ec2 gce azure_rm vmware satellite6 openstack rhv controller insights terraform "
                    "openshift_virtualization".split()
                ),
            ),
            "source_path": text(most=1024),
            "source_vars": text(),
            "scm_branch": text(most=1024),
            "credential": to("credentials"),
            "enabled_var": text(),
            "enabled_value": text(),
            "host_filter": text(),
            "overwrite": flag(),
            "overwrite_vars": flag(),
            "custom_virtualenv": text(None, null=True),
            "timeout": number(),
            "verbosity": number(1, choices=(0, 1, 2)),
            "limit": text(),
            "execution_environment": to("execution_environments"),
            "inventory": to("inventories", required=True),
            "update_on_launch": flag(),
            "update_cache_timeout": number(),
            "source_project": to("projects"),
        },
        NOTIFIED,
        unique=("name", "inventory"),
        parent="inventory",
    ),
    "job_templates": Kind(
        "job_template",
        {
            **NAMED,
            "job_type": text("run", choices=("run", "check")),
            "inventory": to("inventories"),
            "project": to("projects"),
            "playbook": text(most=1024),
            "scm_branch": text(most=1024),
            "forks": number(),
            "limit": text(),
            "verbosity": number(choices=(0, 1, 2, 3, 4, 5)),
            "extra_vars": text(),
            "job_tags": text(),
            "force_handlers": flag(),
            "skip_tags": text(),
            "start_at_task": text(),
            "timeout": number(),
            "use_fact_cache": flag(),
            "organization": to("organizations", read_only=True),  # that of its project
            "execution_environment": to("execution_environments"),
            "host_config_key": text(most=1024),
            **{f"ask_{what}_on_launch": flag() for what in ASKED},
            "survey_enabled": flag(),
            "become_enabled": flag(),
            "diff_mode": flag(),
            "allow_simultaneous": flag(),
            "custom_virtualenv": text(None, null=True),
            "job_slice_count": number(1),
            "webhook_service": text(choices=("", "github", "gitlab", "bitbucket_dc")),
            "webhook_credential": to("credentials"),
            "prevent_instance_group_fallback": flag(),
        },
        {**NOTIFIED, **PROMPTED},
        ("admin", "execute", "read"),
        ("name", "organization"),
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {
            **NAMED,
            "extra_vars": text(),
            "organization": to("organizations"),
            "survey_enabled": flag(),
            "allow_simultaneous": flag(),
            **{
                f"ask_{what}_on_launch": flag()
                for what in "variables inventory scm_branch limit labels tags skip_tags".split()
            },
            "inventory": to("inventories"),
            "limit": text(None, null=True),
            "scm_branch": text(None, null=True),
            "webhook_service": text(choices=("", "github", "gitlab", "bitbucket_dc")),
            "webhook_credential": to("credentials"),
            "job_tags": text(None, null=True),
            "skip_tags": text(None, null=True),
        },
        {**NOTIFIED, "notification_templates_approvals": "notification_templates", "labels": "labels"},
        ("admin", "execute", "read", "approval"),
        ("name", "organization"),
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {
            **PROMPTS,
            "workflow_job_template": to("workflow_job_templates", required=True),
            "unified_job_template": to("unified_job_templates"),
            "all_parents_must_converge": flag(),
            "identifier": text(required=True, most=512),
        },
        {**PROMPTED, **{f"{when}_nodes": "workflow_job_template_nodes" for when in ("success", "failure", "always")}},
        unique=("workflow_job_template", "identifier"),
        parent="workflow_job_template",
    ),
    "workflow_approval_templates": Kind("workflow_approval_template", {**NAMED, "timeout": number()}, unique=()),
    "schedules": Kind(
        "schedule",
        {
            **NAMED,
            **PROMPTS,
            "rrule": text(required=True),
            "enabled": flag(True),
            "unified_job_template": to("unified_job_templates", required=True),
        },
        PROMPTED,
        unique=("unified_job_template", "name"),
        parent="unified_job_template",
    ),
}
# What can be started goes by one number, whatever kind it is of.
STARTED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates")

# What a notification needs to be sent: type, and the default where there is one.
NOTIFICATIONS = {
    "email": {
        "host": (str,),
        "port": (int,),
        "username": (str,),
        "password": (str,),
        "use_tls": (bool,),
        "use_ssl": (bool,),
        "sender": (str,),
        "recipients": (list,),
        "timeout": (int, 30),
    },
    "webhook": {
        "url": (str,),
        "http_method": (str, "POST"),
        "disable_ssl_verification": (bool, False),
        "username": (str, ""),
        "password": (str, ""),
        "headers": (dict,),
    },
}
SURVEY = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": (int, float),
}
