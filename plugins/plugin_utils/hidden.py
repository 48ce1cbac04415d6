# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret of a host is in what is told of it, whatever brought it there."""

from __future__ import annotations

from ansible.errors import AnsibleError

from ..module_utils import secrets
from .known_variables import VARIABLES
from .variables import may_be_told

HIDDEN = "********"


def secrets_of(variables) -> set:
    """Every form of what the secret variables of a host hold."""
    found: set = set()
    for name in VARIABLES:
        if name in variables and not may_be_told(name):
            for text in _texts(_held(variables, name)):
                hidden = {text} if VARIABLES[name].get("no_log") else secrets.in_url(text)
                found.update(form for secret in hidden if secret for form in secrets.forms(secret))
    return {form for form in found if len(form) >= secrets.SHORTEST_PASSWORD}


def without(value, hidden: set):
    """The same, with those hidden, however deep they lie."""
    if isinstance(value, dict):
        return {without(key, hidden): without(held, hidden) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [without(item, hidden) for item in value]
    if isinstance(value, str):
        for form in sorted((form for form in hidden if form in value), key=len, reverse=True):
            value = value.replace(form, HIDDEN)
    return value


def _held(variables, name):
    try:
        return variables[name]
    except AnsibleError:  # one that cannot be read is in no report either
        return None


def _texts(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
