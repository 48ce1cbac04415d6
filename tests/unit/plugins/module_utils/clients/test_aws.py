# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json
import socket
import threading

import boto3
import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import recall
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import aws
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.aws import Aws, check_region
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    ApiError,
    BadCredentials,
    Conflict,
    Denied,
    Invalid,
    Lost,
    NotWhole,
)
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
)

NAME = "backup-gateway"
GATEWAY = {"ActivationKey": "a", "GatewayDisplayName": "b", "GatewayType": "BACKUP_VM"}


class Module:
    """An AnsibleAWSModule as far as the client knows it; answers come in order, the last one for ever."""

    def __init__(self, *answers, said="no", **params):
        self.params = params
        self.answers = list(answers)
        self.said = said
        self.sent = 0

    def client(self, service, aws_config):
        client = boto3.client(
            service, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b", config=aws_config
        )
        client.meta.events.register("before-send", self.answer)
        return client

    def answer(self, request, **kwargs):
        self.sent += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, code = answer
        body = b'{"Gateways": []}' if status == 200 else b'{"__type": "%s", "Message": "%s", "ErrorCode": "Why"}'
        response = AWSResponse(request.url, status, {"date": "Sun, 01 Feb 2026 12:00:00 GMT"}, None)
        response._content = body if status == 200 else body % (code.encode(), self.said.encode())
        return response


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "ConflictException", Conflict),
        (400, "InvalidGroup.Duplicate", Conflict),
        (400, "AccessDeniedException", Denied),
        (403, "AnythingElse", Denied),
        (403, "UnrecognizedClientException", BadCredentials),
        (400, "ExpiredTokenException", BadCredentials),
        (400, "ValidationException", ApiError),
    ],
)
def test_a_refusal_is_told_by_its_code(status, code, error):
    with pytest.raises(error) as caught:
        Aws(Module((status, code)), NAME).call("list_gateways")
    assert caught.type is error
    assert (caught.value.code, caught.value.service, caught.value.operation) == (code, NAME, "ListGateways")
    assert code in str(caught.value)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("because no identity-based policy allows the X action", "docs/permissions.md"),
        ("with an explicit deny in a service control policy", "nothing in the account can allow it"),
        ("because no permissions boundary allows the X action", "boundary of the caller"),
        ("Encoded authorization failure message: abc", "sts decode-authorization-message"),
    ],
)
def test_who_was_denied_is_told_where_to_look(said, advice):
    module = Module((403, "AccessDeniedException"), said=said)
    with pytest.raises(Denied) as caught:
        Aws(module, NAME).call("list_gateways")
    assert said in str(caught.value)
    assert advice in str(caught.value)
    assert ("docs/permissions.md" in str(caught.value)) == (said.startswith(("because no identity", "Encoded")))


def test_the_service_s_own_code_is_told_too():
    with pytest.raises(ApiError, match=r"\(ValidationException/Why\)"):
        Aws(Module((400, "ValidationException")), NAME).call("list_gateways")


@pytest.mark.parametrize("option", ["secret_key", "session_token", "access_key"])
def test_credentials_that_cannot_be_sent_are_refused_by_their_option(option):
    module = Module((200, ""))
    keys = {"access_key": "a", "secret_key": "b", "session_token": "c", option: "wJ7kq2Vn\n"}
    names = {
        "access_key": "aws_access_key_id",
        "secret_key": "aws_secret_access_key",
        "session_token": "aws_session_token",
    }
    module.client = lambda service, aws_config: boto3.client(
        service, region_name="eu-west-1", config=aws_config, **{names[name]: value for name, value in keys.items()}
    )
    with pytest.raises(Invalid, match=f"^{option}: holds a control character") as caught:
        Aws(module, NAME).call("list_gateways")
    assert "wJ7kq2Vn" not in str(caught.value)


@pytest.mark.parametrize("where", ["option", "environment"])
def test_an_endpoint_with_a_password_is_refused(monkeypatch, masked, where):
    url = "https://me:wJ7kq2Vn@198.51.100.1"
    module = Module((200, ""), **({"endpoint_url": url} if where == "option" else {}))
    if where == "environment":
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(Invalid, match="^endpoint_url: must not hold a user name or a password"):
        Aws(module, NAME).call("list_gateways")
    assert "wJ7kq2Vn" in masked
    assert module.sent == 0


def test_what_signed_a_request_is_masked_when_it_is_refused(masked):
    module = Module((400, "ValidationException"))
    signatures = []
    answer = module.answer

    def seen(request, **kwargs):
        signatures.append(request.headers["Authorization"].decode())
        return answer(request, **kwargs)

    module.answer = seen
    with pytest.raises(ApiError):
        Aws(module, NAME).call("list_gateways")
    assert {signatures[0], signatures[0].partition("Signature=")[2]} <= masked


@pytest.mark.parametrize(
    ("failure", "kind", "said"),
    [
        (
            HTTPClientError(error=ValueError("Invalid header value b'wJ7kq2Vn'")),
            ApiError,
            "could not be sent (ValueError)",
        ),
        (CredentialRetrievalError(provider="custom-process", error_msg="wJ7kq2Vn"), BadCredentials, "custom-process"),
    ],
)
def test_what_a_library_repeats_of_others_is_not_told(failure, kind, said):
    with pytest.raises(kind) as caught:
        Aws(Module(failure), NAME).call("list_gateways", once=True)
    assert said in str(caught.value)
    assert "wJ7kq2Vn" not in str(caught.value)


def test_of_who_gives_credentials_only_the_code_is_told():
    said = {"Error": {"Code": "AccessDenied", "Message": "wJ7kq2Vn"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    module = Module(ClientError(said, "AssumeRoleWithWebIdentity"))
    with pytest.raises(Denied, match=r"refused \(AccessDenied\)") as caught:
        Aws(module, NAME).call("list_gateways")
    assert caught.value.operation == "AssumeRoleWithWebIdentity"
    assert "wJ7kq2Vn" not in str(caught.value)


def test_the_role_is_named_that_cannot_be_taken_on():
    said = {"Error": {"Code": "AccessDenied", "Message": "wJ7kq2Vn"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    role = "arn:aws:iam::111122223333:role/central"
    module = Module(ClientError(said, "AssumeRole"), assume_role_arn=role)
    module.region = "eu-west-1"
    with pytest.raises(
        Denied, match=rf"Could not take on the role {role}: sts AssumeRole: refused \(AccessDenied\)"
    ) as caught:
        Aws(module, NAME).call("list_gateways")
    assert (caught.value.code, "wJ7kq2Vn" in str(caught.value)) == ("AccessDenied", False)


def test_what_is_in_use_is_a_busy_conflict():
    with pytest.raises(Conflict) as caught:
        Aws(Module((400, "DependencyViolation")), NAME).call("list_gateways")
    assert caught.value.busy


def test_a_missing_thing_is_none():
    client = Aws(Module((400, "ResourceNotFoundException")), NAME)
    assert client.call("list_gateways", missing=("ResourceNotFoundException",)) is None


@pytest.mark.parametrize("trouble", [(500, "InternalServerException"), (503, "ServiceUnavailable")])
def test_what_fails_on_the_way_is_repeated(trouble):
    module = Module(trouble, trouble, (200, ""))
    assert Aws(module, NAME).call("list_gateways")["Gateways"] == []
    assert module.sent == 3


def test_a_call_that_is_sent_once_is_sent_once():
    module = Module((500, "InternalServerException"), aws_config={"retries": {"max_attempts": 9}})
    with pytest.raises(ApiError) as caught:
        Aws(module, NAME).call("list_gateways", once=True)
    assert module.sent == 1
    assert caught.value.retryable


def test_a_throttled_call_that_is_sent_once_may_be_sent_later():
    with pytest.raises(Conflict) as caught:
        Aws(Module((400, "ThrottlingException")), NAME).call("list_gateways", once=True)
    assert caught.value.busy


def test_no_answer_has_no_code_and_may_help_later():
    with pytest.raises(ApiError) as caught:
        Aws(Module(EndpointConnectionError(endpoint_url="https://x")), NAME).pages("list_gateways", "Gateways")
    assert caught.value.code is None
    assert caught.value.retryable


def test_the_time_is_that_of_the_last_answer():
    client = Aws(Module((200, "")), NAME)
    client.call("list_gateways")
    assert client.now() == datetime.datetime(2026, 2, 1, 12, tzinfo=datetime.timezone.utc)


def test_a_client_knows_its_region():
    assert Aws(Module(), NAME).region == "eu-west-1"


def test_a_client_knows_its_partition():
    assert Aws(Module(), NAME).partition == "aws"


@pytest.mark.parametrize(
    "trouble", [(500, "InternalServerException"), EndpointConnectionError(endpoint_url="https://x")]
)
def test_a_call_that_is_sent_once_and_not_answered_is_lost(trouble):
    with pytest.raises(Lost) as caught:
        Aws(Module(trouble), NAME).call("create_gateway", once=True, **GATEWAY)
    assert caught.value.wrote


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidGroup.NotFound", "NoSuchEntity"])
def test_what_a_call_names_and_is_not_there_may_not_be_seen_yet(code):
    with pytest.raises(Conflict) as caught:
        Aws(Module((400, code)), NAME).call("list_gateways")
    assert not caught.value.busy


def test_a_failure_says_whether_something_was_written_before_it():
    client = Aws(Module((200, ""), (400, "ValidationException"), (200, ""), (400, "ValidationException")), NAME)
    for wrote in (False, True):
        client.call(
            "tag_resource", ResourceARN="arn:aws:backup-gateway:eu-west-1:123456789012:gateway/g", Tags=[]
        ) if wrote else client.call("list_gateways")
        with pytest.raises(ApiError) as caught:
            client.call("list_gateways")
        assert caught.value.wrote == wrote


@pytest.mark.parametrize("name", ["eu-west-1", "us-gov-west-1", "cn-north-1", "aws-global"])
def test_a_region_that_botocore_lists_is_right(name, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    check_region(name)


def test_a_region_that_is_newer_than_botocore_is_right(monkeypatch):
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port: [host] if host == "ec2.eu-new-1.amazonaws.com" else []
    )
    check_region("eu-new-1")


def test_a_region_that_nobody_knows_is_refused_with_what_may_be_meant(monkeypatch):
    def unknown(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Invalid, match="region: eu-wset-1 .* Is eu-west-1 meant"):
        check_region("eu-wset-1")


class Bodies(Module):
    """Answers are bodies, the last one for ever; what was sent is kept."""

    region = "eu-west-1"

    def answer(self, request, **kwargs):
        self.sent += 1
        body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(body):
            body = body(request)
        status, body = body if isinstance(body, tuple) else (200, body)
        headers = {"date": "Sun, 01 Feb 2026 12:00:00 GMT", **self.params.get("headers", {})}
        response = AWSResponse(request.url, status, headers, None)
        response._content = body
        return response


NONE = b'{"Gateways": []}'
BROKEN = [b"", b"<html>Log in</html>", b"null", b"[]", b'"x"', b'{"Gateways": "x"}', b'{"Gateways": [{}]}', b'{"Gatew']


@pytest.mark.parametrize("body", BROKEN)
def test_a_read_whose_answer_is_not_whole_is_asked_again_and_then_an_error(body):
    module = Bodies(body, NONE)
    assert Aws(module, NAME).pages("list_gateways", "Gateways") == []
    assert module.sent == 2
    with pytest.raises(NotWhole, match="^backup-gateway ListGateways: the answer is not whole: ") as caught:
        Aws(Bodies(body), NAME).pages("list_gateways", "Gateways")
    assert caught.value.retryable
    assert "Log in" not in str(caught.value)


def test_an_answer_whose_bytes_are_fewer_than_told_is_not_whole():
    module = Bodies(NONE, headers={"content-length": "840"})
    with pytest.raises(NotWhole, match=f"{len(NONE)} of 840 bytes"):
        Aws(module, NAME).call("list_gateways")


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("body", [*BROKEN[:5], b"{}", b'{"GatewayArn": null}'])
def test_a_write_whose_answer_is_not_whole_is_looked_at_again_instead(body, once):
    module = Bodies(body)
    with pytest.raises(Lost if once else Conflict, match="not whole") as caught:
        Aws(module, NAME).call(
            "create_gateway", once=once, ActivationKey="a", GatewayDisplayName="g", GatewayType="BACKUP_VM"
        )
    assert module.sent == 1
    assert (caught.value.code, getattr(caught.value, "busy", False), caught.value.retryable) == (None, False, True)
    assert caught.value.wrote


def test_chunks_that_do_not_end_are_told_as_such():
    broken = ConnectionClosedError(endpoint_url="https://x", error="IncompleteRead(20 bytes read, 8 more expected)")
    with pytest.raises(ApiError, match="ListGateways: the answer is not whole: it breaks off") as caught:
        Aws(Module(broken), NAME).call("list_gateways")
    assert caught.value.retryable


def test_what_grows_is_no_fault():
    body = (
        b'{"Gateways": [{"GatewayArn": "arn", "GatewayType": "NEW", "Color": {"a": 1}, "HypervisorId": null}], "X": 1}'
    )
    assert Aws(Bodies(body), NAME).pages("list_gateways", "Gateways")[0]["GatewayArn"] == "arn"


def test_sts_is_never_repeated_in_words():
    secret = b"<AssumeRoleResponse><AssumeRoleResult><SecretAccessKey>wJ7kq2Vn5mZr8Tt1</SecretAccessKey>"
    with pytest.raises(NotWhole) as caught:
        Aws(Bodies(secret), "sts").call("assume_role", RoleArn="arn:aws:iam::1:role/r12345678", RoleSessionName="s1")
    assert "wJ7kq2Vn5mZr8Tt1" not in str(caught.value)
    refusal = (
        b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>wJ7kq2Vn5mZr8Tt1</Message></Error></ErrorResponse>"
    )
    with pytest.raises(Denied, match="AccessDenied") as caught:
        Aws(Bodies((403, refusal)), "sts").call("get_caller_identity")
    assert "wJ7kq2Vn5mZr8Tt1" not in str(caught.value)


@pytest.mark.parametrize("service", ["sts", NAME])
@pytest.mark.parametrize("status", [403, 503])
def test_the_page_of_something_else_is_not_shown(service, status):
    module = Bodies((status, b"<!DOCTYPE html><html>Log in"))
    with pytest.raises(ApiError) as caught:
        Aws(module, service).call("get_caller_identity" if service == "sts" else "list_gateways")
    assert "Log in" not in str(caught.value)


def test_what_botocore_cannot_read_is_told_without_its_words(monkeypatch):
    body = b'{"Gateways": [{"GatewayArn": "a", "LastSeenTime": "wJ7kq2Vn5mZr8Tt1"}]}'
    with pytest.raises(NotWhole, match="cannot be read") as caught:
        Aws(Bodies(body), NAME).call("list_gateways")
    assert "wJ7kq2Vn5mZr8Tt1" not in str(caught.value)


@pytest.mark.parametrize(
    "date", ["soon", "", "Fri, 31 Dec 9999 23:59:59 -2359", "Sun, 01 Feb 2026 12:00:00 -0000", "9" * 40]
)
def test_an_odd_date_harms_nothing(date):
    client = Aws(Bodies(NONE, headers={"date": date}), NAME)
    client.call("list_gateways")
    assert client.now().utcoffset() == datetime.timedelta(0)


JOBS = {"ByState": "RUNNING", "ByResourceType": "VirtualMachine"}


def job(number, state, kind="VirtualMachine"):
    return {"BackupJobId": str(number), "ResourceArn": "arn", "State": state, "ResourceType": kind}


def listing(*jobs):
    return json.dumps({"BackupJobs": jobs}).encode()


def test_a_list_without_a_list_is_asked_again_and_then_without_filters():
    module = Bodies(b"{}", b"{}", listing(job(1, "RUNNING"), job(2, "COMPLETED"), job(3, "RUNNING", "EBS")))
    assert [each["BackupJobId"] for each in Aws(module, "backup").pages("list_backup_jobs", "BackupJobs", **JOBS)] == [
        "1"
    ]
    module = Bodies(b"{}", listing())
    assert Aws(module, "backup").pages("list_backup_jobs", "BackupJobs", **JOBS) == []


def test_jobs_that_are_not_told_are_never_none():
    with pytest.raises(NotWhole, match="vmc_backup_empty_answer_is_none") as caught:
        Aws(Bodies(b"{}"), "backup").pages("list_backup_jobs", "BackupJobs", **JOBS)
    assert not caught.value.retryable
    told = Aws(Bodies(b"{}", empty_answer_is_none=["ListBackupJobs"]), "backup")
    assert told.pages("list_backup_jobs", "BackupJobs", **JOBS) == []


@pytest.mark.parametrize("given", [{"state": "absent"}, {"certain": True}])
def test_who_deletes_has_to_be_told_that_there_is_none(given):
    assert Aws(Bodies(b"{}", state="present"), NAME).pages("list_gateways", "Gateways") == []
    with pytest.raises(NotWhole, match="it lacks Gateways"):
        Aws(Bodies(b"{}", **given), NAME).pages("list_gateways", "Gateways")
    assert Aws(Bodies(NONE, **given), NAME).pages("list_gateways", "Gateways") == []


def test_who_has_written_has_to_be_told_too():
    client = Aws(Bodies(b'{"GatewayArn": "a"}', b"{}"), NAME)
    client.call("create_gateway", once=True, ActivationKey="a", GatewayDisplayName="g", GatewayType="BACKUP_VM")
    with pytest.raises(NotWhole, match="it lacks Gateways"):
        client.pages("list_gateways", "Gateways")


def pages(*cursors):
    return [json.dumps({"Gateways": [{"GatewayArn": "a"}], "NextToken": cursor}).encode() for cursor in cursors]


@pytest.mark.parametrize("cursors", ["aa", "aba"])
def test_a_cursor_that_repeats_is_an_error_and_no_endless_list(cursors):
    with pytest.raises(NotWhole, match="no end"):
        Aws(Bodies(*pages(*cursors)), NAME).pages("list_gateways", "Gateways")


def test_a_list_has_so_many_pages_and_no_more(monkeypatch):
    monkeypatch.setattr(aws, "MOST_PAGES", 3)
    with pytest.raises(NotWhole, match="no end"):
        Aws(Bodies(*pages(*"abcdef")), NAME).pages("list_gateways", "Gateways")


@pytest.mark.parametrize("page", [b"{}", b'{"NextToken": "z"}'])
def test_a_page_without_its_list_is_no_end(page):
    with pytest.raises(NotWhole, match="a page lacks Gateways"):
        Aws(Bodies(*pages("a"), page, *pages("a"), page, *pages("a"), page, *pages("a"), page), NAME).pages(
            "list_gateways", "Gateways"
        )


def test_a_list_that_goes_on_says_where():
    body = b"<ListRolesResponse><ListRolesResult><IsTruncated>true</IsTruncated><Roles/></ListRolesResult></ListRolesResponse>"
    with pytest.raises(NotWhole, match="where its next page is"):
        Aws(Bodies(body), "iam").pages("list_roles", "Roles")


def test_an_exchange_has_a_deadline():
    def drip(_request):
        for _byte in range(50):
            try:
                waiting.wait(0.1)
            except Exception:
                pass
        return NONE

    waiting = threading.Event()
    with pytest.raises(ApiError, match="ListGateways: no whole answer within 1 seconds") as caught:
        Aws(Bodies(drip, exchange_timeout=1), NAME).call("list_gateways")
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("params", "asked"),
    [
        ({}, 0),
        ({"region": "eu-west-2"}, 1),
        ({"assume_role_arn": None, "profile": "another"}, 1),
        ({"state": "absent"}, 1),
        ({"certain": True}, 1),
    ],
)
def test_what_a_look_has_read_is_not_read_again_by_who_asks_the_same_and_deletes_nothing(params, asked):
    recall.begin()
    recall.belong("l")
    first, second = Module((200, None)), Module((200, None), **params)
    Aws(first, NAME).pages("list_gateways", "Gateways")
    recall.keep()
    with recall.gone_by():
        assert Aws(second, NAME).pages("list_gateways", "Gateways") == []
    assert (first.sent, second.sent) == (1, asked)


def test_a_write_is_never_recalled():
    recall.begin()
    recall.belong("l")
    module = Module((200, None))
    for _time in range(2):
        with recall.gone_by(), pytest.raises(Conflict):  # it is not told of any gateway
            Aws(module, NAME).call("create_gateway", **GATEWAY)
        recall.keep()
    assert module.sent == 2


def test_with_an_answer_that_is_recalled_comes_its_time():
    recall.begin()
    recall.belong("l")
    first = Aws(Module((200, None)), NAME)
    assert first.region == "eu-west-1"
    first._date = "Wed, 25 Nov 2026 10:00:00 GMT"
    first.pages("list_gateways", "Gateways")
    recall.keep()
    with recall.gone_by():
        second = Aws(Module((200, None)), NAME)
        second.pages("list_gateways", "Gateways")
        assert second.region == "eu-west-1"
    assert second.now() == first.now() == datetime.datetime(2026, 11, 25, 10, tzinfo=datetime.timezone.utc)
