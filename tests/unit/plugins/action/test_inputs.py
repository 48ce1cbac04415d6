# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.vmc.aws_backup.plugins.action import inputs
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.commands import COMMANDS

SDDC = "11111111-2222-3333-4444-555555555555"
VCENTER = "2f1c3a52-6a3e-4b7c-9d7e-1f0a4c1b9e55"
PLAN = [{"cluster": "C", "addresses": ["10.0.0.1", "10.0.0.2"]}]
LOGIN = {
    "vmc_backup_vcenter_hostname": "vc.example",
    "vmc_backup_vcenter_username": "u",
    "vmc_backup_vcenter_password": "hush",
}
NEEDED = {**LOGIN, "vmc_backup_aws_region": "eu-west-1", "vmc_backup_segment": "backup"}
ON_VMC = {**NEEDED, "vmc_backup_sddc_id": SDDC, "vmc_backup_appliances": PLAN}
ON_PREMISES = {**NEEDED, "vmc_backup_appliances": PLAN}
ANSWER = {"vcenters": [{"instance_uuid": VCENTER}]}


class Inputs(inputs.ActionModule):
    """The action with a vCenter that answers as it is told to, and that notes whether it was asked."""

    answer = ANSWER

    def _execute_module(self, *, module_name, module_args, task_vars):
        self.asked.append((module_name, module_args))
        return self.answer


@pytest.fixture
def extra(monkeypatch):
    """The extra variables of the run."""
    variables: dict = {}
    monkeypatch.setattr(inputs, "load_extra_vars", lambda loader: variables)
    return variables


@pytest.fixture
def read(extra, monkeypatch):
    """What a role is given, by its first task."""
    monkeypatch.setattr(inputs.uuid, "uuid4", lambda: SimpleNamespace(hex="begun"))

    def run(role="registration", commands=None, *, answer=None, hosts=None, **variables):
        answer = ANSWER if answer is None else answer
        loader = DataLoader()
        task = SimpleNamespace(
            args={} if commands is None else {"commands": commands},
            async_val=0,
            check_mode=False,
            action="vmc.aws_backup.inputs",
            _role=None if role is None else SimpleNamespace(get_name=lambda include_role_fqcn=True: role),
        )
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="there"))
        variables = {"inventory_hostname": "sddc-1", **variables, **extra}
        hosts = hosts or {"sddc-1": variables}
        variables.update(ansible_play_hosts_all=list(hosts), hostvars=hosts)
        action = Inputs(task, connection, None, loader, Templar(loader, variables=variables), None)
        action.asked, action.answer = [], answer
        run.asked = action.asked
        return action.run(task_vars=variables)

    return run


# The plan and the name


def test_a_role_is_given_its_name_its_site_its_plan_and_what_it_is_to_do(read):
    found = read(**ON_VMC)
    assert (found["name"], found["site_id"], found["site_untold"], found["changed"]) == ("sddc-1", SDDC, "", False)
    assert [entry["entry"] for entry in found["appliances"]] == ["sddc-1-c-1", "sddc-1-c-2"]
    given = {name: held for name, held in found["given"].items() if "_" not in name or name in COMMANDS["registration"]}
    assert given == {**COMMANDS["registration"], "step": "present"}
    assert (found["site_was"], found["site_gone"]) == ("", False)


def test_only_a_role_has_inputs(read):
    with pytest.raises(AnsibleActionFail, match="first task of a role"):
        read(None, **ON_VMC)


@pytest.mark.parametrize("retired", ["sddc-1-c-1", "east"])
def test_what_is_retired_by_entry_or_by_name_is_planned_and_not_served(read, retired):
    plan = [{**PLAN[0], "name": "east"}]
    for commands in ({"retired": [retired]}, {"retire": retired}):
        found = read(commands=commands, **{**ON_VMC, "vmc_backup_appliances": plan})
        assert [entry["entry"] for entry in found["appliances"]] == ["sddc-1-c-2"]
        assert [entry["entry"] for entry in found["planned"]] == ["sddc-1-c-1", "sddc-1-c-2"]


@pytest.mark.parametrize("plan", [None, "", []])
@pytest.mark.parametrize("role", ["endpoint", "appliance", "firewall", "registration"])
def test_an_empty_plan_is_no_reason_to_close_everything(read, role, plan):
    given = {**ON_VMC, "vmc_backup_appliances": plan}
    with pytest.raises(AnsibleActionFail, match="vmc_backup_appliances: plans no appliance, .* Nothing was changed"):
        read(role, **given)
    assert read(role, {"state": "absent"}, **given)["planned"] == []


def test_an_empty_plan_is_enough_where_the_sources_are_given_and_for_new_credentials(read):
    given = {**ON_VMC, "vmc_backup_appliances": []}
    assert read("endpoint", **given, endpoint_cidr_ips=["10.0.0.0/24"])["appliances"] == []
    assert read("registration", {"rotate": True}, **given)["given"]["step"] == "credentials"


def test_preflight_tells_a_plan_that_cannot_be_with_all_else_that_is_missing(read):
    doubled = [{"cluster": "C", "addresses": ["10.0.0.1", "10.0.0.1"]}]
    assert read("prerequisites", **{**ON_VMC, "vmc_backup_appliances": doubled})["planned"] == []
    with pytest.raises(AnsibleActionFail, match="vmc_backup_appliances: Two appliances would share"):
        read("endpoint", **{**ON_VMC, "vmc_backup_appliances": doubled})


# Commands


@pytest.mark.parametrize(
    ("commands", "variables", "step"),
    [
        ({}, {}, "present"),
        ({"state": "absent"}, {}, "absent"),
        ({}, {"registration_state": "absent"}, "absent"),
        ({"retire": "g"}, {}, "retire"),
        ({}, {"registration_retire": "g"}, "retire"),
        ({"rotate": True}, {"registration_new_password": "hush"}, "credentials"),
        ({}, {"registration_new_password": "hush"}, "credentials"),
        ({}, {"registration_new_password": ""}, "present"),
    ],
)
def test_a_role_goes_through_what_it_is_told_to(read, commands, variables, step):
    assert read(commands=commands, **ON_VMC, **variables)["given"]["step"] == step


@pytest.mark.parametrize(
    ("commands", "variables"),
    [
        ({"state": "absent"}, {"registration_state": "present"}),
        ({"retire": "g"}, {"registration_retire": "other"}),
        ({"retired": ["g"]}, {"registration_new_password": "hush"}),
    ],
)
def test_an_extra_variable_does_not_override_what_a_playbook_commands(read, extra, commands, variables):
    extra.update(variables)
    with pytest.raises(AnsibleActionFail, match=next(iter(variables))) as caught:
        read(commands=commands, **ON_VMC)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "variables", [{"registration_retire": "other"}, {"registration_new_password": "hush"}, {"endpoint_state": "absent"}]
)
def test_what_a_later_role_of_the_playbook_would_refuse_is_refused_by_the_first(read, extra, variables):
    extra.update(variables)
    with pytest.raises(AnsibleActionFail, match=next(iter(variables))) as caught:
        read("prerequisites", {"retired": ["g"]}, **ON_VMC)
    assert "hush" not in str(caught.value)


def test_a_playbook_is_not_begun_in_its_middle(read, monkeypatch):
    monkeypatch.setattr(inputs.context, "CLIARGS", {"start_at_task": "Remove the appliances"})
    with pytest.raises(AnsibleActionFail, match="--start-at-task would leave out what this playbook has to ask first"):
        read("registration", {"state": "absent"}, **ON_VMC)
    assert read("registration", {}, **ON_VMC)["given"]["state"] == "present"


@pytest.mark.parametrize(
    "name",
    [
        "__registration_commands",
        "__registration",
        "__prerequisites_readiness",
        "__endpoint",
        "endpoint_result",
        "planned",
    ],
)
def test_nothing_of_the_collection_s_own_is_an_extra_variable(read, extra, name):
    extra[name] = {"state": "absent"}
    with pytest.raises(AnsibleActionFail, match=f"{name}: is the collection's own"):
        read(**ON_VMC)


def test_other_extra_variables_are_the_user_s(read, extra):
    extra.update(vmc_backup_appliances=PLAN, __mine="x", other=1)
    assert len(read(**NEEDED, vmc_backup_sddc_id=SDDC)["appliances"]) == 2


# Whose site it is


@pytest.mark.parametrize(
    ("variables", "site_id", "asks"),
    [
        ({"vmc_backup_site_id": "own", "vmc_backup_sddc_id": SDDC}, "own", False),
        ({"vmc_backup_sddc_id": SDDC}, SDDC, False),
        ({"vmc_backup_site_id": "", "vmc_backup_sddc_id": SDDC}, SDDC, False),
        ({"vmc_backup_site_id": SDDC.upper(), "vmc_backup_sddc_id": SDDC}, SDDC.upper(), False),
        ({"vmc_backup_site_id": "own"}, "own", False),
        ({"vmc_backup_site_id": 12}, "12", False),
        ({}, VCENTER, True),
        ({"vmc_backup_site_id": None}, VCENTER, True),
    ],
)
def test_the_site_is_what_is_given_else_the_sddc_else_what_vcenter_tells(read, variables, site_id, asks):
    assert read(**ON_PREMISES, **variables)["site_id"] == site_id
    assert [name for name, _arguments in read.asked] == ["vmc.aws_backup.vsphere_about_info"] * asks


def test_vcenter_is_asked_with_the_host_s_own_variables(read):
    read(**ON_PREMISES, vmc_backup_ca_bundle="/ca.pem", vmc_backup_vcenter_port="8443")
    ((_name, arguments),) = read.asked
    assert arguments == {
        "hostname": "vc.example",
        "username": "u",
        "password": "hush",
        "port": 8443,
        "ca_bundle": "/ca.pem",
    }


def test_what_an_earlier_role_was_told_is_not_asked_again(read):
    assert read("firewall", **ON_PREMISES, __endpoint={"site_id": "told"})["site_id"] == "told"
    assert read.asked == []


@pytest.mark.parametrize(
    ("variables", "answer", "why"),
    [
        (
            {"vmc_backup_aws_region": "eu-west-1", "vmc_backup_appliances": PLAN},
            ANSWER,
            "vCenter cannot be asked without",
        ),
        (ON_PREMISES, {"failed": True, "msg": "The login failed."}, "vCenter was asked, and: The login failed."),
        (ON_PREMISES, {"unreachable": True}, "vCenter was asked, and: it did not answer"),
    ],
)
def test_without_an_identity_nothing_is_done_but_preflight_tells_all_that_is_missing(read, variables, answer, why):
    with pytest.raises(AnsibleActionFail, match=f"Nothing says whose site this is: .*{why}.* Nothing was changed"):
        read("endpoint", answer=answer, **variables)
    found = read("prerequisites", answer=answer, **variables)
    assert found["site_id"] == "" and why in found["site_untold"]


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"vmc_backup_site_id": "a b"}, "vmc_backup_site_id: 'a b' must be 1 to 64"),
        ({"vmc_backup_site_id": "-a"}, "vmc_backup_site_id"),
        ({"vmc_backup_site_id": "x" * 65}, "vmc_backup_site_id"),
        ({"vmc_backup_sddc_id": "a/b"}, "vmc_backup_sddc_id"),
        ({"vmc_backup_site_id": VCENTER}, f"looks like the id of an SDDC, but vmc_backup_sddc_id is {SDDC}"),
        ({"vmc_backup_site_gone": "other"}, f"vmc_backup_site_gone is other, but this host is the site {SDDC}"),
        ({"vmc_backup_site_was": SDDC}, "Name the site that it was"),
    ],
)
@pytest.mark.parametrize("role", ["prerequisites", "registration"])
def test_an_identity_that_cannot_be_is_refused(read, role, variables, says):
    with pytest.raises(AnsibleActionFail, match=says):
        read(role, **{**ON_VMC, **variables})


def test_a_site_that_is_gone_and_one_that_it_was_are_passed_on(read):
    found = read(commands={"state": "absent"}, **ON_VMC, vmc_backup_site_gone=SDDC, vmc_backup_site_was="before")
    assert (found["site_gone"], found["site_was"]) == (True, "before")


# Rivals


def two(first=None, second=None):
    """The variables of two hosts, each with a site and a plan of its own."""
    plans = [[{"cluster": "C", "addresses": [f"10.0.{number}.1"]}] for number in (1, 2)]
    hosts = {
        "sddc-1": {"vmc_backup_sddc_id": "one", "vmc_backup_appliances": plans[0], **(first or {})},
        "sddc-2": {"vmc_backup_sddc_id": "two", "vmc_backup_appliances": plans[1], **(second or {})},
    }
    return {name: {"inventory_hostname": name, **NEEDED, **given} for name, given in hosts.items()}


def read_as(read, hosts, role="endpoint", name="sddc-1", **more):
    return read(role, hosts=hosts, **{**hosts[name], **more})


def test_hosts_that_are_told_apart_go_on(read):
    assert read_as(read, two())["site_id"] == "one"


VPC = {"vmc_backup_vpc_id": "vpc-1"}


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ({"vmc_backup_sddc_id": "two"}, {}, "are the site two"),
        ({"vmc_backup_name": "sddc-2"}, {}, "would be called sddc-2"),
        (
            {"vmc_backup_appliances": [{"cluster": "C", "addresses": ["10.0.0.9"], "name": "sddc-2-c-1"}]},
            {},
            "sddc-2-c-1",
        ),
        ({**VPC, "endpoint_shared": "False"}, VPC, "endpoint_shared must be true"),
        ({**VPC, "vmc_backup_endpoint_name": "x"}, VPC, "vmc_backup_endpoint_name"),
    ],
)
@pytest.mark.parametrize("name", ["sddc-1", "sddc-2"])
def test_hosts_in_each_other_s_way_are_refused_before_anything_is_written(read, first, second, says, name):
    hosts = two(first, second)
    with pytest.raises(AnsibleActionFail, match=f"(?s)in each other's way. Nothing was changed.*{says}"):
        read_as(read, hosts, name=name)
    # To take one of them off is no claim.
    assert read_as(read, hosts, "registration", name, commands={"state": "absent"})["given"]["state"] == "absent"


@pytest.mark.parametrize("given", ["vmc-aws-backup", None, ""])
def test_what_the_role_asks_for_anyway_may_be_given_by_one_of_them(read, given):
    assert read_as(read, two({**VPC, "vmc_backup_endpoint_name": given}, VPC))


def test_the_connected_vpc_counts_where_none_is_given(read):
    seen = {"__prerequisites_readiness": {"sddcs": [{"connected_vpc": {"vpc_id": "vpc-1"}}]}}
    same = {"vmc_backup_appliances": [{"cluster": "C", "addresses": ["10.0.0.1"]}]}
    read_as(read, two(same, same))
    with pytest.raises(AnsibleActionFail, match="plan the address 10.0.0.1 towards one VPC, vpc-1"):
        read_as(read, two({**same, **seen}, {**same, **seen}))


class Unreadable(dict):
    """The variables of a host of which one cannot be read."""

    def get(self, name, default=None):
        if name == "vmc_backup_appliances":
            raise AnsibleError("no such secret")
        return super().get(name, default)


def test_what_cannot_be_read_of_another_host_that_host_complains_of_itself(read):
    hosts = two()
    hosts["sddc-2"] = Unreadable(hosts["sddc-2"])
    assert read_as(read, hosts)["site_id"] == "one"
    hosts = two(second={"vmc_backup_appliances": "wrong"})
    assert read_as(read, hosts)["site_id"] == "one"


# The variables


def refusal(read, role="registration", **variables):
    with pytest.raises(AnsibleActionFail) as caught:
        read(role, **{**ON_VMC, **variables})
    return str(caught.value).splitlines()


def test_the_first_role_has_the_variables_of_all_and_the_others_their_own(read):
    given = {"appliance_spread": "false", "firewall_mgw_sequence_number": "7", "registration_adopt": None}
    found = read("prerequisites", **ON_VMC, **given)["given"]
    assert (found["appliance_spread"], found["firewall_mgw_sequence_number"], found["registration_adopt"]) == (
        False,
        7,
        False,
    )
    assert "appliance_spread" not in read("firewall", **ON_VMC, **given)["given"]


@pytest.mark.parametrize("variables", [{"endpoint_wait_timeout": "soon"}, {"vmc_backup_teardown_scope": "Account"}])
def test_the_first_role_of_a_playbook_refuses_what_a_later_one_could_not_take(read, variables):
    """A teardown begins with the registration, and ends with the endpoint."""
    (name,) = variables
    with pytest.raises(AnsibleActionFail, match=f"{name}: .*\nNothing was changed."):
        read(commands={"state": "absent"}, **ON_VMC, **variables)
    # Of a role by itself only what it reads counts, and so of those that follow and of one that is alone.
    only_of_the_endpoint = {"endpoint_wait_timeout": "soon"}
    read(state="absent", **ON_VMC, **only_of_the_endpoint)
    read(commands={"state": "absent"}, **ON_VMC, __firewall={}, **only_of_the_endpoint)
    read(commands={"rotate": True}, **ON_VMC, **only_of_the_endpoint)


def test_a_refusal_after_a_write_does_not_say_that_nothing_was_changed(read):
    with pytest.raises(AnsibleActionFail, match="endpoint_wait_timeout: 'soon' is no whole number.$"):
        read("endpoint", **ON_VMC, endpoint_wait_timeout="soon", registration_result={"changed": True})


def test_a_firewall_with_bindings_has_a_segment_to_write_them_on(read):
    given = {key: value for key, value in ON_VMC.items() if key != "vmc_backup_segment"}
    absent = {"state": "absent"}
    for role, commands in (("firewall", None), ("firewall", absent), ("registration", absent)):
        with pytest.raises(
            AnsibleActionFail, match="vmc_backup_segment: is not given, and firewall_static_bindings needs it"
        ):
            read(role, commands, **given)
        read(role, commands, **given, firewall_static_bindings=False)
        read(role, commands, **given, vmc_backup_segment="seg")
    read("registration", **given)
    read("registration", absent, **given, vmc_backup_site_gone=SDDC)
    read("prerequisites", {"retired": []}, **given)
    read("firewall", **ON_PREMISES, vmc_backup_platform="vsphere")


@pytest.mark.parametrize("gone", [{"vmc_backup_site_gone": SDDC}, {"vmc_backup_site_was": "other"}])
def test_whether_an_sddc_is_gone_is_asked_also_where_it_is_said_to_be_on_premises(read, gone):
    read(**ON_VMC, vmc_backup_platform="vsphere")
    with pytest.raises(AnsibleActionFail, match="vmc_backup_platform: is vsphere, and vmc_backup_sddc_id is given"):
        read(**ON_VMC, vmc_backup_platform="vsphere", **gone)


def test_by_nat_the_one_address_is_told_that_is_let_in(read):
    nat = {"registration_activation_by": "nat"}
    given = read(**ON_VMC, **nat, registration_nat_source_address="203.0.113.9")["given"]
    assert given["registration_nat_source_address"] == "203.0.113.9/32"
    given = read(**ON_VMC, **nat, vmc_backup_control_addresses=["203.0.113.7"])["given"]
    assert given["registration_nat_source_address"] == "203.0.113.7/32"
    # The addresses that reach vCenter from within may be several where the internet sees one.
    inside = {"vmc_backup_control_addresses": ["10.1.1.0/24"], "registration_nat_source_address": "203.0.113.9"}
    read(**ON_VMC, **nat, **inside)
    with pytest.raises(AnsibleActionFail, match="registration_nat_source_address: 10.1.1.1 is private"):
        read(**ON_VMC, **nat, vmc_backup_control_addresses=["10.1.1.1"])
    for commands in ({"state": "absent"}, {"retire": "x"}, {"rotate": True}, {"update": True}):
        read(commands=commands, **ON_VMC, **nat)
    assert "registration_nat_source_address" not in read(**ON_PREMISES, **nat, vmc_backup_platform="vsphere")["given"]


@pytest.mark.parametrize(
    ("commands", "step"),
    [({}, "present"), ({"update": True}, "update"), ({"retire": "x"}, "retire"), ({"rotate": True}, "credentials")],
)
def test_one_thing_is_done_at_a_time(read, commands, step):
    assert read(commands=commands, **ON_VMC)["given"]["step"] == step


def test_an_activation_port_opens_for_single_addresses_only(read):
    networks = {"vmc_backup_control_addresses": ["10.1.1.1", "10.1.1.0/24", "fd00::1/128"]}
    with pytest.raises(AnsibleActionFail, match="vmc_backup_control_addresses: 10.1.1.0/24 is more than one address."):
        read(**ON_VMC, **networks)
    for commands in ({"state": "absent"}, {"retire": "x"}, {"rotate": True}):
        read(commands=commands, **ON_VMC, **networks)
    read(**ON_PREMISES, **networks, vmc_backup_platform="vsphere")


def test_what_prerequisites_have_seen_a_moment_ago_is_passed_on(read):
    looked = {
        "sddcs": [{"id": "s"}],
        "gateways": [],
        "findings": [{"id": "dns", "subject": "path", "verdict": "ok"}, {"id": "sddc", "subject": "readiness"}],
    }
    seen = read(
        **ON_VMC,
        __prerequisites_readiness=looked,
        __prerequisites_vcenter={"appliances": []},
        __prerequisites_judged={"unchanged": ["appliance"]},
    )["seen"]
    assert seen == {
        "sddcs": [{"id": "s"}],
        "appliances": [],
        "hops": [{"id": "dns", "hop": "dns", "subject": "path", "verdict": "ok"}],
        "unchanged": ["appliance"],
    }
    assert read(**ON_VMC)["seen"] == {"unchanged": []}
    assert read(**ON_VMC, __prerequisites_vcenter={"failed": True})["seen"] == {"unchanged": []}


def test_what_another_run_may_have_made_meanwhile_is_looked_at_again(read):
    def seen(*deployed):
        return read(
            **ON_VMC,
            __prerequisites_readiness={"gateways": [{"instance_uuid": "1"}]},
            __prerequisites_vcenter={"appliances": [{"instance_uuid": "1"}, {"instance_uuid": "2"}]},
            appliance_result={"appliances": [{"instance_uuid": one} for one in deployed]},
        )["seen"]

    assert {"gateways", "appliances"} <= set(seen("1"))
    assert "gateways" not in seen("1", "2") and "appliances" in seen("1", "2")
    assert "appliances" not in seen("1", "3")


def test_what_is_not_given_and_has_no_default_is_not_there(read):
    found = read("appliance", **ON_VMC, appliance_folder="", appliance_allow_restart="false")["given"]
    assert "appliance_folder" not in found
    assert found["appliance_allow_restart"] is False


@pytest.mark.parametrize("role", ["prerequisites", "registration"])
def test_everything_that_is_wrong_is_said_at_once_before_anything_is_written(read, role):
    wrong = {"registration_adopt": "perhaps", "registration_boot_timeout": "long", "registration_onlin_timeout": 5}
    assert refusal(read, role, **wrong) == [
        "registration_onlin_timeout: there is no such variable. Is registration_online_timeout meant?",
        "registration_adopt: 'perhaps' is no truth value: true or false.",
        "registration_boot_timeout: 'long' is no whole number.",
        "Nothing was changed.",
    ]


def test_a_name_that_begins_like_ours_is_warned_of(read):
    found = read(**ON_VMC, vmc_backup_env="prod", firewall_zone="dmz")
    assert found["warnings"] == [
        "No variable of vmc.aws_backup, so that nothing comes of it: firewall_zone, vmc_backup_env"
    ]
    assert "warnings" not in read(**ON_VMC)


def test_what_a_role_needs_is_said_by_its_variables(read):
    with pytest.raises(AnsibleActionFail) as caught:
        read("registration", **{**ON_VMC, "vmc_backup_vcenter_username": "", "vmc_backup_aws_region": None})
    assert str(caught.value).splitlines() == [
        "vmc_backup_aws_region: is not given, and the role registration needs it.",
        "vmc_backup_vcenter_username: is not given, and the role registration needs it.",
        "Nothing was changed.",
    ]


def test_the_environment_gives_what_the_modules_take_from_there(read, monkeypatch):
    for name, held in {
        "VMWARE_HOST": "vc2.example",
        "VMWARE_USER": "them",
        "VMWARE_PASSWORD": "hush",
        "AWS_REGION": "eu-west-3",
    }.items():
        monkeypatch.setenv(name, held)
    found = read("registration", vmc_backup_appliances=PLAN, vmc_backup_vcenter_username="")
    assert read.asked[0][1] == {"hostname": "vc2.example", "username": "them", "password": "hush"}
    assert (found["given"]["vmc_backup_vcenter_hostname"], found["given"]["vmc_backup_aws_region"]) == (
        "vc2.example",
        "eu-west-3",
    )
    assert "vmc_backup_vcenter_password" in found["secrets"]
    assert "hush" not in str(found)


def test_what_is_wrong_in_the_environment_is_said_of_it(read, monkeypatch):
    monkeypatch.setenv("VMWARE_PASSWORD", "hush\n")
    (told, _end) = refusal(read, vmc_backup_vcenter_password="")
    assert told.startswith("vmc_backup_vcenter_password, which VMWARE_PASSWORD gives: holds a control character")


@pytest.mark.parametrize("role", ["prerequisites", "registration"])
@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"vmc_backup_hypervisor_username": "CORP\\backup"}, "vmc_backup_hypervisor_username: It must be"),
        (
            {"vmc_backup_vcenter_username": "CORP\\backup"},
            "vmc_backup_vcenter_username: It must be .* give it vmc_backup_hypervisor_username",
        ),
        (
            {"vmc_backup_vcenter_password": "pässword"},
            "vmc_backup_vcenter_password: It must be .* give it vmc_backup_hypervisor_password",
        ),
    ],
)
def test_a_login_that_aws_backup_does_not_take_is_refused_before_anything_is_written(read, role, variables, says):
    assert re.match(says, refusal(read, role, **variables)[0])
    own = {f"vmc_backup_hypervisor_{name}": "backup" for name in ("host", "username", "password")}
    if "vmc_backup_hypervisor_username" not in variables:
        assert read(role, **{**ON_VMC, **own, **variables})


@pytest.mark.parametrize("role", ["prerequisites", "endpoint"])
@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"endpoint_rules_quota": 5}, "vmc_backup_appliances: 6 rules, .* more than the 5 .*endpoint_rules_quota"),
        ({"endpoint_rules_quota": 7, "endpoint_support_access": "yes"}, "vmc_backup_appliances: 8 rules"),
        ({"endpoint_cidr_ips": ",".join(f"10.0.{n}.0/24" for n in range(21))}, "endpoint_cidr_ips: 63 rules"),
    ],
)
def test_more_rules_than_a_security_group_may_have_are_refused_before_anything_is_written(read, role, variables, says):
    assert re.match(says, refusal(read, role, **variables)[0])
    assert read(role, {"state": "absent"}, **ON_VMC, **variables)


# What is to be protected

ENTRY = {"name": "all", "presets": ["daily"]}
UNFIT = [{"name": "all", "rules": [{"name": "own", "schedule_expression": "cron(0 1 ? * *)", "keep_forever": True}]}]


def test_the_role_protection_is_told_what_to_make(read):
    found = read("protection", **ON_VMC, vmc_backup_protection=[ENTRY])
    assert found["given"]["step"] == "present"
    assert (found["protection"]["vault"], found["protection"]["copied_to"]) == ("sddc-1-backups", "")
    assert [entry["plan"] for entry in found["protection"]["entries"]] == ["sddc-1-all"]
    assert read("protection", **ON_VMC)["protection"]["entries"] == []
    assert "protection" not in read("registration", **ON_VMC, vmc_backup_protection=[ENTRY])


@pytest.mark.parametrize("role", ["prerequisites", "endpoint", "protection"])
def test_what_cannot_be_protected_is_refused_by_the_first_role_of_a_playbook(read, role):
    with pytest.raises(
        AnsibleActionFail, match="^vmc_backup_protection: all: own: schedule_expression .*\nNothing was changed"
    ):
        read(role, {"state": "present"}, **ON_VMC, vmc_backup_protection=UNFIT)


def test_what_cannot_be_protected_is_in_nobodys_way_who_takes_all_of_it_off(read):
    for role in ("registration", "protection"):
        read(role, {"state": "absent"}, **ON_VMC, vmc_backup_protection=UNFIT)
    read("protection", **ON_VMC, vmc_backup_protection=UNFIT, protection_state="absent")


def test_a_backup_at_once_is_refused_where_nothing_says_of_what(read):
    asked = {**ON_VMC, "vmc_backup_protection": [ENTRY], "vmc_backup_now_delete_after_days": 3}
    with pytest.raises(AnsibleActionFail, match="vmc_backup_now_machines: Give it"):
        read("protection", {"backup_now": True}, **asked)
    found = read("protection", {"backup_now": True}, **asked, vmc_backup_now_entries=["all"])
    assert found["given"]["step"] == "backup_now"
    assert found["protection"]["now"]["plans"] == ["sddc-1-all"]


def test_asking_whether_the_site_may_be_taken_off_is_a_step_of_its_own(read):
    assert read("registration", {"state": "absent", "ask": True}, **ON_VMC)["given"]["step"] == "ask"


# The look


def test_prerequisites_begin_a_look(read):
    assert read("prerequisites", **ON_VMC)["look"] == "begun"
    assert read("prerequisites", **ON_VMC, __prerequisites={"look": "earlier"})["look"] == "begun"


def test_the_roles_after_them_go_on_with_it_when_they_run_for_the_first_time(read):
    assert read("endpoint", **ON_VMC, __prerequisites={"look": "begun"})["look"] == "begun"
    assert read("endpoint", **ON_VMC, __prerequisites={"look": "begun"}, endpoint_result={})["look"] == ""
    assert read("endpoint", **ON_VMC)["look"] == ""
