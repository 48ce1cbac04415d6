# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the jobs of the machines say: the API calls much COMPLETED that is not all well, and tells nobody of a copy that failed."""

from __future__ import annotations

import collections

from ...engine.findings import Untold, broken, ok, unknown

UNTRACKED, UNQUIESCED = ("cbt", "changed block"), ("crash-consistent", "crash consistent", "quiesc")
FAILED = ("FAILED", "ABORTED", "EXPIRED", "PARTIAL")
GOOD = ("", "SUCCESS")
MOST_NAMED = 5


def _names(facts) -> dict:
    """ARN -> the name of a machine of this vCenter."""
    if not isinstance(facts.machines, Untold):
        return {one.listed["ResourceArn"]: one.name for one in facts.machines if one.listed}
    rows = [] if isinstance(facts.listed, Untold) else facts.listed
    return {row["ResourceArn"]: f"{row.get('Path') or ''}/{row.get('Name')}" for row in rows}


def _latest(jobs) -> dict:
    """ARN -> its newest job that has come to its end."""
    found: dict = {}
    for job in sorted(jobs, key=lambda job: str(job.get("CreationDate"))):
        if job["State"] in ("COMPLETED", *FAILED):
            found[job["ResourceArn"]] = job
    return found


def _of_machines(facts) -> list:
    """Name and newest job of each machine that has one."""
    if isinstance(facts.jobs, Untold):
        return []
    names = _names(facts)
    return [(names[arn], job) for arn, job in _latest(facts.jobs["jobs"]).items() if arn in names]


def read(facts):
    """Whether all were told."""
    if isinstance(facts.jobs, Untold):
        return unknown(facts.jobs)
    number, hours = len(facts.jobs["jobs"]), facts.params["objective_hours"]
    if facts.jobs["untold"]:
        return unknown(f"Of the backups of the last {hours} hours only {number} were read: {facts.jobs['untold']}")
    if facts.jobs["whole"]:
        return ok(f"{number} in the last {hours} hours.")
    return ok(
        f"{number} of the last {hours} hours were read: part of those that succeeded, and all others as AWS Backup counts them."
    )


def failed(facts):
    """The newest job of a machine did not complete."""
    return [
        (name, broken(f"Its newest job {job['BackupJobId']} ended as {job['State']}: {_said(job)}"))
        for name, job in _of_machines(facts)
        if job["State"] in FAILED
    ]


def issues(facts):
    """COMPLETED, and yet another category than SUCCESS, or a message that is about neither tracking nor quiescing."""
    return [
        (name, broken(f"Its newest job {job['BackupJobId']} completed with issues: {_said(job)}"))
        for name, job in _of_machines(facts)
        if job["State"] == "COMPLETED" and _has_issue(job)
    ]


def _has_issue(job) -> bool:
    message = job.get("StatusMessage") or ""
    own = _speaks(job, UNTRACKED) or _speaks(job, UNQUIESCED)
    return not own and ((job.get("MessageCategory") or "").upper() not in GOOD or bool(message))


def _said(job) -> str:
    category = job.get("MessageCategory")
    return f"{job.get('StatusMessage') or 'nothing is said'}{f' ({category})' if category else ''}."


def _speaks(job, words) -> bool:
    return any(word in (job.get("StatusMessage") or "").lower() for word in words)


def tracked(facts):
    """Without changed block tracking each backup reads all of the disks."""
    by_job = {name: job for name, job in _of_machines(facts) if _speaks(job, UNTRACKED)}
    off = {one.name for one in _backed_up(facts) if one.seen["change_tracking"] is False}
    change = "Switch changed block tracking on (ctkEnabled), and remove the snapshots there are."
    return [
        (
            name,
            broken(
                "; ".join(filter(None, [_by_job(by_job, name), "vCenter says that it is off" if name in off else ""]))
                + ".",
                change,
            ),
        )
        for name in sorted({*by_job, *off})
    ]


def _by_job(jobs, name) -> str:
    return f"Job {jobs[name]['BackupJobId']} says: {jobs[name]['StatusMessage'].rstrip('.')}" if name in jobs else ""


def _backed_up(facts) -> list:
    """The machines that have a point: of others nobody knows what a backup would meet."""
    if isinstance(facts.machines, Untold) or isinstance(facts.newest, Untold):
        return []
    return [one for one in facts.machines if one.listed and one.listed["ResourceArn"] in facts.newest]


def crash_consistent(facts):
    """No field tells: only a message, or VMware Tools that do not run."""
    by_job = {name: job for name, job in _of_machines(facts) if _speaks(job, UNQUIESCED)}
    without = {one.name for one in _backed_up(facts) if one.seen["powered_on"] and one.seen["tools_running"] is False}
    change = "Let VMware Tools run in it, so that they can quiesce it."
    return [
        (
            name,
            broken(
                "; ".join(filter(None, [_by_job(by_job, name), "VMware Tools do not run" if name in without else ""]))
                + ".",
                change,
            ),
        )
        for name in sorted({*by_job, *without})
    ]


def consistency(facts):
    """Of all the others."""
    found = _backed_up(facts)
    said = len(crash_consistent(facts))
    if not found or len(found) == said:
        return None
    return unknown(
        f"AWS Backup does not tell whether a point is consistent for applications or as after a crash. {said} are known not to be, of "
        f"{len(found) - said} nothing is known."
    )


def copied(facts):
    """Nothing tells of a copy that failed: by vault, with the reasons."""
    jobs = facts.copies("FAILED", facts.params["copy_objective_hours"])
    if isinstance(jobs, Untold):
        return [("copies", unknown(jobs))]
    names, by = _names(facts), collections.defaultdict(dict)
    for job in jobs:
        if job.get("ResourceArn") in names:
            by[job.get("DestinationBackupVaultArn")][names[job["ResourceArn"]]] = _said(job)
    return [
        (
            vault,
            broken(
                f"Copies of {len(said)} machines failed, {_some(said)}: {' '.join(sorted(set(said.values())))}",
                "Nothing tries them again. Mend the reason, and copy what is missing, or wait for the next backup.",
            ),
        )
        for vault, said in sorted(by.items())
    ]


def _some(names) -> str:
    few = sorted(names)[:MOST_NAMED]
    return ", ".join(few) + (" and others" if len(names) > MOST_NAMED else "")
