# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SDDC whose appliances are hidden from the control node: a public address, a NAT rule and a rule lead to them while a key is fetched."""

from __future__ import annotations

import crash_matrix
import pytest

SITE = "playbooks/site.yml"
PREFLIGHT = "playbooks/preflight.yml"
TEARDOWN = "playbooks/teardown.yml"
OUTSIDE = "203.0.113.9"  # as the lab's internet sees the control node
NAT = {"registration_activation_by": "nat", "registration_nat_source_address": OUTSIDE}
IMPATIENT = {"registration_activation_timeout": 15}
OWN = "sddc-1-activation"
CGW_RULE = f"/infra/domains/cgw/gateway-policies/default/rules/{OWN}"
NAT_RULES = "/infra/tier-1s/cgw/nat/USER/nat-rules"
pytestmark = pytest.mark.proof


def words(run):
    return " ".join(run.output.split())


def left(lab) -> dict:
    """What there is of a way in from the internet."""
    found = lab.world()["sddcs"]["sddc-1"]
    nat = [path for path in found["nsx"] if path.startswith(f"{NAT_RULES}/")]
    return {
        "rule": [path for path in found["nsx"] if path == CGW_RULE],
        "nat": nat,
        "public": sorted(found["public_ips"]),
    }


NOTHING = {"rule": [], "nat": [], "public": []}


def gateways(lab) -> list:
    return [one["GatewayDisplayName"] for one in lab.aws("backup-gateway").list_gateways()["Gateways"]]


@pytest.fixture
def hidden(lab):
    lab.break_("hide_appliances")
    return lab


def test_an_appliance_that_only_the_internet_leads_to_becomes_a_gateway_and_nothing_stays_open(hidden):
    run = hidden.play(SITE, **NAT)
    assert run.returncode == 0, run.output
    assert gateways(hidden) == ["sddc-1-cluster-1-1"] and left(hidden) == NOTHING
    calls = [(call["operation"], call["status"]) for call in hidden.journal("write")]
    order = [name for name, _status in calls if "public-ips" in name or "nat-rules" in name or name == "activation_key"]
    assert [name.split("/")[0].strip() for name in order][:2] == ["PUT", "PUT"]
    assert [name.partition(" ")[0] for name in order] == ["PUT", "PUT", "activation_key", "DELETE", "DELETE"]
    assert "crosses the internet readable" in words(run)
    again = hidden.play(SITE, **NAT)
    assert (again.returncode, again.changed) == (0, 0), again.output


def test_without_nat_it_is_not_reached_and_the_key_is_not_asked_for_from_anywhere_else(hidden):
    run = hidden.play(SITE, **IMPATIENT)
    assert run.returncode != 0 and "give an activation key" in words(run)
    wrong = hidden.play(SITE, **{**NAT, "registration_nat_source_address": "203.0.113.10"}, **IMPATIENT)
    assert wrong.returncode != 0 and "give an activation key" in words(wrong)
    assert gateways(hidden) == [] and left(hidden) == NOTHING


@pytest.mark.parametrize("moment", ["hang", "hang_after"])
@pytest.mark.parametrize("operation", ["public-ips", "nat-rules", "activation_key", "CreateGateway"])
def test_what_a_killed_run_left_open_is_gone_after_the_next_one(hidden, operation, moment):
    service, name = {
        "public-ips": ("nsx", "PUT /cloud-service/api/v1/infra/public-ips/{id}"),
        "nat-rules": ("nsx", "PUT /infra/tier-1s/cgw/nat/USER/nat-rules/{id}"),
        "activation_key": ("appliance", "activation_key"),
        "CreateGateway": ("backup-gateway", "CreateGateway"),
    }[operation]
    assert crash_matrix.kill_at(hidden, crash_matrix.Point(service, name, 0, moment), **NAT)
    if (operation, moment) == ("activation_key", "hang"):
        assert left(hidden) == {"rule": [CGW_RULE], "nat": [f"{NAT_RULES}/{OWN}"], "public": [OWN]}
    told = hidden.play(PREFLIGHT, **NAT)
    assert ("exist only while a key is fetched" in words(told)) is (left(hidden) != NOTHING)
    run = hidden.play(SITE, **NAT)
    assert run.returncode == 0, run.output
    assert gateways(hidden) == ["sddc-1-cluster-1-1"] and left(hidden) == NOTHING


def test_where_the_default_route_leaves_on_premises_it_is_refused_before_anything_is_written(hidden):
    hidden.break_("learn_route")
    run = hidden.play(SITE, **NAT)
    assert run.returncode != 0 and "the default route leaves on premises" in words(run)
    assert hidden.journal("write") == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"registration_nat_source_address": "203.0.113.0/24"}, "is not one IPv4 address"),
        ({"registration_nat_source_address": "10.0.0.9"}, "10.0.0.9 is private"),
        ({"registration_nat_source_address": ""}, None),
    ],
)
def test_more_than_one_address_is_refused_before_anything_is_written(hidden, given, says):
    run = hidden.play(PREFLIGHT, **{**NAT, **given})
    assert hidden.journal("write") == []
    assert (says or "Way to the activation page") in words(run) and (run.returncode != 0) is bool(says)


def test_preflight_says_that_it_will_be_needed(lab):
    run = lab.play(PREFLIGHT, vmc_backup_control_addresses=["203.0.113.9/32"])
    assert "or set registration_activation_by: nat" in words(run)


def test_a_public_address_that_somebody_elses_rule_uses_too_stays_and_is_told(hidden):
    hidden.break_("use_public_ip", public_ip=OWN)
    run = hidden.play(SITE, **NAT)
    assert run.returncode == 0, run.output
    assert left(hidden) == {"rule": [], "nat": [f"{NAT_RULES}/somebody-elses"], "public": [OWN]}
    assert "is used by NAT rules, somebody-elses" in words(run)


def test_a_preview_predicts_the_way_and_writes_nothing(hidden):
    before = len(hidden.journal("write"))
    run = hidden.play(SITE, "--check", "--diff", **NAT)
    assert run.returncode == 0, run.output
    assert hidden.journal("write")[before:] == [] and OWN in run.output and left(hidden) == NOTHING
