# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands where backup_readiness_info would, in the copy that recorded.py makes: judges as the module does, on what the other modules answer there."""

from __future__ import annotations

from types import SimpleNamespace

from ..module_utils.engine.findings import Untold
from ..module_utils.facts.readiness import Readiness
from ..modules.backup_readiness_info import SPEC, answer
from .recorded import ActionModule as Recorder


class Facts(Readiness):
    """The facts, each as the module answers that reads the same."""

    def __init__(self, options: dict, answers):
        # Whoever asks, the answer is the same.
        params = {**{name: spec.get("default") for name, spec in SPEC.items()}, **options, "endpoint": None}
        super().__init__(SimpleNamespace(params=params), options["given"], options["seen"])
        self._answers = answers

    def _told(self, module, key, **asked):
        answer = self._answers.to(module, **asked)
        return Untold(answer["msg"]) if answer.get("failed") else answer[key]

    def _first(self, module, key):
        found = self._told(module, key)
        return found if isinstance(found, Untold) else found[0]

    def _sddc(self):
        return next(iter(self._told("vmc_sddc_info", "sddcs", sddc_id=self.given["vmc_backup_sddc_id"])), None)

    def _listed(self, kind, **wanted):
        return self._told(*OF_NSX[kind.__name__.rpartition(".")[2]], **wanted)

    def _account(self, module, subnet_ids):
        return self._first("backup_account_info", "accounts")

    @property
    def gateways(self):
        return self._told("backup_gateway_info", "gateways")

    @property
    def region_settings(self):
        return self._first("backup_region_settings_info", "region_settings")

    @property
    def roles_that_lack(self):
        return [] if self._told("backup_iam_role_info", "iam_roles") else ["all"]

    @property
    def endpoint_names(self):
        return [each["dns_name"] for each in self._told("vpce_backup_info", "vpc_endpoints")]

    @property
    def learned_routes(self):
        return Untold("nobody asks for routes here")

    @property
    def path(self):
        return Untold("nobody walks the path here")


OF_NSX = {
    "nsx_group": ("nsx_group_info", "groups"),
    "nsx_rule": ("nsx_mgw_rule_info", "rules"),
    "nsx_segment": ("nsx_segment_info", "segments"),
    "nsx_dns_zone": ("nsx_dns_zone_info", "dns_zones"),
    "nsx_nat_rule": ("nsx_nat_rule_info", "nat_rules"),
    "nsx_public_ip": ("nsx_public_ip_info", "public_ips"),
}


class ActionModule(Recorder):
    def answered(self, answers, call):
        return answer(Facts(call["options"], answers))
