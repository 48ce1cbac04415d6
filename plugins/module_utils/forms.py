# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a text must look like, by what it is: refused in the same words by a module for its option and by a role for its variable."""

from __future__ import annotations

import ipaddress
import re

from . import secrets, urls, values
from .errors import Invalid

PIECE_MB = 4

# Form -> what it must look like, and how to say so without showing it.
FORMS = {
    "gateway_name": (r"[a-zA-Z0-9-]{1,100}", "must be 1 to 100 letters, digits and hyphens"),
    "activation_key": (r"[a-zA-Z0-9-]{0,50}", "must be 1 to 50 letters, digits and hyphens"),
    "hypervisor_host": (
        r"[a-zA-Z0-9_.:-]{3,128}",
        "must be a name or address of 3 to 128 characters, without https://",
    ),
    "hypervisor_username": (
        r"(?=.*[^ ])[ -.0-[\]-~]{1,100}",
        "must be 1 to 100 printable characters without slash and backslash: write user@domain instead of DOMAIN\\user",
    ),
    "hypervisor_password": (r"[ -~]{1,100}", "must be 1 to 100 printable ASCII characters"),
    "kms_key_arn": (
        r"(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d+:(key/|alias/(?!aws/))\S+|alias/(?!aws/)\S+)?",
        "must be the ARN of a key of yours or of its alias, or an alias that begins with alias/; empty stands for the key that AWS owns",
    ),
    "kms_alias": (
        r"alias/(?!aws/)[a-zA-Z0-9/_-]{1,250}",
        "must be alias/ and letters, digits, slashes, hyphens and underscores, not below alias/aws/",
    ),
    "kms_key_reference": (
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d+:key/\S+|alias/(?!aws/)[a-zA-Z0-9/_-]{1,250}",
        "must be the ARN of a key, or an alias, alias/...; empty stands for the key that AWS owns",
    ),
    "sns_topic_arn": (
        r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?",
        "needs sns_topic_arn, the ARN of a topic",
    ),
    "vault_name": (r"[a-zA-Z0-9_-]{2,50}", "must be 2 to 50 letters, digits, hyphens and underscores"),
    "selection_name": (r"[a-zA-Z0-9_.-]{1,40}", "must be 1 to 40 letters, digits and any of _ . -"),
    "plan_name": (r"[a-zA-Z0-9_.-]{1,50}", "must be 1 to 50 letters, digits and any of _ . -"),
    "rule_name": (r"[a-zA-Z0-9_.-]{1,50}", "needs name, 1 to 50 letters, digits and any of _ . -"),
    "log_group_arn": (
        r"(arn:aws[a-z-]*:logs:[a-zA-Z0-9-]+:\d+:log-group:[\w./-]+(:\*)?)?",
        "must be the ARN of a log group, or empty",
    ),
    "role_arn": (r"arn:aws[a-z-]*:iam::\d+:role/\S+", "must be the ARN of a role"),
    "backup_role_arn": (
        r"arn:aws[a-z-]*:iam::\d+:role/(\S+/)?[^\s/]*A(WS|ws)Backup[^\s/]*",
        "must be the ARN of a role whose name holds AWSBackup or AwsBackup: AWS Backup takes no other",
    ),
    "resource_arn": (r"arn:aws[a-z-]*:[a-z0-9-]+:\S*:\S+", "must be the ARN of what is to be backed up"),
    "role_name": (r"[\w+=,.@-]{1,64}", "must be 1 to 64 letters, digits and any of _+=,.@-"),
    "backup_role_name": (
        r"(?=.{1,64}$)[\w+=,.@-]*A(WS|ws)Backup[\w+=,.@-]*",
        "must be 1 to 64 letters, digits and any of _+=,.@-, and hold AWSBackup or AwsBackup: AWS Backup takes no other",
    ),
    "machine_arn": (
        r"arn:aws[a-z-]*:backup-gateway:[a-z0-9-]+:\d{12}:vm/[^\s*?]+",
        "must be the ARN of one virtual machine, without a wildcard",
    ),
    "vault_arn": (
        r"arn:aws[a-z-]*:backup:[a-z0-9-]+:\d{12}:backup-vault:[a-zA-Z0-9_-]{2,50}",
        "must be the ARN of a vault",
    ),
    "time_zone": (r"[A-Za-z]+(/[A-Za-z0-9_+-]+)*", "must be the name of a time zone, such as Europe/Berlin"),
    "role_path": (r"/|/[!-~]{1,510}/", "must begin and end with a slash"),
    "permissions_boundary": (
        r"(arn:aws[a-z-]*:iam::(\d{12}|aws):policy/\S+)?",
        "must be the ARN of a managed policy, or empty",
    ),
    "account_id": (r"\d{12}", "must be the 12 digits of an account, in quotes where YAML would take them for a number"),
    "region": (r"[a-z]{2}(-[a-z]+)+-\d", "must be the name of a region, such as eu-central-1"),
    "vpc_id": (r"vpc-[0-9a-z]+", "must be the id of a VPC, vpc-..."),
    "subnet_id": (r"subnet-[0-9a-z]+", "must be the id of a subnet, subnet-..."),
    "vpc_endpoint_id": (r"vpce-[0-9a-z]+", "must be the id of an endpoint, vpce-..."),
}


def checked(option: str, form: str, text: str) -> str:
    """The text, if it has the form."""
    look, says = FORMS[form]
    if not re.fullmatch(look, text, re.ASCII):
        raise Invalid(option, f"It {says}.")
    return text


def checked_address(option: str, text: str) -> str:
    """The address of a host."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Invalid(option, f"{text!r} is not an address.") from None
    if address.is_unspecified or address.is_multicast:
        raise Invalid(option, f"{text} is not the address of a host.")
    return str(address)


def checked_ipv4_address(option: str, text: str) -> str:
    """The IPv4 address of a host."""
    if ":" in text:
        raise Invalid(option, f"{text!r} is not an IPv4 address.")
    return checked_address(option, text)


def checked_network(option: str, text: str) -> str:
    """An address or a network of IPv4."""
    try:
        return str(ipaddress.IPv4Network(text))
    except ValueError as reason:
        raise Invalid(option, f"{text} is no IPv4 address or network: {reason}.") from reason


def checked_source(option: str, text: str) -> str:
    """An address or a network of either version."""
    try:
        ipaddress.ip_network(text)
    except ValueError as reason:
        raise Invalid(option, f"{text!r} is neither an address nor a network: {reason}.") from None
    return text


def checked_password(option: str, text: str) -> str:
    secrets.checked_password(option, text)
    return checked(option, "hypervisor_password", text)


def checked_memory(option: str, megabytes: int) -> int:
    """Memory of a virtual machine, which vSphere takes in pieces."""
    if megabytes % PIECE_MB:
        raise Invalid(option, f"{megabytes} is no multiple of {PIECE_MB}")
    return megabytes


# What is more than a look.
FUNCTIONS = {
    "address": checked_address,
    "https_url": urls.checked_https,
    "web_url": urls.checked_web,
    "proxy_url": urls.checked_proxy,
    "ipv4_address": checked_ipv4_address,
    "network": checked_network,
    "source": checked_source,
    "host": values.checked_host,
    "token": secrets.checked_token,
    "username": secrets.checked_username,
    "hypervisor_password": checked_password,
    "memory": checked_memory,
    "tags": lambda option, tags: values.checked_tags(tags, option),
}


def check(option: str, form: str, value) -> None:
    """Refuse what has not the form."""
    if form in FUNCTIONS:
        FUNCTIONS[form](option, value)
    else:
        checked(option, form, value)
