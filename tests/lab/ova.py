# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image of the appliance: as small as may be, and shaped like the real one."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import tarfile

NAME = "aws-appliance-latest"
NETWORK = "eth0"
GIBIBYTES = 80
SECTORS = GIBIBYTES * 2**21

DESCRIPTOR = """<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vmw="http://www.vmware.com/schema/ovf"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References>
    <File ovf:href="{name}-disk1.vmdk" ovf:id="file1" ovf:size="{size}"/>
  </References>
  <DiskSection>
    <Info>Virtual disk information</Info>
    <Disk ovf:capacity="{gibibytes}" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="vmdisk1" ovf:fileRef="file1"
      ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection>
    <Info>The list of logical networks</Info>
    <Network ovf:name="{network}"><Description>The {network} network</Description></Network>
  </NetworkSection>
  <VirtualSystem ovf:id="{name}">
    <Info>A virtual machine</Info>
    <Name>{name}</Name>
    <OperatingSystemSection ovf:id="101" vmw:osType="otherLinux64Guest">
      <Info>The kind of installed guest operating system</Info>
    </OperatingSystemSection>
    <ProductSection>
      <Info>Information about the installed software</Info>
      <Product>AWS Appliance (lab)</Product>
      <Vendor>vmc.aws_backup lab</Vendor>
      <Version>2.0.0</Version>{properties}
    </ProductSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware requirements</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>{name}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:ElementName>4 virtual CPUs</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>4</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>16384 MB of memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>16384</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:ElementName>SCSI Controller 0</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID>
        <rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType>
        <rasd:ResourceType>6</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AddressOnParent>0</rasd:AddressOnParent>
        <rasd:ElementName>Hard Disk 1</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/vmdisk1</rasd:HostResource>
        <rasd:InstanceID>4</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AddressOnParent>7</rasd:AddressOnParent>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Connection>{network}</rasd:Connection>
        <rasd:ElementName>Ethernet 1</rasd:ElementName>
        <rasd:InstanceID>5</rasd:InstanceID>
        <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
"""


# The real image has none that are known.
PROPERTIES = """
      <Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true" ovf:value="gateway"/>
      <Property ovf:key="admin.password" ovf:type="string" ovf:userConfigurable="true" ovf:password="true"/>
      <Property ovf:key="vendor" ovf:type="string" ovf:value="AWS"/>"""


def files(
    *, mebibytes: int = 4, network: str = NETWORK, gibibytes: int = GIBIBYTES, properties: bool = False
) -> dict[str, bytes]:
    """The members of the image by name, in their order; the same at every call."""
    disk = _header() + random.Random(NAME).randbytes(mebibytes * 2**20 - 512)
    descriptor = DESCRIPTOR.format(
        name=NAME,
        size=len(disk),
        gibibytes=gibibytes,
        network=network,
        properties=PROPERTIES if properties else "",
    ).encode()
    members = {f"{NAME}.ovf": descriptor, f"{NAME}-disk1.vmdk": disk}
    lines = [f"SHA256({name})= {hashlib.sha256(content).hexdigest()}\n" for name, content in members.items()]
    return {
        f"{NAME}.ovf": descriptor,
        f"{NAME}.mf": "".join(lines).encode(),
        f"{NAME}-disk1.vmdk": disk,
    }


def write(path, **options):
    """Write the image as one OVA."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files(**options).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _header() -> bytes:
    """The sparse extent header of a stream-optimized disk: magic, version 3, compressed grains with markers."""
    fields = struct.pack("<4sIIQQQQIQQQ", b"KDMV", 3, 0x30001, SECTORS, 128, 1, 20, 512, 0, 0xFFFFFFFFFFFFFFFF, 128)
    return fields.ljust(512, b"\0")
