# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.filter.appliances import appliances
from ansible_collections.vmc.aws_backup.plugins.filter.without_appliances import without_appliances

PLAN = [
    {"cluster": "Cluster-1", "count": 2, "addresses": ["10.30.5.20", "10.30.5.21"]},
    {"cluster": "Cluster-2", "addresses": ["10.30.5.22"]},
]


def test_the_others_keep_their_names():
    left = without_appliances(PLAN, ["a-cluster-1-1"], "a")
    assert left[0] == {"cluster": "Cluster-1", "addresses": ["", "10.30.5.21"]}
    assert [entry["name"] for entry in appliances(left, "a")] == ["a-cluster-1-2", "a-cluster-2-1"]


def test_a_cluster_may_be_left_without_any():
    left = without_appliances(PLAN, ["a-cluster-2-1"], "a")
    assert [entry["name"] for entry in appliances(left, "a")] == ["a-cluster-1-1", "a-cluster-1-2"]


def test_without_nobody_the_appliances_are_the_same():
    assert appliances(without_appliances(PLAN, [], "a"), "a") == appliances(PLAN, "a")


def test_a_cluster_that_needs_none_still_needs_none():
    plan = [*PLAN, {"cluster": "Cluster-9", "count": 0}]
    left = without_appliances(plan, [], "sddc-1")
    assert appliances(left, "sddc-1") == appliances(PLAN, "sddc-1")
