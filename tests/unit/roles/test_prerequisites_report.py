# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the report, where little or nothing could be seen: each is still there, and none is told to be met."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.vmc.aws_backup.plugins.filter.report import report

from .test_prerequisites import DEFAULTS, REGISTERED, ROLE, said

SKIPPED = {"skipped": True, "rc": 0, "stdout": ""}


def rows(**world):
    """The rows of a world in which nothing answers, but for what is given."""
    loader = DataLoader()
    asked = (*REGISTERED, "sddcs", "endpoint", "datastores", "places", "iam_roles", "endpoints", "asked")
    nothing = {f"__prerequisites_{name}": SKIPPED for name in asked}
    nothing.update(__prerequisites_unset=[], __prerequisites_has_token=True, __prerequisites_plan=[])
    nothing["__prerequisites_places"] = nothing["__prerequisites_addresses"] = {"results": []}
    told = loader.load_from_file(str(ROLE / "vars" / "report.yml"), trusted_as_template=True)
    world = {
        "vmc_backup_segment": "backup",
        "vmc_backup_dns_servers": ["10.0.0.53"],
        "ansible_playbook_python": "python3",
        **world,
    }
    found = said("__prerequisites_rows", **{**nothing, **told, **DEFAULTS, **world})
    return {row["of"]: row for row in report(found, [])["rows"]}


def test_where_nothing_answers_nothing_is_met_but_what_is_here():
    found = rows()
    assert [row["row"] for row in found.values()][:8] == list(range(1, 9))
    met = {name for name, row in found.items() if row["kind"] == "met"}
    assert met <= {"variables", "libraries", "image"}
    assert "did not tell" in found["opt_in"]["seen"] and "did not tell" in found["dns_zones"]["seen"]


@pytest.mark.parametrize(("on", "seen"), [(True, "It is on"), (False, "It is off")])
def test_the_opt_in_is_what_the_region_says(on, seen):
    settings = {"region_settings": [{"resource_type_opt_in_preference": {"VirtualMachine": on}}]}
    assert rows(__prerequisites_settings=settings)["opt_in"]["seen"].startswith(seen)


def test_on_premises_the_rows_of_vmware_cloud_are_left_out():
    found = rows(vmc_backup_platform="vsphere")
    left_out = {name for name, row in found.items() if row["kind"] == "left_out"}
    assert left_out >= {"vcenter_resolution", "dns_zones", "control_access", "segment", "sddc", "nsx"}


@pytest.mark.parametrize(
    "name", ["vcenter_resolution", "dns_zones", "control_access", "segment", "opt_in", "iam_roles", "kms_key"]
)
def test_what_is_skipped_is_left_out(name):
    assert rows(**{f"prerequisites_{name}": "skip"})[name]["kind"] == "left_out"
