# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWS accounts: of the backups and of the endpoint, which may be two."""

from __future__ import annotations

import datetime

from ...engine.findings import Untold, broken, costly, ok, unknown
from ...resources.sddc import zone_ids


def _of(found) -> dict:
    return found if isinstance(found, dict) else {}


def _wanted(facts, part: str) -> tuple:
    """The account that is asserted, and by which variable."""
    own = f"vmc_backup_{part}_aws_account_id"
    name = own if own in facts.given else "vmc_backup_aws_account_id"
    return str(facts.given.get(name, "")), name


def account(facts):
    return (
        unknown(facts.account) if "vmc_backup_aws_region" in facts.given and isinstance(facts.account, Untold) else None
    )


def endpoint_account(facts):
    untold = isinstance(facts.endpoint_account, Untold) and facts.endpoint_account != facts.account
    return unknown(facts.endpoint_account) if untold else None


def asserted(facts):
    found, (wanted, name) = _of(facts.account).get("account_id"), _wanted(facts, "backup")
    if not found or not wanted or found == wanted:
        return None
    return broken(f"the caller is in {found}, {name} is {wanted}.")


def endpoint_asserted(facts):
    found, (wanted, name) = _of(facts.endpoint_account).get("account_id"), _wanted(facts, "endpoint")
    if not found or not wanted or found == wanted:
        return None
    return broken(f"for the endpoint the caller is in {found}, {name} is {wanted}.")


def gateways(facts):
    told = not isinstance(facts.gateways, Untold) or isinstance(facts.account, Untold)
    return None if told else unknown(facts.gateways)


def outdated(facts):
    """The site's gateways whose software AWS does not look after any more, and from when a newer one can be had."""
    site, now = facts.identity.get("site_id"), datetime.datetime.now(datetime.timezone.utc).isoformat()
    found = [
        each
        for each in ([] if isinstance(facts.gateways, Untold) or not site else facts.gateways)
        if each["site_id"] == site and (each["deprecation_date"] or now) < now
    ]
    if not found:
        return None
    told = (
        f"{each['name']} runs {each['software_version'] or 'an unknown version'}, which is deprecated since {each['deprecation_date']}"
        for each in found
    )
    at = (
        f"{each['name']} from {each['next_update_availability_time']}"
        for each in found
        if each["next_update_availability_time"]
    )
    return broken(
        f"{'; '.join(told)}. AWS gives it neither new features nor corrections.",
        f"Update the software in AWS Backup, while no job runs (UpdateGatewaySoftwareNow). It can be had: {', '.join(at) or 'AWS does not say from when'}.",
    )


def owner(facts):
    """The connected VPC is in the account of the endpoint, or another VPC is given."""
    found, link = _of(facts.endpoint_account).get("account_id"), (facts.connected_vpc or {}).get("account_id")
    if "vmc_backup_vpc_id" in facts.given or not found or not link or link == found:
        return None
    return broken(
        f"the connected VPC belongs to {link}, for the endpoint the caller is in {found}.",
        "Give vmc_backup_endpoint_aws_role_arn a role there, or vmc_backup_vpc_id a VPC of the caller's account.",
    )


def accounts_seen(facts):
    backups, endpoint = (_of(each).get("account_id") for each in (facts.account, facts.endpoint_account))
    if not backups or not endpoint:
        return unknown(facts.account if not backups else facts.endpoint_account)
    link = (facts.connected_vpc or {}).get("account_id")
    return ok(
        f"Backups in {backups}{'' if _wanted(facts, 'backup')[0] else ', which nothing asserts'}; endpoint in {endpoint}; "
        f"connected VPC in {link or '(none, or not seen)'}. "
        "Copies to another account: nothing of this version makes any, and nothing of them is looked at."
    )


# The VPC of the endpoint. Availability zones by ID: VMware's account and the customer's have different names for them.


def link(facts):
    if not isinstance(facts.sddc, dict):
        return None
    state = (facts.connected_vpc or {}).get("state") or "missing"
    return None if state == "ACTIVE" else broken(f"it is {state}, not ACTIVE.")


def offered(facts):
    found = _of(facts.endpoint_account)
    if not found or found["endpoint_services"]:
        return None
    region = facts.given["vmc_backup_aws_region"]
    return broken(f"{region} does not offer com.amazonaws.{region}.backup-gateway.")


def subnets(facts):
    found = _of(facts.endpoint_account)
    if not found or not facts.subnet_ids or found["subnets"]:
        return None
    return broken(f"{', '.join(facts.subnet_ids)} cannot be found in the account {found['account_id']}.")


def sddc_zones(facts) -> list:
    """Those of the clusters that appliances are planned in."""
    return zone_ids(_of(facts.sddc), facts.clusters)


def _zones(facts) -> list:
    return sorted({each["availability_zone_id"] for each in _of(facts.endpoint_account).get("subnets") or []})


def served(facts):
    zones = _zones(facts)
    if not zones or set(sddc_zones(facts)) <= set(zones):
        return None
    return broken(
        f"the SDDC is in {', '.join(sddc_zones(facts))}, the endpoint's subnets are in {', '.join(zones)}.",
        "Give vmc_backup_subnet_ids one in each zone of the SDDC.",
    )


def further_zones(facts):
    zones = sddc_zones(facts)
    unknown_zones = {
        each["subnet_id"]
        for each in (facts.connected_vpc or {}).get("subnets") or []
        if not each["availability_zone_id"]
    }
    outside = [
        f"{each['subnet_id']} in {each['availability_zone_id']}"
        for each in _of(facts.endpoint_account).get("subnets") or []
        if each["availability_zone_id"] not in zones and each["subnet_id"] not in unknown_zones
    ]
    if not outside or not zones:
        return None
    return costly(
        f"{', '.join(outside)} lies outside the availability zones of the SDDC, {', '.join(zones)}.",
        "Each further zone of the endpoint costs by the hour, and what the appliances send there costs by the gigabyte.",
    )


def another_vpc(facts):
    given, linked = facts.given.get("vmc_backup_vpc_id"), (facts.connected_vpc or {}).get("vpc_id")
    if not given or not linked or given == linked:
        return None
    return costly(
        f"the endpoint's VPC {given} is not the connected VPC, {linked}.",
        "What the appliances send there passes Transit Connect, Direct Connect or a VPN, which is paid by the hour and by the gigabyte.",
    )


def vpc_seen(facts):
    if not facts.vpc_id:
        return unknown("None is given, and the connected VPC was not seen.")
    found = _of(facts.endpoint_account)
    if not found:
        return unknown(f"{facts.vpc_id}; the account was not seen: {facts.endpoint_account}")
    linked = facts.connected_vpc
    of_link = f" (connected VPC: {linked['vpc_id']}, {linked['state']})" if linked else ""
    zones = f"the SDDC is in {', '.join(sddc_zones(facts))}, " if sddc_zones(facts) else ""
    offers = "offers" if found["endpoint_services"] else "does not offer"
    return ok(
        f"{facts.vpc_id}{of_link}; {zones}subnets in {', '.join(_zones(facts)) or '(none seen)'}; "
        f"{facts.given['vmc_backup_aws_region']} {offers} the service backup-gateway."
    )


def endpoint_seen(facts):
    if not facts.vpc_id or not _of(facts.endpoint_account):
        return unknown(f"{facts.name}-appliances is asked for, but nothing was seen of its VPC.")
    return ok(f"{facts.name}-appliances in {facts.vpc_id} is asked for.")


# What AWS Backup needs in the account


def _opted_in(facts) -> bool:
    return facts.region_settings["resource_type_opt_in_preference"].get("VirtualMachine", False)


def opt_in(facts):
    if facts.given["prerequisites_opt_in"] != "check" or isinstance(facts.account, Untold):
        return None
    if isinstance(facts.region_settings, Untold):
        return unknown(facts.region_settings)
    if _opted_in(facts):
        return None
    region = facts.given["vmc_backup_aws_region"]
    return broken(
        f"the support for virtual machines is off in {region}, and prerequisites_opt_in is check, not enforce."
    )


def opt_in_seen(facts):
    region = facts.given.get("vmc_backup_aws_region", "")
    if isinstance(facts.region_settings, Untold):
        return unknown(f"AWS Backup did not tell of it in {region}.")
    return ok(f"It is {'on' if _opted_in(facts) else 'off'} in {region}.")


def roles(facts):
    if facts.given["prerequisites_iam_roles"] != "check" or isinstance(facts.account, Untold):
        return None
    if isinstance(facts.roles_that_lack, Untold):
        return unknown(facts.roles_that_lack)
    if not facts.roles_that_lack:
        return None
    return broken(
        f"{', '.join(facts.roles_that_lack)} cannot be found, and prerequisites_iam_roles is check, not enforce."
    )


def _asked_for(facts, text):
    return unknown("The account was not seen.") if isinstance(facts.account, Untold) else ok(text)


def roles_seen(facts):
    names = " and ".join(facts.given[f"prerequisites_{which}_role"] for which in ("job", "tag"))
    return _asked_for(facts, f"{names} are asked for.")


def key_seen(facts):
    return _asked_for(facts, f"{facts.given['prerequisites_kms_alias']} is asked for.")
