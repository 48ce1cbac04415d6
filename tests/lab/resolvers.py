# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The organisation's DNS servers, on two addresses of the lab: UDP and TCP, answering from the world as it is."""

from __future__ import annotations

import ipaddress
import re
import socketserver
import threading
import time

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

PORT = 9053  # for 53
MOST = 512  # bytes of an answer in one datagram
ESXI_NAME = re.compile(r"esx-\d+\.sddc\.lab")  # as the simulator calls its hosts, all of which have one address
PUBLIC = ipaddress.ip_network("192.0.2.0/24")
FAULTS = {"500": dns.rcode.SERVFAIL, "403": dns.rcode.REFUSED}  # any other: no answer


def servers(world) -> list[str]:
    return [f"127.{world.block}.0.{last}" for last in (53, 54)]


def addresses(world, name: str) -> list[str]:
    """What a name leads to, for a server that nothing is wrong with."""
    found = []
    for sddc in world.sddcs.values():
        config = sddc.vmc["resource_config"]
        if name == sddc.vcenter_name:
            found.append(config["vc_management_ip" if config["dns_with_management_vm_private_ip"] else "vc_public_ip"])
        if ESXI_NAME.fullmatch(name):
            found.append(sddc.esxi_address)
    endpoint = world.aws.endpoint(name)
    return found + (endpoint["eni_addresses"] if endpoint else [])


def resolve(world, server: str, name: str):
    """What a server says to a name: a code and addresses. None where it says nothing."""
    wrong = next((found for sddc in world.sddcs.values() if (found := sddc.nsx.resolvers.get(server))), None)
    if wrong == "cannot recurse":
        return dns.rcode.REFUSED, []
    found = addresses(world, name)
    if wrong == "drops private answers":
        return dns.rcode.NOERROR, [each for each in found if ipaddress.ip_address(each) in PUBLIC]
    if wrong:
        return None
    return (dns.rcode.NOERROR if found else dns.rcode.NXDOMAIN), found


def reply(world, server: str, sent: bytes):
    """The message that answers another one, or None."""
    asked, started = dns.message.from_wire(sent), time.time()
    (question,) = asked.question
    name = question.name.to_text(omit_final_dot=True).lower()
    fault = world.fault("dns", "query")
    said = (FAULTS[fault], []) if fault in FAULTS else None if fault else resolve(world, server, name)
    world.record("dns", "query", "read", 0 if said is None else 200, started, detail=fault or "")
    if said is None:
        return None
    answer = dns.message.make_response(asked, recursion_available=True)
    answer.set_rcode(said[0])
    if said[1] and question.rdtype == dns.rdatatype.A:
        answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", "A", said[1]))
    return answer


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        sent, socket = self.request
        answer = _answer(self.server, sent)
        if answer is not None:
            socket.sendto(answer.to_wire(max_size=MOST, prefer_truncation=True), self.client_address)


class Stream(socketserver.StreamRequestHandler):
    def handle(self):
        length = int.from_bytes(self.rfile.read(2), "big")
        answer = _answer(self.server, self.rfile.read(length))
        if answer is not None:
            self.wfile.write(answer.to_wire(prepend_length=True))
        self.rfile.read()  # the one who asked hangs up


class Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True


class Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True


def serve(world, address: str) -> list:
    """Both of a server's listeners, each in a thread of its own, until shut down."""
    found = [Udp((address, PORT), Datagram), Tcp((address, PORT), Stream)]
    for server in found:
        server.world = world
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    return found


def _answer(server, sent):
    try:
        return reply(server.world, server.server_address[0], sent)
    except (dns.exception.DNSException, ValueError):
        return None
