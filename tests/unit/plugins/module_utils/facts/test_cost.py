# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import cost

GB = 1 << 30
VAULT = "arn:aws:backup:us-east-1:123456789012:backup-vault:far"


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("rate(12 hours)", 2),
        ("rate(1 day)", 1),
        ("rate(30 minutes)", 48),
        ("rate(7 days)", 1 / 7),
        ("cron(0 5 ? * * *)", 1),
        ("cron(0 5,17 * * ? *)", 2),
        ("cron(0 */6 ? * * *)", 4),
        ("cron(0 8-18/2 ? * * *)", 6),
        ("cron(0/30 5 ? * * *)", 2),
        ("cron(0 5 ? * SUN *)", 1 / 7),
        ("cron(0 5 ? * MON-FRI *)", 5 / 7),
        ("cron(0 5 ? * 2-6 *)", 5 / 7),
        ("cron(0 5 1 * ? *)", 12 / 365),
        ("cron(0 5 1,15 * ? *)", 24 / 365),
        ("cron(0 5 L * ? *)", 12 / 365),
        ("cron(0 5 3W * ? *)", 12 / 365),
        ("cron(0 5 ? * 6L *)", 12 / 365),
        ("cron(0 5 ? * SUN#1 *)", 12 / 365),
        ("cron(0 5 1 1 ? *)", 1 / 365),
        ("cron(0 5 1 JAN,JUL ? *)", 2 / 365),
        ("cron(0 5 * * *)", None),
        ("cron(0 25 ? * * *)", None),
        ("cron(0 5 ? * MOON *)", None),
        ("cron(0 5/0 ? * * *)", None),
        ("rate(0 hours)", None),
        ("sometimes", None),
        ("", None),
    ],
)
def test_how_often_a_schedule_comes_round(schedule, expected):
    assert cost.per_day(schedule) == (expected if expected is None else pytest.approx(expected))


def arn(number):
    return f"arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-{number}"


def point(number, gb, **more):
    return {
        "RecoveryPointArn": f"p-{number}-{gb}",
        "ResourceArn": arn(number),
        "ResourceType": "VirtualMachine",
        "BackupSizeInBytes": gb * GB,
        **more,
    }


def rule(name, schedule, **more):
    return {
        "RuleName": name,
        "TargetBackupVaultName": "near",
        "ScheduleExpression": schedule,
        "Lifecycle": {"DeleteAfterDays": 35},
        **more,
    }


class World:
    def __init__(self, **listed):
        self.rules = [
            rule(
                "daily",
                "rate(1 day)",
                CopyActions=[{"DestinationBackupVaultArn": VAULT, "Lifecycle": {"DeleteAfterDays": 10}}],
            )
        ]
        self.selected = {"Resources": [arn(1), arn(2)]}
        self.points = [point(1, 5), point(1, 100), point(2, 50), point(9, 7, Status="EXPIRED")]
        self.tags = []
        self.asked = []
        self.__dict__.update(listed)

    def client(self, service):
        return types.SimpleNamespace(pages=self.pages, call=self.call)

    def pages(self, operation, key, **request):
        self.asked.append(operation)
        return {
            "list_virtual_machines": [{"ResourceArn": arn(number), "Name": f"web-{number}"} for number in (1, 2, 3)],
            "list_hypervisors": [],
            "list_backup_plans": [{"BackupPlanId": "p", "BackupPlanName": "plan", "BackupPlanArn": "arn:p"}],
            "list_backup_selections": [{"SelectionId": "s"}],
            "list_backup_vaults": [{"BackupVaultName": "near"}],
            "list_recovery_points_by_backup_vault": self.points,
            "get_resources": self.tags,
        }[operation]

    def call(self, operation, missing=(), **request):
        self.asked.append(operation)
        plan = {"BackupPlanName": "plan", "Rules": self.rules}
        selection = {"SelectionName": "s", "IamRoleArn": "r", **self.selected}
        return {
            "get_backup_plan": {"BackupPlanId": "p", "BackupPlanArn": "arn:p", "VersionId": "v", "BackupPlan": plan},
            "list_tags": {"Tags": {}},
            "get_backup_selection": {"SelectionId": "s", "BackupPlanId": "p", "BackupSelection": selection},
        }[operation]


def test_machines_are_counted_by_the_rules_that_take_them_with_their_largest_points():
    values, sources = cost.of_region(World().client)
    assert values["machines"] == [{"count": 2, "size_gb": 75, "rules": ["plan/daily"]}]
    assert values["expired_gb"] == 7
    assert values["not_counted"] == []
    assert sources["machines"] == "recovery points of 3 machines, the largest of each"
    (found,) = values["rules"]
    assert found == {
        "name": "plan/daily",
        "backups_per_day": 1,
        "vault": "near",
        "delete_after_days": 35,
        "keep_forever": False,
        "copies": [
            {
                "region": "us-east-1",
                "account_id": "123456789012",
                "vault": "far",
                "delete_after_days": 10,
                "keep_forever": False,
            }
        ],
    }


def test_a_machine_without_a_point_is_told_and_not_counted():
    values, _sources = cost.of_region(World(points=[point(1, 100)]).client)
    assert values["machines"] == [{"count": 1, "size_gb": 100, "rules": ["plan/daily"]}]
    (told,) = values["not_counted"]
    assert told.startswith("1 machines that plans take have no recovery point")


def test_a_rule_whose_schedule_nobody_can_read_is_told():
    values, _sources = cost.of_region(World(rules=[rule("odd", "whenever")]).client)
    assert values["rules"] == []
    assert values["not_counted"] == ["How often plan/odd runs cannot be told from 'whenever'."]


def test_tags_are_asked_for_where_a_selection_asks_for_one():
    world = World()
    cost.of_region(world.client)
    assert "get_resources" not in world.asked
    condition = {"ConditionKey": "aws:ResourceTag/stage", "ConditionValue": "production"}
    tags = [{"ResourceARN": arn(2), "Tags": [{"Key": "stage", "Value": "production"}]}]
    world = World(selected={"Resources": ["*"], "Conditions": {"StringEquals": [condition]}}, tags=tags)
    assert cost.of_region(world.client)[0]["machines"] == [{"count": 1, "size_gb": 50, "rules": ["plan/daily"]}]


ENDPOINT = {"vpc_endpoint_id": "vpce-1", "state": "available", "vpc_id": "vpc-1", "availability_zone_ids": ["a"]}
SDDC = {"name": "sddc-1", "availability_zone_ids": ["a"], "connected_vpc": {"vpc_id": "vpc-1"}}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({}, {}),
        ({"endpoints": []}, {"endpoint_zone_ids": []}),
        ({"endpoints": [{**ENDPOINT, "state": "deleted"}]}, {"endpoint_zone_ids": []}),
        ({"endpoints": [ENDPOINT, ENDPOINT]}, {"endpoint_zone_ids": ["a", "a"]}),
        (
            {"endpoints": [ENDPOINT], "sddcs": [SDDC]},
            {"endpoint_zone_ids": ["a"], "sddc_zone_ids": ["a"], "way": "connected_vpc"},
        ),
        (
            {"endpoints": [{**ENDPOINT, "vpc_id": "vpc-2"}], "sddcs": [SDDC]},
            {"endpoint_zone_ids": ["a"], "sddc_zone_ids": ["a"], "way": "transit_connect"},
        ),
        ({"sddcs": [{**SDDC, "connected_vpc": None}]}, {"sddc_zone_ids": ["a"]}),
    ],
)
def test_what_other_tasks_saw_counts(seen, expected):
    values, sources = cost.of_seen(seen)
    assert values == expected and set(sources) == set(values)


def test_planned_rules_are_read_as_backup_plan_takes_them():
    copy = {"destination_backup_vault_arn": VAULT, "lifecycle": None, "keep_forever": True}
    planned = [
        {
            "name": "daily",
            "schedule_expression": "rate(1 day)",
            "lifecycle": {"delete_after_days": 35},
            "copy_actions": [copy],
        },
        {"name": "odd", "schedule_expression": "whenever", "keep_forever": True},
    ]
    values, sources = cost.of_planned(planned)
    assert values["rules"] == [
        {
            "name": "daily",
            "backups_per_day": 1,
            "delete_after_days": 35,
            "keep_forever": False,
            "copies": [{"region": "us-east-1", "account_id": "123456789012", "vault": "far", "keep_forever": True}],
        }
    ]
    assert values["not_counted"] == ["How often odd runs cannot be told from 'whenever'."]
    assert sources == {"rules": "planned_rules"}


def test_a_hypervisor_that_is_not_there_is_told():
    values, _sources = cost.of_region(World().client, "elsewhere")
    assert values["machines"] == [] and values["expired_gb"] == 0
    assert values["not_counted"] == ["AWS Backup lists no machine of a hypervisor called elsewhere."]
