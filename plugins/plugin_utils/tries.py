# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tries: a role includes the very tasks that write, to hear beforehand what they would change and what would be refused."""

from __future__ import annotations


def is_tried(task, variables: dict) -> bool:
    """Whether the role of a task says that it is only tried, by the variable __<role>_tried."""
    return bool(task._role and variables.get(f"__{task._role.get_name(include_role_fqcn=False)}_tried"))


def look_of(task, variables: dict) -> str:
    """The look to which a task belongs, as the first task of its role says, or that of prerequisites where they try it."""
    if not task._role:
        return ""
    inputs = variables.get(f"__{task._role.get_name(include_role_fqcn=False)}")
    if isinstance(inputs, str):
        inputs = variables.get("__prerequisites")
    return (inputs.get("look") or "") if isinstance(inputs, dict) else ""


def only_look(task):
    """Have the module of a task predict, whether the play does or not."""
    task.check_mode = True


def thing(task) -> str:
    """What a task of a module is about: the module, and what of its options says which one."""
    asked = task.args
    which = next((asked[word] for word in ("id", "name", "alias", "entry") if asked.get(word)), "")
    where = [asked[word] for word in ("domain", "gateway") if asked.get(word)]
    return " ".join(map(str, [task.action.rpartition(".")[2], *where, *([which] if which else [])]))


def coverage(result: dict) -> dict:
    """How many fields of an object were compared, of those that its module knows."""
    diff = result.get("diff")
    title = diff.get("before_header") if isinstance(diff, dict) else None
    known = result.get(title.partition(" ")[0]) if title else None
    if not isinstance(known, dict) or not known:
        return {}
    return {"compared": len({*diff["before"], *diff["after"]} & set(known)), "known": len(known)}


def in_earnest(task) -> None:
    """Have the module of a task write."""
    task.check_mode = False


def only_predicts(task) -> bool:
    """Whether a task shall write nothing, no file on the control node either."""
    return bool(task.check_mode)


def tried(result: dict) -> dict:
    """What came of a try, which neither changes nor fails: its ``changes``, or why it is refused, its ``msg``."""
    return {**result, "changed": False, "failed": False, "tried": True}
