# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One lab: its parts on their addresses, and the files that say how to reach it."""

from __future__ import annotations

import json
import os
import pathlib
import secrets
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import yaml
from moto.utilities.utils import get_partition

from . import appliance, certificates, loopback, ova, physics, resolvers, vmc, web
from .aws import Aws, sts, zones
from .control import Control, NotConverged
from .nsx import Nsx
from .vcenter import Vcenter, vcsim_binary
from .world import ACCOUNT, ORG, SHADOW_ACCOUNT, SWITCHES, Sddc, World, identity_of

ROOT = pathlib.Path(__file__).parents[2]
REGION = "eu-west-1"
CONTROL_NODE = "127.0.0.1/32"
PORTS = {"control": 9000, "aws": 9001, "vmc": 9002, "tls": 9443}


class Lab:
    """All parts in this process, but for the vcsim of each SDDC."""

    SEEDS = ("empty", "prepared", "converged")

    def __init__(
        self,
        directory: pathlib.Path,
        *,
        sddcs: int,
        vms: int,
        seed: str,
        region: str = REGION,
        one_management: bool = False,
        tell=print,
    ):
        self.directory = directory
        self.region = region
        self.one_management = one_management
        self.tell = tell
        self.binary = vcsim_binary()
        self.claim, block = loopback.claim()
        self.world = World(block=block, seed=seed, sddcs=sddcs, vms=vms)
        self.finished = threading.Event()
        self.authority = certificates.authority()
        self.credentials = {
            "access_key": f"AKIA{secrets.token_hex(8).upper()}",
            "secret_key": secrets.token_urlsafe(30),
        }
        self.servers: list = []
        self.pages = appliance.Pages(self.world)
        self._build()

    @property
    def address(self) -> str:
        return f"127.{self.world.block}.0.1"

    def _build(self):
        world, region = self.world, self.region
        zone, zone_id = next(iter(zones.of(SHADOW_ACCOUNT, region).items()))
        for number in range(world.options["sddcs"]):
            identity, prefix = identity_of(number), f"127.{world.block}.{16 * number + 16}"
            management = f"127.{world.block}.16" if self.one_management else ""
            world.sddcs[identity] = Sddc(
                number, identity, f"sddc-{number + 1}", region, zone, zone_id, prefix, management
            )
        vmc.Vmc(world)
        world.aws = Aws(world)
        world.aws.app.credentials = {self.credentials["access_key"]: self.credentials["secret_key"]}
        world.aws.seed(opt_in=world.seed != "empty")
        for sddc in world.sddcs.values():
            sddc.nsx = Nsx(world, sddc)
            sddc.nsx.reset(self._nsx_seed())
            place = self.directory / "vcenter" / sddc.name
            sddc.vcenter = Vcenter(world, sddc, self.binary, directory=place)
            sddc.vcenter.when_changed = lambda vcenter=sddc.vcenter: self.pages.sync(vcenter)
            sddc.nsx.when_allotted = lambda sddc=sddc: self.pages.sync_public(sddc)

    def _nsx_seed(self) -> str:
        return "empty" if self.world.seed == "empty" else "prepared"

    # Life

    def start(self):
        self.tell("starting vCenter" + ("" if len(self.world.sddcs) == 1 else f" of {len(self.world.sddcs)} SDDCs"))
        self._each_vcenter("start")
        self._serve()
        self._write()
        self._converge()
        self._write_endpoints()

    def stop(self):
        self.world.stopping.set()
        (self.directory / "endpoints.json").unlink(missing_ok=True)
        for server in self.servers:
            server.shutdown()
            server.server_close()
        for sddc in self.world.sddcs.values():
            sddc.vcenter.stop()
        self.claim.close()

    def reset(self, seed: str) -> dict:
        """Back to a seed, with the same addresses and secrets."""
        world = self.world
        with world.lock:
            world.seed, world.ahead = seed, 0.0
            world.faults.clear()
            world.lag.forget()
            world.switches.clear()
            world.switches.update(SWITCHES)
        for sddc in world.sddcs.values():
            sddc.on_premises, sddc.reservations = False, {}
            sddc.hides_appliances, sddc.learned_routes = False, []
            world.deploy(sddc, 0)
        world.vmc.reset()
        world.aws.reset()
        world.aws.seed(opt_in=seed != "empty")
        for sddc in world.sddcs.values():
            sddc.nsx.reset(self._nsx_seed())
        self._each_vcenter("reset")
        self._converge()
        with world.lock:
            world.journal.clear()
        return self.state()

    def state(self) -> dict:
        return {
            "state_dir": str(self.directory),
            "pid": os.getpid(),
            "seed": self.world.seed,
            "sddcs": [
                {
                    "name": sddc.name,
                    "id": sddc.id,
                    "vcenter_instance_uuid": sddc.vcenter.about_uuid,
                    "nsx_url": self._nsx_url(sddc),
                    "appliances": [vars(one) for one in sddc.vcenter.appliances()],
                    "connected_vpc": sddc.connected_vpc,
                    "out_of_reach": physics.out_of_reach(self.world, sddc),
                }
                for sddc in self.world.sddcs.values()
            ],
        }

    def _each_vcenter(self, verb):
        vcenters = [sddc.vcenter for sddc in self.world.sddcs.values()]
        with ThreadPoolExecutor(len(vcenters)) as pool:
            list(pool.map(lambda vcenter: getattr(vcenter, verb)(), vcenters))

    def _converge(self):
        """The seed `converged` is what site.yml makes of `prepared`, so it is made by site.yml."""
        if self.world.seed != "converged":
            return
        self.tell("running site.yml once")
        playbook = pathlib.Path(sys.executable).with_name("ansible-playbook")
        command = [str(playbook), "playbooks/site.yml", "-i", str(self.directory / "inventory.yml")]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if run.returncode:
            raise NotConverged(f"site.yml failed:\n{run.stdout[-4000:]}{run.stderr[-2000:]}")
        self.world.journal.clear()

    def _serve(self):
        world, tls = self.world, self._tls
        own = tls("lab", [self.address])
        self._listen(world.aws.app, self.address, PORTS["aws"])
        self._listen(world.vmc.app, self.address, PORTS["vmc"], tls=own)
        for sddc in world.sddcs.values():
            gone = partial(getattr, sddc, "gone")
            self._listen(sddc.nsx.app, sddc.nsx_address, tls=tls("nsx", [sddc.nsx_address]), gone=gone)
            self._listen(
                sddc.vcenter.app,
                sddc.vcenter_address,
                tls=tls("vcenter", [sddc.vcenter_address]),
                permit=self._permit(sddc, sddc.vcenter_address),
                gone=gone,
            )
            self._listen(
                sddc.vcenter.nfc_app,
                sddc.esxi_address,
                tls=sddc.vcenter.certificate.context(),
                permit=self._permit(sddc, sddc.esxi_address),
                gone=gone,
            )
        for address in resolvers.servers(world):
            self.servers += resolvers.serve(world, address)
        self._listen(Control(self), self.address, PORTS["control"])

    def _listen(self, app, address, port=PORTS["tls"], **options):
        self.servers.append(web.serve(app, address, port, stopping=self.world.stopping, **options))

    def _permit(self, sddc, address):
        return lambda client: physics.control_reaches(self.world, sddc, address, 443)

    def _tls(self, name, addresses):
        return certificates.Certificate(name, addresses=addresses, issuer=self.authority).context()

    # Files

    def _write(self):
        ova.write(self.directory / "appliance.ova")
        (self.directory / "ca.pem").write_text(self.authority.pem)
        text = "---\n" + yaml.safe_dump(self.inventory(), sort_keys=False, width=140)
        _private(self.directory / "inventory.yml", text)

    def _write_endpoints(self):
        _private(self.directory / "endpoints.json", json.dumps(self.endpoints(), indent=2) + "\n")

    def endpoints(self) -> dict:
        return {
            "control": f"http://{self.address}:{PORTS['control']}",
            "aws": f"http://{self.address}:{PORTS['aws']}",
            "csp": f"https://{self.address}:{PORTS['vmc']}",
            "vmc": f"https://{self.address}:{PORTS['vmc']}",
            "region": self.region,
            "account": ACCOUNT,
            "backup_account": {
                "account_id": sts.BACKUP_ACCOUNT,
                "role_arn": sts.role_arn(get_partition(self.region)),
                "external_id": sts.EXTERNAL_ID,
            },
            "org_id": ORG,
            "state_dir": str(self.directory),
            "inventory": str(self.directory / "inventory.yml"),
            "ca": str(self.directory / "ca.pem"),
            "ova": str(self.directory / "appliance.ova"),
            "pid": os.getpid(),
            "seed": self.world.seed,
            "block": self.world.block,
            "dns": {"servers": resolvers.servers(self.world), "port": resolvers.PORT},
            "api_token": vmc.API_TOKEN,
            "client_id": vmc.CLIENT_ID,
            "client_secret": vmc.CLIENT_SECRET,
            **self.credentials,
            "sddcs": [self._sddc(sddc) for sddc in self.world.sddcs.values()],
        }

    def _sddc(self, sddc) -> dict:
        return {
            "name": sddc.name,
            "id": sddc.id,
            "nsx": self._nsx_url(sddc),
            "vcenter": {
                "hostname": sddc.vcenter_address,
                "private_address": sddc.vcenter_private_address,
                "name": sddc.vcenter_name,
                "port": PORTS["tls"],
                "username": sddc.vcenter.username,
                "password": sddc.vcenter.first_password,
            },
            "esxi": sddc.esxi_address,
            "compute_network": f"{sddc.nsx.compute_network}.0/24",
            "vpc_id": sddc.connected_vpc["vpc_id"],
            "subnet_id": sddc.connected_vpc["subnet_id"],
        }

    def _nsx_url(self, sddc) -> str:
        address = f"https://{sddc.nsx_address}:{PORTS['tls']}"
        return f"{address}/vmc/reverse-proxy/api/orgs/{ORG}/sddcs/{sddc.id}/sks-nsxt-manager"

    def inventory(self) -> dict:
        """All that the roles read. Every address is a variable, so that -e puts a proxy in its place."""
        at = self.endpoints()
        hosts = {sddc.name: self._host_variables(sddc) for sddc in self.world.sddcs.values()}
        shared = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "vmc_backup_ca_bundle": at["ca"],
            "vmc_backup_aws_account_id": ACCOUNT,
            "vmc_backup_aws_region": self.region,
            "vmc_backup_aws_access_key": at["access_key"],
            "vmc_backup_aws_secret_key": at["secret_key"],
            "vmc_backup_aws_endpoint_url": at["aws"],
            "vmc_backup_csp_url": at["csp"],
            "vmc_backup_vmc_url": at["vmc"],
            "vmc_backup_org_id": ORG,
            "vmc_backup_api_token": at["api_token"],
            "vmc_backup_ova": at["ova"],
            "vmc_backup_segment": "backup",
            "appliance_tags": {"Owner": "platform-team"},
            "appliance_image_tag_category": "Backup gateway image",
            "vmc_backup_activation_port": appliance.PORT,
            "vmc_backup_control_addresses": [CONTROL_NODE],
            "prerequisites_vcenter_resolution": "enforce",
            "vmc_backup_dns_servers": at["dns"]["servers"],
            "prerequisites_dns_port": at["dns"]["port"],
            "prerequisites_dns_zones": "enforce",
        }
        return {"all": {"children": {"vmc_sddcs": {"vars": shared, "hosts": hosts}}}}

    def _host_variables(self, sddc) -> dict:
        return {
            "vmc_backup_sddc_id": sddc.id,
            "vmc_backup_nsx_url": self._nsx_url(sddc),
            "vmc_backup_vcenter_hostname": sddc.vcenter_address,
            "vmc_backup_vcenter_port": PORTS["tls"],
            "vmc_backup_vcenter_username": sddc.vcenter.username,
            "vmc_backup_vcenter_password": sddc.vcenter.first_password,
            "prerequisites_dns_canaries": [sddc.vcenter_name],
            "vmc_backup_appliances": [{"cluster": "Cluster-1", "addresses": [f"{sddc.nsx.compute_network}.50"]}],
            "prerequisites_segment_gateway_address": f"{sddc.nsx.compute_network}.1/24",
            "prerequisites_segment_dhcp_ranges": [f"{sddc.nsx.compute_network}.100-{sddc.nsx.compute_network}.199"],
        }


def _private(path: pathlib.Path, text: str):
    """Written at once and for its owner only."""
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
