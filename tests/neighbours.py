# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The neighbours beside this collection: their options, from their documentation, and what each sees of a world that was changed, on a lab.

``python tests/neighbours.py`` writes docs/neighbours.md; ``--check`` only says which option of a neighbour the table does not know.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml
from modules import Modules
from rehearsal import ROOT, Lab

TABLE = yaml.safe_load(pathlib.Path(__file__).with_name("neighbours.yml").read_text())
PAGE = ROOT / "docs" / "neighbours.md"
COLLECTIONS = pathlib.Path(importlib.import_module("ansible_collections.amazon.aws").__path__[0]).parents[1]
TRIED = {"amazon.aws": "10.1.2", "community.vmware": "5.10.0"}
OF_STATE = ("state", "wait", "wait_timeout", "tags")
JOBS = "AWSBackup-vmc-jobs"
BACKUP = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
RESTORE = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores"
KEY = "alias/vmc-aws-backup"


def documentation(module: str) -> set:
    """The options of a module as its documentation has them, without those of fragments."""
    namespace, collection, name = module.split(".")
    found = importlib.import_module(f"ansible_collections.{namespace}.{collection}.plugins.modules.{name}")
    return set(yaml.safe_load(found.DOCUMENTATION)["options"])


def version(collection: str) -> str:
    manifest = COLLECTIONS / collection.replace(".", "/") / "MANIFEST.json"
    return json.loads(manifest.read_text())["collection_info"]["version"]


def unknown() -> list:
    """What does not fit: options of a neighbour that the table does not know, and words of the table that are no option here."""
    wrong = []
    for row in TABLE:
        theirs, ours = documentation(row["neighbour"]), documentation(f"vmc.aws_backup.{row['ours']}")
        wrong += [f"{row['neighbour']}: {option}" for option in sorted(theirs - set(row["options"]))]
        wrong += [
            f"{row['ours']}: {word}"
            for word in row["options"].values()
            if " " not in word and word not in ours and word not in OF_STATE
        ]
    return wrong


class Neighbours:
    """Modules of others on a lab, in check mode."""

    def __init__(self, lab: Lab):
        self.lab = lab
        at = lab.endpoints
        self.connection = {
            "region": at["region"],
            "access_key": at["access_key"],
            "secret_key": at["secret_key"],
            "endpoint_url": at["aws"],
        }

    def run(self, module: str, **options) -> dict:
        given = json.dumps({**self.connection, **options})
        command = [
            str(pathlib.Path(sys.executable).parent / "ansible"),
            "localhost",
            "-i",
            "localhost,",
            "-c",
            "local",
            "--check",
            "--diff",
            "--one-line",
            "-vvv",  # else the diff is left out of the result
        ]
        command += ["-e", json.dumps({"ansible_python_interpreter": sys.executable}), "-m", module, "-a", given]
        environment = {**os.environ, "AWS_EC2_METADATA_DISABLED": "true", "ANSIBLE_NOCOLOR": "1"}
        said = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
        line = next((each for each in said.stdout.splitlines() if each.startswith("localhost | ")), "")
        return (
            json.loads(line.partition(" => ")[2])
            if line
            else {"failed": True, "msg": (said.stdout + said.stderr)[-300:]}
        )


def drifts(lab: Lab) -> list:
    """What was changed, by which verb of the lab, and with which options either side is asked for what should be."""
    connected, (sddc,) = lab.sddcs()[0]["connected_vpc"], lab.endpoints["sddcs"]
    address = sddc["compute_network"].rpartition(".")[0] + ".50"
    client = lab.aws("iam")
    trust = client.get_role(RoleName=JOBS)["Role"]["AssumeRolePolicyDocument"]
    group = ("backup_security_group", {"name": "neighbours", "vpc_id": connected["vpc_id"], "cidr_ips": [address]})
    their_group = (
        "amazon.aws.ec2_security_group",
        {
            "name": "neighbours",
            "description": "AWS Backup appliances",
            "vpc_id": connected["vpc_id"],
            "rules": [{"proto": "tcp", "ports": [443, "1026-1028", 1031], "cidr_ip": f"{address}/32"}],
        },
    )
    endpoint = (
        "vpce_backup",
        {
            "vpc_id": connected["vpc_id"],
            "subnet_ids": [connected["subnet_id"]],
            "security_group_ids": ["neighbours"],
            "private_dns_enabled": False,
            "policy_document": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]},
        },
    )
    their_endpoint = (
        "amazon.aws.ec2_vpc_endpoint",
        {
            "vpc_id": connected["vpc_id"],
            "service": f"com.amazonaws.{lab.endpoints['region']}.backup-gateway",
            "vpc_endpoint_type": "Interface",
            "vpc_endpoint_subnets": [connected["subnet_id"]],
        },
    )
    role = ("backup_iam_role", {"name": JOBS, "purpose": "backup_and_restore"})
    their_role = (
        "amazon.aws.iam_role",
        {
            "name": JOBS,
            "assume_role_policy_document": json.dumps(trust),
            "managed_policies": [BACKUP, RESTORE],
            "create_instance_profile": False,
        },
    )
    key = ("backup_kms_key", {"alias": KEY, "enable_key_rotation": True})
    their_key = ("amazon.aws.kms_key", {"alias": KEY, "enable_key_rotation": True})
    return [
        ("nothing: the security group", None, group, their_group),
        (
            "a network is let in at the endpoint's security group",
            {"what": "open_group", "source": "10.0.0.0/8", "group": "neighbours"},
            group,
            their_group,
        ),
        ("it lets out to a network", {"what": "open_egress", "group": "neighbours"}, group, their_group),
        ("nothing: the endpoint", None, endpoint, their_endpoint),
        ("the endpoint has private DNS", {"what": "change_endpoint", "private_dns": "1"}, endpoint, their_endpoint),
        (
            "the endpoint has another policy",
            {"what": "change_endpoint", "policy": json.dumps({"Statement": []})},
            endpoint,
            their_endpoint,
        ),
        ("nothing: the role", None, role, their_role),
        ("everybody may take the role", {"what": "trust_everybody", "role": JOBS}, role, their_role),
        ("the role has an inline policy", {"what": "put_policy", "role": JOBS}, role, their_role),
        ("the role has another managed policy", {"what": "attach_policy", "role": JOBS}, role, their_role),
        ("nothing: the key", None, key, their_key),
        ("the key is disabled", {"what": "disable_key"}, key, their_key),
    ]


def seen(lab: Lab) -> list:
    """Rows of the table: what was changed, what this collection says of it, and what the neighbour does."""
    modules, neighbours = Modules(lab, for_its_site=True), Neighbours(lab)
    connected, (sddc,) = lab.sddcs()[0]["connected_vpc"], lab.endpoints["sddcs"]
    address = sddc["compute_network"].rpartition(".")[0] + ".50"
    modules.done(
        "backup_security_group",
        name="neighbours",
        description="AWS Backup appliances",
        vpc_id=connected["vpc_id"],
        cidr_ips=[address],
    )
    modules.done("backup_iam_role", name=JOBS, purpose="backup_and_restore")
    modules.done("backup_kms_key", alias=KEY, enable_key_rotation=True)
    found = []
    for words, verb, (ours, options), (theirs, their_options) in drifts(lab):
        if ours == "vpce_backup" and verb is None:
            modules.done(ours, **options)
        if verb:
            lab.break_(verb["what"], **{name: text for name, text in verb.items() if name != "what"})
        by_us, by_them = modules.run(ours, check_mode=True, **options), neighbours.run(theirs, **their_options)
        found.append((words, ours, _ours(by_us), theirs, _theirs(by_them)))
        mended = modules.run(ours, **options)
        if mended.get("failed"):
            print(f"{words}: {mended['msg']}", file=sys.stderr)
    return found


def _ours(result) -> str:
    if result.get("failed"):
        return f"fails: {result['msg'][:80]}"
    fields = sorted({f"`{change['path']}`, {change['effect']}" for change in result["changes"]})
    warned = " and a warning" if result.get("warnings") else ""
    return f"{'; '.join(fields)}{warned}" if fields else f"unchanged{warned}"


def _theirs(result) -> str:
    if result.get("failed"):
        return f"fails: {' '.join(str(result.get('msg')).split())[:80]}"
    if not result.get("changed"):
        return "unchanged"
    diff = result.get("diff") or {}
    told = bool(diff) and any(
        each.get("before") != each.get("after") for each in (diff if isinstance(diff, list) else [diff])
    )
    return "changed, with a diff" if told else "changed, without a diff"


def options_table() -> list:
    lines = []
    for row in TABLE:
        lines += [f"### `{row['neighbour']}`, here `{row['ours']}`", "", "| their option | here |", "|---|---|"]
        lines += [
            f"| `{name}` | {f'`{word}`' if ' ' not in word else word} |"
            for name, word in sorted(row["options"].items())
        ]
        mine = sorted(documentation(f"vmc.aws_backup.{row['ours']}") - set(row["options"].values()))
        lines += ["", f"Only here: {', '.join(f'`{name}`' for name in mine)}.", ""]
    return lines


def page(rows) -> str:
    lines = [
        "# Beside the neighbours",
        "",
        "What other collections for the same things take, and what they see of a world that somebody has changed. Written by "
        "`tests/neighbours.py`, which ran both sides",
        f"on the lab: amazon.aws {version('amazon.aws')} and community.vmware {version('community.vmware')}.",
        "",
        "## Drift",
        "",
        "Each was changed behind the play's back; then both sides were asked in check mode, with the options that describe what should be, "
        "and this collection put it",
        'right before the next. "nothing" is the world as it should be, in which a change would be a false one.',
        "",
        "| what was changed | this collection | the neighbour |",
        "|---|---|---|",
        *(
            f"| {words} | `{ours}`: {said} | `{theirs}`: {their_words} |"
            for words, ours, said, theirs, their_words in rows
        ),
        "",
        "terraform 1.11 with the provider aws 5.100 planned seven unchanged resources of what this collection makes "
        "without a false change (run on 2026-11-27).",
        "",
        "## Options",
        "",
        "All options of the neighbours but those by which an account is reached, and what they are here.",
        "",
        *options_table(),
        "NSX: the provider nsxt of terraform and ansible-for-nsxt have for a rule `profiles`, a log label, `description` and "
        "the results `path`, `rule_id` and `unique_id`, and so",
        "have `nsx_mgw_rule` and `nsx_cgw_rule`. They can say before or after which rule one is inserted; here a rule has "
        "a `sequence_number`, which says the same without the other rule.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only what the table does not know")
    wrong = unknown()
    print("\n".join(wrong))
    if parser.parse_args().check or wrong:
        return 1 if wrong else 0
    with tempfile.TemporaryDirectory() as state:
        lab = Lab(pathlib.Path(state))
        lab.up()
        try:
            PAGE.write_text(page(seen(lab)))
        finally:
            lab.down()
    return 0


if __name__ == "__main__":
    sys.exit(main())
