# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who calls AWS: keys, a profile or the environment, and the role that is assumed from there. Beside it, what counts as an answer."""

from __future__ import annotations

import contextlib
import os

from .deadline import EXCHANGE_TIMEOUT

try:
    import botocore.session
    from botocore.credentials import CredentialProvider, CredentialResolver, RefreshableCredentials
except ImportError:
    CredentialProvider = object  # AnsibleAWSModule says what is missing

# Without amazon.aws's fallbacks to the environment: they would put a key from there beside a profile that was given, which is refused,
# or its session token beside keys that were given, which is somebody else's. What is not given here, botocore takes from there as a whole.
IDENTITY = {
    "access_key": {"type": "str", "aliases": ["aws_access_key_id", "aws_access_key"], "no_log": False},
    "secret_key": {"type": "str", "aliases": ["aws_secret_access_key", "aws_secret_key"], "no_log": True},
    "session_token": {"type": "str", "aliases": ["aws_session_token"], "no_log": True},
    "profile": {"type": "str", "aliases": ["aws_profile"]},
    "assume_role_arn": {"type": "str"},
    "assume_role_external_id": {"type": "str"},
    **EXCHANGE_TIMEOUT,
    "empty_answer_is_none": {"type": "list", "elements": "str", "default": []},
}
SESSION_NAME = "vmc-aws-backup"
PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


class AssumedRole(CredentialProvider):
    """Credentials of a role that are renewed before they end, however long a module runs.

    ``assume(**request)`` is STS's AssumeRole, called as who the options name.
    """

    METHOD = "vmc-aws-backup-assumed-role"

    def __init__(self, assume, role_arn: str, external_id: str | None = None):
        super().__init__()
        self._assume = assume
        self._request = {"RoleArn": role_arn, "RoleSessionName": SESSION_NAME}
        if external_id:
            self._request["ExternalId"] = external_id

    def load(self):
        return RefreshableCredentials.create_from_metadata(self._renew(), refresh_using=self._renew, method=self.METHOD)

    def _renew(self) -> dict:
        given = self._assume(**self._request)["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }


@contextlib.contextmanager
def alone(params: dict):
    """While a client is made from what is given, the environment names no profile: one that is not there, or what else it says, is of no concern."""
    named = PROFILES if params.get("access_key") or params.get("profile") else ()
    held = {name: os.environ.pop(name) for name in named if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(held)


def client_as(role: AssumedRole, module, service: str, config):
    """A client of a service that calls as a role, in the region and by the certificates of the module."""
    params = module.params
    session = botocore.session.get_session()
    session.register_component("credential_provider", CredentialResolver([role]))
    verify = params.get("validate_certs") is not False
    return session.create_client(
        service,
        region_name=module.region,
        endpoint_url=params.get("endpoint_url"),
        verify=(verify and params.get("aws_ca_bundle")) or verify,
        config=config,
    )
