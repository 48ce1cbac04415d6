# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API over a world without parts."""

from __future__ import annotations

import types

import pytest
from lab.aws.access import Access
from lab.control import Control
from lab.world import World
from werkzeug.test import Client


@pytest.fixture
def lab():
    world = World(block=1, seed="prepared", sddcs=1, vms=0)
    resets = []

    def reset(seed):
        resets.append(seed)
        return {"seed": seed}

    return types.SimpleNamespace(world=world, resets=resets, reset=reset, SEEDS=("empty", "prepared"))


@pytest.fixture
def client(lab):
    return Client(Control(lab))


def test_the_journal_can_be_narrowed_down(lab, client):
    lab.world.record("ec2", "CreateVpc", "write", 200, 0)
    lab.world.record("ec2", "DescribeVpcs", "read", 200, 0)
    lab.world.record("nsx", "PUT", "write", 200, 0)
    assert [call["operation"] for call in client.get("/_lab/journal?kind=write").json] == ["CreateVpc", "PUT"]
    assert [call["operation"] for call in client.get("/_lab/journal?kind=read&service=ec2").json] == ["DescribeVpcs"]
    client.delete("/_lab/journal")
    assert client.get("/_lab/journal").json == []


def test_reset_goes_back_to_the_seed_or_to_another_one(lab, client):
    client.post("/_lab/reset")
    client.post("/_lab/reset", json={"seed": "empty"})
    assert lab.resets == ["prepared", "empty"]
    assert client.post("/_lab/reset", json={"seed": "perfect"}).status_code == 400
    assert lab.resets == ["prepared", "empty"]


def test_a_fault_hits_as_often_as_it_was_told_to(lab, client):
    client.post("/_lab/faults", json={"kind": "throttle", "service": "ec2", "times": 2, "skip": 1})
    assert [lab.world.fault("ec2", "X") for _turn in range(4)] == [None, "throttle", "throttle", None]
    assert lab.world.fault("nsx", "X") is None
    client.delete("/_lab/faults")
    assert client.get("/_lab/faults").json == []


def test_the_clock_goes_forward_only(lab, client):
    client.post("/_lab/clock", json={"seconds": 90})
    assert lab.world.ahead == 90
    assert client.post("/_lab/clock", json={"seconds": -1}).status_code == 400
    assert lab.world.ahead == 90


def test_switches_keep_their_names_and_types(lab, client):
    assert client.post("/_lab/switches", json={"nfc_url_host": "*"}).json["nfc_url_host"] == "*"
    assert client.post("/_lab/switches", json={"nfc_url_host": 1}).status_code == 400
    assert "There is no switch nonsense" in client.post("/_lab/switches", json={"nonsense": 1}).json["error"]


@pytest.mark.parametrize(
    "path, body, said",
    [
        ("break", {}, "Say what"),
        ("break", {"what": "everything"}, "There is no verb everything"),
        ("break", {"what": "drop_rule"}, "missing a required argument: 'rule'"),
        ("break", {"what": "drop_rule", "rule": "r"}, "There is no SDDC"),
        ("faults", {"kind": "gremlins"}, "There is no fault gremlins"),
        ("faults", {"kinds": "500"}, "unexpected keyword argument 'kinds'"),
        ("nothing", {}, "There is no POST /_lab/nothing"),
    ],
)
def test_nonsense_is_refused_with_a_reason(client, path, body, said):
    response = client.post(f"/_lab/{path}", json=body)
    assert response.status_code == 400
    assert said in response.json["error"]


def test_text_that_is_not_json_is_refused(client):
    assert client.post("/_lab/clock", data="soon").json == {"error": "The body is not JSON."}


def test_every_verb_says_what_it_does(client):
    verbs = client.get("/_lab/break").json
    assert {"drop_rule", "widen_rule", "change_tag", "power_off_appliance", "remove_group_port"} <= set(verbs)
    assert all(verb["does"] for verb in verbs.values())


def test_policies_are_attached_and_those_that_cannot_be_judged_are_refused(lab, client):
    lab.world.aws = types.SimpleNamespace(app=types.SimpleNamespace(access=Access()))
    allow = {"Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
    client.post("/_lab/policy", json={"identity": [allow]})
    client.post("/_lab/policy", json={"identity": [allow], "scp": allow, "principal": "arn:aws:iam::1:role/r"})
    assert client.get("/_lab/policy").json == {
        "*": {"identity": [allow], "boundary": None, "scp": None},
        "arn:aws:iam::1:role/r": {"identity": [allow], "boundary": None, "scp": allow},
    }
    assert client.post("/_lab/policy", json={"identity": [{"Statement": []}]}).status_code == 400
    assert client.post("/_lab/policy", json={"policies": [allow]}).status_code == 400
    client.delete("/_lab/policy")
    assert client.get("/_lab/policy").json == {}
