# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that has to be there before: each read is made when it is first asked for, and once. Writes nothing."""

from __future__ import annotations

import functools
import os
import sys

from ..clients.aws import Aws, beside
from ..engine.findings import Untold, told
from ..errors import Invalid
from ..plan import appliances
from ..resources import (
    account,
    gateway,
    iam_role,
    nsx_dns_zone,
    nsx_group,
    nsx_nat_rule,
    nsx_public_ip,
    nsx_rule,
    nsx_segment,
    region_settings,
    sddc,
    vpc_endpoint,
)
from . import nsx, path
from .cloud import Cloud

DEFAULTS = {
    **dict.fromkeys(
        (
            "prerequisites_opt_in",
            "prerequisites_iam_roles",
            "prerequisites_segment",
            "prerequisites_control_access",
            "prerequisites_dns_zones",
            "prerequisites_vcenter_resolution",
        ),
        "check",
    ),
    "prerequisites_kms_key": "skip",
    "prerequisites_kms_alias": "alias/vmc-aws-backup",
    "prerequisites_job_role": "AWSBackup-vmc-jobs",
    "prerequisites_tag_role": "AWSBackup-vmc-tags",
}
LISTS = (
    "vmc_backup_subnet_ids",
    "vmc_backup_control_addresses",
    "vmc_backup_dns_servers",
    "prerequisites_dns_canaries",
)
NOT_GIVEN = Untold("nobody could be asked: variables are not given")


class Readiness:
    """The facts about one site.

    ``given`` are the variables of its host, ``seen`` what tasks on another host saw of vCenter and of DNS.
    """

    def __init__(self, module, given: dict, seen: dict):
        self.given = {**DEFAULTS, **{name: value for name, value in given.items() if value not in (None, "")}}
        for name in LISTS:
            if not isinstance(self.given.get(name, []), list):
                raise Invalid("given", f"{name} is {self.given[name]!r}, which is no list.")
        self.seen = seen
        self._module = module
        self._cloud = Cloud(module.params)
        self._beside = beside(module, module.params["endpoint"]) if module.params["endpoint"] else module

    # What is given

    @property
    def host(self) -> str:
        return self._module.params["host"]

    @property
    def name(self) -> str:
        return self.given.get("vmc_backup_name") or self.host

    @property
    def identity(self) -> dict:
        """Whose site it is and what its role is to do, as the first task of that found out."""
        return self._module.params["identity"]

    def has(self, variable: str) -> bool:
        """Whether a variable is given, one that may hold a secret among them."""
        return variable in self.given or variable in (self.identity.get("secrets") or [])

    @property
    def bastion(self) -> str:
        return self.given.get("vmc_backup_delegate_to") or ""

    @property
    def interpreter(self) -> str:
        return sys.executable

    @property
    def adopts(self) -> bool:
        return bool(self.given.get("registration_adopt"))

    @property
    def vcenter_options(self) -> list:
        """Which options to reach vCenter by are given."""
        return self._module.params["vcenter_options"]

    @property
    def has_token(self) -> bool:
        params = self._module.params
        app = params["client_id"] and params["client_secret"]
        return bool(params["api_token"] or app or os.environ.get("VMC_API_TOKEN"))

    @functools.cached_property
    def plan(self):
        try:
            planned = appliances(self.given.get("vmc_backup_appliances") or [], self.name)
        except Invalid as refused:
            return Untold(refused.message)
        retired = set(self.given.get("retired") or [])
        return [each for each in planned if not retired & {each["entry"], each["name"]}]

    # VMware Cloud and NSX

    @property
    def on_vmc(self) -> bool:
        return self.given.get("vmc_backup_platform", "vmc") == "vmc"

    @property
    def without_cloud(self) -> bool:
        """The NSX Manager knows its own users, so that with one of them and the VPC given nothing is asked of VMware Cloud."""
        basic = self.given.get("vmc_backup_nsx_auth") == "basic"
        return basic and not self.has_token and {"vmc_backup_vpc_id", "vmc_backup_subnet_ids"} <= set(self.given)

    @property
    def names_sddc(self) -> bool:
        return self.on_vmc and self.has_token and {"vmc_backup_org_id", "vmc_backup_sddc_id"} <= set(self.given)

    @property
    def names_nsx(self) -> bool:
        return self.on_vmc and (self.names_sddc or self.given.get("vmc_backup_nsx_auth") == "basic")

    @functools.cached_property
    def sddc(self):
        """The SDDC; ``None`` where there is none of this id."""
        if not self.names_sddc:
            return NOT_GIVEN
        return told(self._sddc)

    def _sddc(self):
        found = sddc.find(self._cloud.vmc, sddc_id=self.given["vmc_backup_sddc_id"])
        return sddc.describe(self._cloud.vmc, lambda _url: self._cloud.nsx, found[0]) if found else None

    @functools.cached_property
    def mgw_groups(self):
        if not self.names_nsx:
            return NOT_GIVEN
        if isinstance(self.sddc, Untold) and self.names_sddc and not self.given.get("vmc_backup_nsx_auth") == "basic":
            return self.sddc  # the same token
        return self._listed(nsx_group, domain="mgw")

    @functools.cached_property
    def cgw_groups(self):
        return self._of_nsx(nsx_group, domain="cgw")

    @functools.cached_property
    def mgw_rules(self):
        return self._of_nsx(nsx_rule, domain="mgw")

    @functools.cached_property
    def cgw_rules(self):
        return self._of_nsx(nsx_rule, domain="cgw")

    @functools.cached_property
    def segments(self):
        """Those with the id that is given."""
        wanted = self.given.get("vmc_backup_segment")
        return self._of_nsx(nsx_segment, id=wanted) if wanted else NOT_GIVEN

    @functools.cached_property
    def dns_zones(self):
        return self._of_nsx(nsx_dns_zone)

    @functools.cached_property
    def nat_rules(self):
        return self._of_nsx(nsx_nat_rule)

    @functools.cached_property
    def public_ips(self):
        return self._of_nsx(nsx_public_ip)

    @functools.cached_property
    def learned_routes(self):
        """The ways that Direct Connect and Transit Connect have taught the SDDC."""
        silent = isinstance(self.mgw_groups, Untold)
        return self.mgw_groups if silent else told(lambda: nsx.learned_routes(self._cloud.nsx))

    def _of_nsx(self, kind, **wanted):
        # Who did not answer once is not asked again and again.
        return self.mgw_groups if isinstance(self.mgw_groups, Untold) else self._listed(kind, **wanted)

    def _listed(self, kind, **wanted):
        return told(lambda: [kind.view(raw) for raw in kind.find(self._cloud.nsx, **wanted)])

    # AWS

    @functools.cached_property
    def account(self):
        """The account of the backups."""
        return self._account(self._module, None)

    @functools.cached_property
    def endpoint_account(self):
        """The account of the endpoint, with the service and the subnets in it."""
        if self._beside is self._module and isinstance(self.account, Untold):
            return self.account
        return self._account(self._beside, self.subnet_ids)

    def _account(self, module, subnet_ids):
        if "vmc_backup_aws_region" not in self.given:
            return NOT_GIVEN
        return told(lambda: account.view(account.find(Aws(module, "sts"), Aws(module, "ec2"), subnet_ids=subnet_ids)))

    @property
    def subnet_ids(self) -> list:
        return self.given.get("vmc_backup_subnet_ids") or sddc.subnet_ids(
            self.sddc if isinstance(self.sddc, dict) else {}, self.clusters
        )

    @property
    def clusters(self) -> list:
        """Those that appliances are planned in."""
        return [] if isinstance(self.plan, Untold) else sorted({each["cluster"] for each in self.plan})

    @property
    def vpc_id(self) -> str:
        return self.given.get("vmc_backup_vpc_id") or (self.connected_vpc or {}).get("vpc_id") or ""

    @property
    def connected_vpc(self) -> dict | None:
        return self.sddc["connected_vpc"] if isinstance(self.sddc, dict) else None

    @functools.cached_property
    def gateways(self):
        return self._of_aws("backup-gateway", lambda client: [gateway.view(raw) for raw in gateway.find(client)])

    @functools.cached_property
    def region_settings(self):
        return self._of_aws("backup", lambda client: region_settings.view(region_settings.find(client)[0]))

    @functools.cached_property
    def roles_that_lack(self):
        """The names of the roles of AWS Backup that are not there."""
        names = [self.given[f"prerequisites_{which}_role"] for which in ("job", "tag")]
        return self._of_aws("iam", lambda client: [name for name in names if not iam_role.find(client, name=name)])

    def _of_aws(self, service, read):
        return self.account if isinstance(self.account, Untold) else told(lambda: read(Aws(self._module, service)))

    @functools.cached_property
    def endpoint_names(self):
        """The DNS names of the endpoints that are available in its VPC."""
        if isinstance(self.endpoint_account, Untold) or not self.vpc_id:
            return []
        found = told(lambda: vpc_endpoint.find(Aws(self._beside, "ec2"), vpc_id=self.vpc_id, service="backup-gateway"))
        views = [] if isinstance(found, Untold) else [vpc_endpoint.view(raw) for raw in found]
        return [each["dns_name"] for each in views if each["state"] == "available" and each["dns_name"]]

    @functools.cached_property
    def path(self):
        """What the verdicts on the path of the appliances rest on."""
        addresses = [] if isinstance(self.plan, Untold) else [each["ip_address"] for each in self.plan]
        missing = [self.endpoint_account, *([self.mgw_groups] if self.on_vmc else [])]
        untold = next((each for each in missing if isinstance(each, Untold)), None)
        if untold or not addresses or not self.vpc_id:
            return untold or Untold("nothing could be asked yet: no appliance is planned, or no VPC is known")
        params = {
            **self._module.params,
            "platform": "vmc" if self.on_vmc else "vsphere",
            "addresses": addresses,
            "segment": None,
            "vpc_id": self.given.get("vmc_backup_vpc_id"),
            "vpc_endpoint_id": None,
            "service": "backup-gateway",
            "ntp_servers": self.given.get("vmc_backup_ntp_servers"),
            "vcenter": None,
            "appliances": self.seen.get("vcenter", {}).get("appliances"),
        }
        return told(lambda: path.collect(params, Aws(self._beside, "ec2"), self._cloud))
