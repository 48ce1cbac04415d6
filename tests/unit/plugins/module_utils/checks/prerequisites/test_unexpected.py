# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.prerequisites import unexpected

from .site import OURS, SILENT, said, site

MINE = [*OURS, {"scope": "vmc-aws-backup-site", "tag": "me"}]
ME = {"identity": {"site_id": "me"}}
RULE = {
    "id": "theirs",
    "action": "ALLOW",
    "disabled": False,
    "tags": [],
    "source_groups": ["ANY"],
    "sources_excluded": False,
    "destination_groups": ["/infra/domains/mgw/groups/VCENTER"],
}
GATEWAY = {
    "name": "gw",
    "entry": "one-cluster-1-1",
    "site_id": "me",
    "tags": {"managed-by": "vmc-aws-backup"},
    "vpc_endpoint": "vpce-1",
}
THEIRS = {**GATEWAY, "site_id": "", "entry": "", "tags": {}}


def rules(**changed):
    return {"mgw_rules": [{**RULE, **changed}]}


CASES = [
    # check, what differs, verdict, words
    (unexpected.exposed, {}, None, ""),
    (unexpected.exposed, {"mgw_rules": SILENT}, None, ""),
    (unexpected.exposed, rules(), "broken", "theirs lets everybody in to VCENTER"),
    (unexpected.exposed, rules(destination_groups=["ANY"]), "broken", "VCENTER, ESXI"),
    (unexpected.exposed, rules(source_groups=["0.0.0.0/1", "128.0.0.0/1"]), "broken", "theirs lets everybody in"),
    (
        unexpected.exposed,
        rules(source_groups=["/infra/x"], sources_excluded=True),
        "broken",
        "theirs lets everybody in",
    ),
    (unexpected.exposed, rules(source_groups=["10.0.0.0/24"]), None, ""),
    (unexpected.exposed, rules(source_groups=["/infra/domains/mgw/groups/admins"]), None, ""),
    (unexpected.exposed, rules(destination_groups=["/infra/domains/mgw/groups/NSX-MANAGER"]), None, ""),
    (unexpected.exposed, rules(disabled=True), None, ""),
    (unexpected.exposed, rules(action="DROP"), None, ""),
    (unexpected.exposed, rules(tags=OURS), None, ""),
    (unexpected.unplanned_objects, {}, None, ""),
    (
        unexpected.unplanned_objects,
        {**ME, "cgw_groups": [{"id": "old", "tags": MINE}]},
        "broken",
        "old: the collection",
    ),
    (unexpected.unplanned_objects, {**ME, "cgw_groups": [{"id": "one-appliances", "tags": MINE}]}, None, ""),
    (unexpected.unplanned_objects, {**ME, "cgw_groups": [{"id": "old", "tags": OURS}]}, None, ""),
    (unexpected.unplanned_objects, {"cgw_groups": [{"id": "old", "tags": MINE}]}, None, ""),
    (
        unexpected.unplanned_objects,
        {**ME, "cgw_groups": SILENT, "mgw_groups": [{"id": "old", "tags": MINE}]},
        "broken",
        "old",
    ),
    (unexpected.unplanned_gateways, {**ME, "gateways": [GATEWAY]}, None, ""),
    (
        unexpected.unplanned_gateways,
        {**ME, "gateways": [{**GATEWAY, "entry": "", "name": "one-cluster-1-1"}]},
        None,
        "",
    ),
    (
        unexpected.unplanned_gateways,
        {**ME, "gateways": [{**GATEWAY, "entry": "old"}]},
        "broken",
        "gw: gateways of this site",
    ),
    (unexpected.unplanned_gateways, {**ME, "gateways": [{**GATEWAY, "entry": "old", "site_id": "other"}]}, None, ""),
    (unexpected.unplanned_gateways, {**ME, "gateways": [{**GATEWAY, "entry": "old"}], "plan": SILENT}, None, ""),
    (unexpected.unplanned_gateways, {"gateways": [{**GATEWAY, "entry": "old", "site_id": ""}]}, None, ""),
    (
        unexpected.strangers,
        {"gateways": [THEIRS], "endpoint_names": ["vpce-1"]},
        "broken",
        "gw: activated through the endpoint",
    ),
    (unexpected.strangers, {"gateways": [THEIRS], "endpoint_names": ["vpce-2"]}, None, ""),
    (unexpected.strangers, {"gateways": [GATEWAY], "endpoint_names": ["vpce-1"]}, None, ""),
    (unexpected.strangers, {"gateways": [{**THEIRS, "vpc_endpoint": ""}], "endpoint_names": [""]}, None, ""),
    (unexpected.strangers, {"gateways": SILENT, "endpoint_names": ["vpce-1"]}, None, ""),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_it_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert found == verdict
    assert words in text and bool(words) == bool(text)
