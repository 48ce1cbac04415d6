# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy objects by path, with NSX's revisions, late deletes and late realization."""

from __future__ import annotations

import copy
import itertools
import uuid

from . import refusals
from .kinds import RULE, SERVER_OWNED, Kind


class Store:
    """State only. What the service does asynchronously advances by the calls that look at it."""

    def __init__(self, world):
        self.world = world
        self.objects: dict[str, dict] = {}
        self.leaving: dict[str, list] = {}  # path -> [refusals left, the body as it was]
        self.realizing: dict[str, int] = {}  # path -> reads of its state until it is realized
        self.rule_ids = itertools.count(1001)

    def get(self, path: str) -> dict | None:
        self._advance(path)
        return self.objects.get(path)

    def children(self, parent: str) -> list[dict]:
        prefix = parent + "/"
        rows = list(self.objects.items())
        return [body for path, body in rows if path.startswith(prefix) and "/" not in path[len(prefix) :]]

    def draft(self, method: str, kind: Kind, path: str, body: dict, user: str) -> dict:
        """The object as this PUT or PATCH would leave it, or the service's refusal."""
        have = self.objects.get(path)
        sent = body.get("_revision")
        if have is None:
            if self._advance(path):
                raise refusals.leaving(path)
            return self._new(kind, path, body, user)
        if method == "PUT" and sent is None:
            raise refusals.exists(path)
        # That a PATCH minds a stale revision is UNCONFIRMED; the reference text allows it.
        if (
            sent is not None
            and sent != have["_revision"]
            and (method == "PUT" or self.world.switches["patch_minds_revision"])
        ):
            raise refusals.stale(path, have["_revision"], sent)
        merges = method == "PATCH" and self.world.switches["patch_merges"]
        return self._changed(kind, have, {**have, **body} if merges else body, user)

    def save(self, draft: dict) -> dict:
        self.objects[draft["path"]] = draft
        self.realizing[draft["path"]] = self.world.switches["realization_reads"]
        return draft

    def delete(self, path: str):
        """Remove an object, and all that lies below it, for good after a while."""
        referrers = self.referrers(path)
        if referrers:
            raise refusals.referenced(path, referrers)
        for gone in [each for each in self.objects if each == path or each.startswith(path + "/")]:
            self.leaving[gone] = [self.world.switches["deletes_linger"], self.objects.pop(gone)]
            self.realizing.pop(gone, None)

    def referrers(self, path: str) -> list[str]:
        """Who uses an object. One that is being deleted counts until it was asked about often enough."""
        found = [each for each, body in self.objects.items() if each != path and path in _paths_in(body)]
        for each, (_left, body) in list(self.leaving.items()):
            if path in _paths_in(body) and self._advance(each):
                found.append(each)
        return sorted(found)

    def realized(self, path: str) -> bool:
        left = self.realizing.get(path, 0)
        self.realizing[path] = max(left - 1, 0)
        return left == 0

    def _advance(self, path: str) -> bool:
        """Whether a deleted object still lingers, this call being one that sees it linger."""
        left = self.leaving.get(path, [0])[0]
        if left:
            self.leaving[path][0] -= 1
        else:
            self.leaving.pop(path, None)
        return left > 0

    def _new(self, kind: Kind, path: str, body: dict, user: str) -> dict:
        parent, _slash, name = path.rpartition("/")
        now = int(self.world.now() * 1000)
        server = {
            "path": path,
            "relative_path": name,
            "parent_path": _parent_of(parent),
            "unique_id": str(uuid.uuid4()),
            "marked_for_delete": False,
            "overridden": False,
            "_create_user": user,
            "_create_time": now,
            "_last_modified_user": user,
            "_last_modified_time": now,
            "_system_owned": False,
            "_protection": "NOT_PROTECTED",
            "_revision": 0,
        }
        if kind is RULE:
            server["rule_id"] = next(self.rule_ids)
            server["unique_id"] = str(server["rule_id"])
        return {**_complete(kind, name, body), **server}

    def _changed(self, kind: Kind, have: dict, body: dict, user: str) -> dict:
        kept = {key: have[key] for key in (*SERVER_OWNED, *kind.read_only) if key in have}
        stamps = {"_last_modified_user": user, "_last_modified_time": int(self.world.now() * 1000)}
        return {**_complete(kind, have["id"], body), **kept, **stamps, "_revision": have["_revision"] + 1}


def _complete(kind: Kind, name: str, body: dict) -> dict:
    if body.get("id") not in (None, name):
        raise refusals.invalid(f"id {body['id']} does not match the path, which says {name}")
    dropped = {*SERVER_OWNED, *kind.read_only, "_revision"}
    given = {key: value for key, value in body.items() if value is not None and key not in dropped}
    filled = {**kind.defaults, "display_name": name, **given, "id": name, "resource_type": kind.resource_type}
    return copy.deepcopy(filled)


def _parent_of(collection: str) -> str:
    """The object that holds a collection: `/infra/domains/mgw` for `/infra/domains/mgw/groups`."""
    return collection.rpartition("/")[0]


def _paths_in(value) -> set:
    """Every path that an object's own fields name."""
    if isinstance(value, str):
        return {value} if value.startswith("/infra/") else set()
    if isinstance(value, dict):
        value = [each for key, each in value.items() if key not in SERVER_OWNED]
    return set().union(*map(_paths_in, value)) if isinstance(value, list) else set()
