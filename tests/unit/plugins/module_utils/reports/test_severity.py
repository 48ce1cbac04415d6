# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.severity import TABLE, rows, severity


def graded(kind, path, desired, actual, effect="in_place", **more):
    given = {"kind": kind, "name": "x", "path": path, "desired": desired, "actual": actual, "effect": effect, **more}
    return severity(given)


@pytest.mark.parametrize(
    ("finding", "grade"),
    [
        # By what it is of.
        (("appliance", "powered_on", True, False), "critical"),
        (("appliance", "notes", "a", "b"), "info"),
        (("mgw_rule", "enabled", True, False), "warning"),
        (("kms_key", "enabled", True, False), "critical"),
        (("kms_key", "tags.owner", "a", "b"), "info"),
        (("kms_key", "tags.managed-by", "vmc-aws-backup", None), "warning"),
        (("vpc_endpoint", "private_dns_enabled", False, True), "critical"),
        (("backup_selection", "conditions", [], ["x"]), "critical"),
        # By its values.
        (("security_group", "ingress", [], [{"cidr_ip": "10.0.0.0/24"}]), "warning"),
        (("security_group", "ingress", [], [{"cidr_ip": "0.0.0.0/0"}]), "critical"),
        (("security_group", "ingress", [], [{"cidr_ip": "::/0"}]), "critical"),
        (("security_group", "ingress", [], [{"cidr_ip": "0.0.0.0/1"}, {"port": 443}]), "critical"),
        (("mgw_rule", "sources", ["a"], ["ANY"]), "critical"),
        (("backup_plan", "rules.daily.delete_after_days", 35, 7), "critical"),
        (("backup_plan", "rules.daily.delete_after_days", 7, 35), "warning"),
        (("region_settings", "VirtualMachine", True, False), "critical"),
        # By what mending does to it.
        (("cgw_rule", "id", None, "activation", "delete"), "critical"),
        (("segment", "subnets", [], ["x"], "replace"), "critical"),
        (("segment", "display_name", "x", None, "create"), "critical"),
        (("iam_role", "assume_role_policy_document.Statement", [], [{"Principal": "*"}]), "critical"),
        (("iam_role", "inline_policies.x", None, {"Statement": [{"Action": "*"}]}, "kept"), "critical"),
        (("iam_role", "inline_policies.x", None, {"Statement": [{"Action": "s3:*"}]}, "kept"), "warning"),
        (
            (
                "security_group",
                "egress",
                [{"cidr_ip": "0.0.0.0/0"}],
                [{"cidr_ip": "0.0.0.0/0"}, {"cidr_ip": "10.0.0.1/32"}],
            ),
            "warning",
        ),
        (("segment", "subnets", "x", None, "create"), "critical"),
        (("hypervisor", "password", "(write-only)", "(unverifiable)"), "info"),
    ],
)
def test_a_difference_is_as_grave_as_what_it_does(finding, grade):
    assert graded(*finding) == grade


def test_a_check_knows_itself_how_grave_it_is():
    assert graded("appliance", "", None, None, severity="info") == "info"


def test_a_check_that_never_knows_is_no_warning_each_day():
    assert severity({"id": "ntp", "verdict": "unknown", "severity": "warning"}) == "info"
    assert severity({"id": "ntp", "verdict": "broken", "severity": "critical"}) == "critical"


def test_everything_has_a_severity():
    assert TABLE[-1]._replace(severity="") == TABLE[-1].__class__("")


def test_the_rows_of_a_user_come_first():
    mine = rows([{"severity": "info", "kind": "appliance", "path": "powered_*"}, {"severity": "critical", "host": "a"}])
    finding = {"kind": "appliance", "path": "powered_on", "host": "a", "severity": "warning"}
    assert severity(finding, mine) == "info"
    assert severity({**finding, "path": "notes"}, mine) == "critical"
    assert severity({**finding, "path": "notes", "host": "b"}, mine) == "warning"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"severity": "low", "kind": "x"}, r"severities\[0\].severity: must be one of"),
        ({"severity": "info"}, "would match everything"),
        ({"severity": "info", "kinds": "x"}, "there is no kinds"),
        ({"severity": "info", "than_desired": "smaller"}, "must be less or more"),
    ],
)
def test_a_row_that_cannot_be_is_refused(row, said):
    with pytest.raises(Invalid, match=said):
        rows([row])
