# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import left_open, vsphere
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.soap import Broken
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.vsphere import (
    Vsphere,
    failure,
    step,
    words,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    ApiError,
    BadCredentials,
    Conflict,
    Denied,
    Invalid,
    NotWhole,
)
from pyVmomi import vim, vmodl

PARAMS = {"hostname": "vcenter", "port": 443, "username": "cloudadmin@vmc.local", "password": "secret-word"}
MACHINE = vim.VirtualMachine("vm-1", None)


class Session(Vsphere):
    """A client that is logged in to canned answers."""

    def __init__(self, *answers):
        super().__init__(PARAMS)
        self.answers = list(answers)
        self.asked = []
        self._content = self

    searchIndex = propertyCollector = viewManager = property(lambda self: self)

    def __getattr__(self, method):
        def answer(*arguments):
            self.asked.append((method, *arguments))
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return answer


def page(item, values=(), *, missing=(), token=None):
    result = vmodl.query.PropertyCollector.RetrieveResult
    content = vmodl.query.PropertyCollector.ObjectContent(
        obj=item,
        propSet=[vmodl.DynamicProperty(name=name, val=value) for name, value in dict(values).items()],
        missingSet=[vmodl.query.PropertyCollector.MissingProperty(path=path, fault=fault) for path, fault in missing],
    )
    return result(objects=[content], token=token)


def test_pages_are_read_to_the_end():
    session = Session(page(MACHINE, {"name": "gw"}, token="more"), page(MACHINE, {"config.annotation": "x"}))
    assert session.read(MACHINE, {vim.VirtualMachine: ["name"]}) == {MACHINE: {"name": "gw", "config.annotation": "x"}}
    assert [call[0] for call in session.asked] == ["RetrievePropertiesEx", "ContinueRetrievePropertiesEx"]


@pytest.mark.parametrize(
    ("told", "version"),
    [("6.7.3", (6, 7, 3)), ("7.0.2.0", (7, 0, 2, 0)), ("8.0.10.0", (8, 0, 10, 0)), ("8.0.3.x", (8, 0, 3))],
)
def test_a_version_is_compared_by_its_numbers(told, version):
    session = Session()
    session.about = SimpleNamespace(apiVersion=told)
    assert session.api_version == version


def test_what_is_gone_is_left_out():
    assert Session(vmodl.fault.ManagedObjectNotFound()).read(MACHINE, {vim.VirtualMachine: ["name"]}) == {}


def test_a_property_that_may_not_be_read_is_not_an_absent_one():
    refused = [("config.extraConfig", vim.fault.NoPermission(privilegeId="System.Read", object=MACHINE))]
    with pytest.raises(Denied, match="System.Read on vm-1"):
        Session(page(MACHINE, missing=refused)).read(MACHINE, {vim.VirtualMachine: ["config.extraConfig"]})


def test_a_task_gives_its_result():
    task = vim.Task("task-1", None)
    session = Session(task, page(task, {"info": vim.TaskInfo(state="success", result="done")}))
    assert session.task(session, "PowerOnVM_Task", attempted="power on gw") == "done"


def test_a_task_that_failed_says_why():
    task = vim.Task("task-1", None)
    failed = vim.TaskInfo(state="error", error=vim.fault.InsufficientResourcesFault(msg="The host has no memory left."))
    session = Session(task, page(task, {"info": failed}))
    with pytest.raises(ApiError, match=r"^Could not power on gw: vCenter PowerOnVM_Task: The host has no memory left$"):
        session.task(session, "PowerOnVM_Task", attempted="power on gw")


def test_removing_what_is_gone_is_fine():
    session = Session(vmodl.fault.ManagedObjectNotFound())
    assert session.task(session, "Destroy_Task", attempted="remove gw", missing=True) is None


@pytest.mark.parametrize("option", ["username", "password"])
def test_what_cannot_be_sent_is_refused_before_a_login_is_spent(option):
    with pytest.raises(Invalid, match=f"^{option}: holds a control character") as caught:
        Vsphere({**PARAMS, option: "secret-word\n"})
    assert "secret-word" not in str(caught.value)


def test_a_session_is_masked(monkeypatch, masked):
    stub = SimpleNamespace(cookie='vmware_soap_session="wJ7kq2Vn5mZr8Tt1"; Path=/; HttpOnly; Secure;')
    monkeypatch.setattr(vsphere, "log_in", lambda **_options: (SimpleNamespace(_stub=stub), None))
    monkeypatch.setattr(Vsphere, "_probe", lambda self: None)
    monkeypatch.setattr("atexit.register", lambda *_call: None)
    assert Vsphere(PARAMS).content is None
    assert "wJ7kq2Vn5mZr8Tt1" in masked


def logged_in(monkeypatch, log_out):
    """What is left open after a login, and after what is done at the end."""
    stub = SimpleNamespace(cookie='vmware_soap_session="a"; Path=/')
    monkeypatch.setattr(vsphere, "log_in", lambda **_options: (SimpleNamespace(_stub=stub), None))
    monkeypatch.setattr(vsphere, "log_out", log_out)
    monkeypatch.setattr(Vsphere, "_probe", lambda self: None)
    at_exit = []
    monkeypatch.setattr("atexit.register", lambda *call: at_exit.append(call))
    with left_open.noted() as notes:
        assert Vsphere({**PARAMS, "proxy_host": "proxy", "proxy_port": 3128}).content is None
        opened = left_open.left(notes)
        [(leave, *arguments)] = at_exit
        leave(*arguments)
        return opened, left_open.left(notes)


def test_a_list_takes_two_calls_and_its_view_ends_with_the_session():
    view = vim.view.ContainerView("view-1", None)
    session = Session(view, page(MACHINE, {"name": "gw"}))
    assert session.all(vim.VirtualMachine, None, ["name"]) == {MACHINE: {"name": "gw"}}
    assert [call[0] for call in session.asked] == ["CreateContainerView", "RetrievePropertiesEx"]


def test_a_session_is_noted_until_it_is_closed(monkeypatch):
    [opened], after = logged_in(monkeypatch, lambda content: None)
    assert (opened.host, opened.port, opened.proxy, opened.path) == ("vcenter", 443, ["proxy", 3128], "/sdk")
    assert opened.headers["Cookie"] == 'vmware_soap_session="a"; Path=/'
    assert "<Logout " in opened.body
    assert after == []


@pytest.mark.parametrize("error", [vim.fault.NoPermission(), OSError("gone"), Broken("cut"), TypeError("odd")])
def test_a_logout_that_fails_fails_nothing_and_stays_noted(monkeypatch, error):
    def fail(_content):
        raise error

    opened, after = logged_in(monkeypatch, fail)
    assert after == opened


def test_a_refused_login_is_never_sent_again(monkeypatch):
    tried = []

    def refuse(**options):
        tried.append(options["user"])
        raise vim.fault.InvalidLogin()

    monkeypatch.setattr(vsphere, "log_in", refuse)
    monkeypatch.setattr(Vsphere, "_probe", lambda self: None)
    client = Vsphere(PARAMS)
    for _attempt in range(2):
        with pytest.raises(BadCredentials) as caught:
            client.find("/")
    assert tried == ["cloudadmin@vmc.local"]
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "kind", "busy"),
    [
        (vim.fault.DuplicateName(), Conflict, False),
        (vim.fault.InvalidPowerState(), Conflict, False),
        (vim.fault.TaskInProgress(), Conflict, True),
        (vim.fault.MethodDisabled(), Conflict, True),
        (vim.fault.NoPermission(privilegeId="VApp.Import", object=MACHINE), Denied, None),
        (vim.fault.NotAuthenticated(privilegeId="System.View", object=MACHINE), ApiError, None),
        (vim.fault.NoDiskSpace(datastore="WorkloadDatastore"), ApiError, None),
    ],
)
def test_each_fault_has_its_meaning(fault, kind, busy):
    error = failure(fault, "do it", "Method")
    assert error.__class__ is kind
    assert getattr(error, "busy", None) is busy


def test_a_fault_without_words_is_called_by_its_name():
    assert words(vim.fault.NoDiskSpace()) == "NoDiskSpace"
    assert words(vim.fault.NotAuthenticated(privilegeId="System.View")) == "the session has ended"


def test_a_ca_bundle_that_is_not_there_is_told_before_any_call():
    with pytest.raises(Invalid) as caught:
        Vsphere({**PARAMS, "ca_bundle": "/nowhere.pem"})
    assert caught.value.option == "ca_bundle"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("hostname", "https://vcenter.example.com"),
        ("hostname", ""),
        ("port", 70000),
        ("proxy_host", "http://proxy.example.com"),
        ("proxy_port", 0),
    ],
)
def test_where_nothing_can_be_is_refused_before_any_call(option, value):
    with pytest.raises(Invalid) as caught:
        Vsphere({**PARAMS, "proxy_host": "proxy.example.com", "proxy_port": 3128, option: value})
    assert caught.value.option == option


def test_a_step_leads_from_one_kind_along_a_property():
    made = step(vim.VirtualMachine, "network")
    assert (made.type, made.path, made.skip) == (vim.VirtualMachine, "network", False)


@pytest.fixture
def _no_pauses(monkeypatch):
    monkeypatch.setattr(wait.time, "sleep", lambda seconds: None)


@pytest.mark.parametrize(
    "broken", [Broken("it is no XML"), TypeError("wJ7kq2Vn5mZr8Tt1"), KeyError("wJ7kq2Vn5mZr8Tt1")]
)
def test_a_read_whose_answer_is_not_whole_is_asked_again_and_then_an_error(broken, _no_pauses):
    assert Session(broken, None).find("/x") is None
    with pytest.raises(
        NotWhole, match="Could not look for /x: vCenter FindByInventoryPath: the answer is not whole"
    ) as caught:
        Session(broken, broken, broken).find("/x")
    assert "wJ7kq2Vn5mZr8Tt1" not in str(caught.value)


def test_a_write_whose_answer_is_not_whole_is_not_sent_again(_no_pauses):
    session = Session(Broken("it is empty"), None)
    with pytest.raises(NotWhole):
        session.call(session, "PowerOnVM_Task", attempted="power on gw")
    assert len(session.asked) == 1


def test_that_an_inventory_is_empty_has_to_be_told():
    class Gone:
        def InvokeMethod(self, *_asked):
            return None

    view = vim.view.ContainerView("view-1", Gone())
    told = Session(view, None, page(view, {"type": []}))
    assert told.all(vim.VirtualMachine, None, ["name"]) == {}
    with pytest.raises(NotWhole, match="Could not list VirtualMachine objects: .* it is empty"):
        Session(view, None, None).all(vim.VirtualMachine, None, ["name"])


def test_an_exchange_has_a_deadline():
    class Dripping:
        def FindByInventoryPath(self, _path):
            for _byte in range(50):
                try:
                    time.sleep(0.1)
                except Exception:
                    pass

    session = Session()
    session.params = {**PARAMS, "exchange_timeout": 0.1}
    with pytest.raises(ApiError, match="Could not look: .* no whole answer within 0.1 seconds"):
        session.call(Dripping(), "FindByInventoryPath", "/x", attempted="look")


def test_a_login_whose_answer_makes_no_sense_is_an_error(monkeypatch):
    def odd(**_options):
        raise AttributeError("'NoneType' object has no attribute 'sessionManager'")

    monkeypatch.setattr(vsphere, "log_in", odd)
    monkeypatch.setattr(Vsphere, "_probe", lambda self: None)
    with pytest.raises(NotWhole, match="Could not log in to vCenter vcenter:443: vCenter Login"):
        Vsphere(PARAMS).find("/")


@pytest.mark.parametrize("cookie", ['a@b="wJ7kq2Vn5mZr8Tt1"', "wJ7kq2Vn5mZr8Tt1"])
def test_a_cookie_that_python_cannot_read_is_masked_as_a_whole(cookie):
    assert vsphere._session(cookie) == [cookie]
