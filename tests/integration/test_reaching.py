# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other ways to reach the same things: accounts, roles, clouds, logins, and a bastion in between."""

from __future__ import annotations

import getpass
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
import requests
import yaml
from botocore.exceptions import ClientError
from lab.certificates import authority
from lab.downloads import Downloads
from rehearsal import Lab

pytestmark = pytest.mark.proof

SITE = "playbooks/site.yml"
LOOK = pathlib.Path(__file__).parent / "reaching.yml"
HOUR = 3600
CLOUD = "csp-auth-token"
LIBRARIES = ("pyVmomi", "pyVim", "dns", "requests", "urllib3", "certifi", "idna", "charset_normalizer")


@pytest.fixture
def backups(lab):
    """Variables: the backups are kept in a second account, by a role there."""
    other = lab.endpoints["backup_account"]
    return {
        "vmc_backup_backup_aws_account_id": other["account_id"],
        "vmc_backup_backup_aws_role_arn": other["role_arn"],
        "vmc_backup_backup_aws_role_external_id": other["external_id"],
    }


def of_second_account(lab, service):
    """A boto3 client of the second account."""
    other = lab.endpoints["backup_account"]
    assumed = lab.aws("sts").assume_role(
        RoleArn=other["role_arn"], RoleSessionName="test", ExternalId=other["external_id"]
    )["Credentials"]
    return boto3.client(
        service,
        region_name=lab.endpoints["region"],
        endpoint_url=lab.endpoints["aws"],
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )


def accounts(run) -> dict:
    """What reaching.yml saw: the account of the endpoint and of the backups."""
    assert run.returncode == 0, run.output
    return dict(re.findall(r"(endpoint|backup) is in (\d{12})", run.output))


# AWS


@pytest.fixture
def injected(lab, monkeypatch, tmp_path):
    """As AWX does it: keys of another account in the environment of every task. And a profile, as a host may have it."""
    iam = of_second_account(lab, "iam")
    iam.create_user(UserName="awx")
    key = iam.create_access_key(UserName="awx")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    own = lab.endpoints
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[site]\naws_access_key_id = {own['access_key']}\naws_secret_access_key = {own['secret_key']}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    return {"vmc_backup_aws_access_key": "", "vmc_backup_aws_secret_key": ""}


def test_keys_of_the_environment_are_used_only_where_nothing_is_given(lab, injected):
    own, other = lab.endpoints["account"], lab.endpoints["backup_account"]["account_id"]
    assert accounts(lab.play(LOOK, **injected)) == {"endpoint": other, "backup": other}
    assert accounts(lab.play(LOOK)) == {"endpoint": own, "backup": own}
    assert accounts(lab.play(LOOK, **injected, vmc_backup_aws_profile="site")) == {"endpoint": own, "backup": own}
    split = lab.play(LOOK, **injected, vmc_backup_endpoint_aws_profile="site")
    assert accounts(split) == {"endpoint": own, "backup": other}


def test_each_account_is_asserted(lab, backups):
    wrong = {**backups, "vmc_backup_backup_aws_account_id": "999999999999"}
    run = lab.play(SITE, "--tags", "prerequisites", **wrong)
    assert run.returncode != 0
    assert "the caller is in 111122223333, vmc_backup_backup_aws_account_id is 999999999999" in " ".join(
        run.output.split()
    )
    run = lab.play(SITE, "--tags", "prerequisites", **backups, vmc_backup_endpoint_aws_account_id="999999999999")
    assert run.returncode != 0
    assert "vmc_backup_endpoint_aws_account_id is 999999999999" in " ".join(run.output.split())
    assert lab.journal("write") == []


def test_a_role_that_does_not_trust_is_told(lab, backups):
    run = lab.play(LOOK, **{**backups, "vmc_backup_backup_aws_role_external_id": "another"})
    assert run.returncode != 0
    assert "AssumeRole" in run.output
    assert lab.endpoints["backup_account"]["role_arn"] in run.output


def test_a_role_and_a_token_that_expire_during_the_upload_are_renewed(lab, backups):
    lab.switch(lease_seconds=3 * HOUR)
    session = of_second_account(lab, "backup-gateway")
    session.list_gateways()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(lab.play, SITE, **backups)
        while not any(call["operation"] == "ImportVApp" for call in lab.journal("write")):
            assert not running.done(), running.result().output
            time.sleep(0.1)
        lab.pass_time(2 * HOUR)
        with pytest.raises(ClientError, match="expired"):
            session.list_gateways()
        run = running.result()
    assert run.returncode == 0, run.output
    again = lab.play(SITE, **backups)
    assert (again.returncode, again.changed) == (0, 0), again.output


# VMware Cloud and NSX


def nsx_password(lab) -> str:
    """cloud_admin's, as VMware Cloud gives it away to who may read the SDDC."""
    at = lab.endpoints
    with requests.Session() as session:
        session.trust_env = False
        token = session.post(
            f"{at['csp']}/csp/gateway/am/api/auth/api-tokens/authorize",
            data={"api_token": at["api_token"]},
            verify=at["ca"],
        ).json()["access_token"]
        sddc = session.get(
            f"{at['vmc']}/vmc/api/orgs/{at['org_id']}/sddcs/{at['sddcs'][0]['id']}",
            headers={CLOUD: token},
            verify=at["ca"],
        ).json()
    return sddc["resource_config"]["nsx_cloud_admin_password"]


def direct(lab) -> str:
    """The NSX Manager itself, without the reverse proxy."""
    return lab.endpoints["sddcs"][0]["nsx"].partition("/vmc/")[0]


def look_at_nsx(lab, **extra):
    return lab.play(LOOK, "--tags", "nsx", **extra)


@pytest.mark.parametrize("path", ["token", "authorize"])
def test_an_oauth_app_gets_its_token_at_either_endpoint(lab, path):
    app = {
        "vmc_backup_client_id": lab.endpoints["client_id"],
        "vmc_backup_client_secret": lab.endpoints["client_secret"],
    }
    endpoint = f"/csp/gateway/am/api/auth/{path}"
    run = look_at_nsx(lab, vmc_backup_api_token="", vmc_backup_oauth_endpoint=endpoint, **app)
    assert run.returncode == 0, run.output
    assert f"POST {endpoint}" in {call["operation"] for call in lab.journal() if call["service"] == "csp"}


def test_an_nsx_manager_takes_a_bearer_or_a_user_of_its_own(lab):
    assert look_at_nsx(lab, vmc_backup_nsx_url=direct(lab)).returncode == 0
    asked = len([call for call in lab.journal() if call["service"] == "csp"])
    own = {"vmc_backup_nsx_auth": "basic", "vmc_backup_nsx_username": "cloud_admin"}
    run = look_at_nsx(lab, vmc_backup_nsx_url=direct(lab), **own, vmc_backup_nsx_password=nsx_password(lab))
    assert run.returncode == 0, run.output
    assert len([call for call in lab.journal() if call["service"] == "csp"]) == asked + 1  # the test's own


def test_a_user_of_nsx_is_enough_where_the_vpc_is_named(lab):
    """Neither a token of VMware Cloud nor the SDDC's id."""
    connected = lab.sddcs()[0]["connected_vpc"]
    extra = {
        "vmc_backup_nsx_url": direct(lab),
        "vmc_backup_nsx_auth": "basic",
        "vmc_backup_nsx_username": "cloud_admin",
        "vmc_backup_nsx_password": nsx_password(lab),
        "vmc_backup_vpc_id": connected["vpc_id"],
        "vmc_backup_subnet_ids": [connected["subnet_id"]],
    }
    inventory = yaml.safe_load(lab.inventory.read_text())
    group = inventory["all"]["children"]["vmc_sddcs"]
    for name in ("vmc_backup_api_token", "vmc_backup_org_id"):
        del group["vars"][name]
    for host in group["hosts"].values():
        del host["vmc_backup_sddc_id"]
    without = lab.state / "without_cloud.yml"
    without.write_text(yaml.safe_dump(inventory))
    asked = len([call for call in lab.journal() if call["service"] in ("csp", "vmc")])
    run = lab.play(SITE, "--tags", "prerequisites,endpoint,firewall", "--check", inventory=without, **extra)
    assert run.returncode == 0, run.output
    assert len([call for call in lab.journal() if call["service"] in ("csp", "vmc")]) == asked


def test_another_part_of_aws_and_another_cloud(tmp_path):
    lab = Lab(tmp_path / "lab")
    lab.up("--region", "us-gov-west-1")
    try:
        run = lab.play(SITE, "--tags", "prerequisites,endpoint", vmc_backup_cloud="govcloud")
        assert run.returncode == 0, run.output
        (endpoint,) = lab.aws("ec2").describe_vpc_endpoints()["VpcEndpoints"]
        assert endpoint["ServiceName"] == "com.amazonaws.us-gov-west-1.backup-gateway"
        assert lab.journal("unknown") == []
    finally:
        lab.down()


# Proxies


FROM_THE_PROXY = "127.0.0.99"


@pytest.fixture
def proxy(tmp_path):
    """The port of an HTTP proxy, from which all comes from another address than from here."""
    tinyproxy = shutil.which("tinyproxy")
    if tinyproxy is None:
        pytest.skip("there is no tinyproxy: install tinyproxy-bin")
    port = free_port()
    config, log = tmp_path / "tinyproxy.conf", tmp_path / "tinyproxy.log"
    config.write_text(
        f"Port {port}\nListen 127.0.0.1\nBind {FROM_THE_PROXY}\nTimeout 600\nMaxClients 100\nLogLevel Warning\n"
    )
    with log.open("w") as told:
        server = subprocess.Popen([tinyproxy, "-d", "-c", str(config)], stdout=told, stderr=told)
    try:
        wait_for(port, server, log)
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def image(lab, tmp_path):
    """The image on an HTTPS server, and variables by which it is trusted beside the lab."""
    issuer, bundle = authority(), tmp_path / "ca.pem"
    bundle.write_text(pathlib.Path(lab.endpoints["ca"]).read_text() + issuer.pem)
    with Downloads(lab.endpoints["ova"], issuer=issuer) as server:
        server.variables = {"vmc_backup_ova": server.url, "vmc_backup_ca_bundle": str(bundle)}
        yield server


def test_all_goes_through_the_proxies_but_the_activation_key_and_dns(lab, proxy, image, tmp_path):
    url = f"http://127.0.0.1:{proxy}"
    extra = {
        **image.variables,
        "vmc_backup_ova_proxy": url,
        "vmc_backup_proxy": url,
        "vmc_backup_aws_proxy": url,
        "vmc_backup_vcenter_proxy_host": "127.0.0.1",
        "vmc_backup_vcenter_proxy_port": proxy,
    }
    run = lab.play(SITE, "--tags", "endpoint,appliance,firewall", **extra)
    assert run.returncode == 0, run.output
    lab.break_("drop_rule", rule="sddc-1-appliances-to-vcenter")
    run = lab.play(SITE, "--tags", "registration", **extra, registration_online_timeout=10)
    assert run.returncode != 0
    assert "management_gateway_vcenter" in run.output
    run = lab.play(SITE, **extra)
    assert run.returncode == 0, run.output
    run = lab.play("playbooks/verify_live.yml", **extra, verify_live_file=str(tmp_path / "seen.yml"))
    assert run.returncode == 0, run.output
    sources: dict = {}
    for call in lab.journal():
        if call["service"] != "dns":
            sources.setdefault(call["service"], set()).add(call["source"])
    assert sources.pop("appliance") == {"127.0.0.1"}
    assert {"ec2", "backup-gateway", "csp", "vmc", "nsx", "vcenter", "nfc"} <= sources.keys()
    assert {service: {FROM_THE_PROXY} for service in sources} == sources
    assert image.sources == {FROM_THE_PROXY}


# A bastion


@pytest.fixture
def bastion(tmp_path):
    """A host behind ssh, whose interpreter knows vCenter and HTTP but nothing of AWS. Yields the path of its inventory."""
    sshd = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
    if sshd is None:
        pytest.skip("there is no sshd: install openssh-server")
    interpreter = small_interpreter(tmp_path / "python")
    for name in ("host", "user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(command, check=True)
    shutil.copy(tmp_path / "user.pub", tmp_path / "authorized")
    port = free_port()
    config = tmp_path / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/authorized\n"
        f"PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nMaxStartups 100\nSubsystem sftp internal-sftp\n"
    )
    if os.getuid() == 0:
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    log = (tmp_path / "sshd.log").open("w")
    server = subprocess.Popen([sshd, "-D", "-e", "-f", str(config)], stderr=log)
    options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
    try:
        wait_for(port, server, tmp_path / "sshd.log")
        variables = {
            "ansible_host": "127.0.0.1",
            "ansible_port": port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(tmp_path / "user"),
            "ansible_ssh_common_args": options,
            "ansible_python_interpreter": str(interpreter),
            "ansible_pipelining": True,
        }
        inventory = tmp_path / "bastion.yml"
        inventory.write_text(yaml.safe_dump({"all": {"hosts": {"bastion": variables}}}))
        yield inventory
    finally:
        server.terminate()
        server.wait()
        log.close()


def small_interpreter(directory) -> pathlib.Path:
    """A Python of its own with links to a few of the packages that are here."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(directory)], check=True)
    (packages,) = directory.glob("lib/python*/site-packages")
    for name in LIBRARIES:
        (packages / name).symlink_to(pathlib.Path(sysconfig.get_path("purelib")) / name)
    interpreter = directory / "bin" / "python"
    assert subprocess.run([interpreter, "-c", "import boto3"], stderr=subprocess.DEVNULL, check=False).returncode
    return interpreter


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(port, server, log):
    for _attempt in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"{server.args[0]} does not listen:\n{log.read_text()}")


def test_through_a_bastion_into_two_accounts(lab, backups, bastion):
    """The whole of site.yml: vCenter and the appliance from the bastion, all else from here; an app, and NSX without its proxy."""
    extra = {
        **backups,
        "vmc_backup_delegate_to": "bastion",
        "vmc_backup_api_token": "",
        "vmc_backup_client_id": lab.endpoints["client_id"],
        "vmc_backup_client_secret": lab.endpoints["client_secret"],
        "vmc_backup_nsx_url": direct(lab),
    }
    run = lab.play(SITE, "-i", str(bastion), **extra)
    assert run.returncode == 0, run.output

    (endpoint,) = lab.aws("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert endpoint["OwnerId"] == lab.endpoints["account"]
    assert lab.aws("backup-gateway").list_hypervisors()["Hypervisors"] == []
    (hypervisor,) = of_second_account(lab, "backup-gateway").list_hypervisors()["Hypervisors"]
    assert hypervisor["State"] == "ONLINE"

    tasks = re.findall(r"^TASK \[vmc\.aws_backup\.(.+?)\] \**\n((?:.+\n)*)", run.output, re.MULTILINE)
    there = {name for name, lines in tasks if "-> bastion" in lines}
    assert there >= {
        "prerequisites : Log in to vCenter",
        "appliance : Bring each appliance to its state, and leave its power as it is",
        "registration : Power each appliance on and wait for its address",
        "registration : Fetch the activation key",
    }
    assert "registration : Create the gateway" in {name for name, _lines in tasks} - there
    assert lab.journal("unknown") == []


def test_a_bastion_that_lacks_a_library_is_told_beforehand(lab, bastion):
    inventory = yaml.safe_load(bastion.read_text())
    interpreter = pathlib.Path(inventory["all"]["hosts"]["bastion"]["ansible_python_interpreter"])
    next(interpreter.parent.parent.glob("lib/python*/site-packages/pyVmomi")).unlink()
    run = lab.play(SITE, "-i", str(bastion), "--tags", "prerequisites", vmc_backup_delegate_to="bastion")
    assert run.returncode != 0
    assert "Bastion: on bastion, its interpreter lacks pyVmomi" in " ".join(run.output.split())
