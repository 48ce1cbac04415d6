# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import random
import re
import subprocess
import sys

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.vmc.aws_backup.plugins.filter.appliances import appliances
from ansible_collections.vmc.aws_backup.plugins.filter.planned_by import planned_by
from ansible_collections.vmc.aws_backup.plugins.filter.without_appliances import without_appliances
from ansible_collections.vmc.aws_backup.plugins.module_utils.plan import mac_address

ROOT = pathlib.Path(__file__).parents[4]
ONE = {"cluster": "Cluster-1", "addresses": ["10.30.5.20"]}
TWO = {"cluster": "Cluster-2", "count": 2, "addresses": ["10.30.5.21", "10.30.5.22"]}


ODD = [
    None,
    "",
    "x",
    0,
    -1,
    2**70,
    1.5,
    float("inf"),
    float("nan"),
    True,
    b"x",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": []},
    {1: 2},
    "\x00",
    "ü",
    object(),
]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_no_plan_is_refused_and_never_ends_in_an_error_of_python(seed):
    odd = random.Random(seed)
    for _time in range(200):
        entry = {
            key: odd.choice(ODD) for key in ("cluster", "addresses", "count", "name", "folder", 5) if odd.random() < 0.6
        }
        if odd.random() < 0.5:
            entry.update(cluster="C", addresses=["10.0.0.1", odd.choice(ODD)])
        plan = odd.choice(
            [
                entry,
                [entry],
                [entry, odd.choice(ODD)],
                [odd.choice(ODD)],
                odd.choice(ODD),
                str(entry),
                json.dumps([str(entry)]),
            ]
        )
        name = odd.choice(["a", "a", *ODD])
        host = {"vmc_backup_appliances": plan, "vmc_backup_name": name, "inventory_hostname": "a"}
        assert isinstance(planned_by([host], "x"), list)
        with contextlib.suppress(AnsibleFilterError):
            assert isinstance(appliances(plan, name), list)
            assert isinstance(without_appliances(plan, ["x"], name), list)


def test_each_address_of_each_cluster_becomes_one_appliance():
    assert [entry["name"] for entry in appliances([ONE, TWO], "sddc-1")] == [
        "sddc-1-cluster-1-1",
        "sddc-1-cluster-2-1",
        "sddc-1-cluster-2-2",
    ]


def test_an_appliance_has_its_cluster_its_address_and_the_mac_that_belongs_to_it():
    assert appliances([ONE], "sddc-1") == [
        {
            "entry": "sddc-1-cluster-1-1",
            "name": "sddc-1-cluster-1-1",
            "given_name": None,
            "cluster": "Cluster-1",
            "ip_address": "10.30.5.20",
            "mac_address": "00:50:56:1e:05:14",
        }
    ]


def test_other_keys_of_the_cluster_are_carried_over():
    assert (
        appliances([{**ONE, "datastore": "WorkloadDatastore (1)"}], "sddc-1")[0]["datastore"] == "WorkloadDatastore (1)"
    )


def test_an_empty_place_leaves_the_others_their_names():
    left = {**TWO, "addresses": ["", TWO["addresses"][1]]}
    left.pop("count", None)
    assert appliances([left], "a") == appliances([TWO], "a")[1:]


def test_a_cluster_may_be_said_to_need_none():
    assert appliances([ONE, {"cluster": "Cluster-2", "count": 0}], "a") == appliances([ONE], "a")


def test_a_name_does_not_depend_on_the_address_or_on_other_clusters():
    moved = {"cluster": "Cluster-2", "addresses": ["10.99.0.1"]}
    assert appliances([TWO], "a")[0]["name"] == appliances([ONE, moved], "a")[1]["name"]


def test_a_cluster_s_name_is_reduced_to_what_aws_backup_allows():
    assert appliances([{**ONE, "cluster": "Cluster (2)_West"}], "a")[0]["name"] == "a-cluster-2-west-1"


def test_the_mac_stays_in_the_range_left_to_administrators():
    assert mac_address("127.255.255.254") == "00:50:56:3f:ff:fe"


@pytest.mark.parametrize(
    ("plan", "name", "says"),
    [
        ([{"addresses": ["10.0.0.1"]}], "a", "without a cluster"),
        ([{"cluster": "C", "count": 2, "addresses": ["10.0.0.1"]}], "a", "one for each"),
        ([{"cluster": "C"}], "a", "one for each"),
        ([{"cluster": "C", "count": 0, "addresses": ["10.0.0.1"]}], "a", "one for each"),
        ([{"cluster": "C", "addresses": ["10.0.0.256"]}], "a", "not an IPv4 address"),
        ([{"cluster": "C", "addresses": ["10.0.0.1", "10.0.0.1"]}], "a", "share the ip_address 10.0.0.1"),
        ([{"cluster": "C", "addresses": ["10.0.0.1", "10.64.0.1"]}], "a", "share the mac_address"),
        (
            [{"cluster": "C 1", "addresses": ["10.0.0.1"]}, {"cluster": "c-1", "addresses": ["10.0.0.2"]}],
            "a",
            "share the name a-c-1-1",
        ),
        ([ONE], "a_b", "letters, digits and hyphens"),
        ([ONE], "a" * 80, "80 characters vSphere allows"),
        ("Cluster-1", "a", "no list"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_says_why(plan, name, says):
    with pytest.raises(AnsibleFilterError, match=says):
        appliances(plan, name)


WORDS = ("prod", "east", "west", "dr", "Cluster", "1", "2", "eu", "a")


def pairs(count, seed=12):
    """Two hosts, each with a cluster; every other pair is one name that is cut in two in different places."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        parts = [chance.choice(WORDS) for _turn in range(chance.randint(3, 6))]
        others = parts if number % 2 else [chance.choice(WORDS) for _turn in parts]
        first, second = chance.sample(range(1, len(parts)), 2)
        joint = chance.choice(["-", " ", "_"])
        found.append(
            [
                ("-".join(parts[:first]), joint.join(parts[first:])),
                ("-".join(others[:second]), joint.join(others[second:])),
            ]
        )
    return found


def derived(host, cluster, address="10.30.5.20"):
    (entry,) = appliances([{"cluster": cluster, "addresses": [address]}], host)
    return entry["name"]


@pytest.mark.parametrize("pair", pairs(50), ids=lambda pair: "|".join(map("/".join, pair)))
def test_a_derived_name_is_the_host_the_cluster_and_the_place_and_may_be_that_of_another_host(pair):
    for host, cluster in pair:
        name = derived(host, cluster)
        assert name == f"{host}-{re.sub('[^a-z0-9]+', '-', cluster.lower())}-1"
        assert re.fullmatch("[a-zA-Z0-9-]{1,100}", name)


def test_among_the_pairs_are_names_that_two_hosts_would_share():
    shared = [pair for pair in pairs(50) if len({derived(*one).lower() for one in pair}) == 1]
    assert 5 <= len(shared) <= 30
    assert derived("prod", "East-Cluster-1") == derived("prod-east", "Cluster-1") == "prod-east-cluster-1-1"


@pytest.mark.parametrize("with_others", [True, False], ids=["shared", "not shared"])
def test_two_hosts_of_a_play_that_would_share_a_name_are_refused_and_others_are_not(tmp_path, with_others):
    """The first task of a role decides, before anything is asked: its message names both hosts and the name."""
    chosen = [pair for pair in pairs(50) if (derived(*pair[0]) == derived(*pair[1])) == with_others][:1]
    assert len(chosen) == 1
    for pair in chosen:
        output = first_task(tmp_path, pair)
        names = {derived(*one) for one in pair}
        told = [line for line in output.splitlines() if "here-" in line and any(name in line for name in names)]
        both = [line for line in told if "here-1" in line and "here-2" in line]
        assert bool(both) == with_others, output
        assert (AFTER_THE_FIRST_TASK in output) != with_others, output


AFTER_THE_FIRST_TASK = "TASK [vmc.aws_backup.endpoint : Find the connected VPC]"
SERVICES = ("vmc_backup_aws_endpoint_url", "vmc_backup_csp_url", "vmc_backup_vmc_url")


def first_task(folder, pair):
    """What a play says whose hosts have these names and clusters, what the role must be given, and nobody to log in as."""
    hosts = {
        f"here-{number}": {
            "vmc_backup_name": host,
            "vmc_backup_sddc_id": f"00000000-0000-0000-0000-00000000000{number}",
            "vmc_backup_appliances": [{"cluster": cluster, "addresses": [f"10.30.{number}.20"]}],
            "vmc_backup_segment": "backup",
            "vmc_backup_aws_region": "eu-west-1",
            **dict.fromkeys(SERVICES, "http://127.0.0.1:9"),
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
        }
        for number, (host, cluster) in enumerate(pair, 1)
    }
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    role = {"name": "Run the role", "ansible.builtin.include_role": {"name": "vmc.aws_backup.endpoint"}}
    play = {"name": "Two hosts", "hosts": "all", "gather_facts": False, "tasks": [role]}
    (folder / "play.yml").write_text(json.dumps([play]))
    command = [
        str(pathlib.Path(sys.executable).with_name("ansible-playbook")),
        "--check",
        "-i",
        "hosts.json",
        "play.yml",
    ]
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"), "ANSIBLE_NOCOLOR": "1"}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return run.stdout + run.stderr
