# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import dns as client
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.dns import Dns, checked_names
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error, Invalid

NAME = "vcenter.example"
SERVER = "10.1.0.53"


class Servers:
    """What is answered to each question, by server, name and kind. A list is used up, one for each time that it is asked for."""

    def __init__(self):
        self.said: dict = {}
        self.asked: list = []

    def says(self, *records, code="NOERROR", name=NAME, kind="A", server=SERVER):
        self.said.setdefault((server, name, kind), []).append((records, code))

    def fails(self, error, *, kind="A", server=SERVER):
        self.said.setdefault((server, NAME, kind), []).append(error)

    def udp_with_fallback(self, question, where, timeout=None, port=53, ignore_unexpected=False):
        assert (timeout, port, ignore_unexpected) == (3, 5353, True)
        assert question.flags & dns.flags.RD
        (asked,) = question.question
        key = (where, asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype))
        self.asked.append(key)
        found = self.said.get(key) or [((), "NOERROR")]
        said = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(said, Exception):
            raise said
        records, code = said
        answer = dns.message.make_response(question)
        answer.set_rcode(dns.rcode.from_text(code))
        answer.answer += [dns.rrset.from_text(name, 60, "IN", kind, *values) for name, kind, *values in records]
        return dns.message.from_wire(answer.to_wire()), False


@pytest.fixture
def servers(monkeypatch):
    servers = Servers()
    monkeypatch.setattr(client.dns.query, "udp_with_fallback", servers.udp_with_fallback)
    return servers


def ask(servers=(SERVER,), names=(NAME,)):
    return Dns(5353, 3).answers(list(servers), list(names))


def test_addresses_of_both_kinds_are_given(servers):
    servers.says((f"{NAME}.", "A", "10.0.0.5", "10.0.0.4"))
    servers.says((f"{NAME}.", "AAAA", "fd00::4"), kind="AAAA")
    addresses = ["10.0.0.4", "10.0.0.5", "fd00::4"]
    assert ask() == [{"server": SERVER, "name": NAME, "addresses": addresses, "answered": True, "error": ""}]


def test_a_name_that_leads_to_another_one_is_followed(servers):
    servers.says((f"{NAME}.", "CNAME", "other.example."), ("other.example.", "A", "10.0.0.4"))
    assert ask()[0]["addresses"] == ["10.0.0.4"]


def test_a_name_that_leads_to_nothing_is_not_answered(servers):
    servers.says((f"{NAME}.", "CNAME", "other.example."))
    (found,) = ask()
    assert (found["answered"], found["addresses"]) == (False, [])
    assert "held back" in found["error"]


def test_addresses_of_another_name_are_no_answer(servers):
    servers.says(("other.example.", "A", "10.0.0.4"))
    assert not ask()[0]["answered"]


@pytest.mark.parametrize(
    ("code", "says", "times"),
    [
        ("NXDOMAIN", "NXDOMAIN: there is no such name", 1),
        ("REFUSED", "REFUSED: it does not serve", 1),
        ("SERVFAIL", "SERVFAIL: it could not", 2),
        ("NOTIMP", "NOTIMP", 1),
    ],
)
def test_a_refusal_is_told_in_words_and_ends_the_matter(servers, code, says, times):
    servers.says(code=code)
    (found,) = ask()
    assert not found["answered"]
    assert found["error"].startswith(says)
    assert servers.asked == [(SERVER, NAME, "A")] * times


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (dns.exception.Timeout(), "no answer in time"),
        (ConnectionRefusedError(111, "Connection refused"), "no connection: Connection refused"),
        (EOFError("EOF"), "no connection: EOF"),
    ],
)
def test_what_gets_lost_is_asked_for_twice(servers, error, says):
    servers.fails(error)
    assert ask()[0]["error"] == says
    assert len(servers.asked) == 2

    servers.said.clear()
    servers.fails(error)
    servers.says((f"{NAME}.", "A", "10.0.0.4"))
    assert ask()[0]["answered"]


def test_what_is_no_answer_is_told(servers):
    servers.fails(dns.exception.FormError("A DNS message is malformed."))
    assert ask()[0]["error"] == "an answer that makes no sense: A DNS message is malformed."


def test_a_server_that_chokes_on_ipv6_still_answers(servers):
    servers.says((f"{NAME}.", "A", "10.0.0.4"))
    servers.fails(dns.exception.Timeout(), kind="AAAA")
    (found,) = ask()
    assert (found["answered"], found["addresses"], found["error"]) == (True, ["10.0.0.4"], "")


def test_one_that_has_ipv6_only_answers(servers):
    servers.says((f"{NAME}.", "AAAA", "fd00::4"), kind="AAAA")
    assert ask()[0]["addresses"] == ["fd00::4"]


def test_each_server_answers_for_itself_and_in_order(servers):
    for last in range(53, 73):
        server = f"10.1.0.{last}"
        servers.says((f"{NAME}.", "A", server), server=server)
    servers.says(code="NXDOMAIN", name="b.example")
    found = ask([f"10.1.0.{last}" for last in range(53, 73)] + [SERVER], [NAME, "b.example", NAME])
    asked = [(f"10.1.0.{last}", name) for last in range(53, 73) for name in (NAME, "b.example")]
    assert [(each["server"], each["name"]) for each in found] == asked
    assert [each["addresses"] for each in found] == [[s] if name == NAME else [] for s, name in asked]


@pytest.mark.parametrize(
    ("option", "arguments"),
    [
        ("servers", {"servers": []}),
        ("servers", {"servers": [SERVER, "dns.example"]}),
        ("names", {"names": []}),
        ("names", {"names": ["10.0.0.4"]}),
        ("names", {"names": ["fd00::4"]}),
        ("names", {"names": ["two words"]}),
        ("names", {"names": ["a..b"]}),
        ("names", {"names": ["x" * 64 + ".example"]}),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is(servers, option, arguments):
    with pytest.raises(Invalid, match=f"^{option}: "):
        ask(**arguments)
    assert servers.asked == []


@pytest.mark.parametrize(("port", "timeout", "option"), [(0, 5, "port"), (65536, 5, "port"), (53, 0, "timeout")])
def test_a_port_or_a_time_that_cannot_be_is_refused(port, timeout, option):
    with pytest.raises(Invalid, match=f"^{option}: "):
        Dns(port, timeout)


def test_names_in_any_form_that_dns_knows_are_taken():
    names = ["vcenter", "a_b.example", "vcenter.sddc-1-2-3-4.vmwarevmc.com.", "7.example"]
    assert checked_names(names) == names


def test_a_library_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(client, "dns", None)
    with pytest.raises(Error, match="dnspython"):
        Dns(53, 5)
