# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The activated gateway: one appliance, as AWS Backup knows it."""

from __future__ import annotations

import datetime

from .. import forms, wait
from ..clients import backup_gateway as api
from ..clients.aws_forms import tag_list, timestamp
from ..errors import Ambiguous, ApiError, Conflict, Error, Foreign, Invalid
from ..ownership import claim, is_ours
from ..values import MARKS, SITE_KEY, Noticed, Unresolved, canonical, checked_site, given, wanted_tags
from . import job
from .activation_key import check_endpoint

INSTANCE_TAG = f"{MARKS}:instance-uuid"
ENTRY_TAG = f"{MARKS}:entry"
# What it says of itself in tags of its own.
CARRIED = {"instance_uuid": INSTANCE_TAG, "entry": ENTRY_TAG, "site_id": SITE_KEY}
MINUTES_PER_HOUR = 60

# Our suboptions -> the members of the API, with the range each may have.
WINDOW = {
    "hour_of_day": ("HourOfDay", 0, 23),
    "minute_of_hour": ("MinuteOfHour", 0, 59),
    "day_of_week": ("DayOfWeek", 0, 6),
    "day_of_month": ("DayOfMonth", 1, 28),
}
INTERVAL = {
    "average_upload_rate_limit_in_bits_per_sec": ("AverageUploadRateLimitInBitsPerSec", 51_200, 8_000_000_000_000),
    "start_hour_of_day": ("StartHourOfDay", 0, 23),
    "start_minute_of_hour": ("StartMinuteOfHour", 0, 59),
    "end_hour_of_day": ("EndHourOfDay", 0, 23),
    "end_minute_of_hour": ("EndMinuteOfHour", 0, 59),
}
MOST_INTERVALS = 20
SUNDAY = {"day_of_week": 0}

# What an option must look like, and how to say so without showing it.
FORMS = {"name": "gateway_name", "entry": "gateway_name", "activation_key": "activation_key"}


def find(client, *, name: str | None = None) -> list[dict]:
    """The gateways, or those of that display name, with tags, schedule and the hypervisor they are linked to."""
    return _described(client, [raw for raw in api.gateways(client) if name in (None, raw.get("GatewayDisplayName"))])


def view(raw: dict) -> dict:
    gateway = raw["Gateway"]
    hypervisor = raw["Hypervisor"] or {}
    dangling = gateway.get("HypervisorId") or ""
    tags = dict(raw["Tags"])
    carried = {key: tags.pop(tag, "") for key, tag in CARRIED.items()}
    return {
        "gateway_arn": gateway["GatewayArn"],
        "name": gateway["GatewayDisplayName"],
        "gateway_type": gateway.get("GatewayType"),
        "hypervisor": hypervisor.get("Name", dangling),
        "hypervisor_arn": hypervisor.get("HypervisorArn", dangling),
        "last_seen_time": timestamp(gateway.get("LastSeenTime")),
        "vpc_endpoint": gateway.get("VpcEndpoint") or "",
        "software_version": gateway.get("SoftwareVersion"),
        "next_update_availability_time": timestamp(gateway.get("NextUpdateAvailabilityTime")),
        "deprecation_date": timestamp(gateway.get("DeprecationDate")),
        "maintenance_start_time": _ours(gateway.get("MaintenanceStartTime") or {}, WINDOW),
        "bandwidth_rate_limit_intervals": canonical(
            {**_ours(interval, INTERVAL), "days_of_week": canonical(interval["DaysOfWeek"])}
            for interval in raw["Intervals"]
        ),
        **carried,
        "tags": tags,
    }


class BackupGateway:
    kind = "gateway"
    immutable = ("vpc_endpoint", "instance_uuid")
    may_be_denied = ("name", "entry", "site_id")
    blank = {
        "hypervisor": "",
        "hypervisor_arn": "",
        "vpc_endpoint": "",
        "maintenance_start_time": {},
        "bandwidth_rate_limit_intervals": [],
        "last_seen_time": None,
        "entry": "",
        "site_id": "",
    }

    def __init__(self, client, backup, params: dict):
        self.client = client
        self.backup = backup
        self.params = params

    def observe(self):
        found = self._found()
        if len(found) > 1:
            raise Ambiguous(self.kind, self._name, [have["gateway_arn"] for have in found])
        if not found:
            return None
        have = found[0]
        what = f"The gateway {have['name']} ({have['gateway_arn']})"
        if self.params.get("entry") and have["entry"] not in ("", self.params.get("entry")):
            raise Foreign(
                f"{what} is that of {have['entry']} in the plan, not of {self.params['entry']}. Give it its name back."
            )
        uuid = self.params["instance_uuid"]
        return claim(what, have, self.params, proven=bool(uuid) and have["instance_uuid"] == uuid)

    def want(self, have):
        self._check()
        want = given(self.params, "name", "entry", "site_id")
        if have is None:
            want = {"name": self.params.get("entry"), **want}
        elif self._is_taken(have):
            del want["name"]
        for key in self.immutable:
            if self.params[key] is not None:
                want[key] = self._fixed(key, have)
        if self.params["hypervisor"] is not None:
            want.update(self._hypervisor(have))
            self._refuse_to_unlink(have, want)
        want.update(given(self.params, "maintenance_start_time", "bandwidth_rate_limit_intervals"))
        if "maintenance_start_time" in want:
            want["maintenance_start_time"] = _window(want["maintenance_start_time"], have)
        if "bandwidth_rate_limit_intervals" in want:
            want["bandwidth_rate_limit_intervals"] = _intervals(want["bandwidth_rate_limit_intervals"])
        tags = self.params["tags"]
        want["tags"] = wanted_tags(have and have["tags"], tags, purge=tags is not None and self.params["purge_tags"])
        return want

    def create(self, want):
        if not self.params["activation_key"]:
            raise Invalid(
                "activation_key", "A new gateway needs the key that its appliance gave less than 30 minutes ago."
            )
        own = {tag: want[key] for key, tag in CARRIED.items() if key in want}
        try:
            return self.client.call(
                "create_gateway",
                once=True,
                ActivationKey=self.params["activation_key"],
                GatewayDisplayName=want["name"],
                GatewayType="BACKUP_VM",
                Tags=tag_list({**want["tags"], **own}),
            )["GatewayArn"]
        except ApiError as refusal:
            # CreateGateway declares no conflict: a name that was taken meanwhile can be told by ValidationException only.
            if refusal.code == "ValidationException" and self._found():
                raise Conflict(refusal.message, attempted="create_gateway", code=refusal.code) from None
            raise

    def take_back(self, arn):
        """Delete the gateway just made, unless somebody has linked it already."""
        if not any(raw.get("HypervisorId") for raw in api.gateways(self.client) if raw["GatewayArn"] == arn):
            self.client.call("delete_gateway", missing=api.GONE, GatewayArn=arn)

    def update(self, have, changes):
        arn = have["gateway_arn"]
        if "vpc_endpoint" in changes:
            raise Error(
                f"The gateway {have['name']} was created with the endpoint {have['vpc_endpoint'] or '(public)'} instead of "
                f"{changes['vpc_endpoint']}, because its activation key was fetched for that one. No API changes it: "
                "delete the gateway, redeploy its appliance and fetch a key for the right endpoint."
            )
        if "name" in changes:
            self.client.call("update_gateway_information", GatewayArn=arn, GatewayDisplayName=changes["name"])
        for key in ("hypervisor", "hypervisor_arn"):
            if key in changes:
                self._link(have, changes[key])
        if "maintenance_start_time" in changes:
            window = _theirs(changes["maintenance_start_time"], WINDOW)
            self.client.call("put_maintenance_start_time", GatewayArn=arn, **window)
        if "bandwidth_rate_limit_intervals" in changes:
            self.client.call(
                "put_bandwidth_rate_limit_schedule",
                GatewayArn=arn,
                BandwidthRateLimitIntervals=[
                    {**_theirs(interval, INTERVAL), "DaysOfWeek": interval["days_of_week"]}
                    for interval in changes["bandwidth_rate_limit_intervals"]
                ],
            )
        own = {tag: changes[key] for key, tag in CARRIED.items() if key in changes}
        if "tags" in changes or own:
            api.put_tags(self.client, arn, have["tags"], {**changes.get("tags", have["tags"]), **own})

    def delete(self, have):
        self._drain(have)
        if have["hypervisor_arn"]:
            self.client.call("disassociate_gateway_from_server", missing=api.GONE, GatewayArn=have["gateway_arn"])
            try:
                self._drain(have)
            except Error as refusal:
                refusal.wrote = True
                raise
        self.client.call("delete_gateway", missing=api.GONE, GatewayArn=have["gateway_arn"])

    def held(self, have):
        return None if self.params["drain_timeout"] else self._jobs(have)

    def ready(self, have):
        if have["last_seen_time"] is None:
            return "AWS Backup has never heard of its appliance"
        age = self.client.now() - datetime.datetime.fromisoformat(have["last_seen_time"])
        if age.total_seconds() > self.params["last_seen_max_age"]:
            return f"AWS Backup last heard of its appliance at {have['last_seen_time']}"
        return None

    def lost(self, have):
        """A silent gateway may come back by itself; if it does not, only another one mends it."""
        if "gateway_arn" not in have or self.ready(have) is None:
            return {}
        return {"last_seen_time": (f"less than {self.params['last_seen_max_age']} seconds ago", have["last_seen_time"])}

    @property
    def _name(self):
        return self.params.get("name") or self.params.get("entry")

    def _found(self) -> list[dict]:
        """By what it carries of its entry in the plan and of its machine, and only then by its name (SAFETY 24).

        The tags of all others are read only where those of the name are not it.
        """
        listed = api.gateways(self.client)
        named = self._living([raw for raw in listed if self._is_called(raw)])
        carrying = [have for have in named if self._carries(have)]
        if self.params.get("entry") and not carrying:
            others = self._living([raw for raw in listed if not self._is_called(raw)])
            carrying = [have for have in others if self._carries(have)]
        found = carrying or named or self._living([raw for raw in listed if self._is_told(raw)])
        uuid = self.params["instance_uuid"]
        return [have for have in found if uuid and have["instance_uuid"] == uuid] or found

    def _living(self, listed) -> list[dict]:
        """Without those of a site that is gone, which serve nothing any more."""
        gone = self.params.get("site_was")
        return [have for have in map(view, _described(self.client, listed)) if not gone or have["site_id"] != gone]

    def _is_called(self, raw) -> bool:
        return raw.get("GatewayDisplayName") == self._name

    def _is_told(self, raw) -> bool:
        return raw["GatewayArn"] == self.params.get("gateway_arn")

    def _carries(self, have) -> bool:
        """Whether a gateway is of this entry of this site's plan, or of its machine where no entry was written yet."""
        if not self.params.get("entry") or not is_ours(have["tags"]):
            return False
        uuid, site_id = self.params["instance_uuid"], self.params.get("site_id")
        if uuid and have["instance_uuid"] == uuid:
            return True
        of_the_site = not site_id or have["site_id"] in ("", site_id)
        return of_the_site and have["entry"] == self.params.get("entry")

    def _is_taken(self, have) -> bool:
        """Whether the name that it is to get is another gateway's, of whomever: by it people would take one for the other."""
        if self.params.get("name") in (None, have["name"]):
            return False
        others = [raw for raw in api.gateways(self.client) if raw["GatewayArn"] != have.get("gateway_arn")]
        return any(self._is_called(raw) for raw in others)

    def noticed(self, have):
        if self._is_taken(have):
            advice = (
                "another gateway of the account has that name, so that it keeps its own. Give it another in the plan."
            )
            yield Noticed("name", self.params["name"], have["name"], advice)
        if self.params["vpc_endpoint"] is None and not have["vpc_endpoint"]:
            advice = "the gateway is public: it reaches AWS over the internet. Only another one, with another key, changes that."
            yield Noticed("vpc_endpoint", None, "", advice)

    def _check(self):
        checked_site(self.params.get("site_id"))
        for option, form in FORMS.items():
            if self.params.get(option) is not None:
                forms.checked(option, form, self.params[option])
        if self.params["vpc_endpoint"]:
            check_endpoint(self.params["vpc_endpoint"], self.client.region)

    def _fixed(self, key, have):
        """What cannot change: an empty text stands for a thing that does not exist yet."""
        wanted = self.params[key]
        if not wanted:
            to_come = f"(the {key} to come)"
            return to_come if have and have[key] == to_come else Unresolved(key, to_come)
        if key == "vpc_endpoint" and have and _same_endpoint(have[key], wanted):
            return have[key]
        return wanted

    def _hypervisor(self, have):
        """The link, as the key in which it was asked for: the name, or the ARN."""
        reference = self.params["hypervisor"]
        key = "hypervisor_arn" if reference.startswith("arn:") else "hypervisor"
        if not reference or (have and have[key] == reference):
            return {key: reference}
        found = self._resolve(reference)
        return {key: found if isinstance(found, Unresolved) else reference}

    def _refuse_to_unlink(self, have, want):
        """Taking it off another hypervisor would stop what runs through it: said in a preview too."""
        linked = have and have.get("hypervisor_arn")
        moves = linked and any(key in want and want[key] != have[key] for key in ("hypervisor", "hypervisor_arn"))
        if moves and not self.params["drain_timeout"]:
            jobs = self._jobs(have)
            if jobs:
                raise Foreign(f"The gateway {have['name']} must not be given up: {jobs}.")

    def _resolve(self, reference):
        names = {raw["HypervisorArn"]: raw.get("Name") for raw in api.hypervisors(self.client)}
        return api.resolve("hypervisor", reference, names)

    def _link(self, have, reference):
        """One gateway serves one hypervisor: let go of the old one first."""
        arn = have["gateway_arn"]
        if have["hypervisor_arn"]:
            self._drain(have)
            self.client.call("disassociate_gateway_from_server", GatewayArn=arn)
        if reference:
            self.client.call("associate_gateway_to_server", GatewayArn=arn, ServerArn=self._resolve(reference))

    def _jobs(self, have):
        """Why it is in use. One that is linked no more may still have jobs of when it was (SAFETY 1)."""
        return job.running(self.client, self.backup, have["hypervisor_arn"], self.params.get("site_id"))

    def _drain(self, have):
        if self.params["drain_timeout"]:
            wait.until(
                lambda: self._jobs(have),
                lambda jobs: jobs or True,
                timeout=self.params["drain_timeout"],
                what=f"the jobs that may run through {have['name']}",
            )
        elif self._jobs(have):
            raise Foreign(f"The gateway {have['name']} must not be given up: {self._jobs(have)}.")


def _of(gateway: dict, hypervisors: list) -> dict | None:
    """The hypervisor that a gateway is linked to."""
    return next((raw for raw in hypervisors if api.is_linked(gateway, raw["HypervisorArn"])), None)


def _described(client, listed: list) -> list[dict]:
    """All that several calls tell of gateways; those that went meanwhile, or are not seen whole yet, are left out."""
    found = [raw for raw in (_each(client, raw) for raw in listed) if raw]
    # Asked of what GetGateway says: the list may not show a new link yet.
    linked = any(raw["Gateway"].get("HypervisorId") for raw in found)
    hypervisors = api.hypervisors(client) if linked else []
    return [{**raw, "Hypervisor": _of(raw["Gateway"], hypervisors)} for raw in found]


def _each(client, listed: dict) -> dict | None:
    arn = listed["GatewayArn"]
    answer = client.call("get_gateway", missing=api.GONE, GatewayArn=arn)
    schedule = client.call("get_bandwidth_rate_limit_schedule", missing=api.GONE, GatewayArn=arn)
    tags = api.tags(client, arn)
    if None in (answer, schedule, tags):
        return None
    return {
        # The link is optional in both answers: one of them is enough to count as linked.
        "Gateway": {**{key: listed[key] for key in ("HypervisorId",) if listed.get(key)}, **answer["Gateway"]},
        "Tags": tags,
        "Intervals": schedule.get("BandwidthRateLimitIntervals") or [],
    }


def _same_endpoint(have: str, wanted: str) -> bool:
    # GetGateway: nobody has seen whether VpcEndpoint is the DNS name or the id of the endpoint.
    have, wanted = have.lower().rstrip("."), wanted.lower().rstrip(".")
    return have == wanted or (have.startswith("vpce-") and "." not in have and wanted.startswith(f"{have}-"))


def _ours(members: dict, table: dict) -> dict:
    return {ours: members[theirs] for ours, (theirs, _least, _most) in table.items() if members.get(theirs) is not None}


def _theirs(values: dict, table: dict) -> dict:
    return {theirs: values[ours] for ours, (theirs, _least, _most) in table.items() if ours in values}


def _check_ranges(option: str, values: dict, table: dict) -> None:
    for ours, (_theirs_name, least, most) in table.items():
        if ours in values and not least <= values[ours] <= most:
            raise Invalid(option, f"{ours} is {values[ours]}, but must be from {least} to {most}.")


def _window(wanted: dict, have: dict | None) -> dict:
    """The maintenance window; a day that is not given stays as it is, and is Sunday where a gateway has none."""
    option = "maintenance_start_time"
    _check_ranges(option, wanted, WINDOW)
    days = {"day_of_week", "day_of_month"}
    if days <= set(wanted):
        raise Invalid(option, "day_of_week makes it weekly and day_of_month monthly: give one of them.")
    kept = {} if have is None or days & set(wanted) else have[option]
    if "gateway_arn" in (have or {}) and not days & {*kept, *wanted}:
        kept = SUNDAY  # PutMaintenanceStartTime: without a day its twin of Storage Gateway refuses the whole
    return _ours(_theirs({**kept, **wanted}, WINDOW), WINDOW)


def _intervals(wanted: list) -> list:
    option = "bandwidth_rate_limit_intervals"
    if len(wanted) > MOST_INTERVALS:
        raise Invalid(option, f"{len(wanted)} intervals are more than the {MOST_INTERVALS} that a schedule may have.")
    taken: dict = {}
    for interval in wanted:
        _check_ranges(option, interval, INTERVAL)
        start = interval["start_hour_of_day"] * MINUTES_PER_HOUR + interval["start_minute_of_hour"]
        end = interval["end_hour_of_day"] * MINUTES_PER_HOUR + interval["end_minute_of_hour"]
        if end < start:
            raise Invalid(option, "An interval ends before it starts. Split one that passes midnight in two.")
        if not interval["days_of_week"]:
            raise Invalid(option, "days_of_week is empty.")
        for day in set(interval["days_of_week"]):
            if not 0 <= day <= 6:
                raise Invalid(option, f"days_of_week has {day}, but days go from 0 (Sunday) to 6.")
            if any(start <= other_end and other_start <= end for other_start, other_end in taken.setdefault(day, [])):
                raise Invalid(option, f"Two intervals overlap on day {day}. Both their first and last minute count.")
            taken[day].append((start, end))
    return canonical(
        {**_ours(_theirs(interval, INTERVAL), INTERVAL), "days_of_week": canonical(interval["days_of_week"])}
        for interval in wanted
    )
