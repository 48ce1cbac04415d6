# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import machine as machines
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import properties
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.image.ovf import Property
from pyVmomi import vim

from .vcenter import MACHINE, Vcenter, machine

KNOWN = {
    "hostname": Property("hostname", "gateway", False, True),
    "root": Property("root", "", True, True),
    "vendor": Property("vendor", "AWS", False, False),
}


def info(name, value="", *, default="", kind="string", of=None):
    return vim.vApp.PropertyInfo(key=1, id=name, classId=of, value=value, defaultValue=default, type=kind)


def raw(*infos):
    return machines.fetch(Vcenter(**machine(**{"config.vAppConfig.property": list(infos)})), [MACHINE])[MACHINE]


def test_values_become_text():
    given = {"properties": {"a": True, "b": 3, "c": "x"}}
    assert properties.texts("properties", given) == {"a": "True", "b": "3", "c": "x"}
    assert properties.texts("properties", {}) is None


@pytest.mark.parametrize("value", [None, ["x"], {"x": 1}])
def test_a_value_that_is_no_text_is_refused(value):
    with pytest.raises(Invalid, match="a must be text"):
        properties.texts("properties", {"properties": {"a": value}})


@pytest.mark.parametrize("option", ["properties", "secret_properties"])
def test_a_value_that_xml_cannot_carry_is_refused_without_it(option):
    with pytest.raises(Invalid, match=f"{option}: a must not hold control characters") as caught:
        properties.texts(option, {option: {"a": "secret-word\x00", "b": "line\n"}})
    assert "secret-word" not in str(caught.value)


def test_a_deployment_has_the_defaults_and_what_was_asked_for_and_no_password():
    wanted = properties.wanted_first(KNOWN, {"hostname": "gw-1"}, {"root": "secret-word"})
    assert wanted == {"properties": {"hostname": "gw-1", "vendor": "AWS"}}
    assert properties.wanted_first(KNOWN, None, {"root": "secret-word"}) == {}


@pytest.mark.parametrize(
    ("asked", "secrets", "option", "says"),
    [
        ({"color": "x"}, None, "properties", "no property color; it has: hostname, root, vendor"),
        ({"vendor": "x"}, None, "properties", "lets nobody set vendor"),
        ({"root": "secret-word"}, None, "properties", "belongs in secret_properties"),
        (None, {"hostname": "secret-word"}, "secret_properties", "belongs in properties"),
        (None, {"color": "secret-word"}, "secret_properties", "no property color"),
    ],
)
def test_what_the_image_does_not_take_is_refused_without_its_value(asked, secrets, option, says):
    with pytest.raises(Invalid, match=says) as caught:
        properties.wanted_first(KNOWN, asked, secrets)
    assert caught.value.option == option
    assert "secret-word" not in str(caught.value)


def test_those_that_are_not_named_keep_their_values():
    assert properties.wanted({"a": "1", "b": "2"}, {"b": "3"}) == {"properties": {"a": "1", "b": "3"}}
    assert properties.wanted({"a": "1"}, None) == {}
    with pytest.raises(Invalid, match="no property c; it has: a"):
        properties.wanted({"a": "1"}, {"c": "3"})


def test_a_machine_shows_values_or_defaults_and_no_password():
    found = raw(
        info("a", "1"), info("b", default="2"), info("c", "secret-word", kind="password(8..)"), info("d", of="net")
    )
    assert properties.seen(found) == {"a": "1", "b": "2", "net.d": ""}
    assert properties.seen(raw()) == {}


def test_only_what_differs_is_written():
    found = raw(info("a", "1"), info("b", "2"))
    edits = properties.spec(found, {"a": "1", "b": "3"}).property
    assert [(edit.operation, edit.info.id, edit.info.value) for edit in edits] == [("edit", "b", "3")]
