# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing is half there: what belongs to a module, a role or a file of code stands beside it."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
GROUPS = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
OF_TWO_GROUPS = {
    "backup_path_info",
    "backup_readiness_info",
    "backup_unconfirmed_info",
}  # take the options of AWS and of VMware Cloud
MAY_ASK_VCENTER = {
    "vmc.aws_backup.inputs"
}  # an action on the control node, that asks from the bastion where there is one
ACTIONS = {path.stem: path.read_text() for path in sorted((ROOT / "plugins" / "action").glob("*.py"))}
IN_PROCESS = ACTIONS["backup_gateway"]  # the whole action of any module
CODE = [
    path.relative_to(ROOT / "plugins")
    for folder in ("module_utils", "filter", "lookup", "action", "inventory", "plugin_utils")
    for path in sorted((ROOT / "plugins" / folder).rglob("*.py"))
    if path.name != "__init__.py" and path.read_text() != IN_PROCESS
]


def source(module):
    return (ROOT / "plugins" / "modules" / f"{module}.py").read_text()


def state_modules():
    return [module for module in MODULES if "runner.STATE" in source(module)]


@pytest.mark.parametrize("code", CODE, ids=str)
def test_each_file_of_code_has_its_unit_tests(code):
    assert (ROOT / "tests" / "unit" / "plugins" / code.parent / f"test_{code.name}").exists()


def documented_result(module):
    return yaml.safe_load(re.search(r'RETURN = r"""(.*?)"""', source(module), re.DOTALL)[1])


# What costs a call of its own for each thing, or says how one is kept, and is told of the one that is kept only.
NOT_OF_A_LIST = {
    "backup_selection": {"name", "backup_plan", "older", "unmarked"},
    "gateway_appliance": {"storage_policy", "tags"},
}


@pytest.mark.parametrize("module", [module for module in state_modules() if f"{module}_info" in MODULES])
def test_a_kind_and_its_list_are_documented_in_the_same_words(module):
    kind = documented_result(module)[_kind(module)]
    ((name, listed),) = (
        (key, value) for key, value in documented_result(f"{module}_info").items() if "contains" in value
    )
    one = {key: value for key, value in kind["contains"].items() if key not in NOT_OF_A_LIST.get(module, ())}
    words = str(listed["contains"])
    assert str(one) == re.sub(rf"RV\({name}\[\]\.", f"RV({_kind(module)}.", words)


def _kind(module):
    return next(key for key, value in documented_result(module).items() if "contains" in value and key != "changes")


def test_changes_are_documented_in_the_same_words():
    told = {str(documented_result(module)["changes"]) for module in MODULES if "changes" in documented_result(module)}
    assert len(told) == 1


@pytest.mark.parametrize("module", MODULES)
def test_each_module_can_run_in_the_process_of_ansible(module):
    assert "(InProcess):" in ACTIONS[module]


@pytest.mark.parametrize("module", MODULES)
def test_each_module_is_called_on_the_lab(module):
    targets = (ROOT / "tests" / "integration" / "targets").rglob("*.yml")
    called = re.compile(rf"vmc\.aws_backup\.{module}\b")
    assert any(called.search(target.read_text()) for target in targets)


@pytest.mark.parametrize("module", state_modules())
def test_each_module_with_a_state_keeps_the_contract(module):
    target = (ROOT / "tests" / "integration" / "targets" / module / "tasks" / "main.yml").read_text()
    assert f"contract_module: vmc.aws_backup.{module}" in target


@pytest.mark.parametrize("module", state_modules())
def test_each_kind_that_can_be_absent_has_an_info_twin(module):
    assert f"{module}_info" in MODULES


@pytest.mark.parametrize("module", MODULES)
def test_each_module_is_in_one_action_group_for_each_side_it_speaks_to(module):
    found = [name for name, members in GROUPS.items() if module in members and name not in ("site", "replaceable")]
    assert len(found) == (2 if module in OF_TWO_GROUPS else 1)


def test_what_is_made_for_one_site_is_in_the_group_that_says_whose():
    assert sorted(GROUPS["site"]) == [module for module in MODULES if "runner.SITE," in source(module)]


def test_what_may_have_to_be_replaced_is_in_the_group_that_says_what_to_do_then():
    assert sorted(GROUPS["replaceable"]) == [module for module in MODULES if "runner.ON_IMMUTABLE" in source(module)]


def test_no_action_group_names_a_module_that_is_not_there():
    named = {member for members in GROUPS.values() for member in members if isinstance(member, str)}
    assert named - set(MODULES) == set()


@pytest.mark.parametrize("module", MODULES)
def test_each_module_has_its_row_in_the_readme(module):
    assert f"| `{module}` |" in README


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_described(role):
    assert f"| `{role}` |" in README
    for name in ("README.md", "meta/argument_specs.yml", "meta/main.yml", "defaults/main.yml", "tasks/main.yml"):
        assert (ROOT / "roles" / role / name).exists(), name


def test_what_the_engine_decides_is_decided_nowhere_else():
    words = re.compile(r"\b(check_mode|exit_json|fail_json)\b")
    allowed = {
        pathlib.Path(f"{path}.py")
        for path in ("module_utils/engine/runner", "module_utils/engine/reconcile", "plugin_utils/tries")
    }
    elsewhere = [
        str(code) for code in CODE if code not in allowed and words.search((ROOT / "plugins" / code).read_text())
    ]
    assert elsewhere == []


@pytest.mark.parametrize("code", CODE, ids=str)
def test_there_is_one_sleep_and_no_exception_is_caught_whatever_it_is(code):
    text = (ROOT / "plugins" / code).read_text()
    assert ".sleep(" not in text or str(code) == "module_utils/wait.py"
    assert "except Exception" not in text


@pytest.mark.parametrize("code", CODE, ids=str)
def test_python_is_described_in_plain_text(code):
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef)
    told = [
        ast.get_docstring(node) or ""
        for node in ast.walk(ast.parse((ROOT / "plugins" / code).read_text()))
        if isinstance(node, nodes)
    ]
    assert [text for text in told if re.search(r"\b[OCVMP]\(", text)] == []


def test_roles_and_plays_do_not_ask_for_check_mode():
    files = [*(ROOT / "roles").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.yml")]
    assert [str(path) for path in files if "ansible_check_mode" in path.read_text()] == []


GIVEN = re.compile(r"\.given\.([a-z]+(?:_[a-z0-9]+)+)")
OWN = re.compile(rf"(?<![\w.])((?:vmc_backup|{'|'.join(ROLES)})_[a-z0-9_]+)")
NOT_GIVEN = {  # what is no variable of a role, what decides where the first task runs, and secrets
    "vmc_backup_replace",
    "vmc_backup_delegate_to",
    "registration_new_password",
    *(f"{role}_result" for role in ROLES),
}


def expressions_of(path):
    """What stands in the templates and conditions of a file of tasks or variables."""
    text = path.read_text()
    found = re.findall(r"{{.*?}}|{%.*?%}", text, re.DOTALL) + re.findall(
        r"^ *(?:when|that): (?!>)(.*)$", text, re.MULTILINE
    )
    return [re.sub(r"'[^']*'", "''", one) for one in found]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "prerequisites"])
def test_each_role_reads_its_variables_as_they_are_given(role):
    """A role reads none but its own, and those as the action inputs understood them."""
    from ansible_collections.vmc.aws_backup.plugins.plugin_utils.known_variables import ROLES as VARIABLES_OF
    from ansible_collections.vmc.aws_backup.plugins.plugin_utils.known_variables import VARIABLES

    for path in [*(ROOT / "roles" / role / "tasks").glob("*.yml"), *(ROOT / "roles" / role / "vars").glob("*.yml")]:
        told = " ".join(expressions_of(path))
        read = {name for name in GIVEN.findall(told) if name in VARIABLES}
        assert read <= set(VARIABLES_OF[role]), path
        raw = {name for name in OWN.findall(told) if name in VARIABLES or name.startswith("vmc_backup_")}
        assert raw - NOT_GIVEN == set(), path


def test_what_is_said_of_variables_is_what_their_source_says():
    import variables

    assert [str(path) for path, text in variables.written().items() if path.read_text() != text] == []


@pytest.mark.parametrize("playbook", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_each_playbook_begins_with_the_guard(playbook):
    first = yaml.safe_load(playbook.read_text())[0]
    assert playbook.stem == "guard" or first.get("ansible.builtin.import_playbook") == "guard.yml"


@pytest.mark.parametrize("playbook", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_each_variable_of_a_playbook_is_known(playbook):
    from ansible_collections.vmc.aws_backup.plugins.plugin_utils.known_variables import VARIABLES

    named = set(re.findall(r"\bvmc_backup_[a-z0-9_]+", playbook.read_text()))
    assert named - set(VARIABLES) - {"vmc_backup_hypervisor_password"} == set()


def tasks_of(blocks):
    for block in blocks:
        yield block
        for part in ("block", "rescue", "always"):
            yield from tasks_of(block.get(part, []))


def test_what_talks_to_vcenter_appliances_and_dns_servers_runs_on_the_bastion_and_nothing_else_of_ours_does():
    there = {f"vmc.aws_backup.{module}" for module in GROUPS["vsphere"] + GROUPS["appliance"] + GROUPS["dns"]}
    for path in sorted((ROOT / "roles").glob("*/tasks/*.yml")):
        for task in tasks_of(yaml.safe_load(path.read_text())):
            ours = {key for key in task if key.startswith("vmc.aws_backup.")} - MAY_ASK_VCENTER
            if ours:
                assert (ours <= there) == ("vmc_backup_delegate_to" in str(task.get("delegate_to"))), (
                    path,
                    task["name"],
                )


def unconfirmed():
    """The rows of docs/unconfirmed.md: id, question, what the collection does, switch, what settles it."""
    lines = (ROOT / "docs" / "unconfirmed.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    assert all(len(row) == 5 for row in rows)
    return rows


def test_each_switch_of_the_lab_is_explained():
    from lab.world import SWITCHES

    explained = {switch.strip(" `") for row in unconfirmed() for switch in row[3].split(",")}
    assert explained - {"-"} == set(SWITCHES)


def test_each_open_question_says_what_settles_it_and_each_probe_settles_one():
    from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.unconfirmed import CHECKS

    settled = {row[0].strip("`"): row[4] for row in unconfirmed()}
    assert len(settled) == len(unconfirmed())
    assert set(settled.values()) == {"`verify_live.yml`", "a write", "waiting", "a document"}
    assert {name for name, by in settled.items() if by == "`verify_live.yml`"} == {check.id for check in CHECKS}
