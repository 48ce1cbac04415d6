# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

from ansible.utils.display import Display
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.display import displayed_by_ansible


def test_a_line_goes_to_the_process_that_displays(monkeypatch):
    """Whatever display() was made into: that of ansible-runner 2.4.0 waits for a lock that is held for ever."""
    sent = []
    queue = SimpleNamespace(send_display=lambda method, line: sent.append((method, line)))
    monkeypatch.setattr(Display(), "_final_q", queue)
    monkeypatch.setattr(Display(), "display", None)
    displayed_by_ansible()("a line")
    assert sent == [("display", "a line")]


def test_where_there_is_no_other_process_nothing_is_displayed():
    assert displayed_by_ansible() is None
