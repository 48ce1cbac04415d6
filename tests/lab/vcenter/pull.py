# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that fetch the disks of an import from a web server. The simulator has no HttpNfcLeasePullFromUrls_Task."""

from __future__ import annotations

import datetime
import hashlib
import http.client
import ssl
import tarfile
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from . import nfc, soap

PIECE = 1 << 18
TIMEOUT = 10
XML = [("Content-Type", "text/xml; charset=utf-8")]
SHARES = {"stall_at_50": 0.5, "full_at_50": 0.5, "lost_at_50": 0.5}


class Failure(Exception):
    """The fault that the task ends with: its name, its message and its fields."""

    def __init__(self, name, message, **fields):
        super().__init__(message)
        self.name = name
        self.message = message
        self.fields = fields


@dataclass
class Task:
    """A HttpNfcLeasePullFromUrls_Task."""

    id: str
    lease: nfc.Lease
    fault: str | None
    state: str = "running"
    progress: int = 0
    failure: Failure | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    def info(self) -> str:
        error = ""
        if self.failure:
            said = soap.fault_of(self.failure.name, self.failure.message, **self.failure.fields)
            error = f"<error>{said}</error>"
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        return (
            f'<key>{self.id}</key><task type="Task">{self.id}</task><descriptionId>HttpNfcLease.pullFromUrls</descriptionId>'
            f"<state>{self.state}</state><cancelled>{str(self.cancelled.is_set()).lower()}</cancelled>"
            f"<cancelable>true</cancelable>{error}<progress>{self.progress}</progress>"
            f'<reason xsi:type="TaskReasonUser"><userName>lab</userName></reason><queueTime>{now}</queueTime>'
            "<eventChainId>1</eventChainId>"
        )


class Pulls:
    """The part of the vCenter that knows of pulling."""

    def __init__(self, vcenter):
        self.vcenter = vcenter
        self.world = vcenter.world
        self.tasks: dict[str, Task] = {}

    def told(self, request):
        """The answer to a read that is about pulling, or None."""
        asked = request.references()
        lease = next((self.vcenter.leases[moid] for moid in asked if moid in self.vcenter.leases), None)
        lease = lease or self.vcenter.leases.get(request.this)
        if request.operation == "HttpNfcLeaseGetManifest" and lease:
            return 200, XML, soap.answer(request.operation, self._manifest(lease))
        if request.operation != "RetrievePropertiesEx":
            return None
        task = next((self.tasks[moid] for moid in asked if moid in self.tasks), None)
        found = {("Task", task.id): {"info": ("TaskInfo", task.info())}} if task else {}
        if lease and lease.state == "ready" and not (lease.failure and not task):
            able = str(self.world.switches["hosts_pull"]).lower()
            own = {
                "capabilities": (
                    "HttpNfcLeaseCapabilities",
                    f"<pullModeSupported>{able}</pullModeSupported><corsSupported>false</corsSupported>",
                ),
                "transferProgress": ("xsd:int", str(lease.progress)),
            }
            said = {name: own[name] for name in asked & set(own)}
            if said:
                found[("HttpNfcLease", lease.id)] = said
        return (200, XML, soap.retrieved(found)) if found else None

    def done(self, request):
        """The answer to a write that is about pulling, or None."""
        lease = self.vcenter.leases.get(request.this)
        if request.operation == "HttpNfcLeaseSetManifestChecksumType" and lease:
            lease.checksums = request.pairs("deviceUrlsToChecksumTypes")
            return 200, XML, soap.answer(request.operation)
        if request.operation == "HttpNfcLeasePullFromUrls_Task" and lease:
            return self._start(request, lease)
        if request.operation == "CancelTask" and request.this in self.tasks:
            self.tasks[request.this].cancelled.set()
            return 200, XML, soap.answer(request.operation)
        return None

    def _start(self, request, lease):
        files = request.structures("files")
        unknown = [file["targetDeviceId"] for file in files if file["targetDeviceId"] not in lease.devices]
        if unknown or not self.world.switches["hosts_pull"]:
            said = soap.fault(
                "InvalidArgument", "A specified parameter was not correct: files", invalidProperty="files"
            )
            return 500, XML, said
        task = Task(f"task-pull-{len(self.tasks) + 1}", lease, self.world.fault("nfc", "pull"))
        self.tasks[task.id] = task
        threading.Thread(target=self._run, args=(task, files), daemon=True).start()
        return 200, XML, soap.answer(request.operation, f'<returnval type="Task">{task.id}</returnval>')

    def _manifest(self, lease) -> str:
        if not self.world.switches["hosts_tell_digests"]:
            return ""
        return "".join(
            f"<returnval><key>{key}</key><sha1>{digests['sha1']}</sha1>"
            + (f"<checksum>{digests[kind]}</checksum><checksumType>{kind}</checksumType>" if kind in digests else "")
            + f"<size>{size}</size><disk>true</disk></returnval>"
            for key, (kind, digests, size) in lease.digests.items()
        )

    def _run(self, task, files):
        started, status = time.time(), 200
        try:
            for number, file in enumerate(files):
                self._fetch(task, file, lambda share, number=number: int(100 * (number + share) / len(files)))
            task.state, task.progress = "success", 100
        except (Failure, OSError, http.client.HTTPException, tarfile.TarError) as error:
            broken = Failure("HttpFault", f"{error} of {file['url']}", statusCode=0, statusMessage=error)
            task.failure = error if isinstance(error, Failure) else broken
            task.state, status = "error", 500
        self.world.record("nfc", "pull", "write", status, started, sddc=self.vcenter.sddc.name, detail=task.fault or "")

    def _fetch(self, task, file, percent):
        lease = task.lease
        key, name = lease.devices[file["targetDeviceId"]]
        with self._open(file) as answer, tarfile.open(fileobj=answer, mode="r|") as archive:
            member = next((one for one in archive if one.name == file["memberName"]), None)
            if member is None:
                raise Failure(
                    "HttpFault", f"{file['memberName']} is not in the OVA", statusCode=404, statusMessage="Not Found"
                )
            content = archive.extractfile(member)
            filling = nfc.Filling(self.vcenter.simulator, lease, name, "PUT" if file["create"] == "true" else "POST")
            hashes = {kind: hashlib.new(kind) for kind in ("sha1", lease.checksums.get(key, "sha1"))}
            try:
                while piece := content.read(PIECE):
                    filling.add(piece)
                    for digest in hashes.values():
                        digest.update(piece)
                    task.progress = lease.progress = percent(lease.received[name] / member.size)
                    self._trouble(task, lease.received[name] / member.size)
            except (Failure, OSError):
                filling.drop()
                raise
            filling.end()
        digests = {kind: digest.hexdigest() for kind, digest in hashes.items()}
        lease.digests[key] = (lease.checksums.get(key), digests, member.size)

    def _open(self, file):
        """What the server answers, to a host that knows no authority but only a thumbprint."""
        parts = urlsplit(file["url"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(parts.hostname, parts.port or 443, context=context, timeout=TIMEOUT)
        connection.connect()
        presented = hashlib.sha1(connection.sock.getpeercert(binary_form=True)).hexdigest()
        if presented != file.get("sslThumbprint", "").replace(":", "").lower():
            raise Failure(
                "SSLVerifyFault", "The host certificate chain is incomplete.", selfSigned="false", thumbprint=presented
            )
        connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        if answer.status != 200:
            raise Failure(
                "HttpFault",
                f"HTTP {answer.status} of {file['url']}",
                statusCode=answer.status,
                statusMessage=answer.reason,
            )
        return answer

    def _trouble(self, task, share):
        if task.cancelled.is_set() or task.lease.state != "ready":
            raise Failure("RequestCanceled", "The task was canceled by a user.")
        if share < SHARES.get(task.fault, 2):
            return
        if task.fault == "full_at_50":
            raise Failure(*nfc.FULL)
        if task.fault == "lost_at_50":
            task.lease.failure = nfc.LOST
        while not (task.cancelled.wait(0.1) or self.world.stopping.is_set() or task.lease.state != "ready"):
            pass
        raise Failure("RequestCanceled", "The task was canceled by a user.")
