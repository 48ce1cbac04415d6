# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a policy document says to one action on one resource. Moto's own evaluator knows no conditions and no wildcard in them."""

from __future__ import annotations

import functools
import re

ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def wildcard(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    return _compiled(pattern, ignore_case).fullmatch(text) is not None


@functools.cache
def _compiled(pattern, ignore_case):
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.compile(expression, re.IGNORECASE if ignore_case else 0)


# Operator -> whether one value of the request satisfies one value of the policy.
OPERATORS = {
    "StringEquals": lambda pattern, text: pattern == text,
    "StringLike": wildcard,
    "ArnEquals": wildcard,
    "ArnLike": wildcard,
    "Bool": lambda pattern, text: pattern.lower() == text.lower(),
}
NEGATED = {"StringNotEquals": "StringEquals", "StringNotLike": "StringLike", "ArnNotLike": "ArnLike"}


def problems(document) -> list[str]:
    """What keeps this evaluator from judging a document: better said at once than judged wrongly."""
    if not isinstance(document, dict) or not document.get("Statement"):
        return ["A policy is an object with a Statement."]
    found = []
    for number, statement in enumerate(many(document["Statement"])):
        name = f"Statement {statement.get('Sid', number)}"
        found += [f"{name}: {element} is not known here." for element in sorted(set(statement) - ELEMENTS)]
        if statement.get("Effect") not in ("Allow", "Deny"):
            found.append(f"{name}: Effect is Allow or Deny.")
        for one, other in (("Action", "NotAction"), ("Resource", "NotResource")):
            if (one in statement) == (other in statement):
                found.append(f"{name}: either {one} or {other}.")
        for operator in statement.get("Condition", {}):
            if _plain(operator)[0] not in (*OPERATORS, *NEGATED, "Null"):
                found.append(f"{name}: the operator {operator} is not known here.")
    return found


def says(document: dict, action: str, resource: str, context: dict) -> str | None:
    """Deny, Allow or nothing."""
    effects = {
        statement["Effect"]
        for statement in many(document["Statement"])
        if _concerns(statement, action, resource) and _holds(statement.get("Condition", {}), context)
    }
    return "Deny" if "Deny" in effects else "Allow" if effects else None


def many(value) -> list:
    return value if isinstance(value, list) else [value]


def _concerns(statement, action, resource) -> bool:
    named = any(wildcard(each, action, ignore_case=True) for each in many(statement.get("Action", [])))
    if "NotAction" in statement:
        named = not any(wildcard(each, action, ignore_case=True) for each in many(statement["NotAction"]))
    if "NotResource" in statement:
        return named and not any(wildcard(each, resource) for each in many(statement["NotResource"]))
    return named and any(wildcard(each, resource) for each in many(statement["Resource"]))


def _holds(condition, context) -> bool:
    known = {key.lower(): [str(value) for value in many(values)] for key, values in context.items()}
    return all(
        _satisfied(operator, [str(value) for value in many(wanted)], known.get(key.lower()))
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _satisfied(operator, wanted, found) -> bool:
    name, every, if_exists = _plain(operator)
    if name == "Null":
        return (wanted[0].lower() == "true") == (found is None)
    if found is None:
        return if_exists or every or name in NEGATED
    test = OPERATORS[NEGATED.get(name, name)]
    hits = [any(test(pattern, text) for pattern in wanted) for text in found]
    if name in NEGATED:
        return not any(hits)
    return all(hits) if every else any(hits)


def _plain(operator) -> tuple:
    """The operator without its prefix and suffix, whether all values count, and whether a missing key passes."""
    name = operator.removeprefix("ForAllValues:").removeprefix("ForAnyValue:")
    return name.removesuffix("IfExists"), operator.startswith("ForAllValues:"), name.endswith("IfExists")
