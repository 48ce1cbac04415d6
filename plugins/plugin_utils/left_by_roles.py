# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles of a run left of a host, as findings."""

from __future__ import annotations

from collections.abc import Mapping

from .commands import COMMANDS

REGISTERED = tuple(f"__{role}" for role in COMMANDS)
NOT_OURS = ("replace", "kept", "denied")  # a person mends them
ADVICE = {
    "replace": "It could only be replaced, which is never done unasked.",
    "kept": "Nobody asked for it, and it is left as it is.",
    "denied": "The rights to change it are missing.",
}


def left(variables) -> dict:
    """What each role left, as far as it came to that."""
    return {role: variables[f"{role}_result"] for role in COMMANDS if f"{role}_result" in variables}


def findings_of(variables) -> dict:
    """The ``findings`` of a host, and as ``incomplete`` why not all was looked at."""
    results = left(variables)
    judged = (variables.get("__prerequisites_readiness") or {}).get("findings") or []
    notes = set() if not judged else set(results.get("prerequisites", {}).get("findings") or [])
    found = [dict(each) for each in judged]
    for role, result in results.items():
        found += [_of_change(role, change) for change in result.get("changes") or []]
        for each in result.get("findings") or []:
            if isinstance(each, dict):
                found.append({"subject": role, **each})
            elif each not in notes:
                found.append(_of_sentence(role, str(each)))
    failed = [
        f"{role}: {' '.join(str(result.get('msg', '')).split())}"
        for role, result in results.items()
        if result.get("failed")
    ]
    why = [*failed, *_unreachable(variables)] if results else ["it could not be looked at"]
    covered = [result["coverage"] for result in results.values() if result.get("coverage")]
    coverage = {word: sum(each[word] for each in covered) for word in ("compared", "known")}
    return {"findings": found, "coverage": coverage, "incomplete": "; ".join(dict.fromkeys(why))}


def _unreachable(variables):
    """What tasks of the roles said of a machine that they were to run on, such as a bastion."""
    for name in variables:
        held = variables[name] if name.startswith(REGISTERED) else None
        if isinstance(held, Mapping):
            for result in [held, *(held.get("results") or [])]:
                if isinstance(result, Mapping) and result.get("unreachable"):
                    yield " ".join(str(result.get("msg", "a machine could not be reached")).split())


def _of_change(role, change) -> dict:
    kind, _blank, name = str(change["object"]).partition(" ")
    thing = str(change.get("thing") or "")
    effect = change["effect"]
    return {
        "subject": role,
        "kind": kind,
        "name": thing.partition(" ")[2] or name,
        "thing": thing,
        **{word: change.get(word) for word in ("path", "desired", "actual", "effect")},
        "mended_by": "" if effect in NOT_OURS else role,
        "change": ADVICE.get(effect, ""),
    }


def _of_sentence(role, text) -> dict:
    return {
        "id": f"{role}/{text.partition(':')[0][:60]}",
        "subject": role,
        "kind": role,
        "verdict": "costly",
        "severity": "info",
        "evidence": text,
    }
