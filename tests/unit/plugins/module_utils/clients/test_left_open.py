# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import left_open
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.left_open import (
    Closing,
    closed,
    left,
    noted,
    opened,
)

ONE = Closing("vcenter", 443, None, None, "POST", "/sdk", {"Cookie": "a"}, "<Logout/>")
OTHER = Closing("vcenter", 443, ["proxy", 3128], "/ca.pem", "DELETE", "/api/session", {"vmware-api-session-id": "b"})


def test_where_nobody_asked_for_it_nothing_is_noted():
    opened("a", ONE)
    closed("a")
    assert left_open._file is None


def test_what_was_opened_and_not_closed_is_left():
    with noted() as notes:
        opened("a", ONE)
        opened("b", OTHER)
        assert left(notes) == [ONE, OTHER]
        closed("a")
        closed("never opened")
        assert left(notes) == [OTHER]
    assert left_open._file is None


def test_what_a_module_notes_is_seen_by_who_started_it_after_it_was_killed():
    with noted() as notes:
        child = os.fork()
        if child == 0:
            opened("a", ONE)
            os.kill(os.getpid(), 9)
        os.waitpid(child, 0)
        assert left(notes) == [ONE]


def test_each_module_has_notes_of_its_own():
    with noted():
        opened("a", ONE)
    with noted() as notes:
        assert left(notes) == []


class Connection:
    def __init__(self, host, port, **how):
        self.asked = [(host, port, how["proxy"])]

    def request(self, method, path, *, body, headers):
        self.asked.append((method, path, body, headers))

    def getresponse(self):
        return self

    def read(self):
        self.asked.append("read")


def test_a_session_is_closed_with_one_request(monkeypatch):
    made = []
    monkeypatch.setattr(left_open, "connect", lambda *to, **how: made.append(Connection(*to, **how)) or made[-1])
    ONE.send()
    assert made[0].asked == [("vcenter", 443, None), ("POST", "/sdk", "<Logout/>", {"Cookie": "a"}), "read"]
