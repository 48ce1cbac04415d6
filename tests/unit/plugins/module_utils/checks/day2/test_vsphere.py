# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.day2 import vsphere

from ..protection.site import FOLDER, SILENT, ago, said, seen, site

WEB = f"{FOLDER}/web"


def vcenter(*machines, **other):
    told = {"version": "8.0.3", "certificate_expires": "2027-02-01T12:00:00+00:00", **other}
    return {"vcenter": {"vcenter": told, "virtual_machines": list(machines), "datastores": []}}


def snapshot(name="AWS-Backup-1", hours=25):
    return vcenter(seen(snapshots=[{"name": name, "created": ago(hours).isoformat()}]))


def store(used):
    return {
        "vcenter": {**vcenter()["vcenter"], "datastores": [{"name": "ds", "capacity": 100, "free_space": 100 - used}]}
    }


NOBODY = {"vcenter": SILENT}
CASES = [
    # check, what differs, verdict, words
    (vsphere.told, vcenter(), None, ""),
    (vsphere.told, NOBODY, "unknown", "HTTP 503"),
    (vsphere.consolidation, vcenter(seen()), {}, ""),
    (vsphere.consolidation, vcenter(seen(consolidation_needed=True)), {WEB: "broken"}, "need consolidation"),
    (vsphere.consolidation, vcenter(seen(consolidation_needed=None)), {}, ""),
    (vsphere.consolidation, NOBODY, {}, ""),
    (vsphere.snapshots, snapshot(), {WEB: "broken"}, "AWS-Backup-1 of 2026-02-09"),
    (vsphere.snapshots, snapshot(hours=23), {}, ""),
    (vsphere.snapshots, snapshot("before the upgrade"), {}, ""),
    (vsphere.snapshots, NOBODY, {}, ""),
    (vsphere.certificate, vcenter(), "ok", "2027-02-01"),
    (vsphere.certificate, vcenter(certificate_expires="2026-02-20T13:00:00+00:00"), "broken", "in 10 days"),
    (vsphere.certificate, vcenter(certificate_expires="2026-02-09T12:00:00+00:00"), "broken", "has already"),
    (vsphere.certificate, vcenter(certificate_expires=""), "unknown", "does not tell"),
    (vsphere.certificate, NOBODY, None, ""),
    (vsphere.release, vcenter(), "ok", "8.0.3"),
    (vsphere.release, vcenter(version="9.0.0"), "broken", "9.0.0"),
    (vsphere.release, vcenter(version=""), "unknown", "does not tell"),
    (vsphere.release, NOBODY, None, ""),
    (vsphere.room, store(69), {}, ""),
    (vsphere.room, store(70), {"ds": "broken"}, "70 % of it"),
    (vsphere.room, NOBODY, {}, ""),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_a_check_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert (found, words in text) == (verdict, True), text
