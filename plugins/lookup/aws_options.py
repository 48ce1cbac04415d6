# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of AWS modules, from the variables of a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: aws_options
short_description: The connection options of AWS modules, from the variables of a host
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Reads the variables C(vmc_backup_aws_*), and for one part of the work C(vmc_backup_<part>_aws_*), and returns them as options for the
    action groups C(vmc.aws_backup.endpoint) and C(vmc.aws_backup.backup).
  - A part that has a profile or an access key of its own takes nothing of what the host has for all parts, so that the credentials and roles
    of two accounts are never mixed. A part that has only a role of its own assumes it with the host's credentials.
options:
  _terms:
    description: The part. The first one is used.
    type: list
    elements: str
    choices: [endpoint, backup]
    required: true
seealso:
  - plugin: ansible.builtin.vars
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Look at the account of the endpoint
  vmc.aws_backup.backup_account_info:
  module_defaults:
    group/vmc.aws_backup.backup: "{{ lookup('vmc.aws_backup.aws_options', 'endpoint') }}"
"""

RETURN = r"""
_raw:
  description: One dictionary of options; those without a value are left out.
  type: list
  elements: dict
"""

from ansible.plugins.loader import lookup_loader
from ansible.plugins.lookup import LookupBase

CREDENTIALS = ("profile", "access_key", "secret_key", "session_token")
ROLE = ("role_arn", "role_external_id")
OPTIONS = {"role_arn": "assume_role_arn", "role_external_id": "assume_role_external_id"}


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        variables = variables or {}
        known = {name for name in variables if isinstance(name, str) and name.startswith("vmc_backup_")}
        values = lookup_loader.get("ansible.builtin.vars", loader=self._loader, templar=self._templar)

        def value(name):
            return values.run([name], variables)[0] if name in known else None

        return [options(terms[0], value)]


def options(part: str, value) -> dict:
    """The options of a part, where C(value(name)) is what a variable holds, or ``None``."""
    found = _identity(f"vmc_backup_{part}_aws", "vmc_backup_aws", value)
    found["region"] = value("vmc_backup_aws_region")
    found["endpoint_url"] = value("vmc_backup_aws_endpoint_url")
    found["aws_ca_bundle"] = value("vmc_backup_ca_bundle")
    proxy = value("vmc_backup_aws_proxy")
    if proxy:
        found["aws_config"] = {"proxies": {"http": proxy, "https": proxy}}
    return {OPTIONS.get(name, name): held for name, held in found.items() if held not in (None, "")}


def _identity(own, shared, value) -> dict:
    def held(prefix, names):
        return {name: value(f"{prefix}_{name}") for name in names}

    credentials, role = held(own, CREDENTIALS), held(own, ROLE)
    if any(credentials.values()):
        return {**credentials, **role}
    if not role["role_arn"]:
        role = held(shared, ROLE)
    return {**held(shared, CREDENTIALS), **role}
