# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A public address of an SDDC."""

from __future__ import annotations

from ..errors import Invalid
from ..values import given
from . import nsx_nat_rule
from .nsx_nat_rule import PUBLIC_IPS
from .nsx_object import checked_id, checked_reference
from .nsx_subnet import overlap

LONGEST_NAME = 255


class PublicIp:
    kind = "public_ip"
    immutable = ()

    def __init__(self, nsx, params: dict):
        self.nsx = nsx
        self.params = params
        self.id = checked_id("id", params["id"])
        self.path = f"{PUBLIC_IPS}/{self.id}"

    def observe(self):
        raw = self.nsx.cloud_get(self.path)
        return raw and view(raw)

    def want(self, have):
        want = {"display_name": self.id} if have is None else {}
        want.update(given(self.params, "display_name"))
        if not 1 <= len(want.get("display_name", self.id)) <= LONGEST_NAME:
            raise Invalid("display_name", f"must have 1 to {LONGEST_NAME} characters.")
        return want

    def create(self, want):
        self.nsx.cloud_put(self.path, {"id": self.id, **want})

    def update(self, have, changes):
        self.nsx.cloud_put(self.path, {"id": self.id, "ip": have["ip"], **changes})

    def delete(self, have):
        self.nsx.cloud_delete(self.path)

    def ready(self, have):
        return None if have["ip"] else "AWS has not allotted its address yet"

    def held(self, have):
        users = [rule["id"] for rule in nsx_nat_rule.find(self.nsx) if self._is_in(rule, have["ip"])]
        # A rule that was just removed may still be listed.
        users = [each for each in users if nsx_nat_rule.find(self.nsx, id=each)]
        return f"{have['ip']} is used by NAT rules, {', '.join(users)}" if users else None

    def _is_in(self, rule, address) -> bool:
        return address is not None and any(overlap(address, network) for network in nsx_nat_rule.networks(rule))


def find(nsx, *, id: str | None = None) -> list[dict]:
    if id is None:
        return nsx.cloud_list(PUBLIC_IPS)
    raw = nsx.cloud_get(f"{PUBLIC_IPS}/{checked_reference('id', id)}")
    return [] if raw is None else [raw]


def view(raw: dict) -> dict:
    """A public address in option names. ``ip`` is ``None`` until it is allotted."""
    return {"id": raw["id"], "display_name": raw.get("display_name") or raw["id"], "ip": raw.get("ip") or None}
