# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.plan import appliances

ONE = {"cluster": "Cluster-1", "addresses": ["10.30.5.20"]}
TWO = {"cluster": "Cluster-1", "addresses": ["10.30.5.20", "10.30.5.21"]}


def called(plan, site="a"):
    return [(entry["entry"], entry["name"], entry["given_name"]) for entry in appliances(plan, site)]


def test_the_entry_is_derived_and_the_name_is_it_unless_one_is_given():
    assert called([ONE]) == [("a-cluster-1-1", "a-cluster-1-1", None)]
    assert called([{**ONE, "name": "east"}]) == [("a-cluster-1-1", "east", "east")]


def test_the_name_that_is_given_may_be_the_derived_one():
    assert called([{**TWO, "name": "a-cluster-1-1"}])[0] == ("a-cluster-1-1", "a-cluster-1-1", "a-cluster-1-1")


@pytest.mark.parametrize("name", [None, ""])
def test_an_empty_name_is_not_given(name):
    assert called([{**ONE, "name": name}]) == called([ONE])


def test_each_further_appliance_of_a_cluster_has_its_place_behind_the_name():
    assert called([{**TWO, "name": "east"}]) == [
        ("a-cluster-1-1", "east", "east"),
        ("a-cluster-1-2", "east-2", "east-2"),
    ]
    assert called([{**TWO, "addresses": ["", "10.30.5.21"], "name": "east"}]) == [("a-cluster-1-2", "east-2", "east-2")]


@pytest.mark.parametrize("count", [1, "1", "", None])
def test_a_count_may_be_text_as_a_survey_gives_it(count):
    assert called([{**ONE, "count": count}]) == called([ONE])


@pytest.mark.parametrize("cluster", ["Cluster-1", "Cluster (2)_West"])
def test_a_cluster_whose_name_says_something_in_ascii_has_no_digest(cluster):
    assert len(called([{**ONE, "cluster": cluster}])[0][0].split("-")[-2]) < 8


@pytest.mark.parametrize("cluster", ["集群", "???", "Кластер"])
def test_a_cluster_whose_name_leaves_nothing_is_told_by_a_digest(cluster):
    ((entry, _name, _given),) = called([{**ONE, "cluster": cluster}])
    assert len(entry) == len("a-12345678-1")
    assert called([{**ONE, "cluster": cluster}]) == called([{**ONE, "cluster": cluster}])


def test_clusters_that_are_alike_but_for_what_is_not_ascii_are_told_apart():
    names = {called([{**ONE, "cluster": cluster}])[0][0] for cluster in ("Ost-ü", "Ost-ö", "Ost-")}
    assert len(names) == 3
    assert all(name.startswith("a-ost-") for name in names)


@pytest.mark.parametrize(
    ("plan", "site", "says"),
    [
        ({"cluster": "C"}, "a", "no list"),
        ("Cluster-1", "a", "no list"),
        (["Cluster-1"], "a", "no entry of a cluster"),
        ([{"cluster": 5, "addresses": ["10.0.0.1"]}], "a", "without a cluster"),
        ([{"cluster": "C", "addresses": "10.0.0.1"}], "a", "no list of addresses"),
        ([{"cluster": "C", "addresses": ["10.0.0.1"], "count": "one"}], "a", "the count 'one' is no number"),
        ([{**ONE, "name": "east_1"}], "a", "letters, digits and hyphens"),
        ([{**ONE, "name": "x" * 81}], "a", "80 characters vSphere allows"),
        ([{**ONE, "name": "x"}, {"cluster": "D", "addresses": ["10.0.0.2"], "name": "x"}], "a", "share the name x"),
        (
            [{**ONE, "name": "a-d-1"}, {"cluster": "D", "addresses": ["10.0.0.2"], "name": "x"}],
            "a",
            "The name a-d-1 is given to a-cluster-1-1, but is another entry's own",
        ),
        ([ONE, {"cluster": "cluster 1", "addresses": ["10.0.0.2"], "name": "x"}], "a", "share the entry a-cluster-1-1"),
        ([ONE], 5, "The name 5"),
        ([ONE], "", "The name ''"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_the_variable(plan, site, says):
    with pytest.raises(Invalid, match=says) as caught:
        appliances(plan, site)
    assert caught.value.option in ("vmc_backup_appliances", "vmc_backup_name")


def test_each_appliance_has_the_host_in_its_place():
    hosts = [entry["host"] for entry in appliances([{**TWO, "hosts": ["esx-1", "esx-2"]}], "a")]
    assert hosts == ["esx-1", "esx-2"]
    assert "host" not in appliances([ONE], "a")[0]


@pytest.mark.parametrize("hosts", ["esx-1", ["esx-1"]])
def test_hosts_are_as_many_as_addresses(hosts):
    with pytest.raises(Invalid, match="hosts has to be a list with one host for each address"):
        appliances([{**TWO, "hosts": hosts}], "a")
