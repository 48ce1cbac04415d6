# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real vcsim behind the proxy, seen through pyVmomi as a client sees it."""

from __future__ import annotations

import collections
import http.client
import ssl
import types

import pytest
import requests
from lab import loopback, ova, physics, web
from lab.certificates import Certificate, authority
from lab.vcenter import Vcenter, vcsim_binary
from lab.world import Fault, Sddc, World
from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import SoapStubAdapter, pbm, vim, vmodl
from unit.lab.vsphere_client import begin_import, deploy, done, named, put, remove

ADDRESS = "127.1.21.42"


class Nsx:
    """One segment that gives every machine the same address."""

    objects = {"/infra/tier-1s/cgw/segments/backup": {"resource_type": "Segment", "display_name": "backup"}}

    def segment_of(self, network):
        return "backup" if network == "backup" else None

    def address_for(self, segment, mac):
        return ADDRESS


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    claim, block = loopback.claim()
    world = World(block=block, seed="prepared", sddcs=1, vms=3)
    sddc = Sddc(0, "s-1", "sddc-1", "eu-west-1", "eu-west-1a", "euw1-az1", f"127.{block}.16")
    sddc.nsx = Nsx()
    vcenter = sddc.vcenter = Vcenter(
        world, sddc, vcsim_binary(), directory=tmp_path_factory.mktemp("vcenter") / "files"
    )
    vcenter.start()
    ca = authority()
    certificate = Certificate("vcenter", addresses=[sddc.vcenter_address], issuer=ca)
    servers = [
        web.serve(vcenter.app, sddc.vcenter_address, 9443, tls=certificate.context()),
        web.serve(vcenter.nfc_app, sddc.esxi_address, 9443, tls=vcenter.certificate.context()),
    ]
    yield types.SimpleNamespace(world=world, sddc=sddc, vcenter=vcenter, ca=ca)
    world.stopping.set()
    for server in servers:
        server.shutdown()
    vcenter.stop()
    claim.close()


@pytest.fixture(autouse=True)
def clean(lab):
    yield
    lab.world.faults.clear()
    lab.world.journal.clear()
    lab.vcenter.bad_logins.clear()


def trust(lab):
    return ssl.create_default_context(cadata=lab.ca.pem)


def connect(lab, password=None):
    return SmartConnect(
        host=lab.sddc.vcenter_address,
        port=9443,
        user=lab.vcenter.username,
        pwd=password or lab.vcenter.password,
        sslContext=trust(lab),
    )


@pytest.fixture
def session(lab):
    instance = connect(lab)
    yield instance
    Disconnect(instance)


def test_the_inventory_carries_the_names_of_vmware_cloud_on_aws(session):
    assert named(session, vim.Datacenter, "SDDC-Datacenter")
    cluster = named(session, vim.ClusterComputeResource, "Cluster-1")
    assert {pool.name for pool in cluster.resourcePool.resourcePool} == {"Compute-ResourcePool", "Mgmt-ResourcePool"}
    assert {store.name for store in cluster.datastore} == {"WorkloadDatastore", "vsanDatastore"}
    assert "backup" in {network.name for network in cluster.network}
    assert {vm.name for vm in named(session, vim.Folder, "Workloads").childEntity} == {
        f"workload-0{n}" for n in (1, 2, 3)
    }


def test_a_datastore_is_of_a_size_of_its_own(session):
    summary = named(session, vim.Datastore, "WorkloadDatastore").summary
    assert summary.freeSpace / summary.capacity > 0.95


def test_a_property_that_is_not_set_reads_as_none(session):
    assert session.RetrieveContent().rootFolder.parent is None
    assert named(session, vim.VirtualMachine, "workload-01").snapshot is None


def test_the_certificate_is_checked(lab):
    with pytest.raises(ssl.SSLCertVerificationError):
        SmartConnect(
            host=lab.sddc.vcenter_address, port=9443, user="x", pwd="y", sslContext=ssl.create_default_context()
        )


def test_five_bad_logins_lock_the_account(lab):
    for _turn in range(4):
        assert lab.vcenter.check_login(lab.vcenter.username, "wrong") == "invalid"
    with pytest.raises(vim.fault.InvalidLogin):
        connect(lab, "wrong")
    with pytest.raises(vim.fault.InvalidLogin):
        connect(lab)
    assert lab.vcenter.check_login(lab.vcenter.username, lab.vcenter.password) == "locked"


def test_a_good_login_forgets_the_bad_ones(lab):
    for _turn in range(4):
        lab.vcenter.check_login(lab.vcenter.username, "wrong")
    assert lab.vcenter.check_login(lab.vcenter.username, lab.vcenter.password) is None
    assert lab.vcenter.check_login(lab.vcenter.username, "wrong") == "invalid"


@pytest.mark.parametrize("chunked", [False, True])
def test_an_image_becomes_an_appliance_with_an_address(lab, session, chunked):
    machine = deploy(session, chunked=chunked)
    assert [entry.complete for entry in lab.vcenter.appliances()] == [True]
    assert machine.guest.ipAddress is None
    done(machine.PowerOnVM_Task())
    seen = [machine.guest.ipAddress for _turn in range(3)]
    assert seen[-1] == ADDRESS
    assert machine.guest.net[0].ipAddress == [ADDRESS]
    assert machine.guest.net[0].network == "backup"
    (appliance,) = lab.vcenter.appliances()
    assert (appliance.address, appliance.mac, appliance.clock_skew) == (ADDRESS, "00:50:56:15:00:2a", 0)
    assert appliance.instance_uuid == machine.config.instanceUuid
    assert appliance.cluster == "Cluster-1"
    disk = next(device for device in machine.config.hardware.device if isinstance(device, vim.vm.device.VirtualDisk))
    assert disk.backing.thinProvisioned is False
    assert {option.key: option.value for option in machine.config.extraConfig}["vmc-aws-backup.image"] == "abc"

    done(machine.PowerOffVM_Task())
    assert machine.guest.ipAddress is None
    assert machine.guest.net[0].ipAddress == []
    assert lab.vcenter.appliances()[0].address is None
    remove(session, "appliance-1")
    assert lab.vcenter.appliances() == []


def test_a_rebuilt_machine_is_another_one(lab, session):
    first = deploy(session).config.instanceUuid
    remove(session, "appliance-1")
    second = deploy(session).config.instanceUuid
    remove(session, "appliance-1")
    assert first != second


def test_settings_can_be_changed_and_removed(lab, session):
    machine = deploy(session)
    for value in ("1", "2", ""):
        options = [vim.option.OptionValue(key="vmc-aws-backup.gateway", value=value)]
        done(machine.ReconfigVM_Task(vim.vm.ConfigSpec(extraConfig=options)))
        found = [option.value for option in machine.config.extraConfig if option.key == "vmc-aws-backup.gateway"]
        assert found == ([value] if value else [])
    card = next(d for d in machine.config.hardware.device if isinstance(d, vim.vm.device.VirtualEthernetCard))
    card.macAddress = "00:50:56:15:00:2b"
    change = vim.vm.device.VirtualDeviceSpec(operation="edit", device=card)
    tools = vim.vm.ToolsConfigInfo(syncTimeWithHostAllowed=False)
    done(machine.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change], tools=tools)))
    assert machine.guest.net[0].macAddress == "00:50:56:15:00:2b"
    assert len(machine.network) == 1
    (appliance,) = lab.vcenter.appliances()
    assert (appliance.mac, appliance.clock_skew) == ("00:50:56:15:00:2b", 3600)
    remove(session, "appliance-1")


def test_a_name_is_given_once(lab, session):
    with pytest.raises(vim.fault.DuplicateName):
        begin_import(session, "workload-01")


def test_a_lease_names_the_esxi_host_and_the_thumbprint_of_its_own_certificate(lab, session):
    lease, _unused = begin_import(session, "appliance-1")
    (device,) = lease.info.deviceUrl
    assert device.url.startswith(f"https://{lab.sddc.esxi_address}:9443/nfc/")
    presented = Certificate("x", authority=True)
    pem = ssl.get_server_certificate((lab.sddc.esxi_address, 9443))
    assert pem.split() == lab.vcenter.certificate.pem.split() != presented.pem.split()
    assert device.sslThumbprint == lab.vcenter.certificate.thumbprint
    lease.HttpNfcLeaseAbort()
    assert named(session, vim.VirtualMachine, "appliance-1") is None


def test_an_upload_can_also_be_sent_to_where_the_client_logged_in(lab, session):
    lab.world.switches["nfc_url_host"] = "*"
    lease, _unused = begin_import(session, "appliance-1")
    url = lease.info.deviceUrl[0].url
    lab.world.switches["nfc_url_host"] = "esxi"
    assert url.startswith("https://*:9443/nfc/")
    assert put(url.replace("*", lab.sddc.vcenter_address), b"disk") == 200
    lease.HttpNfcLeaseAbort()


def test_a_machine_cannot_be_powered_on_while_its_disks_are_uploaded(lab, session):
    lease, _unused = begin_import(session, "appliance-1")
    machine = named(session, vim.VirtualMachine, "appliance-1")
    with pytest.raises(vim.fault.MethodDisabled):
        machine.PowerOnVM_Task()
    lease.HttpNfcLeaseComplete()
    assert [entry.complete for entry in lab.vcenter.appliances()] == [False]
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        lease.state  # noqa: B018
    remove(session, "appliance-1")


@pytest.mark.parametrize(
    "places",
    [{"pool": "Mgmt-ResourcePool"}, {"datastore": "vsanDatastore"}, {"folder": "Management VMs"}],
    ids=lambda places: next(iter(places)),
)
def test_cloudadmin_may_not_use_what_vmware_manages(session, places):
    with pytest.raises(vim.fault.NoPermission):
        begin_import(session, "appliance-1", **places)


def test_cloudadmin_may_not_touch_management_machines_or_hosts(session):
    with pytest.raises(vim.fault.NoPermission):
        named(session, vim.VirtualMachine, "vcenter").PowerOffVM_Task()
    with pytest.raises(vim.fault.NoPermission):
        named(session, vim.HostSystem, "esx-0.sddc.lab").RebootHost_Task(force=True)


def test_only_an_administrator_may_write_drs_rules(lab, session, monkeypatch):
    cluster = named(session, vim.ClusterComputeResource, "Cluster-1")
    machines = [named(session, vim.VirtualMachine, f"workload-0{number}") for number in (1, 2)]
    rule = vim.cluster.AntiAffinityRuleSpec(name="apart", enabled=True, vm=machines)
    spec = vim.cluster.ConfigSpecEx(rulesSpec=[vim.cluster.RuleSpec(operation="add", info=rule)])
    with pytest.raises(vim.fault.NoPermission):
        cluster.ReconfigureComputeResource_Task(spec, True)
    monkeypatch.setitem(lab.world.switches, "drs_rules_allowed", True)
    done(cluster.ReconfigureComputeResource_Task(spec, True))
    assert [each.name for each in cluster.configurationEx.rule] == ["apart"]


def test_a_guest_without_tools_is_not_shut_down(lab, session):
    with pytest.raises(vim.fault.ToolsUnavailable):
        named(session, vim.VirtualMachine, "workload-02").ShutdownGuest()
    machine = deploy(session)
    done(machine.PowerOnVM_Task())
    while machine.guest.ipAddress is None:
        pass
    machine.ShutdownGuest()
    assert machine.runtime.powerState == "poweredOff"
    remove(session, "appliance-1")


def test_a_datastore_fills_up(lab, session):
    moid = named(session, vim.VirtualMachine, "workload-01")._GetMoId()
    lab.vcenter.hand.fill(moid, "vsanDatastore", 50)
    summary = named(session, vim.Datastore, "vsanDatastore").summary
    assert (round(summary.freeSpace / summary.capacity, 3), summary.type) == (0.5, "vsan")


def test_a_machine_and_its_disks_have_the_storage_policies_that_they_were_given(lab, session):
    machine = deploy(session)
    keys = {name: f"{machine._GetMoId()}{more}" for name, more in (("virtualMachine", ""), ("virtualDiskId", ":2000"))}
    stub = SoapStubAdapter(
        host=lab.sddc.vcenter_address, port=9443, path="/pbm", version="pbm.version.version2", sslContext=trust(lab)
    )
    stub.cookie = session._stub.cookie
    manager = pbm.ServiceInstance("ServiceInstance", stub).PbmRetrieveServiceContent().profileManager

    def policies():
        entities = [pbm.ServerObjectRef(objectType=kind, key=key) for kind, key in keys.items()]
        return [manager.PbmQueryAssociatedProfile(entity)[0].uniqueId for entity in entities]

    assert policies() == [lab.vcenter.hand.usual_policy] * 2
    disk = next(device for device in machine.config.hardware.device if isinstance(device, vim.vm.device.VirtualDisk))
    keys["virtualDiskId"] = f"{machine._GetMoId()}:{disk.key}"
    profile = [vim.vm.DefinedProfileSpec(profileId="another")]
    change = vim.vm.device.VirtualDeviceSpec(operation="edit", device=disk, profile=profile)
    done(machine.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change])))
    assert policies() == [lab.vcenter.hand.usual_policy, "another"]
    done(machine.ReconfigVM_Task(vim.vm.ConfigSpec(vmProfile=profile)))
    assert policies() == ["another", "another"]
    remove(session, "appliance-1")


def test_the_journal_tells_reads_from_writes(lab, session):
    lab.world.journal.clear()
    machine = deploy(session)
    done(machine.PowerOnVM_Task())
    remove(session, "appliance-1")
    kinds = collections.defaultdict(set)
    for call in lab.world.journal:
        kinds[call.kind].add(f"{call.service}.{call.operation}")
    assert kinds["write"] == {
        "vcenter.ImportVApp",
        "vcenter.HttpNfcLeaseProgress",
        "vcenter.HttpNfcLeaseComplete",
        "vcenter.PowerOnVM_Task",
        "vcenter.PowerOffVM_Task",
        "vcenter.Destroy_Task",
        "nfc.upload",
    }
    assert not kinds["unknown"]
    with pytest.raises(vmodl.fault.MethodNotFound):
        session.RetrieveContent().fileManager.ChangeOwner("[WorkloadDatastore] a", None, "b")
    assert lab.world.journal[-1].kind == "unknown"


@pytest.mark.parametrize(
    "kind, error",
    [
        ("500", vmodl.fault.SystemError),
        ("throttle", vmodl.fault.SystemError),
        ("403", vim.fault.NoPermission),
        ("expired", vim.fault.NotAuthenticated),
        ("html503", http.client.HTTPException),
        ("reset_before", OSError),
        ("reset_after", OSError),
    ],
)
def test_faults_hit_the_next_matching_call(lab, session, kind, error):
    lab.world.faults.append(Fault(kind=kind, service="vcenter", operation="CurrentTime"))
    with pytest.raises((error, http.client.RemoteDisconnected)):
        session.CurrentTime()
    assert session.CurrentTime()


def test_a_call_that_hangs_lasts_until_the_client_gives_up(lab, tmp_path):
    lab.world.faults.append(Fault(kind="hang", service="vcenter"))
    trusted = tmp_path / "ca.pem"
    trusted.write_text(lab.ca.pem)
    url = f"https://{lab.sddc.vcenter_address}:9443/sdk/vimServiceVersions.xml"
    with pytest.raises(requests.Timeout):
        requests.get(url, verify=trusted, timeout=1)
    assert "urn:vim25" in requests.get(url, verify=trusted, timeout=5).text


def test_an_upload_that_breaks_leaves_an_incomplete_machine(lab, session):
    lease, result = begin_import(session, "appliance-1")
    lab.world.faults.append(Fault(kind="reset_before", service="nfc"))
    with pytest.raises(OSError):
        put(lease.info.deviceUrl[0].url, ova.files()[result.fileItem[0].path])
    assert [entry.complete for entry in lab.vcenter.appliances()] == [False]
    machine = named(session, vim.VirtualMachine, "appliance-1")
    with pytest.raises(vim.fault.MethodDisabled):
        machine.Destroy_Task()
    lab.world.switches["lease_seconds"] = 0
    session.CurrentTime()
    lab.world.switches["lease_seconds"] = 300
    assert lab.vcenter.appliances() == []


def test_a_descriptor_that_the_simulator_chokes_on_is_an_error_not_a_dead_lab(session):
    content = session.RetrieveContent()
    descriptor = ova.files()[f"{ova.NAME}.ovf"].decode()
    without_system = descriptor.partition("<System>")[0] + descriptor.partition("</System>")[2]
    params = vim.OvfManager.CreateImportSpecParams(entityName="appliance-1")
    pool = named(session, vim.ResourcePool, "Compute-ResourcePool")
    with pytest.raises(vmodl.fault.SystemError):
        content.ovfManager.CreateImportSpec(
            without_system, pool, named(session, vim.Datastore, "WorkloadDatastore"), params
        )
    assert session.CurrentTime()


def test_machines_are_listed_with_the_path_that_aws_backup_writes(lab):
    rows = {row["name"]: row for row in lab.vcenter.virtual_machines()}
    assert rows["workload-01"]["path"] == "/SDDC-Datacenter/vm/Workloads"
    assert rows["vcenter"]["path"] == "/SDDC-Datacenter/vm/Management VMs"
    assert rows["workload-01"]["host_name"].startswith("esx-")
    assert rows["workload-01"]["tags"] == [{"category": "backup", "name": "daily"}]
    assert rows["vcenter"]["tags"] == []


@pytest.fixture
def second_cluster(lab):
    lab.vcenter.add_cluster(
        "Cluster-2", "Compute-ResourcePool-2", ("WorkloadDatastore (1)", "vsanDatastore (1)"), ["w"]
    )
    yield
    lab.vcenter.reset()


def test_a_further_cluster_has_hosts_a_pool_and_datastores_of_its_own(lab, second_cluster):
    session = connect(lab)
    clusters = [named(session, vim.ClusterComputeResource, f"Cluster-{number}") for number in (1, 2)]
    seen = [{store.name for host in cluster.host for store in host.datastore} for cluster in clusters]
    assert seen == [{"WorkloadDatastore", "vsanDatastore"}, {"WorkloadDatastore (1)", "vsanDatastore (1)"}]
    assert [pool.name for pool in clusters[1].resourcePool.resourcePool] == ["Compute-ResourcePool-2"]
    assert "backup" in {network.name for network in clusters[1].network}
    machine = named(session, vim.VirtualMachine, "w")
    assert (machine.runtime.host.parent, machine.resourcePool.name) == (clusters[1], "Compute-ResourcePool-2")
    row = next(row for row in lab.vcenter.workloads() if row.name == "w")
    assert (row.cluster, row.datastores) == ("Cluster-2", {"WorkloadDatastore (1)"})
    assert lab.vcenter.tagging.of(row.moid)


def test_an_appliance_hangs_on_only_those_disks_that_its_host_sees(lab, second_cluster):
    appliance = types.SimpleNamespace(sddc=lab.sddc.id, name="gw", cluster="Cluster-2")
    lab.world.sddcs[lab.sddc.id] = lab.sddc
    found = {row.name: physics.appliance_hot_adds(lab.world, appliance, row) for row in lab.vcenter.workloads()}
    assert found["w"] is None
    assert found["workload-01"] == "no host of Cluster-2, where gw runs, sees WorkloadDatastore"


def test_cloudadmin_may_not_use_a_further_vsan_datastore(lab, second_cluster):
    with pytest.raises(vim.fault.NoPermission):
        begin_import(connect(lab), "nowhere", pool="Compute-ResourcePool-2", datastore="vsanDatastore (1)")


def test_the_image_lands_on_the_cluster_whose_pool_it_was_given(lab, second_cluster):
    session = connect(lab)
    begin_import(session, "there", pool="Compute-ResourcePool-2", datastore="WorkloadDatastore (1)")
    host = named(session, vim.VirtualMachine, "there").runtime.host
    assert host.parent.name == "Cluster-2"
    with pytest.raises(vim.fault.InvalidDatastore):
        begin_import(session, "torn", pool="Compute-ResourcePool-2", datastore="WorkloadDatastore")


def test_a_segment_is_a_network_for_as_long_as_it_is_there(lab, session):
    lab.vcenter.on_segment("another")
    lab.vcenter.on_segment("another")
    networks = [network.name for network in named(session, vim.Datacenter, "SDDC-Datacenter").network]
    assert networks.count("another") == 1
    lab.vcenter.on_segment_gone("another")
    networks = [network.name for network in named(session, vim.Datacenter, "SDDC-Datacenter").network]
    assert "another" not in networks


def test_reset_brings_the_first_inventory_back(lab):
    instance = connect(lab)
    deploy(instance)
    password = lab.vcenter.password
    lab.vcenter.accounts[lab.vcenter.username] = "changed"
    lab.vcenter.reset()
    assert lab.vcenter.password == password
    assert lab.vcenter.appliances() == []
    assert named(connect(lab), vim.VirtualMachine, "appliance-1") is None


# Tags


class Tags:
    """vCenter's REST API as a client has it, with nothing of the collection's own."""

    def __init__(self, lab, tmp_path, password=None):
        self.url = f"https://{lab.sddc.vcenter_address}:9443/api"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(tmp_path / "ca.pem")
        (tmp_path / "ca.pem").write_text(lab.ca.pem)
        login = (lab.vcenter.username, password or lab.vcenter.password)
        self.login = self.session.post(f"{self.url}/session", auth=login)
        self.session.headers["vmware-api-session-id"] = self.login.json() if self.login.ok else ""

    def post(self, path, **body):
        return self.session.post(f"{self.url}/cis/tagging/{path}", json=body)

    def get(self, path):
        return self.session.get(f"{self.url}/cis/tagging/{path}")

    def category(self, name, *types):
        spec = {"name": name, "description": "", "cardinality": "SINGLE", "associable_types": list(types)}
        return self.post("category", **spec)

    def tag(self, name, category):
        return self.post("tag", name=name, description="", category_id=category)

    def attach(self, tag, moid, action="attach"):
        return self.post(f"tag-association/{tag}?action={action}", object_id={"type": "VirtualMachine", "id": moid})


@pytest.fixture
def tags(lab, tmp_path):
    return Tags(lab, tmp_path)


@pytest.fixture
def workload(lab):
    return next(row.moid for row in lab.vcenter.workloads())


def told(answer):
    return answer.status_code, answer.json().get("error_type")


def test_a_tag_is_made_and_given_and_aws_backup_sees_it(lab, tags, workload):
    category = tags.category("Owner").json()
    tag = tags.tag("team-a", category).json()
    assert tags.get(f"tag/{tag}").json()["name"] == "team-a"
    assert tags.post("tag?action=list-tags-for-category", category_id=category).json() == [tag]
    assert tags.attach(tag, workload).status_code == 204
    assert {"category": "Owner", "name": "team-a"} in lab.vcenter.tagging.of(workload)
    listed = tags.post(
        "tag-association?action=list-attached-tags", object_id={"type": "VirtualMachine", "id": workload}
    )
    assert tag in listed.json()
    assert tags.attach(tag, workload, "detach").status_code == 204
    assert {"category": "Owner", "name": "team-a"} not in lab.vcenter.tagging.of(workload)
    assert [call.kind for call in lab.world.journal if call.operation.endswith("?action=detach")] == ["write"]


def test_the_older_paths_have_sessions_and_tags_too(lab, tmp_path, workload):
    older = Tags(lab, tmp_path)
    base = f"https://{lab.sddc.vcenter_address}:9443/rest/com/vmware/cis"
    older.session.headers.pop("vmware-api-session-id")
    assert older.session.get(f"{base}/tagging/tag").status_code == 401
    assert older.session.post(f"{base}/session", auth=(lab.vcenter.username, "wrong")).status_code == 401
    login = older.session.post(f"{base}/session", auth=(lab.vcenter.username, lab.vcenter.password))
    assert login.status_code == 200
    older.session.headers["vmware-api-session-id"] = login.json()["value"]
    assert older.session.post(f"{base}/session?~action=get").json()["value"]["user"] == lab.vcenter.username
    tags = older.session.get(f"{base}/tagging/tag").json()["value"]
    given = {"object_id": {"type": "VirtualMachine", "id": workload}}
    listed = older.session.post(f"{base}/tagging/tag-association?~action=list-attached-tags", json=given)
    assert listed.json()["value"] and set(listed.json()["value"]) <= set(tags)
    assert older.session.delete(f"{base}/session").status_code == 200
    assert older.session.get(f"{base}/tagging/tag").status_code == 401
    lab.vcenter.bad_logins.clear()


def test_a_body_may_come_in_chunks(lab):
    """As govmomi sends them."""
    body = (
        b'<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>'
        b'<RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this>'
        b"</RetrieveServiceContent></Body></Envelope>"
    )
    connection = http.client.HTTPSConnection(lab.sddc.vcenter_address, 9443, context=trust(lab), timeout=10)
    connection.request("POST", "/sdk", body=iter([body[:40], body[40:]]), encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, b"RetrieveServiceContentResponse" in answer.read()) == (200, True)
    connection.close()


def test_names_of_categories_and_tags_are_given_once(tags):
    first = tags.category("Twice").json()
    assert told(tags.category("Twice")) == (400, "ALREADY_EXISTS")
    tags.tag("one", first)
    assert told(tags.tag("one", first)) == (400, "ALREADY_EXISTS")


def test_a_category_says_how_many_of_its_tags_an_object_has_and_which_objects(tags, workload):
    single = tags.category("Single", "VirtualMachine").json()
    one, two = (tags.tag(name, single).json() for name in ("one", "two"))
    assert [tags.attach(tag, workload).status_code for tag in (one, one)] == [204, 204]
    assert told(tags.attach(two, workload)) == (400, "INVALID_ARGUMENT")
    hosts = tags.tag("rack", tags.category("Racks", "HostSystem").json()).json()
    assert told(tags.attach(hosts, workload)) == (400, "INVALID_ARGUMENT")


def test_tags_ask_for_a_session_and_for_privileges(lab, tags, tmp_path, workload, monkeypatch):
    assert told(Tags(lab, tmp_path, password="wrong").get("category")) == (401, "UNAUTHENTICATED")
    assert lab.vcenter.bad_logins == {lab.vcenter.username: 1}
    tag = tags.tag("x", tags.category("Privileges").json()).json()
    management = next(iter(lab.vcenter.hand.protected & set(lab.vcenter.machines)))
    assert told(tags.attach(tag, management)) == (403, "UNAUTHORIZED")
    monkeypatch.setitem(lab.world.switches, "tagging_privileges", "CreateCategory CreateTag")
    assert told(tags.attach(tag, workload)) == (403, "UNAUTHORIZED")
    assert tags.session.delete(f"{tags.url}/session").status_code == 204
    assert told(tags.get("category")) == (401, "UNAUTHENTICATED")


def test_an_operation_on_tags_that_there_is_not_is_in_the_journal_as_unknown(lab, tags):
    assert told(tags.post("tag?action=list-used-tags")) == (404, "NOT_FOUND")
    assert lab.world.journal[-1].kind == "unknown"
