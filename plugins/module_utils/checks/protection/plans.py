# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the plans that select the machines run, whoever made them, and whether the gateways can do what they ask for in time."""

from __future__ import annotations

import collections
import datetime
import statistics

from ...clients.aws_forms import timestamp
from ...engine.findings import Untold, broken, ok, unknown
from ...errors import Error
from ...schedule import longest_gap

SLACK = datetime.timedelta(hours=2)  # the day on which clocks are put forward or back, and what a run takes
MOST_JOBS = 4  # of one gateway
MINUTE = datetime.timedelta(minutes=1)


def told(facts):
    """Plans of others and of the organisation count, so that one that does not tell may be the one."""
    if isinstance(facts.plans, Untold):
        return unknown(facts.plans)
    silent = [
        f"{titled(plan)}: {plan[part]}"
        for plan in facts.plans
        for part in ("rules", "selections")
        if isinstance(plan[part], Untold)
    ]
    if silent:
        return unknown(f"Not all plans tell. {' '.join(silent)}")
    return ok(f"{len(facts.plans)} plans: {', '.join(map(titled, facts.plans)) or 'none'}.")


def selecting(facts) -> dict:
    """Plan by its id -> how many of the machines it selects; only those that select any."""
    if isinstance(facts.selecting, Untold):
        return {}
    return collections.Counter(plan["id"] for plans in facts.selecting.values() for plan in plans)


def of_ours(facts) -> list:
    """The plans that select machines, as far as they tell their rules."""
    counted = selecting(facts)
    plans = [] if isinstance(facts.plans, Untold) else facts.plans
    return [plan for plan in plans if plan["id"] in counted and not isinstance(plan["rules"], Untold)]


def runs(facts):
    """Whether each has run when it was due."""
    return [(titled(plan), _runs(plan, facts.now)) for plan in of_ours(facts)]


def _runs(plan, now):
    gaps, faults, unread = [], [], []
    for name, rule in plan["rules"].items():
        expression = rule.get("schedule_expression") or ""
        if not expression:
            faults.append(f"the rule {name} has no schedule, so that it makes nothing by itself")
            continue
        try:
            gap = longest_gap(expression, now.date())
        except Error as failure:
            unread.append(str(failure))
            continue
        if gap is None:
            faults.append(f"the schedule of the rule {name}, {expression}, does not come twice any more")
        else:
            gaps.append(gap)
    last, due = plan["executed"] or plan["created"], min(gaps, default=None)
    if due is not None and last is not None and now - last > due + SLACK:
        was = (
            f"its last run was at {timestamp(plan['executed'])}"
            if plan["executed"]
            else f"it has not run since it was made, at {timestamp(last)}"
        )
        faults.append(f"{was}, and a run is due each {due.total_seconds() / 3600:g} hours")
    if faults:
        return broken(
            f"{_sentence('; '.join(faults))}.", "Look at its rules and at what AWS Backup says of its last jobs."
        )
    if unread or due is None or last is None:
        return unknown(" ".join(unread) or "AWS Backup does not tell when it last ran.")
    return ok(f"Its last run: {timestamp(plan['executed']) or 'none yet'}.")


def narrow(facts):
    """ListOfTags of a selection is ORed with what it names, and takes resources of every type (SAFETY 34)."""
    found = []
    for plan in of_ours(facts):
        wide = [each["selection_name"] for each in plan["selections"] if each["list_of_tags"]]
        if wide:
            evidence = f"{', '.join(wide)} selects by ListOfTags, which takes whatever of the account carries one of the tags, of every type."
            found.append((titled(plan), broken(evidence, "Name the machines, or take conditions.")))
    return found


# Whether the gateways are enough


def fits(facts):
    """Machines x duration against four jobs for each gateway, and the window in which a job has to begin."""
    plans, gateways = of_ours(facts), facts.gateways
    if not plans or not isinstance(gateways, list) or not gateways:
        return None
    duration = _duration(facts)
    if isinstance(duration, Untold):
        return [(titled(plan), unknown(duration)) for plan in plans]
    found = []
    for plan in plans:
        for name, rule in plan["rules"].items():
            for cluster, machines, serving in _shares(plan, facts):
                title = f"{titled(plan)}, {name}{f', {cluster}' if cluster else ''}"
                found.append((title, _fits(rule, machines, serving, duration)))
    return found


def _fits(rule, machines, gateways, duration):
    window = rule.get("start_window_minutes")
    if window is None:
        return unknown("AWS Backup does not tell the start window of the rule.")
    if not gateways:
        return broken(
            f"{machines} machines are in the cluster, and no gateway: on VMware Cloud on AWS one needs a host that sees their datastore.",
            "Plan an appliance in the cluster (vmc_backup_appliances).",
        )
    needed = machines * duration / (MOST_JOBS * gateways)
    told = (
        f"{machines} machines of {duration / MINUTE:.0f} minutes each take {needed / MINUTE:.0f} minutes of {gateways} gateways with "
        f"{MOST_JOBS} jobs each, and a job has to begin within {window}"
    )
    if needed > window * MINUTE:
        return broken(f"{told}: the last ones expire.", "Add gateways, or let the rule have a longer start window.")
    return ok(f"{told}.")


def _shares(plan, facts) -> list:
    """The machines of a plan and the gateways that serve them: by cluster, where it is known in which each of these is."""
    machines = facts.machines
    arns = {arn for arn, plans in facts.selecting.items() if any(one["id"] == plan["id"] for one in plans)}
    if isinstance(machines, Untold):
        return [("", len(arns), len(facts.gateways))]
    clusters = {one.seen["gateway_arn"]: one.seen["cluster"] for one in machines if one.seen["gateway_arn"]}
    of_gateways = [clusters.get(gateway["GatewayArn"]) for gateway in facts.gateways]
    mine = [one for one in machines if one.listed and one.listed["ResourceArn"] in arns]
    if not all(of_gateways) or not all(one.seen["cluster"] for one in mine):
        return [("", len(arns), len(facts.gateways))]
    counted = collections.Counter(one.seen["cluster"] for one in mine)
    return [(cluster, number, of_gateways.count(cluster)) for cluster, number in sorted(counted.items())]


def _duration(facts):
    """How long a backup takes: the median of those that have completed."""
    if isinstance(facts.jobs, Untold):
        return facts.jobs
    taken = [
        job["CompletionDate"] - (job.get("InitiationDate") or job["CreationDate"])
        for job in facts.jobs["jobs"]
        if job["State"] == "COMPLETED" and job.get("CompletionDate") and job.get("CreationDate")
    ]
    return (
        statistics.median(taken)
        if taken
        else Untold("no backup has completed lately that would tell how long one takes")
    )


def titled(plan) -> str:
    return f"{plan['name']} (of the organisation)" if plan["of_organisation"] else plan["name"]


def _sentence(text) -> str:
    return text[:1].upper() + text[1:]
