# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOAP as the proxy needs it: what a request asks for, and faults."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>{}</soapenv:Body>\n</soapenv:Envelope>'
)
READ = re.compile(
    "Retrieve|Continue|WaitFor|CheckForUpdates|Query|Find|Fetch|Has|Get|Search|List|Validate|Parse|Current|Login|Logout"
    "|Pbm(Retrieve|Query|Fetch|Check)|Session|Acquire|CreateFilter|CreatePropertyCollector|DestroyProperty|CancelWaitForUpdates|CancelRetrieve"
    "|Create(Container|List|Inventory)View|DestroyView|CreateImportSpec|CreateDescriptor|HttpNfcLeaseGetManifest"
)
FAULT = re.compile(rb"<(?:\w+:)?Fault>")
MISSING_METHOD = re.compile(rb'xsi:type="(?:\w+:)?MethodNotFound"')


@dataclass
class Request:
    """One SOAP call."""

    operation: str
    this_type: str
    this: str
    body: ElementTree.Element

    @property
    def kind(self) -> str:
        return "read" if READ.match(self.operation) else "write"

    def text(self, *names: str) -> str:
        """The text of the first element of that name, wherever it is; of more names, each inside the one before."""
        place = self.body
        for name in names:
            place = next((element for element in place.iter() if _local(element.tag) == name), ())
            if not isinstance(place, ElementTree.Element):
                return ""
        return place.text or ""

    def policies(self) -> dict[str, str]:
        """The storage policies that the call gives: to the home of a machine under an empty text, to disks under their keys."""
        found = {}
        for element in self.body.iter():
            names = {_local(child.tag): child for child in element}
            profile = names.get("profile") if _local(element.tag) == "deviceChange" else names.get("vmProfile")
            identifier = None if profile is None else next(iter(_inside(profile, "profileId")), None)
            if identifier is not None:
                key = next(iter(_inside(names["device"], "key"))).text if "device" in names else ""
                found[key] = identifier.text
        return found

    def structures(self, name: str) -> list[dict[str, str]]:
        """The elements of that name, each as the texts of its fields."""
        return [{_local(child.tag): child.text or "" for child in each} for each in _inside(self.body, name)]

    def pairs(self, name: str) -> dict[str, str]:
        """The key-value pairs of that name, like ``propertyMapping``, which are the OVF properties that a deployment is given."""
        return {pair["key"]: pair["value"] for pair in self.structures(name)}

    def edited_properties(self) -> list[dict]:
        """The OVF properties that a call changes, field by field."""
        configs = _inside(self.body, "vAppConfig")
        return [
            {_local(field.tag): field.text or "" for field in info}
            for config in configs
            for info in _inside(config, "info")
        ]

    def references(self) -> set[str]:
        """The values of all leaf elements, among which are the objects the call names."""
        return {element.text for element in self.body.iter() if len(element) == 0 and element.text}


def parse(content: bytes) -> Request:
    """The call in a SOAP envelope. ElementTree.ParseError or ValueError when there is none."""
    root = ElementTree.fromstring(content)
    for element in root:
        if _local(element.tag) == "Body" and len(element):
            call = element[0]
            this = next((child for child in call if _local(child.tag) == "_this"), None)
            if this is not None:
                return Request(_local(call.tag), this.get("type", ""), this.text or "", call)
    raise ValueError("no call in the envelope")


def login(this: str, username: str, password: str) -> bytes:
    call = (
        f'<Login xmlns="urn:vim25"><_this type="SessionManager">{escape(this)}</_this>'
        f"<userName>{escape(username)}</userName><password>{escape(password)}</password></Login>"
    )
    return ENVELOPE.format(call).encode()


def fault(name: str, message: str, /, **fields) -> bytes:
    """The answer that carries a fault of vim25; a field given as (type, id) is a reference."""
    inner = ""
    for key, value in fields.items():
        kind, text = value if isinstance(value, tuple) else (None, value)
        inner += f"<{key} type={quoteattr(kind)}>" if kind else f"<{key}>"
        inner += f"{escape(text)}</{key}>"
    detail = f'<{name}Fault xmlns="urn:vim25" xsi:type="{name}">{inner}</{name}Fault>'
    return ENVELOPE.format(
        f"<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>{escape(message)}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault>"
    ).encode()


def retrieved(objects: dict) -> bytes:
    """What a property collector says: (type, id) -> property -> (type, inner XML)."""
    told = ""
    for (kind, moid), properties in objects.items():
        told += f'<objects><obj type="{kind}">{escape(moid)}</obj>'
        for name, (of, value) in sorted(properties.items()):
            told += f'<propSet><name>{name}</name><val xsi:type="{of}">{value}</val></propSet>'
        told += "</objects>"
    return answer("RetrievePropertiesEx", f"<returnval>{told}</returnval>")


def answer(operation: str, inner: str = "") -> bytes:
    return ENVELOPE.format(f'<{operation}Response xmlns="urn:vim25">{inner}</{operation}Response>').encode()


def fault_of(name: str, message: str, **fields) -> str:
    """A LocalizedMethodFault, as a property."""
    inner = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in fields.items())
    return f'<fault xsi:type="{name}">{inner}</fault><localizedMessage>{escape(message)}</localizedMessage>'


def failed(answer: bytes) -> bool:
    return FAULT.search(answer) is not None


def unknown(answer: bytes) -> bool:
    """Whether the simulator has no such operation."""
    return MISSING_METHOD.search(answer) is not None


def returned(answer: bytes) -> str:
    """The object that a call answers with."""
    found = re.search(rb"<returnval[^>]*>([^<]+)</returnval>", answer)
    return found[1].decode() if found else ""


def properties(descriptor: str) -> list[dict]:
    """The OVF properties in a descriptor, as vCenter keeps them."""
    found = []
    for section in _inside(ElementTree.fromstring(descriptor.encode()), "ProductSection"):
        of = {_local(key): value for key, value in section.attrib.items()}
        for element in _inside(section, "Property"):
            said = {_local(key): value for key, value in element.attrib.items()}
            found.append(
                {
                    "key": len(found),
                    "classId": of.get("class", ""),
                    "instanceId": of.get("instance", ""),
                    "id": said["key"],
                    "type": "password" if said.get("password") == "true" else said.get("type", "string"),
                    "userConfigurable": said.get("userConfigurable") == "true",
                    "defaultValue": said.get("value", ""),
                    "value": "",
                }
            )
    return found


def property_name(info: dict) -> str:
    return ".".join(part for part in (info.get("classId"), info["id"], info.get("instanceId")) if part)


def _inside(element, name: str) -> list:
    return [child for child in element.iter() if _local(child.tag) == name]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
