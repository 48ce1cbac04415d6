# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moto's backends, asked in this process as its own mocks ask them."""

from __future__ import annotations

import functools
import json
import re

from moto import backends
from moto.core.exceptions import HTTPException
from moto.core.request import Request as MotoRequest
from moto.iam import models as iam

from .protocol import Request

SERVICES = {"ec2", "kms", "iam", "sts", "logs", "s3", "sns"}

# Moto reads all 1,582 managed policies for each partition at each reset; these are those that matter here.
iam.aws_managed_policies_data = json.dumps(
    {name: data for name, data in json.loads(iam.aws_managed_policies_data).items() if "Backup" in name}
)


class NotBuilt(Exception):
    """Moto lacks the operation."""


@functools.cache
def handlers(service: str) -> list[tuple]:
    accounts = backends.get_backend(service)["123456789012"]
    backend = accounts["us-east-1" if "us-east-1" in accounts else "aws"]
    return [(re.compile(url), handler) for url, handler in backend.urls.items()]


def ask(request: Request, query: str) -> tuple:
    """Status, headers and body of moto's answer."""
    if request.service not in SERVICES:
        raise NotBuilt
    host = f"https://{request.service}.{request.region}.amazonaws.com"
    headers = {**request.headers, "host": host[8:]}
    url = host + request.raw_path
    asked = MotoRequest.from_primitives(request.method, url + (f"?{query}" if query else ""), headers, request.body)
    for pattern, handler in handlers(request.service):
        if pattern.match(url):
            try:
                status, headers, body = handler(asked, asked.raw_url, asked.headers)
            except HTTPException as error:
                status, headers, body = error.code, dict(error.get_headers()), error.get_body()
            except NotImplementedError:
                raise NotBuilt from None
            if body in ("null", b"null"):  # moto; AWS answers with no body where an operation has nothing to say
                return status, {**headers, "Content-Length": "0"}, b""
            body = body.encode() if isinstance(body, str) else body
            if request.service == "ec2" and request.region != "us-east-1":  # moto names all as in that one Region
                body = body.replace(b".ec2.internal", f".{request.region}.compute.internal".encode())
            return status, headers, body
    raise NotBuilt
