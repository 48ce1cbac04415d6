# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A JSON value against a structure of VMware's bindings: what of it the model does not have, or has with another type."""

from __future__ import annotations

PYTHON = {
    "StringType": str,
    "URIType": str,
    "EnumType": str,
    "DateTimeType": str,
    "IntegerType": int,
    "DoubleType": (int, float),
    "BooleanType": bool,
}


def problems(value, model, at="", *, beyond=frozenset()) -> list[str]:
    """``beyond`` are fields that a service was seen answering though no model has them."""
    kind = type(model).__name__
    if kind == "OptionalType":
        return [] if value is None else problems(value, model.element_type, at, beyond=beyond)
    if kind == "ReferenceType":
        return problems(value, model.resolved_type, at, beyond=beyond)
    if kind == "ListType":
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        return [
            each
            for index, item in enumerate(value)
            for each in problems(item, model.element_type, f"{at}[{index}]", beyond=beyond)
        ]
    if kind == "MapType":
        if not isinstance(value, dict):
            return [f"{at}: {value!r} is no object"]
        return [
            each
            for name, item in value.items()
            for each in problems(item, model.value_type, f"{at}.{name}", beyond=beyond)
        ]
    if kind == "StructType":
        return _structure(value, model, at, beyond)
    wanted = PYTHON.get(kind)
    wrong = wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and kind != "BooleanType"))
    return [f"{at}: {value!r} is no {kind}"] if wrong else []


def _structure(value, model, at, beyond):
    if not isinstance(value, dict):
        return [f"{at}: {value!r} is no {model.name}"]
    known = set(model.get_field_names())
    found = [f"{at}.{name} is not in {model.name}" for name in value if name not in known and name not in beyond]
    for name in known:
        field = model.get_field(name)
        if name in value:
            found += problems(value[name], field, f"{at}.{name}", beyond=beyond)
        elif type(field).__name__ != "OptionalType":
            found.append(f"{at}.{name} is missing")
    return found
