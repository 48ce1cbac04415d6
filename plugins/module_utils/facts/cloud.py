# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMware Cloud and the NSX of an SDDC for who only looks: one session each, and nothing is asked twice."""

from __future__ import annotations

import functools

from ..clients.csp import csp_client
from ..clients.nsx import Nsx, nsx_client, proxied_url
from ..clients.vmc import Vmc, vmc_client


class Cloud:
    """The clients that the options name, each made when it is first used."""

    def __init__(self, params: dict):
        self.params = params

    @functools.cached_property
    def csp(self):
        """The identity in VMware Cloud; ``None`` where NSX knows its own users."""
        return None if self.params["nsx_auth"] == "basic" else csp_client(self.params)

    @functools.cached_property
    def vmc(self) -> Vmc:
        return remembering(vmc_client(self.params, self.csp))

    @functools.cached_property
    def nsx(self) -> Nsx:
        params = self.params
        if not params["nsx_url"] and self.csp and params["org_id"] and params["sddc_id"]:
            # The document that says where it is, is needed anyway.
            params = {**params, "nsx_url": proxied_url(self.vmc.sddc(params["sddc_id"]) or {})}
        return remembering(nsx_client(params, self.csp))


def remembering(client):
    """A client whose answers are kept for as long as the module runs."""
    said: dict = {}
    ask = client.request

    def request(method, path, *, params=None, **more):
        key = (method, path, tuple(sorted((params or {}).items())))
        if key not in said:
            said[key] = ask(method, path, params=params, **more)
        return said[key]

    client.request = request
    return client
