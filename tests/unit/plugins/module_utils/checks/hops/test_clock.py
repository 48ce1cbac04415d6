# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What test_path does not show of these hops."""

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops import clock
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

from ..world import TIME, rule, to_time, world


def test_the_appliances_of_a_whole_segment_are_looked_at():
    assert clock.clock(world(sources=["10.30.5.0/24"]))["verdict"] == "ok"


def test_a_server_within_the_sddc_is_behind_no_uplink():
    found = clock.ntp(world(ntp_servers=["10.30.5.9"], rules__cgw=[]))
    assert (found["verdict"], "10.30.5.9 on UDP 123" in found["evidence"]) == ("ok", True)


def test_a_rule_that_stops_before_is_named():
    stop = rule("stop", ["ANY"], ["ANY"], action="DROP")
    found = clock.ntp(world(rules__cgw=[stop, to_time()]))
    assert (found["verdict"], "rule stop of the compute gateway" in found["evidence"]) == ("broken", True)


def test_what_passes_for_certain_on_no_uplink_and_perhaps_on_one_is_unknown():
    facts = world(rules__cgw=[to_time(source_groups=["/cgw/dynamic"], scope=["/infra/labels/cgw-vpn"])])
    assert clock.ntp(facts)["verdict"] == "unknown"


def test_where_amazon_answers_is_said_only_of_amazon():
    assert "default route" in clock.ntp(world())["evidence"]
    other = clock.ntp(world(ntp_servers=["192.0.2.5"], rules__cgw=[to_time(destination_groups=["192.0.2.5"])]))
    assert (other["verdict"], "default route" in other["evidence"]) == ("ok", False)


def test_amazon_answers_nobody_whose_way_to_it_leads_on_premises():
    for network in ("0.0.0.0/0", "169.254.0.0/16"):
        found = clock.ntp(world(learned_routes=[{"network": network, "by": "DIRECT_CONNECT"}]))
        assert (found["verdict"], f"{network} by DIRECT_CONNECT" in found["evidence"]) == ("broken", True)
    elsewhere = [{"network": "10.9.0.0/16", "by": "DIRECT_CONNECT"}]
    assert clock.ntp(world(learned_routes=elsewhere))["verdict"] == "ok"
    others = {"ntp_servers": ["192.0.2.5"], "rules__cgw": [to_time(destination_groups=["192.0.2.5"])]}
    assert clock.ntp(world(learned_routes=[{"network": "0.0.0.0/0", "by": "?"}], **others))["verdict"] == "ok"


def test_where_nsx_does_not_tell_what_it_learned_nobody_knows_whether_amazon_answers():
    found = clock.ntp(world(learned_routes=Untold("HTTP 404")))
    assert (found["verdict"], "HTTP 404" in found["evidence"]) == ("unknown", True)


def test_on_premises_only_the_appliance_can_try():
    found = clock.ntp({**world(), "platform": "vsphere"})
    assert (found["verdict"], TIME in found["evidence"]) == ("unknown", True)
