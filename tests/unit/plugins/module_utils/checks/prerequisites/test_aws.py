# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.prerequisites import aws

from .site import ACCOUNT, FIRST, SDDC, SECOND, SILENT, WITNESS, said, site, with_link

STRETCHED = {**with_link(subnets=[FIRST, SECOND]), "availability_zone_ids": ["euw1-az1", "euw1-az2"]}
UNTOLD_ZONE = with_link(subnets=[FIRST, {**SECOND, "availability_zone_id": None}])
OFF = {"resource_type_opt_in_preference": {"VirtualMachine": False}}


def holding(*subnets, **more):
    return {"endpoint_account": {**ACCOUNT, "subnets": list(subnets), **more}}


def running(deprecation_date, *, site_id="a-site", at="2026-12-01T00:00:00+00:00"):
    gateway = {
        "name": "gw-1",
        "site_id": site_id,
        "software_version": "2-1.0-0",
        "deprecation_date": deprecation_date,
        "next_update_availability_time": at,
    }
    return {"gateways": [gateway], "identity": {"site_id": "a-site"}}


CASES = [
    # check, what differs, verdict, words
    (aws.account, {}, None, ""),
    (aws.account, {"account": SILENT}, "unknown", "HTTP 503"),
    (aws.account, {"account": SILENT, "without": ["vmc_backup_aws_region"]}, None, ""),
    (aws.endpoint_account, {"endpoint_account": SILENT}, "unknown", "HTTP 503"),
    (aws.endpoint_account, {"endpoint_account": SILENT, "account": SILENT}, None, ""),
    (aws.asserted, {"given": {"vmc_backup_aws_account_id": 1}}, None, ""),
    (
        aws.asserted,
        {"given": {"vmc_backup_aws_account_id": "2"}},
        "broken",
        "the caller is in 1, vmc_backup_aws_account_id is 2",
    ),
    (
        aws.asserted,
        {"given": {"vmc_backup_backup_aws_account_id": "2"}},
        "broken",
        "vmc_backup_backup_aws_account_id is 2",
    ),
    (aws.asserted, {"given": {"vmc_backup_aws_account_id": "2"}, "account": SILENT}, None, ""),
    (
        aws.endpoint_asserted,
        {"given": {"vmc_backup_endpoint_aws_account_id": "2"}},
        "broken",
        "vmc_backup_endpoint_aws_account_id is 2",
    ),
    (aws.endpoint_asserted, {"given": {"vmc_backup_endpoint_aws_account_id": "1"}}, None, ""),
    (aws.gateways, {}, None, ""),
    (aws.gateways, {"gateways": SILENT}, "unknown", "HTTP 503"),
    (aws.gateways, {"gateways": SILENT, "account": SILENT}, None, ""),
    (aws.outdated, {}, None, ""),
    (
        aws.outdated,
        running("2020-01-01T00:00:00+00:00"),
        "broken",
        "gw-1 runs 2-1.0-0, which is deprecated since 2020-01-01T00:00:00+00:00. AWS gives it neither new features nor corrections. "
        "Update the software in AWS Backup, while no job runs (UpdateGatewaySoftwareNow). It can be had: gw-1 from 2026-12-01",
    ),
    (aws.outdated, running("2020-01-01T00:00:00+00:00", at=None), "broken", "AWS does not say from when"),
    (aws.outdated, running("2999-01-01T00:00:00+00:00"), None, ""),
    (aws.outdated, running(None), None, ""),
    (aws.outdated, running("2020-01-01T00:00:00+00:00", site_id="another"), None, ""),
    (aws.outdated, {"gateways": SILENT}, None, ""),
    (aws.owner, {}, None, ""),
    (aws.owner, {"sddc": with_link(account_id="2")}, "broken", "the connected VPC belongs to 2"),
    (aws.owner, {"sddc": with_link(account_id="2"), "given": {"vmc_backup_vpc_id": "vpc-9"}}, None, ""),
    (aws.owner, {"sddc": with_link(account_id=None)}, None, ""),
    (aws.owner, {"sddc": with_link(account_id="2"), "endpoint_account": SILENT}, None, ""),
    (aws.accounts_seen, {}, "ok", "Backups in 1, which nothing asserts; endpoint in 1; connected VPC in 1."),
    (aws.accounts_seen, {"given": {"vmc_backup_aws_account_id": "1"}}, "ok", "Backups in 1; endpoint"),
    (aws.accounts_seen, {"endpoint_account": SILENT}, "unknown", "HTTP 503"),
    (aws.accounts_seen, {"sddc": SILENT}, "ok", "connected VPC in (none, or not seen)"),
    (aws.link, {}, None, ""),
    (aws.link, {"sddc": with_link(state="BROKEN")}, "broken", "it is BROKEN, not ACTIVE"),
    (aws.link, {"sddc": {**SDDC, "connected_vpc": None}}, "broken", "it is missing"),
    (aws.link, {"sddc": SILENT}, None, ""),
    (aws.offered, {}, None, ""),
    (
        aws.offered,
        holding(FIRST, endpoint_services=[]),
        "broken",
        "eu-west-1 does not offer com.amazonaws.eu-west-1.backup-gateway.",
    ),
    (aws.offered, {"endpoint_account": SILENT}, None, ""),
    (aws.subnets, holding(), "broken", "subnet-1 cannot be found in the account 1"),
    (aws.subnets, {**holding(), "subnet_ids": []}, None, ""),
    (aws.served, holding(FIRST), None, ""),  # the names differ, the ids agree
    (
        aws.served,
        holding(WITNESS),
        "broken",
        "the SDDC is in euw1-az1, the endpoint's subnets are in euw1-az3",
    ),  # the names agree
    (aws.served, holding(FIRST, WITNESS), None, ""),
    (aws.served, holding(), None, ""),  # what is not there is told by another row
    (aws.served, {"sddc": STRETCHED, **holding(FIRST, SECOND)}, None, ""),
    (aws.served, {"sddc": STRETCHED, **holding(SECOND)}, "broken", "euw1-az1, euw1-az2"),
    (
        aws.served,
        {"sddc": STRETCHED, **holding(FIRST, WITNESS)},
        "broken",
        "euw1-az1, euw1-az3",
    ),  # by name these would be the two
    (aws.further_zones, holding(FIRST), None, ""),
    (
        aws.further_zones,
        holding(FIRST, SECOND),
        "costly",
        "subnet-2 in euw1-az2 lies outside the availability zones of the SDDC, euw1-az1",
    ),
    (aws.further_zones, holding({**FIRST, "subnet_id": "subnet-9"}), None, ""),
    (aws.further_zones, {"sddc": STRETCHED, **holding(FIRST, SECOND)}, None, ""),
    (aws.further_zones, {"sddc": UNTOLD_ZONE, **holding(FIRST, SECOND)}, None, ""),
    (
        aws.further_zones,
        {"sddc": SILENT, **holding(FIRST)},
        None,
        "",
    ),  # of which nothing is known has no zones to lie outside of
    (aws.another_vpc, {"given": {"vmc_backup_vpc_id": "vpc-9"}}, "costly", "VPC vpc-9 is not the connected VPC, vpc-1"),
    (aws.another_vpc, {"given": {"vmc_backup_vpc_id": "vpc-1"}}, None, ""),
    (
        aws.vpc_seen,
        {},
        "ok",
        "vpc-1 (connected VPC: vpc-1, ACTIVE); the SDDC is in euw1-az1, subnets in euw1-az1; eu-west-1 offers",
    ),
    (aws.vpc_seen, {"sddc": SILENT}, "unknown", "None is given"),
    (aws.vpc_seen, {"endpoint_account": SILENT}, "unknown", "vpc-1; the account was not seen: HTTP 503"),
    (aws.endpoint_seen, {}, "ok", "one-appliances in vpc-1"),
    (aws.endpoint_seen, {"sddc": SILENT}, "unknown", "nothing was seen of its VPC"),
    (aws.opt_in, {}, None, ""),
    (aws.opt_in, {"region_settings": OFF}, "broken", "is off in eu-west-1, and prerequisites_opt_in is check"),
    (aws.opt_in, {"region_settings": OFF, "given": {"prerequisites_opt_in": "enforce"}}, None, ""),
    (aws.opt_in, {"region_settings": SILENT}, "unknown", "HTTP 503"),
    (aws.opt_in, {"region_settings": SILENT, "account": SILENT}, None, ""),
    (aws.opt_in_seen, {}, "ok", "It is on in eu-west-1"),
    (aws.opt_in_seen, {"region_settings": OFF}, "ok", "It is off"),
    (aws.opt_in_seen, {"region_settings": SILENT}, "unknown", "did not tell"),
    (aws.roles, {}, None, ""),
    (aws.roles, {"roles_that_lack": ["jobs"]}, "broken", "jobs cannot be found"),
    (aws.roles, {"roles_that_lack": ["jobs"], "given": {"prerequisites_iam_roles": "enforce"}}, None, ""),
    (aws.roles, {"roles_that_lack": SILENT}, "unknown", "HTTP 503"),
    (aws.roles_seen, {}, "ok", "jobs and tags are asked for"),
    (aws.roles_seen, {"account": SILENT}, "unknown", "not seen"),
    (aws.key_seen, {}, "ok", "alias/a is asked for"),
    (aws.key_seen, {"account": SILENT}, "unknown", "not seen"),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_it_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert found == verdict
    assert words in text and bool(words) == bool(text)
