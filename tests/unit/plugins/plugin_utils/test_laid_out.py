# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.laid_out import laid_out

from .test_assignment import FIRST, OTHER, SECOND, SITE, gateway, machine, pairs

# What a role goes by

NOW, LONG_AGO = datetime.datetime.now(datetime.timezone.utc).isoformat(), "2026-01-01T00:00:00+00:00"
FREE = {"state": "available", "vpc_endpoint_id": "vpce-1", "dns_name": "vpce-1.example"}
SECOND_ENDPOINT = {**FREE, "vpc_endpoint_id": "vpce-2", "dns_name": "vpce-2.example"}


def inputs(*planned, step="present", state=None, appliances=None, **given):
    planned = list(planned or [FIRST])
    return {
        "host": "sddc",
        "name": "s",
        "site_id": SITE,
        "site_was": "",
        "site_gone": False,
        "planned": planned,
        "appliances": planned if appliances is None else appliances,
        "given": {
            "state": state or ("absent" if step == "absent" else "present"),
            "step": step,
            "appliance_spread": True,
            "vmc_backup_platform": "vmc",
            **given,
        },
    }


def linked(name, uuid="u-1", *, to="s", heard="2026-01-01", **more):
    return {**gateway(name, uuid, **more), "hypervisor": to, "last_seen_time": heard}


def registration(asked, machines=(), gateways=(), endpoints=(), deployed=()):
    return laid_out("registration", asked, machines, gateways, endpoints, deployed)


def refused(*arguments, **more):
    return "\n".join(registration(*arguments, **more)["refused"])


def test_the_tester_is_the_gateway_that_was_heard_of_last():
    machines = [machine("a", "u-1", entry="s-c-1"), machine("b", "u-2", entry="s-c-2")]
    gateways = [linked("A", "u-1"), linked("B", "u-2", heard="2026-01-02"), linked("C", "u-9", heard=None)]
    assert registration(inputs(FIRST, SECOND), machines, gateways)["tester"] == "arn:B"
    assert registration(inputs(), machines)["tester"] == ""


@pytest.mark.parametrize(
    ("other", "alone"),
    [
        ({"heard": NOW}, False),
        ({"heard": LONG_AGO}, True),
        ({"heard": None}, True),
        ({"heard": NOW, "to": ""}, True),
        ({"heard": NOW, "cluster": "d"}, True),
    ],
)
def test_who_has_newer_software_is_due_and_alone_where_no_other_one_of_its_cluster_serves(other, alone):
    of = {"cluster": "c", **other}
    plan = [{**FIRST, "cluster": "c"}, {**SECOND, "cluster": of.pop("cluster")}]
    machines = [machine("a", "u-1", entry="s-c-1"), machine("b", "u-2", entry="s-c-2")]
    gateways = [
        {**linked("A", "u-1", heard=NOW), "next_update_availability_time": LONG_AGO},
        {**linked("B", "u-2", **of), "next_update_availability_time": "2099-01-01T00:00:00+00:00"},
    ]
    due = registration(inputs(*plan, step="update"), machines, gateways)["due"]
    assert [(one["gateway"]["name"], one["alone"]) for one in due] == [("A", alone)]


def test_a_gateway_of_which_no_update_is_told_is_not_due():
    machines = [machine("a", entry="s-c-1")]
    assert registration(inputs(step="update"), machines, [linked("A")])["due"] == []


def test_all_are_linked_only_where_each_is():
    machines = [machine("a", entry="s-c-1"), machine("b", "u-2", entry="s-c-2")]
    both = [linked("A"), linked("B", "u-2")]
    assert registration(inputs(FIRST, SECOND), machines, both)["linked"] is True
    assert registration(inputs(FIRST, SECOND), machines, [both[0], linked("B", "u-2", to="")])["linked"] is False
    assert registration(inputs(FIRST, SECOND), machines, both[:1])["linked"] is False


def test_a_gateway_of_a_machine_in_this_vcenter_proves_whose_the_hypervisor_is():
    assert registration(inputs(), [machine("s-c-1")], [linked("G")])["proven"] is True
    # Of a hypervisor that somebody renamed too.
    assert registration(inputs(), [machine("s-c-1")], [linked("G", to="renamed")])["proven"] is True
    assert registration(inputs(), [machine("s-c-1")], [linked("G", to="")])["proven"] is False
    assert registration(inputs(), [], [linked("s-c-1")], deployed=[FIRST])["proven"] is False


def test_the_gateways_of_the_site_that_this_one_was_are_dead():
    gateways = [linked("old", "u-9", site="site-0"), linked("G"), linked("unmarked", "u-8", site="")]
    assert [one["name"] for one in registration({**inputs(), "site_was": "site-0"}, [], gateways)["dead"]] == ["old"]
    assert registration(inputs(), [], gateways)["dead"] == []


def test_the_endpoint_is_the_one_that_lives():
    asked = {"deployed": [FIRST]}
    assert (
        registration(inputs(), endpoints=[{**SECOND_ENDPOINT, "state": "failed"}, FREE], **asked)["vpc_endpoint"]
        == "vpce-1.example"
    )
    assert registration(inputs(), endpoints=[{**FREE, "dns_name": None}], **asked)["vpc_endpoint"] == ""
    assert registration(inputs(), **asked)["vpc_endpoint"] == ""


def test_of_several_endpoints_one_has_to_be_named():
    both = {"endpoints": [FREE, SECOND_ENDPOINT], "deployed": [FIRST]}
    assert refused(inputs(), **both).startswith("vpce-1, vpce-2: several endpoints")
    named = registration(inputs(endpoint_vpc_endpoint_id="vpce-2"), **both)
    assert named["vpc_endpoint"] == "vpce-2.example"
    assert laid_out("appliance", inputs(), endpoints=both["endpoints"])["vpc_endpoint"] == "vpce-1.example"


@pytest.mark.parametrize(
    ("deployed", "is_there"),
    [
        ({**FIRST}, True),
        ({**FIRST, "instance_uuid": "u-1", "deployed_instance_uuid": "u-1"}, True),
        ({**FIRST, "instance_uuid": "u-9", "deployed_instance_uuid": "u-1"}, False),
        ({"entry": "s-d-1"}, False),
        ({"entry": ""}, False),
    ],
)
def test_an_appliance_is_there_or_was_deployed_by_this_run(deployed, is_there):
    if is_there:
        assert registration(inputs(), deployed=[deployed])["deployed"] == {"s-c-1": deployed}
    else:
        assert refused(inputs(), deployed=[deployed]).startswith(
            "There is no appliance for s-c-1. The tag appliance deploys"
        )


def test_a_refusal_for_want_of_a_machine_tells_of_its_copies():
    copy = machine("s-c-1", "u-9", made_as="u-1", copy_of="s-c-1", folder="Restored")
    assert "is a copy of the appliance s-c-1" in refused(inputs(), [copy])


def test_a_teardown_takes_what_is_planned_and_what_is_named_beyond():
    machines = [machine("a", entry="s-c-1"), machine("b", "u-2", entry="s-x-1"), machine("c", "u-3")]
    named = registration(
        inputs(step="absent", vmc_backup_teardown_unplanned=["s-x-1", "c"]), machines, [linked("G", "u-2")]
    )
    assert pairs(named["leaving"]) == [("a", None), ("b", "G"), ("c", None)]
    assert named["gone"] == ["arn:G"]
    asked = inputs(step="absent", vmc_backup_teardown_unplanned=["c"])
    assert refused(asked, machines).startswith(
        "b: gateways or appliances of sddc that vmc_backup_appliances does not plan"
    )
    assert pairs(laid_out("appliance", asked, machines)["leaving"]) == [("a", None), ("c", None)]


@pytest.mark.parametrize(
    "asked", [inputs(step="absent"), inputs(FIRST, SECOND, step="retire", retire="s-c-1")], ids=["absent", "retire"]
)
def test_an_appliance_with_disks_of_others_is_not_given_up(asked):
    found = refused(asked, [machine("gw", entry="s-c-1", foreign_disks=["[x] a.vmdk", "[x] b.vmdk"])])
    assert "hang on gw, probably of a backup that runs or broke off: [x] a.vmdk, [x] b.vmdk." in found


def test_who_is_retired_is_looked_for_in_the_whole_plan_and_has_a_successor():
    asked = inputs(FIRST, SECOND, OTHER, step="retire", retire="G", appliances=[SECOND, OTHER])
    found = registration(asked, [machine("a", entry="s-c-1")], [linked("G")])
    assert pairs(found["leaving"]) == [("a", "G")]
    assert [one["entry"] for one in found["successors"]] == ["s-c-2"]


@pytest.mark.parametrize(
    ("gateways", "says"),
    [
        ([], "nothing of this site is planned or called so."),
        ([linked("typo", site="")], "called so."),
        ([linked("typo", site="site-2"), linked("typo", site="site-2")], "called so. It is of another site, site-2."),
    ],
)
def test_who_is_retired_is_known_to_this_site(gateways, says):
    found = refused(inputs(FIRST, SECOND, step="retire", retire="typo"), [], gateways)
    assert found.startswith("typo is no gateway of s: ") and found.endswith(says)


def test_the_last_gateway_of_a_cluster_is_not_retired():
    asked = inputs(FIRST, OTHER, step="retire", retire="s-c-1")
    assert refused(asked).startswith("s-c-1 is the only gateway planned for its cluster")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, 1),
        ({"appliance_spread": False}, 0),
        ({"vmc_backup_platform": "vsphere"}, 0),
        ({"state": "absent"}, 0),
    ],
)
def test_only_a_person_spreads_appliances_on_vmware_cloud(more, told):
    plan = laid_out("appliance", inputs(FIRST, SECOND, OTHER, **more))
    assert [(one["name"], len(one["appliances"])) for one in plan["clusters"]] == [("C", 2), ("D", 1)]
    assert len(plan["to_do"]) == told
    assert all("s-c-1, s-c-2 of C" in text for text in plan["to_do"])


# What does not fit


def test_what_fits_is_not_refused():
    assert registration(inputs(), [machine("s-c-1")], [linked("G")])["refused"] == []
    assert laid_out("appliance", inputs(), None)["refused"] == []


@pytest.mark.parametrize("role", ["prerequisites", "appliance", "registration"])
@pytest.mark.parametrize(
    "asked", [{"retired": ["s-c-1"], "appliances": [SECOND]}, {"retire": "s-c-1", "step": "retire"}]
)
def test_a_name_that_two_have_gives_neither_up(role, asked):
    """Somebody gave the gateway of one the name of the other, in the console."""
    machines = [machine("b", "u-2", entry="s-c-2")]
    plan = laid_out(role, inputs(FIRST, SECOND, **asked), machines, [linked("s-c-1", "u-2", entry="s-c-2")])
    (text, *_more) = plan["refused"]
    assert text.startswith(
        "s-c-1 may be any of these: the entry s-c-1, whose gateway is called (none) and whose appliance (none); the entry s-c-2,"
    )


def test_a_name_that_one_has_is_not_ambiguous():
    machines = [machine("a", entry="s-c-1"), machine("b", "u-2", entry="s-c-2")]
    gateways = [linked("A", entry="s-c-1"), linked("B", "u-2", entry="s-c-2")]
    for name in ("s-c-1", "A", "a"):
        asked = inputs(FIRST, SECOND, step="retire", retire=name)
        assert registration(asked, machines, gateways)["refused"] == []


@pytest.mark.parametrize("step", ["present", "absent", "retire"])
def test_a_gateway_that_lost_its_tags_is_not_taken_for_none(step):
    lost = {**linked("renamed", owner=""), "site_id": "", "entry": "", "instance_uuid": ""}
    machines = [machine("gw", entry="s-c-1", gateway_arn="arn:renamed"), machine("b", "u-2", entry="s-c-2")]
    asked = inputs(FIRST, SECOND, step=step, retire="s-c-1" if step == "retire" else None)
    assert refused(asked, machines, [lost]).startswith(
        "The appliance gw carries the ARN of the gateway renamed (arn:renamed), which does not say"
    )


def test_a_gateway_that_lost_what_it_says_of_its_machine_is_not_taken_for_another():
    lost = {**linked("renamed"), "entry": "", "instance_uuid": ""}
    machines = [machine("gw", entry="s-c-1", gateway_arn="arn:renamed")]
    text = refused(inputs(FIRST), machines, [lost])
    assert "vmc-aws-backup:entry=s-c-1 and vmc-aws-backup:instance-uuid=u-1" in text


def test_a_site_whose_gateways_speak_is_not_gone():
    now = datetime.datetime.now(datetime.timezone.utc)
    for ago, told in ((60, "G was heard of at"), (3600, "")):
        seen = (now - datetime.timedelta(seconds=ago)).isoformat(timespec="seconds")
        asked = {**inputs(FIRST, step="absent"), "site_gone": True}
        assert told in refused(asked, None, [{**linked("G", entry="s-c-1"), "last_seen_time": seen}])
        assert bool(told) == bool(refused(asked, None, [{**linked("G", entry="s-c-1"), "last_seen_time": seen}]))


def test_the_arn_on_a_copy_and_of_a_gateway_that_is_gone_says_nothing():
    copy = machine("copy", "u-9", made_as="u-1", gateway_arn="arn:G", entry="s-c-1")
    machines = [copy, machine("gw", entry="s-c-1", gateway_arn="arn:gone")]
    assert refused(inputs(), machines, [{**linked("G", owner=""), "site_id": ""}]) == ""
    others = machine("theirs", "u-3", entry="s-c-1", site="site-2", gateway_arn="arn:G")
    assert refused(inputs(), [*machines, others], [linked("G", "u-3", site="site-2")]) == ""


def test_two_appliances_do_not_swap_their_addresses():
    machines = [
        machine("a", entry="s-c-1", guest_ip_address="10.0.0.6"),
        machine("b", "u-2", entry="s-c-2", guest_ip_address="10.0.0.5"),
    ]
    asked = inputs({**FIRST, "ip_address": "10.0.0.5"}, {**SECOND, "ip_address": "10.0.0.6"})
    texts = laid_out("appliance", asked, machines)["refused"]
    assert len(texts) == 2
    assert texts[0].startswith(
        "s-c-1 is planned with 10.0.0.5, which the appliance b of this site has, the entry s-c-2."
    )


def test_what_is_planned_takes_no_address_from_an_appliance_of_the_site():
    """As after a change of vmc_backup_name: the entries are others, the appliances the same."""
    there = machine("old", entry="old-c-1", guest_ip_address="10.0.0.5")
    asked = inputs({**FIRST, "ip_address": "10.0.0.5"})
    (text,) = laid_out("appliance", asked, [there])["refused"]
    assert text.startswith(
        "s-c-1 is planned with 10.0.0.5, which the appliance old of this site has, the entry old-c-1. Was vmc_backup_name"
    )
    assert laid_out("appliance", inputs({**FIRST, "ip_address": "10.0.0.6"}), [there])["refused"] == []
    assert laid_out("appliance", {**asked, "given": {**asked["given"], "state": "absent"}}, [there])["refused"] == []


def test_nothing_is_deployed_in_the_place_of_a_machine_that_is_gone():
    (text,) = laid_out("appliance", inputs(), [], [linked("G", entry="s-c-1")])["refused"]
    assert text.startswith(
        "The gateway G of s-c-1 has no appliance in this vCenter any more, and would have to be replaced"
    )
    assert refused(inputs(), [], [linked("G", entry="s-c-1")]) == text
    # Nobody could be asked for the machines.
    assert laid_out("appliance", inputs(), None, [linked("G", entry="s-c-1")])["refused"] == []
