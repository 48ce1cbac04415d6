# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vSphere tags of a virtual machine: of each category that is asked for one, and those of other categories left alone."""

from __future__ import annotations

from functools import cached_property

from ..clients.vsphere import Vsphere, vim
from ..errors import Invalid
from ..values import without_nulls

LONGEST = 256
DESCRIPTION = "Made by the Ansible collection vmc.aws_backup"
# The REST API has had these paths since vSphere 7.0 U2.
SINCE = (7, 0, 2)


class VsphereTags:
    """The tags of one vCenter. ``asked`` is category -> tag, where an empty tag means none of that category."""

    def __init__(self, client: Vsphere, asked: dict | None, image_category: str | None = None):
        self.client = client
        self.asked = _checked(asked or {})
        self.image_category = image_category
        if image_category:
            _check_length("image_tag_category", image_category)
            if image_category in self.asked:
                raise Invalid("image_tag_category", f"{image_category} is among the tags too")

    def seen(self, moid: str) -> dict:
        """Category -> the machine's tag of it; of several, all their names."""
        found: dict = {}
        for tag in self.tagging.attached(moid):
            found.setdefault(tag["category"], []).append(tag["name"])
        return {category: names[0] if len(names) == 1 else sorted(names) for category, names in found.items()}

    def wanted(self, have: dict | None, image: str | None) -> dict:
        """What the machine shall have: what was asked for, the digest of its image, and those it has of other categories."""
        merged = {**(have or {}), **self.asked}
        if self.image_category and image:
            merged[self.image_category] = f"sha256:{image}"
        return {category: name for category, name in merged.items() if name}

    def check(self, have: dict | None, wanted: dict):
        """Categories that are there already have to be for virtual machines."""
        machines = vim.VirtualMachine._wsdlName
        missing = [category for category, name in wanted.items() if name != (have or {}).get(category)]
        known = self._categories() if missing else {}
        for category in missing:
            types = known[category]["associable_types"] if category in known else []
            if types and machines not in types:
                option = "image_tag_category" if category == self.image_category else "tags"
                raise Invalid(option, f"the category {category} is for {', '.join(sorted(types))}, not for {machines}")

    def write(self, moid: str, wanted: dict):
        """Detach what is not wanted, and attach what is missing, made first where vCenter does not know it."""
        seen = self.tagging.attached(moid)
        for tag in seen:
            if tag["name"] not in _names(wanted.get(tag["category"])):
                self.tagging.detach(tag["id"], moid)
        has = {(tag["category"], tag["name"]) for tag in seen}
        pairs = [(category, name) for category in wanted for name in _names(wanted[category])]
        missing = [pair for pair in pairs if pair not in has]
        known = self._categories() if missing else {}
        for category, name in missing:
            self.tagging.attach(self._tag(known.get(category), category, name), moid)

    @cached_property
    def tagging(self):
        from ..clients.tagging import Tagging

        if self.client.api_version < SINCE:
            version = self.client.content.about.version
            raise Invalid("tags", f"needs vCenter 7.0 Update 2 or newer; this one is {version}")
        return Tagging(self.client.params)

    def _tag(self, known: dict | None, category: str, name: str) -> str:
        """The id of a tag, made if need be."""
        category_id = known["id"] if known else self.tagging.create_category(category, DESCRIPTION)
        for tag in self.tagging.tags(category_id):
            if tag["name"] == name:
                return tag["id"]
        return self.tagging.create_tag(name, category_id, DESCRIPTION)

    def _categories(self) -> dict:
        """Category by name, which vCenter keeps unique."""
        return {category["name"]: category for category in self.tagging.categories()}


def _names(told) -> list:
    return told if isinstance(told, list) else [told] if told else []


def _checked(asked: dict) -> dict:
    """Category -> tag as text, if vCenter can take them."""
    tags = {str(category): name for category, name in without_nulls(asked).items()}
    for category, name in tags.items():
        if isinstance(name, (dict, list)):
            raise Invalid("tags", f"{category} has one tag, so its value must be text")
        _check_length("tags", category)
        if name != "":
            _check_length("tags", str(name))
    return {category: str(name) for category, name in tags.items()}


def _check_length(option, text):
    if not 1 <= len(text) <= LONGEST:
        raise Invalid(option, f"{text!r} must be 1 to {LONGEST} characters")
