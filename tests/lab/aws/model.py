# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Botocore's service models, and the check of what goes in and out against them."""

from __future__ import annotations

import datetime
import functools
import re

import boto3
from botocore.exceptions import DataNotFoundError
from moto.core.utils import get_service_model

TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": datetime.datetime,
    "blob": (bytes, str),
    "list": list,
    "map": dict,
    "structure": dict,
}
# EC2 answers states in small letters, whatever its model says ("State": "available" in every sample of the API reference).
SIGNED_AS = {"tagging": "resourcegroupstaggingapi"}  # signing name -> that of the model
LOOSE_ENUMS = {"State"}
UNICODE_CLASSES = {
    r"\p{L}\p{Z}\p{N}_": r"\w \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}


@functools.cache
def service(name: str):
    """The model of a service by its signing name, or None."""
    try:
        return get_service_model(SIGNED_AS.get(name, name))
    except DataNotFoundError:
        return None


@functools.cache
def regions(name: str, partition: str) -> list[str]:
    return boto3.Session().get_available_regions(name, partition_name=partition)


@functools.cache
def compiled(pattern: str):
    for theirs, ours in UNICODE_CLASSES.items():
        pattern = pattern.replace(theirs, ours)
    return re.compile(pattern)


def problems(shape, value, path: str = "") -> list[str]:
    """What the model has against this value, in the words of AWS's own validation."""
    expected = TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and shape.type_name != "boolean"):
        return [f"Value at '{path}' failed to satisfy constraint: Member must be of type {shape.type_name}"]
    if shape.type_name == "structure":
        return _structure(shape, value, path)
    if shape.type_name == "list":
        found = _size(shape, len(value), "", path)
        for index, item in enumerate(value):
            found += problems(shape.member, item, f"{path}.{index + 1}.member")
        return found
    if shape.type_name == "map":
        found = []
        for key, item in value.items():
            found += problems(shape.key, key, f"{path}.key") + problems(shape.value, item, f"{path}.{key}.value")
        return found
    return _scalar(shape, value, path)


def _structure(shape, value, path):
    found = [f"Unknown member '{key}' in '{path or shape.name}'" for key in value if key not in shape.members]
    for name in shape.required_members:
        if value.get(name) is None:
            found.append(f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            found += problems(member, value[name], _join(path, name))
    return found


def _scalar(shape, value, path):
    shown = "" if shape.metadata.get("sensitive") else f" '{value}'"
    found = []
    if shape.type_name == "string":
        found += _size(shape, len(value), shown, path)
        pattern = shape.metadata.get("pattern")
        if pattern and not compiled(pattern).fullmatch(value):
            found.append(
                f"Value{shown} at '{path}' failed to satisfy constraint: "
                f"Member must satisfy regular expression pattern: {pattern}"
            )
        if shape.metadata.get("enum") and not _in_enum(shape, value):
            found.append(
                f"Value{shown} at '{path}' failed to satisfy constraint: "
                f"Member must satisfy enum value set: [{', '.join(shape.metadata['enum'])}]"
            )
    elif shape.type_name in ("integer", "long", "float", "double"):
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if low is not None and value < low:
            found.append(
                f"Value{shown} at '{path}' failed to satisfy constraint: "
                f"Member must have value greater than or equal to {low}"
            )
        if high is not None and value > high:
            found.append(
                f"Value{shown} at '{path}' failed to satisfy constraint: "
                f"Member must have value less than or equal to {high}"
            )
    return found


def _in_enum(shape, value):
    if shape.name in LOOSE_ENUMS:
        return value.lower() in [item.lower() for item in shape.metadata["enum"]]
    return value in shape.metadata["enum"]


def _size(shape, length, shown, path):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    found = []
    if low is not None and length < low:
        found.append(
            f"Value{shown} at '{path}' failed to satisfy constraint: "
            f"Member must have length greater than or equal to {low}"
        )
    if high is not None and length > high:
        found.append(
            f"Value{shown} at '{path}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {high}"
        )
    return found


def _join(path, name):
    name = name[0].lower() + name[1:]
    return f"{path}.{name}" if path else name
