# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that answers from a table, for resources that talk to AWS."""

from __future__ import annotations

import datetime

from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError

NOW = datetime.datetime(2026, 2, 1, 12, tzinfo=datetime.timezone.utc)
READS = ("describe_", "get_", "list_")


class Api:
    """Answers are values, or functions of the request; an error among them is raised."""

    region = "eu-west-1"
    partition = "aws"

    def __init__(self, **answers):
        self.answers = answers
        self.calls = []

    def call(self, operation, *, missing=(), once=False, names="", **request):
        self.calls.append((operation, request))
        answer = self.answers.get(operation, {})
        answer = answer(**request) if callable(answer) else answer
        if isinstance(answer, ApiError):
            if answer.code in missing:
                return None
            raise answer
        return answer

    def pages(self, operation, key, **request):
        return self.call(operation, **request).get(key, [])

    def now(self):
        return NOW

    @property
    def writes(self):
        return [(operation, request) for operation, request in self.calls if not operation.startswith(READS)]


def params(module, **given):
    """The options of a module, with their defaults."""
    return {**{option: spec.get("default") for option, spec in module.SPEC.items()}, **given}
