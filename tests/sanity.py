# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ``ansible-test sanity`` with this interpreter's ansible-core, in a real copy of the collection: ansible-test refuses links."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import types
import urllib.error
import urllib.request

import ansible_collections.amazon.aws
from ansible_test._internal.python_requirements import get_venv_packages

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
GET_PIP = "https://ci-files.testing.ansible.com/ansible-test/get-pip-{version}.py"
ENSURE_PIP = """\
import subprocess, sys

UNKNOWN_TO_PIP = ("--no-setuptools", "--no-wheel")
subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
wanted = [argument for argument in sys.argv[1:] if argument not in UNKNOWN_TO_PIP]
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install", *wanted]).returncode)
"""


def copy_collection(tree: pathlib.Path) -> pathlib.Path:
    """What git would ship, tracked or about to be, as a checkout of its own, with the dependency beside it."""
    collection = tree / "ansible_collections" / "vmc" / "aws_backup"
    shutil.rmtree(tree, ignore_errors=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        source = ROOT / name
        if name and source.is_file():
            (collection / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, collection / name)
    amazon = pathlib.Path(next(iter(ansible_collections.amazon.aws.__path__))).parent
    (tree / "ansible_collections" / "amazon").symlink_to(amazon)
    subprocess.run(["git", "init", "--quiet"], cwd=collection, check=True)
    return collection


def provide_pip() -> None:
    """Where ansible-test cannot download its pip bootstrap, Python's own pip serves instead."""
    version = get_venv_packages(types.SimpleNamespace(version=PYTHON))["pip"]
    cached = pathlib.Path.home() / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    if cached.exists():
        return
    try:
        with urllib.request.urlopen(GET_PIP.format(version=version), timeout=10):
            return
    except (urllib.error.URLError, TimeoutError):
        cached.parent.mkdir(parents=True, exist_ok=True)
        cached.write_text(ENSURE_PIP)


def main() -> int:
    collection = copy_collection(ROOT / ".build" / f"sanity-{PYTHON}")
    provide_pip()
    binaries = pathlib.Path(sys.executable).parent
    command = [binaries / "ansible-test", "sanity", "--python", PYTHON, *sys.argv[1:]]
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}"}
    return subprocess.run(command, cwd=collection, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
