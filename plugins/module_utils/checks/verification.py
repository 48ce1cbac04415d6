# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what is registered protects: which machines of vCenter are, what keeps the others, and what will keep them tomorrow."""

from __future__ import annotations

from ..engine.findings import Check, finding, verdict
from .day2 import plans as of_plans
from .day2 import vsphere
from .protection import jobs, machines, plans, service, vaults

PROTECTION, DAY2 = "protection", "day2"
OF_A_MACHINE = "virtual_machine"
# Each asks for one verdict, or for the verdicts of several things by their names.
OF_PROTECTION = (
    Check("coverage", machines.coverage, "virtual_machines", "Virtual machines", necessary=True, severity="warning"),
    Check("machine_not_selected", machines.each_of(machines.NOT_SELECTED), OF_A_MACHINE),
    Check("machine_not_synced", machines.each_of(machines.NOT_SYNCED), OF_A_MACHINE),
    Check("machine_outdated", machines.each_of(machines.OUTDATED), OF_A_MACHINE),
    Check("machine_not_copied", machines.each_of(machines.NOT_COPIED), OF_A_MACHINE),
    Check("machine_unprotectable", machines.each_of(machines.UNPROTECTABLE), OF_A_MACHINE),
    Check("machine_unknown", machines.each_of(machines.UNKNOWN), OF_A_MACHINE),
    Check("machine_excluded", machines.each_of(machines.EXCLUDED), OF_A_MACHINE),
    Check("machine_taken", machines.taken, OF_A_MACHINE),
    Check("machine_gone", machines.gone, OF_A_MACHINE, severity="warning"),
    Check("exclusion_stands", machines.exclusions, "exclusion", severity="warning"),
    Check(
        "hypervisor_online", service.hypervisor, "hypervisor", "Hypervisor", mended_by="registration", necessary=True
    ),
    Check("machines_synced", service.synced, "hypervisor", "Metadata sync", mended_by="registration"),
    Check("gateways_linked", service.gateways, "gateway", "Gateways", mended_by="registration", necessary=True),
    Check("gateway_fresh", service.fresh, "gateway"),
    Check("gateway_private", service.private, "gateway"),
    Check("region_opted_in", service.opted_in, "region_settings", "Service opt-in", mended_by="prerequisites"),
    Check("plans_told", plans.told, "backup_plan", "Backup plans", necessary=True),
    Check("plan_runs", plans.runs, "backup_plan"),
    Check("plan_selects_by_name", plans.narrow, "backup_plan", severity="warning"),
    Check("queue_fits", plans.fits, "backup_plan", severity="warning"),
    Check("vault_there", vaults.there, "backup_vault"),
    Check("vault_locked", vaults.locked, "backup_vault"),
    Check("key_rotated", vaults.rotated, "kms_key"),
    Check("points_deleted", vaults.undeleted, "backup_vault", severity="warning"),
    Check("legal_holds", vaults.held, "legal_hold", "Legal holds"),
    Check("jobs_told", jobs.read, "backup_job", "Backup jobs"),
    Check("job_failed", jobs.failed, OF_A_MACHINE, severity="warning"),
    Check("job_issues", jobs.issues, OF_A_MACHINE, severity="warning"),
    Check("change_tracking", jobs.tracked, OF_A_MACHINE, severity="warning"),
    Check("crash_consistent", jobs.crash_consistent, OF_A_MACHINE, severity="warning"),
    Check("consistency", jobs.consistency, "virtual_machines", "Consistency"),
    Check("copies_succeed", jobs.copied, "backup_vault", severity="warning"),
)
OF_DAY2 = (
    Check("vcenter_told", vsphere.told, "vcenter", "vCenter", necessary=True),
    Check("disks_consolidated", vsphere.consolidation, OF_A_MACHINE, severity="warning"),
    Check("snapshots_removed", vsphere.snapshots, OF_A_MACHINE, severity="warning"),
    Check("vcenter_certificate", vsphere.certificate, "vcenter", "vCenter"),
    Check("vcenter_release", vsphere.release, "vcenter", "vCenter", severity="warning"),
    Check("datastore_room", vsphere.room, "datastore", severity="warning"),
    Check("machine_path", of_plans.stale_paths, OF_A_MACHINE, severity="warning"),
    Check("plan_machines", of_plans.gone_machines, "backup_plan"),
    Check("rules_apart", of_plans.overlapping, "backup_plan", severity="warning"),
    Check("copies_elsewhere", of_plans.one_account, "backup_plan", severity="info"),
)
SUBJECTS = {PROTECTION: OF_PROTECTION, DAY2: OF_DAY2}


def judge(facts, subjects) -> list[dict]:
    """What each check of these subjects says."""
    return [found for subject in subjects for check in SUBJECTS[subject] for found in _said(subject, check, facts)]


def _said(subject, check, facts) -> list[dict]:
    said = verdict(check.ask, facts)
    if said is None:
        return []
    if isinstance(said, dict):
        return [finding(subject, check, said)]
    return [finding(subject, check._replace(name=name), each) for name, each in said]
