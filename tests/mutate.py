# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Breaks the product in one place at a time, and says which breaks no test notices.

A mutant of a file of code meets the unit tests that mirror the file, then all of them; a mutant of a role meets the tests of roles that run
without a lab. All happens in copies of the repository. The same seed gives the same sample.
"""

from __future__ import annotations

import argparse
import ast
import concurrent.futures
import contextlib
import copy
import itertools
import pathlib
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOALS = {"python": 92, "roles": 85}
LIMIT = 900  # seconds of one run of tests; a mutant that hangs is noticed
FLIPPED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
DOCUMENTS = {"DOCUMENTATION", "EXAMPLES", "RETURN", "__all__"}
# What people read, and what only names things.
FOR_PEOPLE = {
    "name",
    "label",
    "loop_control",
    "loop_var",
    "quiet",
    "fail_msg",
    "success_msg",
    "msg",
    "description",
    "short_description",
}
IN_JINJA = [
    (r"\band\b", "or"), (r"\bor\b", "and"), (r"\bnot in\b", "in"), (r"\bis not defined\b", "is defined"), (r"\bis defined\b", "is not defined"),
    (r"\bnot (?!in\b|defined)", ""), ("==", "!="), ("!=", "=="), (r"> 0\b", "== 0"), (r"== 0\b", "> 0"), ("selectattr", "rejectattr"),
    ("rejectattr", "selectattr"), (r"\bdifference\(", "intersect("), (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"\belse\b.*", "else none }}"),
]  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A file as it would be, and what is broken in it."""

    path: str
    line: int
    what: str
    text: Callable[[], str]

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}"


# Code


def of_python(path: pathlib.Path) -> Iterator[Mutant]:
    tree = ast.parse(path.read_text())
    where = str(path.relative_to(ROOT))
    skipped = {id(node) for each in ast.walk(tree) if _is_for_people(each) for node in ast.walk(each)}
    nodes = list(ast.walk(tree))
    for number, node in enumerate(nodes):
        if id(node) in skipped:
            continue
        for what, change in changes(node):

            def text(number=number, change=change):
                twin = copy.deepcopy(tree)
                change(list(ast.walk(twin))[number])
                return ast.unparse(ast.fix_missing_locations(twin)) + "\n"

            yield Mutant(where, node.lineno, f"{what}: {_shown(node)}", text)


def _is_for_people(node) -> bool:
    """Documentation, imports, messages and type hints."""
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id in DOCUMENTS for target in node.targets)
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.JoinedStr, ast.arg))


def changes(node) -> Iterator[tuple]:
    """What can be broken at a node: what it is called, and a function that does it to a twin of the node."""
    if isinstance(node, ast.Compare):
        yield "flipped", lambda twin: twin.ops.__setitem__(0, FLIPPED[type(twin.ops[0])]())
    if isinstance(node, ast.BoolOp):
        yield "flipped", lambda twin: setattr(twin, "op", FLIPPED[type(twin.op)]())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield (
            "without not",
            lambda twin: (
                setattr(twin, "op", ast.UAdd())
                or _become(twin, ast.Call(ast.Name("bool", ast.Load()), [twin.operand], []))
            ),
        )
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int)):
        other = not node.value if isinstance(node.value, bool) else node.value + 1
        yield f"now {other}", lambda twin: setattr(twin, "value", other)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w./:*-]+", node.value):
        yield "another text", lambda twin: setattr(twin, "value", f"{twin.value}x")
    if isinstance(node, ast.Call):
        for at, keyword in enumerate(node.keywords):
            if keyword.arg and keyword.arg not in FOR_PEOPLE:
                yield f"without {keyword.arg}", lambda twin, at=at: twin.keywords.pop(at)
    if isinstance(node, (ast.Raise, ast.AugAssign)) or isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "removed", lambda twin: _become(twin, ast.Pass())
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Attribute, ast.Subscript)):
        yield "removed", lambda twin: _become(twin, ast.Pass())
    if (
        isinstance(node, ast.Return)
        and node.value is not None
        and not (isinstance(node.value, ast.Constant) and not node.value.value)
    ):
        yield "returns nothing", lambda twin: setattr(twin, "value", _empty(twin.value))


def _empty(value):
    if isinstance(value, (ast.List, ast.ListComp)):
        return ast.List([], ast.Load())
    if isinstance(value, (ast.Dict, ast.DictComp)):
        return ast.Dict([], [])
    return ast.Constant(None)


def _become(twin, other):
    """Make a node another one in place."""
    lineno = twin.lineno
    twin.__class__ = other.__class__
    twin.__dict__.clear()
    twin.__dict__.update(other.__dict__, lineno=lineno, col_offset=0)


def _shown(node) -> str:
    return " ".join(ast.unparse(node).split())[:100]


# Roles


def of_yaml(path: pathlib.Path) -> Iterator[Mutant]:
    text = path.read_text()
    where = str(path.relative_to(ROOT))
    is_spec = path.name == "argument_specs.yml"
    document = yaml.compose(text)
    for place, what, change in _places(yaml.safe_load(text), (), is_spec):

        def broken(place=place, change=change):
            twin = yaml.safe_load(text)
            holder = twin
            for step in place[:-1]:
                holder = holder[step]
            change(holder, place[-1])
            return yaml.safe_dump(twin, sort_keys=False, width=1000)

        yield Mutant(where, _line(document, place), f"{what}: {' '.join(map(str, place))}", broken)


def _places(value, place, is_spec) -> Iterator[tuple]:
    if isinstance(value, dict):
        for key, held in value.items():
            if key in FOR_PEOPLE and not (is_spec and isinstance(held, dict)):
                continue
            if not is_spec or _is_an_option(place) or key in ("no_log", "required"):
                yield (*place, key), "without", lambda holder, at: holder.pop(at)
            yield from _places(held, (*place, key), is_spec)
    elif isinstance(value, list):
        for at, held in enumerate(value):
            if not is_spec:
                yield (*place, at), "without", lambda holder, at: holder.pop(at)
            yield from _places(held, (*place, at), is_spec)
    elif is_spec:
        return
    elif isinstance(value, bool):
        yield place, "flipped", lambda holder, at: holder.__setitem__(at, not holder[at])
    elif isinstance(value, int):
        yield place, "one more", lambda holder, at: holder.__setitem__(at, holder[at] + 1)
    elif isinstance(value, str):
        for form, other in IN_JINJA if _is_jinja(place, value) else ():
            for found in re.finditer(form, value):
                broken = value[: found.start()] + other + value[found.end() :]
                yield (
                    place,
                    f"{found.group(0).strip()[:20]} is {other or 'gone'}",
                    lambda holder, at, broken=broken: holder.__setitem__(at, broken),
                )


def _is_an_option(place) -> bool:
    return bool(place) and place[-1] == "options"


def _is_jinja(place, value) -> bool:
    keys = [step for step in place if isinstance(step, str)]
    return (
        "{{" in value
        or "{%" in value
        or keys[-1:]
        and keys[-1] in ("when", "that", "changed_when", "failed_when", "until")
    )


def _line(node, place) -> int:
    """Where it begins, as the composed document knows."""
    for step in place:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == str(step))
        elif isinstance(node, yaml.SequenceNode):
            node = node.value[step]
    return node.start_mark.line + 1


# Trying them


def mutants(kind: str, only: str) -> list[Mutant]:
    if kind == "python":
        files = [path for path in sorted((ROOT / "plugins").rglob("*.py")) if path.parent.name != "doc_fragments"]
        found = (mutant for path in files if only in str(path) for mutant in of_python(path))
    else:
        files = [
            path
            for path in sorted((ROOT / "roles").rglob("*.yml"))
            if path.name != "main.yml" or path.parent.name != "meta"
        ]
        found = (mutant for path in files if only in str(path) for mutant in of_yaml(path))
    return list(found)


def sample(found: list[Mutant], number: int, seed: int) -> list[Mutant]:
    """So many, as many of each way to break code, and of each role, as of the others."""
    shuffled = random.Random(seed).sample(found, len(found))
    ways: dict[str, list] = {}
    for mutant in shuffled:
        path = pathlib.PurePath(mutant.path)
        ways.setdefault(mutant.what.split()[0] if path.suffix == ".py" else path.parts[1], []).append(mutant)
    taken = [each for together in itertools.zip_longest(*ways.values()) for each in together if each]
    return taken[:number]


def tests_of(mutant: Mutant) -> list[list[str]]:
    """Which tests it meets, one run after the other, the nearest first."""
    path = pathlib.PurePath(mutant.path)
    if path.parts[0] == "plugins":
        mirror = pathlib.PurePath("tests", "unit", *path.parent.parts, f"test_{path.name}")
        every = ["tests/unit/plugins", "tests/unit/docs", "tests/test_completeness.py"]
        return [*([[str(mirror)]] if (ROOT / mirror).exists() else []), every]
    role = path.parts[1]
    of_roles = [
        "tests/unit/roles/test_written.py",
        "tests/unit/roles/test_asked.py",
        "tests/unit/roles/test_options.py",
    ]
    runs = [[*of_roles, "-k", role]]
    if role in ("appliance", "endpoint"):
        runs.append([*of_roles, "-k", "prerequisites"])
    if role == "prerequisites":
        runs.insert(0, ["tests/unit/roles/test_prerequisites.py", "tests/unit/roles/test_prerequisites_report.py"])
    return runs


def survives(copied: pathlib.Path, mutant: Mutant) -> bool:
    """Whether all tests pass with it."""
    path = copied / mutant.path
    before = path.read_text()
    path.write_text(mutant.text())
    try:
        return all(_pass(copied, tests) for tests in tests_of(mutant))
    finally:
        path.write_text(before)


def _pass(copied, tests) -> bool:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "--tb=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        *tests,
    ]
    try:
        run = subprocess.run(command, cwd=copied, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return False
    if run.returncode not in (0, 1, 2, 4):
        raise RuntimeError(run.stdout[-2000:] + run.stderr[-2000:])
    return run.returncode == 0


@contextlib.contextmanager
def copies(number: int) -> Iterator[queue.Queue]:
    """Copies of what is in the repository, whether committed or not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    there = [name for name in listed if name and (ROOT / name).is_file() and not (ROOT / name).is_symlink()]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        waiting: queue.Queue = queue.Queue()
        for at in range(number):
            copied = pathlib.Path(folder) / str(at)
            for name in there:
                (copied / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copied / name)
            link = copied / ".collections" / "ansible_collections" / "vmc" / "aws_backup"
            link.parent.mkdir(parents=True)
            link.symlink_to(copied)
            waiting.put(copied)
        yield waiting


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--of", choices=sorted(GOALS), action="append", help="only of these; both when left out")
    parser.add_argument("--sample", type=int, default=60, help="how many of each")
    parser.add_argument("--all", action="store_true", help="all there are, which takes a night")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only in files whose path has this in it")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    short = []
    for kind in asked.of or sorted(GOALS):
        found = mutants(kind, asked.only)
        chosen = found if asked.all else sample(found, asked.sample, asked.seed)
        print(f"{kind}: {len(chosen)} of {len(found)} mutants", flush=True)
        survivors = []
        with copies(asked.jobs) as waiting, concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:

            def tried(mutant, waiting=waiting):
                copied = waiting.get()
                try:
                    return survives(copied, mutant)
                finally:
                    waiting.put(copied)

            for number, (mutant, survived) in enumerate(zip(chosen, pool.map(tried, chosen)), 1):
                if survived:
                    survivors.append(mutant)
                print(f"{number:4}  {'SURVIVED' if survived else 'killed  '}  {mutant}", flush=True)
        killed = len(chosen) - len(survivors)
        percent = 100 * killed / max(len(chosen), 1)
        print(f"{kind}: {killed} of {len(chosen)} killed, {percent:.0f} %, to reach {GOALS[kind]} %", flush=True)
        if percent < GOALS[kind]:
            short.append(kind)
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main()
