# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Denied
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import copies
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts.copies import Copies

ARN = "arn:aws:backup:eu-central-1:444455556666:backup-vault:copies"


class World:
    """Answers by account and operation, and who was asked for what."""

    def __init__(self):
        self.asked = []
        self.answers = {
            ("here", "get_caller_identity"): {"Account": "111122223333"},
            ("there", "get_caller_identity"): {"Account": "444455556666"},
            ("here", "describe_organization"): {"Organization": {"Id": "o-1"}},
            ("there", "describe_organization"): {"Organization": {"Id": "o-2"}},
            ("here", "describe_global_settings"): {"GlobalSettings": {"isCrossAccountBackupEnabled": "true"}},
            ("there", "describe_region_settings"): {"ResourceTypeOptInPreference": {"VirtualMachine": True}},
        }

    def client(self, module, service):
        return SimpleNamespace(
            partition="aws", call=lambda operation: self.call(module.name, operation), name=module.name
        )

    def call(self, who, operation):
        self.asked.append((who, operation))
        answer = self.answers[who, operation]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def world(monkeypatch):
    made = World()
    monkeypatch.setattr(copies, "Aws", made.client)
    monkeypatch.setattr(copies, "beside", lambda module, options: SimpleNamespace(name="there", params=module.params))
    found = [{"encryption_key_arn": "arn:key", "name": "copies"}]
    vaults = SimpleNamespace(
        find=lambda client, name: [one for one in found if one["name"] == name], view=lambda raw: raw
    )
    monkeypatch.setattr(copies, "backup_vault", vaults)
    monkeypatch.setattr(
        copies, "kms_key", SimpleNamespace(state_of=lambda client, key: f"state of {key} {client.name}")
    )
    return made


def facts(name="copies", arn=None, destination=True):
    params = {
        "destination": {"profile": "x"} if destination else None,
        "backup_vault_name": name,
        "backup_vault_arn": arn,
    }
    return Copies(SimpleNamespace(name="here", params=params))


def test_both_ends_are_asked_each_for_itself(world):
    found = facts()
    assert (found.source_account, found.destination_account, found.partition) == ("111122223333", "444455556666", "aws")
    assert not found.is_one_account
    assert found.organisations == ("o-1", "o-2")
    assert found.cross_account is True and found.opt_in is True
    assert (found.vault_name, found.vault["name"], found.key_state) == ("copies", "copies", "state of arn:key there")
    assert facts("others").vault == {}
    assert facts(None, ARN).vault_name == "copies"


def test_each_is_asked_once(world):
    found = facts()
    told = [(found.source_account, found.cross_account, found.opt_in, found.organisations) for _time in range(2)]
    assert told[0] == told[1]
    assert len(world.asked) == len(set(world.asked))


def test_another_region_of_one_account_is_no_other_account(world):
    found = facts(destination=False)
    assert found.is_one_account


def test_what_nobody_tells_is_untold_with_the_reason(world):
    world.answers["here", "describe_global_settings"] = Denied("Denied.")
    assert isinstance(facts().cross_account, Untold)
    world.answers["there", "get_caller_identity"] = Denied("No.")
    found = facts(None, ARN)
    assert found.opt_in == found.vault == found.organisations[1] == "No."
    assert not facts().is_one_account
    world.answers["here", "get_caller_identity"] = Denied("No.")
    assert not facts().is_one_account


def test_nobody_is_asked_in_another_account_than_that_of_the_vault(world):
    world.answers["there", "get_caller_identity"] = {"Account": "999988887777"}
    found = facts(None, ARN)
    assert found.destination_account == "444455556666"
    assert isinstance(found.vault, Untold) and "444455556666" in found.vault and "999988887777" in found.vault
    assert ("there", "describe_region_settings") not in world.asked
