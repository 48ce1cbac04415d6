# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who calls AWS where there is no module: a plugin on the control node, with the same options, clients and masking."""

from __future__ import annotations

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.amazon.aws.plugins.plugin_utils.base import AWSPluginBase

from ..module_utils import secrets
from ..module_utils.clients.aws import IDENTITY, Aws
from ..module_utils.errors import Error

CREDENTIALS = ("access_key", "secret_key", "session_token", "profile")
ROLE = ("assume_role_arn", "assume_role_external_id")
SECRET = tuple(name for name, spec in IDENTITY.items() if spec.get("no_log"))


class Caller(AWSPluginBase):
    """Stands where the clients expect a module. What it must not show is in ``no_log_values``."""

    ansible_name = "vmc.aws_backup.virtual_machines"

    def __init__(self, params: dict):
        self.params = params
        self.no_log_values = {params[name] for name in SECRET if params.get(name)}
        self._clients: dict = {}
        secrets.masked_by(self)

    def get_options(self) -> dict:
        """As amazon.aws asks a plugin for what a module has in params."""
        return self.params

    def _do_fail(self, message: str):
        raise Error(message)

    def aws(self, service: str) -> Aws:
        """One client for each service."""
        if service not in self._clients:
            self._clients[service] = Aws(self, service)
        return self._clients[service]

    def shown(self, text: str) -> str:
        """A text for people, without what is secret in it."""
        return remove_values(secrets.shown(text), self.no_log_values)


def callers(options: dict) -> list[Caller]:
    """One for each Region of each account that the options name. An account with credentials of its own takes none of those beside."""
    return [
        Caller({**params, "region": region}) for params in _accounts(options) for region in params["regions"] or [None]
    ]


def _accounts(options: dict) -> list[dict]:
    shared = {name: held for name, held in options.items() if name != "accounts"}
    return [_account(shared, account) for account in options.get("accounts") or [{}]]


def _account(shared: dict, account: dict) -> dict:
    own = {name: held for name, held in account.items() if held is not None}
    taken = dict(shared)
    if any(name in own for name in CREDENTIALS):
        taken.update(dict.fromkeys((*CREDENTIALS, *ROLE)))
    elif "assume_role_arn" in own:
        taken.update(dict.fromkeys(ROLE))
    return {**taken, **own}
