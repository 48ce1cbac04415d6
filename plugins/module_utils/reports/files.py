# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms that a report can be written in."""

from __future__ import annotations

import hashlib
import json

from .html import html
from .junit import junit
from .markdown import markdown
from .text import text


def _json(told: dict, _earlier) -> str:
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False, default=str) + "\n"


# Each with the ending of its files, their media type, and what makes them of a report and of earlier ones.
FORMATS = {
    "json": ("json", "application/json", _json),
    "text": ("txt", "text/plain; charset=utf-8", lambda told, _earlier: text(told)),
    "junit": ("xml", "application/xml", lambda told, _earlier: junit(told)),
    "markdown": ("md", "text/markdown; charset=utf-8", markdown),
    "html": ("html", "text/html; charset=utf-8", html),
}


def files(told: dict, name: str, formats, earlier=()) -> dict:
    """What is to be written: the name of each file with its media type and its bytes, last the sums of the others."""
    found = {}
    for form in dict.fromkeys(formats):
        ending, media_type, render = FORMATS[form]
        # What is no character in UTF-8 does not come so far, because each value is plain.
        found[f"{name}.{ending}"] = (media_type, render(told, earlier).encode())
    sums = "".join(f"{sha256(held)}  {file}\n" for file, (_type, held) in sorted(found.items()))
    return {**found, f"{name}.sha256": ("text/plain; charset=utf-8", sums.encode())} if found else {}


def sha256(held: bytes) -> str:
    return hashlib.sha256(held).hexdigest()
