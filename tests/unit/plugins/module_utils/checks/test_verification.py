# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.checks import verification

from .protection.site import FOLDER, SILENT, site

NOTHING = dict.fromkeys(
    "machines left listed hypervisor gateways opted_in plans selecting newest vaults holds".split(), SILENT
)


def verdicts(**changed) -> dict:
    found = verification.judge(site(**changed), ["protection"])
    return {(one["id"], one["name"]): (one["verdict"], one["severity"]) for one in found}


def test_each_check_has_an_id_of_its_own_and_those_of_one_thing_its_name():
    ids = [check.id for checks in verification.SUBJECTS.values() for check in checks]
    assert len(ids) == len(set(ids))


def test_where_all_is_well_nothing_is_said_but_what_no_field_tells():
    said = {name: told for name, told in verdicts().items() if told[0] != "ok"}
    assert said == {("consistency", "Consistency"): ("unknown", "warning")}


def test_a_machine_that_is_not_protected_is_critical():
    said = verdicts(newest={})
    assert said["machine_outdated", f"{FOLDER}/web"] == ("broken", "critical")
    assert said["coverage", "Virtual machines"] == ("broken", "warning")


def test_where_nothing_answers_nothing_is_well():
    def silent(*_asked):
        return SILENT

    quiet = dict.fromkeys(("newest_in", "rotation", "older_points", "points", "copies"), silent)
    said = verdicts(**NOTHING, **quiet, jobs=SILENT)
    assert {told[0] for told in said.values()} == {"unknown"}
    assert {name for (name, _of), told in said.items() if told[1] == "critical"} == {
        "coverage",
        "hypervisor_online",
        "plans_told",
    }


def test_on_the_second_day_all_is_well_but_that_copies_are_in_one_account():
    found = verification.judge(site(), ["day2"])
    assert {(one["id"], one["verdict"], one["severity"]) for one in found} == {
        ("vcenter_certificate", "ok", "info"),
        ("vcenter_release", "ok", "info"),
        ("copies_elsewhere", "broken", "info"),
    }


def test_a_fact_that_has_an_odd_form_is_unknown_and_hides_no_other():
    said = verdicts(holds=[None])
    assert said["legal_holds", "Legal holds"][0] == "unknown"
    assert said["coverage", "Virtual machines"][0] == "ok"
