# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One world for each way in which the path of an appliance can be broken: path.yml. Exactly that hop is named, and nothing is written."""

from __future__ import annotations

import pathlib

import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import path as collect
from botocore.loaders import create_loader
from modules import Modules, filled

pytestmark = pytest.mark.proof

TABLE = yaml.safe_load(pathlib.Path(__file__).with_name("path.yml").read_text())
CASES = [
    pytest.param(case["broken"], case["found"], id=" and ".join(verb["what"] for verb in case["broken"]))
    for case in TABLE["cases"]
]
MODELS = create_loader()  # reading those of EC2 takes longer than a look
CLOCK = {"clock": "unknown"}


class Site:
    """A prepared SDDC with all that an appliance needs, and the report on it."""

    def __init__(self, lab):
        self.lab = lab
        self.modules = Modules(lab)
        variables = self.modules.variables
        variables["address"] = variables["vmc_backup_appliances"][0]["addresses"][0]
        variables["connected_vpc"] = lab.sddcs()[0]["connected_vpc"]
        self.make(TABLE["world"])

    def make(self, steps):
        for step in steps:
            self.modules.done(step["module"], **step["options"])

    def break_(self, verbs):
        for verb in verbs:
            arguments = filled(verb, self.modules.variables)
            self.lab.break_(arguments.pop("what"), **arguments)

    def report(self, **options):
        before = len(self.lab.journal("write"))
        asked = {"addresses": ["{{ address }}"], "ntp_servers": ["169.254.169.123"], **options}
        result = self.modules.done("backup_path_info", **asked)
        written = [call for call in self.lab.journal("write")[before:] if call["service"] not in ("csp", "vcenter")]
        assert (written, self.lab.journal("unknown"), result["changed"]) == ([], [], False)
        found = {hop["hop"]: hop["verdict"] for hop in result["hops"] if hop["verdict"] not in ("ok", "skipped")}
        assert result["reachable"] == ("broken" not in found.values())
        return found


@pytest.fixture
def site(lab, monkeypatch):
    monkeypatch.setattr("botocore.session.create_loader", lambda search_path: MODELS)
    monkeypatch.setattr(collect, "resolve", lambda name: [])  # names of the lab are known in the lab only
    return Site(lab)


@pytest.mark.parametrize(("verbs", "found"), CASES)
def test_exactly_the_hop_that_is_broken_is_named(site, verbs, found):
    site.break_(verbs)
    assert site.report() == {**CLOCK, **found}


def test_nothing_is_named_where_nothing_is_broken_and_a_clock_that_goes_its_own_way_is(site):
    site.make(TABLE["appliance"])
    vcenter = site.modules.options("gateway_appliance_info")
    assert site.report(vcenter=vcenter) == {}
    site.lab.break_("unsync_clock", name="path")
    assert site.report(vcenter=vcenter) == {"clock": "broken"}


def test_a_vpc_that_is_attached_is_a_way_that_costs_until_the_sddc_leaves_its_groups(site):
    site.lab.break_("attach_vpc")
    asked = site.lab.aws("ec2").describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["172.28.0.0/16"]}])
    far = {"vpc_id": asked["Subnets"][0]["VpcId"]}
    site.modules.variables["connected_vpc"] = {
        **far,
        "subnet_id": asked["Subnets"][0]["SubnetId"],
        "cidr_block": "172.28.0.0/16",
    }
    site.make(step for step in TABLE["world"] if not step["module"].startswith("nsx_"))
    assert site.report(**far) == {**CLOCK, "connection": "costly", "compute_gateway": "broken"}
    rule = TABLE["world"][-1]["options"]
    site.modules.done("nsx_cgw_rule", **{**rule, "id": "path-to-group", "scope": ["cgw-direct-connect"]})
    assert site.report(**far) == {**CLOCK, "connection": "costly"}
    site.lab.break_("leave_groups")
    assert site.report(**far) == {**CLOCK, "connection": "broken"}


def test_a_forwarder_that_does_not_look_names_up_leaves_dns_unknown(site):
    site.lab.switch(forwarder_looks_up=False)
    assert site.report() == {**CLOCK, "dns": "unknown"}


def test_a_whole_segment_is_more_than_the_rules_let_through(site):
    found = site.report(addresses=None, segment="backup")
    walls = [
        "ntp",
        "management_gateway_vcenter",
        "management_gateway_esxi",
        "compute_gateway",
        "endpoint_security_group",
    ]
    assert found == {**CLOCK, **dict.fromkeys(walls, "broken")}


def test_on_premises_only_what_aws_has_is_judged(site):
    vpc_id = site.modules.variables["connected_vpc"]["vpc_id"]
    assert site.report(platform="vsphere", vpc_id=vpc_id) == {**CLOCK, "ntp": "unknown", "dns": "unknown"}
