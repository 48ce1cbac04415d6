# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.prerequisites import sddc

from .site import GROUP, OURS, RULE, SDDC, SEGMENT, SILENT, TIMEOUT, VCENTER, said, site

REFUSED = {"msg": "wrong password", "error": {"code": "InvalidLogin"}}
FOREIGN = [{"id": "one-appliances", "tags": []}]
RELEASES = ("6.7.0", "7.0.3", "8.0.3", "8.1.0")
TO_COME = {"prerequisites_segment": "enforce", "prerequisites_segment_gateway_address": "10.1.0.1/24"}


def vcenter(found):
    return {"seen": {"vcenter": found}}


def given(**variables):
    return {"given": variables}


def marked(site_id):
    return {"id": "it", "tags": [*OURS, {"scope": "vmc-aws-backup-site", "tag": site_id}]}


CASES = [
    # check, what differs, verdict, words
    (sddc.token, {}, None, ""),
    (sddc.token, {"has_token": False}, "broken", "vmc_backup_api_token, or"),
    (sddc.token, {"has_token": False, "without_cloud": True}, None, ""),
    (sddc.token, {"has_token": False, "on_vmc": False}, None, ""),
    (sddc.there, {}, None, ""),
    (sddc.there, {"sddc": None}, "broken", "there is none with the id s"),
    (sddc.there, {"sddc": SILENT}, "unknown", "HTTP 503"),
    (sddc.there, {"sddc": SILENT, "names_sddc": False}, None, ""),
    (sddc.ready, {}, None, ""),
    (
        sddc.ready,
        {"sddc": {**SDDC, "sddc_state": "READY_FOR_GLCM_BRINGUP"}},
        "broken",
        "may be stale, and corrections wait",
    ),
    (sddc.ready, {"sddc": SILENT}, None, ""),
    (sddc.quiet, {}, None, ""),
    (
        sddc.quiet,
        {"sddc": {**SDDC, "maintenance_state": "RUNNING"}},
        "broken",
        "may be stale, and corrections wait until it has ended",
    ),
    (sddc.quiet, {"sddc": {**SDDC, "maintenance_state": None}}, None, ""),
    (sddc.region, {}, None, ""),
    (
        sddc.region,
        given(vmc_backup_aws_region="eu-central-1"),
        "broken",
        "the SDDC is in eu-west-1, vmc_backup_aws_region is eu-central-1",
    ),
    (sddc.region, {"sddc": SILENT}, None, ""),
    (sddc.seen, {}, "ok", "one, 1.24, eu-west-1, READY."),
    (sddc.seen, {"sddc": SILENT}, "unknown", "did not tell"),
    (sddc.nsx, {}, None, ""),
    (sddc.nsx, {"mgw_groups": SILENT}, "unknown", "HTTP 503"),
    (sddc.nsx, {"mgw_groups": SILENT, "names_nsx": False}, None, ""),
    (sddc.nsx_seen, {}, "ok", "It answers"),
    (sddc.nsx_seen, {"mgw_groups": SILENT}, "unknown", "not asked"),
    (sddc.foreign_objects, {}, None, ""),
    (
        sddc.foreign_objects,
        {"cgw_groups": FOREIGN},
        "broken",
        "one-appliances would be this collection's, but somebody else",
    ),
    (sddc.foreign_objects, {"mgw_rules": [{"id": "one-activation", "tags": []}]}, "broken", "one-activation would be"),
    (sddc.foreign_objects, {"cgw_groups": [{**FOREIGN[0], "tags": OURS}]}, None, ""),
    (sddc.foreign_objects, {"cgw_groups": [{"id": "ones-appliances", "tags": []}]}, None, ""),
    (sddc.foreign_objects, {"cgw_groups": FOREIGN, "adopts": True}, None, ""),
    (sddc.copied_objects, {}, None, ""),
    (
        sddc.copied_objects,
        {"cgw_rules": [marked("other")]},
        "broken",
        "it carries the mark of another site, other, so that it was copied",
    ),
    (sddc.copied_objects, {"cgw_rules": [marked("me")], "identity": {"site_id": "me"}}, None, ""),
    (sddc.copied_objects, {"cgw_rules": [marked("old")], "identity": {"site_id": "me", "site_was": "old"}}, None, ""),
    (sddc.copied_objects, {"cgw_rules": [marked("other")], "mgw_rules": SILENT}, "broken", "it carries the mark"),
    (sddc.its_own, {}, None, ""),
    (sddc.its_own, {"sddc": SILENT}, None, ""),
    (sddc.its_own, {"given": {"vmc_backup_vcenter_hostname": "VCENTER.example"}}, None, ""),
    (
        sddc.its_own,
        {"given": {"vmc_backup_vcenter_hostname": "vcenter.elsewhere"}},
        "broken",
        "vmc_backup_vcenter_hostname is vcenter.elsewhere, and the vCenter of this SDDC is vcenter.example.",
    ),
    (sddc.private_name, {}, None, ""),
    (
        sddc.private_name,
        {"sddc": {**SDDC, "dns_with_management_vm_private_ip": False}},
        "broken",
        "resolves to the public address",
    ),
    (
        sddc.private_name,
        {
            "sddc": {**SDDC, "dns_with_management_vm_private_ip": False},
            **given(prerequisites_vcenter_resolution="enforce"),
        },
        None,
        "",
    ),
    (sddc.private_name, {"sddc": SILENT}, None, ""),
    (sddc.name_seen, {}, "ok", "vcenter.example is set to resolve to its private address 10.0.0.4"),
    (
        sddc.name_seen,
        {"sddc": {**SDDC, "dns_with_management_vm_private_ip": False}},
        "ok",
        "public address 203.0.113.4",
    ),
    (sddc.name_seen, {"sddc": SILENT}, "unknown", "did not tell"),
    (sddc.login, {}, None, ""),
    (sddc.login, vcenter(REFUSED), "unknown", "wrong password"),
    (sddc.login, vcenter({"skipped": True}), None, ""),
    (sddc.login, vcenter(TIMEOUT), "unknown", "no answer"),  # the tasks are let in
    (sddc.login, {**vcenter(TIMEOUT), "mgw_rules": []}, None, ""),  # until the tasks are let in
    (sddc.login, {**vcenter(TIMEOUT), "mgw_rules": [{**RULE, "disabled": True}]}, None, ""),
    (sddc.login, {**vcenter(TIMEOUT), "mgw_groups": [{**GROUP, "ip_addresses": ["10.0.0.8"]}]}, None, ""),
    (
        sddc.login,
        {**vcenter(TIMEOUT), "mgw_rules": [], **given(prerequisites_control_access="check")},
        "unknown",
        "no answer",
    ),
    (sddc.login, {**vcenter(TIMEOUT), "mgw_rules": [], "on_vmc": False}, "unknown", "no answer"),
    (sddc.login, {**vcenter(TIMEOUT), "mgw_rules": SILENT}, "unknown", "no answer"),
    (sddc.login_seen, {}, "ok", "The login works"),
    *((sddc.release, vcenter({**VCENTER, "vcenters": [{"version": each}]}), None, "") for each in RELEASES),
    (
        sddc.release,
        vcenter({**VCENTER, "vcenters": [{"version": "9.0.1"}]}),
        "broken",
        "it is vSphere 9.0.1, and AWS lists",
    ),
    (sddc.release, vcenter({**VCENTER, "vcenters": [{"version": "6.5.0"}]}), "broken", "it is vSphere 6.5.0"),
    (sddc.release, vcenter({**VCENTER, "vcenters": [{"version": None}]}), None, ""),
    (sddc.release, vcenter(TIMEOUT), None, ""),
    (sddc.login_seen, vcenter({"skipped": True}), "unknown", "There was no login"),
    (sddc.login_seen, {**vcenter(TIMEOUT), "mgw_rules": []}, "unknown", "out of reach until the tasks are let in"),
    (sddc.lets_in_seen, {}, "ok", "from 10.0.0.9/32; vCenter answers from where"),
    (sddc.lets_in_seen, vcenter(TIMEOUT), "ok", "vCenter does not answer"),
    (
        sddc.lets_in_seen,
        vcenter({"msg": "Connection refused"}),
        "ok",
        "whether vCenter answers from where the tasks run is not known",
    ),
    (sddc.lets_in_seen, {"mgw_groups": SILENT}, "unknown", "did not tell"),
    (sddc.one_address, {}, None, ""),
    (sddc.one_address, given(vmc_backup_control_addresses=["10.0.0.9", "2001:db8::1/128"]), None, ""),
    (
        sddc.one_address,
        given(vmc_backup_control_addresses=["10.0.0.0/8"]),
        "broken",
        "has 10.0.0.0/8, which is more than one address",
    ),
    (sddc.segment, {}, None, ""),
    (sddc.segment, {"segments": []}, "broken", "there is no backup"),
    (sddc.segment, {"segments": [], "given": TO_COME}, None, ""),
    (sddc.segment, {"segments": SILENT}, "unknown", "HTTP 503"),
    (sddc.segment, {"segments": SILENT, "mgw_groups": SILENT}, None, ""),
    (sddc.segment_seen, {}, "ok", "backup, ROUTED, 10.1.0.1/24."),
    (sddc.segment_seen, {"segments": []}, "ok", "There is none with the id backup"),
    (sddc.segment_seen, {"segments": SILENT}, "unknown", "did not tell"),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_it_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert found == verdict
    assert words in text and bool(words) == bool(text)


def test_the_segment_and_vcenter_that_the_cases_rest_on_are_there():
    assert site().segments == [SEGMENT] and sddc.logs_in(site(seen={"vcenter": VCENTER}))
