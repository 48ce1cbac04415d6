# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    ApiError,
    Foreign,
    Incomplete,
    Invalid,
    Missing,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_plan import BackupPlan
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_selection import (
    OPERATORS,
    BackupSelection,
    find,
    takes,
    view,
)
from ansible_collections.vmc.aws_backup.plugins.modules import backup_plan, backup_selection
from lab.aws import plans

from .aws_api import Api, params
from .backup_in_lab import BackupInLab

ARN = "arn:aws:backup-gateway:eu-west-1:123456789012:vm/"
ROLE = "arn:aws:iam::123456789012:role/AWSBackup-jobs"
HYPERVISOR = "arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-"
SITE = "vmc-aws-backup-site"
RULE = {
    "name": "daily",
    "target_backup_vault_name": "v1",
    "schedule_expression": "rate(1 days)",
    "lifecycle": {"delete_after_days": 35},
}


class Gateways:
    """Two vCenters with equal folders and names; each machine has its tags."""

    def __init__(self, *machines, hypervisors=("one", "two")):
        self.machines = {
            f"{ARN}{name}": {"hypervisor": of, "path": path, "tags": dict(tags), "name": name.partition("@")[0]}
            for name, of, path, tags in machines
        }
        self.hypervisors = hypervisors
        self.writes = []

    def pages(self, operation, key, **request):
        if operation == "list_hypervisors":
            return [{"HypervisorArn": HYPERVISOR + name, "Name": name} for name in self.hypervisors]
        of = request.get("HypervisorArn", "").rpartition("-")[2]
        return [
            {
                "ResourceArn": arn,
                "Name": each["name"],
                "Path": each["path"],
                "HypervisorId": f"hype-{each['hypervisor']}",
            }
            for arn, each in self.machines.items()
            if of in ("", each["hypervisor"])
        ]

    def call(self, operation, **request):
        assert operation == "tag_resource"
        self.writes.append(request["ResourceARN"])
        self.machines[request["ResourceARN"]]["tags"].update({tag["Key"]: tag["Value"] for tag in request["Tags"]})

    def tagging(self):
        def get_resources(ResourceTypeFilters):
            assert ResourceTypeFilters == ["backup-gateway:vm"]
            found = [
                {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in each["tags"].items()]}
                for arn, each in self.machines.items()
                if each["tags"]
            ]
            return {"ResourceTagMappingList": found}

        return Api(get_resources=get_resources)


MACHINES = (
    ("web@1", "one", "/dc/vm/prod", {}),
    ("db@1", "one", "/dc/vm/prod", {"tier": "gold"}),
    ("test@1", "one", "/dc/vm/test", {}),
    ("vcsa@1", "one", "/dc/vm/Management VMs", {}),
    ("web@2", "two", "/dc/vm/prod", {"tier": "gold"}),
)


@pytest.fixture
def client():
    made = BackupInLab()
    made.backup.check_role = lambda request, arn: None
    made.call("create_backup_vault", BackupVaultName="v1")
    reconcile(BackupPlan(made, params(backup_plan, name="p", rules=[RULE], site_id="s")))
    made.writes.clear()
    return made


@pytest.fixture
def gateways():
    return Gateways(*MACHINES)


def selection(client, gateways, **given):
    asked = {"name": "all", "backup_plan": "p", "iam_role_arn": ROLE, "hypervisor": "one", "site_id": "s", **given}
    iam = Api(get_role=lambda RoleName: {"Role": {"Arn": f"arn:aws:iam::123456789012:role/{RoleName}"}})
    sts = Api(get_caller_identity={"Account": "123456789012"})
    return BackupSelection(client, gateways, gateways.tagging(), iam, sts, params(backup_selection, **asked))


def selected(client, gateways) -> set:
    """The machines that AWS would take, by the lab's own logic."""
    (plan,) = client.place.plans.values()
    documents = [each.document for each in plan.selections.values()]
    return {
        arn.removeprefix(ARN)
        for arn, each in gateways.machines.items()
        for document in documents
        if plans.takes(document, arn, {"aws:backup-gateway:path": each["path"], **each["tags"]})
    }


def stored(client):
    (plan,) = client.place.plans.values()
    return [each.name for each in plan.selections.values()]


def test_all_machines_of_one_vcenter_are_marked_and_selected_and_no_others(client, gateways):
    predicted = reconcile(selection(client, gateways), check_mode=True)
    assert client.writes == gateways.writes == []
    outcome = reconcile(selection(client, gateways))
    assert [change.path for change in outcome.changes] == [change.path for change in predicted.changes]
    assert selected(client, gateways) == {"web@1", "db@1", "test@1"}
    assert len(gateways.writes) == 4
    client.writes.clear()
    assert not reconcile(selection(client, gateways)).changed
    assert (client.writes, len(gateways.writes)) == ([], 4)


@pytest.mark.parametrize("path_conditions", [True, False])
def test_a_folder_and_tags_narrow_it(client, gateways, path_conditions):
    given = {"folder": "/dc/vm/prod", "conditions": {"string_equals": {"tier": "gold"}}}
    reconcile(selection(client, gateways, **given, path_conditions=path_conditions))
    assert selected(client, gateways) == {"db@1"}
    assert not reconcile(selection(client, gateways, **given, path_conditions=path_conditions)).changed


def test_machines_are_named_by_name_path_or_arn(client, gateways):
    named = ["web", "/dc/vm/test/test", f"{ARN}db@1"]
    reconcile(selection(client, gateways, virtual_machines=named))
    assert selected(client, gateways) == {"web@1", "test@1", "db@1"}
    assert gateways.writes == []


def test_a_name_that_several_have_is_ambiguous_and_one_that_nobody_has_is_to_come(client, gateways):
    with pytest.raises(Ambiguous, match="web"):
        reconcile(selection(client, gateways, hypervisor=None, virtual_machines=["web"]))
    later = selection(client, gateways, virtual_machines=["later"])
    assert reconcile(later, check_mode=True).changed
    with pytest.raises(Missing, match="later"):
        reconcile(selection(client, gateways, virtual_machines=["later"]))
    assert client.writes == []


def test_the_next_generation_is_made_before_the_one_before_goes(client, gateways):
    reconcile(selection(client, gateways, folder="/dc/vm/prod"))
    client.writes.clear()
    outcome = reconcile(selection(client, gateways))
    assert client.writes == ["create_backup_selection", "delete_backup_selection"]
    assert stored(client) == ["all-2"]
    assert outcome.after["selection_name"] == "all-2"
    assert {change.path for change in outcome.changes} == {"conditions"}


def test_a_run_that_was_killed_between_keeps_the_newest(client, gateways):
    reconcile(selection(client, gateways, folder="/dc/vm/prod"))
    killed = selection(client, gateways)

    def die(plan_id, names):
        raise ApiError("killed")

    killed._remove = die
    with pytest.raises(Incomplete):
        reconcile(killed)
    assert stored(client) == ["all-1", "all-2"]
    outcome = reconcile(selection(client, gateways))
    assert [(change.path, change.actual) for change in outcome.changes] == [("older", ["all-1"])]
    assert stored(client) == ["all-2"]


def test_what_aws_stores_otherwise_is_an_error_and_the_one_before_stays(client, gateways):
    reconcile(selection(client, gateways, folder="/dc/vm/prod"))
    ask = client.call

    def forgetful(operation, **request):
        answer = ask(operation, **request)
        if operation == "get_backup_selection" and answer["BackupSelection"]["SelectionName"] == "all-2":
            return {**answer, "BackupSelection": {**answer["BackupSelection"], "Conditions": {}}}
        return answer

    client.call = forgetful
    with pytest.raises(Incomplete, match="stored the selection all-2 otherwise"):
        reconcile(selection(client, gateways))
    assert "all-1" in stored(client)


def test_nothing_is_protected_less_unasked(client, gateways):
    reconcile(selection(client, gateways))
    client.writes.clear()
    narrower = {"folder": "/dc/vm/prod"}
    for check_mode in (True, False):
        with pytest.raises(Invalid, match="would protect test no more"):
            reconcile(selection(client, gateways, **narrower), check_mode=check_mode)
        with pytest.raises(Foreign, match="it protects db, test, web"):
            reconcile(selection(client, gateways), state="absent", check_mode=check_mode)
    assert client.writes == []
    assert reconcile(selection(client, gateways, **narrower, allow_less_protection=["test"])).changed
    assert reconcile(selection(client, gateways, allow_less_protection=["*"]), state="absent").changed
    assert stored(client) == []


def test_a_list_of_tags_that_somebody_added_takes_more_than_it_names_and_is_replaced(client, gateways):
    reconcile(selection(client, gateways))
    (plan,) = client.place.plans.values()
    (only,) = plan.selections.values()
    only.document["ListOfTags"] = [{"ConditionType": "STRINGEQUALS", "ConditionKey": "tier", "ConditionValue": "gold"}]
    outcome = reconcile(selection(client, gateways))
    assert [change.path for change in outcome.changes] == ["list_of_tags"]
    assert "ListOfTags" not in next(iter(plan.selections.values())).document


def test_a_selection_of_somebody_else_in_our_plan_is_told_and_left(client, gateways):
    (plan,) = client.place.plans.values()
    theirs = {"SelectionName": "all-1", "IamRoleArn": ROLE, "Resources": [f"{ARN}web@2"]}
    client.call("create_backup_selection", BackupPlanId=plan.id, BackupSelection=theirs)
    outcome = reconcile(selection(client, gateways))
    assert any("what others selected too: all-1" in warning for warning in outcome.warnings)
    assert sorted(stored(client)) == ["all-1", "all-2"]
    reconcile(selection(client, gateways, allow_less_protection=["*"]), state="absent")
    assert stored(client) == ["all-1"]


def test_a_selection_that_takes_no_machine_says_so(client, gateways):
    outcome = reconcile(selection(client, gateways, folder="/dc/vm/none"))
    assert any("selects no machine" in warning for warning in outcome.warnings)


def test_a_machine_of_another_site_is_not_marked(client, gateways):
    gateways.machines[f"{ARN}test@1"]["tags"][SITE] = "other"
    with pytest.raises(Foreign, match="test .* carries the mark of another site, other"):
        reconcile(selection(client, gateways))
    assert client.writes == gateways.writes == []


def test_a_plan_of_another_site_is_foreign_and_one_to_come_is_predicted(client, gateways):
    with pytest.raises(Foreign, match="The plan p is not this site's"):
        reconcile(selection(client, gateways, site_id="t"))
    assert reconcile(selection(client, gateways, backup_plan="later"), check_mode=True).changed
    with pytest.raises(Missing, match="later"):
        reconcile(selection(client, gateways, backup_plan="later"))


@pytest.mark.parametrize(
    ("option", "given", "says"),
    [
        ("name", {"name": "a b"}, "letters"),
        ("iam_role_arn", {"iam_role_arn": None}, "needs the role"),
        ("iam_role_arn", {"iam_role_arn": "backup-role"}, "AWSBackup or AwsBackup"),
        ("virtual_machines", {"virtual_machines": []}, "names no machine"),
        ("virtual_machines", {"virtual_machines": ["web"], "folder": "/dc"}, "would narrow nothing"),
        ("site_id", {"site_id": None}, "needed with hypervisor"),
        ("hypervisor", {"hypervisor": None}, "there are several"),
        ("conditions", {"conditions": {"string_equals": {str(n): "x" for n in range(30)}}}, "more than the 30"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_write(client, gateways, option, given, says):
    with pytest.raises(Invalid, match=says) as refused:
        reconcile(selection(client, gateways, **given))
    assert refused.value.option == option
    assert client.writes == gateways.writes == []


def some(draw, *choices):
    return draw.sample(choices, draw.randint(0, len(choices)))


@pytest.mark.parametrize("seed", range(300))
def test_what_it_says_to_take_is_what_aws_takes(seed):
    draw = random.Random(seed)
    arns = [f"{ARN}{number}" for number in range(4)]
    paths, values = ("/dc/vm/a", "/dc/vm/a/b", "/dc/vm/c"), ("x", "y", "xy")
    document = {
        "SelectionName": "s",
        "IamRoleArn": ROLE,
        "Resources": some(draw, *arns, f"{ARN}*"),
        "NotResources": some(draw, *arns[:2]),
        "ListOfTags": [
            {"ConditionType": "STRINGEQUALS", "ConditionKey": "k", "ConditionValue": each}
            for each in some(draw, *values)
        ],
        "Conditions": {
            theirs: [
                {"ConditionKey": f"aws:ResourceTag/{key}", "ConditionValue": draw.choice((*values, "x*", "*"))}
                for key in some(draw, "k", "l")
            ]
            + [
                {
                    "ConditionKey": "aws:ResourceTag/aws:backup-gateway:path",
                    "ConditionValue": draw.choice((*paths, "/dc/vm/a*")),
                }
                for _each in some(draw, 1)
            ]
            for theirs, _asks in OPERATORS.values()
        },
    }
    shown = view({"BackupSelection": document, "SelectionId": "1", "BackupPlanId": "2"})
    for arn in arns:
        path, tags = draw.choice(paths), {key: draw.choice(values) for key in some(draw, "k", "l")}
        machine = {"resource_arn": arn, "path": path, "tags": tags}
        assert takes(shown, machine) == plans.takes(document, arn, {"aws:backup-gateway:path": path, **tags})


FOLDERS = ("/dc/vm/a", "/dc/vm/[a]", "/dc/vm/a/b", "/dc/vm/Management VMs", "/dc/vm/vCLS", "/dc/vm/c")
PATTERNS = ("/dc/vm/a*", "/dc/vm/[a]*", "*b", "/dc/vm/c", "*", "*/a*")


def account(draw) -> Gateways:
    """Machines of two vCenters, some of one name and folder, some with tags, and some marked before."""
    names = ("web", "db", "[x]", "gw")
    machines = [
        (
            f"{name}@{number}{of}",
            of,
            draw.choice(FOLDERS),
            {key: draw.choice("xyz") for key in some(draw, "tier", "team")},
        )
        for of in ("one", "two")
        for number, name in enumerate(draw.choices(names, k=draw.randint(1, 6)))
    ]
    marked = [
        (name, of, path, {**tags, **({SITE: "s"} if of == "one" and draw.random() < 0.3 else {})})
        for name, of, path, tags in machines
    ]
    return Gateways(*marked)


def asked(draw, gateways) -> dict:
    """What a selection may be given, and what of it nobody can mistake: path, tags and names by their plain meaning."""
    arns = [arn for arn, each in gateways.machines.items() if each["hypervisor"] == "one"]
    given = {"path_conditions": draw.random() < 0.5, "not_virtual_machines": some(draw, *arns[:2]) or None}
    if draw.random() < 0.3:
        return {**given, "virtual_machines": draw.sample(arns, draw.randint(1, len(arns)))}
    given["folder"] = draw.choice((None, *PATTERNS))
    given["not_folders"] = some(draw, *PATTERNS[:4])
    conditions = {
        "string_equals": {"tier": "x"},
        "string_not_equals": {"team": "y"},
        "string_like": {"team": "*"},
        "string_not_like": {"tier": "y*"},
    }
    given["conditions"] = {operator: conditions[operator] for operator in some(draw, *conditions)} or None
    return given


def meant(gateways, given) -> set:
    """The machines of this vCenter that the options name, told from what they say and not from what is sent to AWS."""

    def is_in(path, pattern):
        first, star, last = pattern.partition("*")
        if not star:
            return path == pattern
        return path.startswith(first) and (
            last.rstrip("*") in path[len(first) :] if last.endswith("*") else path.endswith(last)
        )

    holds = {
        "string_equals": lambda tags: tags.get("tier") == "x",
        "string_not_equals": lambda tags: tags.get("team") != "y",
        "string_like": lambda tags: "team" in tags,
        "string_not_like": lambda tags: tags.get("tier") != "y",
    }
    found = set()
    for arn, each in gateways.machines.items():
        if each["hypervisor"] != "one" or arn in (given.get("not_virtual_machines") or []):
            continue
        if "virtual_machines" in given:
            fits = arn in given["virtual_machines"]
        else:
            fits = (
                (not given["folder"] or is_in(each["path"], given["folder"]))
                and not any(is_in(each["path"], pattern) for pattern in given["not_folders"])
                and all(holds[operator](each["tags"]) for operator in given["conditions"] or {})
            )
        if fits:
            found.add(arn.removeprefix(ARN))
    return found


@pytest.mark.parametrize("seed", range(300))
def test_in_any_account_exactly_the_machines_that_are_meant_are_taken_and_told(client, seed):
    draw = random.Random(seed)
    gateways = account(draw)
    given = asked(draw, gateways)
    wanted = meant(gateways, given)
    today = not given["path_conditions"] and given.get("folder")
    if today and not meant(gateways, {"folder": today, "not_folders": [], "conditions": None}):
        with pytest.raises(Missing):
            reconcile(selection(client, gateways, **given))
        assert stored(client) == []
        return
    outcome = reconcile(selection(client, gateways, **given))
    assert selected(client, gateways) == wanted
    assert {one["resource_arn"].removeprefix(ARN) for one in outcome.after["virtual_machines"]} == wanted
    assert (not wanted) == any("selects no machine" in warning for warning in outcome.warnings)
    assert not reconcile(selection(client, gateways, **given)).changed


def test_while_others_are_made_what_a_selection_replaces_stays_and_goes_afterwards(client, gateways):
    reconcile(selection(client, gateways))
    less = {"not_folders": ["*/test*", "*/Management*"], "allow_less_protection": ["test"]}
    reconcile(selection(client, gateways, **less, keep_older=True))
    assert stored(client) == ["all-1", "all-2"]
    assert selected(client, gateways) == {"web@1", "db@1", "test@1"}
    assert not reconcile(selection(client, gateways, **less, keep_older=True)).changed
    assert reconcile(selection(client, gateways, **less)).changed
    assert stored(client) == ["all-2"]
    assert selected(client, gateways) == {"web@1", "db@1"}


@pytest.mark.parametrize("option", ["virtual_machines", "not_virtual_machines"])
@pytest.mark.parametrize(
    "reference", ["arn:aws:backup-gateway:*:*:vm/*", "arn:aws:ec2:eu-west-1:123456789012:instance/*", "web*", f"{ARN}*"]
)
def test_a_machine_is_never_named_by_a_wildcard(client, gateways, option, reference):
    with pytest.raises(Invalid, match="without a wildcard"):
        reconcile(selection(client, gateways, **{option: [reference]}))
    assert gateways.writes == []


def test_a_view_of_each_selection_of_a_plan(client, gateways):
    reconcile(selection(client, gateways))
    (plan,) = client.place.plans.values()
    (raw,) = find(client, plan.id)
    assert view(raw)["resources"] == [f"{ARN}*"]
