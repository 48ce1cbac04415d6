# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images on their way to vCenter, undisturbed and disturbed: transfer.yml."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import zlib

import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import nfc, pull
from lab import certificates, downloads, ova
from modules import Modules
from rehearsal import PLAYBOOK, ROOT, as_awx

CASES = yaml.safe_load(pathlib.Path(__file__).with_name("transfer.yml").read_text())["cases"]
LEASE_SECONDS = 5  # of an upload whose owner has lost it, instead of five minutes
SIGN_OF_LIFE = 0.3
DISK = f"{ova.NAME}-disk1.vmdk"
PERCENT = re.compile(r"sddc-1: transfer: (\d+) % of \d+ MiB")
SENT = f"{len(ova.files()[DISK])} bytes, {zlib.crc32(ova.files()[DISK]):08x}"


# What is wrong with an image


def unpack(path, parts):
    """As an OVF with files beside it."""
    path.mkdir()
    for name, content in parts.items():
        (path / name).write_bytes(content)
    return path / f"{ova.NAME}.ovf"


def pack(path, parts):
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def stored(disks, attributes):
    """The lab's image with its disk stored as these files."""
    parts = ova.files()
    descriptor = parts[f"{ova.NAME}.ovf"].replace(b'ovf:id="file1"', b'ovf:id="file1" ' + attributes)
    members = {f"{ova.NAME}.ovf": descriptor, **disks}
    lines = [f"SHA256({name})= {hashlib.sha256(content).hexdigest()}\n" for name, content in members.items()]
    return {**members, f"{ova.NAME}.mf": "".join(lines).encode()}


def packed(path):
    return pack(path, stored({DISK: gzip.compress(ova.files()[DISK], 1)}, b'ovf:compression="gzip"'))


def packed_and_changed(path):
    parts = stored({DISK: gzip.compress(ova.files()[DISK], 1)}, b'ovf:compression="gzip"')
    return pack(path, {**parts, DISK: parts[DISK][:-1] + b"x"})


def chunked(path):
    disk, size = ova.files()[DISK], 1_000_000
    chunks = {f"{DISK}.{place // size:09}": disk[place : place + size] for place in range(0, len(disk), size)}
    return pack(path, stored(chunks, f'ovf:chunkSize="{size}"'.encode()))


def manifest_first(path):
    parts = ova.files()
    names = [f"{ova.NAME}.ovf", f"{ova.NAME}.mf", DISK]
    return pack(path, {name: parts[name] for name in names})


def signed(path):
    return pack(path, {**ova.files(), f"{ova.NAME}.cert": b"SHA256(x)= 00\n-----BEGIN CERTIFICATE-----\n"})


def spelled(path):
    """What macOS and its people make of it."""
    descriptor, disk = f"{ova.NAME}.ovf", ova.files()[DISK]
    text = ova.files()[descriptor].replace(f'href="{DISK}"'.encode(), f'href="./{DISK.replace("-", "%2D")}"'.encode())
    lines = [
        f"sha2-256(./{name})= {hashlib.sha256(data).hexdigest()}\n" for name, data in ((descriptor, text), (DISK, disk))
    ]
    members = {f"./{descriptor}": text, f"./{ova.NAME}.MF": "".join(lines).encode(), f"./{DISK}": disk}
    fork = {f"./._{ova.NAME}.ovf": b"\0\5\x16\7"}
    return pack(path, {**fork, **members})


def utf_16(path):
    parts = ova.files()
    text = parts[f"{ova.NAME}.ovf"].decode().replace("UTF-8", "UTF-16").replace("A virtual machine", "仮想マシン")
    return pack(path, {f"{ova.NAME}.ovf": text.encode("utf-16"), DISK: parts[DISK]})


def unpacked(path):
    return unpack(path.with_suffix(""), ova.files()).parent


def with_a_strange_line(path):
    parts = ova.files()
    return pack(path, {**parts, f"{ova.NAME}.mf": parts[f"{ova.NAME}.mf"] + b"and so on\n"})


def zipped(path):
    ova.write(path)
    path.write_bytes(gzip.compress(path.read_bytes(), 1))
    return path


def changed(path):
    disk = ova.files()[DISK]
    return pack(path, {**ova.files(), DISK: disk[:-1] + bytes([disk[-1] ^ 1])})


def truncated(path):
    ova.write(path)
    path.write_bytes(path.read_bytes()[: 3 << 20])
    return path


def without_disk(path):
    return unpack(path.with_suffix(""), {name: content for name, content in ova.files().items() if name != DISK})


class Upload:
    """One deployment on a lab, each time from the beginning."""

    def __init__(self, lab, tmp_path):
        self.lab = lab
        self.modules = Modules(lab)
        self.prepared = None
        self.authority = certificates.authority()
        self.bundle = tmp_path / "bundle.pem"
        self.bundle.write_text(pathlib.Path(lab.endpoints["ca"]).read_text() + self.authority.pem)

    def run(self, path, **options):
        given = {"name": "transfer", "cluster": "Cluster-1", "networks": {"*": "backup"}, "ca_bundle": str(self.bundle)}
        return self.modules.run("gateway_appliance", **{**given, "ova": str(path) or None, **options})

    def begin(self):
        """The prepared world, without what an earlier case made."""
        self.lab.heal()
        self.run("", state="absent")
        if self.prepared is None or self.lab.world() != self.prepared:
            self.lab.reset()
            self.lab.switch(lease_seconds=LEASE_SECONDS)
            self.prepared = self.lab.world()
        return self.prepared

    @contextlib.contextmanager
    def serving(self, path, *, trusted=True, scheme="https", **trouble):
        """An address that the image is at, and its server."""
        with downloads.Downloads(path, issuer=self.authority if trusted else None) as server:
            vars(server).update({key: list(value) if key == "breaks" else value for key, value in trouble.items()})
            yield server.url.replace("https", scheme), server


@pytest.fixture(scope="module")
def upload(running_lab, tmp_path_factory):
    return Upload(running_lab, tmp_path_factory.mktemp("upload"))


@pytest.fixture(autouse=True)
def watchful(monkeypatch):
    monkeypatch.setattr(nfc, "SIGN_OF_LIFE", SIGN_OF_LIFE)
    monkeypatch.setattr(pull, "LONGEST", SIGN_OF_LIFE)


PLAY = """
- hosts: vmc_sddcs
  gather_facts: false
  tasks:
    - name: Upload
      vmc.aws_backup.gateway_appliance:
        hostname: "{{ vmc_backup_vcenter_hostname }}"
        port: "{{ vmc_backup_vcenter_port }}"
        username: "{{ vmc_backup_vcenter_username }}"
        password: "{{ vmc_backup_vcenter_password }}"
        ca_bundle: "{{ vmc_backup_ca_bundle }}"
        name: transfer
        cluster: Cluster-1
        ova: "{{ image }}"
        networks: {"*": backup}
"""


def test_how_far_an_upload_is_is_shown_while_it_runs_and_nothing_is_left_of_it(upload, tmp_path, monkeypatch):
    temporary = pathlib.Path(tempfile.mkdtemp())  # the path of a socket must be short
    monkeypatch.setenv("TMPDIR", str(temporary))
    ova.write(tmp_path / "image.ova", mebibytes=200)
    (tmp_path / "play.yml").write_text(PLAY)
    upload.begin()
    lines = []
    run = upload.lab.play(tmp_path / "play.yml", show=lines.append, image=str(tmp_path / "image.ova"))
    assert run.returncode == 0, run.output
    shown = [number for number, line in enumerate(lines) if PERCENT.match(line)]
    task = next(number for number, line in enumerate(lines) if line.startswith("changed: [sddc-1]"))
    assert 1 <= len(shown) <= 11
    assert shown[-1] < task
    assert PERCENT.match(lines[shown[-1]])[1] == "100"
    assert [path.name for path in temporary.iterdir() if path.name.startswith("vmc-aws-backup")] == []
    shutil.rmtree(temporary)
    upload.prepared = None


@pytest.mark.proof
def test_awx_shows_how_far_an_upload_is_while_it_runs(upload, tmp_path):
    """An event for each line, and these before the one that ends the task."""
    ova.write(tmp_path / "image.ova", mebibytes=200)
    (tmp_path / "play.yml").write_text(PLAY)
    upload.begin()
    command = as_awx(tmp_path, tmp_path / "play.yml", upload.lab.inventory, image=str(tmp_path / "image.ova"))
    path = f"{PLAYBOOK.parent}:{os.environ['PATH']}"
    ran = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    events = [json.loads(path.read_text()) for path in tmp_path.glob("artifacts/*/job_events/*.json")]
    events.sort(key=lambda event: event["counter"])
    [end] = [event for event in events if event["event"] == "runner_on_ok"]
    shown = [event for event in events if PERCENT.match(event["stdout"])]
    assert 1 <= len(shown) <= 11
    assert all(event["event"] == "verbose" and event["created"] < end["created"] for event in shown)
    upload.prepared = None


@pytest.mark.proof
def test_site_yml_lets_the_hosts_fetch_the_image_and_does_not_show_its_signature(upload, tmp_path):
    lab, secret = upload.lab, "b3c94ad0117ef5529d10aa37cc48e6f1"
    ova.write(tmp_path / "image.ova")
    lab.reset()
    with upload.serving(tmp_path / "image.ova", breaks=[0.5], breaks_hosts=True) as (url, _server):
        given = {"vmc_backup_ova": f"{url}?expires=3600&signature={secret}", "vmc_backup_ova_pull": True}
        site = ("playbooks/site.yml", "--tags", "prerequisites,appliance", "-vvv")
        broken = lab.play(*site, vmc_backup_vcenter_ca_bundle=str(upload.bundle), **given)
        run = lab.play(*site, vmc_backup_vcenter_ca_bundle=str(upload.bundle), **given)
    assert broken.returncode != 0
    assert "let the ESXi host fetch the disks" in " ".join(broken.output.split())
    assert run.returncode == 0, run.output
    assert secret not in broken.output + run.output
    assert [call["operation"] for call in lab.journal("write") if call["service"] == "nfc"] == ["pull", "pull"]
    upload.prepared = None


def named(case):
    return pytest.param(case, id=case["name"], marks=[pytest.mark.proof] if case.get("long") else [])


@pytest.mark.parametrize("case", [named(case) for case in CASES])
def test_a_transfer_ends_well_or_says_why_and_the_next_one_ends_well(upload, tmp_path, case):
    lab = upload.lab
    good = tmp_path / "good.ova"
    ova.write(good)
    path = globals()[case["image"]](tmp_path / "bad.ova") if "image" in case else good
    before = upload.begin()
    if "break" in case:
        lab.break_(case["break"])
    lab.switch(**case.get("switches", {}))
    for fault in case.get("faults", []):
        lab.fault(**{"service": "nfc", "operation": "upload", "times": 1, **fault})
    with contextlib.ExitStack() as stack:
        where = path
        if "server" in case:
            where, server = stack.enter_context(upload.serving(path, **case["server"]))
        result = upload.run(where, **case.get("options", {}))
        if "server" in case and case["server"].get("breaks") and "says" not in case:
            assert server.breaks == [], "the connection was never broken"
    assert all(times < 9 for times in lab.faults())
    assert "Traceback" not in upload.modules.printed
    assert [secret for secret in upload.modules.secrets() if secret in upload.modules.printed] == []
    if "says" in case:
        assert result.get("failed"), result
        assert [words for words in case["says"] if words not in result["msg"]] == [], result["msg"]
        assert (lab.world() == before) != case.get("cut", False)
    else:
        assert not result.get("failed"), result["msg"]
    lab.heal()
    if "break" in case or "switches" in case:
        upload.prepared = None
    if "says" in case:
        upload.begin()
        again = upload.run(good)
        assert not again.get("failed"), again["msg"]
        assert again["changed"]
    assert upload.run(good if "says" in case else path)["changed"] is False
    # What lies in vCenter is what an undisturbed run puts there.
    (machine,) = [one for one in lab.world()["sddcs"]["sddc-1"]["virtual_machines"] if one["name"] == "transfer"]
    assert (machine["complete"], machine["disks"]) == (True, [SENT])
    assert lab.journal("unknown") == []
