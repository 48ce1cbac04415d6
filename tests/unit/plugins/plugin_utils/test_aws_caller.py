# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.aws_caller import Caller, callers

SHARED = {
    "access_key": "AK",
    "secret_key": "a secret of its own",
    "assume_role_arn": "shared",
    "regions": ["eu-west-1"],
}


def told(options):
    names = ("region", "profile", "access_key", "secret_key", "assume_role_arn")
    return [{name: caller.params[name] for name in names if caller.params.get(name)} for caller in callers(options)]


def test_each_region_of_each_account_is_asked():
    accounts = [{"profile": "a", "regions": ["eu-west-1", "us-east-1"]}, {"profile": "b"}]
    assert [(one["profile"], one["region"]) for one in told({"regions": ["eu-central-1"], "accounts": accounts})] == [
        ("a", "eu-west-1"),
        ("a", "us-east-1"),
        ("b", "eu-central-1"),
    ]


def test_without_accounts_and_regions_it_is_the_one_of_the_environment():
    assert told({"regions": [], "accounts": []}) == [{}]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ({}, {"access_key": "AK", "secret_key": "a secret of its own", "assume_role_arn": "shared"}),
        ({"profile": "own"}, {"profile": "own"}),
        ({"access_key": "OWN", "secret_key": "s"}, {"access_key": "OWN", "secret_key": "s"}),
        (
            {"assume_role_arn": "own"},
            {"access_key": "AK", "secret_key": "a secret of its own", "assume_role_arn": "own"},
        ),
        ({"profile": None}, {"access_key": "AK", "secret_key": "a secret of its own", "assume_role_arn": "shared"}),
    ],
)
def test_credentials_of_two_accounts_are_never_mixed(account, expected):
    assert told({**SHARED, "accounts": [account]}) == [{"region": "eu-west-1", **expected}]


def test_a_role_of_its_own_takes_no_external_id_of_another():
    (caller,) = callers({**SHARED, "assume_role_external_id": "theirs", "accounts": [{"assume_role_arn": "own"}]})
    assert caller.params["assume_role_external_id"] is None


def test_what_is_secret_is_not_shown():
    (caller,) = callers(SHARED)
    assert "of its own" not in caller.shown("no access with a secret of its own")


def test_what_cannot_be_connected_is_an_error_of_ours():
    with pytest.raises(Error, match="Passing both"):
        Caller({**SHARED, "profile": "b", "region": "eu-west-1"}).aws("backup").call("list_backup_plans")
