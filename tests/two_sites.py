# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two SDDCs of one VPC: one converges while the other is taken down, in turns.

EC2 compares nothing before it sets it, so that a run may fail readably and a rerun mend it. Green while wrong is not allowed: whoever
ended well has what it wanted, and what is the other's is as the other's run left it.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from crash_matrix import SITE, difference
from races import CRASHED, TEARDOWN, last_words
from rehearsal import Lab, Run

TAG = "vmc-aws-backup-user:"
SCOPES = ("sddc", "account")


def taken_down(lab: Lab, host: str, scope: str = "sddc") -> Run:
    confirmed = {"vmc_backup_teardown_confirm": host, "vmc_backup_teardown_scope": scope}
    return lab.play(TEARDOWN, "--limit", host, **confirmed)


def converged(lab: Lab, host: str) -> Run:
    return lab.play(SITE, "--limit", host)


def at_once(lab: Lab, coming: str, going: str, scope: str) -> dict[str, Run]:
    """Both runs, begun together."""
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(converged, lab, coming), pool.submit(taken_down, lab, going, scope)
        return {coming: first.result(), going: second.result()}


def registered(lab: Lab, host: str) -> tuple:
    """The host's gateways that are linked, and the states of its hypervisors."""
    client = lab.aws("backup-gateway")
    gateways = client.list_gateways()["Gateways"]
    linked = [one["GatewayDisplayName"] for one in gateways if one.get("HypervisorId")]
    hypervisors = client.list_hypervisors()["Hypervisors"]
    return (
        [name for name in linked if name.startswith(f"{host}-")],
        [one["State"] for one in hypervisors if one["Name"] == host],
    )


def harm(lab: Lab, runs: dict[str, Run], coming: str, going: str) -> str | None:
    """What is wrong after both have ended, before anything is run again, or None."""
    crashed = [run.output[-3000:] for run in runs.values() if run.returncode and CRASHED.search(run.output)]
    if crashed:
        return "\n".join(crashed)
    linked, states = registered(lab, coming)
    if runs[coming].returncode == 0 and (len(linked), states) != (1, ["ONLINE"]):
        return f"{coming} was green, and is {linked} {states}:\n{runs[coming].output[-3000:]}"
    if runs[going].returncode == 0 and registered(lab, going) != ([], []):
        return f"the teardown of {going} was green, and it is {registered(lab, going)}"
    return None


def verdict(lab: Lab, runs: dict[str, Run], coming: str, going: str, expected: dict) -> str | None:
    """What is wrong after a round and a rerun of each, or None."""
    found = harm(lab, runs, coming, going)
    if found:
        return found
    for name, again in ((coming, converged), (going, taken_down)):
        run = again(lab, name)
        if run.returncode:
            return f"the rerun of {name} failed:\n{run.output[-3000:]}"
    return difference(expected, of_its_own(lab.world(), coming))


def of_its_own(world: dict, host: str) -> dict:
    """What the world has of one host, and of nobody's: the other one may leave its security group or not."""
    kept = {name: body for name, body in world["sddcs"].items() if name == host}
    places = [
        {kind: [one for one in place[kind] if one["name"].startswith(host)] for kind in ("gateways", "hypervisors")}
        for place in world["backup_gateway"]
    ]
    groups = [one for one in world["ec2"]["security_groups"] if one["name"].startswith(f"{host}-")]
    endpoints = [
        {
            **endpoint,
            "security_groups": [name for name in endpoint["security_groups"] if name.startswith(f"{host}-")],
            "tags": [tag for tag in endpoint["tags"] if not tag[0].startswith(TAG)],
        }
        for endpoint in world["ec2"]["vpc_endpoints"]
    ]
    return {"sddcs": kept, "places": places, "security_groups": groups, "endpoints": endpoints}


def expectations(lab: Lab, hosts) -> dict[str, dict]:
    """What the world has of each host when both have converged undisturbed; then all but the first is taken down."""
    for host in hosts:
        run = converged(lab, host)
        if run.returncode:
            raise SystemExit(f"The undisturbed run failed:\n{run.output[-4000:]}")
    expected = {host: of_its_own(lab.world(), host) for host in hosts}
    taken_down(lab, hosts[1])
    return expected


def a_round(lab: Lab, number: int, hosts, expected: dict) -> tuple[dict, str | None]:
    """The one that is there goes while the one that went comes back."""
    going, coming = hosts[number % 2], hosts[(number + 1) % 2]
    runs = at_once(lab, coming, going, SCOPES[number // 2 % 2])
    return runs, verdict(lab, runs, coming, going, expected[coming])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    failed, hosts = 0, ("sddc-1", "sddc-2")
    with tempfile.TemporaryDirectory() as state:
        lab = Lab(pathlib.Path(state))
        lab.up("--sddcs", "2")
        try:
            expected = expectations(lab, hosts)
            for number in range(arguments.rounds):
                started = time.monotonic()
                runs, wrong = a_round(lab, number, hosts, expected)
                failed += wrong is not None
                ended = "  ".join(
                    f"{name} {'ended well' if run.returncode == 0 else f'gave up ({last_words(run)})'}"
                    for name, run in runs.items()
                )
                took = time.monotonic() - started
                head = f"{number + 1}/{arguments.rounds}  {took:4.0f} s  {'FAILED' if wrong else 'ok':6}"
                print(f"{head}  {ended}", flush=True)
                if wrong:
                    print(wrong, flush=True)
        finally:
            lab.down()
    print(f"{arguments.rounds} rounds, {failed} in which one harmed the other")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
