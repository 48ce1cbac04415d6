# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module says of its options, and what it accepts, in one form."""

from __future__ import annotations

import importlib

import yaml
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.aws_identity import IDENTITY

KEYS = ("type", "elements", "required", "default", "choices")


def documented(module) -> dict:
    """The options of a module as its documentation has them, those of our own fragments included."""
    documentation = yaml.safe_load(module.DOCUMENTATION)
    options = dict(documentation.get("options") or {})
    for fragment in documentation["extends_documentation_fragment"]:
        if fragment.startswith("vmc.aws_backup."):
            name = f"ansible_collections.vmc.aws_backup.plugins.doc_fragments.{fragment.split('.')[-1]}"
            text = importlib.import_module(name).ModuleDocFragment.DOCUMENTATION
            options = {**(yaml.safe_load(text).get("options") or {}), **options}
    return _plain(options, "suboptions")


def specified(module) -> dict:
    """The options of a module as its specification has them, those that every module of AWS has included."""
    shared = IDENTITY if hasattr(module, "aws_module") else {}
    return _plain({**shared, **module.SPEC}, "options")


def _plain(options, nested) -> dict:
    return {
        name: {
            **{key: option[key] for key in KEYS if option.get(key) is not None},
            **({"options": _plain(option[nested], nested)} if nested in option else {}),
        }
        for name, option in options.items()
    }


def returned(module) -> dict:
    """What a module returns, by its documentation."""
    return yaml.safe_load(module.RETURN)
