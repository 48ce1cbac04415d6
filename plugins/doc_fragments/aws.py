# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Comes before C(amazon.aws.common.modules), whose words on the environment it replaces."""

    DOCUMENTATION = r"""
options:
  access_key:
    description:
      - AWS access key ID. Excludes O(profile).
      - When neither this nor O(profile) is given, botocore looks for credentials as it always does, first in the environment variables
        E(AWS_ACCESS_KEY_ID), E(AWS_SECRET_ACCESS_KEY), E(AWS_SESSION_TOKEN) and E(AWS_PROFILE).
      - What is given here is never mixed with what the environment has.
    type: str
    aliases: [aws_access_key_id, aws_access_key]
  secret_key:
    description:
      - Secret of O(access_key).
    type: str
    aliases: [aws_secret_access_key, aws_secret_key]
  session_token:
    description:
      - Session token of O(access_key), if it is a temporary one.
    type: str
    aliases: [aws_session_token]
  profile:
    description:
      - Named profile of the AWS configuration files on the host that runs the module. Excludes O(access_key).
      - Credentials in the environment are not used beside it.
    type: str
    aliases: [aws_profile]
  assume_role_arn:
    description:
      - A role to assume with these credentials, and to do everything as. Its credentials are renewed for as long as the module runs.
    type: str
  assume_role_external_id:
    description:
      - The external ID that the trust policy of O(assume_role_arn) asks for.
    type: str
  exchange_timeout:
    description:
      - Seconds that one exchange with the service may take as a whole, with what is repeated of it, however slowly its bytes arrive. V(0) is for ever.
      - Uploads, and waiting for something to become ready, have limits of their own.
    type: int
    default: 120
  empty_answer_is_none:
    description:
      - Operations, such as V(ListGateways), whose answer without any list is taken for an empty one even where something would be deleted for it.
      - An answer that has not even the list is asked for again. Where nothing would be deleted, it then counts as an empty one.
    type: list
    elements: str
    default: []
"""
