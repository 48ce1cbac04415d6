# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab held against clients that nobody here wrote. Each is skipped where it is not at hand.

NEWEST_BOTOCORE names a folder with a newer boto3 and botocore than those that are installed, such as `pip install --target` makes. VMware's models
are in tests/unit/lab/test_vmware_fidelity.py and test_nsx_fidelity.py.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from rehearsal import ROOT, Lab

pytestmark = pytest.mark.proof

NEWEST = os.environ.get("NEWEST_BOTOCORE", "")
GOVC = shutil.which("govc")


@pytest.mark.parametrize("newest", [False, pytest.param(True, marks=pytest.mark.skipif(not NEWEST, reason="no newer"))])
def test_every_read_of_aws_is_answered_as_its_model_says(tmp_path, monkeypatch, newest):
    """With the newest botocore the lab and the collection have it too, so that all writes are judged by it as well."""
    if newest:
        monkeypatch.setenv("PYTHONPATH", NEWEST)
    lab = Lab(tmp_path / "lab")
    lab.up("--vms", "1")
    lab.switch(model_enforced=True)
    try:
        run = lab.play("playbooks/site.yml")
        assert run.returncode == 0, run.output
        path = os.pathsep.join(filter(None, [str(ROOT / "tests"), os.environ.get("PYTHONPATH")]))
        script = [sys.executable, str(ROOT / "tests" / "aws_reads.py"), str(lab.state / "endpoints.json")]
        asked = subprocess.run(
            script, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
        )
        assert asked.returncode == 0, asked.stderr
        told = json.loads(asked.stdout)
        assert (told["wrong"], told["asked"] > 25) == ({}, True), told
        assert lab.journal("unknown") == []
    finally:
        lab.down()


@pytest.fixture
def govc(lab, tmp_path):
    if GOVC is None:
        pytest.skip("there is no govc on PATH")
    place = lab.endpoints["sddcs"][0]["vcenter"]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GOVC_URL": f"https://{place['hostname']}:{place['port']}/sdk",
        "GOVC_USERNAME": place["username"],
        "GOVC_PASSWORD": place["password"],
        "GOVC_TLS_CA_CERTS": lab.endpoints["ca"],
        "GOVC_PERSIST_SESSION": "false",
        "GOVC_DATACENTER": "SDDC-Datacenter",
        "GOVC_RESOURCE_POOL": "Compute-ResourcePool",
        "GOVC_DATASTORE": "WorkloadDatastore",
        "GOVC_FOLDER": "/SDDC-Datacenter/vm/Workloads",
    }

    def run(*words, fails=False):
        done = subprocess.run([GOVC, *words], env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode != 0) is fails, (words, done.stdout, done.stderr)
        return done.stdout

    return run


def test_govc_sees_imports_runs_and_destroys(lab, govc, tmp_path):
    assert "7.0.3" in govc("about")
    machines = govc("find", "/", "-type", "m")
    assert "/SDDC-Datacenter/vm/Workloads/workload-01" in machines
    assert "WorkloadDatastore" in govc("datastore.info") and "daily" in govc("tags.ls")

    image = pathlib.Path(lab.endpoints["ova"])
    options = json.loads(govc("import.spec", str(image)))
    options["NetworkMapping"][0]["Network"] = "backup"
    (tmp_path / "options.json").write_text(json.dumps(options))
    govc("import.ova", "-options", str(tmp_path / "options.json"), "-name", "by-govc", str(image))
    assert [one["name"] for one in lab.sddcs()[0]["appliances"]] == ["by-govc"]
    govc("vm.power", "-on", "by-govc")
    assert govc("vm.ip", "-wait", "30s", "by-govc").strip() == lab.sddcs()[0]["appliances"][0]["address"]
    govc("vm.power", "-off", "-force", "by-govc")
    govc("vm.destroy", "by-govc")
    assert lab.sddcs()[0]["appliances"] == []
    # It is VMware's.
    govc("vm.destroy", "/SDDC-Datacenter/vm/Management VMs/vcenter", fails=True)
    assert lab.journal("unknown") == []
