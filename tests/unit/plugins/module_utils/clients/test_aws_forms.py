# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.aws_forms import (
    canonical_policy,
    retag,
    tags_of,
    timestamp,
)


def test_tags_that_aws_keeps_itself_are_not_ours_to_see():
    assert tags_of([{"Key": "a", "Value": "b"}, {"Key": "aws:cloudformation:stack-id", "Value": "c"}]) == {"a": "b"}
    assert tags_of(None) == {}


def test_only_tags_that_differ_are_written():
    put, removed = [], []
    retag({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "4", "d": "5"}, put=put.extend, remove=removed.extend)
    assert put == [{"Key": "b", "Value": "4"}, {"Key": "d", "Value": "5"}]
    assert removed == ["c"]
    retag({"a": "1"}, {"a": "1"}, put=None, remove=None)


def test_times_are_in_utc():
    east = datetime.timezone(datetime.timedelta(hours=2))
    assert timestamp(datetime.datetime(2026, 2, 1, 14, tzinfo=east)) == "2026-02-01T12:00:00+00:00"
    assert timestamp(None) is None


def test_policies_that_mean_the_same_are_equal():
    one = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["b:Two", "a:One"],
            "Resource": ["*"],
            "Condition": {"Bool": {"aws:SecureTransport": True}},
        },
    }
    other = """{"Statement": [{"Action": ["a:One", "b:Two", "a:One"], "Principal": "*", "Resource": "*", "Effect": "Allow",
        "Condition": {"Bool": {"aws:SecureTransport": ["true"]}}}], "Version": "2012-10-17"}"""
    assert canonical_policy(one) == canonical_policy(other)
    assert canonical_policy(canonical_policy(one)) == canonical_policy(one)
    assert canonical_policy({"Statement": []}) != canonical_policy(one)


def test_an_account_is_the_same_principal_by_its_number_and_by_its_root():
    def policy(*principals):
        return canonical_policy({"Statement": {"Effect": "Allow", "Principal": {"AWS": list(principals)}}})

    number, root, role = "123456789012", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/r"
    assert policy(number) == policy(root) == policy(root, number)
    assert policy(number, role) == policy(role, root)
    assert policy(root) != policy(role)
