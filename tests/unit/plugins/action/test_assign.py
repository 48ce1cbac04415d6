# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.vmc.aws_backup.plugins.action.assign import ActionModule

ENTRY = {"entry": "s-c-1", "name": "s-c-1", "cluster": "C"}
INPUTS = {
    "name": "s",
    "site_id": "site",
    "site_was": "",
    "site_gone": False,
    "planned": [ENTRY],
    "appliances": [ENTRY],
    "given": {"state": "present", "step": "present"},
}
MACHINE = {"name": "gw", "entry": "s-c-1", "site_id": "site", "instance_uuid": "u-1", "deployed_instance_uuid": "u-1"}


@pytest.fixture
def assign(monkeypatch):
    def run(role="registration", seen=None, **asked):
        monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})
        action = ActionModule.__new__(ActionModule)
        named = SimpleNamespace(get_name=lambda include_role_fqcn: role)
        action._task = SimpleNamespace(args={"inputs": INPUTS, **asked}, _role=named)
        return action.run(None, {"inventory_hostname": "sddc", "hostvars": {}, **(seen or {})})

    return run


def test_what_looks_registered_is_laid_beside_the_plan(assign):
    plan = assign(appliances={"appliances": [MACHINE]}, gateways={"skipped": True}, vpc_endpoints={}, deployed=[])
    assert plan["changed"] is False
    assert plan["entries"] == [{**ENTRY, "machine": MACHINE, "gateway": {}}]


@pytest.mark.parametrize("nothing", [{}, {"failed": True}, None, "", []])
def test_what_was_not_looked_for_is_none(assign, nothing):
    with pytest.raises(AnsibleActionFail, match="There is no appliance for s-c-1"):
        assign(appliances=nothing)
    assert assign(appliances=nothing, deployed=[ENTRY])["deployed"] == {"s-c-1": ENTRY}


def test_a_refusal_names_the_host(assign):
    asked = {**INPUTS, "given": {"state": "absent", "step": "absent"}}
    with pytest.raises(
        AnsibleActionFail, match="of sddc that vmc_backup_appliances does not plan.*\nNothing was changed.$"
    ):
        assign(inputs=asked, appliances={"appliances": [{**MACHINE, "entry": "s-x-1"}]})


def test_a_refusal_after_a_write_does_not_say_that_nothing_was_changed(assign):
    with pytest.raises(AnsibleActionFail, match="deploys what is planned.$"):
        assign(seen={"endpoint_result": {"changed": True}})


def test_prerequisites_tell_of_a_refusal_with_all_else(assign):
    there = {**MACHINE, "entry": "s-x-1", "guest_ip_address": "10.0.0.5"}
    asked = {**INPUTS, "appliances": [{**ENTRY, "ip_address": "10.0.0.5"}]}
    assert len(assign("prerequisites", inputs=asked, appliances=[there])["refused"]) == 1


def test_prerequisites_tell_what_hosts_of_the_play_both_claim(assign):
    hosts = {name: {"vmc_backup_site_id": "one"} for name in ("sddc", "other")}
    seen = {"ansible_play_hosts_all": list(hosts), "hostvars": hosts}
    (rivals,) = assign("prerequisites", seen, appliances=[])["rivals"]
    assert rivals.startswith("other and sddc are the site one: copied inventory?")
