# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.forms import (
    FORMS,
    check,
    checked,
    checked_address,
    checked_network,
)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("hypervisor_username", "backup@example.com"),
        ("hypervisor_password", " with blanks "),
        ("hypervisor_host", "10.0.0.1"),
        ("region", "us-gov-west-1"),
        ("account_id", "012345678901"),
        ("kms_key_arn", ""),
        ("kms_key_arn", "alias/own"),
        ("kms_key_arn", "arn:aws:kms:eu-west-1:123456789012:alias/own"),
        ("permissions_boundary", ""),
        ("source", "10.0.0.0/24"),
        ("source", "fd00::1"),
        ("memory", 16384),
        ("tags", {"owner": "us"}),
        ("backup_role_name", "AWSBackup-vmc-jobs"),
        ("backup_role_name", "MyAwsBackupRole"),
        ("machine_arn", "arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-0123456789ABCDEF0"),
        ("vault_arn", "arn:aws-us-gov:backup:us-gov-west-1:123456789012:backup-vault:copies"),
        ("time_zone", "Etc/UTC"),
        ("time_zone", "America/Argentina/Buenos_Aires"),
    ],
)
def test_what_has_the_form_passes(form, value):
    check("option", form, value)


@pytest.mark.parametrize(
    ("form", "value", "says"),
    [
        ("hypervisor_username", "CORP\\user", "write user@domain instead of"),
        ("hypervisor_username", "jürgen@example.com", "printable"),
        ("hypervisor_username", "a" * 101, "1 to 100"),
        ("hypervisor_password", "pässword", "printable ASCII"),
        ("hypervisor_password", "word\n", "control character, perhaps the end of the line"),
        ("hypervisor_host", "https://vc.example", "without https://"),
        ("host", "vc example", "not the name or address of a host"),
        ("username", "user:name", "colon"),
        ("token", "tök", "printable ASCII"),
        ("region", "Frankfurt", "such as eu-central-1"),
        ("backup_role_name", "vmc-jobs", "hold AWSBackup or AwsBackup"),
        ("backup_role_name", "A" * 60 + "AWSBackup", "1 to 64"),
        ("machine_arn", "arn:aws:backup-gateway:eu-west-1:123456789012:vm/*", "without a wildcard"),
        ("machine_arn", "arn:aws:ec2:eu-west-1:123456789012:instance/i-1", "one virtual machine"),
        ("vault_arn", "copies", "ARN of a vault"),
        ("time_zone", "GMT+1 summer", "such as Europe/Berlin"),
        ("account_id", "5349888", "12 digits"),
        ("vpc_id", "my-vpc", "id of a VPC"),
        ("subnet_id", "vpc-1", "id of a subnet"),
        ("role_arn", "backup", "ARN of a role"),
        ("kms_alias", "alias/aws/backup", "not below alias/aws/"),
        ("kms_key_arn", "alias/aws/backup", "a key of yours"),
        ("kms_key_arn", "arn:aws:kms:eu-west-1:123456789012:alias/aws/backup", "a key of yours"),
        ("kms_key_arn", "own", "begins with alias/"),
        ("address", "dns.example", "is not an address"),
        ("address", "0.0.0.0", "not the address of a host"),
        ("ipv4_address", "time.example", "is not an address"),
        ("ipv4_address", "fd00::7b", "not an IPv4 address"),
        ("network", "10.0.0.1/24", "no IPv4 address or network"),
        ("source", "vpn", "neither an address nor a network"),
        ("memory", 16385, "no multiple of 4"),
        ("tags", {"aws:owner": "us"}, "must not begin with aws:"),
    ],
)
def test_what_has_not_the_form_is_refused_by_its_name(form, value, says):
    with pytest.raises(Invalid, match=says) as caught:
        check("option", form, value)
    assert str(caught.value).startswith("option: ")


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_what_has_a_form_is_shown(form):
    with pytest.raises(Invalid) as caught:
        checked("option", form, "hush ü")
    assert "hush" not in str(caught.value)


def test_an_address_and_a_network_have_one_way_to_be_written():
    assert checked_address("option", "fd00:0::1") == "fd00::1"
    assert checked_network("option", "10.0.0.1") == "10.0.0.1/32"
