# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a thing is: ours by its tag, and somebody else's until its adoption is asked for."""

from __future__ import annotations

from .errors import Foreign
from .values import OWNER_KEY, OWNER_VALUE

NOT_OURS = f"does not carry the tag {OWNER_KEY}={OWNER_VALUE}"


def is_ours(tags: dict | list) -> bool:
    """Whether tags say that the collection owns what carries them, in the form of AWS or in that of NSX."""
    if isinstance(tags, dict):
        return tags.get(OWNER_KEY) == OWNER_VALUE
    return {"scope": OWNER_KEY, "tag": OWNER_VALUE} in tags


def claim(what: str, have: dict, params: dict, *, by: str = "name", along: str = "") -> dict:
    """O(have), when it is ours or the option adopt takes it over. Raises Foreign.

    O(what) names it, O(by) is the option that chose it, and O(along) says what would go with it.
    """
    if is_ours(have["tags"]) or params["adopt"]:
        return have
    raise Foreign(f"{what} {NOT_OURS}. Choose another {by}, or set adopt to take it over{along}.")
