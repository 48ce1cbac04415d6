# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""python -m lab: start a lab of one's own, look at it, and take it down again."""

from __future__ import annotations

import argparse
import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE = 900
PROGRESS = "lab: "


class Unreachable(Exception):
    """No lab answers."""


def main(argv=None) -> int:
    options = _parser().parse_args(argv)
    options.state_dir = pathlib.Path(options.state_dir).expanduser().resolve()
    try:
        return options.run(options) or 0
    except (Unreachable, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1


def up(options):
    try:
        state = call(options, "GET", "state")
    except Unreachable:
        return run(options) if options.foreground else daemonize(options)
    print(f"A lab is already up here, with the seed {state['seed']}.", file=sys.stderr)
    print(options.state_dir / "endpoints.json")


def daemonize(options):
    """Start the lab in a process of its own, and wait until it is ready."""
    options.state_dir.mkdir(parents=True, exist_ok=True)
    (options.state_dir / "endpoints.json").unlink(missing_ok=True)
    log = options.state_dir / "lab.log"
    log.write_text("")
    command = [sys.executable, "-m", "lab", "up", "--foreground", "--state-dir", str(options.state_dir)]
    command += ["--sddcs", str(options.sddcs), "--vms", str(options.vms), "--seed", options.seed]
    command += ["--region", options.region]
    command += ["--one-management"] if options.one_management else []
    path = os.pathsep.join(filter(None, [str(pathlib.Path(__file__).parents[1]), os.environ.get("PYTHONPATH")]))
    with log.open("a") as out:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
    (options.state_dir / "pid").write_text(str(child.pid))
    started, told = time.monotonic(), 0
    while not (options.state_dir / "endpoints.json").exists():
        lines = [line for line in log.read_text().splitlines() if line.startswith(PROGRESS)]
        for line in lines[told:]:
            print(line.removeprefix(PROGRESS), file=sys.stderr)
        told = len(lines)
        if child.poll() is not None:
            raise RuntimeError(f"The lab did not start:\n{log.read_text()[-6000:]}")
        if time.monotonic() - started > PATIENCE:
            child.terminate()
            raise RuntimeError(f"The lab was not ready after {PATIENCE} seconds; see {log}.")
        time.sleep(0.05)
    print(f"ready after {time.monotonic() - started:.1f} s", file=sys.stderr)
    print(options.state_dir / "endpoints.json")


def run(options):
    """The lab itself, until it is told to stop."""
    from .loopback import Crowded
    from .server import Lab, NotConverged
    from .vcenter import MissingSimulator

    options.state_dir.mkdir(parents=True, exist_ok=True)
    (options.state_dir / "pid").write_text(str(os.getpid()))
    try:
        lab = Lab(
            options.state_dir,
            sddcs=options.sddcs,
            vms=options.vms,
            seed=options.seed,
            region=options.region,
            one_management=options.one_management,
            tell=tell,
        )
    except (Crowded, MissingSimulator) as error:
        raise RuntimeError(str(error)) from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: lab.finished.set())
    try:
        lab.start()
        tell(f"up at 127.{lab.world.block}.0.0/16")
        lab.finished.wait()
    except NotConverged as error:
        raise RuntimeError(str(error)) from None
    finally:
        lab.stop()
        (options.state_dir / "pid").unlink(missing_ok=True)


def down(options):
    try:
        pid = call(options, "GET", "state")["pid"]
        call(options, "POST", "stop", {})
    except Unreachable:
        print("No lab is up here.", file=sys.stderr)
        return
    while _alive(pid):
        time.sleep(0.05)
    print("down", file=sys.stderr)


def reset(options):
    _wait_until_up(options)
    sent = {"seed": options.seed} if options.seed else {}
    print(f"back to the seed {call(options, 'POST', 'reset', sent)['seed']}", file=sys.stderr)


def _wait_until_up(options):
    """A lab that is just starting here is waited for."""
    begun = time.monotonic()
    while not (options.state_dir / "endpoints.json").exists() and _starting(options):
        if time.monotonic() - begun > PATIENCE:
            raise RuntimeError(f"The lab was not ready after {PATIENCE} seconds; see {options.state_dir / 'lab.log'}.")
        time.sleep(0.1)


def _starting(options) -> bool:
    """Whether the process that says it is the lab of this directory lives."""
    try:
        return _alive(int((options.state_dir / "pid").read_text()))
    except (OSError, ValueError):
        return False


def journal(options):
    filters = {key: value for key, value in (("service", options.service), ("kind", options.kind)) if value}
    query = "?" + "&".join(f"{key}={value}" for key, value in filters.items()) if filters else ""
    calls = call(options, "GET", f"journal{query}")
    if not options.summary:
        return _show(calls)
    counts = collections.Counter((one["service"], one["operation"], one["kind"]) for one in calls)
    for (service, operation, kind), count in sorted(counts.items()):
        print(f"{count:6} {kind:8} {service} {operation}")


def faults(options):
    if options.clear:
        return _show(call(options, "DELETE", "faults"))
    if options.kind is None:
        return _show(call(options, "GET", "faults"))
    rule = {key: getattr(options, key) for key in ("kind", "service", "operation", "times", "skip", "reads")}
    _show(call(options, "POST", "faults", rule))


def clock(options):
    _show(
        call(options, "GET", "clock")
        if options.seconds is None
        else call(options, "POST", "clock", {"seconds": options.seconds})
    )


def switches(options):
    given = dict(_pair(text) for text in options.settings)
    _show(call(options, "POST", "switches", given) if given else call(options, "GET", "switches"))


def break_(options):
    if options.what is None:
        return _show(call(options, "GET", "break"))
    arguments = {key: value for key, _separator, value in (text.partition("=") for text in options.arguments)}
    print(call(options, "POST", "break", {"what": options.what, **arguments})["done"])


def call(options, method, name, body=None):
    """One call of the control API of the lab in this directory."""
    try:
        control = json.loads((options.state_dir / "endpoints.json").read_text())["control"]
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{control}/_lab/{name}", data=data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            found = json.load(answer)
        if name == "state" and found["state_dir"] != str(options.state_dir):
            raise Unreachable("The lab that was here is gone, and another one has its address.")
        return found
    except urllib.error.HTTPError as error:
        raise RuntimeError(json.load(error).get("error", str(error))) from None
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"No lab is up in {options.state_dir}: start one with 'python -m lab up'. ({error})"
        ) from None


def tell(text):
    print(f"{PROGRESS}{text}", flush=True)


def _pair(text):
    name, _separator, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _alive(pid) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _show(value):
    print(json.dumps(value, indent=2))


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m lab", description="The outside world of the collection, on loopback."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")

    def command(name, function):
        added = commands.add_parser(name, help=HELP[name], description=HELP[name])
        added.add_argument("--state-dir", default=cache / "vmc-aws-backup-lab", help="where the lab keeps its files")
        added.set_defaults(run=function)
        return added

    seeds = ("empty", "prepared", "converged")
    added = command("up", up)
    added.add_argument("--sddcs", type=_count(1, 14), default=1, metavar="N", help="how many SDDCs (1 to 14)")
    added.add_argument("--vms", type=_count(0, 200), default=3, metavar="N", help="workload machines in each vCenter")
    added.add_argument("--seed", choices=seeds, default="prepared")
    added.add_argument(
        "--region", choices=("eu-west-1", "us-gov-west-1"), default="eu-west-1", help="where the SDDCs are"
    )
    added.add_argument("--one-management", action="store_true", help="all SDDCs have the same management network")
    added.add_argument("--foreground", action="store_true", help="stay, and end with ^C")
    command("down", down)
    command("reset", reset).set_defaults(seed=None)
    command("seed", reset).add_argument("seed", choices=seeds)
    added = command("journal", journal)
    added.add_argument("--service")
    added.add_argument("--kind", choices=("read", "write", "unknown"))
    added.add_argument("--summary", action="store_true", help="count the calls")
    added = command("faults", faults)
    added.add_argument(
        "kind",
        nargs="?",
        help="throttle, 500, html503, reset_before, reset_after, hang, hang_after, 403, expired, 412, busy, echo, lag",
    )
    added.add_argument("--service", default="*")
    added.add_argument("--operation", default="*")
    added.add_argument("--times", type=int, default=1)
    added.add_argument("--skip", type=int, default=0)
    added.add_argument("--reads", type=int, default=0, help="of lag: by how many calls lists and objects lag behind")
    added.add_argument("--clear", action="store_true")
    command("clock", clock).add_argument("seconds", type=float, nargs="?")
    command("switches", switches).add_argument("settings", nargs="*", metavar="name=value")
    added = command("break", break_)
    added.add_argument("what", nargs="?")
    added.add_argument("arguments", nargs="*", metavar="key=value")
    return parser


def _count(least, most):
    def number(text):
        if not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text} is not a number from {least} to {most}")
        return int(text)

    return number


HELP = {
    "up": "start a lab and print the path of its endpoints.json",
    "down": "stop the lab",
    "reset": "back to the seed",
    "seed": "back to another seed",
    "journal": "every call since the last reset",
    "faults": "show the fault rules, or add one",
    "clock": "show the lab's time, or advance it",
    "switches": "show what is unconfirmed about the real services, or choose",
    "break": "show what can be broken, or break it",
}

if __name__ == "__main__":
    sys.exit(main())
