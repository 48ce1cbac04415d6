# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An error as AWS answers it."""

from __future__ import annotations


class AwsError(Exception):
    """``error_code`` is the finer code that backup-gateway and backup put beside the name of the exception."""

    def __init__(self, code: str, message: str, *, status: int = 400, error_code: str = ""):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.error_code = error_code
