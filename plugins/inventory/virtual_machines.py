# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machines that AWS Backup sees as hosts, in groups by where they are and by whether they are protected."""

from __future__ import annotations

DOCUMENTATION = r"""
name: virtual_machines
short_description: Virtual machines that AWS Backup sees, and whether they are protected
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - The virtual machines of one or several AWS accounts and Regions as hosts, with where they are in vCenter, which selections of backup plans take
    them, and which recovery point is their newest.
  - Its configuration file ends with C(vmc_aws_backup.yml) or C(vmc_aws_backup.yaml).
  - They are in the group C(aws_backup), and in groups by hypervisor, C(hypervisor_<name>), by folder, C(folder_<path>), each in that of the folder above, by
    tag, C(tag_<key>_<value>), and by protection, C(aws_backup_protected), C(aws_backup_unprotected) and C(aws_backup_protection_unknown). Why one is
    not protected is said by the groups C(aws_backup_unprotected_not_selected), C(aws_backup_unprotected_never_backed_up) and
    C(aws_backup_unprotected_too_old).
  - A machine is called as in vCenter, with blanks, dots and whatever letters it has. Machines that would be called the same have their id behind it.
    A group is called by what is fit for one, and groups that would be called the same have a digest behind it.
  - AWS Backup knows no addresses, so that C(ansible_host) is for O(compose).
  - Calls do not grow with the number of machines but by the pages of their listings. Tags are listed only with O(tags), or where a selection asks for some.
  - A machine that was never synchronised is unknown to AWS Backup, and is no host.
extends_documentation_fragment:
  - inventory_cache
  - constructed
options:
  plugin:
    description: Has to be V(vmc.aws_backup.virtual_machines).
    type: str
    required: true
    choices: [vmc.aws_backup.virtual_machines]
  regions:
    description: The Regions to ask. The default is the one of the environment or the profile.
    type: list
    elements: str
    default: []
    env:
      - name: AWS_REGION
      - name: AWS_DEFAULT_REGION
  accounts:
    description:
      - Several accounts, each with the same options to reach it by, and its own O(regions).
      - What one does not say is taken from beside it. One that has a profile or an access key of its own takes no credentials and no role from there.
    type: list
    elements: dict
    default: []
    suboptions:
      access_key:
        description: Access key.
        type: str
      secret_key:
        description: Secret key.
        type: str
      session_token:
        description: Session token.
        type: str
      profile:
        description: Profile in the files of the AWS CLI.
        type: str
      assume_role_arn:
        description: A role to assume.
        type: str
      assume_role_external_id:
        description: External ID that the trust policy of the role asks for.
        type: str
      regions:
        description: The Regions to ask in this account.
        type: list
        elements: str
  access_key:
    description:
      - AWS access key ID. Excludes O(profile).
      - When neither this nor O(profile) is given, botocore looks for credentials as it always does, first in the environment variables
        E(AWS_ACCESS_KEY_ID), E(AWS_SECRET_ACCESS_KEY), E(AWS_SESSION_TOKEN) and E(AWS_PROFILE).
    type: str
    aliases: [aws_access_key_id, aws_access_key]
  secret_key:
    description: Secret of O(access_key).
    type: str
    aliases: [aws_secret_access_key, aws_secret_key]
  session_token:
    description: Session token of O(access_key), if it is a temporary one.
    type: str
    aliases: [aws_session_token]
  profile:
    description: Named profile of the AWS configuration files on the control node. Excludes O(access_key).
    type: str
    aliases: [aws_profile]
  assume_role_arn:
    description: A role to assume with these credentials, and to ask everything as.
    type: str
    aliases: [iam_role_arn]
  assume_role_external_id:
    description: The external ID that the trust policy of O(assume_role_arn) asks for.
    type: str
  endpoint_url:
    description: Address of the API, where it is not the public one.
    type: str
    aliases: [aws_endpoint_url]
    env:
      - name: AWS_URL
  aws_ca_bundle:
    description: File with the certificates of the authorities that are trusted.
    type: path
    env:
      - name: AWS_CA_BUNDLE
  aws_config:
    description: Further settings of botocore, such as proxies.
    type: dict
  exchange_timeout:
    description: Seconds that one exchange with the service may take as a whole. V(0) is for ever.
    type: int
    default: 120
  hypervisors:
    description: Only machines of the hypervisors with these names or ARNs.
    type: list
    elements: str
    default: []
  tags:
    description: Whether the AWS tags of the machines are wanted, among them what tag mappings make of VMware tags.
    type: bool
    default: false
  protection:
    description: Whether to ask which selections take a machine, and which recovery point is its newest.
    type: bool
    default: true
  max_age_hours:
    description: A machine whose newest recovery point is older is not protected. Without it a point of any age will do.
    type: int
  hostnames:
    description:
      - What a host is called by, the first of these that the machine has.
      - With V(name), a second machine of the same name changes what the first is called. V(id), the end of the ARN, never changes.
    type: list
    elements: str
    choices: [name, id, full_path, resource_arn]
    default: [name]
  group_by:
    description: Which of the groups are made.
    type: list
    elements: str
    choices: [hypervisor, folder, tag, protection]
    default: [hypervisor, folder, tag, protection]
  hostvars_prefix:
    description: What the names of the variables begin with.
    type: str
    default: aws_backup_
  hostvars_suffix:
    description: What the names of the variables end with.
    type: str
    default: ""
  strict_permissions:
    description:
      - Whether it fails where an account, a Region or a part of what is asked for is denied.
      - If not, it is warned of, and what was not told is C(unknown).
    type: bool
    default: true
notes:
  - Each host has, after the prefix, C(account), C(region), C(resource_arn), C(id), C(name), C(path), C(full_path), C(host_name), C(hypervisor),
    C(hypervisor_id)
    and C(last_backup_date). With O(protection=true), it has C(newest_recovery_point) as M(vmc.aws_backup.backup_virtual_machine_info) returns it,
    C(covered_by), a list of C(backup_plan) and C(selection), C(protection) and C(protection_reason). With O(tags=true), it has C(tags).
  - What is asked needs C(backup-gateway:ListHypervisors) and C(backup-gateway:ListVirtualMachines). Protection needs C(backup:ListBackupPlans),
    C(backup:ListBackupSelections), C(backup:GetBackupSelection) and C(backup:ListProtectedResources). Tags need C(tag:GetResources).
  - Values can be templates, with extra variables and lookups.
  - Where the cache cannot be written, it is warned of, and everything is asked anew.
  - Nothing that is cached is secret. What is cached counts for the same accounts, Regions and questions only.
seealso:
  - module: vmc.aws_backup.backup_virtual_machine_info
"""

EXAMPLES = r"""
# minimal.vmc_aws_backup.yml, with credentials of the environment
plugin: vmc.aws_backup.virtual_machines
regions: [eu-west-1]
---
# fleet.vmc_aws_backup.yml: two accounts, younger than a day, with what they are called outside of vCenter
plugin: vmc.aws_backup.virtual_machines
accounts:
  - assume_role_arn: arn:aws:iam::123456789012:role/backup-reader
    regions: [eu-west-1, eu-central-1]
  - assume_role_arn: arn:aws:iam::210987654321:role/backup-reader
    regions: [us-east-1]
tags: true
max_age_hours: 26
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /tmp/vmc-aws-backup
cache_timeout: 900
compose:
  ansible_host: aws_backup_name ~ '.example.org'
groups:
  forgotten: aws_backup_protection == 'unprotected' and aws_backup_tags.stage | default('') == 'production'
keyed_groups:
  - key: aws_backup_region
    prefix: region
  - key: aws_backup_covered_by | map(attribute='backup_plan')
    prefix: plan
"""

import datetime
import hashlib
import json
import re

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils.checks.protected import PROTECTED, REASONS, UNKNOWN, UNPROTECTED
from ..module_utils.clients.aws_forms import timestamp
from ..module_utils.errors import ApiError, BadCredentials, Denied, Error
from ..module_utils.facts import machines
from ..module_utils.resources.hypervisor import once
from ..plugin_utils.aws_caller import CREDENTIALS, ROLE, callers
from ..plugin_utils.named_hosts import ALL, group_names, hosts, keys, parents

REACHED_BY = (
    *CREDENTIALS,
    *ROLE,
    "regions",
    "accounts",
    "endpoint_url",
    "aws_ca_bundle",
    "aws_config",
    "exchange_timeout",
)
WANTED = ("hypervisors", "tags", "protection", "max_age_hours")
SHOWN = ("regions", "accounts", "endpoint_url", "profile", "access_key", "assume_role_arn", *WANTED)
NOT_CACHED = ("secret_key", "session_token", "assume_role_external_id")


TEMPLATE = re.compile(r"{[{%#]")  # begins one
# Groups that are there whatever is found, so that a play can name them.
EXPECTED = (
    ("protection", PROTECTED, ""),
    ("protection", UNKNOWN, ""),
    *(("protection", UNPROTECTED, reason) for reason in ("", *REASONS)),
)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "vmc.aws_backup.virtual_machines"

    def verify_file(self, path):
        return super().verify_file(path) and path.endswith(("vmc_aws_backup.yml", "vmc_aws_backup.yaml"))

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        self._read_config(path)
        self.templar.available_variables = self._vars or {}
        asked = {name: self._meant(self.get_option(name)) for name in (*REACHED_BY, *WANTED)}
        self._populate(self._cached(path, cache, asked))

    def _read_config(self, path):
        try:
            self._read_config_data(path)
        except AnsibleError as failure:
            # The options are there, so that it is the cache that cannot be opened: AWX may run without a place to write.
            if not self._options.get("cache"):
                raise
            self.display.warning(f"{path}: nothing is cached. {failure}")
            self.set_option("cache", False)

    def _meant(self, value):
        """A value of the configuration with its templates filled in."""
        if isinstance(value, dict):
            return {name: self._meant(held) for name, held in value.items()}
        if isinstance(value, list):
            return [self._meant(item) for item in value]
        if isinstance(value, str) and self.templar.is_template(value):
            return self.templar.template(value)
        return value

    def _cached(self, path, cache, asked) -> list[dict]:
        if not self.get_option("cache"):
            return self._found(asked)
        key = f"{self.get_cache_key(path)}_{_digest(asked)}"
        if cache and key in self._cache:
            return self._cache[key]
        found = self._found(asked)
        self._cache[key] = found
        return found

    def _found(self, asked) -> list[dict]:
        """The machines of all accounts and Regions, each once."""
        strict = self.get_option("strict_permissions")
        refused = (ApiError,) if strict else (BadCredentials,)
        wanted = {name: asked[name] for name in WANTED}
        if asked["max_age_hours"] is not None:
            age = datetime.timedelta(hours=asked["max_age_hours"])
            wanted["oldest"] = timestamp(datetime.datetime.now(datetime.timezone.utc) - age)
        found = {}
        for caller in callers({name: asked[name] for name in REACHED_BY}):
            try:
                listed = machines.of_region(caller.aws, wanted, refused=refused)
            except (Denied, BadCredentials) as denied:
                if strict:
                    raise AnsibleParserError(caller.shown(str(denied))) from None
                self.display.warning(
                    f"{caller.params['region'] or 'The default Region'} is left out. {caller.shown(str(denied))}"
                )
                continue
            except Error as failure:
                raise AnsibleParserError(caller.shown(str(failure))) from None
            found.update((each["resource_arn"], _placed(each)) for each in listed)
        return list(found.values())

    def _populate(self, found):
        by = self.get_option("group_by")
        named = hosts(found, self.get_option("hostnames"))
        kept = {host: keys(machine, by) for host, machine in named.items()}
        groups = self._add_groups([key for each in kept.values() for key in each], by)
        constructed = {option: self.get_option(option) for option in ("compose", "groups", "keyed_groups")}
        prefix, suffix = self.get_option("hostvars_prefix"), self.get_option("hostvars_suffix")
        called = _Called(lambda name: f"{prefix}{name}{suffix}")
        for host in list(named):
            machine = named.pop(host)  # its variables are kept instead
            variables = {called[name]: as_text(held) for name, held in machine.items()}
            self._add(host, variables, [ALL, *(groups[key] for key in kept[host])])
            if any(constructed.values()):
                self._construct(host, variables, constructed)

    def _add_groups(self, direct, by) -> dict:
        expected = EXPECTED if "protection" in by and self.get_option("protection") else ()
        wanted = dict.fromkeys(each for key in dict.fromkeys([*expected, *direct]) for each in (key, *parents(key)))
        groups = group_names(wanted, self._sanitize_group_name)
        for name in (ALL, *sorted(groups.values())):
            self.inventory.add_group(name)
        for key, name in groups.items():
            for upper in parents(key)[:1]:
                self.inventory.add_child(groups[upper], name)
        return groups

    def _add(self, host, variables, groups):
        self.inventory.add_host(host)
        # The inventory's set_variable keeps beside each text where it comes from: several times what a machine takes, for thousands of them.
        added = self.inventory.get_host(host)
        for name, value in variables.items():
            added.set_variable(name, value)
        for group in groups:
            self.inventory.add_child(group, host)

    def _construct(self, host, variables, constructed):
        strict = self.get_option("strict")
        self._set_composite_vars(constructed["compose"], variables, host, strict=strict)
        self._add_host_to_composed_groups(constructed["groups"], variables, host, strict=strict)
        self._add_host_to_keyed_groups(constructed["keyed_groups"], variables, host, strict=strict)


class _Called(dict):
    """What a variable is called, one text for all machines."""

    def __init__(self, call):
        super().__init__()
        self._call = call

    def __missing__(self, name):
        return self.setdefault(name, self._call(name))


def as_text(value):
    """A value of which nothing is a template, whatever somebody called a machine: core up to 2.18 would fill it in."""
    return wrap_var(value) if _holds_template(value) else value


def _holds_template(value) -> bool:
    if isinstance(value, dict):
        return any(_holds_template(name) or _holds_template(held) for name, held in value.items())
    if isinstance(value, list):
        return any(map(_holds_template, value))
    return isinstance(value, str) and "{" in value and bool(TEMPLATE.search(value))


def _placed(machine: dict) -> dict:
    """With what its ARN says, and as a cache keeps it."""
    _arn, _partition, _service, region, account, resource = machine["resource_arn"].split(":", 5)
    path = machine["path"].rstrip("/")
    own = path.endswith(f"/{machine['name']}") if machine["name"] else True
    machine["full_path"] = path if own else f"{path}/{machine['name']}"
    machine.update(account=once(account), region=once(region), id=resource.rpartition("/")[2])
    return machine


def _digest(asked: dict) -> str:
    """Of what is asked, and who asks, without what is secret."""
    shown = {name: asked[name] for name in SHOWN}
    shown["accounts"] = [
        {name: held for name, held in each.items() if name not in NOT_CACHED} for each in asked["accounts"] or []
    ]
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:12]
