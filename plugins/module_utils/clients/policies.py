# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vCenter's storage policies: a service beside the inventory, which takes the same session."""

from __future__ import annotations

from http.cookies import SimpleCookie

from .soap import Soap
from .vsphere import ANSWER_TIMEOUT, Vsphere

try:
    from pyVmomi import pbm
except ImportError:
    pbm = None

COOKIE = "vmware_soap_session"
VERSION = "pbm.version.version2"
# Categories of what vCenter keeps for itself.
OF_VCENTER = ("RESOURCE", "DATA_SERVICE_POLICY")


class Policies:
    """The policies for storage, and what has which."""

    def __init__(self, client: Vsphere):
        self.client = client
        session = client.content.searchIndex._stub
        self.stub = Soap(
            host=client.host,
            port=client.port,
            path="/pbm",
            version=VERSION,
            sslContext=client.context,
            httpConnectionTimeout=ANSWER_TIMEOUT,
            httpProxyHost=client.proxy[0] if client.proxy else None,
            httpProxyPort=client.proxy[1] if client.proxy else 80,
            requestContext={"vcSessionCookie": SimpleCookie(session.cookie)[COOKIE].value},
            poolSize=0,
        )
        self.stub.cookie = session.cookie
        service = pbm.ServiceInstance("ServiceInstance", self.stub)
        attempted = "reach vCenter's storage policies"
        self.manager = client.call(service, "PbmRetrieveServiceContent", attempted=attempted).profileManager

    def all(self) -> list:
        """Every policy that a machine can be given."""
        kind = pbm.profile.ResourceType(resourceType="STORAGE")
        found = self._call("PbmQueryProfile", kind, None, attempted="list the storage policies")
        policies = self._call("PbmRetrieveContent", found, attempted="read the storage policies") if found else []
        return [policy for policy in policies if getattr(policy, "profileCategory", None) not in OF_VCENTER]

    def of(self, kind: str, key: str) -> list:
        """The ids of the policies that a machine (``virtualMachine``, its id) or a disk (``virtualDiskId``, ``machine:key``) has."""
        entity = pbm.ServerObjectRef(objectType=kind, key=key)
        found = self._call("PbmQueryAssociatedProfile", entity, attempted=f"read the storage policy of {key}")
        return [profile.uniqueId for profile in found]

    def _call(self, method, *arguments, attempted):
        return self.client.call(self.manager, method, *arguments, attempted=attempted)
