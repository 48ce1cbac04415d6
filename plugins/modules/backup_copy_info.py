#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_copy_info
short_description: Say whether recovery points can be copied to another Region or account
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Asks both accounts, and says of each thing that a copy needs what there is of it, what is wrong, and what to do. AWS takes a plan whose copies
    cannot be made, and lets each of them fail.
  - What nobody was asked, or would not say, is C(unknown), with the reason.
  - The options to reach AWS by are those of the account of the backups.
extends_documentation_fragment:
  - vmc.aws_backup.attributes
  - vmc.aws_backup.aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: Changes nothing, so that there is nothing to compare.
options:
  backup_vault_arn:
    description: The vault that is there already, to which recovery points are copied.
    type: str
  backup_vault_name:
    description: Name of the vault that is made for them with the options of O(destination), or is there already.
    type: str
  policy_to_come:
    description: Whether whoever calls is going to write the policy of that vault, so that it is not judged.
    type: bool
    default: false
  account_id:
    description: The account that the copies have to be in.
    type: str
  lifecycles:
    description: How long the copies of each rule are kept. A rule, and its C(delete_after_days), which one that is kept for ever does not have.
    type: dict
    default: {}
  destination:
    description: How the account and Region of the copies are reached, where these are others than those of the backups.
    type: dict
    suboptions:
      region:
        description: The region.
        type: str
      endpoint_url:
        description: Address of the API, where it is not the public one.
        type: str
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
      aws_ca_bundle:
        description: File with the certificates of the authorities that are trusted.
        type: path
      aws_config:
        description: Further settings of botocore.
        type: dict
      exchange_timeout:
        description: Seconds that one exchange may take as a whole.
        type: int
        default: 120
      empty_answer_is_none:
        description: Operations whose empty answer means that there is nothing.
        type: list
        elements: str
        default: []
seealso:
  - module: vmc.aws_backup.backup_plan
  - module: vmc.aws_backup.backup_vault
"""

EXAMPLES = r"""
- name: Whether copies to another Region can be made
  vmc.aws_backup.backup_copy_info:
    region: eu-west-1
    backup_vault_name: sddc-1-copies
    destination:
      region: eu-central-1
      profile: copies
    lifecycles:
      daily: {delete_after_days: 35}
  register: found
"""

RETURN = r"""
copies:
  description: What is known of the two ends.
  returned: success
  type: list
  elements: dict
  contains:
    source_account_id:
      description: The account of the backups; empty where nobody told.
      type: str
      sample: "123456789012"
    destination_account_id:
      description: The account of the copies; empty where nobody told.
      type: str
      sample: "210987654321"
    partition:
      description: The part of AWS that the account of the backups lies in.
      type: str
      sample: aws
    findings:
      description: One for each thing that is needed.
      type: list
      elements: dict
      contains:
        id:
          description: The check.
          type: str
          sample: copy_cross_account
        subject:
          description: C(copies).
          type: str
        kind:
          description: The thing that it is about.
          type: str
          sample: account
        name:
          description: What that is called.
          type: str
          sample: Copies between accounts
        verdict:
          description: C(ok), C(broken), C(unknown) or C(skipped).
          type: str
        severity:
          description: C(critical) stands in the way, C(warning) should be known, C(info) is in order.
          type: str
        evidence:
          description: What was seen, or why nothing was.
          type: str
        change:
          description: What a human may do about it.
          type: str
        mended_by:
          description: The role that puts it in order; empty where a human has to.
          type: str
"""

from ..module_utils import forms
from ..module_utils.checks.copies import judge
from ..module_utils.clients.aws import IDENTITY, aws_module
from ..module_utils.engine import runner
from ..module_utils.engine.findings import Untold
from ..module_utils.facts.copies import Copies

SPEC = {
    "backup_vault_arn": {"type": "str"},
    "backup_vault_name": {"type": "str"},
    "policy_to_come": {"type": "bool", "default": False},
    "account_id": {"type": "str"},
    "lifecycles": {"type": "dict", "default": {}},
    "destination": {
        "type": "dict",
        "options": {
            **{name: {key: held for key, held in spec.items() if key != "aliases"} for name, spec in IDENTITY.items()},
            "region": {"type": "str"},
            "endpoint_url": {"type": "str"},
            "aws_ca_bundle": {"type": "path"},
            "aws_config": {"type": "dict"},
        },
    },
}
RULES = {
    "required_one_of": [("backup_vault_arn", "backup_vault_name")],
    "mutually_exclusive": [("backup_vault_arn", "backup_vault_name")],
}


def fetch(module):
    for option, form in (("backup_vault_arn", "vault_arn"), ("backup_vault_name", "vault_name")):
        if module.params[option]:
            forms.checked(option, form, module.params[option])
    facts = Copies(module)
    accounts = {"source_account_id": facts.source_account, "destination_account_id": facts.destination_account}
    told = {name: "" if isinstance(held, Untold) else held for name, held in accounts.items()}
    return [{**told, "partition": facts.partition, "findings": judge(facts)}]


def main():
    runner.info(aws_module(SPEC, **RULES), "copies", fetch)


if __name__ == "__main__":
    main()
