# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The update of one gateway's software: an action, done where one can be had."""

from __future__ import annotations

import datetime

from .. import wait
from ..clients import backup_gateway as api
from ..clients.aws_forms import timestamp
from ..errors import ApiError, Error, Foreign, Lost, Missing
from ..ownership import site_of
from ..values import Unresolved
from . import job


class SoftwareUpdate:
    """One that is due is started once no job may run through the gateway, and is done when the version is another one."""

    def __init__(self, client, backup, params: dict):
        self.client = client
        self.backup = backup
        self.params = params
        self.before: dict = {}
        self.hypervisor = ""
        self.refusal = None

    def find(self):
        self.before = self._look(self._resolved())
        self._refuse_anothers()
        if not self.is_due(self.before):
            return self.before
        if not self.params["drain_timeout"]:
            self._refuse_while_jobs_run()
        return None

    def is_due(self, gateway: dict) -> bool:
        """AWS says from when an update can be had."""
        at = gateway["next_update_availability_time"]
        return at is not None and datetime.datetime.fromisoformat(at) <= self.client.now()

    def start(self):
        self._drain()
        try:
            self.client.call("update_gateway_software_now", once=True, GatewayArn=self.before["gateway_arn"])
        except Lost as lost:
            self.refusal = lost
        except ApiError as refusal:
            # No conflict is declared: one that is under way, of a run that was killed or of AWS itself, can be told by this code only.
            if refusal.code != "ValidationException":
                raise
            self.refusal = refusal
        return {}

    def done(self, answer, timeout):
        if answer:
            return answer
        before = self.before

        def probe():
            return self._look(before["gateway_arn"])

        def verdict(seen):
            if seen["software_version"] == before["software_version"]:
                return f"its software is still {seen['software_version']}"
            if (seen["last_seen_time"] or "") <= (before["last_seen_time"] or ""):
                return f"its software is {seen['software_version']}, and AWS Backup has not heard of it since"
            return True

        try:
            return wait.until(probe, verdict, timeout=timeout, what=f"the update of {before['name']}")
        except Error as late:
            if self.refusal is None:
                raise
            raise Error(f"{self.refusal} {late}") from None

    def view(self, answer) -> dict:
        return {"gateway": answer, "software_version_before": self.before["software_version"]}

    def _resolved(self) -> str:
        names = {raw["GatewayArn"]: raw.get("GatewayDisplayName") for raw in api.gateways(self.client)}
        found = api.resolve("gateway", self.params["gateway"], names)
        if isinstance(found, Unresolved):
            raise Missing([found])
        return found

    def _look(self, arn) -> dict:
        answer = self.client.call("get_gateway", missing=api.GONE, GatewayArn=arn)
        if answer is None:
            raise Missing([Unresolved("gateway", arn)])
        raw = answer["Gateway"]
        self.hypervisor = raw.get("HypervisorId") or ""
        return {
            "gateway_arn": arn,
            "name": raw.get("GatewayDisplayName") or arn,
            "software_version": raw.get("SoftwareVersion"),
            "next_update_availability_time": timestamp(raw.get("NextUpdateAvailabilityTime")),
            "deprecation_date": timestamp(raw.get("DeprecationDate")),
            "last_seen_time": timestamp(raw.get("LastSeenTime")),
        }

    def _refuse_anothers(self):
        tags = api.tags(self.client, self.before["gateway_arn"]) or {}
        if self.params["site_id"] and site_of(tags) not in ("", self.params["site_id"]):
            raise Foreign(
                f"The gateway {self.before['name']} is that of another site, {site_of(tags)}. Nothing was changed."
            )

    def _jobs(self):
        """Why it is in use. One that is linked no more may still have jobs of when it was (SAFETY 1)."""
        arns = [raw["HypervisorArn"] for raw in api.hypervisors(self.client)] if self.hypervisor else []
        linked = [arn for arn in arns if api.is_linked({"HypervisorId": self.hypervisor}, arn)]
        return job.running(self.client, self.backup, linked[0] if linked else "", self.params["site_id"])

    def _refuse_while_jobs_run(self):
        jobs = self._jobs()
        if jobs:
            raise Foreign(f"The gateway {self.before['name']} must not be updated, which restarts it: {jobs}.")

    def _drain(self):
        """Asked immediately before it is started."""
        if not self.params["drain_timeout"]:
            return self._refuse_while_jobs_run()
        wait.until(
            self._jobs,
            lambda jobs: jobs or True,
            timeout=self.params["drain_timeout"],
            what=f"the jobs that may run through {self.before['name']}",
        )
