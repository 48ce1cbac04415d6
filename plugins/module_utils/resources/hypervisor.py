# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vCenter, as AWS Backup knows it: a hypervisor."""

from __future__ import annotations

import sys
from functools import cached_property

from .. import forms, secrets, wait
from ..clients import backup_gateway as api
from ..clients.aws_forms import tag_list, timestamp
from ..errors import Ambiguous, ApiError, BadCredentials, Conflict, Error, Foreign, Invalid, Missing
from ..ownership import claim, is_of, is_ours
from ..values import SITE_KEY, Noticed, Unresolved, canonical, checked_site, given, marks, wanted_tags
from . import job, kms_key

MOST_MAPPINGS = 10
MAPPING = {
    "vmware_category": "VmwareCategory",
    "vmware_tag_name": "VmwareTagName",
    "aws_tag_key": "AwsTagKey",
    "aws_tag_value": "AwsTagValue",
}
MAPPING_LENGTHS = {
    "vmware_category": (1, 80),
    "vmware_tag_name": (1, 80),
    "aws_tag_key": (1, 128),
    "aws_tag_value": (0, 256),
}
SECRETS = ("username", "password")


def find(client, *, name: str | None = None) -> list[dict]:
    """The hypervisors, or those of that name, with tags, tag mappings and the gateways linked to them."""
    listed = [raw for raw in api.hypervisors(client) if name in (None, raw.get("Name"))]
    gateways = api.gateways(client) if listed else []
    found = (_described(client, raw["HypervisorArn"], gateways) for raw in listed)
    return [raw for raw in found if raw]


def view(raw: dict) -> dict:
    hypervisor = raw["Hypervisor"]
    return {
        "hypervisor_arn": hypervisor["HypervisorArn"],
        "name": hypervisor["Name"],
        "host": hypervisor.get("Host"),
        "state": hypervisor.get("State"),
        "kms_key_arn": hypervisor.get("KmsKeyArn") or "",
        "log_group_arn": hypervisor.get("LogGroupArn") or "",
        "last_successful_metadata_sync_time": timestamp(hypervisor.get("LastSuccessfulMetadataSyncTime")),
        "latest_metadata_sync_status": hypervisor.get("LatestMetadataSyncStatus"),
        "latest_metadata_sync_status_message": hypervisor.get("LatestMetadataSyncStatusMessage"),
        "vmware_to_aws_tag_mappings": canonical(
            {ours: mapping.get(theirs, "") for ours, theirs in MAPPING.items()}
            for mapping in raw["Mappings"].get("VmwareToAwsTagMappings") or []
        ),
        "iam_role_arn": raw["Mappings"].get("IamRoleArn") or "",
        "gateways": canonical(gateway.get("GatewayDisplayName") for gateway in raw["Gateways"]),
        "site_id": raw["Tags"].get(SITE_KEY, ""),
        "tags": {key: value for key, value in raw["Tags"].items() if key != SITE_KEY},
    }


def virtual_machines(client, *, hypervisor: str | None = None, view=None) -> list[dict]:
    """What AWS Backup lists of one hypervisor, or of all, each as ``view`` makes it; nothing where the hypervisor does not exist."""
    request = {"view": view} if view else {}
    if hypervisor:
        arn = api.resolve("hypervisor", hypervisor, _names(client))
        if isinstance(arn, Unresolved):
            return []
        request["HypervisorArn"] = arn
    return client.pages("list_virtual_machines", "VirtualMachines", **request)


def machine(client, hypervisor: str, reference: str):
    """The ARN of a machine of a hypervisor by its name, its folder and name, or its ARN; Unresolved when none is listed."""
    found = [
        raw["ResourceArn"] for raw in virtual_machines(client, hypervisor=hypervisor) if reference in _names_of(raw)
    ]
    if len(found) > 1:
        raise Ambiguous("virtual machine", reference, found)
    return found[0] if found else Unresolved("virtual machine", f"{reference} of the hypervisor {hypervisor}")


def _names_of(raw) -> tuple:
    # Nobody has seen whether Path is that of the folder or ends in the machine's own name.
    name, path = raw.get("Name") or "", (raw.get("Path") or "").rstrip("/")
    own = path if path.endswith(f"/{name}") else f"{path}/{name}"
    return raw["ResourceArn"], name, own


def protected(client) -> dict:
    """Machine -> the newest recovery point that a backup has left of it in this account and Region, in one listing."""
    return {raw["ResourceArn"]: raw for raw in client.pages("list_protected_resources", "Results")}


def newest_points(client) -> dict:
    """The same as it is shown, and nothing more is kept."""
    listed = client.pages("list_protected_resources", "Results", view=lambda raw: (raw["ResourceArn"], view_point(raw)))
    return dict(listed)


def view_point(raw: dict) -> dict:
    vault = once(raw.get("LastBackupVaultArn"))
    return {
        "recovery_point_arn": raw.get("LastRecoveryPointArn"),
        "backup_vault_arn": vault,
        "backup_vault_name": once((vault or "").rpartition(":")[2]),
        "backed_up_at": timestamp(raw.get("LastBackupTime")),
    }


def view_virtual_machine(raw: dict, newest: dict | None = None) -> dict:
    """``newest`` is what is told of its newest recovery point, if that was asked; empty where it has none."""
    return {
        "newest_recovery_point": newest and view_point(newest),
        "resource_arn": raw["ResourceArn"],
        "name": raw.get("Name"),
        "host_name": once(raw.get("HostName")),
        "hypervisor_id": once(raw.get("HypervisorId")),
        "path": once(raw.get("Path")),
        "last_backup_date": timestamp(raw.get("LastBackupDate")),
    }


def once(text):
    """A text of which many things have the same, kept once."""
    return sys.intern(str(text)) if text else text


def test(client, gateway: str, host: str, username: str, password: str) -> None:
    """Try credentials through a gateway, by name or ARN, exactly once: repeated failures lock the account (SAFETY 7)."""
    names = {raw["GatewayArn"]: raw.get("GatewayDisplayName") for raw in api.gateways(client)}
    arn = api.resolve("gateway", gateway, names)
    if isinstance(arn, Unresolved):
        raise Missing([arn])
    try:
        client.call(
            "test_hypervisor_configuration", once=True, GatewayArn=arn, Host=host, Username=username, Password=password
        )
    except BadCredentials:
        raise
    except ApiError as failure:
        # A gateway that is busy, or not known to be there yet, has not logged in.
        if isinstance(failure, Conflict) and (failure.busy or arn in failure.message):
            raise
        raise Error(
            f"The gateway {names[arn]} could not log in to {host} as {username}: {failure} "
            "Nothing was written, and it is not tried again, because repeated failures lock the account."
        ) from failure


class ConnectionTest:
    """Whether one gateway logs in to a vCenter by itself: an action, done each time that it is asked for."""

    def __init__(self, client, params: dict):
        self.client = client
        self.params = params
        for option in ("host", *SECRETS):
            forms.checked(option, FORMS[option], params[option])

    def find(self):
        return None

    def start(self):
        def attempt():
            """Nobody has logged in where the gateway is busy, or may only not be known yet (law 14)."""
            try:
                return test(self.client, *(self.params[option] for option in ("gateway", "host", *SECRETS)))
            except (Conflict, Missing) as met:
                return met

        met = wait.seen(attempt, lambda met: met is None)
        if met is not None:
            raise met
        return {"gateway": self.params["gateway"], "host": self.params["host"]}

    def done(self, answer, timeout):
        return answer

    def view(self, answer) -> dict:
        return answer


class BackupHypervisor:
    kind = "hypervisor"
    immutable = ("kms_key_arn",)
    may_be_denied = ("site_id",)
    blank = {
        "kms_key_arn": "",
        "log_group_arn": "",
        "vmware_to_aws_tag_mappings": [],
        "iam_role_arn": "",
        "gateways": [],
        "site_id": "",
    }

    def __init__(self, client, backup, kms, params: dict):
        self.client = client
        self.backup = backup
        self.kms = kms
        self.params = params
        self._tested: set = set()
        self.write_only = {key: params["update_password"] == "always" for key in SECRETS if params[key] is not None}

    def observe(self):
        found = self._found()
        if len(found) > 1:
            arns = [have["hypervisor_arn"] for have in found]
            raise Ambiguous(self.kind, self.params["name"], arns)
        if not found:
            return None
        have = found[0]
        what = f"The hypervisor {have['name']} ({have['hypervisor_arn']})"
        host = (have["host"] or "").lower()
        fqdn = (self.params.get("vcenter_fqdn") or "").lower()
        proven = self.params.get("take_over") or bool(fqdn) and host == fqdn
        claim(what, have, self.params, proven=proven)
        wanted = (self.params.get("host") or "").lower()
        if self.params.get("site_id") and host and wanted not in ("", host, fqdn):
            self._refuse_another_vcenter(what, host, wanted, have)
        return have

    def _refuse_another_vcenter(self, what, host, wanted, have):
        """One site has one vCenter: a mark that two of them carry, or the address of another's vCenter, proves nothing."""
        succeeds = self.params.get("site_was") and have["site_id"] == self.params["site_was"]
        if self.params.get("take_over") or succeeds or self.params["adopt"]:
            return
        raise Foreign(
            f"{what} of this site leads to the vCenter {host}, and {wanted} is another, in which no appliance of its gateways was found. Either the "
            "address of vCenter here is another site's, or two sites have one identity (vmc_backup_site_id of the roles). If vCenter only has a new "
            "address, set adopt (registration_adopt of the roles)."
        )

    def _found(self) -> list[dict]:
        """Those of the name, or where there is none, the one that was renamed: it carries the site's mark."""
        named = [view(raw) for raw in find(self.client, name=self.params["name"])]
        if named or not self.params.get("site_id"):
            return named
        return [
            have
            for have in map(view, find(self.client))
            if is_ours(have["tags"]) and have["site_id"] == self.params["site_id"]
        ]

    def want(self, have):
        _check(self.params, self.client.region)
        checked_site(self.params.get("site_id"))
        if have is None:
            self._refuse_to_create()
        name = have["name"] if have else self.params["name"]
        want = {"name": name, **given(self.params, "host", "iam_role_arn", "site_id")}
        if self._key is not None:
            want["kms_key_arn"] = self._key
        if self.params["log_group_arn"] is not None:
            want["log_group_arn"] = _log_group(self.params["log_group_arn"])
        if self.params["vmware_to_aws_tag_mappings"] is not None:
            want["vmware_to_aws_tag_mappings"] = canonical(
                {key: mapping[key] for key in MAPPING} for mapping in self.params["vmware_to_aws_tag_mappings"]
            )
            if want["vmware_to_aws_tag_mappings"] and not (want.get("iam_role_arn") or (have and have["iam_role_arn"])):
                raise Invalid("iam_role_arn", "The tag mappings need the role with which AWS Backup tags the machines.")
        tags = self.params["tags"]
        want["tags"] = wanted_tags(have and have["tags"], tags, purge=tags is not None and self.params["purge_tags"])
        return want

    def create(self, want):
        self._test(want["host"], self.params["gateway"])
        key = {"KmsKeyArn": want["kms_key_arn"]} if want.get("kms_key_arn") else {}
        return self.client.call(
            "import_hypervisor_configuration",
            once=True,
            Name=want["name"],
            Host=want["host"],
            Username=self.params["username"],
            Password=self.params["password"],
            Tags=tag_list({**want["tags"], **marks(want.get("site_id"))}),
            **key,
        )["HypervisorArn"]

    def take_back(self, arn):
        """Delete the hypervisor just made, unless somebody has linked a gateway to it already."""
        if not any(api.is_linked(raw, arn) for raw in api.gateways(self.client)):
            self.client.call("delete_hypervisor", missing=api.GONE, HypervisorArn=arn)

    def update(self, have, changes):
        arn = have["hypervisor_arn"]
        request = {}
        if any(key in changes for key in SECRETS):
            self._test(changes.get("host", have["host"]), self.params["gateway"] or self._last_seen(arn))
            request.update(Username=self.params["username"], Password=self.params["password"])
        if "host" in changes:
            request["Host"] = changes["host"]
        if "log_group_arn" in changes:
            request["LogGroupArn"] = changes["log_group_arn"]
        if request:
            self.client.call("update_hypervisor", HypervisorArn=arn, **request)
        if "Password" in request and have["gateways"]:
            # Only a sync proves the new credentials: the state is what the old ones left.
            self._sync(arn)
        if "tags" in changes:
            api.put_tags(self.client, arn, have["tags"], changes["tags"])
        if "site_id" in changes:
            api.put_tags(self.client, arn, {}, {SITE_KEY: changes["site_id"]})
        if "vmware_to_aws_tag_mappings" in changes or "iam_role_arn" in changes:
            self._put_mappings(have, changes)

    def delete(self, have):
        """Let go of our own gateways first: nobody has seen what DeleteHypervisor does to those still linked."""
        arn = have["hypervisor_arn"]
        linked, others = self._linked(have)
        if others:
            raise Foreign(f"The hypervisor {have['name']} must not be removed: {_used_by(others)}.")
        for number, gateway in enumerate(linked):
            self._refuse_if_jobs_run(have, wrote=number > 0)
            self.client.call("disassociate_gateway_from_server", missing=api.GONE, GatewayArn=gateway["GatewayArn"])
        if linked:
            self._refuse_if_jobs_run(have, wrote=True)
        self.client.call("delete_hypervisor", missing=api.GONE, HypervisorArn=arn)

    def held(self, have):
        _ours, others = self._linked(have)
        return _used_by(others) if others else job.running(self.client, self.backup, have["hypervisor_arn"])

    def _linked(self, have) -> tuple[list, list]:
        """The gateways linked to it: those of this site, and others."""
        found: tuple[list, list] = ([], [])
        for gateway in [raw for raw in api.gateways(self.client) if api.is_linked(raw, have["hypervisor_arn"])]:
            tags = api.tags(self.client, gateway["GatewayArn"])
            if tags is not None:  # else it has gone, and is still listed
                found[not is_of(tags, self.params.get("site_id"))].append(gateway)
        return found

    def ready(self, have):
        if have["state"] == "ERROR":
            raise Error(f"AWS Backup reaches {have['host']}, but cannot work with it: check username and password.")
        if not have["gateways"]:
            return None
        if have["state"] != "ONLINE":
            return f"its state is {have['state']}"
        if have["latest_metadata_sync_status"] != "SUCCEEDED":
            message = have["latest_metadata_sync_status_message"]
            return f"its metadata sync is {have['latest_metadata_sync_status']}" + (f": {message}" if message else "")
        return None

    def noticed(self, have):
        """A key that does not work takes the credentials away, also one that nobody asked for here."""
        key = have["kms_key_arn"]
        state = self._key_state(key)
        if isinstance(state, ApiError):
            yield Noticed("kms_key_arn", None, key, f"whether the key is enabled is not known. {state}")
        elif state != "Enabled":
            yield Noticed("kms_key_arn", None, key, _without_key(state))

    def _key_state(self, key):
        """As KMS tells it, or why it does not; the key that AWS owns always works."""
        try:
            return kms_key.state_of(self.kms, key) if key else "Enabled"
        except ApiError as untold:
            return untold

    @cached_property
    def _key(self):
        """The key that is asked for, by its ARN; an alias has to be looked up."""
        key = self.params["kms_key_arn"]
        return kms_key.resolve(self.kms, key) if key and "alias/" in key else key

    def _refuse_to_create(self):
        for option in ("host", *SECRETS):
            if not self.params[option]:
                raise Invalid(option, "Needed to import a hypervisor.")
        state = "Enabled" if isinstance(self._key, Unresolved) else self._key_state(self._key)
        if state != "Enabled" and not isinstance(state, ApiError):
            raise Invalid("kms_key_arn", f"{self.params['kms_key_arn']}: {_without_key(state)}")
        for raw in api.hypervisors(self.client):
            if raw.get("Host", "").lower() == self.params["host"].lower():
                raise Foreign(f"{raw['Host']} is the hypervisor {raw.get('Name')} ({raw['HypervisorArn']}) already.")

    def _test(self, host, gateway):
        """Once for a host and a gateway, however often a race has it decided anew (SAFETY 7)."""
        if not gateway or (host, gateway) in self._tested:
            return
        test(self.client, gateway, host, self.params["username"], self.params["password"])
        self._tested.add((host, gateway))

    def _last_seen(self, hypervisor) -> str | None:
        """The gateway of the hypervisor that AWS Backup heard of last: one that is off cannot log in anywhere."""
        listed = [raw for raw in api.gateways(self.client) if api.is_linked(raw, hypervisor)]
        if len(listed) < 2:
            return listed[0]["GatewayArn"] if listed else None

        def seen(raw):
            answer = self.client.call("get_gateway", missing=api.GONE, GatewayArn=raw["GatewayArn"]) or {"Gateway": {}}
            return str(timestamp(answer["Gateway"].get("LastSeenTime")) or "")

        return max(listed, key=seen)["GatewayArn"]

    def _refuse_if_jobs_run(self, have, wrote):
        jobs = job.running(self.client, self.backup, have["hypervisor_arn"])
        if jobs:
            refusal = Foreign(f"The hypervisor {have['name']} must not be removed: {jobs}.")
            refusal.wrote = wrote
            raise refusal

    def _put_mappings(self, have, changes):
        arn = have["hypervisor_arn"]
        role = changes.get("iam_role_arn", have["iam_role_arn"])
        mappings = changes.get("vmware_to_aws_tag_mappings", have["vmware_to_aws_tag_mappings"])
        self.client.call(
            "put_hypervisor_property_mappings",
            names=role,  # with which code a role is refused that is not there for the service yet is UNCONFIRMED
            HypervisorArn=arn,
            VmwareToAwsTagMappings=[{theirs: item[ours] for ours, theirs in MAPPING.items()} for item in mappings],
            IamRoleArn=role,
        )
        # PutHypervisorPropertyMappings only stores them; the sync applies them.
        if have["gateways"]:
            self._sync(arn)

    def _sync(self, arn):
        try:
            self.client.call("start_virtual_machines_metadata_sync", missing=("ConflictException",), HypervisorArn=arn)
        except ApiError as refusal:
            # StartVirtualMachinesMetadataSync declares no conflict: one that runs can be told by ValidationException only.
            if refusal.code != "ValidationException" or not self._is_syncing(arn):
                raise

    def _is_syncing(self, arn) -> bool:
        answer = self.client.call("get_hypervisor", missing=api.GONE, HypervisorArn=arn) or {"Hypervisor": {}}
        return answer["Hypervisor"].get("LatestMetadataSyncStatus") in ("CREATED", "RUNNING")


def _described(client, arn: str, gateways: list) -> dict | None:
    """All that several calls tell of one hypervisor; ``None`` when it went meanwhile, or is not seen whole yet."""
    answer = client.call("get_hypervisor", missing=api.GONE, HypervisorArn=arn)
    mappings = client.call("get_hypervisor_property_mappings", missing=api.GONE, HypervisorArn=arn)
    tags = api.tags(client, arn)
    if None in (answer, mappings, tags):
        return None
    return {
        "Hypervisor": answer["Hypervisor"],
        "Mappings": mappings,
        "Gateways": [raw for raw in gateways if api.is_linked(raw, arn)],
        "Tags": tags,
    }


def _names(client) -> dict:
    return {raw["HypervisorArn"]: raw.get("Name") for raw in api.hypervisors(client)}


def _log_group(arn: str) -> str:
    # UpdateHypervisor takes the ARN of a log group only with the ending that DescribeLogGroups gives it.
    return f"{arn}:*" if arn and not arn.endswith(":*") else arn


# Option -> what it must look like.
FORMS = {
    "name": "gateway_name",
    "host": "hypervisor_host",
    "username": "hypervisor_username",
    "password": "hypervisor_password",
    "kms_key_arn": "kms_key_arn",
    "log_group_arn": "log_group_arn",
    "iam_role_arn": "role_arn",
}


def _used_by(gateways: list) -> str:
    names = ", ".join(raw["GatewayDisplayName"] for raw in gateways)
    return f"it is in use by the gateway {names}, which is not of this site. Take that gateway off it first"


def _without_key(state: str) -> str:
    return (
        f"the key is {state}, and without it AWS Backup cannot read the credentials of vCenter. Enable it, or cancel its "
        "deletion; neither is done unasked."
    )


def _check(params: dict, region: str) -> None:
    """Refuse what the API would refuse, before anything is written."""
    secrets.checked_url("host", params["host"])
    for option, form in FORMS.items():
        if params[option] is not None:
            forms.checked(option, form, params[option])
    key = params["kms_key_arn"]
    if key and key.startswith("arn:") and key.split(":")[3] != region:
        raise Invalid("kms_key_arn", f"The key must be in {region}, like the hypervisor.")
    mappings = params["vmware_to_aws_tag_mappings"] or []
    if len(mappings) > MOST_MAPPINGS:
        raise Invalid(
            "vmware_to_aws_tag_mappings", f"{len(mappings)} mappings are more than the {MOST_MAPPINGS} allowed."
        )
    for mapping in mappings:
        for key, (least, most) in MAPPING_LENGTHS.items():
            if not least <= len(mapping[key]) <= most:
                raise Invalid("vmware_to_aws_tag_mappings", f"{key} must be {least} to {most} characters.")
        if mapping["aws_tag_key"].lower().startswith("aws:"):
            raise Invalid("vmware_to_aws_tag_mappings", "aws_tag_key must not begin with aws:.")
