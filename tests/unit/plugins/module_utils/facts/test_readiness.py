# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import BadCredentials, Denied, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import readiness
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts.readiness import Readiness
from ansible_collections.vmc.aws_backup.plugins.modules.backup_readiness_info import SPEC

PLAN = [{"cluster": "Cluster-1", "addresses": ["10.1.0.50", "10.1.0.51"]}]
GIVEN = {
    "vmc_backup_aws_region": "eu-west-1",
    "vmc_backup_org_id": "o",
    "vmc_backup_sddc_id": "s",
    "vmc_backup_segment": "backup",
    "vmc_backup_appliances": PLAN,
    "prerequisites_job_role": "jobs",
    "prerequisites_tag_role": "tags",
}
RAW = {"id": "s", "sddc_state": "READY"}
VPC = {"vpc_id": "vpc-1", "subnets": [{"subnet_id": "subnet-1"}]}


class World:
    """Who is asked for what, in order; what is in ``refuses`` raises instead."""

    def __init__(self):
        self.asked = []
        self.refuses = {}

    def ask(self, what, answer):
        self.asked.append(what)
        if what in self.refuses:
            raise self.refuses[what]
        return answer


@pytest.fixture
def looked(monkeypatch):
    """Makes the facts of a site whose services are all made by hand."""
    world = World()

    def kind(name, found=()):
        shown = SimpleNamespace(view=lambda raw: raw)
        shown.find = lambda client, domain="", **wanted: world.ask(f"{name} {domain}".strip(), list(found))
        return shown

    for name in ("nsx_group", "nsx_rule", "nsx_segment", "nsx_dns_zone", "gateway"):
        monkeypatch.setattr(readiness, name, kind(name))
    monkeypatch.setattr(readiness, "region_settings", kind("region_settings", [{"it": True}]))
    monkeypatch.setattr(
        readiness.iam_role, "find", lambda client, name: world.ask(f"role {name}", ["it"] if name == "tags" else [])
    )
    monkeypatch.setattr(readiness.sddc, "find", lambda vmc, sddc_id: world.ask("sddc", [RAW]))
    monkeypatch.setattr(readiness.sddc, "describe", lambda vmc, nsx_at, raw: {**raw, "connected_vpc": VPC})
    monkeypatch.setattr(readiness.account, "view", lambda raw: raw)
    monkeypatch.setattr(
        readiness.account, "find", lambda sts, ec2, subnet_ids: world.ask(f"account {sts} {subnet_ids}", {"id": sts})
    )
    monkeypatch.setattr(
        readiness.path,
        "collect",
        lambda params, ec2, cloud: world.ask("path", {"addresses": params["addresses"], "seen": params["appliances"]}),
    )
    monkeypatch.setattr(readiness, "Cloud", lambda params: SimpleNamespace(vmc="vmc", nsx="nsx"))
    monkeypatch.setattr(readiness, "Aws", lambda module, service: module.params["who"])
    monkeypatch.setattr(readiness, "beside", lambda module, options: SimpleNamespace(params=options))

    def made(given=(), seen=(), without=(), **params):
        options = {option: spec.get("default") for option, spec in SPEC.items()}
        module = SimpleNamespace(params={**options, "host": "one", "api_token": "t", "who": "me", **params})
        variables = {name: value for name, value in {**GIVEN, **dict(given)}.items() if name not in without}
        facts = Readiness(module, variables, {"vcenter": {}, "dns": {}, **dict(seen)})
        facts.world = world
        return facts

    return made


def test_nobody_is_asked_before_a_fact_is_wanted_and_each_once(looked):
    facts = looked()
    assert facts.world.asked == []
    assert facts.mgw_rules == facts.mgw_rules == []
    assert facts.world.asked == ["sddc", "nsx_group mgw", "nsx_rule mgw"]


def test_empty_and_null_are_not_given(looked):
    facts = looked({"vmc_backup_name": "", "vmc_backup_vpc_id": None, "prerequisites_dns_canaries": []})
    assert facts.name == "one" and facts.vpc_id == "vpc-1"
    assert facts.given["prerequisites_dns_canaries"] == []


@pytest.mark.parametrize(
    ("params", "environment", "has"),
    [
        ({}, {}, True),
        ({"api_token": None}, {}, False),
        ({"api_token": None, "client_id": "a"}, {}, False),
        ({"api_token": None, "client_id": "a", "client_secret": "b"}, {}, True),
        ({"api_token": None}, {"VMC_API_TOKEN": "t"}, True),
    ],
)
def test_what_counts_as_an_identity_in_the_cloud(looked, monkeypatch, params, environment, has):
    monkeypatch.setattr(readiness.os, "environ", environment)
    facts = looked(**params)
    assert facts.has_token is has
    assert isinstance(facts.sddc, Untold) is not has


def test_a_token_that_is_refused_is_sent_once(looked):
    facts = looked()
    facts.world.refuses = {"sddc": BadCredentials("refused")}
    assert facts.sddc == facts.mgw_groups == facts.cgw_rules == facts.segments == facts.dns_zones == "refused"
    assert facts.world.asked == ["sddc"]


def test_an_nsx_with_users_of_its_own_is_asked_all_the_same(looked):
    facts = looked({"vmc_backup_nsx_auth": "basic"})
    facts.world.refuses = {"sddc": Denied("no")}
    assert facts.sddc == "no" and facts.mgw_groups == []


def test_an_nsx_that_does_not_answer_is_asked_once(looked):
    facts = looked()
    facts.world.refuses = {"nsx_group mgw": BadCredentials("locked")}
    assert facts.mgw_groups == facts.cgw_groups == facts.mgw_rules == facts.segments == "locked"
    assert facts.world.asked == ["sddc", "nsx_group mgw"]


def test_on_premises_nothing_of_vmware_cloud_is_asked(looked):
    facts = looked({"vmc_backup_platform": "vsphere"})
    assert all(isinstance(fact, Untold) for fact in (facts.sddc, facts.mgw_groups, facts.segments))
    assert facts.world.asked == []


def test_without_an_identity_nsx_and_a_vpc_are_enough(looked, monkeypatch):
    monkeypatch.setattr(readiness.os, "environ", {})
    basic = {"vmc_backup_nsx_auth": "basic", "vmc_backup_vpc_id": "vpc-9", "vmc_backup_subnet_ids": ["subnet-9"]}
    assert looked(basic, api_token=None).without_cloud
    assert not looked(basic).without_cloud
    assert not looked({"vmc_backup_nsx_auth": "basic"}, api_token=None).without_cloud


def test_an_account_that_does_not_answer_is_asked_once(looked):
    facts = looked()
    facts.world.refuses = {"account me None": Denied("expired")}
    assert (
        facts.account
        == facts.endpoint_account
        == facts.gateways
        == facts.region_settings
        == facts.roles_that_lack
        == "expired"
    )
    assert facts.world.asked == ["account me None"]


def test_the_account_of_the_endpoint_is_asked_with_its_own_options_and_for_the_linked_subnets(looked):
    facts = looked(endpoint={"who": "other"})
    facts.world.refuses = {"account me None": Denied("expired")}
    assert facts.account == "expired"
    assert facts.endpoint_account == {"id": "other"}
    assert facts.world.asked == ["account me None", "sddc", "account other ['subnet-1']"]
    assert looked({"vmc_backup_subnet_ids": ["subnet-9"]}).subnet_ids == ["subnet-9"]


def test_without_a_region_no_account_is_asked(looked):
    facts = looked(without=["vmc_backup_aws_region"])
    assert isinstance(facts.account, Untold) and facts.world.asked == []


def test_roles_that_are_not_there_are_named(looked):
    assert looked().roles_that_lack == ["jobs"]


def test_the_plan_without_what_is_retired(looked):
    assert [each["ip_address"] for each in looked().plan] == ["10.1.0.50", "10.1.0.51"]
    assert [each["ip_address"] for each in looked({"retired": ["one-cluster-1-1"]}).plan] == ["10.1.0.51"]


def test_a_plan_that_cannot_be_says_why_without_the_name_of_its_option(looked):
    plan = looked({"vmc_backup_appliances": "wrong"}).plan
    assert isinstance(plan, Untold) and "'wrong' is no list" in plan and not plan.startswith("vmc_backup")


def test_the_path_is_looked_at_with_what_vcenter_told_of_the_appliances(looked):
    facts = looked(seen={"vcenter": {"appliances": ["it"]}})
    assert facts.path == {"addresses": ["10.1.0.50", "10.1.0.51"], "seen": ["it"]}


@pytest.mark.parametrize(
    ("given", "refuses", "reason"),
    [
        ({"vmc_backup_appliances": []}, {}, "nothing could be asked yet"),
        ({}, {"nsx_group mgw": Denied("no NSX")}, "no NSX"),
        ({}, {"account me None": Denied("no AWS")}, "no AWS"),
        ({}, {"path": Denied("no path")}, "no path"),
    ],
)
def test_a_path_that_cannot_be_looked_at_says_why(looked, given, refuses, reason):
    facts = looked(given)
    facts.world.refuses = refuses
    assert isinstance(facts.path, Untold) and reason in facts.path


def test_what_nobody_says_is_only_checked(looked):
    assert looked().given["prerequisites_dns_zones"] == "check"
    assert looked({"prerequisites_dns_zones": "enforce"}).given["prerequisites_dns_zones"] == "enforce"


def test_text_in_the_place_of_a_list_is_refused(looked):
    with pytest.raises(Invalid, match="vmc_backup_dns_servers is '10.0.0.53', which is no list"):
        looked({"vmc_backup_dns_servers": "10.0.0.53"})
