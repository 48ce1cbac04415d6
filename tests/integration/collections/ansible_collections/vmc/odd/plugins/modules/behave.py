# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logs in to a vCenter twice, by SOAP and by REST, and then behaves as it is told."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.tagging import Tagging
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.vsphere import VSPHERE, Vsphere

MEBIBYTE = 1 << 20


def crash():
    raise LookupError("none of that")


def hang():
    time.sleep(60)


def hang_deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def fault():
    os.kill(os.getpid(), signal.SIGSEGV)


def run_out_of_memory():
    resource.setrlimit(resource.RLIMIT_AS, (1024 * MEBIBYTE, 1024 * MEBIBYTE))
    return [bytes(256 * MEBIBYTE) for _piece in range(8)]


def print_first():
    print("printed before the answer")
    os.write(2, b"written beside it\n")


def print_only():
    print("printed instead of an answer")
    sys.exit(0)


def leave():
    sys.exit(7)


def leave_at_once():
    os._exit(9)


def return_nothing():
    pass


WAYS = (
    crash,
    hang,
    hang_deaf,
    kill,
    fault,
    run_out_of_memory,
    print_first,
    print_only,
    leave,
    leave_at_once,
    return_nothing,
)


def main():
    module = AnsibleModule({**VSPHERE, "how": {"choices": [way.__name__ for way in WAYS]}})
    client = Vsphere(module.params)
    about = client.content.about
    Tagging(module.params).categories()
    how = module.params["how"]
    if how:
        next(way for way in WAYS if way.__name__ == how)()
    if how != "return_nothing":
        module.exit_json(changed=False, instance_uuid=about.instanceUuid)


if __name__ == "__main__":
    main()
