# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import deployment
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Conflict, Foreign, Invalid
from lab import ova as ova_of_the_lab
from pyVmomi import vim

from ..image.images import archive, files
from ..resources.test_appliance import OTHERS, resource
from .vcenter import BACKUP, HOST, MACHINE, WORKLOADS, Vcenter, machine


@pytest.fixture(autouse=True)
def settled_at_once(monkeypatch):
    monkeypatch.setattr(deployment, "SETTLES_WITHIN", 0)


@pytest.fixture
def lease(monkeypatch):
    """An upload that works, or fails with what the test puts in ``errors``."""

    class Lease:
        entity, errors, log = MACHINE, [], []

        def __init__(self, client, _lease, **limits):
            self.client = client
            Lease.log, Lease.limits = [], limits

        def __enter__(self):
            self.client.inventory[MACHINE] = machine(complete="false")
            return self

        def __exit__(self, *_raised):
            pass

        def send(self, image, items):
            Lease.log.append([item.path for item in items])
            if Lease.errors:
                raise Lease.errors[0]

        def complete(self):
            Lease.log.append("complete")

    monkeypatch.setattr(deployment, "Lease", Lease)
    return Lease


def test_a_deployment_carries_its_marks_and_settings_in_the_import(ova, lease):
    client = Vcenter()
    asked = resource(
        client,
        ova=ova,
        networks={"*": "backup"},
        mac_address="00:50:56:0a:14:0b",
        sync_time_with_host=True,
        annotation="x",
    )
    asked.create(asked.want(None))
    _descriptor, _pool, _datastore, parameters = client.specs[0]
    assert (parameters.diskProvisioning, parameters.networkMapping[0].network) == ("thick", BACKUP)
    method, spec, folder = client.writes[0]
    config = spec.configSpec
    assert (method, folder) == ("ImportVApp", WORKLOADS)
    marks = {option.key: option.value for option in config.extraConfig}
    assert marks["vmc-aws-backup.complete"] == "false"
    assert marks["vmc-aws-backup.networks"] == '["eth0"]'
    card = config.deviceChange[0].device
    assert (card.addressType, card.macAddress) == ("manual", "00:50:56:0a:14:0b")
    assert (config.tools.syncTimeWithHostAllowed, config.annotation) == (True, "x")
    assert lease.log == [["disk1.vmdk"], "complete"]
    made = {option.key: option.value for option in client.writes[1][1].extraConfig}
    assert made == {"vmc-aws-backup.complete": "true", "vmc-aws-backup.instance-uuid": "uuid-1"}
    assert client.methods == ["ImportVApp", "ReconfigVM_Task"]


def test_before_vsphere_7_0_u1_there_is_one_switch_for_the_clock(ova, lease):
    client = Vcenter(api_version=(6, 7, 3))
    asked = resource(client, ova=ova, networks={"*": "backup"}, sync_time_with_host=True)
    asked.create(asked.want(None))
    assert client.writes[0][1].configSpec.tools.syncTimeWithHost is True


def test_an_upload_that_fails_leaves_no_machine(ova, lease, monkeypatch):
    monkeypatch.setattr(lease, "errors", [ApiError("reset")])
    client, closed = Vcenter(), []
    asked = resource(client, ova=ova, networks={"*": "backup"})
    monkeypatch.setattr(asked.image, "close", lambda: closed.append(True))
    with pytest.raises(ApiError, match="reset"):
        asked.create(asked.want(None))
    assert closed == [True]
    assert MACHINE not in client.inventory
    assert client.methods == ["ImportVApp", "Destroy_Task"]


@pytest.mark.parametrize(("wait", "limit"), [(True, {"timeout": 100}), (False, {})])
def test_an_upload_may_take_as_long_as_was_said(ova, lease, wait, limit):
    asked = resource(Vcenter(), ova=ova, networks={"*": "backup"}, stall_timeout=7, wait=wait, wait_timeout=100)
    asked.create(asked.want(None))
    assert {key: lease.limits[key] for key in ("timeout", "stall_timeout") if key in lease.limits} == {
        "stall_timeout": 7,
        **limit,
    }


def test_a_descriptor_that_vcenter_refuses_is_told_and_nothing_is_imported(ova):
    client = Vcenter()
    client.errors = [vim.fault.OvfUnsupportedType(msg="No such device.")]
    asked = resource(client, ova=ova, networks={"*": "backup"})
    with pytest.raises(ApiError, match="No such device"):
        asked.create(asked.want(None))
    assert client.writes == []


def test_a_machine_that_another_run_deploys_just_now_is_looked_at_again(ova):
    client = Vcenter()
    asked = resource(client, ova=ova, networks={"*": "backup"})
    call = client.call

    def taken(managed, method, *arguments, **told):
        if method == "ImportVApp":
            raise Conflict("the name gw is taken")
        return call(managed, method, *arguments, **told)

    client.call = taken
    with pytest.raises(Conflict, match="taken"):
        asked.create(asked.want(None))


def test_an_upload_of_another_run_is_waited_for_and_never_removed(ova, monkeypatch):
    monkeypatch.setattr(deployment.wait.time, "sleep", lambda seconds: None)
    client = Vcenter(**machine(complete="false"))
    task = client.task

    def held(managed, method, *arguments, **told):
        if method == "Destroy_Task":
            client.inventory[MACHINE] = machine(complete="true")
            raise Conflict("the method is disabled", busy=True)
        return task(managed, method, *arguments, **told)

    client.task = held
    asked = resource(client, ova=ova, networks={"*": "backup"})
    with pytest.raises(Conflict, match="another run") as caught:
        asked.update(asked.observe(), {"complete": True})
    assert not caught.value.busy
    assert client.writes == []


def test_what_another_run_has_finished_meanwhile_is_never_removed(ova, lease):
    client = Vcenter(**machine(complete="false"))
    asked = resource(client, ova=ova, networks={"*": "backup"})
    have = asked.observe()
    client.inventory[MACHINE] = machine(complete="true")
    with pytest.raises(Conflict, match="another run has changed gw"):
        asked.update(have, {"complete": True})
    assert client.writes == []


def test_an_upload_that_broke_off_is_done_again_even_from_another_image(ova, lease):
    client = Vcenter(**machine(complete="false"))
    asked = resource(client, ova=ova, networks={"*": "backup"})
    outcome = reconcile(asked, check_mode=True)
    effects = {change.path: change.effect for change in outcome.changes}
    assert effects == {"annotation": "in_place", "complete": "in_place"}
    asked.update(asked.observe(), {"complete": True})
    assert client.methods == ["Destroy_Task", "ImportVApp", "ReconfigVM_Task"]


@pytest.mark.parametrize("annotation", [None, "", "ours"])
def test_an_appliance_says_in_its_notes_who_deployed_it_and_from_which_image(ova, lease, annotation):
    client = Vcenter()
    asked = resource(client, ova=ova, networks={"*": "backup"}, annotation=annotation)
    asked.create(asked.want(None))
    said = client.writes[0][1].configSpec.annotation
    note = f"AWS Backup gateway, deployed by the Ansible collection vmc.aws_backup from the image sha256:{asked.image.identity}"
    assert said == (note if annotation is None else annotation)


def test_an_upload_that_broke_off_is_not_removed_with_the_disks_of_others(ova):
    client = Vcenter(**machine(complete="false", disks=("[WorkloadDatastore] gw/gw.vmdk", OTHERS)))
    asked = resource(client, ova=ova, networks={"*": "backup"})
    with pytest.raises(Foreign, match="customer/data.vmdk"):
        asked.update(asked.observe(), {"complete": True})
    assert client.writes == []


def test_a_deployment_is_as_large_as_asked_for(large, lease):
    client = Vcenter()
    asked = resource(client, ova=large, networks={"*": "backup"}, num_cpus=8, memory_mb=32768)
    asked.create(asked.want(None))
    config = client.writes[0][1].configSpec
    assert (config.numCPUs, config.memoryMB) == (8, 32768)
    marks = {option.key: option.value for option in config.extraConfig}
    assert marks["vmc-aws-backup.hardware"] == '{"num_cpus": 4, "memory_mb": 16384}'


def test_a_deployment_carries_its_properties_and_shows_no_password(tmp_path, lease):
    image = archive(tmp_path / "more.ova", ova_of_the_lab.files(mebibytes=1, gibibytes=8, properties=True))
    given = {"properties": {"hostname": "gw-1"}, "secret_properties": {"admin.password": "secret-word"}}
    client = Vcenter()
    asked = resource(client, ova=image, networks={"*": "backup"}, **given)
    want = asked.want(None)
    asked.create(want)
    mapped = {entry.key: entry.value for entry in client.specs[0][3].propertyMapping}
    assert mapped == {"hostname": "gw-1", "admin.password": "secret-word"}
    outcome = reconcile(resource(Vcenter(), ova=image, networks={"*": "backup"}, **given), check_mode=True)
    assert "secret-word" not in str((want, outcome))
    assert ("secret_properties", "create") in {(change.path, change.effect) for change in outcome.changes}


def test_a_deployment_carries_its_storage_policy(policies, large, lease):
    client = Vcenter()
    asked = resource(client, ova=large, networks={"*": "backup"}, storage_policy="Plain")
    asked.create(asked.want(None))
    config = client.writes[0][1].configSpec
    assert [profile.profileId for profile in config.vmProfile] == ["id of Plain"]
    given = {type(change.device): [each.profileId for each in change.profile] for change in config.deviceChange}
    assert given == {vim.vm.device.VirtualDisk: ["id of Plain"], vim.vm.device.VirtualVmxnet3: []}


@pytest.mark.parametrize("fails", [False, True])
def test_what_vcenter_warns_of_is_heard_before_anything_is_written(ova, lease, fails):
    client = Vcenter()
    client.warnings = [vim.fault.OvfUnsupportedAttribute(msg="No such attribute.")]
    asked = resource(client, ova=ova, networks={"*": "backup"}, fail_on_spec_warnings=fails)
    if fails:
        with pytest.raises(Invalid, match="fail_on_spec_warnings: vCenter warns of the image: No such attribute"):
            reconcile(asked, check_mode=True)
    else:
        warnings = [reconcile(asked, check_mode=True).warnings]
        asked.create(asked.want(None))
        assert [*warnings, asked.heard] == [["vCenter warns of the image: No such attribute"]] * 2
    assert (client.writes == []) is fails


def test_in_a_preview_the_image_is_not_looked_at_while_its_network_is_still_to_be_made(ova):
    client = Vcenter()
    outcome = reconcile(resource(client, ova=ova, networks={"*": "later"}), check_mode=True)
    assert (outcome.changed, client.specs) == (True, [])


def test_a_deployment_is_the_one_that_is_asked_for(tmp_path, lease):
    parts = files(manifest=False)
    section = b'<DeploymentOptionSection><Configuration ovf:id="small"/><Configuration ovf:id="large"/></DeploymentOptionSection>'
    parts["a.ovf"] = parts["a.ovf"].replace(b"<NetworkSection>", section + b"<NetworkSection>")
    image = archive(tmp_path / "several.ova", parts)
    client = Vcenter()
    asked = resource(
        client, ova=image, networks={"*": "backup"}, deployment_option="large", disk_provisioning="thin", host="esx-1"
    )
    want = asked.want(None)
    assert want["host"] == "esx-1"
    asked.create(want)
    parameters = client.specs[0][3]
    assert (parameters.deploymentOption, parameters.diskProvisioning) == ("large", "thin")
    assert (parameters.hostSystem, client.writes[0][3]) == (HOST, HOST)
    assert len(client.specs) == 1
    with pytest.raises(Invalid, match="deployment_option: the image has no huge; it has: small, large"):
        resource(Vcenter(), ova=image, networks={"*": "backup"}, deployment_option="huge").want(None)


def test_the_host_of_an_appliance_that_exists_is_not_asked_for(ova):
    have = Vcenter(**machine(complete="true"))
    assert "host" not in resource(have, host="esx-9").want(resource(have).observe())


def test_files_are_sent_by_the_names_that_vcenter_asks_for_them(tmp_path, lease):
    parts = files(manifest=False)
    parts["a.ovf"] = parts["a.ovf"].replace(b'href="disk1.vmdk"', b'href="./disk%31.vmdk"')
    client = Vcenter()
    call = client.call

    def spelled(managed, method, *arguments, **told):
        made = call(managed, method, *arguments, **told)
        if method == "CreateImportSpec":
            made.fileItem[0].path = "./disk%31.vmdk"
        return made

    client.call = spelled
    asked = resource(client, ova=archive(tmp_path / "a.ova", parts), networks={"*": "backup"})
    asked.create(asked.want(None))
    assert lease.log == [["disk1.vmdk"], "complete"]
