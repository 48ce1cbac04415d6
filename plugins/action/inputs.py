# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first task of each role: whose site it is, what is planned there, and what the role is to do. Refuses before anything is written."""

from __future__ import annotations

import re
import uuid

from ansible import context
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.vars import load_extra_vars

from ..lookup.options import HYPERVISOR, options
from ..module_utils import activation
from ..module_utils.errors import Invalid
from ..module_utils.forms import check
from ..module_utils.plan import appliances
from ..module_utils.resources.security_group import refuse_more_rules, rules_for
from ..module_utils.values import SITE
from ..plugin_utils import protection
from ..plugin_utils.claims import planned_of, rivals_in
from ..plugin_utils.commands import COMMANDS, Contradiction, commanded, nothing_changed, refuse_beside
from ..plugin_utils.known_variables import ROLES, VARIABLES
from ..plugin_utils.variables import is_given, may_be_told, misnamed, of_environment, typed

IN_THE_WAY = "Hosts of this play are in each other's way. Nothing was changed."
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SINGLE = re.compile(r"[0-9.]+(/32)?|[0-9a-fA-F:]+(/128)?")
INNER = tuple(f"__{name}" for name in (*COMMANDS, "replace", "teardown", "correct"))  # of roles and playbooks
LEFT = tuple(f"{role}_result" for role in COMMANDS)  # by roles, for those that follow
OF_LOOPS = ("planned",)
NEED_A_PLAN = ("endpoint", "appliance", "firewall", "registration")
READ_BY_ALL = list(dict.fromkeys(name for names in ROLES.values() for name in names))


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        if self._task._role is None:
            raise AnsibleActionFail("vmc.aws_backup.inputs is the first task of a role.")
        role = self._task._role.get_name(include_role_fqcn=False)
        host = task_vars["inventory_hostname"]
        try:
            self._refuse_internal()
            commands = self._task.args.get("commands") or {}
            _refuse_half(commands)
            values, warnings = self._read(role, commands, task_vars)
            value = values.get
            given = commanded(role, commands, values)
            refuse_beside(role, commands, self._beside(task_vars))
            given["step"] = _step(role, given, commands, value("registration_new_password") is not None)
            name = value("vmc_backup_name") or host
            planned = [] if role == "prerequisites" else appliances(value("vmc_backup_appliances") or [], name)
            _refuse_without_plan(role, given, planned, value)
            if given["state"] == "present":
                _refuse_more_rules(role, planned or planned_of(value, name), value)
                _refuse_login(role, value)
                _refuse_networks(role, given["step"], value)
                given.update(_nat_source(role, given["step"], value))
            # prerequisites tell them with all else that is missing.
            if given["state"] == "present" and role != "prerequisites" and (rivals := rivals_in(task_vars)):
                raise Contradiction("\n".join([IN_THE_WAY, *rivals]))
        except (Invalid, Contradiction) as refusal:
            raise AnsibleActionFail(str(refusal)) from None
        site_id = self._site(task_vars, value)
        if self._untold and role != "prerequisites":
            raise AnsibleActionFail(self._untold)
        retired = {*given.get("retired", []), given.get("retire")}
        result.update(
            changed=False,
            name=name,
            site_id=site_id,
            site_untold=self._untold,
            site_was=value("vmc_backup_site_was") or "",
            site_gone=value("vmc_backup_site_gone") is not None,
            appliances=[entry for entry in planned if not {entry["entry"], entry["name"]} & retired],
            planned=planned,
            given={**_without_secrets(values), **given},
            look=_look(role, task_vars),
            secrets=sorted(one for one in values if not may_be_told(one)),
            seen=_seen(task_vars),
        )
        if role == "protection":
            of_now = {"now": protection.now(name, value)} if given["step"] == "backup_now" else {}
            result["protection"] = {**_protection(given, name, value), **of_now}
        if warnings:
            result["warnings"] = warnings
        return result

    def _read(self, role, commands, task_vars) -> tuple[dict, list]:
        """The role's variables as they are meant, those that are not given as their defaults, and what to warn of.

        The first role of a playbook refuses what one of the others could not take, before anything is written.
        """
        close, strays = misnamed(task_vars)
        refused = [f"{name}: there is no such variable. Is {meant} meant?" for name, meant in close.items()]
        values = {}
        is_first = not any(f"__{other}" in task_vars for other in COMMANDS if other != role)
        others_follow = is_first and commands and not commands.get("rotate")
        for name in READ_BY_ALL if role == "prerequisites" or others_follow else ROLES[role]:
            try:
                held = self._held(name, task_vars)
            except (Invalid, AnsibleError) as refusal:
                refused.append(str(refusal) if isinstance(refusal, Invalid) else f"{name}: cannot be read. {refusal}")
                continue
            if held is not None:
                values[name] = held
            elif role in VARIABLES[name].get("required_by", ()):
                refused.append(f"{name}: is not given, and the role {role} needs it.")
        if not refused and (role in ("prerequisites", "protection") or others_follow):
            refused = _unfit_protection(commands, values, task_vars["inventory_hostname"])
        if refused:
            raise Contradiction("\n".join(filter(None, [*refused, nothing_changed(task_vars)])))
        gone = values.get("vmc_backup_site_gone") or values.get("vmc_backup_site_was")
        if gone and values.get("vmc_backup_platform") == "vsphere" and values.get("vmc_backup_sddc_id"):
            raise Invalid(
                "vmc_backup_platform",
                "is vsphere, and vmc_backup_sddc_id is given, whose SDDC VMware Cloud can be asked for.",
            )
        if role == "firewall" or others_follow and role != "prerequisites":
            _refuse_without_segment(values)
        told = ", ".join(strays)
        if role != "prerequisites":
            values = {name: held for name, held in values.items() if name in ROLES[role]}
        return values, [f"No variable of vmc.aws_backup, so that nothing comes of it: {told}"] if strays else []

    def _held(self, name, task_vars):
        held = self._templar.template(task_vars[name]) if name in task_vars else None
        held = typed(name, held) if is_given(held) else of_environment(name)
        if held is not None:
            return held
        # A command that is not given contradicts none.
        return None if "command" in VARIABLES[name] else VARIABLES[name].get("default")

    def _beside(self, task_vars) -> dict:
        """The commands of all roles, as far as variables give any."""
        names = [f"{role}_{command}" for role, commands in COMMANDS.items() for command in commands]
        return {name: self._held(name, task_vars) for name in names if name in VARIABLES}

    def _refuse_internal(self):
        """An extra variable wins over everything, also over what a playbook hands to a role under a name of its own."""
        extra = sorted(map(str, load_extra_vars(self._loader)))
        inner = [name for name in extra if name.startswith(INNER) or name in LEFT or name in OF_LOOPS]
        if inner:
            raise Contradiction(
                f"{', '.join(inner)}: is the collection's own and cannot be given as an extra variable, which would win over what it means."
            )

    def _site(self, task_vars, value) -> str:
        """The identity of the site: given, or that of the SDDC, or as vCenter tells it."""
        given, sddc = value("vmc_backup_site_id"), value("vmc_backup_sddc_id")
        for variable, text in (("vmc_backup_site_id", given), ("vmc_backup_sddc_id", sddc)):
            if text and not SITE.fullmatch(text):
                raise AnsibleActionFail(
                    f"{variable}: {text!r} must be 1 to 64 letters, digits and any of _ . : -, the first a letter or digit."
                )
        if given and sddc and UUID.fullmatch(given) and given.lower() != sddc.lower():
            raise AnsibleActionFail(
                f"vmc_backup_site_id is {given}, which looks like the id of an SDDC, but vmc_backup_sddc_id is {sddc}. "
                "Take vmc_backup_site_id away, or give a name of your own. Nothing was changed."
            )
        told = self._asked(task_vars, value) if not given and not sddc else None
        site = given or sddc or told
        gone, was = value("vmc_backup_site_gone"), value("vmc_backup_site_was")
        if gone and site and gone != site:
            raise AnsibleActionFail(
                f"vmc_backup_site_gone is {gone}, but this host is the site {site}. Nothing was changed."
            )
        if was and site and was == site:
            raise AnsibleActionFail(
                f"vmc_backup_site_was is {was}, which is what this host is now. Name the site that it was. Nothing was changed."
            )
        if not site:
            self._untold = (
                "Nothing says whose site this is: give vmc_backup_site_id, a name of your own for it that never changes "
                f"(or vmc_backup_sddc_id on VMware Cloud on AWS). {self._why_untold}Nothing was changed."
            )
        return site or ""

    _untold = ""  # why nobody knows whose site it is, which prerequisites tells with all else that is missing
    _why_untold = ""

    def _asked(self, task_vars, value) -> str | None:
        """What an earlier role of this play was told, else what vCenter tells now."""
        for role in COMMANDS:
            earlier = task_vars.get(f"__{role}")
            if isinstance(earlier, dict) and earlier.get("site_id"):
                return earlier["site_id"]
        arguments = options("vsphere", value)
        if not all(arguments.get(name) for name in ("hostname", "username", "password")):
            self._why_untold = "vCenter cannot be asked without vmc_backup_vcenter_hostname, _username and _password. "
            return None
        answer = self._execute_module(
            module_name="vmc.aws_backup.vsphere_about_info", module_args=arguments, task_vars=task_vars
        )
        if answer.get("failed") or answer.get("unreachable"):
            self._why_untold = f"vCenter was asked, and: {answer.get('msg', 'it did not answer')} "
            return None
        return answer["vcenters"][0]["instance_uuid"]


def _refuse_half(commands):
    """Of a playbook that tells roles what to do, no part can be left out: what comes first says what is safe."""
    if commands and context.CLIARGS.get("start_at_task"):
        raise Contradiction(
            "--start-at-task would leave out what this playbook has to ask first. Leave it away. Nothing was changed."
        )


def _step(role, given, commands, new_password) -> str:
    """What the role goes through: its state, or instead of it the one thing that it is told to do."""
    if new_password and commands and not commands.get("rotate") and not commands.get("report"):
        raise Contradiction(
            "registration_new_password would rotate credentials, which is not what this playbook does. Take it away."
        )
    if role == "protection" and given["backup_now"]:
        return "backup_now"
    if role != "registration":
        return given["state"]
    given["rotate"] = given["rotate"] or new_password
    one = {"ask": given["ask"], "credentials": given["rotate"], "retire": given["retire"], "update": given["update"]}
    return next((step for step, told in one.items() if told), given["state"])


def _unfit_protection(commands, values, host) -> list:
    """Why what is to be protected cannot be meant; nobody asks for anything where all is taken off."""
    if commands.get("state", values.get("protection_state")) == "absent":
        return []
    name = values.get("vmc_backup_name") or host
    try:
        protection.protected(name, values.get)
        if commands.get("backup_now") or values.get("protection_backup_now"):
            protection.now(name, values.get)
    except Invalid as refusal:
        return [str(refusal)]
    return []


def _protection(given, name, value) -> dict:
    """What tasks read of it; where all is taken off, without what may not fit any more."""
    if given["state"] == "absent":
        return protection.told(name, lambda variable: None if variable == protection.VARIABLE else value(variable))
    return protection.told(name, value)


def _refuse_without_plan(role, given, planned, value):
    """An empty plan is no plan to close everything (SAFETY 25)."""
    if role not in NEED_A_PLAN or given["state"] != "present" or planned or given["step"] == "credentials":
        return
    if role == "endpoint" and value("endpoint_cidr_ips"):
        return
    raise Invalid(
        "vmc_backup_appliances",
        "plans no appliance, and the role would close what serves those that there are. Plan one, or take AWS Backup off with "
        "vmc.aws_backup.teardown. Nothing was changed.",
    )


def _look(role, task_vars) -> str:
    """Prerequisites begin a look, which the roles after them go on with when they run for the first time."""
    if role == "prerequisites":
        return uuid.uuid4().hex
    begun = task_vars.get("__prerequisites") or {}
    return "" if f"{role}_result" in task_vars else begun.get("look", "")


def _seen(task_vars) -> dict:
    """What prerequisites of this run have looked at a moment ago, so that it is not looked at again."""
    looked = task_vars.get("__prerequisites_readiness") or {}
    deployed = (task_vars.get("appliance_result") or {}).get("appliances") or []
    gateways = _with_all(deployed, looked.get("gateways"))
    machines = _with_all(deployed, (task_vars.get("__prerequisites_vcenter") or {}).get("appliances"))
    judged = task_vars.get("__prerequisites_judged") or {}
    hops = [finding for finding in looked.get("findings", ()) if finding["subject"] == "path"]
    return {
        **{name: looked[name] for name in ("sddcs", "nsx_groups", "activation_left") if name in looked},
        # None at all is no answer where an appliance says that it is one.
        **({"gateways": gateways} if gateways else {}),
        **({"appliances": machines} if machines is not None else {}),
        **({"hops": [{**hop, "hop": hop["id"]} for hop in hops]} if hops else {}),
        "unchanged": judged.get("unchanged", []),
    }


def _with_all(deployed, looked):
    """What was looked at, unless an appliance that the role of that name has met since was not there: another run may have made it."""
    known = {one.get("instance_uuid") for one in looked or ()}
    return looked if all(one.get("instance_uuid") in known for one in deployed) else None


def _without_secrets(values: dict) -> dict:
    """What tasks may read: no secret, and no command, which may have come from a playbook."""
    return {name: held for name, held in values.items() if may_be_told(name) and "command" not in VARIABLES[name]}


def _refuse_more_rules(role, planned, value):
    """More than the security group can have is known before anything is written."""
    if role in ("prerequisites", "endpoint"):
        sources = value("endpoint_cidr_ips")
        option = "vmc_backup_appliances" if sources is None else "endpoint_cidr_ips"
        number = rules_for(value("endpoint_support_access")) * len(planned if sources is None else sources)
        refuse_more_rules(option, number, value("endpoint_rules_quota"), "endpoint_rules_quota")


def _refuse_without_segment(values):
    """The firewall writes and removes bindings on it, in the middle of what it does."""
    has_firewall = values.get("vmc_backup_platform") != "vsphere" and values.get("vmc_backup_site_gone") is None
    if has_firewall and values.get("firewall_static_bindings") and values.get("vmc_backup_segment") is None:
        raise Invalid("vmc_backup_segment", "is not given, and firewall_static_bindings needs it. Nothing was changed.")


def _activates(role, step, value) -> bool:
    return step == "present" and role == "registration" and value("vmc_backup_platform") != "vsphere"


def _nat_source(role, step, value) -> dict:
    """Whom the internet lets ask an appliance, where that is the way there."""
    if not _activates(role, step, value) or value("registration_activation_by") != "nat":
        return {}
    given = value("registration_nat_source_address")
    return {activation.SOURCE: activation.nat_source(given, value("vmc_backup_control_addresses") or [])}


def _refuse_networks(role, step, value):
    """Whoever asks an appliance that is not activated first owns it."""
    if not _activates(role, step, value) or value("registration_activation_by") == "nat":
        return
    given = value("vmc_backup_control_addresses") or []
    networks = [one for one in given if not SINGLE.fullmatch(str(one))]
    if networks:
        raise Invalid(
            "vmc_backup_control_addresses",
            f"{', '.join(networks)} is more than one address. Whoever asks an appliance first owns it. Nothing was changed.",
        )


def _refuse_login(role, value):
    """AWS Backup takes less than vCenter does, and logs in as the tasks do where it has no login of its own."""
    if role not in ("prerequisites", "registration"):
        return
    for name, theirs in HYPERVISOR.items():
        own, shared = f"vmc_backup_hypervisor_{name}", f"vmc_backup_vcenter_{theirs}"
        if value(own) is None and value(shared) is not None:
            try:
                check(shared, f"hypervisor_{name}", value(shared))
            except Invalid as refusal:
                raise Invalid(shared, f"{refusal.message} That is what AWS Backup takes, so give it {own}.") from None
