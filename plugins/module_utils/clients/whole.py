# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an answer has arrived as a whole, by its bytes: their number, their syntax, their root, and for AWS the types of its model."""

from __future__ import annotations

import functools
import json
from xml.etree import ElementTree

from .answers import kind_of

BODILESS = (204, 304)  # whose length, where it is told, is that of another answer
JSON = {"structure": dict, "map": dict, "list": list, "string": str, "blob": str, "boolean": bool}
NUMBERS = ("integer", "long", "float", "double")


def short(length, arrived: int) -> str | None:
    """What is missing of a body by its header Content-Length, if there is one."""
    text = str(length or "")
    if text.isascii() and text.isdigit() and int(text) != arrived:
        return f"{arrived} of {int(text)} bytes"
    return None


def aws(model, answer: dict) -> str | None:
    """Why an answer is not whole: of the operation of a botocore model, before it is parsed, as status_code, headers and body."""
    status, body = answer["status_code"], answer["body"]
    if model.http.get("method") == "HEAD" or not isinstance(body, bytes):
        return None
    missing = None if status in BODILESS else short(answer["headers"].get("content-length"), len(body))
    if missing or status >= 300:
        return missing
    if _protocol(model.service_model) in ("ec2", "query"):
        return _xml(model, body)
    if _protocol(model.service_model) == "rest-xml":
        return _in_headers_or_xml(model.output_shape, body)
    return _json(model.output_shape, body)


def _in_headers_or_xml(shape, body) -> str | None:
    """S3 tells most in headers, and then has no body."""
    if all("location" in member.serialization for member in (shape.members if shape else {}).values()):
        return None
    try:
        ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        return "it is no XML"
    return None


def _protocol(service) -> str:
    # Where a service speaks several, older versions of botocore knew one.
    return getattr(service, "resolved_protocol", None) or service.metadata["protocol"]


def _json(shape, body) -> str | None:
    if not body.strip():
        return "it is empty" if shape and shape.members else None
    try:
        root = json.loads(body)
    except (ValueError, RecursionError):
        return "it is no JSON"
    if not isinstance(root, dict):
        return f"it is {kind_of(root)} instead of an object"
    return _of_json(shape, root, "it") if shape else None


def _of_json(shape, value, at) -> str | None:
    kind = shape.type_name
    if kind in JSON and not isinstance(value, JSON[kind]):
        return f"{at} is {kind_of(value)} instead of a {kind}"
    if kind in NUMBERS and (isinstance(value, bool) or not isinstance(value, (int, float))):
        return f"{at} is {kind_of(value)} instead of a number"
    if kind == "timestamp" and (isinstance(value, bool) or not isinstance(value, (int, float, str))):
        return f"{at} is {kind_of(value)} instead of a time"
    if kind == "structure":
        below = ((member, value[name], name) for name, member in _members(shape) if value.get(name) is not None)
    elif kind == "map":
        named = f"an entry of {at}"
        below = ((shape.value, each, named) for each in value.values() if each is not None)
    elif kind == "list":
        if None in value:
            return f"an item of {at} is null"
        member, named = shape.member, f"an item of {at}"
        below = ((member, each, named) for each in value)
    else:
        return None
    return next(filter(None, (_of_json(*each) for each in below)), None)


@functools.lru_cache(maxsize=1024)
def _members(shape) -> tuple:
    """The members of a structure by the names that they travel under; none of a document, which may hold anything."""
    if getattr(shape, "is_document_type", False):
        return ()
    return tuple((member.serialization.get("name", name), member) for name, member in shape.members.items())


def _xml(model, body) -> str | None:
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        return "it is no XML"
    if _name(root) != f"{model.name}Response":
        return f"it is no {model.name}Response"
    shape = model.output_shape
    if shape is None:
        return None
    wrapper = shape.serialization.get("resultWrapper")
    if wrapper:
        root = next((node for node in root if _name(node) == wrapper), None)
        if root is None:
            return f"it lacks {wrapper}"
    return _of_xml(shape, root, "it")


def _of_xml(shape, node, at) -> str | None:
    """Types as far as botocore would take another for nothing, or break on it."""
    kind, text = shape.type_name, (node.text or "").strip()
    if kind in ("structure", "list", "map") and text:
        return f"{at} is text instead of a {kind}"
    if kind in ("integer", "long") and not text.lstrip("+-").isdigit():
        return f"{at} is text instead of a number"
    if kind == "boolean" and text not in ("true", "false"):
        return f"{at} is text instead of true or false"
    below = []
    if kind == "structure":
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        below = [(members[_name(child)], child) for child in node if _name(child) in members]
        below = [each for each in below if not each[0].serialization.get("flattened")]
    elif kind == "list":
        item = shape.member.serialization.get("name", "member")
        if any(_name(child) != item for child in node):
            return f"{at} is no list of {item}"
        below = [(shape.member, child) for child in node]
    return next(filter(None, (_of_xml(inner, child, _name(child)) for inner, child in below)), None)


def _name(node) -> str:
    return node.tag.rpartition("}")[2]
