# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A preview shows everything: record by record what an apply then does, but for the ids that nobody can know before."""

from __future__ import annotations

import json
import pathlib
import re

import pytest

pytestmark = pytest.mark.proof

ID = re.compile(r"arn:aws|sg-[0-9a-f]+$|vpce-[0-9a-f]+$")
RESULTS = pathlib.Path(__file__).with_name("results.yml")
# Each of them is put right by other roles than the one before.
DRIFTS = {
    "a rule is gone": [("drop_rule", {"rule": "sddc-1-appliances-to-vcenter"})],
    "a rule is disabled": [("disable_rule", {"rule": "sddc-1-appliances-to-esxi"})],
    "a group lets others in": [("change_group", {"group": "sddc-1-appliances", "addresses": "127.64.0.0/24"})],
    "the endpoint's group lacks a port": [("remove_group_port", {})],
    "the endpoint's group is open": [("open_group", {})],
    "the segment hands out other addresses": [("change_dhcp_range", {})],
    "the opt-in is off": [("disable_opt_in", {})],
    "the name of vCenter is public": [("publish_vcenter_name", {})],
    "the appliance is off": [("power_off_appliance", {})],
    "as version 0.1.0 made it": [("as_0_1_0", {})],
}


def told(lab, folder, *arguments):
    """The records of a run, by the object and the field they are about."""
    file = folder / "results.json"
    run = lab.play(RESULTS, *arguments, results_file=str(file))
    assert run.returncode == 0, run.output
    return json.loads(file.read_text()), run


def is_to_come(value, found) -> bool:
    """Whether a preview could not know a value: it says so, or names what gets an id of AWS."""
    names, ids = (each if isinstance(each, list) else [each] for each in (value, found))
    named = (
        len(names) == len(ids) and all(ID.match(str(each)) for each in ids) and not any(map(ID.match, map(str, names)))
    )
    return "to come" in str(value) or named


def compared(preview, applied):
    """What each side says that the other does not. A value that is to come is known by its words."""

    def fields(records):
        return {(record["object"], record["path"], record["effect"]): record for record in records}

    before, after = fields(preview), fields(applied)
    values = [
        (key, before[key]["desired"], after[key]["desired"])
        for key in before.keys() & after.keys()
        if before[key]["desired"] != after[key]["desired"]
        and not is_to_come(before[key]["desired"], after[key]["desired"])
    ]
    return sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys()), values


def agree(lab, folder):
    preview, shown = told(lab, folder, "--check")
    assert lab.journal("write") == []
    applied, run = told(lab, folder)
    assert compared(preview, applied) == ([], [], [])
    assert shown.changed == run.changed
    lab.forget()
    _none, again = told(lab, folder)
    assert (again.changed, lab.journal("write")) == (0, [])


@pytest.mark.parametrize("seed", ["empty", "prepared"])
def test_a_preview_of_a_new_site_says_what_an_apply_does(lab, tmp_path, seed):
    lab.reset(seed=seed)
    agree(lab, tmp_path)


@pytest.fixture(scope="module")
def made(running_lab):
    running_lab.reset(seed="converged")
    return running_lab


@pytest.mark.xdist_group("preview")
@pytest.mark.parametrize("drift", DRIFTS)
def test_a_preview_of_a_drifted_site_says_what_an_apply_does(made, tmp_path, drift):
    for what, how in DRIFTS[drift]:
        made.break_(what, **how)
    made.forget()
    agree(made, tmp_path)
