# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is not as it is planned is found, by field, class and severity, and nothing is written; what was approved is corrected, and nothing else."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import jsonschema
import pytest
import yaml
from rehearsal import PLAYBOOK, ROOT

DRIFT, CORRECT = "playbooks/drift.yml", "playbooks/correct.yml"
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text())
WORLDS = yaml.safe_load(pathlib.Path(__file__).with_name("drift.yml").read_text())
pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("drift")]


@pytest.fixture
def made(running_lab):
    running_lab.reset(seed="converged")
    running_lab.forget()
    return running_lab


def looked(lab, folder, **extra):
    """What a run of drift says, and the run. It writes nothing."""
    before = len(lab.journal("write"))
    run = lab.play(DRIFT, vmc_backup_report_dir=str(folder), **extra)
    assert lab.journal("write")[before:] == []
    told = json.loads((folder / "drift.json").read_text())
    jsonschema.validate(told, SCHEMA)
    return told, run


def found(told):
    (host,) = told["hosts"]
    return {
        (each["kind"], each["name"], each["path"]): each for each in host["findings"] if each["open"] and each["path"]
    }


def broken(lab, breaks):
    for each in breaks:
        how = dict(each)
        lab.break_(how.pop("what"), **how)
    lab.forget()


def is_there(expected, fields):
    """Whether a difference is found as the table has it. A name is the end of one."""
    return any(
        kind == expected["kind"]
        and name.endswith(expected.get("name", ""))
        and path.startswith(expected["path"])
        and all(each[word] == expected[word] for word in ("class", "severity"))
        for (kind, name, path), each in fields.items()
    )


def test_a_site_that_is_in_place_has_none_and_says_so_twice_in_the_same_bytes(made, tmp_path):
    first, run = looked(made, tmp_path / "1")
    assert run.returncode == 0, run.output
    assert first["complete"] and (first["counts"]["critical"], first["counts"]["warning"]) == (0, 0)
    second, _run = looked(made, tmp_path / "2")
    for ending in ("json", "txt", "xml", "md", "html"):
        files = [(tmp_path / run / f"drift.{ending}").read_text() for run in ("1", "2")]
        times = [told["generated_at"] for told in (first, second)]
        assert files[0].replace(times[0], "").replace(times[0][:-1], "") == files[1].replace(times[1], "").replace(
            times[1][:-1], ""
        )


@pytest.mark.parametrize("world", WORLDS["found"])
def test_each_difference_is_found_and_what_can_be_is_corrected(made, tmp_path, world):
    of_world = WORLDS["found"][world]
    broken(made, [each["break"] for each in of_world])
    told, run = looked(made, tmp_path)
    assert run.returncode == 2, run.output
    fields = found(told)
    for each in of_world:
        for expected in each["finds"]:
            assert is_there(expected, fields), (expected, sorted(fields))
    mended = {key for key, each in fields.items() if each["mended_by"] and each["effect"] != "replace"}
    run = made.play(
        CORRECT,
        vmc_backup_correct_report=str(tmp_path / "drift.json"),
        vmc_backup_correct_severities=["critical", "warning", "info"],
        vmc_backup_correct_confirm=True,
    )
    assert run.returncode == 0, run.output
    left, _run = looked(made, tmp_path)
    assert found(left).keys() == fields.keys() - mended


@pytest.mark.parametrize("world", WORLDS["seen"])
def test_what_stops_a_role_is_found_with_what_was_seen_before(made, tmp_path, world):
    of_world = WORLDS["seen"][world]
    broken(made, [each["break"] for each in of_world])
    told, run = looked(made, tmp_path)
    assert run.returncode == 2, run.output
    fields = found(told)
    for expected in (expected for each in of_world for expected in each["finds"]):
        assert is_there(expected, fields), (expected, sorted(fields))


def test_what_makes_no_difference_is_none(made, tmp_path):
    broken(made, WORLDS["harmless"])
    told, run = looked(made, tmp_path)
    assert run.returncode == 0, run.output
    assert {key for key, each in found(told).items() if each["severity"] != "info"} == set()


def test_one_object_is_corrected_and_no_other(made, tmp_path):
    broken(made, [{"what": "disable_rule", "rule": f"sddc-1-appliances-to-{target}"} for target in ("esxi", "vcenter")])
    made.break_("disable_opt_in")
    told, _run = looked(made, tmp_path)
    one = "mgw_rule/sddc-1-appliances-to-esxi/disabled"
    asked = {
        "vmc_backup_correct_ids": [one],
        "drift_digests": {host["host"]: host["digest"] for host in told["hosts"]},
        "vmc_backup_report_dir": str(tmp_path),
    }
    made.forget()
    run = made.play(CORRECT, **asked)
    assert run.returncode != 0 and "vmc_backup_correct_confirm" in run.output and made.journal("write") == []
    run = made.play(CORRECT, "--check", vmc_backup_correct_confirm=True, **asked)
    assert run.returncode in (0, 2) and made.journal("write") == []
    run = made.play(CORRECT, vmc_backup_correct_confirm="true", **asked)
    assert run.returncode == 0, run.output
    assert len(made.journal("write")) == 1
    after = json.loads((tmp_path / "correct.json").read_text())
    assert found(told).keys() - found(after).keys() == {("mgw_rule", "sddc-1-appliances-to-esxi", "disabled")}
    # What was approved is no longer what there is.
    made.forget()
    run = made.play(
        CORRECT, vmc_backup_correct_confirm=True, **{**asked, "vmc_backup_correct_severities": ["critical"]}
    )
    assert run.returncode != 0 and "no longer as it was reported" in " ".join(run.output.split())
    assert made.journal("write") == []


def test_while_vmware_maintains_it_findings_are_stale_and_nothing_is_corrected(made, tmp_path):
    broken(made, [{"what": "begin_maintenance"}, {"what": "disable_rule", "rule": "sddc-1-appliances-to-esxi"}])
    told, _run = looked(made, tmp_path)
    assert {each["class"] for each in told["hosts"][0]["findings"] if each["open"]} == {"stale"}
    made.forget()
    run = made.play(
        CORRECT,
        vmc_backup_correct_report=str(tmp_path / "drift.json"),
        vmc_backup_correct_severities=["critical", "warning"],
        vmc_backup_correct_confirm=True,
    )
    assert run.returncode != 0 and "VMware maintains it" in run.output and made.journal("write") == []


def test_a_host_that_cannot_be_looked_at_is_incomplete_and_hides_no_other(made, tmp_path):
    made.break_("disable_opt_in")
    (tmp_path / "more.yml").write_text(
        yaml.safe_dump({"all": {"children": {"vmc_sddcs": {"hosts": {"sddc-9": {"vmc_backup_sddc_id": "x"}}}}}})
    )
    run = made.play(DRIFT, "-i", str(tmp_path / "more.yml"), vmc_backup_report_dir=str(tmp_path))
    told = json.loads((tmp_path / "drift.json").read_text())
    hosts = {host["host"]: host for host in told["hosts"]}
    assert run.returncode == 2 and not told["complete"]
    assert not hosts["sddc-9"]["complete"] and hosts["sddc-9"]["incomplete"]
    assert hosts["sddc-1"]["complete"] and hosts["sddc-1"]["counts"]["critical"] > 0
    assert made.journal("write") == []


@pytest.mark.parametrize(("break_", "code"), [(None, 0), ("disable_opt_in", 2), ("break_link", 1)])
def test_the_wrapper_tells_what_differs_from_what_nobody_knows(made, tmp_path, break_, code):
    if break_:
        made.break_(break_)
    environment = {
        **os.environ,
        "PATH": f"{PLAYBOOK.parent}{os.pathsep}{os.environ['PATH']}",
        "REPORT_DIR": str(tmp_path),
        "PLAYBOOK": DRIFT,
    }
    command = ["sh", "examples/drift.sh", "-i", str(made.inventory)]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == code, run.stdout + run.stderr
