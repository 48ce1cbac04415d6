#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_gateway_info
short_description: List gateways of AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists the gateways of an account and region, with their tags, schedules and the hypervisors they are linked to.
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
  name:
    description: Only gateways with this display name.
    type: str
  certain:
    description:
      - Fails where the service does not even list none, instead of taking that for none. For who closes, opens or deletes something
        because there is no gateway. See O(empty_answer_is_none).
    type: bool
    default: false
seealso:
  - module: vmc.aws_backup.backup_gateway
"""

EXAMPLES = r"""
- name: All gateways
  vmc.aws_backup.backup_gateway_info:
    region: eu-west-1
  register: found

- name: Gateways that use the public endpoint
  ansible.builtin.debug:
    msg: "{{ found.gateways | rejectattr('vpc_endpoint') | map(attribute='name') }}"
"""

RETURN = r"""
gateways:
  description: The gateways.
  returned: always
  type: list
  elements: dict
  contains:
    gateway_arn:
      description: ARN of the gateway.
      type: str
      sample: arn:aws:backup-gateway:eu-west-1:123456789012:gateway/bgw-0123456789ABCDEF0
    name:
      description: Its display name.
      type: str
      sample: sddc-1-cluster-1-1
    gateway_type:
      description: Always V(BACKUP_VM).
      type: str
      sample: BACKUP_VM
    hypervisor:
      description: Name of the hypervisor it is linked to, or empty.
      type: str
    hypervisor_arn:
      description: ARN of that hypervisor, or empty.
      type: str
    last_seen_time:
      description: When AWS Backup last heard of the appliance.
      type: str
      sample: "2026-02-01T12:00:00+00:00"
    vpc_endpoint:
      description: The endpoint that the appliance uses. Empty for the public one.
      type: str
    software_version:
      description: Version of the appliance's software.
      type: str
    next_update_availability_time:
      description: When the next update will be available.
      type: str
    deprecation_date:
      description: When the software version gets no more updates.
      type: str
    maintenance_start_time:
      description: The maintenance window, in the gateway's own time zone.
      type: dict
      contains:
        hour_of_day:
          description: Hour, from 0 to 23.
          type: int
        minute_of_hour:
          description: Minute, from 0 to 59.
          type: int
        day_of_week:
          description: Day of a weekly window, from 0 (Sunday) to 6.
          type: int
        day_of_month:
          description: Day of a monthly window.
          type: int
    bandwidth_rate_limit_intervals:
      description: The upload limits by time of the week, in UTC.
      type: list
      elements: dict
      contains:
        average_upload_rate_limit_in_bits_per_sec:
          description: The limit; without it there is none.
          type: int
        days_of_week:
          description: Days, from 0 (Sunday) to 6.
          type: list
          elements: int
        start_hour_of_day:
          description: Hour of the start.
          type: int
        start_minute_of_hour:
          description: Minute of the start.
          type: int
        end_hour_of_day:
          description: Hour of the end.
          type: int
        end_minute_of_hour:
          description: Minute of the end, which still counts.
          type: int
    instance_uuid:
      description: Instance UUID of the appliance's virtual machine, from the tag C(vmc-aws-backup:instance-uuid).
      type: str
    entry:
      description: The entry of the plan that it was made for, from the tag C(vmc-aws-backup:entry).
      type: str
    site_id:
      description: The site that it was made for, from the tag C(vmc-aws-backup-site). Empty where it carries none.
      type: str
    tags:
      description: Its tags, without those for the instance UUID and the entry.
      type: dict
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.gateway import find, view

SPEC = {"name": {"type": "str"}, "certain": {"type": "bool", "default": False}}


def fetch(module):
    return [view(raw) for raw in find(Aws(module, "backup-gateway"), name=module.params["name"])]


def main():
    runner.info(aws_module(SPEC), "gateways", fetch)


if __name__ == "__main__":
    main()
