# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays on SDDCs of one lab: what they refuse, find in order or do, and what there is then."""

from __future__ import annotations

import contextlib
import re

import yaml

SITE = "playbooks/site.yml"
REPLACE = "playbooks/replace_gateway.yml"
ROTATE = "playbooks/rotate_credentials.yml"
TEARDOWN = "playbooks/teardown.yml"
SITE_TAG = "vmc-aws-backup-site"
IMPATIENT = {"registration_activation_timeout": 60, "registration_online_timeout": 60, "registration_boot_timeout": 90}
FIRST, OTHERS = "sddc-1-cluster-1-1", "sddc-2-cluster-1-1"
MODES = (("--check",), ())


class Two:
    """SDDCs of one lab, and how to run plays on them with other variables for one of them."""

    def __init__(self, lab, directory):
        self.lab, self.directory = lab, directory
        self.inventory = directory / "more.yml"
        hosts = yaml.safe_load(lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]["hosts"]
        self.plans = {name: variables["vmc_backup_appliances"] for name, variables in hosts.items()}
        self.passwords = {name: variables["vmc_backup_vcenter_password"] for name, variables in hosts.items()}

    def site(self, number):
        return self.lab.sddcs()[number - 1]["id"]

    def address(self, number, last):
        planned = self.plans[f"sddc-{number}"][0]["addresses"][0]
        return f"{planned.rpartition('.')[0]}.{last}"

    def play(self, playbook, *arguments, hosts=None, **extra):
        """``hosts`` are further variables of single hosts."""
        self.inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts or {}}}))
        self.last = self.lab.play(playbook, "-i", str(self.inventory), *arguments, **{**IMPATIENT, **extra})
        return self.last

    def writes(self):
        return self.lab.journal("write")

    def refused(self, playbook, *arguments, modes=MODES, **more):
        """The play fails before it writes or predicts anything; its words."""
        for mode in modes:
            before = len(self.writes())
            run = self.play(playbook, *mode, *arguments, **more)
            assert run.returncode != 0, run.output
            assert run.changed == 0, run.output
            assert self.writes()[before:] == []
        return words(run)

    def unchanged(self, playbook, *arguments, modes=MODES, **more):
        """The play finds nothing to do; its words."""
        for mode in modes:
            before = len(self.writes())
            run = self.play(playbook, *mode, *arguments, **more)
            assert (run.returncode, run.changed) == (0, 0), run.output
            assert self.writes()[before:] == []
        return words(run)

    def role(self, role, **state):
        """A play of somebody's own: one role, told what to do in the role's variables and by its command."""
        variables = {f"{role}_{key}": value for key, value in state.items()} | {f"__{role}_commands": state}
        included = {"name": f"vmc.aws_backup.{role}"}
        task = {"name": "Run the role", "ansible.builtin.include_role": included, "vars": variables}
        playbook = self.directory / f"{role}.yml"
        play = {"name": "A role", "hosts": "vmc_sddcs", "gather_facts": False, "tasks": [task]}
        playbook.write_text(yaml.safe_dump([play], sort_keys=False))
        return playbook

    @contextlib.contextmanager
    def broken(self, verb, undo, **arguments):
        """The world with something broken, which ``undo`` mends: a verb and its arguments."""
        self.lab.break_(verb, **arguments)
        try:
            yield
        finally:
            again, how = undo
            self.lab.break_(again, **how)


def words(run):
    """The output as one line: Ansible breaks long messages."""
    return " ".join(run.output.split())


def failures(run):
    """What each host said when it failed."""
    found = re.findall(r"fatal: \[([^]]+)\]: (.*?)(?=\n\n|\nTASK|\nPLAY|\nfatal:|\Z)", run.output, re.DOTALL)
    return {host: " ".join(text.split()) for host, text in found}


def collides(run, what):
    """Whether a host that failed named what it claims, and the other one that claims it."""
    others = {"sddc-1": "sddc-2", "sddc-2": "sddc-1"}
    return any(what in text and others[host] in text for host, text in failures(run).items())


def gateways(lab):
    """Every gateway of the first account: its name and its hypervisor's id."""
    return {
        gateway["GatewayDisplayName"]: gateway.get("HypervisorId")
        for gateway in lab.aws("backup-gateway").list_gateways()["Gateways"]
    }


def states(lab):
    """Every hypervisor by its name."""
    found = lab.aws("backup-gateway").list_hypervisors()["Hypervisors"]
    return {hypervisor["Name"]: hypervisor["State"] for hypervisor in found}


def endpoints(lab):
    found = lab.aws("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    return [one["VpcEndpointId"] for one in found if one["State"] not in ("deleting", "deleted")]


def tags_of(lab, arn):
    listed = lab.aws("backup-gateway").list_tags_for_resource(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def security_group(lab, name):
    groups = lab.aws("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])
    (group,) = groups["SecurityGroups"]
    return group


def machines(lab, number=1):
    return {one["name"]: one["powered_on"] for one in lab.sddcs()[number - 1]["appliances"]}
