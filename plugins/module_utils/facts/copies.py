# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both ends of a copy: each read is made when it is first asked for, and once. Writes nothing."""

from __future__ import annotations

import functools

from ..clients.aws import Aws, beside
from ..engine.findings import Untold, told
from ..resources import backup_vault, kms_key

CROSS_ACCOUNT = "isCrossAccountBackupEnabled"


class Copies:
    """The account of the backups, and the account and Region that they are copied to."""

    def __init__(self, module):
        self._here = module
        self._there = beside(module, module.params["destination"]) if module.params["destination"] else module
        self.params = module.params

    @functools.cached_property
    def source_account(self):
        return told(lambda: Aws(self._here, "sts").call("get_caller_identity")["Account"])

    @functools.cached_property
    def caller_there(self):
        return told(lambda: Aws(self._there, "sts").call("get_caller_identity")["Account"])

    @property
    def partition(self) -> str:
        return Aws(self._here, "sts").partition

    @property
    def destination_account(self):
        """By the ARN of the vault where there is one; a vault that is to be made is the caller's."""
        arn = self.params["backup_vault_arn"]
        return arn.split(":")[4] if arn else self.caller_there

    @property
    def vault_name(self) -> str:
        return self.params["backup_vault_name"] or self.params["backup_vault_arn"].rpartition(":")[2]

    @property
    def is_one_account(self) -> bool:
        return self.source_account == self.destination_account and not isinstance(self.source_account, Untold)

    @functools.cached_property
    def organisations(self) -> tuple:
        """Those that the two accounts say that they are of."""
        return _organisation(self._here), self._ask_there(lambda: _organisation(self._there))

    @functools.cached_property
    def cross_account(self):
        """Whether the organisation lets its accounts copy to each other. Perhaps only its management account is told."""

        def ask():
            settings = Aws(self._here, "backup").call("describe_global_settings")["GlobalSettings"]
            return settings.get(CROSS_ACCOUNT) == "true"

        return told(ask)

    @functools.cached_property
    def opt_in(self):
        def ask():
            answer = Aws(self._there, "backup").call("describe_region_settings")
            return bool(answer["ResourceTypeOptInPreference"].get("VirtualMachine"))

        return self._ask_there(lambda: told(ask))

    @functools.cached_property
    def vault(self):
        """The vault that is copied to, as it is; empty where it is not there."""

        def ask():
            found = backup_vault.find(Aws(self._there, "backup"), name=self.vault_name)
            return backup_vault.view(found[0]) if found else {}

        return self._ask_there(lambda: told(ask))

    @functools.cached_property
    def key_state(self):
        key = self.vault["encryption_key_arn"]
        return told(lambda: kms_key.state_of(Aws(self._there, "kms"), key)) if key else ""

    def _ask_there(self, ask):
        """Who is called is the account of the vault, or nobody is asked."""
        if isinstance(self.caller_there, Untold):
            return self.caller_there
        if self.caller_there != self.destination_account:
            return Untold(
                f"the vault is in the account {self.destination_account}, and the credentials for it are of {self.caller_there}"
            )
        return ask()


def _organisation(module):
    return told(lambda: Aws(module, "organizations").call("describe_organization")["Organization"]["Id"])
