# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the outside world, apart from the protocols that show it."""

from __future__ import annotations

import datetime
import threading
import time
import uuid
from dataclasses import asdict, dataclass, field

from . import wire
from .lag import Lag

ACCOUNT = "123456789012"
CONNECTED_ACCOUNT = ACCOUNT
SHADOW_ACCOUNT = "210987654321"  # VMware's, in which the SDDCs are
ORG = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

# What nobody has seen on the real services (docs/unconfirmed.md): name -> how this lab behaves unless told otherwise.
SWITCHES: dict = {
    "rule_get_missing": 404,  # or 400 with 500012
    "rule_delete_missing": 404,  # or 400 with 500012, or 200
    "patch_merges": True,  # PATCH keeps the fields that are not given
    "patch_minds_revision": True,  # PATCH with a stale _revision answers 412
    "deny_rule_listed": True,  # the management gateway's last rule is among its rules
    "descriptions_kept": True,  # by every kind of NSX object that is written
    "deletes_linger": 1,  # calls that still meet a deleted NSX object: 500045, 500030
    "realization_reads": 1,  # reads of a realized state until it is SUCCESS
    "any_to_esxi_refused": True,  # as ANY to vCenter is since 1.22
    "mgw_service_entries_refused": True,
    "mgw_excluded_refused": True,
    "forwarder_looks_up": True,  # the DNS forwarder's nslookup is answered
    "learned_routes": True,  # what Direct Connect and Transit Connect teach is told
    "cloud_service_on_direct_route": True,  # /cloud-service without the reverse proxy
    "duplicate_gateway_name": "second",  # CreateGateway with a name that is taken: second, or refuse
    "duplicate_hypervisor": "conflict",  # import with a name or host that is taken: conflict, or second
    "hypervisor_id_form": "id",  # HypervisorId of gateways and virtual machines: id or arn
    "delete_associated_gateway": "allow",  # or refuse
    "delete_hypervisor_with_gateways": "conflict",  # or allow
    "associate_twice": "conflict",  # the same gateway with the same hypervisor: conflict, or accept
    "reimport_vm_arns": "new",  # ARNs of the virtual machines of a hypervisor imported again: new or same
    "maintenance_days": "exactly_one",  # DayOfWeek and DayOfMonth: exactly_one (as its twin of Storage Gateway), or any
    "update_while_update": "refuse",  # UpdateGatewaySoftwareNow while an update runs: refuse, or accept
    "sync_while_sync": "accept",  # StartVirtualMachinesMetadataSync while a sync runs: accept, conflict or invalid
    "backup_gateway_page_size": 100,  # most that a page of a list holds
    "task_while_task": "refuse",  # a task for an SDDC that has one running: refuse, or accept
    "deleted_sddc": "deleted",  # what is answered for an SDDC that was deleted: its document, in state DELETED, or 404
    "maintenance_told": True,  # the organisation's reservations, which are deprecated, are answered
    "document_reads_behind_task": 0,  # reads of an SDDC that do not show yet what a finished task has done
    "empty_list_answer": "list",  # an answer of AWS Backup and its gateways with nothing to list: list (an empty one), or nothing
    "lock_without_days": "governance",  # PutBackupVaultLockConfiguration without ChangeableForDays on a lock that has a date: governance, or keep
    "region_settings": "defaults",  # types left out of UpdateRegionSettings: defaults (switched on), merge (stay) or replace (off)
    "model_enforced": False,  # names of region types and machines, and states of endpoints, keep to the patterns of AWS's models
    "region_types_refused": "",  # a type that DescribeRegionSettings lists and UpdateRegionSettings refuses
    "conditions_on_system_tags": True,  # the conditions of a selection may ask for tags that begin with aws:
    "job_assignment": "able",  # which gateway gets a job: one that is able to read the disks, or any
    "job_token": "same",  # StartBackupJob and StartCopyJob with a token that was used: same (job), or new
    "restore_token": "same",  # StartRestoreJob with a token that was used: same (job), or new
    "restore_metadata": "all",  # what GetRestoreJobMetadata tells: all, empty or none (not found)
    "restore_to_ebs": "EBSVolume",  # what RestoreTo is for a disk that becomes an EBS volume: any text
    "restored_powered_on": False,  # a machine that was restored to VMware runs at once
    "restored_connected": True,  # its network cards are connected when it is powered on
    "restored_arn_told": True,  # CreatedResourceArn of a restore to VMware
    "issues_category": "SUCCESS",  # MessageCategory of a job that has completed with issues: any text
    "endpoint_service_lacks_zone": "",  # AZ ID in which no interface endpoint can be made
    "further_pool": "Compute-ResourcePool-{0}",  # pool of cluster {0}, which is further cluster {1}
    "further_datastore": "WorkloadDatastore ({1})",  # its datastore
    "stretched_connections": 2,  # connections of an SDDC with two linked subnets: 2, or 1
    "zones_mapped": "to_shadow",  # the accounts' map of zone names: to_shadow (from the customer's), from_shadow, or no (null)
    "witness_zone_listed": False,  # availability_zones of a stretched SDDC hold that of its witness too
    "drs_rules_allowed": False,  # the account may write DRS rules: not cloudadmin, but administrators of a vCenter of their own
    "tagging_privileges": "AttachTag CreateCategory CreateTag",  # of vSphere tags, those that the account has
    "vsan_paths": "name",  # of folders on vSAN: name, uuid, mixed (all by UUID but machines) or disks (those alone by UUID)
    "lease_seconds": 300,  # how long an upload's lease lives without a sign of life
    "hosts_pull": True,  # the lease of an import says that hosts can fetch the disks themselves
    "hosts_tell_digests": True,  # of what they have fetched
    "nfc_url_host": "esxi",  # the host in the upload URLs of a lease: esxi, or * for "where you logged in"
    "unsynced_clock_skew": 3600,  # seconds by which the clock of an appliance is off that follows nothing
    "appliance_asks_ntp": "",  # the servers that its clock follows instead of its host's, of which it has to reach one
    "lag": 0,  # calls by which lists, objects and references of AWS, VMC and NSX lag behind a write
    "activation_failure": "redirect",  # how an appliance says that it got no key: redirect (errorType), 504 or text
}


@dataclass
class Call:
    """One call as the journal keeps it."""

    service: str
    operation: str
    kind: str  # read, write or unknown
    status: int
    duration: float
    at: float
    sddc: str = ""
    detail: str = ""
    actions: list = field(default_factory=list)  # of IAM, that the call needed
    source: str = ""  # the address it came from


@dataclass
class Fault:
    """A rule for calls to go wrong: what to match, which of the matching calls, and how."""

    kind: str  # throttle, 500, html503, reset_before, reset_after, hang, hang_after, 403, expired, 412, busy, echo, lag, wire.SPOILED
    service: str = "*"
    operation: str = "*"
    times: int = 1
    skip: int = 0
    reads: int = 0  # of lag: by how many calls

    def hits(self, service, operation) -> bool:
        return self.service in ("*", service) and self.operation in ("*", operation)


@dataclass
class Sddc:
    """One SDDC: its place in the loopback network, and the state of each of its parts."""

    number: int
    id: str
    name: str
    region: str
    zone: str
    zone_id: str
    prefix: str  # first three octets of the network that its management listens in, e.g. 127.40.16
    management: str = ""  # those of the management network that it tells of, where two SDDCs have the same one
    lives: int = 0  # how often it was deployed anew
    gone: bool = False  # deleted: nothing listens any more
    vmc: dict = field(default_factory=dict)  # the Sddc document of the VMC API, without secrets
    connected_vpc: dict = field(default_factory=dict)  # filled by lab.aws when it seeds
    on_premises: bool = False  # reached by Direct Connect or a VPN, with nothing of VMware Cloud and NSX on the way
    hides_appliances: bool = False  # nothing leads from the control node to a segment but the internet and NAT
    learned_routes: list = field(
        default_factory=list
    )  # (network, how it was learned) of Direct Connect and Transit Connect
    reservations: dict = field(default_factory=dict)  # MAC -> address, in the DHCP of a site on premises
    nsx: object = None  # lab.nsx.Nsx
    vcenter: object = None  # lab.vcenter.Vcenter

    @property
    def linked_subnets(self) -> list[dict]:
        """The customer's subnets that it is linked to: one, or two where it is stretched."""
        connected = self.connected_vpc
        first = {
            "id": connected["subnet_id"],
            "cidr": connected["subnet_cidr_block"],
            "availability_zone": connected["availability_zone"],
            "availability_zone_id": connected["availability_zone_id"],
        }
        return [first, *connected.get("further_subnets", [])]

    @property
    def vcenter_address(self) -> str:
        """Where the control node reaches it, as its FQDN would lead there."""
        return f"{self.prefix}.4"

    @property
    def management_prefix(self) -> str:
        return self.management or self.prefix

    @property
    def public_network(self) -> str:
        """The first three octets of the public addresses that it is allotted."""
        first, second, third = self.prefix.split(".")
        return f"{first}.{second}.{int(third) + 9}"

    @property
    def leaves_on_premises(self) -> bool:
        """Whether what goes to the internet goes through the customer's own network."""
        return any(network == "0.0.0.0/0" for network, _by in self.learned_routes)

    @property
    def vcenter_private_address(self) -> str:
        """What the SDDC says, and what its own workloads reach: in SDDCs of one management network the same one."""
        return f"{self.management_prefix}.4"

    @property
    def esxi_private_address(self) -> str:
        return f"{self.management_prefix}.21"

    @property
    def vcenter_name(self) -> str:
        """Known to the lab's DNS servers only, so that plays use the address."""
        return f"vcenter.{self.name}.lab"

    @property
    def nsx_address(self) -> str:
        return f"{self.prefix}.3"

    @property
    def esxi_address(self) -> str:
        return f"{self.prefix}.21"


def identity_of(number: int, lives: int = 0) -> str:
    """The id of an SDDC, another one after each deployment."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"sddc-{number + 1}{f'.{lives}' if lives else ''}.lab"))


class World:
    """Everything that exists, under one lock."""

    def __init__(self, *, block: int, seed: str, sddcs: int, vms: int):
        self.lock = threading.RLock()
        self.block = block  # the lab's own loopback network is 127.<block>.0.0/16
        self.seed = seed
        self.options = {"sddcs": sddcs, "vms": vms}
        self.ahead = 0.0
        self.journal: list[Call] = []
        self.faults: list[Fault] = []
        self.held = 0  # calls that a fault keeps waiting
        self.switches = dict(SWITCHES)
        self.lag = Lag(self)
        self.sddcs: dict[str, Sddc] = {}
        self.aws = None  # lab.aws.Aws
        self.vmc = None  # lab.vmc.Vmc
        self.stopping = threading.Event()

    def deploy(self, sddc: Sddc, lives: int):
        """An SDDC begins a life, with an id of its own and in its old place among the others."""
        sddc.lives, sddc.gone, sddc.id = lives, False, identity_of(sddc.number, lives)
        self.sddcs = {each.id: each for each in self.sddcs.values()}

    def now(self) -> float:
        """The lab's time in seconds: real time, plus what the clock was advanced by."""
        return time.time() + self.ahead

    def utc(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.now(), datetime.timezone.utc)

    def record(self, service, operation, kind, status, started, *, sddc="", detail="", actions=()):
        with self.lock:
            taken = time.time() - started
            source = getattr(wire.caller, "address", "")
            call = Call(service, operation, kind, status, taken, self.now(), sddc, detail, list(actions), source)
            self.journal.append(call)

    def fault(self, service: str, operation: str) -> str | None:
        """The kind of the fault that hits this call, if one does."""
        with self.lock:
            for rule in self.faults:
                if rule.kind == "lag" or not rule.hits(service, operation):
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                if rule.times > 0:
                    rule.times -= 1
                    return rule.kind
        return None

    def journal_as_json(self) -> list[dict]:
        with self.lock:
            return [asdict(call) for call in self.journal]
