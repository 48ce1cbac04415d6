# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.near import near

ONE = {"subnet_id": "subnet-1", "availability_zone_id": "az1"}
OTHER = {"subnet_id": "subnet-2", "availability_zone_id": "az2"}
CLUSTERS = [
    {"name": "Cluster-1", "availability_zone_ids": ["az1", "az2"]},
    {"name": "Cluster-2", "availability_zone_ids": ["az2"]},
    {"name": "Cluster-3", "availability_zone_ids": []},
]
SDDC = {"connected_vpc": {"subnets": [ONE, OTHER]}, "clusters": CLUSTERS}


@pytest.mark.parametrize(
    ("clusters", "found"),
    [
        (["Cluster-1"], ["subnet-1", "subnet-2"]),
        (["Cluster-2", "Cluster-2"], ["subnet-2"]),
        (["Cluster-2", "Cluster-1"], ["subnet-1", "subnet-2"]),
        (["Cluster-2", "Cluster-3"], ["subnet-1", "subnet-2"]),
        (["unknown"], ["subnet-1", "subnet-2"]),
        ([], ["subnet-1", "subnet-2"]),
    ],
)
def test_an_endpoint_is_beside_the_clusters_of_its_appliances(clusters, found):
    assert near(SDDC, [{"cluster": name} for name in clusters]) == found


@pytest.mark.parametrize("sddc", [{}, {"connected_vpc": None}, None])
def test_without_a_link_there_is_no_subnet(sddc):
    assert near(sddc, [{"cluster": "Cluster-1"}]) == []


def test_subnets_whose_zones_are_not_told_are_all_taken():
    subnets = [{**each, "availability_zone_id": None} for each in (ONE, OTHER)]
    assert near({"connected_vpc": {"subnets": subnets}, "clusters": CLUSTERS}, [{"cluster": "Cluster-2"}]) == [
        "subnet-1",
        "subnet-2",
    ]
