# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images as small as may be, and as broken as asked for."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

DISK = "disk1.vmdk"
DESCRIPTOR = """<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
  <References><File ovf:href="{disk}" ovf:id="file1" ovf:size="{size}" {extra}/></References>
  <NetworkSection><Info/>{networks}</NetworkSection>
  <{system} ovf:id="appliance"><Info/><VirtualHardwareSection><Info/>{adapters}</VirtualHardwareSection></{system}>
</Envelope>"""
NETWORK = '<Network ovf:name="{0}"><Description/></Network>'
ADAPTER = (
    "<Item><rasd:Connection>{0}</rasd:Connection><rasd:InstanceID>1</rasd:InstanceID>"
    "<rasd:ResourceType>10</rasd:ResourceType></Item>"
)


def files(
    *,
    content=b"disk",
    networks=("eth0",),
    algorithm="sha256",
    extra="",
    system="VirtualSystem",
    manifest="last",
    packed=False,
    chunk=0,
) -> dict:
    """File name -> content, in the order of an OVA. The manifest is "last", before the disks ("early") or not there."""
    stored = gzip.compress(content) if packed else content
    extra += ' ovf:compression="gzip"' if packed else ""
    extra += f' ovf:chunkSize="{chunk}"' if chunk else ""
    descriptor = DESCRIPTOR.format(
        disk=DISK,
        size=len(content),
        extra=extra,
        system=system,
        networks="".join(NETWORK.format(name) for name in networks),
        adapters="".join(ADAPTER.format(name) for name in networks),
    ).encode()
    disks = {DISK: stored}
    if chunk:
        pieces = [stored[place : place + chunk] for place in range(0, len(stored), chunk)]
        disks = {f"{DISK}.{number:09}": piece for number, piece in enumerate(pieces)}
    parts = {"a.ovf": descriptor, **disks}
    if manifest:
        lines = [
            f"{algorithm.upper()}({name})= {hashlib.new(algorithm, data).hexdigest()}\n" for name, data in parts.items()
        ]
        parts["a.mf"] = "".join(lines).encode()
        parts["a.cert"] = b"SHA256(a.mf)= 00\n-----BEGIN CERTIFICATE-----\n"
    if manifest == "early":
        return {name: parts[name] for name in ("a.ovf", "a.mf", "a.cert", *disks)}
    return parts


def archive(path, parts: dict) -> str:
    with tarfile.open(path, "w") as target:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            target.addfile(member, io.BytesIO(content))
    return str(path)
