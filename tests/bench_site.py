# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an unchanged site costs, beside a flat script that only reads: make bench. Writes its part of docs/benchmarks.md.

Each round measures all of it once, one after the other, on one lab; medians of the rounds are told. The lab's own work is done by processes
of its own and does not count.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import yaml
from bench import page
from rehearsal import PLAYBOOK, ROOT, Lab

TITLE = "How much an unchanged site costs"
SDDCS = (1, 5, 20)
# The nearest that amazon.aws has: it looks at the part that is of AWS, and at less of it.
NEAREST = """
- hosts: vmc_sddcs
  gather_facts: false
  module_defaults:
    group/aws:
      region: "{{ vmc_backup_aws_region }}"
      access_key: "{{ vmc_backup_aws_access_key }}"
      secret_key: "{{ vmc_backup_aws_secret_key }}"
      endpoint_url: "{{ vmc_backup_aws_endpoint_url }}"
  tasks:
    - amazon.aws.aws_caller_info:
    - amazon.aws.ec2_vpc_endpoint_info:
    - amazon.aws.ec2_security_group_info:
    - amazon.aws.ec2_vpc_subnet_info:
    - amazon.aws.ec2_vpc_route_table_info:
    - amazon.aws.iam_role_info: {name: AWSBackupDefaultServiceRole}
"""


@dataclass
class Cost:
    """What one run took: seconds on the wall and of processors, its largest process in MiB, and how often the lab was asked."""

    wall: float
    cpu: float
    memory: float
    calls: int


def flat(inventory: str):
    """Every read that an unchanged site rests on, once, in one process and one session for each API; nothing is compared."""
    import boto3
    import requests
    from pyVim.connect import Disconnect, SmartConnect
    from pyVmomi import vim, vmodl

    group = yaml.safe_load(pathlib.Path(inventory).read_text())["all"]["children"]["vmc_sddcs"]
    shared = group["vars"]
    ca = shared["vmc_backup_ca_bundle"]
    session = boto3.session.Session(
        region_name=shared["vmc_backup_aws_region"],
        aws_access_key_id=shared["vmc_backup_aws_access_key"],
        aws_secret_access_key=shared["vmc_backup_aws_secret_key"],
    )

    def aws(service):
        return session.client(service, endpoint_url=shared["vmc_backup_aws_endpoint_url"])

    web = requests.Session()
    token = web.post(
        f"{shared['vmc_backup_csp_url']}/csp/gateway/am/api/auth/api-tokens/authorize",
        data={"refresh_token": shared["vmc_backup_api_token"]},
        verify=ca,
    ).json()["access_token"]
    sts, ec2, iam, backup, gateways = (aws(name) for name in ("sts", "ec2", "iam", "backup", "backup-gateway"))
    sts.get_caller_identity()
    backup.describe_region_settings()
    for ask in (
        ec2.describe_vpc_endpoints,
        ec2.describe_network_interfaces,
        ec2.describe_subnets,
        ec2.describe_security_groups,
        ec2.describe_vpcs,
        ec2.describe_route_tables,
        ec2.describe_network_acls,
        ec2.describe_vpc_endpoint_services,
    ):
        ask()
    for role in [each["RoleName"] for each in iam.list_roles()["Roles"]][:2]:
        iam.list_role_policies(RoleName=role)
        iam.list_attached_role_policies(RoleName=role)
    for each in gateways.list_gateways()["Gateways"]:
        arn = each["GatewayArn"]
        gateways.get_gateway(GatewayArn=arn)
        gateways.get_bandwidth_rate_limit_schedule(GatewayArn=arn)
        gateways.list_tags_for_resource(ResourceArn=arn)
    for each in gateways.list_hypervisors()["Hypervisors"]:
        arn = each["HypervisorArn"]
        gateways.get_hypervisor(HypervisorArn=arn)
        gateways.get_hypervisor_property_mappings(HypervisorArn=arn)
        gateways.list_tags_for_resource(ResourceArn=arn)
    gateways.list_virtual_machines()
    for host in group["hosts"].values():
        of_vmc = f"{shared['vmc_backup_vmc_url']}/vmc/api/orgs/{shared['vmc_backup_org_id']}"
        of_nsx = f"{host['vmc_backup_nsx_url']}/policy/api/v1/infra"
        beside = f"{host['vmc_backup_nsx_url']}/cloud-service/api/v1/infra"
        for url in (
            f"{of_vmc}/sddcs/{host['vmc_backup_sddc_id']}",
            f"{of_vmc}/account-link/sddc-connections?sddc={host['vmc_backup_sddc_id']}",
            f"{of_vmc}/reservations",
            f"{beside}/linked-vpcs",
            f"{beside}/sddc-user-config",
            f"{beside}/associated-groups",
            f"{of_nsx}/dns-forwarder-zones",
            *(f"{of_nsx}/tier-1s/{gateway}/dns-forwarder" for gateway in ("mgw", "cgw")),
            *(f"{of_nsx}/domains/{domain}/groups" for domain in ("mgw", "cgw")),
            *(f"{of_nsx}/domains/{domain}/gateway-policies/default/rules" for domain in ("mgw", "cgw")),
            f"{of_nsx}/domains/cgw/security-policies",
            f"{of_nsx}/tier-1s/cgw/segments",
            f"{of_nsx}/segments",
            f"{of_nsx}/tier-1s/cgw/segments/{shared['vmc_backup_segment']}/dhcp-static-binding-configs",
        ):
            web.get(url, headers={"csp-auth-token": token, "Authorization": f"Bearer {token}"}, verify=ca)
        vcenter = SmartConnect(
            host=host["vmc_backup_vcenter_hostname"],
            port=host["vmc_backup_vcenter_port"],
            user=host["vmc_backup_vcenter_username"],
            pwd=host["vmc_backup_vcenter_password"],
            sslContext=ssl.create_default_context(cafile=ca),
        )
        content = vcenter.RetrieveContent()
        listed = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine, vim.Datastore], True)
        query = vmodl.query.PropertyCollector
        through = query.TraversalSpec(name="all", path="view", skip=False, type=type(listed))
        of = [query.PropertySpec(type=kind, pathSet=["name"]) for kind in (vim.VirtualMachine, vim.Datastore)]
        filtered = query.FilterSpec(
            objectSet=[query.ObjectSpec(obj=listed, skip=True, selectSet=[through])], propSet=of
        )
        content.propertyCollector.RetrieveContents([filtered])
        Disconnect(vcenter)


def cost(lab: Lab, command: list) -> Cost:
    lab.forget()
    started = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        _pid, status, used = os.wait4(process.pid, 0)  # with all that it has waited for
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{command} failed:\n{said.read()[-4000:]}")
    writes = lab.journal("write")
    assert not writes, f"Not unchanged: {writes[:3]}"
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, len(lab.journal("read")))


def commands(lab: Lab, directory: pathlib.Path) -> dict[str, list]:
    nearest = directory / "nearest.yml"
    nearest.write_text(NEAREST)

    def play(playbook, **extra):
        return [str(PLAYBOOK), str(playbook), "-i", str(lab.inventory), "-e", json.dumps(extra)]

    return {
        "flat script, which only reads": [sys.executable, __file__, "--flat", str(lab.inventory)],
        "`site.yml`": play("playbooks/site.yml"),
        "`site.yml --check`": [*play("playbooks/site.yml"), "--check"],
        "`site.yml`, each module in a Python of its own": play("playbooks/site.yml", vmc_backup_in_process="never"),
        "`preflight.yml`": play("playbooks/preflight.yml"),
        "six info modules of amazon.aws": play(nearest),
    }


def measure(sddcs: int, rounds: int) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(pathlib.Path(folder) / "lab")
        lab.up("--sddcs", str(sddcs), "--seed", "converged")
        try:
            asked = commands(lab, pathlib.Path(folder))
            if sddcs > 1:  # what grows with the number of SDDCs
                asked = {name: asked[name] for name in list(asked)[:2]}
            found: dict[str, list] = {name: [] for name in asked}
            for _round in range(rounds):
                for name, command in asked.items():
                    found[name].append(cost(lab, command))
        finally:
            lab.down()
    return {name: median(costs) for name, costs in found.items()}


def median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(each, name) for each in costs) for name in Cost.__dataclass_fields__))


def lines(table: dict[int, dict[str, Cost]], rounds: int) -> list[str]:
    alone = table[min(table)]
    script = alone["flat script, which only reads"]
    told = [
        "Nothing changes and nothing is written. Seconds of processors are those of Ansible and all that it starts, without the lab's. Ratios are",
        f"to the flat script of the same number of SDDCs. Medians of {rounds} rounds, load average {os.getloadavg()[1]:.1f} during the last ones.",
        "",
        "| SDDCs | what | wall | processors | ratio | for each SDDC | largest process | calls |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for sddcs, costs in table.items():
        base = costs.get("flat script, which only reads", script)
        for name, each in costs.items():
            told.append(
                f"| {sddcs} | {name} | {each.wall:.1f} s | {each.cpu:.1f} s | {each.cpu / base.cpu:.1f} | {each.cpu / sddcs:.2f} s "
                f"| {each.memory:.0f} MiB | {each.calls:.0f} |"
            )
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sddcs", type=int, nargs="+", default=SDDCS)
    parser.add_argument("--flat", help="an inventory: only read what it names, once")
    given = parser.parse_args()
    if given.flat:
        flat(given.flat)
        return
    found = lines({sddcs: measure(sddcs, given.rounds) for sddcs in given.sddcs}, given.rounds)
    page(TITLE, found)
    print("\n".join(found))


if __name__ == "__main__":
    main()
