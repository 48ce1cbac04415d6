# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.policies import Policies
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.vsphere import Vsphere
from pyVmomi import pbm

from ..appliance.storage import policy

PARAMS = {"hostname": "vcenter", "port": 9443, "username": "u", "password": "p"}
SESSION = 'vmware_soap_session="abc-123"; Path=/; HttpOnly; Secure;'


class Session(Vsphere):
    """A client that is logged in, and answers what the test gives it by the name of the method."""

    def __init__(self, cookie=SESSION, **answers):
        super().__init__(PARAMS)
        self._content = SimpleNamespace(searchIndex=SimpleNamespace(_stub=SimpleNamespace(cookie=cookie)))
        manager = pbm.profile.ProfileManager("ProfileManager", None)
        self.answers = {"PbmRetrieveServiceContent": SimpleNamespace(profileManager=manager), **answers}
        self.asked = []

    def call(self, managed, method, *arguments, attempted, missing=False):
        self.asked.append((method, *arguments))
        return self.answers[method]


@pytest.mark.parametrize("cookie", [SESSION, "vmware_soap_session=abc-123; HttpOnly"])
def test_it_goes_on_with_the_session_that_there_is(cookie):
    stub = Policies(Session(cookie)).stub
    assert (stub.host, stub.path, stub.cookie) == ("vcenter:9443", "/pbm", cookie)
    assert stub.requestContext == {"vcSessionCookie": "abc-123"}


def test_what_vcenter_keeps_for_itself_is_no_policy_for_a_machine():
    gold, own = policy("Gold"), policy("compression", category="DATA_SERVICE_POLICY")
    session = Session(PbmQueryProfile=["ids"], PbmRetrieveContent=[gold, own])
    assert Policies(session).all() == [gold]
    assert session.asked[-1] == ("PbmRetrieveContent", ["ids"])


def test_without_policies_none_is_read():
    assert Policies(Session(PbmQueryProfile=[])).all() == []


def test_what_has_a_policy_is_named_by_its_kind():
    session = Session(PbmQueryAssociatedProfile=[pbm.profile.ProfileId(uniqueId="a")])
    assert Policies(session).of("virtualDiskId", "vm-1:2000") == ["a"]
    _method, entity = session.asked[-1]
    assert (entity.objectType, entity.key) == ("virtualDiskId", "vm-1:2000")
