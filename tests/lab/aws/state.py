# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What backup-gateway remembers, per account and Region."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field


@dataclass
class Key:
    """An activation key: good once, for half an hour, in one Region."""

    value: str
    region: str
    vpc_endpoint: str
    sddc_id: str
    instance_uuid: str
    issued: float
    used: bool = False


@dataclass
class Gateway:
    arn: str
    name: str
    sddc_id: str
    instance_uuid: str
    vpc_endpoint: str
    tags: dict
    last_seen: datetime.datetime | None = None
    hypervisor_arn: str = ""
    software: int = 1
    update_at: datetime.datetime | None = None  # from when the next version of its software can be had
    updating: int = 0  # looks until the update is done that runs
    deprecated_at: datetime.datetime | None = None
    maintenance: dict = field(default_factory=lambda: {"HourOfDay": 3, "MinuteOfHour": 12, "DayOfWeek": 2})
    intervals: list = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass
class Machine:
    """A virtual machine as the last sync saw it."""

    arn: str
    hypervisor_arn: str
    name: str
    host_name: str
    path: str
    vmware_tags: list
    tags: dict = field(default_factory=dict)
    mapped: set = field(default_factory=set)  # keys of the tags that came from mappings
    last_backup: datetime.datetime | None = None
    instance_uuid: str = ""


@dataclass
class Hypervisor:
    arn: str
    name: str
    host: str
    username: str
    password: str
    kms_key_arn: str
    tags: dict
    grant_id: str = ""
    log_group_arn: str = ""
    mappings: list = field(default_factory=list)
    role_arn: str = ""
    sync_status: str = ""
    sync_message: str = ""
    last_sync: datetime.datetime | None = None
    login: str | None = None  # what was wrong with the last login
    login_at: float | None = None  # None: to be tried at the next look

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass
class Place:
    """One Region of one account."""

    account: str
    region: str
    gateways: dict[str, Gateway] = field(default_factory=dict)
    hypervisors: dict[str, Hypervisor] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)
