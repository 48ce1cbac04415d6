# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.lookup.aws_options import options

SHARED = {
    "vmc_backup_aws_profile": "site",
    "vmc_backup_aws_region": "eu-west-1",
    "vmc_backup_aws_role_arn": "arn:shared",
    "vmc_backup_aws_role_external_id": "shared id",
}


def of(part, **variables):
    return options(part, {**SHARED, **variables}.get)


def test_a_part_without_anything_of_its_own_has_what_the_host_has():
    assert of("backup") == {
        "profile": "site",
        "region": "eu-west-1",
        "assume_role_arn": "arn:shared",
        "assume_role_external_id": "shared id",
    }


def test_a_part_with_a_role_of_its_own_assumes_it_with_the_host_s_credentials():
    found = of("backup", vmc_backup_backup_aws_role_arn="arn:own")
    assert found == {"profile": "site", "region": "eu-west-1", "assume_role_arn": "arn:own"}


def test_credentials_of_a_part_are_not_mixed_with_those_of_the_host():
    own = {"vmc_backup_endpoint_aws_access_key": "KEY", "vmc_backup_endpoint_aws_secret_key": "secret"}
    assert of("endpoint", **own) == {"access_key": "KEY", "secret_key": "secret", "region": "eu-west-1"}
    assert of("backup", **own)["profile"] == "site"


def test_what_is_empty_is_not_given():
    assert "assume_role_arn" not in of("endpoint", vmc_backup_aws_role_arn="")


def test_the_trusted_certificates_and_the_proxy_hold_for_every_part():
    found = of("endpoint", vmc_backup_ca_bundle="/ca.pem", vmc_backup_aws_proxy="http://proxy:3128")
    assert found["aws_ca_bundle"] == "/ca.pem"
    assert found["aws_config"] == {"proxies": {"http": "http://proxy:3128", "https": "http://proxy:3128"}}
