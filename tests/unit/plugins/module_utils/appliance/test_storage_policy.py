# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import machine as machines
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import storage_policy
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance.storage_policy import StoragePolicies, copies
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, Invalid

from .storage import Service, policy
from .vcenter import MACHINE, Vcenter, machine

CODED = "RAID-5/6 (Erasure Coding) - Capacity"
MIRRORED = "RAID-1 (Mirroring) - Performance"
GOLD, SILVER = policy("Gold", hostFailuresToTolerate=1), policy("Silver", hostFailuresToTolerate=2)


@pytest.fixture
def policies(monkeypatch):
    def made(*known, **given):
        monkeypatch.setattr(storage_policy, "Policies", lambda client: Service(list(known), given))
        return StoragePolicies(None)

    return made


def test_a_policy_is_found_by_its_name(policies):
    assert policies(GOLD, SILVER).find("Silver") is SILVER


def test_one_that_is_not_there_is_told_with_those_that_are(policies):
    for name in ("Bronze", ""):
        with pytest.raises(Invalid, match="there are: Gold, Silver") as caught:
            policies(GOLD, SILVER).find(name)
        assert caught.value.option == "storage_policy"


def test_two_of_one_name_are_never_guessed_between(policies):
    with pytest.raises(Ambiguous, match="id of Gold, other"):
        policies(GOLD, policy("Gold", key="other")).find("Gold")


@pytest.mark.parametrize(
    ("home", "disk", "seen"),
    [
        (GOLD, GOLD, "Gold"),
        (GOLD, SILVER, "Gold, Silver"),
        (GOLD, None, "Gold, none"),
        (None, None, None),
        (GOLD, policy("gone"), "Gold, id of gone"),
    ],
)
def test_a_machine_has_the_policy_of_its_home_and_of_its_own_disks(policies, home, disk, seen):
    given = {"vm-1": home, "vm-1:2000": disk, "vm-1:2001": SILVER}
    found = policies(GOLD, SILVER, **{key: [each.profileId.uniqueId] for key, each in given.items() if each})
    client = Vcenter(**machine())
    assert found.seen(machines.fetch(client, [MACHINE])[MACHINE]) == seen


def test_the_disks_of_others_have_policies_of_their_own(policies):
    found = policies(GOLD, SILVER, **{"vm-1": ["id of Gold"], "vm-1:2000": ["id of Silver"]})
    client = Vcenter(**machine(disks=("[WorkloadDatastore] customer/data.vmdk",)))
    assert found.seen(machines.fetch(client, [MACHINE])[MACHINE]) == "Gold"


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ({}, 2),
        ({"hostFailuresToTolerate": 0}, 1),
        ({"hostFailuresToTolerate": 1}, 2),
        ({"hostFailuresToTolerate": 2, "replicaPreference": MIRRORED}, 3),
        ({"hostFailuresToTolerate": 1, "replicaPreference": CODED}, 1.5),
        ({"hostFailuresToTolerate": 1, "subFailuresToTolerate": 0}, 2),
        ({"hostFailuresToTolerate": 1, "subFailuresToTolerate": 1}, 4),
        ({"hostFailuresToTolerate": 1, "subFailuresToTolerate": 1, "replicaPreference": CODED}, 3),
    ],
)
def test_what_vsan_keeps_of_each_byte_is_counted(rules, kept):
    assert copies(policy("a", **rules)) == kept


def test_rules_for_other_storage_say_nothing_of_vsan():
    assert copies(policy("a", namespace="other", hostFailuresToTolerate=0)) == 2
