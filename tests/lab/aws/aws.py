# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWS side of the world: one object with a WSGI app, a reset, a seed, and the looks that physics takes."""

from __future__ import annotations

import threading

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.ec2.models import ec2_backends
from moto.utilities.utils import get_partition

from .. import world as lab_world
from . import network, sts
from .backup import Backup
from .backup_gateway import BackupGateway
from .ec2 import Ec2
from .kms import Kms
from .organizations import Organizations
from .router import Router
from .tagged import Tagged


class Aws:
    """Moto keeps its state per process, so one lab per process."""

    def __init__(self, world, *, physics=None):
        self.world = world
        self.lock = threading.RLock()  # never the world's: physics calls other parts while this one is held
        self.physics = physics
        self.app = Router(world, {}, self.lock)
        self.reset()

    def reset(self):
        """Back to accounts with nothing in them."""
        with self.lock:
            BackendDict.reset()
            reset_model_data()
            self.app.access.attached.clear()
            self.ec2 = Ec2(self.world)
            self.backup_gateway = BackupGateway(self.world, self.lock, self.physics)
            self.backup = Backup(self.world, self.backup_gateway)
            self.backup.allowed_images = self.ec2.allowed_images
            self.app.services = {
                "ec2": self.ec2,
                "backup": self.backup,
                "backup-gateway": self.backup_gateway,
                "kms": Kms(),
                "organizations": Organizations(self.backup),
                "sts": sts.Sts(self.world),
                "tagging": Tagged(self.backup, self.backup_gateway),
            }

    def seed(self, *, opt_in=True):
        """The connected VPC of each SDDC (one per Region, shared), the opt-in for virtual machines, and a second account's role."""
        with self.lock:
            for partition in {get_partition(sddc.region) for sddc in self.world.sddcs.values()}:
                sts.seed(partition, lab_world.ACCOUNT)
            for sddc in self.world.sddcs.values():
                network.connect(sddc, lab_world.CONNECTED_ACCOUNT)
                if opt_in:
                    for account in (lab_world.ACCOUNT, sts.BACKUP_ACCOUNT):
                        self.backup.opt_in(account, sddc.region)

    def issue_key(self, appliance, region, vpc_endpoint=None) -> str:
        return self.backup_gateway.issue_key(appliance, region, vpc_endpoint)

    def endpoint(self, dns_name) -> dict | None:
        """The endpoint that a DNS name, regional or zonal, leads to."""
        with self.lock:
            found = self._endpoint(dns_name)
            return network.view(found) if found else None

    def obstacles(self, sddc, dns_name, source, ports) -> list[str]:
        """What in the VPC keeps the source in the SDDC from the endpoint: routes, network ACLs, the SDDC's own group."""
        with self.lock:
            found = self._endpoint(dns_name)
            return network.obstacles(sddc, found, source, ports) if found else [f"{dns_name} does not resolve"]

    def _endpoint(self, dns_name):
        backends = [backend for account in list(ec2_backends) for backend in ec2_backends[account].values()]
        return network.find(backends, dns_name)
