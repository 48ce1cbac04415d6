# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How NSX says no: the policy API's error envelope, and the codes it is known to use."""

from __future__ import annotations

from http import HTTPStatus

from ..web import answer


class Refusal(Exception):
    def __init__(self, status: int, code: int, text: str, module: str = "policy"):
        super().__init__(text)
        self.status, self.code, self.text, self.module = status, code, text, module

    def response(self):
        body = {
            "httpStatus": HTTPStatus(self.status).name,
            "error_code": self.code,
            "module_name": self.module,
            "error_message": self.text,
        }
        return answer(self.status, body)


def plain(status: int, text: str):
    """An error that comes from before the policy service: authentication, rate limits, unknown addresses."""
    code = {401: 401, 403: 403, 409: 607, 412: 604, 429: 102, 500: 98}.get(status, status)
    return Refusal(status, code, text, "common-services").response()


def not_found(path):
    return Refusal(404, 600, f"The path=[{path}] was not found. Object identifiers are case sensitive.")


def invalid_path(path):
    return Refusal(400, 500012, f"The path=[{path}] is invalid.")


def dangling(path):
    return Refusal(400, 500232, f"The object path=[{path}] used in the request does not exist.")


def exists(path):
    return Refusal(400, 500127, f"Cannot create an object with path=[{path}] as it already exists.", "Policy")


def stale(path, have, sent):
    return Refusal(
        412,
        604,
        f"The object path=[{path}] is at revision {have}, the request carries {sent}. "
        "Fetch the latest copy of the object and retry your request.",
    )


def referenced(path, referrers):
    return Refusal(
        400,
        500030,
        f"The object path=[{path}] cannot be deleted as either it has children or it is being referenced by other "
        f"objects path=[{','.join(referrers)}].",
    )


def leaving(path):
    return Refusal(400, 500045, f"The object path=[{path}] is marked for deletion. Retry after it is gone.")


def malformed(text):
    # Error 287 for a property that does not exist: sapcc/networking-nsx-t pull request 36.
    return Refusal(400, 287, f"Json de-serialization error: {text}", "common-services")


def invalid(text):
    return Refusal(400, 255, f"Field level validation errors: {{{text}}}", "common-services")


def forbidden(path):
    return Refusal(403, 289, f"User is not authorized to change the system object path=[{path}].", "common-services")


def lawless(text):
    """The management gateway's own laws. Status, code and text are UNCONFIRMED."""
    return Refusal(400, 650001, text, "vmc-policy")
