# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role is told to do: by a playbook, which nobody overrides, or by a variable of the role."""

from __future__ import annotations

# Role -> its commands, and what each is when nobody gives it. The variable of a command is <role>_<command>.
COMMANDS: dict[str, dict] = {
    "prerequisites": {"state": "present", "report": False, "retired": []},
    "endpoint": {"state": "present", "retired": [], "gateways_gone": []},
    "appliance": {"state": "present", "retired": [], "gateway_arn": None},
    "firewall": {"state": "present", "retired": []},
    "registration": {"state": "present", "retired": [], "retire": None, "rotate": False, "ask": False, "update": False},
    "protection": {"state": "present", "backup_now": False},
    "restore_drill": {"state": "present"},
    "verification": {"state": "present"},
}


class Contradiction(Exception):
    """A variable says otherwise than the playbook, or cannot be a command at all."""


def nothing_changed(variables: dict) -> str:
    """What a refusal ends with, as long as it is true of this run."""
    changed = any((variables.get(f"{role}_result") or {}).get("changed") for role in COMMANDS)
    return "" if changed else "Nothing was changed."


def commanded(role: str, commands: dict, variables: dict) -> dict:
    """Every command of a role: the playbook's, else the variable's, else the default.

    The variables are the role's own as they are meant, by their whole names, without those that are not given.
    """
    defaults = COMMANDS[role]
    unknown = sorted(set(commands) - set(defaults))
    if unknown:
        raise Contradiction(f"__{role}_commands has {', '.join(unknown)}, but there are only {', '.join(defaults)}.")
    answer = dict(defaults)
    for command, default in defaults.items():
        variable = f"{role}_{command}"
        asked = variables.get(variable)
        if commands and asked not in (None, default) and asked != commands.get(command, default):
            raise Contradiction(
                f"{variable} is {asked!r}, but this playbook tells the role {_joined(commands)}. Take the variable away; "
                "a play of one's own can use the role with it."
            )
        if command in commands and asked not in (None, commands[command]):
            raise Contradiction(
                f"{variable} is {asked!r}, but this playbook needs {commands[command]!r}. Take it away."
            )
        answer[command] = commands.get(command, default) if commands or asked is None else asked
    return answer


def refuse_beside(role: str, commands: dict, variables: dict) -> None:
    """What the later roles of a playbook would refuse is refused by its first, before anything is written.

    A playbook that only asks, or only rotates credentials, runs no role beside.
    """
    if not commands or commands.get("report") or commands.get("rotate"):
        return
    for other, defaults in COMMANDS.items():
        if other in (role, "prerequisites"):
            continue
        for command, default in defaults.items():
            variable = f"{other}_{command}"
            asked = variables.get(variable)
            # Only the state is one for all of them.
            if asked not in (None, commands.get("state", default) if command == "state" else default):
                raise Contradiction(
                    f"{variable} is {asked!r}, which is not what this playbook tells the role. Take it away."
                )


def _joined(commands) -> str:
    return ", ".join(f"{command} {value!r}" for command, value in commands.items())
