# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What roles owe: whom they ask where, what they leave alone, and what stops them before they write. One sentence each, in runs without a lab."""

from __future__ import annotations

import pytest
from recorded import GROUPS

from . import runs
from . import world as w

ALL = [(role, run) for role in sorted(runs.RUNS) for run in runs.RUNS[role]]
ON_THE_BASTION = {*GROUPS["vsphere"], *GROUPS["appliance"], *GROUPS["dns"]}
REFUSED = [
    ("prerequisites", "wrong_account"),
    ("prerequisites", "wrong_accounts"),
    ("endpoint", "not_gone"),
    ("appliance", "no_login"),
    ("appliance", "silent"),
    ("registration", "silent"),
    ("registration", "rotate_nothing"),
    ("registration", "retire_last"),
    ("registration", "retire_disks"),
    ("registration", "unnamed"),
    ("registration", "absent_disks"),
    ("registration", "missing"),
    ("registration", "networks"),
    ("protection", "misfit"),
    ("protection", "refused"),
    ("protection", "unmeant"),
    ("protection", "now_unknown"),
    ("registration", "by_nat_private"),
]
pytestmark = pytest.mark.timeout(900)


def writes(found) -> list:
    return [call for call in found.calls if not call.reads and not call.check_mode]


def order(found, *modules) -> list[tuple]:
    """Which of these modules were asked for what state, in their order."""
    return [(call.module, call.options.get("state", "present")) for call in writes(found) if call.module in modules]


# Where and by whom


@pytest.mark.parametrize(("role", "run"), ALL)
def test_what_vcenter_appliances_and_dns_are_asked_is_asked_from_the_bastion(ran, role, run):
    bastion = runs.variables(role, run).get("vmc_backup_delegate_to")
    for call in ran(role, run).calls:
        if call.role:  # what the first task asks is asked where that task is
            assert call.on == (bastion if call.module in ON_THE_BASTION else None), call.module


@pytest.mark.parametrize("role", ["prerequisites", "endpoint", "appliance", "registration"])
def test_on_premises_nothing_is_asked_of_nsx_and_vmware_cloud(ran, role):
    found = ran(role, "vsphere")
    of_vmc = {call.module for call in found.of_group("vmc")} - {"backup_path_info", "backup_readiness_info"}
    assert found.failure == "" and of_vmc == set()
    assert all(call.options["platform"] == "vsphere" for call in found.of("backup_path_info"))
    assert all(call.options["given"]["vmc_backup_platform"] == "vsphere" for call in found.of("backup_readiness_info"))


@pytest.mark.parametrize("role", ["prerequisites", "endpoint", "appliance", "registration"])
def test_without_a_given_identity_the_site_is_what_vcenter_says(ran, role):
    found = ran(role, "vsphere")
    assert {call.options["site_id"] for call in found.of_group("site")} == {w.OF_VCENTER}


@pytest.mark.parametrize(("role", "run"), REFUSED)
def test_what_is_refused_writes_nothing(ran, role, run):
    found = ran(role, run)
    assert found.failure != "" and writes(found) == [] and found.changed == 0
    assert found.result["failed"] and found.result["changes"] == []


@pytest.mark.parametrize(
    ("role", "run"), [each for each in ALL if each[1] in ("shared", "retired", "vsphere", "leaving")]
)
def test_nothing_is_adopted_that_nobody_asked_to_adopt(ran, role, run):
    assert [call.module for call in ran(role, run).calls if call.options.get("adopt")] == []


@pytest.mark.parametrize(("role", "run"), ALL)
def test_no_rule_is_left_or_made_disabled(ran, role, run):
    rules = ran(role, run).written("nsx_mgw_rule") + ran(role, run).written("nsx_cgw_rule")
    assert all(rule["disabled"] is False for rule in rules if rule.get("state", "present") == "present")


@pytest.mark.parametrize(("role", "run"), ALL)
def test_others_tags_are_never_purged(ran, role, run):
    assert [call.module for call in ran(role, run).calls if call.options.get("purge_tags")] == []


@pytest.mark.parametrize(
    ("role", "run"),
    [(role, "shared") for role in ("prerequisites", "endpoint", "appliance", "firewall", "registration")],
)
def test_what_was_written_is_told(ran, role, run):
    found = ran(role, run)
    assert found.failure == "" and found.changed > 0
    assert found.result["changed"] is True and found.result["failed"] is False
    told = {change["object"].split()[0] for change in found.result["changes"]}
    assert told == {KINDS.get(call.module, call.module.partition("_")[2]) for call in writes(found)} - {
        "activation_key"
    }


KINDS = {"vpce_backup": "vpc_endpoint", "nsx_dhcp_static_binding": "static_binding"}


@pytest.mark.parametrize(
    ("role", "run"),
    [(role, "retired") for role in ("endpoint", "appliance", "firewall", "registration")] + [("prerequisites", "skip")],
)
def test_what_is_retired_counts_as_not_planned(ran, role, run):
    """The second appliance is first-2, of the address 10.0.5.21."""
    found = ran(role, run)
    made = str(
        [
            call.options
            for call in found.calls
            if call.options.get("state") != "absent"
            and call.module not in ("backup_path_info", "backup_readiness_info")
        ]
    )
    assert found.failure == "" and w.E1 in made or "10.0.5.20" in made
    assert w.E2 not in made and "10.0.5.21" not in made
    paths = found.of("backup_path_info")
    assert all("10.0.5.21" not in call.options["addresses"] for call in paths)
    assert all(call.options["given"]["retired"] == ["first-2"] for call in found.of("backup_readiness_info"))


@pytest.mark.parametrize(("role", "run"), [("endpoint", "gone"), ("registration", "gone")])
def test_a_site_that_is_gone_is_not_asked_of_vmware_cloud(ran, role, run):
    found = ran(role, run)
    asked = {call.module for call in found.of_group("vmc") + found.of_group("vsphere")} - {"gateway_appliance"}
    assert found.failure == "" and asked <= {"vmc_sddc_info"}
    assert all(call.options["sddc_id"] == w.SDDC_ID for call in found.of("vmc_sddc_info"))
    assert found.of("gateway_appliance") == [] or role == "registration"


# Prerequisites


def test_absent_prerequisites_ask_nothing(ran):
    assert ran("prerequisites", "absent").calls == [] and ran("prerequisites", "absent").failure == ""


def test_a_report_writes_nothing_and_changes_nothing(ran):
    found = ran("prerequisites", "report")
    assert writes(found) == [] and found.changed == 0 and found.failure == ""
    assert found.result["changed"] is False and found.result["changes"] != []


def test_what_a_report_predicts_is_what_is_written(ran):
    """Every call that the role makes for good, with the very same options; what only tries does not count."""
    tried = ran("prerequisites", "report").calls
    for call in writes(ran("prerequisites", "present")):
        assert any(_alike(call, other) for other in tried), call


def _alike(call, other) -> bool:
    left_out = {"vcenter_hostname"}

    def options(of):
        return {name: value for name, value in of.options.items() if name in NOT_OF_WHO and name not in left_out}

    return call.module == other.module and other.check_mode and options(call) == options(other)


NOT_OF_WHO = {
    "name", "purpose", "alias", "id", "domain", "gateway", "subnets", "type", "ip_addresses", "services", "source_groups",
    "destination_groups", "disabled", "action", "upstream_servers", "resource_type_opt_in_preference", "resolution_address",
}  # fmt: skip


@pytest.mark.parametrize(
    ("module", "by"),
    [
        ("gateway_appliance", ("appliance", "present")),
        ("backup_security_group", ("endpoint", "shared")),
        ("vpce_backup", ("endpoint", "shared")),
    ],
)
def test_what_prerequisites_try_is_all_that_the_role_would_ask(ran, module, by):
    tried = {name for call in ran("prerequisites", "shared").of(module) for name in call.options}
    of_roles_own = {name for call in ran(*by).of(module) for name in call.options}
    given = {name for name in runs.variables(*by) if name.startswith(by[0])}
    assert ran("prerequisites", "shared").of(module) and all(
        call.check_mode for call in ran("prerequisites", "shared").of(module)
    )
    assert of_roles_own - tried <= {f"{name}".removeprefix(f"{by[0]}_") for name in given} | OF_WHO


OF_WHO = {
    "tags",
    "profile",
    "access_key",
    "secret_key",
    "session_token",
    "assume_role_arn",
    "assume_role_external_id",
    "port",
    "ca_bundle",
    "checksum",
    "allow_restart",
}


def test_what_is_skipped_is_not_written(ran):
    found = ran("prerequisites", "skip")
    assert found.failure == "" and writes(found) == []
    asked = {call.module for call in found.calls}
    assert not asked & {
        "backup_region_settings",
        "backup_iam_role",
        "nsx_segment",
        "nsx_dns_zone",
        "vmc_vcenter_dns",
        "backup_kms_key",
    }


def test_servers_are_asked_for_all_names_that_the_sddc_depends_on(ran):
    (asked,) = ran("prerequisites", "present").of("dns_answer_info")
    assert asked.options["names"] == ["vcenter-2.example", w.SDDC["vcenter_hostname"], w.ENDPOINT, "canary.example"]


def test_vcenter_is_reached_at_its_private_address_before_its_name_leads_there(ran):
    found = ran("prerequisites", "reach")
    assert found.failure.startswith("vCenter does not answer at its private address 127.0.0.1")
    assert found.written("vmc_vcenter_dns") == []


def test_another_account_is_refused(ran):
    for run, named in (
        ("wrong_account", ("vmc_backup_aws_account_id",) * 2),
        ("wrong_accounts", ("vmc_backup_backup_aws_account_id", "vmc_backup_endpoint_aws_account_id")),
    ):
        told = [
            sentence for sentence in ran("prerequisites", run).result["missing"] if sentence.startswith("AWS account")
        ]
        assert [f"{name} is 999988887777" in sentence for name, sentence in zip(named, told)] == [True, True]


def test_prerequisites_refuse_servers_that_do_not_answer(ran):
    told = ran("prerequisites", "wrong_accounts").result["missing"]
    assert any("10.0.0.53 for canary.example: silence" in sentence for sentence in told)
    assert not any("10.0.0.53" in sentence for sentence in ran("prerequisites", "wrong_account").result["missing"])


LOOK = ("vsphere_about_info", False)


def test_prerequisites_look_at_vcenter_once_for_all_that_is_needed_of_it(ran):
    (of_address,) = ran("prerequisites", "present").of("vsphere_about_info")
    (of_path,) = ran("prerequisites", "vsphere").of("vsphere_about_info")
    asked = [
        (call.options["appliances"], call.options["datastores"], call.options.get("image"))
        for call in (of_address, of_path)
    ]
    assert asked == [(True, True, None), (True, False, "/images/a.ova")]


def test_the_entrance_opens_before_vcenter_is_asked_that_does_not_answer(ran):
    found = ran("prerequisites", "out_of_reach")
    tried = [
        (call.module, call.check_mode) for call in found.calls if call.module in ("nsx_mgw_rule", "vsphere_about_info")
    ]
    rules = [("nsx_mgw_rule", False)] * 2
    assert [each for each in tried if each != ("nsx_mgw_rule", True)] == [LOOK, *rules, LOOK]
    assert found.result["vcenter_in_reach"] is False


# Endpoint


def test_the_endpoint_is_for_the_addresses_of_the_plan_and_has_no_private_dns(ran):
    found = ran("endpoint", "shared")
    (group,) = found.written("backup_security_group")
    (endpoint,) = found.written("vpce_backup")
    assert group["cidr_ips"] == ["10.0.5.20", "10.0.5.21", "10.0.5.22"]
    assert group["ingress_descriptions"]["10.0.5.21"] == "AWS Backup appliance first-2"
    assert endpoint["private_dns_enabled"] is False and endpoint["shared"] is True
    assert (group["take_over"], endpoint["vpc_id"]) == (True, "vpc-connected")


def test_who_would_be_let_in_no_more_is_looked_at_first(ran):
    assert ran("endpoint", "shared").of("gateway_appliance_info") != []
    assert ran("endpoint", "retired").of("gateway_appliance_info") == []


def test_the_endpoint_stays_while_others_use_it(ran):
    found = ran("endpoint", "absent")
    assert found.failure == "" and found.written("vpce_backup", state="absent") == []
    (left,) = found.written("vpce_backup")
    assert left["used"] is False and left["vpc_endpoint_id"] == "vpce-1"
    assert any("site-of-green" in sentence for sentence in found.result["kept"])
    assert any("sg-of-green" in sentence for sentence in found.result["kept"])
    # The group of this site is not on it alone, and may go.
    assert [group["state"] for group in found.written("backup_security_group")] == ["absent"]


def test_the_endpoint_stays_while_gateways_use_it(ran):
    found = ran("endpoint", "absent_used")
    assert [(call["used"], "state" in call) for call in found.written("vpce_backup")] == [(False, False)]
    assert found.written("backup_security_group") == []
    assert all(name in found.result["kept"][0] for name in ("gateway-1", "gateway-2"))


def test_the_endpoint_stays_where_gateways_could_not_be_asked_for(ran):
    found = ran("endpoint", "absent_untold")
    assert found.failure == "" and found.written("vpce_backup", state="absent") == []
    assert any("Denied." in sentence for sentence in found.result["kept"])


def test_the_endpoint_goes_with_its_last_gateways(ran):
    found = ran("endpoint", "absent_alone")
    assert order(found, "vpce_backup", "backup_security_group") == [
        ("vpce_backup", "absent"),
        ("backup_security_group", "absent"),
    ]
    assert found.written("vpce_backup")[0]["in_use_by"] == []


def test_the_endpoint_goes_only_when_the_whole_account_is_meant(ran):
    """What stays while nobody says so is shown by the run of no scope, in which all else would let it go."""
    found = ran("endpoint", "absent_sddc")
    assert found.failure == "" and writes(found) == []
    assert any("vmc_backup_teardown_scope" in sentence for sentence in found.result["kept"])


@pytest.mark.parametrize(
    ("role", "run"),
    [(role, run) for role, run in ALL if role != "prerequisites"],
)
def test_the_endpoint_is_found_by_its_mark(ran, role, run):
    for call in ran(role, run).of("vpce_backup_info"):
        assert call.options["owned_only"] is True and "name" not in call.options and call.options["vpc_id"]


@pytest.mark.parametrize(("role", "run"), [each for each in ALL if each[1].startswith("absent")])
def test_who_deletes_asks_for_gateways_so_that_an_empty_answer_does_not_do(ran, role, run):
    asked = ran(role, run).of("backup_gateway_info")
    assert asked == [] or asked[0].options.get("certain") is True or role == "registration"


# Appliance


def test_a_plan_says_everything_of_a_cluster(ran):
    first, _second, third = ran("appliance", "present").written("gateway_appliance")
    planned = {key: first[key] for key in ("resource_pool", "datastore", "storage_policy", "folder")}
    assert planned == {key: w.PLAN[0][key] for key in planned}
    assert {key: third[key] for key in planned} == {
        "resource_pool": "pool-2", "datastore": "store-2", "storage_policy": "policy-2", "folder": "folder-2",
    }  # fmt: skip


def test_a_plan_names_the_host_of_each_appliance(ran):
    first, second, third = ran("appliance", "present").written("gateway_appliance")
    assert (first["host"], second["host"]) == ("host-1", "host-2")
    assert "host" not in third


def test_an_appliance_through_which_jobs_may_run_is_not_restarted(ran):
    found = ran("appliance", "shared")
    assert {call["entry"]: call["allow_restart"] for call in found.written("gateway_appliance")} == {
        w.E1: True,
        w.E2: False,
        w.E3: True,
    }
    assert all(call.check_mode for call in found.of("backup_gateway"))
    # Nobody has to be asked about jobs when nothing may be restarted.
    quiet = ran("appliance", "retired")
    assert quiet.of("backup_gateway") == [] and not any(
        call["allow_restart"] for call in quiet.written("gateway_appliance")
    )


def test_appliances_of_a_cluster_are_spread_unless_they_may_be_together(ran):
    assert ran("appliance", "together").of("vsphere_anti_affinity_rule") == []
    rules = ran("appliance", "vsphere").written("vsphere_anti_affinity_rule")
    assert [(rule["cluster"], rule["state"]) for rule in rules] == [("Cluster-1", "present"), ("Cluster-2", "absent")]
    assert rules[0]["virtual_machines"] == [f"vm-of-{w.E1}", f"vm-of-{w.E2}"]
    told = ran("appliance", "shared").result["to_do"]
    assert (
        len(told) == 1
        and "first, first-2 of Cluster-1" in told[0]
        and ran("appliance", "vsphere").result["to_do"] == []
    )


@pytest.mark.parametrize("role", ["appliance", "registration"])
def test_what_nobody_planned_goes_only_when_it_is_named(ran, role):
    found = ran(role, "unplanned")
    module = "gateway_appliance" if role == "appliance" else "backup_gateway"
    gone = [call["entry"] for call in found.written(module, state="absent")]
    assert found.failure == "" and gone == [w.E1, w.E2, w.E3, "blue-cluster-9-1"]
    assert "blue-cluster-9-1" not in str([call.options for call in ran(role, "absent").calls])


def test_only_a_playbook_that_removes_the_gateways_says_that_an_appliance_is_of_none(ran):
    said = {
        run: [call.get("gateway_arn") for call in ran("appliance", run).written("gateway_appliance")]
        for run in ("absent", "unplanned")
    }
    assert said == {"absent": [None] * 3, "unplanned": [""] * 4}


def test_a_wrong_password_is_not_tried_once_for_each_appliance(ran):
    found = ran("appliance", "no_login")
    assert [call.module for call in found.of_group("vsphere")] == ["gateway_appliance_info"]
    assert found.failure == "Cannot log in."


def test_the_endpoint_is_asked_for_in_a_teardown_only_where_it_may_go(ran):
    assert ran("registration", "unplanned").of("vpce_backup_info") and not ran("registration", "absent").of(
        "vpce_backup_info"
    )


@pytest.mark.parametrize("role", ["appliance", "registration"])
def test_a_vcenter_that_does_not_answer_is_a_failure(ran, role):
    assert ran(role, "silent").failure.startswith("vCenter does not answer.")


@pytest.mark.parametrize("role", ["appliance", "registration"])
def test_a_vcenter_that_a_preview_could_not_reach_yet_is_not_asked(ran, role):
    found = ran(role, "out_of_reach")
    assert found.failure == "" and found.of("gateway_appliance_info") == []
    assert {call.options["in_reach"] for call in found.of("gateway_appliance")} == {False}


# Firewall


def test_the_rules_let_the_appliances_to_vcenter_esxi_and_the_five_ports_of_the_endpoint(ran):
    found = ran("firewall", "shared")
    vcenter, esxi = found.written("nsx_mgw_rule")
    assert (vcenter["destination_groups"], vcenter["services"]) == (["VCENTER"], ["HTTPS"])
    assert (esxi["destination_groups"], esxi["services"]) == (["ESXI"], ["HTTPS", "VMware_Remote_Console"])
    (endpoint,) = found.written("nsx_cgw_rule", state="present")
    (ports,) = endpoint["service_entries"]
    assert (ports["l4_protocol"], ports["destination_ports"]) == ("TCP", ["443", "1026", "1027", "1028", "1031"])
    for rule in (vcenter, esxi, endpoint):
        assert (rule["action"], rule["direction"], rule["ip_protocol"]) == ("ALLOW", "IN_OUT", "IPV4_IPV6")
        assert rule["source_groups"] == ["blue-appliances"]


def test_the_group_of_the_endpoint_has_its_addresses_and_comes_first(ran):
    groups = ran("firewall", "shared").written("nsx_group", state="present")
    assert groups[0]["ip_addresses"] == ["10.9.0.5", "10.9.1.5"]
    assert [(group["domain"], group["id"]) for group in groups] == [
        ("cgw", "blue-endpoint"), ("mgw", "blue-appliances"), ("cgw", "blue-appliances"),
    ]  # fmt: skip


def test_rules_go_before_the_groups_that_they_name(ran):
    gone = order(ran("firewall", "absent"), "nsx_group", "nsx_mgw_rule", "nsx_cgw_rule", "nsx_dhcp_static_binding")
    assert {state for _module, state in gone} == {"absent"}
    assert [module for module, _state in gone] == ["nsx_cgw_rule", "nsx_group"] + ["nsx_mgw_rule"] * 2 + [
        "nsx_cgw_rule"
    ] + ["nsx_dhcp_static_binding"] * 4 + ["nsx_group"] * 3


def test_the_appliances_are_let_out_to_exactly_the_time_servers_that_are_named(ran):
    found = ran("firewall", "present")
    assert [group["ip_addresses"] for group in found.written("nsx_group", id="blue-ntp")] == [["169.254.169.123"]]
    (rule,) = found.written("nsx_cgw_rule", id="blue-appliances-to-ntp")
    assert (rule["source_groups"], rule["destination_groups"]) == (["blue-appliances"], ["blue-ntp"])
    (ports,) = rule["service_entries"]
    assert (ports["l4_protocol"], ports["destination_ports"]) == ("UDP", ["123"])
    assert (rule["action"], rule["direction"], rule["disabled"], rule["state"]) == ("ALLOW", "IN_OUT", False, "present")


@pytest.mark.parametrize("run", ["shared", "absent"])
def test_without_time_servers_their_rule_goes_before_their_group(ran, run):
    found = ran("firewall", run)
    assert [call["state"] for call in found.written("nsx_cgw_rule", id="blue-appliances-to-ntp")] == ["absent"]
    assert [call["state"] for call in found.written("nsx_group", id="blue-ntp")] == ["absent"]
    names = [call.options.get("id") for call in writes(found)]
    assert names.index("blue-appliances-to-ntp") < names.index("blue-ntp")


def test_where_no_time_servers_were_seen_nothing_is_asked_for_them(ran):
    assert [call.options["id"] for call in writes(ran("firewall", "seen")) if "ntp" in call.options.get("id", "")] == []


def test_what_nobody_planned_loses_its_binding_when_it_is_named(ran):
    unbound = [call["id"] for call in ran("firewall", "absent").written("nsx_dhcp_static_binding", state="absent")]
    assert unbound == [w.E1, w.E2, w.E3, "blue-cluster-9-1"]


def test_an_address_that_an_appliance_still_has_stays_and_its_binding_too(ran):
    found = ran("firewall", "leaving")
    for group in found.written("nsx_group", state="present")[1:]:
        assert group["ip_addresses"] == ["10.0.5.20", "10.0.5.21", "10.0.5.22", "10.0.5.99"]
    assert [call["id"] for call in found.written("nsx_dhcp_static_binding")] == [w.E2, w.E3]
    assert len(found.result["findings"]) == 1 and "10.0.5.99" in found.result["findings"][0]


def test_without_bindings_the_dhcp_of_the_segment_is_left_alone(ran):
    assert ran("firewall", "unbound").of("nsx_dhcp_static_binding") == []


@pytest.mark.parametrize(("role", "run"), [("firewall", "unbound"), ("registration", "offline")])
def test_of_several_endpoints_the_one_that_is_meant_is_taken(ran, role, run):
    found = ran(role, run)
    assert found.failure == ""
    if role == "firewall":
        assert found.written("nsx_group")[0]["ip_addresses"] == ["10.9.0.9"]
    else:
        named = [call.options["vpc_endpoint"] for call in found.calls if "vpc_endpoint" in call.options]
        assert named and set(named) == {w.OTHER_ENDPOINT["dns_name"]}


# Registration


def test_the_activation_port_is_open_for_the_one_appliance_and_only_while_it_is_activated(ran):
    found = ran("registration", "shared")
    steps = order(found, "nsx_cgw_rule", "gateway_activation_key")
    assert steps == [
        ("nsx_cgw_rule", "present"),
        ("gateway_activation_key", "present"),
        ("nsx_cgw_rule", "absent"),
    ]
    (opened,) = found.written("nsx_cgw_rule", action="ALLOW")
    assert opened["source_groups"] == ["10.1.1.1/32"] and opened["destination_groups"] == ["10.0.5.22/32"]
    assert [entry["destination_ports"] for entry in opened["service_entries"]] == [["80"]]


def test_the_port_is_closed_again_where_the_activation_fails(ran):
    found = ran("registration", "no_key")
    assert found.failure.startswith(f"{w.E3}: No key.")
    assert order(found, "nsx_cgw_rule")[-1] == ("nsx_cgw_rule", "absent")
    assert ["activation_key" in call for call in found.written("backup_gateway")] == [False]
    assert found.written("backup_hypervisor") == []


def test_an_appliance_that_another_run_made_a_gateway_meanwhile_needs_no_key(ran):
    found = ran("registration", "made_meanwhile")
    assert found.failure == ""
    assert [call["entry"] for call in found.written("backup_gateway") if "hypervisor" not in call] == [w.E3]
    assert order(found, "nsx_cgw_rule")[-1] == ("nsx_cgw_rule", "absent")


def test_gateways_are_updated_one_after_the_other_each_unlinked_meanwhile(ran):
    found = ran("registration", "update")
    assert found.failure == ""
    steps = [
        (call.module, call.options.get("hypervisor", call.options.get("gateway")), call.options.get("entry"))
        for call in writes(found)
        if call.module in ("backup_gateway", "backup_gateway_update")
    ]
    assert steps == [
        step
        for number, entry in ((1, w.E1), (2, w.E2))
        for step in (
            ("backup_gateway", "", entry),
            ("backup_gateway_update", w.arn(number), None),
            ("backup_gateway", w.NAME, entry),
        )
    ]


def test_a_gateway_that_is_alone_is_updated_where_it_is_and_what_was_left_unlinked_is_linked(ran):
    found = ran("registration", "update_alone")
    assert found.failure == ""
    assert order(found, "backup_gateway_update", "backup_gateway") == [
        ("backup_gateway_update", "present"),
        ("backup_gateway", "present"),
    ]
    (linked,) = found.written("backup_gateway")
    assert (linked["entry"], linked["hypervisor"]) == (w.E2, w.NAME)


def test_where_no_gateway_is_due_none_is_updated(ran):
    found = ran("registration", "update_nothing")
    assert found.failure == "" and found.of("backup_gateway_update") == [] and found.written("backup_gateway") == []


def test_by_nat_the_way_in_is_there_only_while_the_key_is_fetched(ran):
    found = ran("registration", "by_nat")
    assert found.failure == ""
    way = ("nsx_public_ip", "nsx_nat_rule", "nsx_cgw_rule")
    opened, closed = [(module, "present") for module in way], [(module, "absent") for module in reversed(way)]
    fetched = [("gateway_activation_key", "present")]
    assert order(found, *way, "gateway_activation_key") == opened + fetched + closed
    (rule,) = found.written("nsx_cgw_rule", action="ALLOW")
    assert (rule["source_groups"], rule["destination_groups"]) == (["203.0.113.9/32"], ["10.0.5.22/32"])
    assert rule["scope"] == ["/infra/labels/cgw-public"]
    (led,) = found.written("nsx_nat_rule", action="DNAT")
    assert (led["service"], led["translated_network"], led["translated_ports"]) == ("HTTP", "10.0.5.22", "80")
    (asked,) = found.of("gateway_activation_key")
    assert asked.options["address"] == "198.51.100.7"


def test_by_nat_all_of_it_is_closed_again_where_there_is_no_key(ran):
    found = ran("registration", "by_nat_no_key")
    assert found.failure.startswith(f"{w.E3}: No key.")
    assert order(found, "nsx_public_ip", "nsx_nat_rule", "nsx_cgw_rule")[-3:] == [
        (module, "absent") for module in ("nsx_cgw_rule", "nsx_nat_rule", "nsx_public_ip")
    ]


@pytest.mark.parametrize("run", ["left_open", "absent"])
def test_a_port_that_a_killed_run_left_open_is_closed_first(ran, run):
    found = ran("registration", run)
    rules = found.written("nsx_cgw_rule")
    assert rules[0] == {**rules[0], "id": "blue-activation", "state": "absent"}
    before = [call.module for call in writes(found)]
    assert "backup_gateway" not in before[: before.index("nsx_cgw_rule")]


def test_an_appliance_of_another_address_than_planned_is_not_registered(ran):
    found = ran("registration", "wrong_address")
    assert "has the address 10.0.5.77, planned is 10.0.5.20" in found.failure
    assert {call.module for call in writes(found)} == {"gateway_appliance"}


def test_the_gateways_are_linked_before_vcenter_is_waited_for_and_its_tags_are_mapped(ran):
    found = ran("registration", "present")
    steps = [
        (call.module, sorted(set(call.options) & {"hypervisor", "wait", "vmware_to_aws_tag_mappings"}))
        for call in writes(found)
    ]
    of_vcenter = [keys for module, keys in steps if module == "backup_hypervisor"]
    assert of_vcenter == [["wait"], [], ["vmware_to_aws_tag_mappings"]]
    assert [module for module, keys in steps if "hypervisor" in keys] == ["backup_gateway"] * 3


def test_credentials_are_tested_through_the_gateway_that_was_seen_last(ran):
    assert {call["gateway"] for call in ran("registration", "shared").written("backup_hypervisor")} == {w.arn(3)}


def test_a_gateway_is_given_up_only_when_vcenter_is_online_without_it(ran):
    found = ran("registration", "retire")
    steps = [call.module for call in writes(found)]
    assert steps == [
        "backup_hypervisor_test",
        "backup_gateway",
        "backup_hypervisor",
        "backup_gateway",
        "gateway_appliance",
    ]
    unlinked, gone = found.written("backup_gateway")
    assert (unlinked["hypervisor"], unlinked["entry"], "state" in unlinked) == ("", w.E1, False)
    assert (gone["state"], gone["entry"]) == ("absent", w.E1)
    (waits,) = found.written("backup_hypervisor")
    assert waits["wait_timeout"] == 444 and "wait" not in waits
    (removed,) = found.written("gateway_appliance")
    assert (removed["state"], removed["entry"], removed["gateway_arn"]) == ("absent", w.E1, "")


def test_a_gateway_is_linked_again_where_vcenter_is_not_online_without_it(ran):
    found = ran("registration", "retire_in_vain")
    unlinked, linked = found.written("backup_gateway")
    assert (unlinked["hypervisor"], linked["hypervisor"], linked["entry"]) == ("", "blue", w.E1)
    assert found.written("gateway_appliance") == [] and "It is linked again" in found.failure


def test_credentials_are_written_only_where_a_gateway_can_test_them(ran):
    assert "no hypervisor blue" in ran("registration", "rotate_nothing").failure
    (rotated,) = ran("registration", "rotate").written("backup_hypervisor")
    assert (rotated["update_password"], rotated["username"]) == ("always", "the new user")
    assert ran("registration", "rotate_alone").written("backup_hypervisor")[0]["username"] == "service-user"


def test_the_dead_gateways_of_the_site_that_was_here_go(ran):
    (gone,) = ran("registration", "was").written("backup_gateway", state="absent")
    assert (gone["name"], gone["site_id"]) == ("gateway-8", w.GONE_ID)


def test_a_vcenter_that_shows_no_machine_is_nothing_to_be_content_with(ran):
    assert "AWS Backup lists no virtual machine of it" in ran("registration", "none_seen").failure
    assert ran("registration", "offline").failure == ""


def test_a_hop_in_the_way_fails_and_says_what_to_do(ran):
    assert ran("registration", "in_the_way").failure == "No route.\nroute_table: No route. Add it."


def test_what_was_written_before_a_failure_is_told(ran):
    told = {change["object"] for change in ran("registration", "no_key").result["changes"]}
    assert ran("registration", "no_key").result["failed"] and "appliance" in {each.split()[0] for each in told}


# Protection


def test_nothing_is_made_until_something_is_to_be_protected(ran):
    assert ran("protection", "nothing").calls == [] and ran("protection", "nothing").failure == ""


def test_what_is_protected_is_made_in_the_order_in_which_it_is_needed(ran):
    made = order(ran("protection", "present"), "backup_kms_key", "backup_vault", "backup_plan", "backup_selection")
    assert [module for module, _state in made] == [
        "backup_kms_key",
        *["backup_vault"] * 2,
        "backup_plan",
        "backup_selection",
    ]
    assert {state for _module, state in made} == {"present"}
    (key,) = ran("protection", "present").written("backup_kms_key")
    assert key["enable_key_rotation"] is True


def test_everything_is_tried_before_anything_is_written_and_what_does_not_differ_is_not_written(ran):
    calls = [call for call in ran("protection", "present").calls if not call.reads]
    tries = [call.module for call in calls if call.check_mode]
    assert tries == [call.module for call in calls if not call.check_mode]
    assert [call.check_mode for call in calls] == [True] * len(tries) + [False] * len(tries)
    assert writes(ran("protection", "settled")) == []
    assert ran("protection", "settled").failure == "" and ran("protection", "settled").changed == 0


def test_what_would_be_refused_is_told_in_the_words_of_the_role(ran):
    told = ran("protection", "refused").failure
    assert told == "backup_plan all: protection_allow_less: the rule daily would keep less."
    assert "vmc_backup_protection: Lock: Does not fit." in ran("protection", "misfit").failure
    assert "vmc_backup_protection: all: x: schedule_expression" in ran("protection", "unmeant").failure


def test_a_machine_that_moves_between_selections_is_in_one_of_them_all_the_time(ran):
    found = ran("protection", "moved").written("backup_selection")
    assert [(one["name"], one["keep_older"]) for one in found] == [
        ("all", True),
        ("gold", True),
        ("all", False),
        ("gold", False),
    ]
    assert [one["keep_older"] for one in ran("protection", "present").written("backup_selection")] == [False]


def test_a_plan_that_nobody_asks_for_goes_only_when_it_is_named_and_holds_nothing_of_others(ran):
    assert order(ran("protection", "retired"), "backup_selection", "backup_plan")[-2:] == [
        ("backup_selection", "absent"),
        ("backup_plan", "absent"),
    ]
    (gone,) = ran("protection", "retired").written("backup_plan", state="absent")
    assert (gone["name"], gone["selections_gone"]) == ("blue-old", ["old"])
    assert ran("protection", "others").written("backup_plan", state="absent") == []
    (told,) = ran("protection", "present").result["findings"][:1]
    assert "blue-old" in told and ran("protection", "present").written("backup_plan", state="absent") == []


def test_vaults_keys_and_points_outlive_the_protection(ran):
    for run in ("absent", "absent_untold"):
        assert {call.module for call in writes(ran("protection", run))} <= {"backup_selection", "backup_plan"}
        assert len(ran("protection", run).written("backup_selection", state="absent")) == 2
    (told,) = ran("protection", "absent").result["last_points"]
    assert "expires at 2026-03-08" in told
    (told,) = ran("protection", "absent_untold").result["last_points"]
    assert "Denied." in told


def test_own_vaults_and_keys_are_used_and_none_is_made(ran):
    found = ran("protection", "own_vaults")
    assert found.written("backup_kms_key") == []
    (vault,) = found.written("backup_vault")
    assert vault["encryption_key_arn"] == "alias/theirs"
    (plan,) = found.written("backup_plan")
    assert {copy["destination_backup_vault_arn"] for rule in plan["rules"] for copy in rule["copy_actions"]} == {
        "arn:aws:backup:eu-north-1:444455556666:backup-vault:theirs"
    }


def test_a_backup_at_once_is_started_for_each_machine_and_then_waited_for(ran):
    found = ran("protection", "now").written("backup_job")
    assert [(one["wait"], one.get("request_id")) for one in found] == [(False, "CHG1"), (True, "r-1")]
    assert {one["resource_arn"] for one in found} == {w.WEB["resource_arn"]}
    (alone,) = ran("protection", "now_alone").written("backup_job")
    assert (alone["keep_forever"], alone["wait"], "request_id" in alone) == (True, False, False)
    assert "lists no machine nobody" in ran("protection", "now_unknown").failure


def test_a_canary_is_made_once_there_is_a_vault_and_then_no_more(ran):
    (made,) = ran("registration", "canary").written("backup_job")
    assert (made["virtual_machine"], made["lifecycle"]) == ("web", {"delete_after_days": 2})
    assert made["request_id"].startswith("canary-") and len(made["request_id"]) == len("canary-") + 16
    assert ran("registration", "canary_later").of("backup_job") == []
    (later,) = ran("protection", "canary").written("backup_job")
    assert later["backup_vault_name"] == "blue-backups"


def test_asking_whether_the_site_may_be_taken_off_writes_nothing(ran):
    found = ran("registration", "ask")
    assert writes(found) == [] and found.of("backup_hypervisor", state="absent") != []


# Restore drills


def test_a_drill_is_of_the_machine_that_is_named(ran):
    (asked,) = ran("restore_drill", "present").written("restore_job")
    assert asked["recovery_point_arn"] == w.KEPT_MACHINE["newest_recovery_point"]["recovery_point_arn"]
    assert asked["backup_vault_name"] == "vault-of-it"


def test_a_drill_is_begun_unless_it_shall_not_be(ran):
    found = ran("restore_drill", "absent")
    assert (found.failure, [call.module for call in found.calls if not call.reads]) == ("", [])


def test_a_drill_to_vcenter_waits_until_somebody_has_looked(ran):
    found = ran("restore_drill", "unverified")
    assert "restore_drill_behaviour_verified" in found.failure
    assert [call.module for call in found.calls if not call.reads] == []


def test_what_a_restore_would_be_refused_for_is_asked_before_anything_is_made(ran):
    for run in ("present", "vmware"):
        first, second = ran("restore_drill", run).of("restore_job")
        assert (first.check_mode, second.check_mode) == (True, False)
        assert {**first.options, "wait_timeout": 0} == {**second.options, "wait_timeout": 0}


def test_an_on_demand_backup_is_made_of_what_is_drilled(ran):
    found = ran("restore_drill", "on_demand")
    (backup,) = found.written("backup_job")
    (restore,) = found.written("restore_job")
    assert backup["resource_arn"] == w.KEPT_MACHINE["resource_arn"]
    assert restore["recovery_point_arn"] == w.BACKED_UP["recovery_point_arn"]
    assert (restore["backup_vault_name"], backup["request_id"]) == ("vault-2", restore["request_id"])
    assert ran("restore_drill", "present").of("backup_job") == []


def test_a_machine_is_disconnected_before_it_is_powered_on(ran):
    looked, booted, removed = ran("restore_drill", "vmware").written("restored_machine")
    assert (looked["network_connected"], looked.get("powered_on")) == (False, None)
    assert (booted["network_connected"], booted["powered_on"], booted["wait_for_tools"]) == (False, True, True)
    assert (removed["state"], removed["instance_uuid"]) == ("absent", w.RESTORED["instance_uuid"])
    assert {call["name"] for call in (looked, booted, removed)} == {
        ran("restore_drill", "vmware").written("restore_job")[0]["vm_name"]
    }
    assert all(call["there_before"] == ["uuid-of-source"] for call in (looked, booted, removed))


def test_what_is_not_known_is_not_removed(ran):
    found = ran("restore_drill", "failed")
    assert found.of("restored_machine", state="absent") == []
    assert found.result["unproven"] and found.failure == ""
    (record,) = found.result["drills"]
    assert (record["state"], record["restore_job_id"], record["site_id"]) == ("open", "r-1", w.SITE)


def test_objectives_of_drills_are_judged(ran):
    found = ran("restore_drill", "present").result
    (record,) = found["drills"]
    assert (record["state"], record["level"], record["recovery_seconds"]) == ("closed", "disk", 1800)
    told = {each["id"]: each["verdict"] for each in found["drill_findings"]}
    assert (told["recovery_time"], told["last_proof"]) == ("broken", "ok")


# Verification


def test_verification_that_is_absent_asks_nothing(ran):
    found = ran("verification", "absent")
    assert found.failure == "" and [call.module for call in found.calls if call.role] == []
    assert found.result["findings"] == []


@pytest.mark.parametrize("run", ["present", "vsphere"])
def test_verification_asks_vcenter_once_and_hands_on_what_it_said(ran, run):
    found = ran("verification", run)
    (seen,) = [call.options["seen"]["vcenter"] for call in found.of("backup_verification_info")]
    assert seen["virtual_machines"] == [{"name": "a machine"}]
    (asked,) = [call.options["exclusions"] for call in found.of("backup_verification_info")]
    assert asked == [{"folder": "/dc/vm/Scratch", "reason": "scratch", "approver": "a board", "expires": "2030-01-01"}]
    assert found.result["findings"] == [w.FINDING] and not found.result["failed"]
    assert writes(found) == []


def test_a_vcenter_that_does_not_answer_is_judged_and_no_failure(ran):
    found = ran("verification", "out_of_reach")
    assert found.failure == ""
    assert [call.options["seen"]["vcenter"]["msg"] for call in found.of("backup_verification_info")] == [
        "vCenter does not answer."
    ]


def test_a_verification_that_fails_leaves_why(ran):
    found = ran("verification", "denied")
    assert found.failure == found.result["msg"] == "You may not."
    assert found.result["failed"] and found.result["findings"] == []
