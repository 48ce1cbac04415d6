# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines for people, whatever form the results of tasks are shown in."""

from __future__ import annotations

import operator

from ansible.utils.display import Display

QUEUE = operator.attrgetter("_final_q")  # core has no public name for it: 2.16 to 2.21 have this one


def displayed_by_ansible():
    """What hands a line to the process that displays, which is not the one of a task; ``None`` where there is no way to it.

    Not ``Display().display()``: that of ansible-runner 2.4.0 writes from wherever it is called, and needs a lock that may be held there.
    """
    try:
        queue = QUEUE(Display())
    except AttributeError:
        return None
    return None if queue is None else lambda line: queue.send_display("display", line)
