# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who calls AWS, as the requests show it that would leave this machine."""

from __future__ import annotations

import datetime
import os
import re

import botocore.session
import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.aws import Aws, aws_module
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.aws_identity import AssumedRole
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Denied, Invalid
from arguments import patch_module_args
from botocore.awsrequest import AWSResponse
from lab.certificates import authority

ROLE = "arn:aws:iam::111122223333:role/backup"
KEYS = {"access_key": "GIVENKEY", "secret_key": "given secret"}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    """No credentials from this machine, but a profile of a file."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    credentials = tmp_path / "credentials"
    credentials.write_text("[site]\naws_access_key_id = PROFILEKEY\naws_secret_access_key = from the file\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def injected(monkeypatch):
    """What AWX puts into the environment of every task."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AWXKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of awx")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token of awx")


class Wire:
    """Catches what would be sent: which key signed it, and with which token."""

    def __init__(self, lifetime=3600, refuse=False):
        self.sent = []
        self.urls = []
        self.ways = []
        self.lifetime = lifetime
        self.refuse = refuse

    def __call__(self, request, **kwargs):
        self.urls.append(request.url)
        signature = request.headers["Authorization"]
        signature = signature.decode() if isinstance(signature, bytes) else signature
        key, service = re.search(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/", signature).groups()
        token = request.headers.get("X-Amz-Security-Token")
        self.sent.append((service, key, token.decode() if isinstance(token, bytes) else token))
        response = AWSResponse(request.url, 200, {}, None)
        response._content = self._assumed() if service == "sts" else b'{"Gateways": []}'
        if service == "sts" and self.refuse:
            response.status_code = 403
            response._content = (
                b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
            )
        return response

    def _assumed(self):
        number = sum(service == "sts" for service, _key, _token in self.sent)
        ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.lifetime)
        return (
            "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
            f"<AccessKeyId>ROLEKEY{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            f"<SessionToken>role token</SessionToken><Expiration>{ends.isoformat()}</Expiration>"
            "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        ).encode()


@pytest.fixture
def wire(monkeypatch):
    """Every client of botocore sends into the wire."""
    wire = Wire()
    create = botocore.session.Session.create_client

    def caught(session, *args, **kwargs):
        wire.ways.append((kwargs["verify"], kwargs["config"].proxies))
        client = create(session, *args, **kwargs)
        client.meta.events.register("before-send", wire)
        return client

    monkeypatch.setattr("botocore.session.Session.create_client", caught)
    return wire


def module(**options):
    with patch_module_args({"region": "eu-west-1", **options}):
        return aws_module({})


def call(**options):
    Aws(module(**options), "backup-gateway").call("list_gateways")


def test_keys_that_are_given_are_not_mixed_with_a_token_of_the_environment(wire, injected):
    call(**KEYS)
    assert wire.sent == [("backup-gateway", "GIVENKEY", None)]


def test_a_profile_that_is_given_wins_over_keys_of_the_environment(wire, injected):
    call(profile="site")
    assert wire.sent == [("backup-gateway", "PROFILEKEY", None)]


def test_keys_that_are_given_win_over_a_profile_of_the_environment(wire, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "site")
    call(**KEYS)
    assert wire.sent == [("backup-gateway", "GIVENKEY", None)]


@pytest.mark.parametrize("role", [{}, {"assume_role_arn": ROLE}])
@pytest.mark.parametrize(("who", "keys"), [(KEYS, "GIVENKEY"), ({"profile": "site"}, "PROFILEKEY")])
def test_what_is_given_is_not_disturbed_by_a_profile_of_the_environment(wire, monkeypatch, tmp_path, who, keys, role):
    (tmp_path / "config").write_text(
        "[profile of-the-shell]\nendpoint_url = https://elsewhere.example\nregion = us-east-1\n"
    )
    for name in ("of-the-shell", "that-is-nowhere"):
        for variable in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
            monkeypatch.setenv(variable, name)
            call(**who, **role)
            assert os.environ[variable] == name
            monkeypatch.delenv(variable)
    assert {key for service, key, _token in wire.sent if service == ("sts" if role else "backup-gateway")} == {keys}
    assert not any("elsewhere" in url for url in wire.urls)


def test_without_anything_the_environment_is_used_as_a_whole(wire, injected):
    call()
    assert wire.sent == [("backup-gateway", "AWXKEY", "token of awx")]


def test_a_profile_of_the_environment_is_used(wire, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "site")
    call()
    assert wire.sent == [("backup-gateway", "PROFILEKEY", None)]


@pytest.mark.parametrize(("who", "key"), [(KEYS, "GIVENKEY"), ({"profile": "site"}, "PROFILEKEY")])
def test_a_role_is_assumed_by_who_the_options_name_and_used_from_then_on(wire, injected, who, key):
    call(assume_role_arn=ROLE, **who)
    assert wire.sent == [("sts", key, None), ("backup-gateway", "ROLEKEY1", "role token")]


def test_a_role_may_be_assumed_by_who_the_environment_names(wire, injected):
    call(assume_role_arn=ROLE)
    assert wire.sent == [("sts", "AWXKEY", "token of awx"), ("backup-gateway", "ROLEKEY1", "role token")]


def test_a_role_is_assumed_and_used_through_the_same_proxy_and_with_the_same_certificates(wire, tmp_path):
    proxies = {"https": "http://proxy.example:3128"}
    bundle = tmp_path / "ca.pem"
    bundle.write_text(authority().pem)
    call(assume_role_arn=ROLE, aws_ca_bundle=str(bundle), aws_config={"proxies": proxies}, **KEYS)
    assert wire.ways and all(way == (str(bundle), proxies) for way in wire.ways)
    assert {service for service, _key, _token in wire.sent} == {"sts", "backup-gateway"}


def test_a_module_outlives_the_credentials_of_its_role(wire):
    wire.lifetime = 60  # less than what botocore keeps in hand, as if an hour had passed
    client = Aws(module(assume_role_arn=ROLE, **KEYS), "backup-gateway")
    client.call("list_gateways")
    assumed = len([service for service, _key, _token in wire.sent if service == "sts"])
    client.call("list_gateways")
    assert len([service for service, _key, _token in wire.sent if service == "sts"]) > assumed


def test_a_role_that_is_refused_is_told_as_such(wire):
    wire.refuse = True
    with pytest.raises(Denied) as caught:
        call(assume_role_arn=ROLE, **KEYS)
    assert (caught.value.service, caught.value.operation) == ("sts", "AssumeRole")


@pytest.mark.parametrize(
    ("who", "hidden"),
    [
        (
            {"access_key": "GIVENKEY", "secret_key": "given secret", "session_token": "given token"},
            {"given secret", "given token"},
        ),
        ({"profile": "site"}, {"from the file"}),
        ({}, {"of awx", "token of awx"}),
        ({"assume_role_arn": ROLE}, {"token of awx", "role token"}),
    ],
)
def test_credentials_are_masked_wherever_they_come_from(wire, injected, masked, who, hidden):
    call(**who)
    assert hidden <= masked


def test_a_token_of_the_environment_that_no_header_can_carry_is_refused_by_its_name(wire, injected, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token of awx\n")
    with pytest.raises(Invalid, match="^AWS_SESSION_TOKEN: holds a control character"):
        call()
    assert wire.sent == []


def test_the_external_id_is_sent_only_if_there_is_one():
    requests = []

    def assume(**request):
        requests.append(request)
        ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        return {"Credentials": {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c", "Expiration": ends}}

    AssumedRole(assume, ROLE).load()
    AssumedRole(assume, ROLE, "ticket 7").load()
    assert requests == [
        {"RoleArn": ROLE, "RoleSessionName": "vmc-aws-backup"},
        {"RoleArn": ROLE, "RoleSessionName": "vmc-aws-backup", "ExternalId": "ticket 7"},
    ]
