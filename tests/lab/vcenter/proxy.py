# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between the clients and vcsim: the journal, faults, accounts, and what cloudadmin may not do."""

from __future__ import annotations

import re
import time
from xml.etree import ElementTree

import urllib3
from werkzeug.wrappers import Request

from .. import wire
from . import soap
from .simulator import USERNAME

# What the role CloudAdmin may change; all other types of objects are VMware's.
OURS = {
    "VirtualMachine",
    "Folder",
    "ResourcePool",
    "VirtualApp",
    "HttpNfcLease",
    "Task",
    "PropertyCollector",
    "PropertyFilter",
    "SessionManager",
    "VirtualMachineSnapshot",
    "VirtualDiskManager",
    "FileManager",
    "CustomFieldsManager",
    "HostDatastoreBrowser",
    "ContainerView",
}
UUID_OF_EVERY_SIMULATOR = b"<instanceUuid>dbed6e0c-bd88-4ef6-b594-21283e1c677f</instanceUuid>"
DEVICE_URL = re.compile(rb"<url>https://\*(/nfc/[^<]*)</url>(?:<sslThumbprint>[^<]*</sslThumbprint>)?")
LEASE_TIMEOUT = re.compile(rb"<leaseTimeout>\d+</leaseTimeout>")
FAULTS = {
    "throttle": ("SystemError", "A general system error occurred: too many outstanding operations"),
    "500": ("SystemError", "A general system error occurred"),
    "403": ("NoPermission", "Permission to perform this operation was denied."),
    "expired": ("NotAuthenticated", "The session is not authenticated."),
    "busy": (
        "TaskInProgress",
        "The operation is not allowed in the current state: another task is already in progress.",
    ),
}
PORT = 9443
HTML = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
XML = "text/xml; charset=utf-8"


class Proxy:
    """WSGI: one vCenter address."""

    def __init__(self, vcenter):
        self.vcenter = vcenter
        self.world = vcenter.world
        self.pool = urllib3.PoolManager(maxsize=16, retries=False)

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"].startswith("/nfc/"):
            return self.vcenter.nfc_app(environ, start_response)
        if environ["PATH_INFO"].startswith(("/api/", "/rest/")):
            return self.vcenter.tagging.app(environ, start_response)
        started = time.time()
        content = Request(environ).get_data()  # of govmomi it comes in chunks
        try:
            request = soap.parse(content)
            operation, kind = request.operation, request.kind
        except (ElementTree.ParseError, ValueError):
            request = None
            operation, kind = environ["PATH_INFO"], "read" if environ["REQUEST_METHOD"] == "GET" else "unknown"
        fault = self.world.fault("vcenter", operation)
        status = 0
        try:
            wire.before(fault, environ, self.world)
            said = wire.carried(Request(environ).headers, content) if fault == "echo" else ""
            status, headers, answer = self._faulty(fault, request, said) or self._answer(environ, request, content)
            if soap.unknown(answer):
                kind = "unknown"
            wire.after(fault, environ, self.world, (status, headers, answer))
        finally:
            self.world.record(
                "vcenter", operation, kind, status, started, sddc=self.vcenter.sddc.name, detail=fault or ""
            )
        start_response(f"{status} lab", [*headers, ("Content-Length", str(len(answer)))])
        return [answer]

    def _faulty(self, fault, request, said):
        if fault == "echo":
            return _fault("SystemError", said, reason=said)
        if fault == "html503":
            return 503, [("Content-Type", "text/html")], HTML
        if fault not in FAULTS:
            return None
        name, message = FAULTS[fault]
        if request is None or name == "SystemError":
            return _fault(name, message, **({"reason": message} if name == "SystemError" else {}))
        if name == "TaskInProgress":
            return _fault(name, message, task=("Task", "task-of-another"))
        return _fault(name, message, object=(request.this_type, request.this), privilegeId="System.View")

    def _answer(self, environ, request, content):
        if request is None:
            return self._relay(environ, content)
        if request.operation.startswith("Login"):
            return self._login(environ, request)
        refusal = self._refusal(request)
        if refusal:
            return refusal
        if request.kind == "read":
            self.vcenter.read()
            if request.operation == "CreateImportSpec":
                self._prepare(request)
            if request.operation == "PbmQueryAssociatedProfile":
                return self._policy(request)
            said = self.vcenter.pulls.told(request) or self._failed_lease(request)
            return said or self._relay(environ, content, request)
        if request.operation == "ImportVApp":
            return self._import(environ, request, content)
        said = self.vcenter.pulls.done(request)
        if said:
            return said
        answer = self._relay(environ, content, request)
        if not soap.failed(answer[2]):
            self._after(request)
        return answer

    def _login(self, environ, request):
        username = request.text("userName")
        if request.operation != "Login" or self.vcenter.check_login(username, request.text("password")):
            return _fault("InvalidLogin", "Cannot complete login due to an incorrect user name or password.")
        return self._relay(environ, soap.login(request.this, USERNAME, self.vcenter.simulator.password), request)

    def _refusal(self, request):
        """What is answered without asking the simulator."""
        lease = self.vcenter.leases.get(request.this) or next(
            (self.vcenter.leases[moid] for moid in request.references() if moid in self.vcenter.leases), None
        )
        if lease and lease.state != "ready":
            return _fault(
                "ManagedObjectNotFound", "The object has already been deleted", obj=("HttpNfcLease", request.this)
            )
        if lease and lease.failure and request.operation in ("HttpNfcLeaseProgress", "HttpNfcLeaseComplete"):
            return _fault("InvalidState", "The operation is not allowed in the current state of the lease.")
        if request.kind == "read" and request.operation != "CreateImportSpec":
            return None
        kept = request.references() & self.vcenter.hand.protected
        allowed = request.this_type in OURS or (
            request.operation == "ReconfigureComputeResource_Task" and self.world.switches["drs_rules_allowed"]
        )
        if kept or (request.kind == "write" and not allowed):
            kind, moid = (request.this_type, request.this) if not kept else ("ManagedEntity", min(kept))
            return _fault(
                "NoPermission",
                "Permission to perform this operation was denied.",
                object=(kind, moid),
                privilegeId="System.Modify",
            )
        homes = {self.vcenter.hand.homes.get(moid) for moid in request.references()} - {None}
        if request.operation == "CreateImportSpec" and len(homes) > 1:
            # vcsim does not outlive the import that would follow.
            return _fault("InvalidDatastore", f"Operation not valid on a datastore of {' and '.join(sorted(homes))}.")
        without_host = self.vcenter.vsphere8.refusal(request)
        if without_host:
            return _fault(*without_host, invalidProperty="host")
        if request.operation == "ShutdownGuest" and not self.vcenter.tools_run(request.this):
            # vcsim shuts down what has no VMware Tools.
            return _fault("ToolsUnavailable", "VMware Tools is not running.")
        if request.operation in ("PowerOnVM_Task", "Destroy_Task") and self.vcenter.busy(request.this):
            return _fault("MethodDisabled", "The method is disabled by 'com.vmware.vim.httpnfc'", source="httpnfc")
        return None

    def _import(self, environ, request, content):
        with self.vcenter.lock:
            name, folder = request.text("configSpec", "name"), request.text("folder")
            before = self.vcenter.machines
            twin = next((row for row in before.values() if (row.name, row.folder) == (name, folder)), None)
            if twin:
                # ImportVApp: vcsim notices only that the files exist.
                return _fault(
                    "DuplicateName",
                    f"The name '{name}' already exists.",
                    name=name,
                    object=("VirtualMachine", twin.moid),
                )
            answer = self._relay(environ, content, request)
            if not soap.failed(answer[2]):
                moid = self.vcenter.begin_import(soap.returned(answer[2]), name, before)
                self.vcenter.give_policies(moid, request.policies(), new=True)
        return answer

    def _failed_lease(self, request):
        """What a property collector says of a lease whose state is error."""
        failed = next((moid for moid in request.references() if self.vcenter.failure(moid)), None)
        if failed is None or request.operation != "RetrievePropertiesEx":
            return None
        found = {
            "state": ("HttpNfcLeaseState", "error"),
            "error": ("LocalizedMethodFault", soap.fault_of(*self.vcenter.failure(failed))),
        }
        asked = {name: found[name] for name in request.references() & set(found)}
        return 200, [("Content-Type", XML)], soap.retrieved({("HttpNfcLease", failed): asked})

    def _after(self, request):
        if request.operation == "HttpNfcLeaseComplete":
            self.vcenter.end_import(request.this, "completed")
        elif request.operation == "HttpNfcLeaseAbort":
            self.vcenter.end_import(request.this, "aborted")
        elif request.operation == "HttpNfcLeaseProgress":
            self.vcenter.keep_alive(request.this)
        else:
            if request.operation == "ReconfigVM_Task":
                self.vcenter.give_policies(request.this, request.policies())
                self.vcenter.hand.give_properties(request.this, request.edited_properties())
            self.vcenter.settle()

    def _prepare(self, request):
        """vcsim leaves the OVF properties of a descriptor out."""
        try:
            found = soap.properties(request.text("ovfDescriptor"))
        except ElementTree.ParseError:
            return
        mapped = request.pairs("propertyMapping")
        for info in found:
            info["value"] = mapped.get(soap.property_name(info), "")
        self.vcenter.prepared[request.text("entityName")] = found

    def _policy(self, request):
        """vcsim gives no policy to anything."""
        found = self.vcenter.policies.get(request.text("entity", "key"), self.vcenter.hand.usual_policy)
        answer = f'<returnval xmlns="urn:pbm"><uniqueId>{found}</uniqueId></returnval>'
        body = f'<PbmQueryAssociatedProfileResponse xmlns="urn:pbm">{answer}</PbmQueryAssociatedProfileResponse>'
        return 200, [("Content-Type", XML)], soap.ENVELOPE.format(body).encode()

    def _relay(self, environ, content: bytes, request=None):
        simulator = self.vcenter.simulator
        content = self.vcenter.vsphere8.asked(content)
        headers = {name: environ[key] for name, key in FORWARDED.items() if environ.get(key)}
        url = f"http://{simulator.host}:{simulator.port}{environ['REQUEST_URI']}"
        try:
            answer = self.pool.request(environ["REQUEST_METHOD"], url, body=content or None, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            if request and request.operation == "Fetch":
                # vcsim panics when a property is not set.
                return 200, [("Content-Type", XML)], soap.ENVELOPE.format('<FetchResponse xmlns="urn:vim25"/>').encode()
            # vcsim panics where vCenter would refuse, e.g. CreateImportSpec of a descriptor without a System section.
            return _fault(
                "SystemError", "A general system error occurred", reason=f"the simulator gave no answer: {error}"
            )
        kept = [
            (name, value) for name, value in answer.headers.items() if name.lower() in ("content-type", "set-cookie")
        ]
        return answer.status, kept, self._corrected(answer.data, request)

    def _corrected(self, answer: bytes, request) -> bytes:
        """What vcsim answers otherwise than vCenter does."""
        if request and request.operation == "CreateImportSpec" and request.text("diskProvisioning").startswith("thick"):
            answer = answer.replace(b"<thinProvisioned>true<", b"<thinProvisioned>false<")
        answer = self.vcenter.vsphere8.answer(answer, request)
        own = f"<instanceUuid>{self.vcenter.about_uuid}</instanceUuid>".encode()
        answer = answer.replace(UUID_OF_EVERY_SIMULATOR, own)
        if b"/nfc/" not in answer:
            return answer
        self.vcenter.learn_devices(answer)
        lives = b"<leaseTimeout>%d</leaseTimeout>" % max(1, int(self.world.switches["lease_seconds"]))
        answer = LEASE_TIMEOUT.sub(lives, answer)
        host, thumbprint = self.vcenter.sddc.esxi_address, self.vcenter.thumbprint
        target = rb"<url>https://%s:%d\1</url><sslThumbprint>%s</sslThumbprint>" % (
            host.encode(),
            PORT,
            thumbprint.encode(),
        )
        if self.world.switches["nfc_url_host"] == "*":
            target = rb"<url>https://*:%d\1</url>" % PORT
        return DEVICE_URL.sub(target, answer)


FORWARDED = {
    "Content-Type": "CONTENT_TYPE",
    "SOAPAction": "HTTP_SOAPACTION",
    "Cookie": "HTTP_COOKIE",
    "User-Agent": "HTTP_USER_AGENT",
}


def _fault(fault: str, message: str, **fields):
    return 500, [("Content-Type", XML)], soap.fault(fault, message, **fields)
