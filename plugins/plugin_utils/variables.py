# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables as they are meant, whatever form a survey, a command line or an inventory gave them.

A survey and a command line send text. Text means what it says, and what is empty or null is not given.
"""

from __future__ import annotations

import difflib
import json
import os
import re

import yaml
from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils import forms, secrets
from ..module_utils.errors import Invalid
from .known_variables import RESULTS, ROLES, VARIABLES

PREFIXES = ("vmc_backup_", *(f"{role}_" for role in ROLES))
KNOWN = {*VARIABLES, *RESULTS}
CLOSE = 0.8
NUMBER = re.compile(r"[+-]?[0-9]+")
ARTIFACTS = "vmc_backup_outcome_"  # with the name of a host: what a job of AWX left for the next one
NONE = "none"  # with which a variable that takes it says that there shall be nothing


def is_given(value) -> bool:
    """Whether something is said at all."""
    return value is not None and not (isinstance(value, str) and not value.strip())


def of_environment(name: str):
    """What the environment says where a variable says nothing, as the modules take it from there."""
    for variable in VARIABLES[name].get("env", ()):
        text = os.environ.get(variable)
        if is_given(text):
            return _typed(f"{name}, which {variable} gives", VARIABLES[name], text)
    return None


def typed(name: str, value):
    """The value of a variable, which is given, in the type that it has. Invalid names the variable."""
    spec = VARIABLES[name]
    if spec.get("none") and isinstance(value, str) and value.strip().lower() == NONE:
        return ""
    return _typed(name, spec, value)


def may_be_told(name: str) -> bool:
    """Whether what a variable holds can stand in a registered result, and in a message."""
    return _is_shown(VARIABLES[name])


def misnamed(names) -> tuple[dict, list]:
    """Names that begin like ours and are none: those that are close to one of ours, with that one, and the others."""
    ours = [name for name in names if isinstance(name, str) and name.startswith(PREFIXES)]
    strays = sorted(name for name in ours if name not in KNOWN and not name.startswith(ARTIFACTS))
    close = {name: _nearest(name) for name in strays}
    return {name: near for name, near in close.items() if near}, [name for name in strays if not close[name]]


def _nearest(name: str) -> str | None:
    """The variable that was probably meant: one that is written nearly so, or one of which words are left out."""
    prefix = next(prefix for prefix in PREFIXES if name.startswith(prefix))
    rest = name[len(prefix) :]
    known = [one[len(prefix) :] for one in KNOWN if one.startswith(prefix)]
    near = difflib.get_close_matches(rest, known, 1, CLOSE)
    if not near:
        said = set(rest.split("_"))
        near = sorted((one for one in known if said < set(one.split("_"))), key=lambda one: (len(one), one))
    return prefix + near[0] if near else None


KINDS = {
    "str": "text",
    "path": "text",
    "int": "whole number",
    "bool": "truth value: true or false",
    "list": "list",
    "dict": "dictionary",
}


def _typed(where: str, spec: dict, value):
    value = TYPES[spec["type"]](where, spec, value)
    if "choices" in spec and value not in spec["choices"]:
        raise Invalid(where, f"{value!r} must be one of {', '.join(spec['choices'])}.")
    least, most = spec.get("minimum"), spec.get("maximum")
    if (least is not None and value < least) or (most is not None and value > most):
        raise Invalid(
            where, f"{value} must be {f'from {least} to {most}' if most is not None else f'at least {least}'}."
        )
    if "form" in spec and spec["type"] != "list":
        forms.check(where, spec["form"], value)
    return value


def _is_shown(spec: dict) -> bool:
    return not spec.get("no_log") and not spec.get("may_hold_secret")


def _refuse(where, spec, value):
    raise Invalid(where, f"{f'{value!r}' if _is_shown(spec) else 'what is given'} is no {KINDS[spec['type']]}.")


def _text(where, spec, value):
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        _refuse(where, spec, value)
    text = str(value)
    if spec.get("no_log"):
        secrets.checked_password(where, text)
    elif not secrets.is_one_line(text):
        raise Invalid(where, "holds a control character, such as the end of a line.")
    return text


def _whole_number(where, spec, value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        return int(value)
    return _refuse(where, spec, value)


def _truth(where, spec, value):
    if isinstance(value, bool):
        return value
    try:
        return boolean(value)
    except TypeError:
        return _refuse(where, spec, value)


def _list(where, spec, value):
    element = {"type": spec["elements"], **{key: spec[key] for key in ("options", "form") if key in spec}}
    if isinstance(value, str):
        value = _parsed(value, spec)
    if isinstance(value, str) and element["type"] != "dict" and value.lstrip()[:1] not in "[{":
        value = [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]
    elif isinstance(value, (int, float)) and element["type"] != "dict":
        value = [value]
    if not isinstance(value, (list, tuple)):
        _refuse(where, spec, value)
    # An empty text keeps its place, which counts in a plan, and so does null.
    value = ["" if item is None and element["type"] == "str" else item for item in value]
    return [_typed(f"{where}[{place}]", element, item) for place, item in enumerate(value) if item is not None]


def _dict(where, spec, value):
    if isinstance(value, str):
        value = _parsed(value, spec)
    if not isinstance(value, dict):
        _refuse(where, spec, value)
    if "options" not in spec:
        return {str(key): _plain(held) for key, held in value.items()}
    options, found = spec["options"], {}
    for key, held in value.items():
        if key not in options:
            raise Invalid(where, f"there is no {key}; there are: {', '.join(options)}.")
        if held is not None and (is_given(held) or options[key]["type"] == "str"):
            found[key] = _typed(f"{where}.{key}", options[key], held)
    missing = [key for key, option in options.items() if option.get("required") and not is_given(found.get(key))]
    if missing:
        raise Invalid(where, f"{', '.join(missing)} is missing.")
    return found


def _parsed(text: str, spec: dict):
    """The list or dictionary that a text is, as JSON or YAML; otherwise the text."""
    try:
        found = json.loads(text)
    except ValueError:
        # What has a type of its own is not guessed by YAML, which takes 012 for ten.
        loader = yaml.BaseLoader if "options" in spec or "elements" in spec else yaml.SafeLoader
        try:
            found = yaml.load(text, Loader=loader)
        except yaml.YAMLError:
            return text
    return found if isinstance(found, (list, dict)) else text


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(held) for key, held in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


TYPES = {"str": _text, "path": _text, "int": _whole_number, "bool": _truth, "list": _list, "dict": _dict}
