# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/policies and docs/permissions.md against what the playbooks were seen to call: nothing is missing, and nothing too much."""

from __future__ import annotations

import re

import pytest
import yaml
from botocore.loaders import create_loader
from lab.aws import policy
from lab.aws.access import DEPENDENTS, RESOURCES, WITHOUT
from lab.vcenter.tagging import PRIVILEGES as TAGGING
from permissions import FILES, LOOKS, OPERATORS, POLICIES, ROOT, RUNS, SELDOM, SELDOM_CALLED
from pyVmomi import vim, vmodl

PRIVILEGES = yaml.safe_load((ROOT / "tests" / "lab" / "vcenter" / "privileges.yml").read_text())
PAGE = (ROOT / "docs" / "permissions.md").read_text()
MOST = 6144  # characters of a managed policy, white space not counted (IAM quotas)
FREE = {"sts:GetCallerIdentity"}
MODELS = {"tag": "resourcegroupstaggingapi"}  # of services, where it is not the prefix of the actions
# Actions that are no operation of an API.
PERMISSIONS_ONLY = {"iam:PassRole", "backup-storage:MountCapsule"}
READS = ("Describe", "Get", "List")


def actions(document) -> set:
    return {action for statement in document["Statement"] for action in policy.many(statement["Action"])}


def dependents(operations) -> set:
    return {row["action"] for row in DEPENDENTS if row["operation"] in operations}


def seen_with(name) -> set:
    """The operations of all runs that get a policy."""
    return {operation for run in RUNS if name in run["policies"] for operation in run["operations"]}


@pytest.fixture(scope="module")
def operations():
    """What each service can do, by the prefix of its actions."""
    loader = create_loader()
    prefixes = {action.partition(":")[0] for document in POLICIES.values() for action in actions(document)}
    services = {prefix: MODELS.get(prefix, prefix) for prefix in prefixes}
    return {
        f"{prefix}:{name}"
        for prefix, service in services.items()
        if service in loader.list_available_services("service-2")
        for name in loader.load_service_model(service, "service-2")["operations"]
    }


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_fits_into_one_and_is_good_in_each_partition(name):
    document = POLICIES[name]
    assert policy.problems(document) == []
    assert document["Version"] == "2012-10-17"
    text = next(path for path in FILES if path.stem == name).read_text()
    assert len("".join(text.split())) <= MOST
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        assert all(resource == "*" or resource.startswith("arn:*:") for resource in policy.many(statement["Resource"]))


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_names_each_action_and_each_is_one_of_its_service(name, operations):
    assert actions(POLICIES[name]) - operations - PERMISSIONS_ONLY == set()


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run["name"])
def test_no_action_of_a_run_is_missing(run):
    allowed = set().union(*(actions(POLICIES[name]) for name in run["policies"]))
    assert set(run["operations"]) - FREE - allowed == set()


@pytest.mark.parametrize("name", [name for name in POLICIES if name not in OPERATORS])
def test_no_action_is_superfluous(name):
    seen = seen_with(name)
    assert seen, "no run of tests/integration/permissions.yml gets this policy"
    if name == "preflight":
        seen |= set(LOOKS)
    seen |= set(SELDOM_CALLED.get(name, ()))
    assert actions(POLICIES[name]) - seen - dependents(seen) == set()


def test_preflight_reads_only():
    assert all(action.partition(":")[2].startswith(READS) for action in actions(POLICIES["preflight"]))


@pytest.mark.parametrize("name", [name for name in POLICIES if name not in OPERATORS])
def test_a_preview_of_anything_needs_preflight_only(name):
    reads = {action for action in actions(POLICIES[name]) if action.partition(":")[2].startswith(READS)}
    assert reads - actions(POLICIES["preflight"]) == set()


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_may_do_what_is_written_down_with_its_source_and_pass_the_role(name):
    written = {action for row in OPERATORS[name] for action in row["actions"]}
    assert all(row["source"].startswith("https://docs.aws.amazon.com/") for row in OPERATORS[name])
    assert actions(POLICIES[name]) == written | {action for action in dependents(written) if action == "iam:PassRole"}


@pytest.mark.parametrize("name", POLICIES)
def test_an_action_without_resources_is_allowed_on_all_and_others_are_not(name):
    for statement in POLICIES[name]["Statement"]:
        everywhere = statement["Resource"] == "*"
        for action in policy.many(statement["Action"]):
            service, _colon, operation = action.partition(":")
            if operation in WITHOUT.get(service, ()) or action.startswith(("ec2:Describe", "backup-gateway:List")):
                assert everywhere or operation == "ListTagsForResource", action
            elif action in RESOURCES or service in ("iam", "kms", "backup-gateway"):
                assert not everywhere, action


# The page


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_each_policy_has_its_row():
    named = {re.search(r"policies/([a-z-]+)\.json", row[0])[1] for row in rows("AWS: which policy for whom")}
    assert named == set(POLICIES)


def test_the_table_of_dependent_actions_is_that_of_the_lab():
    written = [row[:2] + [row[-1]] for row in rows("AWS: what is asked for besides")]
    expected = [[f"`{row['operation']}`", f"`{row['action']}`", cited(row["source"])] for row in DEPENDENTS]
    assert written == expected


def cited(source):
    return f"<{source}>" if source.startswith("https:") else source


def test_the_table_of_privileges_is_that_of_the_lab():
    written = [set(re.findall(r"`([A-Z]\w+\.[\w.]+)`", row[1])) for row in rows("vCenter: what the plays need")]
    assert written == [{*([row["named"]] if row["named"] else []), *row.get("also", [])} for row in PRIVILEGES]
    methods = [set(re.findall(r"`(\w+)`", row[0])) for row in rows("vCenter: what the plays need")]
    assert methods == [set(row["methods"]) for row in PRIVILEGES]


def test_the_table_of_privileges_for_tags_is_that_of_the_lab():
    written = {privilege for row in rows("vCenter: vSphere tags") for privilege in re.findall(r"`(\w+)`", row[1])}
    assert written == {*TAGGING.values(), "ObjectAttachable"}


def test_the_privileges_are_those_that_vcenter_describes():
    kinds = (
        vim.VirtualMachine,
        vim.ResourcePool,
        vim.HttpNfcLease,
        vim.OvfManager,
        vim.host.DatastoreBrowser,
        vim.SearchIndex,
        vim.ServiceInstance,
        vim.SessionManager,
        vim.Task,
        vim.ManagedEntity,
        vim.view.ViewManager,
        vim.view.View,
        vmodl.query.PropertyCollector,
    )
    described = {info.wsdlName: info.privId for kind in kinds for info in kind._methodInfo.values()}
    for row in PRIVILEGES:
        for method in row["methods"]:
            assert described[method] == row["named"], method


@pytest.mark.parametrize("run", [run for run in RUNS if run["vcenter"]], ids=lambda run: run["name"])
def test_each_method_of_vcenter_that_a_run_calls_has_its_privileges(run):
    assert set(run["vcenter"]) - {method for row in PRIVILEGES for method in row["methods"]} == set()


def test_no_method_of_vcenter_is_superfluous():
    called = {method for run in RUNS for method in run["vcenter"]}
    assert {method for row in PRIVILEGES for method in row["methods"]} - called - set(SELDOM) == set()
