# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lab's DNS servers answer, as messages and over the wire."""

from __future__ import annotations

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest
from lab import breaks, resolvers
from lab.world import Fault
from unit.lab.test_physics import ENIS, NAME, Aws

SERVER, OTHER = "127.64.0.53", "127.64.0.54"
VCENTER = "vcenter.lab.lab"


@pytest.fixture
def open_world(world):
    world.aws = Aws()
    return world


def said(world, name, kind="A", server=SERVER):
    """The code and the addresses, or None."""
    asked = dns.message.make_query(name, kind)
    answer = resolvers.reply(world, server, asked.to_wire())
    if answer is None:
        return None
    assert answer.id == asked.id
    return dns.rcode.to_text(answer.rcode()), sorted(record.address for rrset in answer.answer for record in rrset)


def test_names_lead_to_what_is_there(open_world):
    assert resolvers.servers(open_world) == [SERVER, OTHER]
    assert said(open_world, NAME.upper()) == ("NOERROR", ENIS)
    assert said(open_world, VCENTER) == ("NOERROR", ["127.64.16.4"])
    assert said(open_world, "esx-1.sddc.lab") == ("NOERROR", ["127.64.16.21"])
    assert said(open_world, NAME, "AAAA") == ("NOERROR", [])
    assert said(open_world, "nobody.lab") == ("NXDOMAIN", [])


def test_vcenter_is_found_where_its_name_leads(open_world):
    breaks.publish_vcenter_name(open_world)
    assert said(open_world, VCENTER) == ("NOERROR", ["192.0.2.10"])


@pytest.mark.parametrize(
    ("how", "private", "public"),
    [
        ("drops private answers", ("NOERROR", []), ("NOERROR", ["192.0.2.10"])),
        ("cannot recurse", ("REFUSED", []), ("REFUSED", [])),
        ("is off", None, None),
    ],
)
def test_a_broken_server_answers_accordingly_and_the_other_one_as_before(open_world, how, private, public):
    breaks.break_dns(open_world, SERVER, how)
    assert said(open_world, NAME) == private
    assert said(open_world, NAME, server=OTHER) == ("NOERROR", ENIS)
    breaks.publish_vcenter_name(open_world)
    assert said(open_world, VCENTER) == public
    breaks.mend_dns(open_world, SERVER)
    assert said(open_world, NAME) == ("NOERROR", ENIS)


@pytest.mark.parametrize(("kind", "answer"), [("500", ("SERVFAIL", [])), ("403", ("REFUSED", [])), ("hang", None)])
def test_faults_hit_and_every_question_is_in_the_journal(open_world, kind, answer):
    open_world.faults.append(Fault(kind, service="dns"))
    assert said(open_world, NAME) == answer
    assert said(open_world, NAME) == ("NOERROR", ENIS)
    calls = [(call.service, call.kind, call.detail) for call in open_world.journal]
    assert calls == [("dns", "read", kind), ("dns", "read", "")]


@pytest.fixture
def listening(open_world, monkeypatch):
    """A server on ports of its own, which the kernel gives it; UDP and TCP."""
    monkeypatch.setattr(resolvers, "PORT", 0)
    found = resolvers.serve(open_world, "127.0.0.1")
    yield [server.server_address[1] for server in found]
    for server in found:
        server.shutdown()
        server.server_close()


def test_it_answers_over_udp_and_tcp(listening):
    udp, tcp = listening
    asked = dns.message.make_query(NAME, "A")
    for answer in (
        dns.query.udp(asked, "127.0.0.1", port=udp, timeout=5),
        dns.query.tcp(asked, "127.0.0.1", port=tcp, timeout=5),
    ):
        assert sorted(record.address for record in answer.answer[0]) == ENIS


def test_what_does_not_fit_a_datagram_is_cut_short(listening, monkeypatch):
    many = [f"10.0.{high}.{low}" for high in range(2) for low in range(100)]
    monkeypatch.setattr(resolvers, "addresses", lambda world, name: many)
    udp, tcp = listening
    asked = dns.message.make_query(NAME, "A")
    with pytest.raises(dns.message.Truncated):
        dns.query.udp(asked, "127.0.0.1", port=udp, timeout=5, raise_on_truncation=True)
    assert len(dns.query.tcp(asked, "127.0.0.1", port=tcp, timeout=5).answer[0]) == 200


def test_what_is_no_question_is_not_answered(listening, open_world):
    udp, _tcp = listening
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(_Nonsense(), "127.0.0.1", port=udp, timeout=0.5)


class _Nonsense(dns.message.Message):
    def to_wire(self, *args, **kwargs):
        return b"hello"
