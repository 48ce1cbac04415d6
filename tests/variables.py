# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write what meta/variables says of each variable wherever it is read: argument specs, defaults, tables, surveys of AWX, and
what the roles type by.

With ``--check`` nothing is written, and the files that differ are told.
"""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "meta" / "variables"
ROLES = (
    "prerequisites",
    "endpoint",
    "appliance",
    "firewall",
    "registration",
    "protection",
    "restore_drill",
    "verification",
)
BY = "Written by tests/variables.py from meta/variables."
LICENSE = """\
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
TYPED_BY = "type elements choices options required default no_log minimum maximum form none env may_hold_secret required_by command".split()
WIDTH = 150
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)


class Dumper(yaml.SafeDumper):
    """Lists are indented, as the other files have them."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


def source(name: str) -> dict:
    return yaml.safe_load((SOURCE / f"{name}.yml").read_text())


SPECS = {role: source(role) for role in ROLES}
SHARED = source("shared")
PLAYBOOKS = source("plays")


def variables_of(role: str) -> dict:
    """Those of the role itself, and those that it shares with others."""
    return {
        **SPECS[role]["variables"],
        **{name: spec for name, spec in SHARED.items() if role in spec.get("roles", ROLES)},
    }


def described(spec: dict) -> list[str]:
    text = spec["description"]
    return [text] if isinstance(text, str) else list(text)


def type_of(spec: dict) -> str:
    return f"list of {spec['elements']}" if spec["type"] == "list" else spec["type"]


def argument_spec(role: str) -> str:
    """What ansible-core checks before the role begins, which has to let text and what is empty through, and what ansible-doc shows."""
    main = {
        "short_description": SPECS[role]["short_description"],
        "description": SPECS[role]["description"],
        "version_added": "1.0.0",
        "author": ["The vmc.aws_backup contributors (@vmc-aws-backup)"],
        "options": {name: let_through(spec) for name, spec in variables_of(role).items()},
    }
    return yaml_text({"argument_specs": {"main": main}})


def let_through(spec: dict) -> dict:
    told = described(spec)
    kept = {key: spec[key] for key in ("default", "no_log") if key in spec}
    bounds = f", {bounded(spec)}" if "minimum" in spec else ""
    if spec["type"] in ("str", "path") and not {"choices", "default"} & set(spec):
        return {"description": one_or_more(told), "type": spec["type"], **kept}
    choices = f", one of {', '.join(f'C({choice})' for choice in spec['choices'])}" if "choices" in spec else ""
    told.append(f"Of type C({type_of(spec)}){choices}{bounds}.")
    inner = {"options": {name: documented(one) for name, one in spec["options"].items()}} if "options" in spec else {}
    return {"description": told, "type": "raw", **kept, **inner}


def documented(spec: dict) -> dict:
    """An option inside of another one, which ansible-core only documents."""
    return {key: spec[key] for key in ("description", "type", "elements", "choices", "required") if key in spec}


def bounded(spec: dict) -> str:
    return f"from {spec['minimum']} to {spec['maximum']}" if "maximum" in spec else f"at least {spec['minimum']}"


def one_or_more(told):
    return told[0] if len(told) == 1 else told


def defaults(role: str) -> str:
    return yaml_text({name: spec["default"] for name, spec in SPECS[role]["variables"].items() if is_default(spec)})


def is_default(spec: dict) -> bool:
    """Whether a role has a default: a command has none, or it would contradict what a playbook commands."""
    return "default" in spec and "command" not in spec


def yaml_text(value) -> str:
    text = yaml.dump(value, Dumper=Dumper, sort_keys=False, width=WIDTH, allow_unicode=True)
    return f"---\n# {BY}\n{text}"


def known_variables() -> str:
    """A Python file, which loads in no time, where five files of YAML would take longer than most tasks."""
    variables = {**{name: spec for role in ROLES for name, spec in variables_of(role).items()}, **PLAYBOOKS}
    value = {
        "ROLES": {role: list(variables_of(role)) for role in ROLES},
        "OPTIONS": {role: options_of(role) for role in ROLES if role != "prerequisites"},
        "RESULTS": [f"{role}_result" for role in ROLES],
        "VARIABLES": {name: stripped(spec) for name, spec in sorted(variables.items())},
    }
    body = "".join(f"{name} = {held!r}\n" for name, held in value.items())
    text = f'{LICENSE}\n"""Every variable of the roles and playbooks. {BY}"""\n\nfrom __future__ import annotations\n\n{body}'
    ruff = [pathlib.Path(sys.executable).with_name("ruff"), "format", "--stdin-filename", "known_variables.py", "-"]
    return subprocess.run(ruff, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout


GIVEN = re.compile(r"\.given\.(\w+)|options', '(hypervisor)'\)(\.\w+)")
# What tasks pass that is no variable's to say.
NOT_SAID = ("in_reach", "ingress_descriptions", "ip_addresses", "name", "vcenter")
INNER = re.compile(r"\b__\w+")


def options_of(role: str) -> dict:
    """Which variables each option of the role's modules comes from, as its tasks have it."""
    folder = ROOT / "roles" / role
    inner = yaml.safe_load((folder / "vars" / "main.yml").read_text())
    found: dict = {}
    for path in sorted((folder / "tasks").glob("*.yml")):
        for option, text in passed(yaml.safe_load(path.read_text())):
            found.setdefault(option, {}).update(dict.fromkeys(variables_in(text, inner)))
    return {option: list(names) for option, names in sorted(found.items()) if names and option not in NOT_SAID}


def passed(tasks: list):
    """Each option that a task passes to a module of ours, with what it passes."""
    for task in tasks:
        for called in (task, task.get("module_defaults", {})):
            for key, options in called.items():
                if key.startswith("vmc.aws_backup.") and isinstance(options, dict):
                    yield from ((option, str(text)) for option, text in options.items())
        for part in ("block", "rescue", "always"):
            yield from passed(task.get(part, []))


def variables_in(text: str, inner: dict) -> list:
    """The variables in an expression, else in what it names of the role's own."""
    found = [name or f"vmc_backup_{group}_{option[1:]}" for name, group, option in GIVEN.findall(text)]
    found = [name for name in found if "_" in name and name not in ("gateways_gone", "gateway_arn")]
    return found or [one for name in INNER.findall(text) if name in inner for one in variables_in(str(inner[name]), {})]


def stripped(spec: dict) -> dict:
    kept = {key: spec[key] for key in TYPED_BY if key in spec}
    if "options" in kept:
        kept["options"] = {name: stripped(option) for name, option in kept["options"].items()}
    return kept


def table(variables: dict) -> str:
    rows = [
        f"| `{name}` | {type_of(spec)} | {shown_default(spec)} | {meaning(spec)} |\n"
        for name, spec in variables.items()
    ]
    return "".join(["| variable | type | default | meaning |\n", "|---|---|---|---|\n", *rows])


def shown_default(spec: dict) -> str:
    if "default" not in spec:
        return ""
    held = spec["default"]
    if isinstance(held, list) and held:
        return ", ".join(f"`{item}`" for item in held)
    return f"`{held if isinstance(held, str) else json.dumps(held)}`"


def meaning(spec: dict) -> str:
    told = " ".join(described(spec))
    told = re.sub(r"C\(([^)]*)\)", r"`\1`", told)
    if "choices" in spec:
        told += f" One of {', '.join(f'`{choice}`' for choice in spec['choices'])}."
    if "minimum" in spec:
        told += f" {bounded(spec).capitalize()}."
    if "env" in spec:
        told += f" Where it is not given, the environment's {' or '.join(f'`{name}`' for name in spec['env'])} counts."
    if "playbooks" in spec:
        told += f" For {', '.join(f'`{name}`' for name in spec['playbooks'])}."
    return told.replace("|", "\\|")


def readme(role: str) -> str:
    """The README of a role with its table, which is the one below the heading."""
    text = (ROOT / "roles" / role / "README.md").read_text()
    before, heading, after = text.partition("## Variables of this role\n")
    return before + heading + TABLE.sub(lambda _old: table(SPECS[role]["variables"]), after, count=1)


def shared_variables() -> str:
    text = (ROOT / "docs" / "variables.md").read_text()
    for heading, variables in (("## Of several roles\n", SHARED), ("## Of playbooks\n", PLAYBOOKS)):
        before, found, after = text.partition(heading)
        text = before + found + TABLE.sub(lambda _old, named=variables: table(named), after, count=1)
    return text


SHORT, LONG = 1024, 65536  # characters of an answer


def surveys() -> str:
    """What AWX asks for each playbook: its own variables, and those that name it in asked_by. An empty answer is none."""
    asked: dict = {}
    for name, spec in {
        **PLAYBOOKS,
        **SHARED,
        **{k: v for role in ROLES for k, v in SPECS[role]["variables"].items()},
    }.items():
        if spec.get("asked") != "never":
            for playbook in [*spec.get("playbooks", []), *spec.get("asked_by", [])]:
                asked.setdefault(playbook, []).append(question(name, spec))
    return yaml_text({"configure_surveys": dict(sorted(asked.items()))})


def question(name: str, spec: dict) -> dict:
    """One question in the form that AWX keeps it in, so that a second run finds it unchanged."""
    required = spec.get("asked") == "required"
    words = name.removeprefix("vmc_backup_").replace("_", " ")
    found = {
        "question_name": spec.get("question") or words[:1].upper() + words[1:],
        "question_description": re.sub(r"C\(([^)]*)\)", r"\1", " ".join(described(spec))),
        "variable": name,
        "required": required,
    }
    if "choices" in spec or spec["type"] == "bool":
        return {
            **found,
            "type": "multiplechoice",
            "choices": [str(one) for one in spec.get("choices", ["true", "false"])],
        }
    kind, most = ("textarea", LONG) if spec["type"] in ("list", "dict") else ("text", SHORT)
    return {**found, "type": "password" if spec.get("no_log") else kind, "min": int(required), "max": most}


def written() -> dict:
    """Path -> what has to be in it."""
    return {
        ROOT / "plugins" / "plugin_utils" / "known_variables.py": known_variables(),
        ROOT / "docs" / "variables.md": shared_variables(),
        ROOT / "playbooks" / "awx" / "surveys.yml": surveys(),
        **{ROOT / "roles" / role / "meta" / "argument_specs.yml": argument_spec(role) for role in ROLES},
        **{ROOT / "roles" / role / "defaults" / "main.yml": defaults(role) for role in ROLES},
        **{ROOT / "roles" / role / "README.md": readme(role) for role in ROLES},
    }


def main() -> int:
    stale = {path: text for path, text in written().items() if not path.exists() or path.read_text() != text}
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what meta/variables says: run tests/variables.py")
        return len(stale) > 0
    for path, text in stale.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
