# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of an action group, from the variables of a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: options
short_description: The connection options of an action group, from the variables of a host
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Returns the variables of a host that say how something is reached, as options for the modules of an action group of this collection.
  - V(vmc), for VMware Cloud and NSX, takes C(vmc_backup_api_token) and the like, V(vsphere) C(vmc_backup_vcenter_*).
  - V(endpoint), V(backup) and V(copy), for AWS, take C(vmc_backup_aws_*), and each what begins with its own name, C(vmc_backup_endpoint_aws_*),
    C(vmc_backup_backup_aws_*) or C(vmc_backup_copy_aws_*), and for V(copy) its own Region.
    One that has a profile or an access key of its own takes nothing of what the host has for both, so that the
    credentials and roles of two accounts are never mixed. One that has only a role of its own assumes it with the host's credentials.
  - V(hypervisor) is who AWS Backup logs in to vCenter as, C(vmc_backup_hypervisor_*) or else C(vmc_backup_vcenter_*). V(image) is the image of the
    appliances, C(vmc_backup_ova*), with what it is given in secret, C(appliance_secret_properties).
  - A variable that is empty or null is not given. Where C(vmc_backup_vcenter_hostname), C(_port), C(_username) or C(_password), or
    C(vmc_backup_aws_region) is not given, what the environment of the control node says counts, E(VMWARE_HOST), E(VMWARE_PORT), E(VMWARE_USER),
    E(VMWARE_PASSWORD), and E(AWS_REGION) or E(AWS_DEFAULT_REGION), also for tasks that run on a bastion.
options:
  _terms:
    description: Name of the action group, or what else is meant. The first one is used.
    type: list
    elements: str
    choices: [endpoint, backup, copy, vmc, vsphere, hypervisor, image]
    required: true
seealso:
  - plugin: ansible.builtin.vars
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Look at the account of the endpoint
  vmc.aws_backup.backup_account_info:
  module_defaults:
    group/vmc.aws_backup.backup: "{{ lookup('vmc.aws_backup.options', 'endpoint') }}"

- name: Look at the appliances
  vmc.aws_backup.gateway_appliance_info:
  module_defaults:
    group/vmc.aws_backup.vsphere: "{{ lookup('vmc.aws_backup.options', 'vsphere') }}"
"""

RETURN = r"""
_raw:
  description: One dictionary of options; those without a value are left out.
  type: list
  elements: dict
"""

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils.errors import Invalid
from ..plugin_utils.variables import is_given, of_environment, typed

VMC = (
    "cloud",
    "csp_url",
    "vmc_url",
    "org_id",
    "sddc_id",
    "api_token",
    "client_id",
    "client_secret",
    "oauth_endpoint",
    "nsx_url",
    "nsx_auth",
    "nsx_username",
    "nsx_password",
    "ca_bundle",
    "proxy",
    "exchange_timeout",
)
VSPHERE = ("hostname", "port", "username", "password", "ca_bundle", "proxy_host", "proxy_port")
IMAGE = {
    "ova": "vmc_backup_ova",
    "checksum": "vmc_backup_ova_checksum",
    "ova_proxy": "vmc_backup_ova_proxy",
    "pull": "vmc_backup_ova_pull",
    "secret_properties": "appliance_secret_properties",
}
HYPERVISOR = {"host": "hostname", "username": "username", "password": "password"}
CREDENTIALS = ("profile", "access_key", "secret_key", "session_token")
ROLE = ("role_arn", "role_external_id")
OPTIONS = {"role_arn": "assume_role_arn", "role_external_id": "assume_role_external_id"}


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        variables = variables or {}

        def value(name):
            held = self._templar.template(variables[name]) if name in variables else None
            return typed(name, held) if is_given(held) else None

        if terms[0] not in GROUPS:
            raise AnsibleLookupError(f"There is no action group {terms[0]}. There are: {', '.join(GROUPS)}.")
        try:
            return [options(terms[0], value)]
        except Invalid as refusal:
            raise AnsibleLookupError(str(refusal)) from None


def options(group: str, value) -> dict:
    """The options of a group, where value(name) is what a variable holds, or ``None`` where it is not given."""
    return {name: held for name, held in GROUPS[group](value).items() if is_given(held)}


def _vmc(value) -> dict:
    return {name: value(f"vmc_backup_{name}") for name in VMC}


def _vsphere(value) -> dict:
    found = {name: _or_of_environment(value, f"vmc_backup_vcenter_{name}") for name in VSPHERE}
    found["ca_bundle"] = found["ca_bundle"] or value("vmc_backup_ca_bundle")
    found["exchange_timeout"] = value("vmc_backup_exchange_timeout")
    return found


def _aws(part: str, value) -> dict:
    found = _identity(f"vmc_backup_{part}_aws", "vmc_backup_aws", value)
    found["region"] = _or_of_environment(value, "vmc_backup_aws_region")
    found["endpoint_url"] = value("vmc_backup_aws_endpoint_url")
    found["aws_ca_bundle"] = value("vmc_backup_ca_bundle")
    found["exchange_timeout"] = value("vmc_backup_exchange_timeout")
    found["empty_answer_is_none"] = value("vmc_backup_empty_answer_is_none")
    proxy = value("vmc_backup_aws_proxy")
    if proxy:
        found["aws_config"] = {"proxies": {"http": proxy, "https": proxy}}
    return {OPTIONS.get(name, name): held for name, held in found.items()}


def _copy(value) -> dict:
    """Where recovery points are copied to: another Region of the account of the backups, or another account."""
    own = any(value(f"vmc_backup_copy_aws_{name}") for name in (*CREDENTIALS, *ROLE))
    found = _aws("copy" if own else "backup", value)
    there = (value("protection_copy_vault_arn") or "").split(":")
    region = value("vmc_backup_copy_aws_region") or (there[3] if len(there) > 3 else None)
    return {**found, "region": region or found["region"]}


def _identity(own, shared, value) -> dict:
    def held(prefix, names):
        return {name: value(f"{prefix}_{name}") for name in names}

    credentials, role = held(own, CREDENTIALS), held(own, ROLE)
    if any(credentials.values()):
        return {**credentials, **role}
    if not role["role_arn"]:
        role = held(shared, ROLE)
    return {**held(shared, CREDENTIALS), **role}


def _hypervisor(value) -> dict:
    """Who AWS Backup logs in to vCenter as: a user of its own, else that of the tasks."""
    return {
        name: value(f"vmc_backup_hypervisor_{name}") or _or_of_environment(value, f"vmc_backup_vcenter_{theirs}")
        for name, theirs in HYPERVISOR.items()
    }


def _image(value) -> dict:
    return {option: value(variable) for option, variable in IMAGE.items()}


def _or_of_environment(value, name):
    """What talks to vCenter may run on a bastion, whose environment is another one."""
    held = value(name)
    return of_environment(name) if held is None else held


GROUPS = {
    "endpoint": lambda value: _aws("endpoint", value),
    "backup": lambda value: _aws("backup", value),
    "copy": _copy,
    "vmc": _vmc,
    "vsphere": _vsphere,
    "hypervisor": _hypervisor,
    "image": _image,
}
