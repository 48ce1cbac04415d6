# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Incomplete, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.region_settings import RegionSettings, find, view
from ansible_collections.vmc.aws_backup.plugins.modules import backup_region_settings

from .aws_api import Api, params

OPT_IN = {"EBS": True, "RDS": False, "Storage Gateway": True, "VirtualMachine": False}
ON = {"resource_type_opt_in_preference": {"VirtualMachine": True}}


class MemoryBackup(Api):
    """A Region, in each of the behaviours towards types that are left out, and perhaps with types that it does not take back."""

    def __init__(self, left_out, refused=()):
        self.left_out, self.refused = left_out, refused
        self.settings = {
            "ResourceTypeOptInPreference": dict(OPT_IN),
            "ResourceTypeManagementPreference": {"DynamoDB": False, "EFS": True},
        }
        super().__init__(describe_region_settings=self.describe, update_region_settings=self.change)

    def describe(self):
        return {**{name: dict(one) for name, one in self.settings.items()}, "ResponseMetadata": {}}

    def change(self, **given):
        for name, preferences in given.items():
            if set(self.refused) & set(preferences):
                raise ApiError("Element present in ... has invalid values", code="InvalidParameterValueException")
            become = {"merge": self.settings[name]}.get(self.left_out) or dict.fromkeys(
                self.settings[name], self.left_out == "defaults"
            )
            self.settings[name] = {**become, **preferences}
        return {}


@pytest.fixture(params=["merge", "replace", "defaults"])
def backup(request):
    return MemoryBackup(request.param)


def settings(backup, **given):
    return RegionSettings(backup, params(backup_region_settings, **given))


def test_one_type_is_switched_as_predicted_and_no_other(backup):
    predicted = reconcile(settings(backup, **ON), check_mode=True)
    assert backup.writes == []
    applied = reconcile(settings(backup, **ON))
    assert predicted.changes == applied.changes
    assert [(change.path, change.desired, change.actual, change.effect) for change in applied.changes] == [
        ("resource_type_opt_in_preference.VirtualMachine", True, False, "in_place")
    ]
    assert backup.settings["ResourceTypeOptInPreference"] == {**OPT_IN, "VirtualMachine": True}
    assert not reconcile(settings(backup, **ON)).changed
    assert len(backup.writes) == 1


def test_both_preferences_go_in_one_call_and_one_that_is_right_is_not_sent(backup):
    both = {**ON, "resource_type_management_preference": {"DynamoDB": True}}
    reconcile(settings(backup, **both))
    assert backup.settings["ResourceTypeManagementPreference"] == {"DynamoDB": True, "EFS": True}
    reconcile(settings(backup, **{**both, "resource_type_management_preference": {"EFS": False}}))
    assert [sorted(request) for _operation, request in backup.writes] == [
        ["ResourceTypeManagementPreference", "ResourceTypeOptInPreference"],
        ["ResourceTypeManagementPreference"],
    ]


def test_what_somebody_else_switches_meanwhile_stays(backup):
    resource = settings(backup, **ON)
    have = resource.observe()
    backup.settings["ResourceTypeOptInPreference"]["RDS"] = True
    resource.update(have, resource.want(have))
    assert backup.settings["ResourceTypeOptInPreference"] == {**OPT_IN, "VirtualMachine": True, "RDS": True}


def test_text_and_numbers_that_mean_yes_or_no_are_taken(backup):
    given = {"resource_type_opt_in_preference": {"VirtualMachine": "True", "EBS": "no", "RDS": 0}}
    reconcile(settings(backup, **given))
    assert backup.settings["ResourceTypeOptInPreference"] == {**OPT_IN, "VirtualMachine": True, "EBS": False}
    assert not reconcile(settings(backup, **given)).changed


@pytest.mark.parametrize("option", ["resource_type_opt_in_preference", "resource_type_management_preference"])
@pytest.mark.parametrize("given", [{}, {"EFS": None}, {"Nothing": True}, {"EFS": "perhaps"}, {"EFS": []}, {1: True}])
def test_what_cannot_be_is_refused_before_the_first_write(backup, option, given):
    backup.settings["ResourceTypeOptInPreference"]["EFS"] = True
    with pytest.raises(Invalid) as caught:
        reconcile(settings(backup, **{option: given}))
    assert caught.value.option == option
    assert backup.writes == []


def test_a_slip_is_told_with_what_is_meant(backup):
    with pytest.raises(Invalid, match="Is VirtualMachine meant"):
        reconcile(settings(backup, resource_type_opt_in_preference={"virtualmachines": True}))
    with pytest.raises(Invalid, match="There are: DynamoDB, EFS"):
        reconcile(settings(backup, resource_type_management_preference={"VirtualMachine": True}))


@pytest.mark.parametrize(("left_out", "became"), [("merge", False), ("defaults", True)])
def test_a_type_that_aws_lists_but_refuses_is_left_out_and_named(left_out, became):
    backup = MemoryBackup(left_out, refused=["RDS"])
    outcome = reconcile(settings(backup, **ON))
    assert backup.settings["ResourceTypeOptInPreference"] == {**OPT_IN, "VirtualMachine": True, "RDS": became}
    (warning,) = outcome.warnings
    assert "resource_type_opt_in_preference.RDS" in warning and "VirtualMachine" not in warning
    assert ("AWS has made True of False" in warning) is became
    assert reconcile(settings(backup, **ON)).changed is False


@pytest.mark.parametrize("refused", [["VirtualMachine"], ["EBS", "RDS"]])
def test_where_no_single_other_type_is_at_fault_nothing_is_blamed_that_need_not_be(refused):
    backup = MemoryBackup("merge", refused=refused)
    with pytest.raises(Incomplete, match="one that was asked for, or several that it lists itself") as caught:
        reconcile(settings(backup, **ON))
    assert "(EBS, RDS, Storage Gateway)" in str(caught.value)
    assert backup.settings["ResourceTypeOptInPreference"] == OPT_IN


def test_another_refusal_is_not_taken_for_one_of_a_type():
    backup = MemoryBackup("merge")
    backup.answers["update_region_settings"] = ApiError("no", code="ServiceUnavailableException")
    with pytest.raises(Incomplete, match="no"):
        reconcile(settings(backup, **ON))
    assert len(backup.writes) == 1


def test_something_is_asked_for(backup):
    with pytest.raises(Invalid, match="resource_type_opt_in_preference: give this"):
        reconcile(settings(backup))


def test_the_region_is_shown_without_the_answers_envelope(backup):
    shown = view(find(backup)[0])
    assert set(shown) == {"region", "resource_type_opt_in_preference", "resource_type_management_preference"}
    assert (shown["region"], shown["resource_type_opt_in_preference"]) == ("eu-west-1", OPT_IN)
