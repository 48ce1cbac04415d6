# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import traceback

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import errors
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine import odd
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import nsx_object

SECRET = "wJ7kq2Vn5mZr8Tt1"


def endless():
    return endless()


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (lambda: {}[SECRET], "KeyError"),
        (lambda: "".split(SECRET)[5], "IndexError"),
        (lambda: getattr(True, SECRET), "AttributeError"),
        (lambda: len(-1), "TypeError"),
        (lambda: int(f"{SECRET}"), "ValueError"),
        (lambda: str(f"{SECRET}\ud800".encode()), "UnicodeEncodeError"),
        (lambda: float(10**400), "OverflowError"),
        (endless, "RecursionError"),
    ],
)
@pytest.mark.parametrize("wrote", [False, True])
def test_an_odd_answer_is_an_error_of_ours_that_says_no_word_of_it(read, kind, wrote):
    with pytest.raises(Error) as caught, odd.as_error("The thing", wrote=wrote):
        read()
    assert f"({kind} in test_odd.py, line " in str(caught.value)
    assert str(caught.value).startswith("The thing may have been written" if wrote else "The thing cannot be read")
    assert caught.value.wrote is wrote
    assert SECRET not in "".join(traceback.format_exception(None, caught.value, caught.value.__traceback__))
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_where_it_arose_is_the_innermost_line_of_ours():
    with pytest.raises(Error, match=r"AttributeError in nsx_object.py, line \d+"), odd.as_error("The thing"):
        nsx_object.tag_list([5])
    with pytest.raises(Error, match=r"in \w+.py, line \d+"), odd.as_error("The thing"):
        ipaddress.ip_address("x")


def test_what_is_raised_as_an_error_of_ours_stays_what_it_is():
    with pytest.raises(Invalid) as caught, odd.as_error("The thing", wrote=True):
        raise Invalid("name", "is odd")
    assert str(caught.value) == "name: is odd" and not caught.value.wrote
    ours = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(ours) > 10 and not any(issubclass(kind, odd.ODD) for kind in ours)


def test_what_no_answer_can_cause_is_raised():
    with pytest.raises(NotImplementedError), odd.as_error("The thing"):
        raise NotImplementedError
