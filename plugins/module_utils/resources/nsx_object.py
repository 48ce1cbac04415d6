# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the objects of the NSX policy API have in common: revision, tags, ids, addresses."""

from __future__ import annotations

import ipaddress
import re

from ..errors import Conflict, Invalid
from ..values import canonical, is_reserved, marks

READ_ONLY = {
    "is_default",
    "marked_for_delete",
    "overridden",
    "owner_id",
    "parent_path",
    "path",
    "realization_id",
    "relative_path",
    "remote_path",
    "rule_id",
    "unique_id",
}


class Stored:
    """One object at its path: read whole, and written whole with the revision that was read.

    ``view`` is the pure function that shows the object in option names.
    """

    def __init__(self, nsx, path: str, resource_type: str, view):
        self.nsx = nsx
        self.path = path
        self.resource_type = resource_type
        self.view = view
        self.raw = None
        self.wrote = False

    def read(self) -> dict | None:
        raw = self.nsx.get(self.path)
        self.raw = None if raw is None or raw.get("marked_for_delete") else raw
        return self.raw

    def write(self, fields: dict):
        """Write ``fields`` over what was read and keep the rest; a field of ``None`` goes back to the server's default."""
        identity = {"resource_type": self.resource_type, "id": self.path.rsplit("/", 1)[1]}
        body = {**writable(self.raw or {}), **identity, **fields}
        body = {key: value for key, value in body.items() if value is not None}
        self.wrote = True
        try:
            self.nsx.put(self.path, body)
        except Conflict as conflict:
            if conflict.code is not None or not self._holds(body):
                raise

    def _holds(self, body) -> bool:
        """Whether a write whose answer was lost was carried out."""
        raw = self.nsx.get(self.path)
        if raw is None:
            return False
        return self._sent(raw) == self._sent(body)

    def _sent(self, raw):
        """How it looks without what the server makes itself."""
        seen = self.view(raw)
        return {key: seen[key] for key in seen.keys() - READ_ONLY} if isinstance(seen, dict) else seen

    def remove(self):
        self.nsx.delete(self.path)

    def unrealized(self) -> str | None:
        """Why what was written is not in force yet. What was not written is not asked for: that would be one call more for each object."""
        return self.nsx.unrealized(self.path) if self.wrote else None


def writable(raw: dict) -> dict:
    """What a PUT sends back: the revision, and all that the server does not make itself."""
    return {key: raw[key] for key in raw if key == "_revision" or not (key.startswith("_") or key in READ_ONLY)}


def tag_list(tags) -> list[dict]:
    return canonical({"scope": tag.get("scope") or "", "tag": tag.get("tag") or ""} for tag in tags or [])


def checked_tag_list(tags: list | None) -> list[dict]:
    for tag in tag_list(tags):
        if is_reserved(tag["scope"]):
            raise Invalid("tags", f"The scope {tag['scope']} is a mark of the collection itself, and cannot be given.")
        if len(tag["scope"]) > 128 or len(tag["tag"]) > 256:
            raise Invalid("tags", "A scope has at most 128 characters and a tag 256.")
    return tag_list(tags)


def wanted_tag_list(have: dict | None, params: dict) -> list[dict]:
    """The tags asked for, our marks, and without purge_tags those it has; a scope that is asked for again gets the new tag."""
    ours = [{"scope": scope, "tag": tag} for scope, tag in marks(params.get("site_id")).items()]
    asked = [*checked_tag_list(params["tags"]), *ours]
    scopes = {tag["scope"] for tag in asked if tag["scope"]}
    kept = [tag for tag in (have or {}).get("tags", []) if tag["scope"] not in scopes]
    return canonical([*(tag for tag in kept if not params.get("purge_tags") or is_reserved(tag["scope"])), *asked])


def checked_id(option: str, text: str) -> str:
    """An id that may be given to an object of ours."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}", text):
        raise Invalid(
            option, f"{text!r} is not an id: letters, digits, '_', '-' and '.', not beginning with '.' or '-'."
        )
    return text


def checked_reference(option: str, text: str) -> str:
    """The id of an object of anybody, as it may stand in a path."""
    if not re.fullmatch(r"[^\s/\\?#%:;,\x00-\x1f][^/\\?#%:;,\x00-\x1f]{0,254}", text) or set(text) <= {"."}:
        raise Invalid(option, f"{text!r} is neither an id, nor a path, nor an address.")
    return text


def address(text: str) -> str | None:
    """The canonical form of an address, a network or a range; ``None`` when it looks like none. Raises ValueError."""
    if "-" in text and all(map(_is_address, text.split("-", 1))):
        first, last = (ipaddress.ip_address(end) for end in text.split("-", 1))
        if first.version != last.version or first > last:
            raise ValueError(f"{text} does not run from a lower to a higher address")
        return f"{first}-{last}"
    if not re.fullmatch(r"[0-9]+\.[0-9./]*|[0-9a-fA-F.]*:[0-9a-fA-F:./]*", text):
        return None
    network = ipaddress.ip_network(text)
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def shown_address(text: str) -> str:
    """The canonical form of an address of the server's, or what it has in its place."""
    try:
        return address(text) or text
    except ValueError:
        return text


def checked_address(option: str, text: str) -> str | None:
    try:
        return address(text)
    except ValueError as reason:
        raise Invalid(option, f"{reason}.") from None


def _is_address(text):
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
