# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Foreign
from ansible_collections.vmc.aws_backup.plugins.module_utils.ownership import claim, is_of, is_ours, site_of

OURS = [{"managed-by": "vmc-aws-backup"}, [{"scope": "managed-by", "tag": "vmc-aws-backup"}]]
THEIRS = [{}, [], {"managed-by": "terraform"}, [{"scope": "managed-by", "tag": "terraform"}], {"vmc-aws-backup": ""}]


@pytest.mark.parametrize("tags", OURS)
def test_ours_is_what_carries_our_tag(tags):
    assert is_ours(tags)
    assert claim("The thing", {"tags": tags}, {"adopt": False}) == {"tags": tags}


@pytest.mark.parametrize("tags", THEIRS)
def test_what_carries_none_is_refused_unless_it_is_adopted(tags):
    assert not is_ours(tags)
    refusal = (
        "The thing t does not carry the tag managed-by=vmc-aws-backup. Choose another id, or set adopt to take it over."
    )
    with pytest.raises(Foreign, match=refusal):
        claim("The thing t", {"tags": tags}, {"adopt": False}, by="id")
    assert claim("The thing t", {"tags": tags}, {"adopt": True}) == {"tags": tags}


def tagged(owner, mark):
    """The tags in the form of AWS and in that of NSX."""
    tags = {
        **({"managed-by": "vmc-aws-backup"} if owner else {"other": "x"}),
        **({"vmc-aws-backup-site": mark} if mark else {}),
    }
    return tags, [{"scope": scope, "tag": tag} for scope, tag in tags.items()]


@pytest.mark.parametrize(("owner", "mark"), list(itertools.product((True, False), ("", "a", "b"))))
def test_of_a_site_is_what_the_collection_made_for_it(owner, mark):
    for tags in tagged(owner, mark):
        assert site_of(tags) == mark
        assert is_ours(tags) is owner
        assert is_of(tags, "a") is (owner and mark == "a")
        assert is_of(tags, None) is is_of(tags, "") is owner


ANOTHER, UNMARKED, NOT_OURS = "is of another site", "carries no site's mark", "does not carry the tag"
OURSELVES, DEAD = "a", "dead"
EVERY = list(
    itertools.product(
        (True, False),  # owner tag
        ("", OURSELVES, DEAD, "other"),  # site's mark
        ("", OURSELVES),  # site_id
        (False, True),  # adopt
        (False, True),  # proven
        (False, True),  # located
        ("without", "", DEAD),  # site_was
    )
)


def verdict(owner, mark, site_id, adopt, proven, located, site_was):
    """What SAFETY 23 says, from the reader's side: whose is it, then who says so, then may it be taken over."""
    of_another = bool(site_id) and mark not in ("", site_id) and not located
    if of_another and not (site_was == DEAD and mark == DEAD):
        return ANOTHER  # whatever it is called, and adopt does not help
    if adopt:
        return None
    if not owner:
        return NOT_OURS
    if site_id and not mark and not located and not proven:
        return UNMARKED  # a name proves nothing
    return None


@pytest.mark.parametrize(("owner", "mark", "site_id", "adopt", "proven", "located", "site_was"), EVERY)
def test_a_thing_is_claimed_by_its_marks_by_proof_or_by_adoption(
    owner, mark, site_id, adopt, proven, located, site_was
):
    params = {"adopt": adopt, "site_id": site_id, **({} if site_was == "without" else {"site_was": site_was})}
    for tags in tagged(owner, mark):
        have = {"tags": tags}
        refusal = verdict(owner, mark, site_id, adopt, proven, located, site_was)
        if refusal is None:
            assert claim("The thing t", have, params, proven=proven, located=located) is have
            continue
        with pytest.raises(Foreign, match=f"^The thing t {refusal}") as caught:
            claim("The thing t", have, params, proven=proven, located=located)
        # It is said to be possible only where it is.
        assert ("set adopt" in str(caught.value)) is (refusal != ANOTHER)
        assert ("site_was" in str(caught.value)) is (refusal == ANOTHER and site_was != "without")


def test_an_option_that_a_module_does_not_have_is_not_given():
    tags = {"managed-by": "vmc-aws-backup", "vmc-aws-backup-site": "b"}
    assert claim("The thing", {"tags": tags}, {"adopt": False}) == {"tags": tags}


def test_another_site_and_the_own_one_are_both_named():
    tags = {"managed-by": "vmc-aws-backup", "vmc-aws-backup-site": "b"}
    with pytest.raises(
        Foreign, match="The thing is of another site, b, and this one is a. It stays as it is. Choose another key."
    ):
        claim("The thing", {"tags": tags}, {"adopt": True, "site_id": "a"}, by="key")


def test_what_would_go_along_is_told():
    for tags, site_id in ((OURS[0], "a"), ({}, "a"), ({}, "")):
        with pytest.raises(Foreign, match="set adopt to take it over with all its rules"):
            claim("The thing", {"tags": tags}, {"adopt": False, "site_id": site_id}, along=" with all its rules")
