# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probes see which way the lab behaves, in either position of a switch, and write nothing."""

from __future__ import annotations

import pytest
import yaml
from modules import Modules

pytestmark = pytest.mark.proof

ONE_WAY = {
    "hypervisor_id_form": ("id", "id"),
    "backup_gateway_page_size": (100, None),
    "empty_list_answer": ("list", "list"),
    "endpoint_service_lacks_zone": ("", "none"),
    "rule_get_missing": (404, "404"),
    "deny_rule_listed": (True, "listed"),
    "forwarder_looks_up": (True, "answered"),
    "cloud_service_on_direct_route": (True, "there"),
    "learned_routes": (True, "answered"),
    "maintenance_told": (True, "told"),
    "stretched_connections": (2, "2"),
    "zones_mapped": ("to_shadow", "to_shadow"),
    "witness_zone_listed": (False, "not listed"),
    "further_pool": ("Compute-ResourcePool-{0}", "Compute-ResourcePool-2"),
    "further_datastore": ("WorkloadDatastore ({1})", "WorkloadDatastore (1)"),
}
OTHER_WAY = {
    "hypervisor_id_form": ("arn", "arn"),
    "backup_gateway_page_size": (1, None),  # one gateway fills no page
    "empty_list_answer": ("nothing", "nothing"),
    "endpoint_service_lacks_zone": ("euw1-az2", "euw1-az2"),
    "rule_get_missing": (400, "400"),
    "deny_rule_listed": (False, "not listed"),
    "forwarder_looks_up": (False, "not answered"),
    "cloud_service_on_direct_route": (False, "not there"),
    "learned_routes": (False, "not answered"),
    "maintenance_told": (False, "not told"),
    "stretched_connections": (1, "1"),
    "zones_mapped": ("from_shadow", None),  # one connection tells one zone, and NSX does not tell the other
    "witness_zone_listed": (True, "listed"),
    "further_pool": ("Pool of {0}", None),
    "further_datastore": ("Store of {0}", None),
}


@pytest.fixture
def made(lab):
    """A gateway and its hypervisor."""
    run = lab.play("playbooks/site.yml")
    assert run.returncode == 0, run.output
    return lab


def test_the_file_says_which_way_it_is(made, tmp_path):
    check(made, tmp_path / "one.yml", ONE_WAY)
    check(made, tmp_path / "other.yml", OTHER_WAY)


def check(lab, file, position):
    lab.switch(**{switch: value for switch, (value, _confirms) in position.items()})
    lab.break_("add_cluster", cluster="Cluster-2" if position is ONE_WAY else "Cluster-3")
    lab.break_("stretch")
    direct = lab.endpoints["sddcs"][0]["nsx"].partition("/vmc/")[0]
    before = len(lab.journal("write"))
    run = lab.play("playbooks/verify_live.yml", verify_live_file=str(file), vmc_backup_nsx_url=direct)
    assert run.returncode == 0, run.output
    assert (lab.journal("write")[before:], lab.journal("unknown")) == ([], [])

    text = file.read_text()
    probes = {probe["id"]: probe for probe in yaml.safe_load(text)["sddc-1"]["probes"]}
    wanted = {name: confirms for name, (_value, confirms) in position.items() if confirms is not None}
    assert {name: probes[name]["confirms"] for name in wanted} == wanted
    for probe in probes.values():
        assert probe["asked"] and bool(probe["confirms"]) != bool(probe["not_settled"]), probe
    for secret in [*lab.secrets().values(), *Modules(lab).secrets()]:
        assert secret not in text and secret not in run.output
