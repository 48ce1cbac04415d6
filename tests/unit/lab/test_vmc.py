# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSP and the VMC API over WSGI."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import secrets
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import answers
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import sddc
from lab.breaks import begin_maintenance, end_maintenance, fail_tasks, open_window
from lab.vmc import API_TOKEN, AUTH, CLIENT_ID, CLIENT_SECRET
from lab.world import ORG, Fault
from unit.lab.nsx_lab import SDDC
from werkzeug.test import Client

IN_ORG = f"/vmc/api/orgs/{ORG}"
DNS = f"{IN_ORG}/sddcs/{SDDC}/dns"


@pytest.fixture
def client(world):
    return Client(world.vmc.app)


@pytest.fixture
def get(client):
    token = client.post(f"{AUTH}/api-tokens/authorize", data={"api_token": API_TOKEN}).json["access_token"]

    def ask(path, method="GET", **more):
        return client.open(path, method=method, headers={"csp-auth-token": token}, **more)

    return ask


def texts(value) -> set:
    """Every text in a document."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {value} if isinstance(value, str) else set().union(*map(texts, inner))


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize("field", ["api_token", "refresh_token"])
def test_an_api_token_buys_an_access_token(client, field):
    got = client.post(f"{AUTH}/api-tokens/authorize", data={field: API_TOKEN})
    assert got.status_code == 200 and got.json["expires_in"] == 1799 and got.json["access_token"].count(".") == 2


@pytest.mark.parametrize("path", ["token", "authorize"])
def test_an_oauth_app_gets_a_token_at_both_endpoints(client, path):
    form = {"grant_type": "client_credentials"}
    got = client.post(f"{AUTH}/{path}", data=form, headers=basic(CLIENT_ID, CLIENT_SECRET))
    assert got.status_code == 200
    bearer = {"Authorization": "Bearer " + got.json["access_token"]}
    assert client.get(IN_ORG, headers=bearer).json["id"] == ORG
    assert client.post(f"{AUTH}/{path}", data=form, headers=basic(CLIENT_ID, "wrong")).status_code == 401
    assert client.post(f"{AUTH}/{path}", headers=basic(CLIENT_ID, CLIENT_SECRET)).status_code == 400


def test_a_bad_api_token_is_refused_in_csps_words(client):
    got = client.post(f"{AUTH}/api-tokens/authorize", data={"api_token": "x"})
    assert got.status_code == 400 and got.json["statusCode"] == 400
    assert {"cspErrorCode", "message", "moduleCode", "requestId"} <= set(got.json)
    assert client.post(f"{AUTH}/api-tokens/authorize").status_code == 400


def test_a_token_grows_old_by_the_labs_clock(get, world):
    assert get(IN_ORG).status_code == 200
    world.ahead += 1800
    assert get(IN_ORG).status_code == 401


def test_nobody_comes_in_without_a_token_or_into_another_organisation(client, get):
    assert client.get(IN_ORG).status_code == 401
    assert client.get(IN_ORG, headers={"csp-auth-token": API_TOKEN}).status_code == 401
    assert get("/vmc/api/orgs/another/sddcs").status_code == 403


def test_the_sddc_is_shown_with_its_addresses_and_its_secrets(get, world):
    shown = get(f"{IN_ORG}/sddcs/{SDDC}").json
    config = shown["resource_config"]
    assert (shown["sddc_state"], config["region"], config["deployment_type"]) == ("READY", "EU_WEST_1", "SINGLE_AZ")
    assert config["vc_url"] == "https://127.64.16.4:9443/"
    assert config["nsx_api_public_endpoint_url"].endswith(f"/orgs/{ORG}/sddcs/{SDDC}/sks-nsxt-manager")
    planted = world.vmc.secrets(world.sddcs[SDDC])
    found = texts(shown)
    assert len(planted) == 30 and all(value in found and len(value) > 30 for value in planted.values())
    assert config["cloud_password"] == planted["cloud_password"]
    assert config["agents"][0]["key_pair"]["key_material"] == planted["agents.0.key_pair.key_material"]
    assert not any(value in str(world.sddcs[SDDC].vmc) for value in planted.values())
    assert get(f"{IN_ORG}/sddcs").json == [shown]


def test_a_module_shows_nothing_of_what_the_document_gives_away_and_all_of_it_is_masked(get, world, monkeypatch):
    """In a document that is null wherever VMware's is."""
    masked: set = set()
    monkeypatch.setattr(secrets, "_masked", masked)
    document = get(f"{IN_ORG}/sddcs/{SDDC}").json
    connections = get(f"{IN_ORG}/account-link/sddc-connections").json
    shown = sddc.view(document, connections, [])
    assert answers.wrong(document, answers.SDDC) is None and answers.wrong(connections, [answers.CONNECTION]) is None
    assert (shown["region"], shown["version"]) == ("eu-west-1", "1.24")
    secrets.hide_named(document)
    planted = world.vmc.secrets(world.sddcs[SDDC]).values()
    assert [value for value in planted if value in str(shown) or value not in masked] == []


def test_an_unknown_sddc_is_refused_in_vmcs_words(get):
    got = get(f"{IN_ORG}/sddcs/none")
    assert got.status_code == 404
    assert set(got.json) == {"status", "path", "retryable", "error_code", "error_messages"}


def test_the_connected_vpc_is_shown(get):
    found = get(f"{IN_ORG}/account-link/sddc-connections", query_string={"sddc": SDDC}).json
    assert [(each["vpc_id"], each["subnet_id"], each["state"]) for each in found] == [
        ("vpc-0abc", "subnet-0abc", "ACTIVE")
    ]
    assert get(f"{IN_ORG}/account-link/sddc-connections", query_string={"sddc": "none"}).json == []
    accounts = get(f"{IN_ORG}/account-link/connected-accounts").json
    assert accounts[0]["id"] == found[0]["connected_account_id"]


@pytest.mark.parametrize("shown", [1, 2])
def test_a_stretched_sddc_has_two_linked_subnets_and_one_or_two_connections(get, call, world, shown):
    world.sddcs[SDDC].connected_vpc["further_subnets"] = [
        {"id": "subnet-1", "cidr": "c", "availability_zone": "eu-west-1a", "availability_zone_id": "euw1-az3"}
    ]
    world.switches["stretched_connections"] = shown
    found = get(f"{IN_ORG}/account-link/sddc-connections", query_string={"sddc": SDDC}).json
    assert [each["subnet_id"] for each in found] == ["subnet-0abc", "subnet-1"][:shown]
    linked = call("GET", "/infra/linked-vpcs", api="/cloud-service/api/v1").json["results"]
    assert [subnet["id"] for vpc in linked for subnet in vpc["linked_vpc_subnets"]] == ["subnet-0abc", "subnet-1"]


def test_a_regular_window_is_one_thing_and_maintenance_that_runs_another(get, world):
    def told():
        (found,) = get(f"{IN_ORG}/reservations").json
        return found["in_maintenance_window"], found["in_maintenance_mode"]

    assert told() == (False, False)
    open_window(world)
    assert told() == (True, False)
    begin_maintenance(world)
    assert told() == (True, True)
    assert get(f"{IN_ORG}/sddcs/{SDDC}").json["sddc_state"] == "READY"
    end_maintenance(world)
    assert told() == (False, False)
    world.switches["maintenance_told"] = False
    assert get(f"{IN_ORG}/reservations").status_code == 404


@pytest.mark.parametrize(("kind", "private"), [("public", False), ("private", True)])
def test_the_dns_switch_is_a_task_that_ends_by_being_looked_at(get, world, kind, private):
    config = world.sddcs[SDDC].vmc["resource_config"]
    config["dns_with_management_vm_private_ip"] = not private
    task = get(f"{DNS}/{kind}", method="PUT").json
    first = get(f"{IN_ORG}/tasks/{task['id']}").json
    assert first["status"] == "STARTED" and config["dns_with_management_vm_private_ip"] is not private
    assert get(f"{IN_ORG}/tasks/{task['id']}").json["status"] == "FINISHED"
    assert config["dns_with_management_vm_private_ip"] is private
    assert [each["id"] for each in get(f"{IN_ORG}/tasks").json] == [task["id"]]


def test_the_dns_switch_needs_a_ready_sddc(get, world):
    world.sddcs[SDDC].vmc["sddc_state"] = "DEPLOYING"
    assert get(f"{DNS}/private", method="PUT").status_code == 400
    assert get(f"{DNS}/other", method="PUT").status_code == 404
    assert get(f"{IN_ORG}/tasks/none").status_code == 404


@pytest.mark.parametrize(("position", "status"), [("refuse", 400), ("accept", 200)])
def test_a_task_may_keep_others_away(get, world, position, status):
    world.switches["task_while_task"] = position
    get(f"{DNS}/public", method="PUT")
    assert get(f"{DNS}/private", method="PUT").status_code == status


def test_a_task_moves_on_in_the_list_too(get, world):
    get(f"{DNS}/public", method="PUT")
    assert [get(f"{IN_ORG}/tasks").json[0]["status"] for _look in range(2)] == ["STARTED", "FINISHED"]
    assert get(f"{DNS}/private", method="PUT").status_code == 200


def test_the_document_may_come_behind_the_task(get, world):
    world.switches["document_reads_behind_task"] = 2
    task = get(f"{DNS}/public", method="PUT").json
    assert [get(f"{IN_ORG}/tasks/{task['id']}").json["status"] for _look in range(2)] == ["STARTED", "FINISHED"]
    seen = [get(f"{IN_ORG}/sddcs/{SDDC}").json["resource_config"] for _look in range(3)]
    assert [config["dns_with_management_vm_private_ip"] for config in seen] == [True, True, False]


def test_a_task_may_fail_and_say_why(get, world):
    fail_tasks(world)
    config = world.sddcs[SDDC].vmc["resource_config"]
    task = get(f"{DNS}/public", method="PUT").json
    seen = [get(f"{IN_ORG}/tasks/{task['id']}").json for _look in range(2)][-1]
    assert (seen["status"], seen["error_message"]) == ("FAILED", "The update could not be made.")
    assert config["dns_with_management_vm_private_ip"] is True


def test_ways_to_nsx_come_in_the_order_clients_count_on(get):
    found = get(f"/api/network/{ORG}/core/deployments/{SDDC}/nsx").json
    ways = [(each["access_type"], each["auth_type"]) for each in found["login_urls"]]
    assert ways == [("PUBLIC", "CSP"), ("PRIVATE", "CSP"), ("PRIVATE", "LOCAL")]
    assert [each["user_name"] for each in found["nsx_users"]] == ["cloud_admin", "cloud_audit"]
    assert get(f"/api/inventory/{ORG}/core/deployments").json["content"][0]["id"] == SDDC


def test_the_journal_counts_logins_as_reads_and_names_the_unknown(client, get, world):
    world.journal.clear()
    client.post(f"{AUTH}/api-tokens/authorize", data={"api_token": API_TOKEN})
    get(f"{IN_ORG}/sddcs/{SDDC}")
    get(f"{DNS}/private", method="PUT")
    get("/vmc/api/locale")
    client.get("/csp/gateway/other")
    seen = [(each.service, each.operation, each.kind, each.status) for each in world.journal]
    assert seen == [
        ("csp", f"POST {AUTH}/api-tokens/authorize", "read", 200),
        ("vmc", "GET /vmc/api/orgs/{org}/sddcs/{sddc}", "read", 200),
        ("vmc", "PUT /vmc/api/orgs/{org}/sddcs/{sddc}/dns/{kind}", "write", 200),
        ("vmc", "GET /vmc/api/locale", "unknown", 404),
        ("csp", "GET /csp/gateway/other", "unknown", 404),
    ]
    assert API_TOKEN not in str(world.journal_as_json())


def test_faults_hit_the_login_and_the_api_apart(client, get, world):
    world.faults.append(Fault("throttle", "csp"))
    world.faults.append(Fault("html503", "vmc"))
    limited = client.post(f"{AUTH}/api-tokens/authorize", data={"api_token": API_TOKEN})
    assert limited.status_code == 429 and limited.headers["Retry-After"] == "1"
    assert get(IN_ORG).content_type.startswith("text/html") and get(IN_ORG).status_code == 200
