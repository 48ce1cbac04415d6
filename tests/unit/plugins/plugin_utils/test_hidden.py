# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleError
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.hidden import secrets_of, without


def test_what_a_secret_variable_holds_is_hidden_in_every_form():
    hidden = secrets_of({"vmc_backup_vcenter_password": "p@ss<word>1", "vmc_backup_name": "visible-name"})
    told = without({"p@ss<word>1": ["x p%40ss%3Cword%3E1", ("p@ss&lt;word&gt;1", 1, None)]}, hidden)
    assert told == {"********": ["x ********", ["********", 1, None]]}
    assert without("visible-name", hidden) == "visible-name"


def test_of_an_address_only_the_secret_in_it_is():
    hidden = secrets_of({"vmc_backup_nsx_url": "https://user:longpassword1@nsx.example.com/"})
    assert without("nsx.example.com longpassword1", hidden) == "nsx.example.com ********"


def test_lists_and_dictionaries_of_secrets_are_too():
    hidden = secrets_of({"appliance_secret_properties": {"guestinfo.x": "abcdefgh1"}})
    assert without("abcdefgh1", hidden) == "********"


def test_what_is_too_short_to_be_told_from_a_word_stays():
    assert without("a", secrets_of({"vmc_backup_vcenter_password": "a"})) == "a"


def test_a_variable_that_cannot_be_read_hides_nothing():
    class Broken(dict):
        def __getitem__(self, name):
            raise AnsibleError("undefined")

    assert secrets_of(Broken({"vmc_backup_vcenter_password": "x"})) == set()
