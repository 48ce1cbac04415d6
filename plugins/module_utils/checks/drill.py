# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore drills: which machines are next, what a restore has proven, and what that says of every machine.

This is no restore testing of AWS Backup, which leaves virtual machines out.
"""

from __future__ import annotations

import datetime
import hashlib

from ..engine.findings import Check, broken, costly, finding, ok, unknown
from ..errors import Ambiguous, Invalid

SUBJECT = "drill"
GIB = 2**30
LEVELS = ("none", "disk", "vm", "booted")  # what was proven, the least first
COMPARED = ("cpus", "memory_mb", "guest_id", "firmware", "network_cards")
ENDED = "has ended as"  # of a restore job


def moment(text: str | None) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)


def seconds_between(first: str | None, last: str | None) -> int | None:
    begun, ended = moment(first), moment(last)
    return None if begun is None or ended is None else int((ended - begun).total_seconds())


# Which are next


def proofs(records: list) -> dict:
    """Machine -> the last record that proves something of it."""
    found: dict = {}
    for record in sorted(records, key=lambda record: record.get("closed_at") or ""):
        proven = record.get("level", "none") != "none" and not record.get("differences") and not record.get("failure")
        if record.get("state") == "closed" and proven:
            found[record["machine"]["resource_arn"]] = record
    return found


def chosen(machines: list, records: list, *, wanted=(), count: int = 1, seed: str = "") -> list:
    """The machines to drill: those that are named, else a sample of those with a recovery point, whose proof is oldest first."""
    if wanted:
        return [named(machines, name) for name in dict.fromkeys(wanted)]
    # What no plan protects, such as VMware's own machines and appliances, is drawn for no backup either.
    able = [each for each in machines if each.get("newest_recovery_point")]
    last = proofs(records)

    def order(machine):
        proof = last.get(machine["resource_arn"]) or {}
        drawn = hashlib.sha256(f"{seed}\n{machine['resource_arn']}".encode()).hexdigest()
        return proof.get("closed_at") or "", drawn

    return sorted(able, key=order)[:count]


def named(machines, name):
    found = [each for each in machines if name in (each["name"], whole_path(each), each["resource_arn"])]
    if len(found) > 1:
        raise Ambiguous("virtual machine", name, [whole_path(each) for each in found])
    if not found:
        raise Invalid("machine", f"AWS Backup lists no {name} of this hypervisor.")
    return found[0]


def whole_path(machine: dict) -> str:
    folder = (machine.get("path") or "").rstrip("/")
    return folder if folder.endswith(f"/{machine['name']}") else f"{folder}/{machine['name']}"


# What a restore has proven


def compared(source: dict | None, restored: dict) -> list[str]:
    """How a restored machine differs from its source."""
    if source is None:
        return ["the source is not seen in vCenter, so that nothing could be compared with it"]
    told = [
        f"{name} is {restored.get(name)}, and {source.get(name)} at the source"
        for name in COMPARED
        if restored.get(name) != source.get(name)
    ]
    mine, theirs = ({one["label"]: one["capacity_bytes"] for one in each["disks"]} for each in (restored, source))
    for label in sorted({*mine, *theirs}):
        if mine.get(label) != theirs.get(label):
            told.append(f"{label} has {_size(mine.get(label))}, and {_size(theirs.get(label))} at the source")
    return told


def _size(bytes_) -> str:
    return "no size, it is not there" if bytes_ is None else f"{bytes_} bytes"


def compared_volume(source: dict | None, volume: dict, disk: str | None) -> list[str]:
    """How a volume differs from the disk that it was made of, whose size is rounded up."""
    disks = [one for one in (source or {}).get("disks") or [] if disk in (None, one["label"])]
    if len(disks) != 1:
        return (
            [] if source is None else [f"which disk of the source is compared is not known: {disk or 'none is named'}"]
        )
    wanted = -(-disks[0]["capacity_bytes"] // GIB)
    if volume["size_gib"] == max(1, wanted):
        return []
    return [f"the volume has {volume['size_gib']} GiB, and {disks[0]['label']} of the source {wanted} GiB"]


def judged(record: dict, *, source=None, restored=None, volume=None, booted=None, restore=None) -> dict:
    """What a record says once the restore is there: its level, differences, and the measured times."""
    point = record.get("recovery_point") or {}
    job = restore or {}
    took = seconds_between(job.get("creation_date"), job.get("completion_date"))
    made = volume if record["restore_to"] == "ebs" else restored
    if made is None:
        return {"level": "none", "differences": []}
    if volume:
        level, differences = "disk", compared_volume(source, volume, record.get("disk"))
    else:
        level = "booted" if (booted or {}).get("tools_running") else "vm"
        differences = compared(source, restored)
    return {
        "level": level,
        "differences": differences,
        "source_compared": source is not None,
        "recovery_seconds": took,
        "recovery_point_age_seconds": seconds_between(
            point.get("creation_date") or point.get("backed_up_at"), record.get("opened_at")
        ),
    }


def closes(record: dict, failed: dict | None, *, removed: bool, left: list, resumed: bool) -> bool:
    """Whether nothing of a drill is open any more: nothing runs, and nothing is there that it has made."""
    if left:
        return False
    if record.get("restore_job_id"):
        return removed
    if ENDED in str((failed or {}).get("msg")):
        return True
    # What was started goes on, or nobody knows whether it was started. What is refused at the first try was not.
    return not (resumed or (failed or {}).get("changed"))


def kept(record: dict) -> dict:
    """A record as it is written down."""
    return {key: held for key, held in record.items() if key != "resumed"}


# What that says


def findings(
    records: list, machines: list, now: str, *, max_age_days=None, recovery_minutes=None, point_hours=None
) -> list:
    """What the drills say of each machine, and what they have left."""
    last = proofs(records)
    found = [
        *(_proof(each, last.get(each["resource_arn"]), now, max_age_days) for each in machines),
        *(row for record in last.values() for row in _objectives(record, recovery_minutes, point_hours)),
        *(row for record in records for row in _of_record(record)),
    ]
    return found


def _row(identifier, name, verdict, severity="") -> dict:
    return finding(
        SUBJECT, Check(identifier, lambda _facts: verdict, "virtual_machine", name, severity=severity), verdict
    )


def _proof(machine, record, now, most):
    name = whole_path(machine)
    if record is None:
        return _row(
            "last_proof", name, broken("No drill has restored it yet.", "Run the playbook restore_drill."), "warning"
        )
    age = seconds_between(record["closed_at"], now) or 0
    told = f"It was restored {age // 86400} days ago, and proven as {record['level']} ({record['request_id']})."
    if most is not None and age > most * 86400:
        return _row(
            "last_proof",
            name,
            broken(f"{told} That is more than {most} days.", "Run the playbook restore_drill."),
            "warning",
        )
    return _row("last_proof", name, ok(told))


def _objectives(record, minutes, hours):
    name = whole_path(record["machine"])
    for identifier, what, taken, most, unit in (
        ("recovery_time", "The restore took", record.get("recovery_seconds"), minutes, 60),
        ("recovery_point", "The recovery point was", record.get("recovery_point_age_seconds"), hours, 3600),
    ):
        if most is None:
            continue
        word = "minutes" if unit == 60 else "hours old"
        if taken is None:
            yield _row(identifier, name, unknown(f"{what} a time that is not told."))
        elif taken > most * unit:
            yield _row(
                identifier, name, broken(f"{what} {taken / unit:.1f} {word}; the objective is {most}."), "warning"
            )
        else:
            yield _row(identifier, name, ok(f"{what} {taken / unit:.1f} {word}; the objective is {most}."))


def _of_record(record):
    name, request = whole_path(record["machine"]), record["request_id"]
    if record.get("state") == "open":
        why = record.get("failure") or "it was broken off"
        yield _row(
            "open_drill",
            name,
            broken(
                f"The drill {request} has not ended: {why} {' '.join(record.get('left') or [])}",
                "Run the playbook restore_drill again, which takes it up. Close it by hand only after a look at what it has made.",
            ),
        )
    elif record.get("failure"):
        yield _row("failed_drill", name, broken(f"The drill {request} has failed: {record['failure']}"))
    elif record.get("differences"):
        yield _row(
            "differs", name, broken(f"What the drill {request} restored differs: {'; '.join(record['differences'])}.")
        )
    point = record.get("recovery_point") or {}
    if record.get("on_demand") and point.get("recovery_point_arn"):
        until = record.get("delete_after_days")
        yield _row(
            "on_demand_point",
            name,
            costly(
                f"{point['recovery_point_arn']} was made for the drill {request}, and stays for {until} days from then on.",
                "Nothing: it expires by itself.",
            ),
        )
