#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_gateway
short_description: Gateway of AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Activates a gateway with the key that its appliance gave, links it to a hypervisor, and keeps its maintenance window, bandwidth schedule and tags.
  - A gateway is found by the entry of the plan that it carries, or by its display name, and by the instance UUID of its virtual machine where that is given.
  - No API changes the endpoint of a gateway, or moves it to another virtual machine.
    Such a difference is reported with the effect C(replace), and never put right.
  - It is ready when AWS Backup has heard of the appliance lately. One that stays silent is reported with the effect C(replace) too.
  - It is neither removed nor taken off its hypervisor while jobs may run through it.
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.adopt
  - vmc.aws_backup.site
  - vmc.aws_backup.predicted
  - vmc.aws_backup.wait
  - vmc.aws_backup.tags
  - vmc.aws_backup.on_immutable
  - vmc.aws_backup.attributes
  - vmc.aws_backup.aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  name:
    description:
      - Display name of the gateway, of letters, digits and hyphens.
      - Without O(entry) the gateway is found by it. With both, one of another name is renamed.
    type: str
  entry:
    description:
      - Name of the plan's entry that it is made for. It is carried as the tag C(vmc-aws-backup:entry), by which the gateway is found again
        after somebody renamed it. One without that tag is found by its O(instance_uuid) or by its name, and gets it.
      - Without O(name) a new gateway is called by it, and one that exists keeps the name it has.
    type: str
  gateway_arn:
    description:
      - ARN of the gateway, as its appliance carries it. By it one is found that has lost its tags and its name, which is then
        taken for what its tags say, and otherwise refused.
    type: str
  site_was:
    description: A site that is gone for good. Its gateways are passed over, since no appliance stands behind them.
    type: str
  activation_key:
    description:
      - The key from M(vmc.aws_backup.gateway_activation_key). It lives for 30 minutes and works once.
      - Required to create a gateway, and otherwise not looked at.
    type: str
  instance_uuid:
    description:
      - Instance UUID of the appliance's virtual machine. Cannot be changed.
      - An empty text stands for a machine that does not exist yet. Check mode predicts with it, and otherwise it is refused.
    type: str
  vpc_endpoint:
    description:
      - DNS name of the VPC endpoint that the gateway was activated for. Cannot be changed.
      - An empty text stands for an endpoint that does not exist yet. Check mode predicts with it, and otherwise it is refused.
    type: str
  hypervisor:
    description:
      - Name or ARN of the hypervisor that the gateway works for. An empty text takes it off its hypervisor.
      - A name that does not exist yet is predicted in check mode, and refused otherwise.
    type: str
  maintenance_start_time:
    description:
      - When updates may be installed, in the gateway's own time zone.
      - With neither of the days the day stays as it is, and is Sunday where a gateway has none.
    type: dict
    suboptions:
      hour_of_day:
        description: Hour, from 0 to 23.
        type: int
        required: true
      minute_of_hour:
        description: Minute, from 0 to 59.
        type: int
        required: true
      day_of_week:
        description: Day of a weekly window, from 0 (Sunday) to 6.
        type: int
      day_of_month:
        description: Day of a monthly window, from 1 to 28. Not together with a day of the week.
        type: int
  bandwidth_rate_limit_intervals:
    description:
      - The limits for uploads, in UTC. They replace the whole schedule, and V([]) takes every limit away.
      - Intervals must not overlap, and one that passes midnight has to be split.
    type: list
    elements: dict
    suboptions:
      average_upload_rate_limit_in_bits_per_sec:
        description: The limit in bits per second, at least 51200. Without it there is none.
        type: int
      days_of_week:
        description: Days, from 0 (Sunday) to 6.
        type: list
        elements: int
        required: true
      start_hour_of_day:
        description: Hour of the start.
        type: int
        required: true
      start_minute_of_hour:
        description: Minute of the start.
        type: int
        required: true
      end_hour_of_day:
        description: Hour of the end.
        type: int
        required: true
      end_minute_of_hour:
        description: Minute of the end, which still counts.
        type: int
        required: true
  last_seen_max_age:
    description: For how many seconds after AWS Backup last heard of the appliance the gateway counts as ready.
    type: int
    default: 900
  drain_timeout:
    description:
      - How many seconds to wait for unfinished jobs before the gateway is taken off its hypervisor or removed.
      - With V(0), which is the default, it stays while there are any. No API says through which gateway a job runs, so that every backup
        of a machine of its hypervisor counts, and every restore of a virtual machine.
    type: int
    default: 0
seealso:
  - module: vmc.aws_backup.backup_gateway_info
  - module: vmc.aws_backup.gateway_activation_key
  - module: vmc.aws_backup.backup_hypervisor
"""

EXAMPLES = r"""
- name: The key of a new appliance
  vmc.aws_backup.gateway_activation_key:
    address: 10.2.32.10
    region: eu-west-1
    vpc_endpoint: "{{ endpoint.vpc_endpoint.dns_name }}"
  register: key

- name: Gateway for the appliance
  vmc.aws_backup.backup_gateway:
    region: eu-west-1
    name: sddc-1-cluster-1-1
    activation_key: "{{ key.activation_key }}"
    vpc_endpoint: "{{ endpoint.vpc_endpoint.dns_name }}"
    instance_uuid: "{{ appliance.appliance.instance_uuid }}"

- name: Link it to the vCenter, with a window on Sunday night and half the line by day
  vmc.aws_backup.backup_gateway:
    region: eu-west-1
    name: sddc-1-cluster-1-1
    hypervisor: sddc-1
    maintenance_start_time:
      hour_of_day: 3
      minute_of_hour: 30
      day_of_week: 0
    bandwidth_rate_limit_intervals:
      - average_upload_rate_limit_in_bits_per_sec: 500000000
        days_of_week: [1, 2, 3, 4, 5]
        start_hour_of_day: 8
        start_minute_of_hour: 0
        end_hour_of_day: 17
        end_minute_of_hour: 59

- name: Take it off its hypervisor and delete it
  vmc.aws_backup.backup_gateway:
    region: eu-west-1
    name: sddc-1-cluster-1-1
    state: absent
"""

RETURN = r"""
gateway:
  description: The gateway.
  returned: when it exists, or in check mode would
  type: dict
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
changes:
  description: One record for each field that differs from what was asked for.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The field, with dots between the levels.
      type: str
    desired:
      description: What was asked for.
      type: raw
    actual:
      description: What was found.
      type: raw
    effect:
      description:
        - V(create), V(in_place), V(replace) or V(delete). What would need V(replace) is reported, never done.
        - V(denied) was not allowed or is not kept, V(kept) was noticed though nobody asked about it, and is left. Both come with a warning.
      type: str
unverifiable:
  description: The options that no API gives back, so that a difference cannot be seen.
  returned: always
  type: list
  elements: str
done:
  description: What was written before the module failed.
  returned: when it fails after the first write
  type: list
  elements: str
remaining:
  description: What was not written any more.
  returned: when it fails after the first write
  type: list
  elements: str
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.gateway import BackupGateway

SPEC = {
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    **runner.PREDICTED,
    **runner.WAIT,
    **runner.TAGS,
    **runner.ON_IMMUTABLE,
    **runner.SITE_WAS,
    "name": {"type": "str"},
    "entry": {"type": "str"},
    "gateway_arn": {"type": "str"},
    "activation_key": {"type": "str", "no_log": True},
    "instance_uuid": {"type": "str"},
    "vpc_endpoint": {"type": "str"},
    "hypervisor": {"type": "str"},
    "maintenance_start_time": {
        "type": "dict",
        "options": {
            "hour_of_day": {"type": "int", "required": True},
            "minute_of_hour": {"type": "int", "required": True},
            "day_of_week": {"type": "int"},
            "day_of_month": {"type": "int"},
        },
    },
    "bandwidth_rate_limit_intervals": {
        "type": "list",
        "elements": "dict",
        "options": {
            "average_upload_rate_limit_in_bits_per_sec": {"type": "int"},
            "days_of_week": {"type": "list", "elements": "int", "required": True},
            "start_hour_of_day": {"type": "int", "required": True},
            "start_minute_of_hour": {"type": "int", "required": True},
            "end_hour_of_day": {"type": "int", "required": True},
            "end_minute_of_hour": {"type": "int", "required": True},
        },
    },
    "last_seen_max_age": {"type": "int", "default": 900},
    "drain_timeout": {"type": "int", "default": 0},
}


def main():
    runner.run(
        aws_module(SPEC, required_one_of=[["name", "entry"]]),
        lambda module: BackupGateway(Aws(module, "backup-gateway"), Aws(module, "backup"), module.params),
    )


if __name__ == "__main__":
    main()
