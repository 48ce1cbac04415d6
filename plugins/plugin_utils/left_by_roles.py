# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles of a run left of a host, as findings."""

from __future__ import annotations

from collections.abc import Mapping

from ..module_utils.engine.findings import sentence
from .commands import COMMANDS

NOTED = ("broken", "costly", "unknown")
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
    registered = list(_registered(variables))
    refused = {_told(result): role for role, result in registered if result.get("tried") and result.get("msg")}
    found += [_of_refusal(role, text) for text, role in refused.items()]
    failed = [f"{role}: {_told(result)}" for role, result in results.items() if result.get("failed")]
    unreachable = [_told(result) for _role, result in registered if result.get("unreachable")]
    why = dict.fromkeys([*failed, *unreachable]) if results else ["it could not be looked at"]
    covered = [result["coverage"] for result in results.values() if result.get("coverage")]
    coverage = {word: sum(each[word] for each in covered) for word in ("compared", "known")}
    return {"findings": found, "coverage": coverage, "incomplete": "; ".join(why)}


def _told(result) -> str:
    return " ".join(str(result.get("msg") or "no reason was given").split())


def _registered(variables):
    """What the tasks of the roles registered, those of loops one by one."""
    for name in variables:
        role = next((role for role in COMMANDS if name.startswith(f"__{role}")), None)
        held = variables[name] if role else None
        if isinstance(held, Mapping):
            each = held.get("results")
            results = [held, *(each if isinstance(each, list) else [])]
            yield from ((role, result) for result in results if isinstance(result, Mapping))


def evidence_of(variables) -> dict:
    """What an auditor asks for beside the findings: who looked, at which machines, and the plans that select them."""
    found = left(variables).get("verification", {})
    return {word: found[word] for word in ("caller", "population", "backup_plans") if found.get(word)}


def _of_refusal(role, text) -> dict:
    """What a try would have been refused, so that nobody knows what else differs there."""
    return {
        "id": f"refused/{text[:60]}",
        "subject": role,
        "kind": role,
        "name": "Refused",
        "verdict": "broken",
        "severity": "critical",
        "evidence": text,
    }


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


def lines_of(host: str, variables) -> list:
    """What the roles did on a host, or would, for people; of a preflight the table of what is needed."""
    results = left(variables)
    if not results:
        return [f"{host}: it could not be looked at, see above."]
    looked = results.get("prerequisites", {})
    table = looked.get("report")
    first, more = (table[0], table[1:]) if table else (_done(results), [])
    failed = [f"Failed, {role}: {found['msg']}" for role, found in results.items() if found.get("failed")]
    findings = dict.fromkeys(_noted(each) for found in results.values() for each in found.get("findings") or [])
    findings.pop("", None)
    return [f"{host}: {first}", *more, *failed, *(f"Note: {text}" for text in findings)]


def _noted(found) -> str:
    """A finding for people: what is well is nothing to note."""
    if not isinstance(found, dict):
        return str(found)
    return f"{found['verdict']}, {sentence(found)}" if found["verdict"] in NOTED else ""


def _done(results) -> str:
    """What was changed, or in a preview would be, role by role."""
    changes = {role: _objects(found) for role, found in results.items()}
    told = [f"{role} ({', '.join(objects)})" for role, objects in changes.items() if objects]
    return f"changed: {'; '.join(told)}." if told else "nothing to change."


def _objects(found) -> list:
    written = [
        change["object"]
        for change in found.get("changes") or []
        if change["effect"] not in ("kept", "denied", "replace")
    ]
    return list(dict.fromkeys(written))
