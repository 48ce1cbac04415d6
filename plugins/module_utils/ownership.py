# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a thing is: one site's by its mark, the collection's by its tag, and somebody else's until its adoption is asked for."""

from __future__ import annotations

from .errors import Foreign
from .values import OWNER_KEY, OWNER_VALUE, SITE_KEY

NOT_OURS = f"does not carry the tag {OWNER_KEY}={OWNER_VALUE}"


def is_ours(tags: dict | list) -> bool:
    """Whether tags say that the collection owns what carries them, in the form of AWS or in that of NSX."""
    if isinstance(tags, dict):
        return tags.get(OWNER_KEY) == OWNER_VALUE
    return {"scope": OWNER_KEY, "tag": OWNER_VALUE} in tags


def site_of(tags: dict | list) -> str:
    """The site that a thing was made for, or nothing where it carries no site's mark."""
    if isinstance(tags, dict):
        return tags.get(SITE_KEY, "")
    return next((tag["tag"] for tag in tags if tag["scope"] == SITE_KEY), "")


def is_of(tags: dict | list, site_id: str | None) -> bool:
    """Whether the collection made it for that site, or where none is named, for whichever."""
    return is_ours(tags) and site_id in (None, "", site_of(tags))


def claim(
    what: str,
    have: dict,
    params: dict,
    *,
    by: str = "name",
    along: str = "",
    located: bool = False,
    proven: bool = False,
) -> dict:
    """What is there, when it is ours or the option adopt takes it over. Raises Foreign.

    The first argument names it, by is the option that chose it, and along says what would go with it. Where it lies in something that is
    the site's own, such as its NSX, it is located there, so that no mark makes it another's. A thing that an earlier version made, without
    a site's mark, is proven to be this site's by what the caller knows of it.
    """
    site_id, marked = params.get("site_id"), have.get("site_id") or site_of(have["tags"])
    if site_id and marked and not located and marked not in (site_id, params.get("site_was")):
        raise Foreign(
            f"{what} is of another site, {marked}, and this one is {site_id}. It stays as it is. Choose another {by}"
            f"{'' if 'site_was' not in params else ', or where that site is gone for good, name it in site_was (vmc_backup_site_was of the roles)'}."
        )
    unmarked = bool(site_id and not marked and not located and not proven)
    if (is_ours(have["tags"]) and not unmarked) or params["adopt"]:
        return have
    if not is_ours(have["tags"]):
        raise Foreign(f"{what} {NOT_OURS}. Choose another {by}, or set adopt to take it over{along}.")
    raise Foreign(
        f"{what} carries no site's mark, and nothing proves that it belongs to {site_id}. "
        f"Choose another {by}, or if it does, set adopt to take it over{along}."
    )
