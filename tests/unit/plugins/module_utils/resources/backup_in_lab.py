# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of AWS Backup whose calls the lab answers in this process, without protocol and sockets."""

from __future__ import annotations

import types

from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Conflict
from lab.aws import model
from lab.aws.backup import Backup
from lab.aws.errors import AwsError
from lab.aws.protocol import without_none
from lab.world import World

REQUEST = types.SimpleNamespace(access_key="AKIAIOSFODNN7EXAMPLE", region="eu-west-1")
READS = ("describe_", "get_", "list_")


class BackupInLab:
    region = "eu-west-1"
    partition = "aws"

    def __init__(self):
        self.world = World(block=70, seed="empty", sddcs=1, vms=0)
        self.backup = Backup(self.world, types.SimpleNamespace(places={}))
        self.writes = []

    def call(self, operation, *, missing=(), once=False, names="", **request):
        name = "".join(word.title() for word in operation.split("_"))
        shapes = model.service("backup").operation_model(name)
        assert not model.problems(shapes.input_shape, request), model.problems(shapes.input_shape, request)
        if not operation.startswith(READS):
            self.writes.append(operation)
        try:
            answer = without_none(getattr(self.backup, name)(REQUEST, request))
        except AwsError as refusal:
            if refusal.code in missing:
                return None
            kind = Conflict if refusal.code == "AlreadyExistsException" else ApiError
            raise kind(refusal.message, code=refusal.code, attempted=operation) from None
        return answer or {}

    def pages(self, operation, key, **request):
        return self.call(operation, **request).get(key, [])

    def now(self):
        return self.world.utc()

    def advance(self, days):
        self.world.ahead += days * 86_400

    @property
    def place(self):
        return self.backup.place(REQUEST)
