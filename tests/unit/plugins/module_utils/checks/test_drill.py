# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks import drill
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, Invalid

GIB = 2**30
POINT = {"recovery_point_arn": "point", "backed_up_at": "2026-01-31T12:00:00+00:00"}
MACHINES = [
    {"name": f"web-{number}", "path": "/dc/vm/A", "resource_arn": f"vm-{number}", "newest_recovery_point": POINT}
    for number in range(6)
]


def record(machine=0, **more):
    made = {key: MACHINES[machine][key] for key in ("name", "path", "resource_arn")}
    return {
        "request_id": f"drill-{machine:010x}",
        "machine": made,
        "state": "closed",
        "level": "vm",
        "differences": [],
        "restore_to": "vmware",
        "closed_at": "2026-02-01T12:00:00+00:00",
        "opened_at": "2026-02-01T11:00:00+00:00",
        **more,
    }


def names(found):
    return [each["name"] for each in found]


# Which are next


def test_the_oldest_proof_comes_first_and_none_before_all():
    proven = [record(0, closed_at="2026-02-03"), record(1, closed_at="2026-02-01"), record(2, closed_at="2026-02-02")]
    found = drill.chosen(MACHINES[:4], proven, count=4)
    assert names(found) == ["web-3", "web-1", "web-2", "web-0"]


def test_what_proves_nothing_is_no_proof():
    useless = [record(0, level="none"), record(1, differences=["x"]), record(2, state="open"), record(3, failure="x")]
    assert drill.proofs(useless) == {}
    newer = record(0, closed_at="2026-03-01T00:00:00+00:00")
    assert drill.proofs([newer, record(0)]) == {"vm-0": newer}


def test_a_sample_is_drawn_with_its_seed():
    drawn = {seed: names(drill.chosen(MACHINES, [], count=3, seed=seed)) for seed in ("a", "b", "c", "d")}
    assert drawn["a"] == names(drill.chosen(list(reversed(MACHINES)), [], count=3, seed="a"))
    assert len({tuple(each) for each in drawn.values()}) > 1


def test_without_a_recovery_point_there_is_nothing_to_restore():
    bare = [{**MACHINES[0], "newest_recovery_point": None}]
    assert drill.chosen(bare, []) == []
    assert drill.chosen(bare, [], wanted=["web-0"]) == bare


def test_machines_are_named_and_a_name_of_two_is_neither():
    twin = {**MACHINES[0], "path": "/dc/vm/B", "resource_arn": "vm-9"}
    with pytest.raises(Ambiguous, match="/dc/vm/A/web-0, /dc/vm/B/web-0"):
        drill.chosen([*MACHINES, twin], [], wanted=["web-0"])
    assert drill.chosen([*MACHINES, twin], [], wanted=["/dc/vm/B/web-0"]) == [twin]
    assert names(drill.chosen(MACHINES, [], wanted=["web-1", "vm-2", "web-1"])) == ["web-1", "web-2"]
    with pytest.raises(Invalid, match="lists no other"):
        drill.chosen(MACHINES, [], wanted=["other"])


# What a restore has proven

SOURCE = {
    "cpus": 2,
    "memory_mb": 1024,
    "guest_id": "rhel9_64Guest",
    "firmware": "efi",
    "network_cards": 1,
    "disks": [{"label": "Hard disk 1", "capacity_bytes": GIB + 1}, {"label": "Hard disk 2", "capacity_bytes": GIB}],
}


def test_a_machine_like_its_source_differs_in_nothing():
    assert drill.compared(SOURCE, {**SOURCE, "name": "x", "powered_on": True}) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"cpus": 1}, "cpus is 1, and 2 at the source"),
        ({"memory_mb": None}, "memory_mb is None"),
        ({"firmware": "bios"}, "firmware is bios"),
        ({"guest_id": "other"}, "guest_id"),
        ({"network_cards": 0}, "network_cards"),
        (
            {"disks": SOURCE["disks"][:1]},
            "Hard disk 2 has no size, it is not there, and 1073741824 bytes at the source",
        ),
        ({"disks": [*SOURCE["disks"], {"label": "Hard disk 3", "capacity_bytes": 1}]}, "Hard disk 3 has 1 bytes"),
        ({"disks": [SOURCE["disks"][0], {"label": "Hard disk 2", "capacity_bytes": 5}]}, "Hard disk 2 has 5 bytes"),
    ],
)
def test_each_difference_is_told(changed, says):
    (told,) = drill.compared(SOURCE, {**SOURCE, **changed})
    assert says in told


def test_without_a_source_nothing_is_the_same():
    assert "could not be compared" not in drill.compared(SOURCE, SOURCE)
    assert "nothing could be compared" in drill.compared(None, SOURCE)[0]


@pytest.mark.parametrize(
    ("size", "disk", "says"),
    [(2, "Hard disk 1", None), (1, "Hard disk 2", None), (1, "Hard disk 1", "2 GiB"), (2, None, "which disk")],
)
def test_a_volume_has_the_size_of_its_disk_rounded_up(size, disk, says):
    told = drill.compared_volume(SOURCE, {"size_gib": size}, disk)
    assert (told == []) if says is None else says in told[0]
    assert drill.compared_volume(None, {"size_gib": size}, disk) == []


JOB = {"creation_date": "2026-02-01T11:00:00+00:00", "completion_date": "2026-02-01T11:30:00+00:00"}


@pytest.mark.parametrize(
    ("to", "told", "level"),
    [
        ("vmware", {"restored": SOURCE}, "vm"),
        ("vmware", {"restored": SOURCE, "booted": {"tools_running": True}}, "booted"),
        ("vmware", {"restored": SOURCE, "booted": {"tools_running": False}}, "vm"),
        ("vmware", {}, "none"),
        ("ebs", {"volume": {"size_gib": 1}}, "disk"),
    ],
)
def test_a_level_is_what_was_seen(to, told, level):
    one = record(restore_to=to, disk="Hard disk 2", recovery_point=POINT)
    found = drill.judged(one, source=SOURCE, restore=JOB, **told)
    assert found["level"] == level
    if level != "none":
        assert (found["recovery_seconds"], found["recovery_point_age_seconds"]) == (1800, 23 * 3600)


CLOSES = [
    ({"restore_job_id": "1"}, None, {"removed": True}, True),
    ({"restore_job_id": "1"}, None, {"removed": False}, False),
    ({"restore_job_id": "1"}, None, {"removed": True, "left": ["x"]}, False),
    ({"restore_job_id": "1"}, {"msg": "it differs"}, {"removed": True}, True),
    ({"restore_job_id": "1"}, {"msg": "vCenter does not answer"}, {"removed": False}, False),
    ({}, {"msg": "The restore job 1 has ended as FAILED: x", "changed": True}, {}, True),
    ({}, {"msg": "The restore job 1 has ended as FAILED: x"}, {"left": ["x"]}, False),
    ({}, {"msg": "The restore job 1 has ended as ABORTED: x"}, {"resumed": True}, True),
    ({}, {"msg": "Gave up waiting for the restore job 1, which goes on", "changed": True}, {}, False),
    ({}, {"msg": "Gave up waiting for the restore job 1, which goes on"}, {"resumed": True}, False),
    ({}, {"msg": "Whether a restore was started is not known", "changed": True}, {}, False),
    ({}, {"msg": "subnet_id: no"}, {}, True),
]


@pytest.mark.parametrize(("known", "failed", "how", "closed"), CLOSES)
def test_a_drill_is_closed_only_when_nothing_runs_and_nothing_is_left(known, failed, how, closed):
    given = {"removed": False, "left": [], "resumed": False, **how}
    assert drill.closes(record(**known), failed, **given) is closed


# What that says

NOW = "2026-02-11T12:00:00+00:00"


def told(records, machines=MACHINES[:1], **objectives):
    found = drill.findings(records, machines, NOW, **objectives)
    assert {each["subject"] for each in found} <= {"drill"}
    return {each["id"]: (each["verdict"], each["evidence"]) for each in found}


def test_the_age_of_the_last_proof_is_told_of_every_machine():
    found = drill.findings([record(0)], MACHINES[:2], NOW)
    assert [(each["name"], each["verdict"], each["severity"]) for each in found] == [
        ("/dc/vm/A/web-0", "ok", "info"),
        ("/dc/vm/A/web-1", "broken", "warning"),
    ]
    assert "10 days ago, and proven as vm" in found[0]["evidence"]
    assert told([record(0)], max_age_days=9)["last_proof"][0] == "broken"
    assert told([record(0)], max_age_days=10)["last_proof"][0] == "ok"


@pytest.mark.parametrize(("seconds", "verdict"), [(1800, "ok"), (1801, "broken"), (None, "unknown")])
def test_objectives_that_are_missed_are_told(seconds, verdict):
    assert told([record(recovery_seconds=seconds)], recovery_minutes=30)["recovery_time"][0] == verdict
    age = seconds and seconds * 2
    assert told([record(recovery_point_age_seconds=age)], point_hours=1)["recovery_point"][0] == verdict
    assert "recovery_time" not in told([record(recovery_seconds=seconds)])


def test_open_failed_and_different_ones_are_told_and_points_that_stay():
    assert "goes on" in told([record(state="open", failure="It goes on.", left=["x"])])["open_drill"][1]
    assert "broken off" in told([record(state="open")])["open_drill"][1]
    assert told([record(failure="no room")])["failed_drill"][0] == "broken"
    assert "cpus" in told([record(differences=["cpus is 1"])])["differs"][1]
    kept = record(on_demand=True, delete_after_days=7, recovery_point={"recovery_point_arn": "p1"})
    assert told([kept])["on_demand_point"] == (
        "costly",
        "p1 was made for the drill drill-0000000000, and stays for 7 days from then on.",
    )


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-02-30"])
def test_a_time_that_is_none_is_none(text):
    assert drill.moment(text) is None
    assert drill.seconds_between(text, NOW) is None
    assert drill.moment("2026-02-01T00:00:00Z") == drill.moment("2026-02-01")
