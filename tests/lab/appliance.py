# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The activation page of each powered-on appliance, on the address that it has."""

from __future__ import annotations

import threading
import time
from functools import partial
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from . import physics, web, wire

PORT = 8080  # for 80
PRODUCT = "BACKUP_VM"
MOST_SKEW = 300
CONSOLE = "https://console.aws.amazon.com/backup/home"


class Pages:
    """Listeners come and go with the machines. A page whose appliance is activated gives no answer any more."""

    def __init__(self, world):
        self.world = world
        self.lock = threading.Lock()
        self.listeners: dict[str, tuple] = {}  # address -> (SDDC, id of the machine, server)
        self.public: dict[str, tuple] = {}  # public address -> (SDDC, server)

    def sync(self, vcenter):
        """Listen where the vCenter's machines are now."""
        wanted = {
            one.address: one.moid for one in vcenter.appliances() if one.powered_on and one.address and one.complete
        }
        with self.lock:
            for address, (sddc, moid, server) in list(self.listeners.items()):
                if sddc is vcenter.sddc and wanted.get(address) != moid:
                    del self.listeners[address]
                    server.shutdown()
                    server.server_close()
            for address, moid in wanted.items():
                if address not in self.listeners:
                    self.listeners[address] = (vcenter.sddc, moid, self._serve(vcenter.sddc, address, moid))

    def _serve(self, sddc, address, moid):
        return web.serve(
            partial(self.answer, sddc, moid),
            address,
            PORT,
            permit=lambda client: physics.control_reaches(self.world, sddc, address, 80),
            stopping=self.world.stopping,
        )

    def sync_public(self, sddc):
        """Listen on the public addresses that the SDDC has now, which lead where its NAT rules say."""
        wanted = sddc.nsx.cloud_service.addresses()
        with self.lock:
            for address, (owner, server) in list(self.public.items()):
                if owner is sddc and address not in wanted:
                    del self.public[address]
                    server.shutdown()
                    server.server_close()
            for address in wanted:
                if address not in self.public:
                    self.public[address] = (sddc, self._serve_public(sddc, address))

    def _serve_public(self, sddc, address):
        return web.serve(
            partial(self.forward, sddc, address),
            address,
            PORT,
            permit=lambda client: physics.control_reaches(self.world, sddc, address, 80),
            stopping=self.world.stopping,
        )

    def forward(self, sddc, public, environ, start_response):
        rule = physics.behind(sddc, public, 80)
        inside = rule and self.listeners.get(rule["inside"])
        if not inside:
            wire.reset(environ)
        return self.answer(sddc, inside[1], environ, start_response)

    def answer(self, sddc, moid, environ, start_response):
        started, status = time.time(), 0
        request = Request(environ)
        fault = self.world.fault("appliance", "activation_key")
        try:
            wire.before(fault, environ, self.world)
            appliance = next((one for one in sddc.vcenter.appliances() if one.moid == moid), None)
            if appliance is None or self.activated(appliance):
                wire.reset(environ)
            response = (
                web.faulty(fault, _refuse, request)
                if fault and fault not in wire.AFTER
                else self.page(appliance, request)
            )
            status = response.status_code
            wire.after(fault, environ, self.world, web.parts(response))
            return response(environ, start_response)
        finally:
            self.world.record(
                "appliance", "activation_key", "write", status, started, sddc=sddc.name, detail=fault or ""
            )

    def activated(self, appliance) -> bool:
        """Whether a key of this machine was used. Takes no lock: AWS asks the vCenter while it holds its own."""
        keys = list(self.world.aws.backup_gateway.keys.values())
        return any(key.used and key.instance_uuid == appliance.instance_uuid for key in keys)

    def page(self, appliance, request) -> Response:
        if request.path != "/":
            return Response("", 404)
        region, endpoint = request.args.get("activationRegion", ""), request.args.get("vpcEndpoint")
        obstacle = self.obstacle(appliance, request.args.get("gatewayType"), endpoint)
        if obstacle:
            return self.failure(obstacle)
        key = self.world.aws.issue_key(appliance, region, endpoint)
        if "no_redirect" in request.args:
            return Response(key, content_type="text/plain")
        return Response("", 302, {"Location": f"{CONSOLE}?activationRegion={quote(region)}&activationKey={key}"})

    def obstacle(self, appliance, product, endpoint) -> str | None:
        """What keeps AWS from giving the appliance a key, as an error type."""
        if product != PRODUCT:
            return "INVALID_GATEWAY_TYPE"
        if abs(physics.clock_skew(self.world, appliance)) > MOST_SKEW:
            return "CLOCK_SKEW"
        if endpoint and physics.appliance_reaches_endpoint(self.world, appliance, endpoint):
            return "PRIVATE_LINK_ENDPOINT_UNREACHABLE"
        return None

    def failure(self, error_type) -> Response:
        # How a Backup gateway says so is UNCONFIRMED; a DataSync agent redirects with errorType.
        form = self.world.switches["activation_failure"]
        if form == "redirect":
            return Response("", 302, {"Location": f"{CONSOLE}?errorType={error_type}"})
        return (
            Response("", 504)
            if form == "504"
            else Response(f"Activation failed: {error_type}", content_type="text/plain")
        )


def _refuse(status, text) -> Response:
    return Response(text, status)
