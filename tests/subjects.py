# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules with options, and what has to be there before each: the subjects of faults.yml, on one lab."""

from __future__ import annotations

import yaml
from modules import Modules
from rehearsal import ROOT

SUBJECTS = yaml.safe_load((ROOT / "tests" / "integration" / "faults.yml").read_text())["subjects"]
LEASE_SECONDS = 5  # of an upload whose owner has lost it, instead of five minutes


class Bench:
    """Subjects on one lab, each with what it needs before."""

    def __init__(self, lab, subjects: dict | None = None):
        self.lab = lab
        self.subjects = SUBJECTS if subjects is None else subjects
        self.modules = Modules(lab)

    def prepare(self, name, **switches):
        """A new world with all that a subject needs, but without it."""
        self.lab.reset()
        self.lab.switch(lease_seconds=LEASE_SECONDS, **switches)
        address = self.modules.variables["vmc_backup_appliances"][0]["addresses"][0]
        connected = self.lab.sddcs()[0]["connected_vpc"]
        self.modules.variables.update(connected_vpc=connected, address=address, mac_address="00:50:56:01:02:03")
        made: dict = {}
        for before in self.subjects[name].get("after", []):
            self._make(before, made)

    def _make(self, name, made):
        if name in made:
            return
        for before in self.subjects[name].get("after", []):
            self._make(before, made)
        made[name] = self.run(name)
        assert not made[name].get("failed"), f"{name}: {made[name]['msg']}"

    def run(self, name):
        subject = self.subjects[name]
        result = self.modules.run(subject["module"], **subject["options"])
        if not result.get("failed"):
            self.modules.variables.update({key: result[given] for key, given in subject.get("keep", {}).items()})
        return result
