# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thing for the engine, in a world of one."""

from __future__ import annotations

import copy

from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.outcome import WRITE_ONLY


class Thing:
    """A kind of thing in a world of one: the world is ``there``, every write is noted."""

    kind = "thing"
    immutable = ("place",)

    def __init__(self, there=None, *, creating=("name", "place", "size", "tags"), **wanted):
        self.there = there
        self.creating = creating
        self.wanted = wanted
        self.writes = []
        self.failures = []

    def observe(self):
        return copy.deepcopy(self.there)

    def want(self, have):
        return dict(self.wanted)

    def create(self, want):
        self.write("create")
        self.there = {key: want[key] for key in self.creating if key in want}

    def update(self, have, changes):
        self.write("update", *sorted(changes))
        self.there.update({key: value for key, value in changes.items() if value != WRITE_ONLY})

    def delete(self, have):
        self.write("delete")
        self.there = None

    def write(self, *what):
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.writes.append(what)


def records(outcome):
    return [(change.path, change.desired, change.actual, change.effect) for change in outcome.changes]
