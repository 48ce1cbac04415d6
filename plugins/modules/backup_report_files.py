#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_report_files
version_added: "1.0.0"
short_description: Put the files of a report into an S3 bucket
description:
  - Puts files into a bucket of S3, for runs whose own files go with them, as those of an execution environment do.
  - The bucket has to be of the account that is expected, which AWS checks with each file, so that no report goes to a stranger's bucket of that name.
  - The action C(vmc.aws_backup.report) uses it with its option C(s3_uri).
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
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
options:
  uri:
    description: The bucket, and perhaps what the names of the files begin with, as C(s3://bucket/folder).
    type: str
    required: true
  files:
    description: The files.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name, which comes behind that of O(uri).
        type: str
        required: true
      content:
        description: The bytes, in Base64.
        type: str
        required: true
      content_type:
        description: Their media type.
        type: str
        default: application/octet-stream
  bucket_owner:
    description: The account that the bucket has to be of. The default is the account of the caller.
    type: str
  object_lock:
    description: Keep the files from being changed or deleted, in a bucket with Object Lock.
    type: dict
    suboptions:
      mode:
        description: In V(COMPLIANCE) nobody, the root user of the account included, can shorten it.
        type: str
        choices: [GOVERNANCE, COMPLIANCE]
        default: GOVERNANCE
      days:
        description: For how many days from now.
        type: int
        required: true
"""

EXAMPLES = r"""
- name: Keep a report for a year
  vmc.aws_backup.backup_report_files:
    region: eu-west-1
    uri: s3://audit-reports/backup/2026-11-28
    files:
      - name: drift.json
        content: "{{ lookup('ansible.builtin.file', 'drift.json') | b64encode }}"
        content_type: application/json
    object_lock:
      days: 365
"""

RETURN = r"""
objects:
  description: What was put.
  returned: success, but not in check mode
  type: list
  elements: dict
  contains:
    uri:
      description: Where it lies.
      type: str
      sample: s3://audit-reports/backup/2026-11-28/drift.json
    sha256:
      description: The SHA-256 of its bytes.
      type: str
    version_id:
      description: Its version, in a bucket that has some.
      type: str
    retain_until:
      description: Until when it is locked; empty where it is not.
      type: str
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.report_files import ReportFiles

FILE = {
    "name": {"type": "str", "required": True},
    "content": {"type": "str", "required": True},
    "content_type": {"type": "str", "default": "application/octet-stream"},
}
LOCK = {
    "mode": {"type": "str", "choices": ["GOVERNANCE", "COMPLIANCE"], "default": "GOVERNANCE"},
    "days": {"type": "int", "required": True},
}
SPEC = {
    "uri": {"type": "str", "required": True},
    "files": {"type": "list", "elements": "dict", "options": FILE, "required": True},
    "bucket_owner": {"type": "str"},
    "object_lock": {"type": "dict", "options": LOCK},
}


def main():
    runner.act(aws_module(SPEC), lambda module: ReportFiles(Aws(module, "s3"), Aws(module, "sts"), module.params))


if __name__ == "__main__":
    main()
