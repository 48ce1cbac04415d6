# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a report is to be corrected: what was approved, of a world that is still as it was reported."""

from __future__ import annotations

CORRECTED = ("create", "in_place", "delete")
# Made in many steps, of which none can be left out.
MADE_BY_SITE = ("appliance", "gateway", "hypervisor")


def chosen(told: dict, approved: dict, ids, severities) -> dict:
    """For each host the ``objects`` to correct, the ``roles`` that do it, and as ``refused`` why nothing is corrected at all.

    ``approved`` are the digests that somebody has seen. An id, alone or behind its host, stands for all fields of its object.
    """
    known = {each["id"] for host in told["hosts"] for each in host["findings"]}
    known |= {f"{host['host']}:{each['id']}" for host in told["hosts"] for each in host["findings"]}
    strays = [f"There is no finding {one}." for one in ids if one not in known]
    nothing = [] if ids or severities else ["Nothing is named to be corrected, neither findings nor severities."]
    return {host["host"]: _of_host(host, approved, ids, severities, [*strays, *nothing]) for host in told["hosts"]}


def _of_host(host, approved, ids, severities, refused) -> dict:
    refused = [*refused, *_unlike(host, approved)]
    still = [finding for finding in host["findings"] if finding["open"]]
    named = [each for each in still if each["id"] in ids or f"{host['host']}:{each['id']}" in ids]
    refused += [f"{each['id']}: {why}" for each in named for why in [_left(each)] if why]
    grave = [each for each in still if each["severity"] in severities and not _left(each)]
    objects = {each["thing"] for each in [*named, *grave]}
    meant = [each for each in still if each["thing"] in objects]
    return {
        "objects": [] if refused else sorted(objects),
        "roles": [] if refused else sorted({each["mended_by"] for each in meant if each["mended_by"]}),
        "refused": refused,
    }


def _unlike(host, approved):
    """Why this is not the world that was approved."""
    if not host["complete"]:
        yield f"It could not be looked at wholly: {host['incomplete']}"
    if any(finding["class"] == "stale" and finding["subject"] != "acceptance" for finding in host["findings"]):
        yield "VMware maintains it, and what is seen of it may be stale."
    if host["host"] not in approved:
        yield "No report of it was approved."
    elif approved[host["host"]] != host["digest"]:
        yield "It is no longer as it was reported. Look at it again, and approve what is found then."


def _left(finding) -> str:
    """Why a correction leaves it, if it does."""
    if finding["effect"] not in CORRECTED or not finding["mended_by"] or not finding["thing"]:
        return "is no field that a role puts right. " + (
            finding["change"] or "A person does, or it goes with its cause."
        )
    if finding["effect"] == "create" and finding["kind"] in MADE_BY_SITE:
        return "is made in many steps: vmc.aws_backup.site does it."
    return ""


def objects_that_differ(host: dict) -> list:
    """The objects of a host with a field that differs."""
    return sorted({each["thing"] for each in host["findings"] if each["open"] and each["thing"]})
