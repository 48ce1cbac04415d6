# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role is told to do: by a playbook, which nobody overrides, or by a variable of the role."""

from __future__ import annotations

import yaml

# Role -> its commands, and what each is when nobody gives it. The variable of a command is <role>_<command>.
COMMANDS: dict[str, dict] = {
    "prerequisites": {"state": "present", "report": False, "retired": []},
    "endpoint": {"state": "present", "retired": [], "gateways_gone": []},
    "appliance": {"state": "present", "retired": [], "gateway_arn": None},
    "firewall": {"state": "present", "retired": []},
    "registration": {"state": "present", "retired": [], "retire": None, "rotate": False},
}
WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
STATES = ("present", "absent")


class Contradiction(Exception):
    """A variable says otherwise than the playbook, or cannot be a command at all."""


def commanded(role: str, commands: dict, variables: dict) -> dict:
    """Every command of a role: the playbook's, else the variable's, else the default.

    C(variables) are the role's own, by their whole names; what is empty or null in them is not given.
    """
    defaults = COMMANDS[role]
    unknown = sorted(set(commands) - set(defaults))
    if unknown:
        raise Contradiction(f"__{role}_commands has {', '.join(unknown)}, but there are only {', '.join(defaults)}.")
    answer = dict(defaults)
    for command, default in defaults.items():
        variable = f"{role}_{command}"
        # An empty gateway_arn is said with a meaning: the appliances are no gateways any more.
        asked = _typed(variable, variables.get(variable), default, command == "gateway_arn")
        if commands and asked not in (None, default) and asked != commands.get(command, default):
            raise Contradiction(
                f"{variable} is {asked!r}, but this playbook tells the role {_joined(commands)}. Take the variable away; "
                "a play of one's own can use the role with it."
            )
        if commands and variable in variables and command in commands and asked not in (None, commands[command]):
            raise Contradiction(
                f"{variable} is {asked!r}, but this playbook needs {commands[command]!r}. Take it away."
            )
        answer[command] = commands.get(command, default) if commands else (default if asked is None else asked)
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
            asked = _typed(variable, variables.get(variable), default, False)
            # Only the state is one for all of them.
            if asked not in (None, commands.get("state", default) if command == "state" else default):
                raise Contradiction(
                    f"{variable} is {asked!r}, which is not what this playbook tells the role. Take it away."
                )


def _typed(variable, value, default, empty_counts):
    """A command as it is meant, whatever form a survey gave it; ``None`` where it is not given."""
    if value is None or (value == "" and not empty_counts):
        return None
    if isinstance(default, bool):
        word = value if isinstance(value, bool) else WORDS.get(str(value).strip().lower())
        if word is None:
            raise Contradiction(f"{variable} is {value!r}, which is neither true nor false.")
        return word
    if isinstance(default, list):
        return _names(variable, value)
    if not isinstance(value, str):
        raise Contradiction(f"{variable} is {value!r}, which is no text.")
    if variable.endswith("_state") and value not in STATES:
        raise Contradiction(f"{variable} is {value!r}, but must be one of {', '.join(STATES)}.")
    return value


def _names(variable, value) -> list:
    """Names as a list, or as the text of one: with brackets, or only with commas between."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError:
            raise Contradiction(f"{variable} is {value!r}, which is no list.") from None
    if isinstance(value, str):
        return [text.strip() for text in value.split(",") if text.strip()]
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise Contradiction(f"{variable} is {value!r}, which is no list of names.")
    return list(value)


def _joined(commands) -> str:
    return ", ".join(f"{command} {value!r}" for command, value in commands.items())
