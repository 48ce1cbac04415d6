# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A VM-VM anti-affinity rule of DRS: virtual machines of one cluster that are to run on different hosts."""

from __future__ import annotations

from functools import cached_property

from ..appliance import placement
from ..appliance.reference import above, is_meant, pick
from ..clients.vsphere import Vsphere, vim
from ..errors import Ambiguous, Error, Foreign, Invalid
from ..values import Unresolved, canonical, given

FEWEST = 2


class AntiAffinityRule:
    """One rule, found by its name in its cluster."""

    kind = "anti_affinity_rule"
    at_once = True
    immutable = frozenset()

    def __init__(self, client: Vsphere, params: dict):
        self.client = client
        self.params = params
        self.names = None
        if params["state"] == "present":
            self.names = _checked(params["virtual_machines"])

    def observe(self):
        cluster = self._cluster
        found = [raw for raw in _rules(self.client, cluster) if raw["rule"].name == self.params["name"]]
        if not found:
            return None
        if len(found) > 1:
            raise Ambiguous("rule", self.params["name"], [str(raw["rule"].key) for raw in found])
        if not isinstance(found[0]["rule"], vim.cluster.AntiAffinityRuleSpec):
            raise Foreign(
                f"The rule {self.params['name']} in {self.params['cluster']} keeps no machines apart: it is of another kind. "
                "Choose another name."
            )
        return view(found[0])

    def want(self, have):
        known = _by_name(_machines(self.client, self._cluster), self.names)
        want = {
            "name": self.params["name"],
            "cluster": self._found[1],
            "virtual_machines": [name if name in known else Unresolved("virtual machine", name) for name in self.names],
            **given(self.params, "enabled", "mandatory"),
        }
        if have is None:
            want = {"enabled": True, "mandatory": False, **want}
        return want

    def create(self, want):
        self._write("add", want)

    def update(self, have, changes):
        self._write("edit", {**have, **changes}, key=have["key"])

    def delete(self, have):
        self._reconfigure(vim.cluster.RuleSpec(operation="remove", removeKey=have["key"]), f"remove {have['name']}")

    @cached_property
    def _found(self) -> tuple:
        """The cluster, and its name."""
        root = self.client.content.rootFolder
        if self.params.get("datacenter"):
            root = self.client.find(f"/{placement.datacenter(self.client, self.params['datacenter'])}")
        found = self.client.all(vim.ClusterComputeResource, root, ["name"])
        named = [(values["name"], item) for item, values in found.items()]
        cluster = pick("cluster", self.params["cluster"], named, client=self.client)
        return cluster, found[cluster]["name"]

    @property
    def _cluster(self):
        return self._found[0]

    def _write(self, operation, want, *, key=None):
        known = _by_name(_machines(self.client, self._cluster), want["virtual_machines"])
        members = list(known.values())
        if len(members) < FEWEST:
            raise Error(f"The virtual machines {', '.join(want['virtual_machines'])} are not in the cluster any more.")
        rule = vim.cluster.AntiAffinityRuleSpec(
            key=key, name=want["name"], enabled=want["enabled"], mandatory=want["mandatory"], vm=members
        )
        self._reconfigure(vim.cluster.RuleSpec(operation=operation, info=rule), f"write the rule {want['name']}")

    def _reconfigure(self, rule, attempted):
        spec = vim.cluster.ConfigSpecEx(rulesSpec=[rule])
        self.client.task(self._cluster, "ReconfigureComputeResource_Task", spec, True, attempted=attempted)


def find(client: Vsphere, *, cluster: str | None = None, name: str | None = None) -> list[dict]:
    """The anti-affinity rules of every cluster, of one cluster, or of one name."""
    clusters = client.all(vim.ClusterComputeResource, client.content.rootFolder, ["name"])
    objects = above(client, list(clusters)) if cluster is not None and clusters else {}
    return [
        raw
        for item in clusters
        if cluster is None or is_meant(cluster, item, objects)
        for raw in _rules(client, item)
        if isinstance(raw["rule"], vim.cluster.AntiAffinityRuleSpec) and name in (None, raw["rule"].name)
    ]


def view(raw: dict) -> dict:
    rule = raw["rule"]
    return {
        "name": rule.name,
        "cluster": raw["cluster"],
        "key": rule.key,
        "virtual_machines": canonical(raw["machines"].get(machine, machine._moId) for machine in rule.vm),
        "enabled": bool(rule.enabled),
        "mandatory": bool(rule.mandatory),
    }


def _rules(client, cluster) -> list[dict]:
    """Every rule of a cluster, of whatever kind, with the cluster's name and its machines."""
    values = client.read(cluster, {vim.ClusterComputeResource: ["name", "configurationEx"]})[cluster]
    rules = values["configurationEx"].rule or []
    machines = _machines(client, cluster) if rules else {}
    return [{"rule": rule, "cluster": values["name"], "machines": machines} for rule in rules]


def _machines(client, cluster) -> dict:
    """The virtual machines on the hosts of a cluster -> their names."""
    hosts = client.read(cluster, {vim.ClusterComputeResource: ["host"]})[cluster].get("host") or []
    found = client.all(vim.VirtualMachine, client.content.rootFolder, ["name", "runtime.host"])
    return {item: values["name"] for item, values in found.items() if values.get("runtime.host") in hosts}


def _by_name(machines: dict, names: list) -> dict:
    """The machines of these names, each of which has one at most."""
    found: dict = {}
    for machine, name in machines.items():
        if name in names:
            found.setdefault(name, []).append(machine)
    for name, same in found.items():
        if len(same) > 1:
            raise Ambiguous("virtual machine", name, [machine._moId for machine in same])
    return {name: same[0] for name, same in found.items()}


def _checked(names) -> list[str]:
    """Two names at least, none of them twice."""
    apart = canonical(names or [])
    if len(apart) < FEWEST:
        raise Invalid(
            "virtual_machines", f"a rule keeps two or more machines apart; it is given: {', '.join(apart) or 'none'}"
        )
    return apart
