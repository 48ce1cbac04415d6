# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.prerequisites import given
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

from .site import STORE, VCENTER, said, site

FURTHER = {
    **STORE,
    "name": "WorkloadDatastore (1)",
    "clusters": ["Cluster-2"],
    "cluster_ids": ["domain-c2"],
    "virtual_machine_count": 2,
}
SHARED = {**STORE, "name": "fsx", "clusters": ["Cluster-1", "Cluster-2"]}
THIRD = {**STORE, "name": "nfs", "clusters": ["Cluster-2", "Cluster-3"], "virtual_machine_count": 1}
UNSEEN = "none is planned where a host sees WorkloadDatastore (1) of Cluster-2 (virtual machines: 2)"
UNREADABLE = {"images": [{"path": "/a.ova", "readable": False}]}
LACKING = {"msg": "Failed to import the required Python library (pyvmomi) on there's Python /p."}


def vcenter(found, **more):
    return {"seen": {"vcenter": found}, **more}


def stores(*found, plan=None, **more):
    spoken = {"given": {"vmc_backup_appliances": plan}} if plan else {}
    return {**vcenter({**VCENTER, "datastores": list(found)}), **spoken, **more}


CASES = [
    # check, what differs, verdict, words
    (given.unset, {}, None, ""),
    (
        given.unset,
        {"without": ["vmc_backup_ova"], "vcenter_options": ["hostname"]},
        "broken",
        "vmc_backup_ova, vmc_backup_vcenter_username, vmc_backup_vcenter_password.",
    ),
    (given.unset, {"without": ["vmc_backup_org_id"]}, "broken", "vmc_backup_org_id."),
    (given.unset, {"without": ["vmc_backup_org_id", "vmc_backup_sddc_id"], "without_cloud": True}, None, ""),
    (given.unset, {"on_vmc": False}, "broken", "vmc_backup_vpc_id, vmc_backup_subnet_ids."),
    (given.all_given, {}, "ok", "All that are needed are given."),
    (given.all_given, {"without": ["vmc_backup_ova"]}, "ok", "Some are not given."),
    (given.site, {}, None, ""),
    (given.site, {"identity": {"site_untold": "Nothing says"}}, "broken", "Nothing says"),
    (given.image, {}, None, ""),
    (given.image, vcenter(UNREADABLE), "broken", "/a.ova cannot be read."),
    (given.image, vcenter(UNREADABLE, bastion="b"), "broken", "/a.ova cannot be read on b."),
    (given.image, vcenter({}), None, ""),
    (given.image_seen, {}, "ok", "/a.ova."),
    (given.image_seen, vcenter({}), "unknown", "Nobody could look for it"),
    (given.image_seen, vcenter({"appliances": []}), "ok", "It is an address"),
    (given.image_seen, {"without": ["vmc_backup_ova"]}, "unknown", "vmc_backup_ova is not given"),
    (given.unset, {"without": ["vmc_backup_ova"], "identity": {"secrets": ["vmc_backup_ova"]}}, None, ""),
    (given.libraries, {}, None, ""),
    (given.libraries, vcenter(LACKING), "broken", "pyVmomi, for the interpreter of this host."),
    (given.libraries, vcenter(LACKING, bastion="b"), "broken", "on b, its interpreter lacks pyVmomi."),
    (given.libraries_seen, {}, "ok", "For /python."),
    (given.libraries_seen, {"bastion": "b"}, "ok", "For /python and on b."),
    (
        given.libraries_seen,
        vcenter({"unreachable": True, "msg": "no route"}, bastion="b"),
        "unknown",
        "b could not be asked: no route",
    ),
    (given.plan, {}, None, ""),
    (given.plan, {"plan": Untold("two share a name")}, "broken", "two share a name"),
    (given.plan, {"plan": []}, "broken", "vmc_backup_appliances plans none"),
    (given.plan, {"plan": [], "without": ["vmc_backup_appliances"]}, None, ""),
    (given.planned, {}, "ok", "Planned: one-cluster-1-1 at 10.1.0.50."),
    (given.planned, vcenter({}), "unknown", "not seen yet"),
    (given.planned, {"plan": []}, "unknown", "Planned: none."),
    (given.uncovered, {}, None, ""),
    (given.uncovered, stores(STORE, FURTHER), "broken", UNSEEN),
    (
        given.uncovered,
        stores(FURTHER, THIRD),
        "broken",
        "(virtual machines: 2), nfs of Cluster-2, Cluster-3 (virtual machines: 1), so that",
    ),
    (given.uncovered, stores(STORE, SHARED), None, ""),
    (given.uncovered, stores(STORE, {**FURTHER, "virtual_machine_count": 0}), None, ""),
    (given.uncovered, stores(STORE, {**FURTHER, "clusters": []}), None, ""),
    (
        given.uncovered,
        stores(STORE, FURTHER, plan=[{"cluster": "Cluster-1"}, {"cluster": "Cluster-2", "count": 0}]),
        None,
        "",
    ),
    (given.uncovered, stores(STORE, FURTHER, plan=[{"cluster": "Cluster-1"}]), "broken", UNSEEN),
    (given.uncovered, stores(FURTHER, on_vmc=False), None, ""),
    (given.uncovered, {**stores(FURTHER), "plan": Untold("no")}, None, ""),
    (given.uncovered, vcenter({}), None, ""),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_it_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert found == verdict
    assert words in text and bool(words) == bool(text)
