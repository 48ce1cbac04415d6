# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The net below all that reads answers: what has a form that nobody expected ends in a sentence, never in a traceback."""

from __future__ import annotations

import contextlib
import os
import traceback

from ..errors import Error

# What Python raises on a value of another form. None of our own errors is one of them.
ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
OURS = os.path.join(os.path.abspath(__file__).rpartition("module_utils")[0], "")  # the folder of all plugins


@contextlib.contextmanager
def as_error(what: str, *, wrote: bool = False):
    """Within, such an error becomes one of ours: its type, where it arose, and nothing of its text, which may hold a secret."""
    try:
        yield
    except ODD as odd:
        ended = "may have been written" if wrote else "cannot be read"
        failure = Error(
            f"{what} {ended}: an answer has not the form that it should have ({type(odd).__name__} in {_place(odd)})."
        )
        failure.wrote = wrote
        raise failure from None


def _place(odd) -> str:
    """The innermost line of ours."""
    frames = traceback.extract_tb(odd.__traceback__)
    frame = next((each for each in reversed(frames[1:]) if each.filename.startswith(OURS)), frames[-1])
    return f"{os.path.basename(frame.filename)}, line {frame.lineno}"
