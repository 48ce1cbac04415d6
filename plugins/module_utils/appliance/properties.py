# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OVF properties of an appliance, by name. Those that are passwords are written once, and are seen nowhere."""

from __future__ import annotations

import re

from ..clients.vsphere import vim
from ..errors import Invalid
from ..image.ovf import full_name
from .machine import Raw

PASSWORD = "password"
NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def texts(option: str, params: dict) -> dict | None:
    """An option's values as vSphere has them; ``None`` when it was not given."""
    asked = params.get(option)
    if asked is None:
        return None
    nested = sorted(str(name) for name, value in asked.items() if not isinstance(value, (str, bool, int, float)))
    if nested:
        raise Invalid(option, f"{', '.join(nested)} must be text, a number or a truth value")
    odd = sorted(str(name) for name, value in asked.items() if NOT_IN_XML.search(str(value)))
    if odd:
        raise Invalid(option, f"{', '.join(odd)} must not hold control characters: XML cannot carry them")
    return {str(name): str(value) for name, value in asked.items()}


def wanted_first(known: dict, asked: dict | None, secrets: dict | None) -> dict:
    """What a deployment is to have, and so far only its key: the properties of the image with what was asked for."""
    for option, names, secret in (("properties", asked, False), ("secret_properties", secrets, True)):
        for name in names or {}:
            _refuse_unknown(option, name, known)
            if not known[name].configurable:
                raise Invalid(option, f"the image lets nobody set {name}")
            if known[name].secret is not secret:
                right = "secret_properties" if known[name].secret else "properties"
                raise Invalid(option, f"{name} belongs in {right}: the image says whether it is a password")
    if asked is None:
        return {}
    plain = {name: found.default for name, found in known.items() if not found.secret}
    return {"properties": {**plain, **asked}}


def wanted(have: dict, asked: dict | None) -> dict:
    """The same for a machine that is there."""
    for name in asked or {}:
        _refuse_unknown("properties", name, have)
    return {} if asked is None else {"properties": {**have, **asked}}


def seen(raw: Raw) -> dict:
    """The properties of a machine, without passwords."""
    return {
        name: (info.defaultValue if info.value in (None, "") else info.value) or ""
        for name, info in _infos(raw).items()
        if not (info.type or "").startswith(PASSWORD)
    }


def spec(raw: Raw, values: dict):
    """Those that differ, as vCenter takes them."""
    before, infos = seen(raw), _infos(raw)
    edits = []
    for name, value in values.items():
        if before.get(name) != value:
            infos[name].value = value
            edits.append(vim.vApp.PropertySpec(operation="edit", info=infos[name]))
    return vim.vApp.VmConfigSpec(property=edits)


def _infos(raw) -> dict:
    listed = raw.own.get("config.vAppConfig.property") or []
    return {full_name(info.classId, info.id, info.instanceId): info for info in listed}


def _refuse_unknown(option, name, known):
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise Invalid(option, f"the image has no property {name}; it has: {names}")
