# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, Foreign, Invalid, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import anti_affinity_rule
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.anti_affinity_rule import AntiAffinityRule, view
from pyVmomi import vim

from ..appliance.vcenter import CLUSTER, HOST, Vcenter

ONE, TWO, ELSEWHERE = (vim.VirtualMachine(f"vm-{number}", None) for number in (1, 2, 3))
SECOND = vim.ClusterComputeResource("cluster-2", None)
FURTHER = vim.HostSystem("host-2", None)
HAVE = {
    "name": "apart",
    "cluster": "Cluster-1",
    "key": 7,
    "virtual_machines": ["gw-1", "gw-2"],
    "enabled": True,
    "mandatory": False,
}
GIVEN = {"state": "present", "name": "apart", "cluster": "Cluster-1", "virtual_machines": ["gw-2", "gw-1"]}


def rule(kind=vim.cluster.AntiAffinityRuleSpec, **more):
    members = {"vm": [TWO, ONE]} if kind is not vim.cluster.VmHostRuleInfo else {}
    return kind(**{"key": 7, "name": "apart", "enabled": True, "mandatory": False, **members, **more})


class Clusters(Vcenter):
    """Two clusters, two machines in the first one; writes change the rules."""

    def __init__(self, *rules):
        super().__init__()
        self.rules = list(rules)
        self.inventory.update(
            {
                CLUSTER: {"name": "Cluster-1", "host": [HOST]},
                SECOND: {"name": "Cluster-2", "host": [FURTHER], "configurationEx": SimpleNamespace(rule=[])},
                ONE: {"name": "gw-1", "runtime.host": HOST},
                TWO: {"name": "gw-2", "runtime.host": HOST},
                ELSEWHERE: {"name": "gw-3", "runtime.host": FURTHER},
            }
        )

    def read(self, roots, properties, along=()):
        self.inventory[CLUSTER]["configurationEx"] = SimpleNamespace(rule=self.rules)
        return super().read(roots, properties, along) if along else {roots: self.inventory[roots]}

    def task(self, managed, method, *arguments, **told):
        super().task(managed, method, *arguments, **told)
        spec = arguments[0].rulesSpec[0]
        key = spec.removeKey if spec.operation == "remove" else spec.info.key
        self.rules = [kept for kept in self.rules if kept.key != key]
        if spec.info:
            spec.info.key = spec.info.key or 8
            self.rules.append(spec.info)


def resource(client, **given):
    return AntiAffinityRule(client, {**GIVEN, **given})


def test_a_rule_is_seen_in_the_words_of_the_options():
    assert resource(Clusters(rule())).observe() == HAVE


def test_one_that_is_not_there_is_none():
    assert resource(Clusters(rule(name="another"))).observe() is None


def test_a_machine_that_left_the_cluster_is_shown_by_its_id():
    raw = {"rule": rule(vm=[ONE, ELSEWHERE]), "cluster": "Cluster-1", "machines": {ONE: "gw-1"}}
    assert view(raw)["virtual_machines"] == ["gw-1", "vm-3"]


def test_the_order_of_machines_is_no_difference_and_what_is_not_given_is_not_managed():
    for more in ({}, {"enabled": False}, {"mandatory": True}):
        assert reconcile(resource(Clusters(rule(**more)))).changes == []


def test_a_new_rule_applies_and_may_be_broken_in_need():
    client = Clusters()
    after = reconcile(resource(client)).after
    assert after == {**HAVE, "key": 8}
    assert reconcile(resource(client)).changes == []


def test_a_rule_is_corrected_under_its_key():
    client = Clusters(rule(vm=[ONE], enabled=False))
    reconcile(resource(client, enabled=True))
    assert resource(client).observe() == HAVE


def test_a_rule_is_removed_and_no_other():
    client = Clusters(rule(), rule(name="another", key=9))
    reconcile(resource(client, state="absent", virtual_machines=None), state="absent")
    assert [kept.key for kept in client.rules] == [9]


def test_a_rule_of_another_kind_is_not_ours():
    for kind in (vim.cluster.AffinityRuleSpec, vim.cluster.VmHostRuleInfo):
        client = Clusters(rule(kind))
        for state in ("present", "absent"):
            with pytest.raises(Foreign, match="of another kind"):
                reconcile(resource(client, state=state), state=state)
        assert client.writes == []


def test_two_rules_of_one_name_are_never_guessed_between():
    with pytest.raises(Ambiguous, match="7, 9"):
        resource(Clusters(rule(), rule(key=9))).observe()


@pytest.mark.parametrize("names", [[], ["gw-1"], ["gw-1", "gw-1"], None])
def test_one_machine_cannot_be_kept_apart(names):
    with pytest.raises(Invalid) as caught:
        resource(Clusters(), virtual_machines=names)
    assert caught.value.option == "virtual_machines"


def test_a_machine_that_is_not_in_the_cluster_is_predicted_and_never_written():
    client = Clusters()
    asked = {"virtual_machines": ["gw-1", "gw-3"]}
    assert reconcile(resource(client, **asked), check_mode=True).changed
    with pytest.raises(Missing, match="virtual machine gw-3"):
        reconcile(resource(client, **asked))
    assert client.writes == []


def test_two_machines_of_one_name_are_never_guessed_between():
    client = Clusters()
    client.inventory[vim.VirtualMachine("vm-9", None)] = {"name": "gw-1", "runtime.host": HOST}
    with pytest.raises(Ambiguous, match="vm-1, vm-9"):
        reconcile(resource(client))
    assert client.writes == []


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("cluster", "Cluster-9", "there are: Cluster-1, Cluster-2"),
        ("datacenter", "Elsewhere", "there is no Elsewhere; there are: SDDC-Datacenter"),
    ],
)
def test_a_place_that_is_not_there_is_told(option, value, says):
    with pytest.raises(Invalid, match=says) as caught:
        resource(Clusters(), **{option: value}).observe()
    assert caught.value.option == option


def test_the_list_is_of_one_cluster_and_one_name_where_asked():
    client = Clusters(rule(), rule(name="b", key=8), rule(vim.cluster.AffinityRuleSpec, key=9, name="together"))

    def names(**asked):
        return [raw["rule"].name for raw in anti_affinity_rule.find(client, **asked)]

    assert names() == names(cluster="Cluster-1") == ["apart", "b"]
    assert names(cluster="Cluster-2") == []
    assert names(name="b") == ["b"]
