# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a call says and how its answer is written, in the protocols of the services: json, query, ec2 and rest-json."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

from moto.core.parse import EC2QueryParser, QueryParser
from moto.core.serialize import EC2Serializer, QuerySerializer
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request as WsgiRequest

from ..lag import another
from . import model
from .errors import AwsError


class Form(NamedTuple):
    """A protocol that sends forms and gets XML."""

    parser: type
    serializer: type


FORMS = {"ec2": Form(EC2QueryParser, EC2Serializer), "query": Form(QueryParser, QuerySerializer)}
S3_KEYS = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
S3_BUCKETS = {"PUT": "CreateBucket", "GET": "ListObjectsV2", "HEAD": "HeadBucket", "DELETE": "DeleteBucket"}
SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


@dataclass
class Request:
    """One call: who, where, what."""

    method: str
    path: str
    raw_path: str
    body: bytes
    headers: dict
    query: str = ""
    access_key: str = ""
    region: str = "us-east-1"
    service: str = ""
    operation: str = ""
    path_members: dict = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def model(self):
        return model.service(self.service)

    @property
    def protocol(self) -> str:
        return self.model.resolved_protocol if self.model else "json"

    @property
    def known(self) -> bool:
        return self.model is not None and self.operation in self.model.operation_names


def read(environ) -> Request:
    """Take the whole request in, and find out which operation of which service it is."""
    body = WsgiRequest(environ).get_data()
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    raw_path = environ.get("RAW_URI", environ.get("PATH_INFO", "/")).partition("?")[0]
    request = Request(environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/"), raw_path, body, headers)
    request.query = environ.get("QUERY_STRING", "")
    scope = SCOPE.search(headers.get("authorization", ""))
    if scope:
        request.access_key, request.region, request.service = scope.groups()
    request.operation = _operation(request)
    return request


def _operation(request) -> str:
    if request.service == "s3":
        return _of_s3(request)
    if "x-amz-target" in request.headers:
        return request.headers["x-amz-target"].rpartition(".")[2]
    if request.protocol in ("query", "ec2"):
        return dict(parse_qsl(request.body.decode())).get("Action", "")
    if request.protocol.startswith("rest"):
        for method, pattern, operation in _routes(request.service):
            found = pattern.fullmatch(request.raw_path)
            if found and method == request.method:
                request.path_members = {key: unquote(value) for key, value in found.groupdict().items()}
                return operation
        return f"{request.method} {request.path}"
    return ""


def _of_s3(request) -> str:
    """By method and path, because all of S3 lies at two paths."""
    if request.query.partition("=")[0] == "versions":
        return "ListObjectVersions"
    bucket, _slash, key = request.path.strip("/").partition("/")
    return (S3_KEYS if key else S3_BUCKETS).get(request.method, "") if bucket else "ListBuckets"


@functools.cache
def _routes(service):
    """Method, path pattern and name of the operations, those with the most literal paths first."""
    routes = []
    described = model.service(service)
    for name in described.operation_names:
        http = described.operation_model(name).http
        path = http["requestUri"].partition("?")[0].rstrip("/") or "/"
        pattern = re.sub(r"\\{(\w+)\\\+\\}", r"(?P<\1>.+)", re.escape(path))
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern)
        routes.append((http["method"], re.compile(pattern + "/?"), name))
    return sorted(routes, key=lambda route: (route[1].pattern.count("(?P<"), -len(route[1].pattern)))


QUERY = {
    "string": str,
    "boolean": lambda text: text == "true",
    "integer": int,
    "long": int,
    "timestamp": lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")),
}


def parameters(request: Request, *, unchecked=()) -> dict:
    """The parameters of the call, checked against the model; what it has against them is a validation error."""
    shape = request.model.operation_model(request.operation).input_shape
    if shape is None:
        return {}
    if request.protocol in FORMS:
        values = parse_qsl(request.body.decode(), keep_blank_values=True)
        found = (
            FORMS[request.protocol]
            .parser(request.model.operation_model(request.operation))
            .parse({"values": MultiDict(values)})
        )
        unknown = _unknown_query_names(shape, values)
        if unknown:
            raise AwsError("UnknownParameter", f"The parameter {unknown[0]} is not recognized")
        wrong = model.problems(shape, found)
        if wrong:
            raise AwsError("InvalidParameterValue", wrong[0])
        return found
    try:
        found = json.loads(request.body or b"{}")
    except ValueError:
        raise AwsError("SerializationException", "Start of structure or map found where not expected.") from None
    query = dict(parse_qsl(request.query))
    for name, member in shape.members.items():
        location, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if location == "uri":
            found[name] = request.path_members[wire]
        elif location == "querystring" and wire in query:
            found[name] = QUERY[member.type_name](query[wire])
    wrong = wrongs(shape, found, unchecked)
    if wrong:
        plural = "s" if len(wrong) > 1 else ""
        raise AwsError(
            "ValidationException",
            f"{len(wrong)} validation error{plural} detected: {'; '.join(wrong)}",
            error_code="InvalidParameters",
        )
    return found


def _unknown_query_names(shape, values):
    names = {"Action", "Version"}
    for name, member in shape.members.items():
        wire = member.serialization.get("queryName") or member.serialization.get("name") or name
        names.add(wire[0].upper() + wire[1:])
    return sorted({key.partition(".")[0] for key, value in values} - names)


def without(request: Request, name: str) -> Request:
    """The same call for another thing, which does not exist."""
    name = name.rpartition("/")[2]
    path, raw_path = (text.replace(name, another(name)) for text in (request.path, request.raw_path))
    body = request.body.replace(name.encode(), another(name).encode())
    return dataclasses.replace(request, path=path, raw_path=raw_path, body=body)


def answer(request: Request, result: dict, *, unchecked=()) -> tuple:
    """Status, headers and body of a good answer; an answer that AWS could not give is a fault of this lab."""
    operation = request.model.operation_model(request.operation)
    shape = operation.output_shape
    result = without_none(result)
    wrong = wrongs(shape, result, unchecked) if shape else []
    if wrong:
        raise AssertionError(f"the lab's answer to {request.operation} breaks the model: {wrong}")
    if request.protocol in FORMS:
        written = FORMS[request.protocol].serializer(operation).serialize(result)
        return 200, {"Content-Type": "text/xml;charset=UTF-8"}, written["body"].encode()
    body = json.dumps(result, default=_timestamp).encode() if shape else b""
    return 200, {"Content-Type": _json_type(request), "x-amzn-RequestId": request.id}, body


def wrongs(shape, value, unchecked) -> list[str]:
    return [problem for problem in model.problems(shape, value) if not any(name in problem for name in unchecked)]


def without_none(value):
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_none(item) for item in value]
    return value


def _timestamp(value):
    if isinstance(value, datetime.datetime):
        return round(value.timestamp(), 3)
    raise TypeError(type(value))


def _json_type(request):
    version = request.model.metadata.get("jsonVersion", "1.0") if request.model else "1.0"
    return f"application/x-amz-json-{version}" if request.protocol == "json" else "application/json"


def failure(request: Request, error: AwsError) -> tuple:
    """Status, headers and body of an error."""
    code, message = escape(error.code), escape(error.message)
    if request.protocol == "ec2":
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            f"<RequestID>{request.id}</RequestID></Response>"
        )
        return error.status, {"Content-Type": "text/xml;charset=UTF-8"}, body.encode()
    if request.protocol == "query":
        kind = "Receiver" if error.status >= 500 else "Sender"
        body = (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request.id}</RequestId></ErrorResponse>"
        )
        return error.status, {"Content-Type": "text/xml"}, body.encode()
    if request.protocol == "json":
        body = {"__type": error.code, "Message": error.message}
        if error.error_code:
            body["ErrorCode"] = error.error_code
    else:
        body = {"Message": error.message, "Code": error.error_code or "ERROR_0"}
    headers = {"Content-Type": _json_type(request), "x-amzn-ErrorType": error.code, "x-amzn-RequestId": request.id}
    return error.status, headers, json.dumps(body).encode()
