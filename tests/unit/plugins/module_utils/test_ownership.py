# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Foreign
from ansible_collections.vmc.aws_backup.plugins.module_utils.ownership import claim, is_ours

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
