# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask a lab every read of AWS that the collection uses, with the botocore at hand, and judge each answer by its model.

Takes the path of an endpoints.json, and prints which botocore it was, how many answers it judged, and what is wrong with them.
"""

from __future__ import annotations

import json
import re
import sys

import boto3
import botocore
from lab.aws.model import problems
from permissions import LOOKS, RUNS

READ = re.compile("Describe|Get|List")


def operations() -> list[tuple[str, str]]:
    """Service and operation."""
    used = set(LOOKS).union(*(run["operations"] for run in RUNS))
    return sorted(tuple(action.split(":")) for action in used if READ.match(action.partition(":")[2]))


def parameters(client) -> dict:
    """What a call may need to name, by the member that names it."""
    backups, kms, ec2 = client("backup-gateway"), client("kms"), client("ec2")
    gateway, hypervisor = backups.list_gateways()["Gateways"][0], backups.list_hypervisors()["Hypervisors"][0]
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"] or [{"PrefixListId": ""}]
    return {
        "GatewayArn": gateway["GatewayArn"],
        "HypervisorArn": hypervisor["HypervisorArn"],
        "ResourceArn": gateway["GatewayArn"],
        "KeyId": kms.create_key()["KeyMetadata"]["KeyId"],
        "RoleName": client("iam").list_roles()["Roles"][0]["RoleName"],
        "PrefixListId": lists[0]["PrefixListId"],
    }


def as_sent(answer):
    """With policies as the text that they came as: botocore reads those of IAM by itself."""
    if isinstance(answer, list):
        return [as_sent(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    texts = {name: json.dumps(value) for name, value in answer.items() if name.endswith("PolicyDocument")}
    return {name: texts.get(name) or as_sent(value) for name, value in answer.items()}


def judge(endpoints: dict) -> tuple[int, dict]:
    """How many operations were asked, and by operation what is wrong with its answer."""

    def client(service):
        return boto3.client(
            service,
            region_name=endpoints["region"],
            endpoint_url=endpoints["aws"],
            aws_access_key_id=endpoints["access_key"],
            aws_secret_access_key=endpoints["secret_key"],
        )

    known, wrong, asked = parameters(client), {}, 0
    for service, name in operations():
        one = client(service)
        model = one.meta.service_model.operation_model(name)
        needed = model.input_shape.required_members if model.input_shape else []
        if any(not known.get(member) for member in needed):
            continue
        method = next(method for method, api in one.meta.method_to_api_mapping.items() if api == name)
        answer = getattr(one, method)(**{member: known[member] for member in needed})
        answer.pop("ResponseMetadata")
        asked += 1
        found = problems(model.output_shape, as_sent(answer))
        if found:
            wrong[f"{service}:{name}"] = found
    return asked, wrong


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        count, found = judge(json.load(file))
    print(json.dumps({"botocore": botocore.__version__, "asked": count, "wrong": found}))
