# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.variables import (
    is_given,
    may_be_told,
    misnamed,
    of_environment,
    typed,
)

PLAN = [{"cluster": "C", "addresses": ["10.0.0.1", ""], "count": 1}]


@pytest.mark.parametrize("value", [None, "", " ", "\n"])
def test_what_is_empty_is_not_given(value):
    assert not is_given(value)


@pytest.mark.parametrize("value", [0, False, [], {}, "0", "false"])
def test_what_says_no_or_none_is_given(value):
    assert is_given(value)


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("appliance_spread", "false", False),
        ("appliance_spread", " Off ", False),
        ("appliance_spread", "1", True),
        ("appliance_spread", 0, False),
        ("firewall_mgw_sequence_number", "20", 20),
        ("firewall_mgw_sequence_number", " 20\n", 20),
        ("firewall_mgw_sequence_number", 20.0, 20),
        ("vmc_backup_name", 12, "12"),
        ("vmc_backup_control_addresses", "127.0.0.1/32", ["127.0.0.1/32"]),
        ("vmc_backup_control_addresses", "10.0.0.1, 10.0.0.2", ["10.0.0.1", "10.0.0.2"]),
        ("vmc_backup_control_addresses", "10.0.0.1\n10.0.0.2\n", ["10.0.0.1", "10.0.0.2"]),
        ("vmc_backup_control_addresses", "- 10.0.0.1\n- 10.0.0.2\n", ["10.0.0.1", "10.0.0.2"]),
        ("vmc_backup_control_addresses", '["10.0.0.1"]', ["10.0.0.1"]),
        ("vmc_backup_control_addresses", "[10.0.0.1, 10.0.0.2]", ["10.0.0.1", "10.0.0.2"]),
        ("vmc_backup_control_addresses", "[]", []),
        ("registration_retired", "[012, 1:30, yes]", ["012", "1:30", "yes"]),
        ("registration_retired", ",", []),
        ("registration_retired", 5, ["5"]),
        ("vmc_backup_tags", '{"owner": "us"}', {"owner": "us"}),
        ("vmc_backup_tags", "owner: us\nteam: them", {"owner": "us", "team": "them"}),
        ("vmc_backup_tags", "{}", {}),
        ("appliance_properties", {"on": True}, {"on": True}),
        ("vmc_backup_appliances", PLAN, PLAN),
        ("vmc_backup_appliances", json.dumps(PLAN), PLAN),
        ("vmc_backup_appliances", "- {cluster: C, addresses: [10.0.0.1, ''], count: '1'}", PLAN),
        (
            "vmc_backup_appliances",
            [{**PLAN[0], "count": "", "name": None}],
            [{"cluster": "C", "addresses": ["10.0.0.1", ""]}],
        ),
        ("vmc_backup_appliances", [{**PLAN[0], "addresses": "10.0.0.1"}], [{**PLAN[0], "addresses": ["10.0.0.1"]}]),
        ("vmc_backup_appliances", [{**PLAN[0], "addresses": ["10.0.0.1", None]}], PLAN),
        ("vmc_backup_appliances", json.dumps([{**PLAN[0], "addresses": ["10.0.0.1", None], "name": None}]), PLAN),
        ("registration_log_group_arn", "None", ""),
    ],
)
def test_text_means_what_it_says(name, value, meant):
    assert typed(name, value) == meant
    assert type(typed(name, value)) is type(meant)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("firewall_mgw_sequence_number", "first", "firewall_mgw_sequence_number: 'first' is no whole number."),
        ("firewall_mgw_sequence_number", 1.5, "no whole number"),
        ("firewall_mgw_sequence_number", True, "no whole number"),
        ("firewall_mgw_sequence_number", -1, "-1 must be at least 0"),
        ("appliance_max_datastore_usage", "101", "101 must be from 1 to 100"),
        ("appliance_spread", "perhaps", "'perhaps' is no truth value: true or false."),
        ("appliance_spread", 2, "no truth value"),
        ("appliance_spread", [], "no truth value"),
        ("vmc_backup_segment", True, "True is no text"),
        ("vmc_backup_segment", ["a"], "no text"),
        ("vmc_backup_segment", "a\nb", "holds a control character"),
        ("appliance_on_immutable", "ignore", "'ignore' must be one of fail, report."),
        ("registration_retired", "[a", "no list"),
        ("registration_retired", {"a": "b"}, "no list"),
        ("registration_retired", [["a"]], r"registration_retired\[0\]: \['a'\] is no text"),
        (
            "endpoint_cidr_ips",
            "10.0.0.0/24,10.0.1.1/24",
            r"endpoint_cidr_ips\[1\]: 10.0.1.1/24 is no IPv4 address or network",
        ),
        ("vmc_backup_dns_servers", ["dns.example"], r"vmc_backup_dns_servers\[0\]: 'dns.example' is not an address"),
        ("vmc_backup_tags", {"aws:owner": "us"}, "vmc_backup_tags: The key 'aws:owner'"),
        ("vmc_backup_tags", "owner", "'owner' is no dictionary"),
        ("vmc_backup_tags", ["owner"], "no dictionary"),
        ("vmc_backup_appliances", "C", "'C' is no list"),
        ("vmc_backup_appliances", 5, "no list"),
        ("vmc_backup_appliances", ["C"], r"vmc_backup_appliances\[0\]: 'C' is no dictionary"),
        ("vmc_backup_appliances", [{"addresses": []}], r"vmc_backup_appliances\[0\]: cluster is missing"),
        (
            "vmc_backup_appliances",
            [{"cluster": "C", "adresses": []}],
            "there is no adresses; there are: cluster, addresses",
        ),
        ("vmc_backup_appliances", [{"cluster": "C", "count": "two"}], r"\[0\].count: 'two' is no whole number"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_the_variable(name, value, says):
    with pytest.raises(Invalid, match=says) as caught:
        typed(name, value)
    assert str(caught.value).startswith(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vmc_backup_vcenter_password", ["hush"]),
        ("vmc_backup_vcenter_password", "hush\n"),
        ("appliance_secret_properties", "hush"),
        ("vmc_backup_ova", ["https://image.example/a.ova?sig=hush"]),
    ],
)
def test_nothing_of_a_secret_is_shown_when_it_is_refused(name, value):
    with pytest.raises(Invalid, match=name) as caught:
        typed(name, value)
    assert "hush" not in str(caught.value)
    assert not may_be_told(name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("vmc_backup_apliances", "vmc_backup_appliances"),
        ("vmc_backup_appliance", "vmc_backup_appliances"),
        ("vmc_backup_control_address", "vmc_backup_control_addresses"),
        ("vmc_backup_region", "vmc_backup_aws_region"),
        ("vmc_backup_vcenter_user", "vmc_backup_vcenter_username"),
        ("vmc_backup_vcenter_host", "vmc_backup_vcenter_hostname"),
        ("vmc_backup_host", "vmc_backup_hosts"),
        ("vmc_backup_org", "vmc_backup_org_id"),
        ("vmc_backup_confirm", "vmc_backup_rotate_confirm"),
        ("appliance_allow_restarts", "appliance_allow_restart"),
        ("registration_timeout", "registration_boot_timeout"),
    ],
)
def test_a_name_that_is_nearly_one_of_ours_is_a_slip(name, meant):
    assert misnamed([name]) == ({name: meant}, [])


@pytest.mark.parametrize("name", ["vmc_backup_env", "vmc_backup_vault_api_token", "endpoint_url", "firewall_zone"])
def test_a_name_that_only_begins_like_ours_is_somebody_s_own(name):
    assert misnamed([name]) == ({}, [name])


def test_names_of_ours_and_of_others_are_no_slips():
    assert misnamed(["vmc_backup_name", "endpoint_result", "vmc_backup_replace", "other", "vmc_backup", 5]) == ({}, [])


def test_what_an_earlier_job_of_a_workflow_has_left_is_no_slip():
    assert misnamed(["vmc_backup_outcome_sddc_1"]) == ({}, [])


def test_the_environment_says_what_the_modules_take_from_there(monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "VMWARE_HOST"):
        monkeypatch.delenv(name, raising=False)
    assert of_environment("vmc_backup_vcenter_hostname") is None
    monkeypatch.setenv("VMWARE_HOST", "vc.example")
    monkeypatch.setenv("AWS_REGION", "")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert of_environment("vmc_backup_vcenter_hostname") == "vc.example"
    assert of_environment("vmc_backup_aws_region") == "eu-west-1"
    assert of_environment("vmc_backup_name") is None
