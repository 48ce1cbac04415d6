# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a client of vCenter does to deploy an image, with nothing of the collection's own."""

from __future__ import annotations

import http.client
import ssl

from lab import ova
from pyVmomi import vim


def named(session, kind, name):
    content = session.RetrieveContent()
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
    found = [entity for entity in view.view if entity.name == name]
    view.DestroyView()
    return found[0] if found else None


def done(task):
    assert task.info.state == "success", task.info.error
    return task.info.result


def begin_import(session, name, **places):
    content = session.RetrieveContent()
    pool = named(session, vim.ResourcePool, places.get("pool", "Compute-ResourcePool"))
    store = named(session, vim.Datastore, places.get("datastore", "WorkloadDatastore"))
    folder = named(session, vim.Folder, places.get("folder", "Workloads"))
    network = named(session, vim.dvs.DistributedVirtualPortgroup, "backup")
    params = vim.OvfManager.CreateImportSpecParams(
        entityName=name,
        diskProvisioning="thick",
        networkMapping=[vim.OvfManager.NetworkMapping(name=ova.NETWORK, network=network)],
    )
    descriptor = ova.files()[f"{ova.NAME}.ovf"].decode()
    result = content.ovfManager.CreateImportSpec(descriptor, pool, store, params)
    assert not result.error
    config = result.importSpec.configSpec
    config.extraConfig = [vim.option.OptionValue(key="vmc-aws-backup.image", value="abc")]
    config.tools = vim.vm.ToolsConfigInfo(syncTimeWithHostAllowed=True)
    for change in config.deviceChange:
        if isinstance(change.device, vim.vm.device.VirtualEthernetCard):
            change.device.macAddress, change.device.addressType = "00:50:56:15:00:2a", "manual"
    lease = pool.ImportVApp(result.importSpec, folder, None)
    assert lease.state == "ready"
    return lease, result


def put(url, content, *, chunked=False):
    host, _separator, path = url.removeprefix("https://").partition("/")
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(host, context=context, timeout=10)
    body = iter([content[:1000], content[1000:]]) if chunked else content
    connection.request("PUT", "/" + path, body=body, encode_chunked=chunked)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def deploy(session, name="appliance-1", **options):
    lease, result = begin_import(session, name)
    disk = ova.files()[result.fileItem[0].path]
    url = lease.info.deviceUrl[0].url
    assert put(url, disk, **options) == 200
    lease.HttpNfcLeaseProgress(100)
    lease.HttpNfcLeaseComplete()
    return named(session, vim.VirtualMachine, name)


def remove(session, name):
    machine = named(session, vim.VirtualMachine, name)
    if machine.runtime.powerState == "poweredOn":
        done(machine.PowerOffVM_Task())
    done(machine.Destroy_Task())
