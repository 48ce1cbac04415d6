# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vcsim child process."""

from __future__ import annotations

import pathlib
import re
import secrets
import subprocess
from urllib.parse import urlsplit

BUILT = pathlib.Path(__file__).parents[3] / ".build" / "vcsim"
USERNAME = "cloudadmin@vmc.local"

# vcsim knows nothing of its parent: this shell ends it when the lab, which holds the other end of its input, is gone.
GUARDED = 'exec 3<&0; "$@" </dev/null & child=$!; exec >&-; read -r _ <&3; kill $child; wait'


class MissingSimulator(Exception):
    """It is not built."""


def vcsim_binary() -> str:
    """The simulator that `make setup` built. A stock one leaves undone what tests/lab/vcsim makes up for: 0.24, 0.30 and 0.38 were tried."""
    if BUILT.exists():
        return str(BUILT)
    raise MissingSimulator(
        "The lab's vCenter is vcsim, VMware's simulator, with a main of its own, and it is not built. A vcsim on PATH is not taken.\n"
        "Install the packages it is built from (apt-get install golang-go golang-github-vmware-govmomi-dev) and run 'make setup'."
    )


class Simulator:
    """One running vcsim with an empty inventory."""

    def __init__(self, binary: str, address: str, log):
        self.password = secrets.token_urlsafe(24)
        command = [binary, "-l", f"{address}:0", "-dc", "0", "-username", USERNAME, "-password", self.password]
        self.process = subprocess.Popen(
            ["sh", "-c", GUARDED, "vcsim", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        announced = re.search(r"GOVC_URL=(\S+)", self.process.stdout.readline())
        if announced is None:
            self.stop()
            raise MissingSimulator(f"{binary} did not start; its messages are in the lab's log.")
        url = urlsplit(announced[1])
        self.host, self.port = url.hostname, url.port

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
