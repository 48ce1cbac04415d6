# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of backup-gateway on hypervisors and their virtual machines."""

from __future__ import annotations

import json
import re

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.utilities.utils import get_partition

from .errors import AwsError
from .gateways import LOGIN_MESSAGES, tags_of
from .state import Hypervisor, Machine

PATH_TAG = "aws:backup-gateway:path"
PRINCIPALS = {"backup.amazonaws.com", "backup-gateway.amazonaws.com"}
SYNC_STEPS = {"CREATED": "RUNNING", "RUNNING": "SUCCEEDED"}
RUNNING_SYNC = {"conflict": "ConflictException", "invalid": "ValidationException"}
MAX_MAPPINGS = 10
LOGIN_RETRY_SECONDS = 300


class Hypervisors:
    def ImportHypervisorConfiguration(self, request, params):
        place = self.place(request)
        name, host = params["Name"], params["Host"]
        duplicate = any(name == other.name or host == other.host for other in place.hypervisors.values())
        if duplicate and self.world.switches["duplicate_hypervisor"] == "conflict":
            raise AwsError(
                "ConflictException",
                f"A hypervisor with the name {name} or the host {host} already exists.",
                error_code="HypervisorExists",
            )
        arn = self.new_arn(request, "hypervisor", "hype")
        hypervisor = Hypervisor(
            arn,
            name,
            host,
            params.get("Username", ""),
            params.get("Password", ""),
            params.get("KmsKeyArn", ""),
            tags_of(params),
            grant_id=granted(place, params.get("KmsKeyArn"), arn),
        )
        place.hypervisors[arn] = hypervisor
        return {"HypervisorArn": arn}

    def GetHypervisor(self, request, params):
        hypervisor = self.hypervisor(request, params["HypervisorArn"])
        state = self.state_of(request, hypervisor)
        self.sync_goes_on(request, hypervisor, state)
        return {
            "Hypervisor": {
                **listed(hypervisor, state),
                "LogGroupArn": hypervisor.log_group_arn or None,
                "LastSuccessfulMetadataSyncTime": hypervisor.last_sync,
                "LatestMetadataSyncStatus": hypervisor.sync_status or None,
                "LatestMetadataSyncStatusMessage": hypervisor.sync_message or None,
            }
        }

    def ListHypervisors(self, request, params):
        found = self.place(request).hypervisors
        page, token = self.page([found[arn] for arn in sorted(found)], params)
        return {"Hypervisors": [listed(one, self.state_of(request, one)) for one in page], "NextToken": token}

    def UpdateHypervisor(self, request, params):
        hypervisor = self.hypervisor(request, params["HypervisorArn"])
        hypervisor.name = params.get("Name", hypervisor.name)
        hypervisor.host = params.get("Host", hypervisor.host)
        hypervisor.username = params.get("Username", hypervisor.username)
        hypervisor.password = params.get("Password", hypervisor.password)
        hypervisor.log_group_arn = params.get("LogGroupArn", hypervisor.log_group_arn)
        if {"Host", "Username", "Password"} & set(params):
            hypervisor.login_at = None
        return {"HypervisorArn": hypervisor.arn}

    def DeleteHypervisor(self, request, params):
        place = self.place(request)
        hypervisor = self.hypervisor(request, params["HypervisorArn"])
        linked = self.linked(request, hypervisor)
        if linked and self.world.switches["delete_hypervisor_with_gateways"] == "conflict":
            raise AwsError(
                "ConflictException", "Gateways are associated with the hypervisor.", error_code="HypervisorInUse"
            )
        for gateway in linked:
            gateway.hypervisor_arn = ""
        for machine in [one for one in place.machines.values() if one.hypervisor_arn == hypervisor.arn]:
            del place.machines[machine.arn]
        if hypervisor.grant_id:
            kms_backends[place.account][place.region].retire_grant(hypervisor.kms_key_arn, hypervisor.grant_id, "")
        del place.hypervisors[hypervisor.arn]
        return {"HypervisorArn": hypervisor.arn}

    # Mappings and sync

    def GetHypervisorPropertyMappings(self, request, params):
        hypervisor = self.hypervisor(request, params["HypervisorArn"])
        return {
            "HypervisorArn": hypervisor.arn,
            "VmwareToAwsTagMappings": hypervisor.mappings,
            "IamRoleArn": hypervisor.role_arn or None,
        }

    def PutHypervisorPropertyMappings(self, request, params):
        if params["HypervisorArn"] not in self.place(request).hypervisors:
            # Seen live: the check of the gateway's version comes before the one for existence (reference, [REVIEW]).
            raise AwsError("ValidationException", "The gateway is outdated.", error_code="OutdatedGateway")
        hypervisor = self.hypervisor(request, params["HypervisorArn"])
        if len(params["VmwareToAwsTagMappings"]) > MAX_MAPPINGS:
            raise AwsError(
                "ValidationException",
                f"At most {MAX_MAPPINGS} mappings are allowed.",
                error_code="TooManyMappings",
            )
        missing = PRINCIPALS - trusted_services(self.place(request), params["IamRoleArn"])
        if missing:
            raise AwsError(
                "AccessDeniedException",
                f"The role {params['IamRoleArn']} does not exist or does not trust {', '.join(sorted(missing))}.",
                error_code="RoleNotAssumable",
            )
        hypervisor.mappings, hypervisor.role_arn = params["VmwareToAwsTagMappings"], params["IamRoleArn"]
        return {"HypervisorArn": hypervisor.arn}

    def StartVirtualMachinesMetadataSync(self, request, params):
        hypervisor = self.hypervisor(request, params["HypervisorArn"])
        refusal = RUNNING_SYNC.get(self.world.switches["sync_while_sync"])
        if refusal and hypervisor.sync_status in SYNC_STEPS:
            raise AwsError(refusal, "A metadata sync is in progress.", error_code="SyncInProgress")
        hypervisor.sync_status, hypervisor.sync_message = "CREATED", ""
        return {"HypervisorArn": hypervisor.arn}

    def sync_goes_on(self, request, hypervisor, state):
        """One step of the sync per read. The first one starts by itself once the hypervisor is online."""
        if state == "ONLINE" and not hypervisor.sync_status:
            hypervisor.sync_status = "CREATED"
        elif hypervisor.sync_status in SYNC_STEPS and state != "ONLINE":
            hypervisor.sync_status = "FAILED"
            hypervisor.sync_message = f"The hypervisor is {state}."
        elif hypervisor.sync_status in SYNC_STEPS:
            hypervisor.sync_status = SYNC_STEPS[hypervisor.sync_status]
            if hypervisor.sync_status == "SUCCEEDED":
                self.sync(request, hypervisor)

    def sync(self, request, hypervisor):
        place = self.place(request)
        known = {arn: one for arn, one in place.machines.items() if one.hypervisor_arn == hypervisor.arn}
        for found in self.reached(request, hypervisor)[0].vcenter.virtual_machines():
            arn = self.machine_arn(request, hypervisor, found["instance_uuid"])
            tags = vmware_tags(found)
            machine = known.pop(arn, None)
            if machine is None:
                machine = place.machines[arn] = Machine(
                    arn,
                    hypervisor.arn,
                    found["name"],
                    found["host_name"],
                    found["path"],
                    tags,
                    {PATH_TAG: found["path"]},
                    instance_uuid=found["instance_uuid"],
                )
            # The system tag keeps the folder of the discovery: it is not refreshed when a VM moves (reference 4.6).
            machine.name, machine.host_name, machine.path = found["name"], found["host_name"], found["path"]
            machine.vmware_tags = tags
            map_tags(hypervisor.mappings, machine)
        for arn in known:
            del place.machines[arn]
        hypervisor.last_sync = self.world.utc().replace(microsecond=0)

    # Virtual machines

    def ListVirtualMachines(self, request, params):
        found = self.place(request).machines
        wanted = params.get("HypervisorArn")
        machines = [found[arn] for arn in sorted(found) if wanted in (None, found[arn].hypervisor_arn)]
        page, token = self.page(machines, params)
        return {"VirtualMachines": [self._machine(one) for one in page], "NextToken": token}

    def GetVirtualMachine(self, request, params):
        machine = self.place(request).machines.get(params["ResourceArn"])
        if machine is None:
            raise AwsError("ResourceNotFoundException", "No such virtual machine.", error_code="VirtualMachineNotFound")
        return {"VirtualMachine": {**self._machine(machine), "VmwareTags": machine.vmware_tags}}

    def _machine(self, machine) -> dict:
        return {
            "ResourceArn": machine.arn,
            "Name": self._told(machine.name),
            "HostName": self._told(machine.host_name),
            "HypervisorId": self.hypervisor_id(machine.hypervisor_arn),
            "Path": machine.path,
            "LastBackupDate": machine.last_backup,
        }

    def _told(self, name) -> str:
        """A name of vCenter, which the model's pattern for it does not allow for: what becomes of it is UNCONFIRMED."""
        return re.sub(r"[^a-zA-Z0-9-]", "-", name) if self.world.switches["model_enforced"] else name

    # Physics

    def linked(self, request, hypervisor) -> list:
        return [one for one in self.place(request).gateways.values() if one.hypervisor_arn == hypervisor.arn]

    def reached(self, request, hypervisor) -> list:
        """The SDDCs whose vCenter a linked gateway reaches at the hypervisor's host, which is one unless things are mixed up."""
        alive = [gateway for gateway in self.linked(request, hypervisor) if self.alive(gateway)]
        seen = [(gateway, self.sddc_of_host(hypervisor.host, gateway)) for gateway in alive]
        return [sddc for gateway, sddc in seen if not self.unreachable(gateway, sddc)]

    def state_of(self, request, hypervisor) -> str:
        if not any(self.alive(gateway) for gateway in self.linked(request, hypervisor)):
            return "PENDING"
        reached = self.reached(request, hypervisor)
        if not reached:
            return "OFFLINE"
        return "ERROR" if self.login_problem(hypervisor, reached[0]) else "ONLINE"

    def login_problem(self, hypervisor, sddc) -> str | None:
        """A good login is repeated at each look, a bad one only after a change or some minutes: five lock the account."""
        now = self.world.now()
        due = hypervisor.login_at is None or not hypervisor.login or now - hypervisor.login_at > LOGIN_RETRY_SECONDS
        if due:
            hypervisor.login = sddc.vcenter.check_login(hypervisor.username, hypervisor.password)
            hypervisor.login_at = now
        if hypervisor.login:
            hypervisor.sync_message = LOGIN_MESSAGES[hypervisor.login]
        return hypervisor.login


def listed(hypervisor, state) -> dict:
    return {
        "HypervisorArn": hypervisor.arn,
        "Name": hypervisor.name,
        "Host": hypervisor.host,
        "KmsKeyArn": hypervisor.kms_key_arn or None,
        "State": state,
    }


def granted(place, key_arn, hypervisor_arn) -> str:
    """The grant that AWS Backup makes for itself on the customer's key."""
    if not key_arn:
        return ""
    keys = kms_backends[place.account][place.region]
    key = next((key for key in keys.keys.values() if key_arn in (key.arn, *key.aliases)), None)
    if key is None or not key.enabled:
        raise AwsError("AccessDeniedException", f"The key {key_arn} cannot be used.", error_code="KmsKeyAccessDenied")
    operations = ["Decrypt", "Encrypt", "DescribeKey", "CreateGrant"]
    service = "backup-gateway.amazonaws.com"
    grant_id, _separator = keys.create_grant(
        key.id, service, operations, hypervisor_arn.rpartition("/")[2], {}, service
    )
    return grant_id


def trusted_services(place, role_arn) -> set:
    """The services that may assume the role; none if there is no such role."""
    roles = iam_backends[place.account][get_partition(place.region)].roles.values()
    role = next((role for role in roles if role.arn == role_arn), None)
    if role is None:
        return set()
    statements = json.loads(role.assume_role_policy_document).get("Statement", [])
    found = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = as_list(statement.get("Action"))
        if statement.get("Effect") == "Allow" and {"sts:AssumeRole", "sts:*", "*"} & set(actions):
            principal = statement.get("Principal", {})
            found |= set(as_list(principal.get("Service"))) if isinstance(principal, dict) else PRINCIPALS
    return found


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


def vmware_tags(found) -> list[dict]:
    """Tags as the vCenter part has them: mappings with category and name."""
    return [
        {
            "VmwareCategory": tag["category"],
            "VmwareTagName": tag["name"],
            "VmwareTagDescription": tag.get("description", ""),
        }
        for tag in found["tags"]
    ]


def map_tags(mappings, machine):
    """The AWS tags that the VMware tags stand for; those that a former sync made and that no longer apply, go."""
    has = {(tag["VmwareCategory"], tag["VmwareTagName"]) for tag in machine.vmware_tags}
    wanted = {
        one["AwsTagKey"]: one["AwsTagValue"] for one in mappings if (one["VmwareCategory"], one["VmwareTagName"]) in has
    }
    for key in machine.mapped - set(wanted):
        machine.tags.pop(key, None)
    machine.tags.update(wanted)
    machine.mapped = set(wanted)
