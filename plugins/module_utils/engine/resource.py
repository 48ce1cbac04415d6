# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine knows of a kind of thing."""

from __future__ import annotations

import functools
from typing import Protocol

from . import odd


class Resource(Protocol):
    """Any object with these members; there is no base class. Those from ``write_only`` on may be left out."""

    kind: str
    """Result key, and the word used in messages."""

    immutable: tuple
    """Managed keys that cannot change after creation."""

    def observe(self) -> dict | None:
        """The thing as it is, in option names, lists canonical; None only when the API said "not found"."""

    def want(self, have: dict | None) -> dict:
        """What was asked for: same keys, same form; keys that were not given are absent."""

    def create(self, want: dict):
        """Make it exist and findable; what the creating call cannot carry follows by ``update``.

        Its id, where the API knows no token: then ``take_back(id)`` removes what this run has made, as long as nobody uses it.
        """

    def update(self, have: dict, changes: dict):
        """Write only the top-level keys in ``changes`` (key -> desired value; a write-only key has WRITE_ONLY)."""

    def delete(self, have: dict):
        """Remove it; already gone is fine. ``delete = None``: the kind has no absence."""

    write_only: dict
    """Key -> write it now? for values that the API never gives back."""

    may_be_denied: tuple
    """Keys that are written last and alone; a denial is recorded and told as a warning, and the run goes on; so where it is not kept."""

    heard: list
    """Sentences that a service said of what is wanted, told as warnings."""

    at_once: bool
    """Whether a write is seen as soon as it is answered (law 14)."""

    blank: dict
    """What a new one has where nothing was asked for; for predictions on top of predictions."""

    def fixed(self, have: dict, want: dict) -> dict:
        """Key -> why it cannot change, for the message: those of ``immutable``, and those that only now cannot."""

    def ready(self, have: dict) -> str | None:
        """None, or why it is not ready yet."""

    def lost(self, have: dict) -> dict:
        """Key -> (desired, actual): what no write mends, though it may mend itself; recorded as replace, after the wait."""

    def held(self, have: dict) -> str | None:
        """None, or why it must not be removed; asked in check mode too."""

    def noticed(self, have: dict) -> list:
        """Noticed for what weakens it though nobody asked about it; recorded as kept, told as a warning, never written."""


DEFAULTS = {
    "write_only": {},
    "may_be_denied": (),
    "heard": (),
    "at_once": False,
    "blank": {},
    "fixed": lambda have, want: {},
    "ready": lambda have: None,
    "lost": lambda have: {},
    "held": lambda have: None,
    "noticed": lambda have: (),
}
WRITES = ("create", "update", "delete", "take_back")


class Whole:
    """A resource with all its members, those that it leaves out among them."""

    def __init__(self, resource: Resource):
        self._resource = resource

    def __getattr__(self, name):
        member = getattr(self._resource, name, DEFAULTS[name]) if name in DEFAULTS else getattr(self._resource, name)
        return self._netted(name, member) if callable(member) else member

    def _netted(self, name, member):
        """A member that ends in a sentence where an answer is odd."""

        @functools.wraps(member)
        def netted(*arguments):
            with odd.as_error(f"The {self.kind}", wrote=name in WRITES):
                return member(*arguments)

        return netted

    def called(self, have: dict | None) -> str:
        """What a thing is called in a message."""
        names = ("name", "display_name", "alias", "id", f"{self.kind}_id")
        return f"The {self.kind} {next((have[key] for key in names if have and have.get(key)), '')}".rstrip()
