# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was just written is not seen yet: lists, objects and references lag behind a write by some calls.

A read answers what it answered before the last write of its service. A call that names what was just made is refused, as the
service refuses what is not there. Both count for each call of its own, so that list, object and reference lag apart.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from dataclasses import dataclass

KEY_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What makes a thing -> what its name looks like in the answer, and which services ask for it by that name.
CREATES = {
    ("ec2", "CreateSecurityGroup"): (r"\bsg-[0-9a-f]+", ("ec2",)),
    ("ec2", "CreateVpcEndpoint"): (r"\b(?:vpce|eni)-[0-9a-f]{17}\b", ("ec2",)),
    ("backup-gateway", "CreateGateway"): (r"\bbgw-[0-9A-F]+", ("backup-gateway",)),
    ("backup-gateway", "ImportHypervisorConfiguration"): (r"\bhype-[0-9A-F]+", ("backup-gateway",)),
    ("kms", "CreateKey"): (rf"(?<=:key/){KEY_ID}", ("kms", "backup-gateway")),
    ("iam", "CreateRole"): (r"(?<=<RoleName>)[^<]+", ("iam", "backup-gateway")),
}
LAGGING = ("ec2", "backup-gateway", "backup", "iam", "kms", "nsx", "vmc")  # vCenter is of one piece
REMOVES = ("Delete", "Schedule")
NEVER_THERE = 6  # characters at the end of a name that make another one of it


@dataclass
class Ask:
    """A call on its way to its service."""

    service: str
    operation: str
    kind: str  # read or write
    question: tuple  # what makes it the same as another
    text: str  # where it names things
    place: str = ""  # which one of several such services


@dataclass
class Remembered:
    answer: object
    writes: int  # of the service, when it was answered
    stale: int = 0  # how often it was given since the last write


class Lag:
    """The memory of one lab."""

    def __init__(self, world):
        self.world = world
        self.lock = threading.RLock()
        self.forget()

    def forget(self):
        self.answers: dict[tuple, Remembered] = {}
        self.writes: Counter = Counter()
        self.made: dict[str, tuple] = {}  # name -> the services that ask for it by that name, and what made it
        self.refused: Counter = Counter()  # (name, question) -> how often it was not known
        self.written: set = set()  # names that a write was accepted for, so that they can be deleted

    def calls(self, ask: Ask) -> int:
        """By how many calls this one lags."""
        if ask.service not in LAGGING:
            return 0
        rules = [rule for rule in self.world.faults if rule.kind == "lag" and rule.hits(ask.service, ask.operation)]
        return max([self.world.switches["lag"], *(rule.reads for rule in rules)])

    def stale(self, ask: Ask):
        """The answer of before the last write, or None for what is up to date or was never asked."""
        with self.lock:
            known = self.answers.get(ask.question)
            if ask.kind != "read" or known is None or known.writes == self.writes[ask.service, ask.place]:
                return None
            if known.stale >= self.calls(ask):
                return None
            known.stale += 1
            return known.answer

    def unknown(self, ask: Ask) -> str | None:
        """The name in a call of what was just made, and is not known yet."""
        limit = self.calls(ask)
        if not limit or (ask.kind == "read" and ask.question in self.answers):
            return None
        with self.lock:
            for name, (services, maker) in self.made.items():
                question = (name, ask.question if ask.kind == "read" else ask.operation)
                named = ask.service in services and maker != ask.operation and _whole(name, ask.text)
                if ask.operation.startswith(REMOVES) and name in self.written:
                    continue
                if named and self.refused[question] < limit:
                    self.refused[question] += 1
                    return named
        return None

    def keep(self, ask: Ask, answer, text: str, *, good: bool):
        """Remember what a call was answered, and what it has made."""
        with self.lock:
            if ask.kind == "write" and good:
                self.writes[ask.service, ask.place] += 1
                self.written |= {name for name in self.made if _whole(name, ask.text)}
            if self.calls(ask) and ask.kind == "read":
                self.answers[ask.question] = Remembered(answer, self.writes[ask.service, ask.place])
            elif self.calls(ask) and good:
                self.made.update(_made(ask, text))


def another(name: str) -> str:
    """A name like that, of nothing."""
    return name[:-NEVER_THERE] + "0" * NEVER_THERE


def _whole(name: str, text: str) -> str | None:
    """A name with what stands before it in a text, such as the rest of its ARN."""
    found = re.search(rf"(?<![\w-])([\w:/.-]*[:/])?{re.escape(name)}(?![\w-])", text)
    return found and found[0]


def _made(ask: Ask, text: str) -> dict:
    if ask.service == "nsx":
        body = json.loads(text) if text.startswith("{") else {}
        return {body["path"]: (("nsx",), "")} if body.get("_revision") == 0 and "path" in body else {}
    pattern, services = CREATES.get((ask.service, ask.operation), (None, ()))
    return dict.fromkeys(re.findall(pattern, text), (services, ask.operation)) if pattern else {}
