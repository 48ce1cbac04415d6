# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import covered

from .aws_api import Api

ALL = ["arn:aws:backup-gateway:eu-west-1:1:vm/*"]
PATH = "aws:ResourceTag/aws:backup-gateway:path"


def found(folder="/dc/vm/Restored", **selection):
    raw = {"SelectionName": "s", "IamRoleArn": "r", **selection}
    api = Api(
        list_backup_plans={"BackupPlansList": [{"BackupPlanId": "p", "BackupPlanName": "daily"}]},
        list_backup_selections={"BackupSelectionsList": [{"SelectionId": "1"}]},
        get_backup_selection={"SelectionId": "1", "BackupPlanId": "p", "BackupSelection": raw},
    )
    return covered.by(api, folder, "web-1", "arn:aws:backup-gateway:eu-west-1:1:vm/restored")


def conditions(**given):
    return {operator: [{"ConditionKey": key, "ConditionValue": value}] for operator, (key, value) in given.items()}


@pytest.mark.parametrize(
    ("selection", "covers"),
    [
        ({"Resources": ALL}, True),
        ({"Resources": ["arn:aws:backup-gateway:eu-west-1:1:vm/vm-1"]}, False),
        ({"Resources": ALL, "NotResources": ALL}, False),
        ({"Resources": ALL, "Conditions": conditions(StringEquals=(PATH, "/dc/vm/Restored"))}, True),
        ({"Resources": ALL, "Conditions": conditions(StringEquals=(PATH, "/dc/vm/Restored/web-1"))}, True),
        ({"Resources": ALL, "Conditions": conditions(StringLike=(PATH, "/dc/vm/*"))}, True),
        ({"Resources": ALL, "Conditions": conditions(StringEquals=(PATH, "/dc/vm/Workloads"))}, False),
        ({"Resources": ALL, "Conditions": conditions(StringNotEquals=(PATH, "/dc/vm/Restored"))}, False),
        ({"Resources": ALL, "Conditions": conditions(StringNotLike=(PATH, "/dc/vm/Restored*"))}, False),
        ({"Resources": ALL, "Conditions": conditions(StringEquals=("aws:ResourceTag/backup", "daily"))}, False),
        (
            {"Resources": ALL, "Conditions": conditions(StringEquals=("aws:ResourceTag/vmc-aws-backup-site", "s1"))},
            True,
        ),
        (
            {"ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"}]},
            False,
        ),
    ],
)
def test_a_folder_is_covered_where_a_selection_takes_a_new_machine_in_it(selection, covers):
    assert found(**selection) == (["the selection s of the plan daily"] if covers else [])
    assert found(folder="/dc/vm/Restored/", **selection) == found(**selection)
