# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What verification of a site of many machines costs: calls, time and memory. PYTHONPATH=tests .venv/bin/python tests/verification_bench.py 10000

AWS's side is the lab's, over HTTP on loopback, with points and jobs put there at once; vCenter's is what its module would return.
"""

from __future__ import annotations

import collections
import contextlib
import datetime
import importlib.util
import io
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import uuid

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
FOLDER = "/dc/vm/folder"
GIB = 1 << 30
OTHER_CALLS = 20


class Site:
    """AWS Backup with so many machines of one hypervisor, all of them backed up in the night, and copied if that is asked for."""

    def __init__(self, number: int, *, copies: bool = False):
        found = importlib.util.spec_from_file_location("aws_lab", HERE / "unit" / "lab" / "aws_lab.py")
        aws_lab = importlib.util.module_from_spec(found)
        sys.modules["aws_lab"] = aws_lab
        found.loader.exec_module(aws_lab)
        self.lab, self.number = aws_lab.Lab(), number
        vcenter = self.lab.world.sddcs["sddc-a"].vcenter
        vcenter.running = [aws_lab.Appliance("sddc-a", f"uuid-{one}") for one in range(2)]
        vcenter.machines = [aws_lab.machine(f"vm-{one}", f"m{one}") for one in range(number)]
        self.register(vcenter, aws_lab.PASSWORD)
        self.protect(copies)

    def register(self, vcenter, password):
        gateways = self.lab.client("backup-gateway")
        self.hypervisor = gateways.import_hypervisor_configuration(
            Name="h1", Host="127.70.16.4", Username="u@example", Password=password
        )["HypervisorArn"]
        self.gateways = []
        for number, appliance in enumerate(vcenter.running):
            key = self.lab.aws.issue_key(appliance, "eu-west-1", "vpce-1.example")
            arn = gateways.create_gateway(ActivationKey=key, GatewayDisplayName=f"g{number}", GatewayType="BACKUP_VM")
            self.gateways.append(arn["GatewayArn"])
            gateways.associate_gateway_to_server(GatewayArn=arn["GatewayArn"], ServerArn=self.hypervisor)
        asked = {"HypervisorArn": self.hypervisor}
        while gateways.get_hypervisor(**asked)["Hypervisor"].get("LatestMetadataSyncStatus") != "SUCCEEDED":
            pass

    def protect(self, copies):
        backup, iam = self.lab.client("backup"), self.lab.client("iam", region_name="us-east-1")
        arns = {
            name: backup.create_backup_vault(BackupVaultName=name)["BackupVaultArn"] for name in ("daily", "copies")
        }
        trust = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = iam.create_role(RoleName="AWSBackup-jobs", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        rule = {
            "RuleName": "nightly",
            "TargetBackupVaultName": "daily",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "StartWindowMinutes": 60_000,
            "CompletionWindowMinutes": 90_000,
            "Lifecycle": {"DeleteAfterDays": 35},
            "CopyActions": [{"DestinationBackupVaultArn": arns["copies"]}] if copies else [],
        }
        plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule]})["BackupPlanId"]
        chosen = {
            "SelectionName": "s",
            "IamRoleArn": role,
            "Resources": ["arn:aws:backup-gateway:eu-west-1:123456789012:vm/*"],
        }
        backup.create_backup_selection(BackupPlanId=plan, BackupSelection=chosen)
        key = ("123456789012", "eu-west-1")
        service = self.lab.aws.backup
        service.opt_in(*key)
        place, at = service.places_of(key), self.lab.world.utc() - datetime.timedelta(hours=5)
        place.plans[plan].executed = at
        for machine in service.gateways.places[key].machines.values():
            self.back_up(service, key, place, machine, role, at, copies)

    def back_up(self, service, key, place, machine, role, at, copies):
        """As a job would have left it."""
        from lab.aws.jobs import Job

        done = at + datetime.timedelta(minutes=10)
        of = {"ResourceArn": machine.arn, "ResourceType": "VirtualMachine", "ResourceName": machine.name}
        of.update(IamRoleArn=role, CreatedBy=None, BackupSizeInBytes=GIB, CompletionDate=done)
        vault = place.vaults["daily"]
        service.add_point(key, vault, of, at, {}, {}, {})
        if copies:
            service.add_point(key, place.vaults["copies"], {**of, "SourceBackupVaultArn": vault.arn}, at, {}, {}, {})
        job = {
            "AccountId": key[0],
            "BackupJobId": str(uuid.uuid4()),
            "BackupVaultName": "daily",
            **of,
            "IsParent": False,
        }
        job.update(CreationDate=at, InitiationDate=at, State="COMPLETED", MessageCategory="SUCCESS")
        place.jobs[job["BackupJobId"]] = Job(key, job, done, done)

    def asked(self) -> dict:
        """The options of the module, with all that vCenter has."""
        machine = {
            "path": FOLDER,
            "template": False,
            "managed": False,
            "appliance": False,
            "gateway_arn": "",
            "site_id": "",
            "cluster": "Cluster-1",
            "datastores": ["WorkloadDatastore"],
            "powered_on": True,
            "unprotectable": [],
            "change_tracking": True,
            "tools_running": True,
            "consolidation_needed": False,
            "snapshots": [],
        }
        machines = [
            {**machine, "name": f"vm-{one}", "moid": f"vm-{one}", "instance_uuid": f"m{one}"}
            for one in range(self.number)
        ]
        access = self.lab.access
        return {
            "hypervisor": "h1",
            "seen": {"vcenter": {"virtual_machines": machines}},
            "region": access["region_name"],
            "endpoint_url": access["endpoint_url"],
            "access_key": access["aws_access_key_id"],
            "secret_key": access["aws_secret_access_key"],
        }

    def measured(self) -> dict:
        """The module in a process of its own: what it says, its calls, seconds and MiB."""
        self.lab.world.journal.clear()
        with tempfile.NamedTemporaryFile("w", suffix=".json") as options:
            json.dump(self.asked(), options)
            options.flush()
            ran = subprocess.run(
                [sys.executable, __file__, "--module", options.name], capture_output=True, text=True, check=True
            )
        said = json.loads(ran.stdout)
        calls = collections.Counter(call.operation for call in self.lab.world.journal if call.kind == "read")
        return {**said, "calls": dict(calls)}


PAGED = ("ListVirtualMachines", "GetResources", "ListProtectedResources")


def others(calls) -> int:
    """How many calls there were beside the pages that the number of machines decides."""
    return sum(number for operation, number in calls.items() if operation not in PAGED)


def module(path: str):
    """Run the module as Ansible would, and say how long it took and how much memory the process had."""
    sys.path[:0] = [str(HERE), str(ROOT / ".collections")]
    from ansible_collections.vmc.aws_backup.plugins.modules import backup_verification_info
    from arguments import patch_module_args

    out, began = io.StringIO(), time.monotonic()
    with contextlib.redirect_stdout(out), patch_module_args(json.loads(pathlib.Path(path).read_text())):
        with contextlib.suppress(SystemExit):
            backup_verification_info.main()
    answer = json.loads(out.getvalue())
    counted = collections.Counter(one["class"] for one in answer.get("population", []))
    bad = [one for one in answer.get("findings", []) if one["verdict"] in ("broken", "unknown")]
    print(
        json.dumps(
            {
                "failed": answer.get("msg", "") if answer.get("failed") else "",
                "seconds": round(time.monotonic() - began, 1),
                "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "answer": len(out.getvalue()),
                "classes": counted,
                "bad": {one["id"]: one["evidence"] for one in bad},
            }
        )
    )


def main():
    if sys.argv[1] == "--module":
        module(sys.argv[2])
        return
    sys.path[:0] = [str(HERE), str(ROOT / ".collections")]
    for number in map(int, sys.argv[1:]):
        for copies in (False, True):
            said = Site(number, copies=copies).measured()
            print(
                f"{number} machines{', copied' if copies else ''}: {others(said['calls'])} other calls, {json.dumps(said)}"
            )


if __name__ == "__main__":
    main()
