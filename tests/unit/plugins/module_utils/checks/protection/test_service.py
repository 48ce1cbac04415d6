# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.protection import service

from .site import GATEWAY, HYPERVISOR, SILENT, ago, said, site


def hypervisor(**other):
    return {"hypervisor": {**HYPERVISOR, **other}}


def gateway(**other):
    return {"gateways": [{**GATEWAY, **other}]}


CASES = [
    # check, what differs, verdict, words
    (service.hypervisor, {}, "ok", "ONLINE"),
    (service.hypervisor, {"hypervisor": None}, "broken", "no hypervisor sddc-1"),
    (service.hypervisor, {"hypervisor": SILENT}, "unknown", "HTTP 503"),
    (service.hypervisor, hypervisor(State="OFFLINE"), "broken", "OFFLINE"),
    (service.hypervisor, hypervisor(State=None), "unknown", "does not tell"),
    (service.synced, {}, "ok", "2026-02-10T07:00:00"),
    (service.synced, {"hypervisor": None}, None, ""),
    (
        service.synced,
        hypervisor(LatestMetadataSyncStatus="FAILED", LatestMetadataSyncStatusMessage="no"),
        "broken",
        "(no)",
    ),
    (service.synced, hypervisor(LatestMetadataSyncStatus="PARTIALLY_FAILED"), "broken", "PARTIALLY_FAILED"),
    (service.synced, hypervisor(LastSuccessfulMetadataSyncTime=None), "unknown", "does not tell"),
    (service.synced, hypervisor(LastSuccessfulMetadataSyncTime=ago(27)), "broken", "26 hours ago"),
    (service.synced, hypervisor(LatestMetadataSyncStatus="RUNNING"), "ok", ""),
    (service.gateways, {}, "ok", "gw-1"),
    (service.gateways, {"gateways": []}, "broken", "No gateway"),
    (service.gateways, {"gateways": SILENT}, "unknown", "HTTP 503"),
    (service.gateways, {"gateways": SILENT, "hypervisor": None}, None, ""),
    (service.fresh, {}, {"gw-1": "ok"}, ""),
    (service.fresh, gateway(LastSeenTime=ago(1)), {"gw-1": "broken"}, "900 seconds"),
    (service.fresh, gateway(LastSeenTime=None), {"gw-1": "unknown"}, "does not tell"),
    (service.fresh, {"gateways": SILENT}, {}, ""),
    (service.private, {}, {"gw-1": "ok"}, "vpce-1"),
    (service.private, gateway(VpcEndpoint=""), {"gw-1": "broken"}, "public"),
    (service.opted_in, {}, "ok", ""),
    (service.opted_in, {"opted_in": False}, "broken", "off"),
    (service.opted_in, {"opted_in": SILENT}, "unknown", "HTTP 503"),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_a_check_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert (found, words in text) == (verdict, True), text
