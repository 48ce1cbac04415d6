# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS Organizations: all accounts of the lab are of one organisation, unless one has left it."""

from __future__ import annotations

from .copies import ORGANISATION
from .errors import AwsError
from .router import account_of


class Organizations:
    UNCHECKED = ()

    def __init__(self, backup):
        self.backup = backup

    def DescribeOrganization(self, request, params):
        account = account_of(request)
        if account in self.backup.outside:
            raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
        return {"Organization": {"Id": ORGANISATION, "MasterAccountId": self.backup.management_account}}
