# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.prerequisites import dns

from .site import SDDC, SILENT, ZONE, said, site

OTHER = [{**ZONE, "upstream_servers": ["10.0.0.54"]}, {**ZONE, "gateways": ["cgw"]}]
ENFORCED = {"given": {"prerequisites_dns_zones": "enforce"}, "dns_zones": OTHER}
NAMELESS = {"prerequisites_dns_zones": "enforce", "vmc_backup_vcenter_hostname": "10.0.0.4"}
YES = {"server": "10.0.0.53", "name": "vcenter.example", "answered": True, "error": ""}
NO = {**YES, "answered": False, "error": "REFUSED"}


def asked(*answers):
    return {**ENFORCED, "seen": {"dns": {"answers": list(answers)}}}


CASES = [
    # check, what differs, verdict, words
    (dns.zones, {}, None, ""),
    (dns.zones, {"dns_zones": SILENT}, "unknown", "HTTP 503"),
    (dns.zones, {"dns_zones": SILENT, "mgw_groups": SILENT}, None, ""),
    (dns.zones, {"dns_zones": SILENT, "without": ["vmc_backup_dns_servers"]}, None, ""),
    (dns.servers, {}, None, ""),
    (dns.servers, {"dns_zones": OTHER}, "broken", "the default zones of mgw do not ask 10.0.0.53"),
    (dns.servers, {"dns_zones": [{**OTHER[0], "default": False}]}, None, ""),
    (dns.servers, ENFORCED, None, ""),
    (dns.can_be_tried, ENFORCED, None, ""),
    (
        dns.can_be_tried,
        {"given": NAMELESS, "dns_zones": OTHER, "sddc": SILENT},
        "broken",
        "Give prerequisites_dns_canaries",
    ),
    (dns.can_be_tried, {"given": NAMELESS, "sddc": SILENT}, None, ""),  # the zones ask them already
    (dns.answer, ENFORCED, None, ""),  # nobody asked them yet
    (dns.answer, asked(YES), None, ""),
    (dns.answer, asked(YES, NO), "broken", "servers that do not answer: 10.0.0.53 for vcenter.example: REFUSED."),
    (dns.answer, {**ENFORCED, "seen": {"dns": {"msg": "unreachable"}}}, "unknown", "unreachable"),
    (dns.answer, {**ENFORCED, "seen": {"dns": {"unreachable": True}}}, "unknown", "could not be asked"),
    (dns.zones_seen, {}, "ok", "mgw asks 10.0.0.53."),
    (dns.zones_seen, {"dns_zones": SILENT}, "unknown", "did not tell"),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_it_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert found == verdict
    assert words in text and bool(words) == bool(text)


def test_the_servers_are_tried_by_every_name_on_which_the_sddc_depends_once():
    given = {"prerequisites_dns_zones": "enforce", "prerequisites_dns_canaries": ["canary.example"]}
    facts = site(given=given, dns_zones=OTHER, endpoint_names=["vpce.example"])
    assert dns.names(facts) == ["vcenter.example", "vpce.example", "canary.example"]
    by_address = {**given, "vmc_backup_vcenter_hostname": "10.0.0.4"}
    assert dns.names(site(given=by_address, dns_zones=OTHER))[0] == SDDC["vcenter_hostname"]
    assert dns.names(site(given=given)) == []
