# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.image import ovf
from ansible_collections.vmc.aws_backup.plugins.module_utils.image.ovf import Hardware, configuration
from lab import ova

ENVELOPE = """<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
  <DiskSection><Disk ovf:diskId="a" ovf:capacity="80" ovf:capacityAllocationUnits="byte * 2^30"/>
    <Disk ovf:diskId="b" ovf:capacity="1048576"/><Disk ovf:diskId="unused" ovf:capacity="1048576"/></DiskSection>
  {choices}<VirtualSystem ovf:id="x"><VirtualHardwareSection>{items}</VirtualHardwareSection></VirtualSystem></Envelope>"""
ITEM = "<Item {of}>{more}<rasd:ResourceType>{kind}</rasd:ResourceType><rasd:VirtualQuantity>{number}</rasd:VirtualQuantity></Item>"
CHOICES = '<DeploymentOptionSection><Configuration ovf:id="small"/><Configuration ovf:id="large" {0}/></DeploymentOptionSection>'


def hardware(descriptor, asked=None, given=None):
    _text, envelope = ovf.parsed(descriptor)
    return ovf.hardware(envelope, configuration(envelope, asked), given)


def properties(descriptor, chosen=None):
    return ovf.properties(ovf.parsed(descriptor)[1], chosen)


def item(kind, number, *, of="", more=""):
    return ITEM.format(kind=kind, number=number, of=f'ovf:configuration="{of}"' if of else "", more=more)


def envelope(*items, choices=""):
    return ENVELOPE.format(items="".join(items), choices=choices)


def test_the_image_asks_for_four_cpus_and_sixteen_gibibytes():
    descriptor = next(content for name, content in ova.files().items() if name.endswith(".ovf"))
    assert hardware(descriptor.decode()) == Hardware(4, 16384, 80 * 2**30)


def test_the_disks_that_are_used_are_counted():
    disks = [
        item(17, 1, more=f"<rasd:HostResource>{at}</rasd:HostResource>") for at in ("ovf:/disk/a", "/disk/b", "/disk/c")
    ]
    assert hardware(envelope(*disks)).disk_bytes == 80 * 2**30 + 2**20


@pytest.mark.parametrize(("default", "cpus"), [("", 2), ('ovf:default="true"', 8)])
def test_of_several_configurations_the_usual_one_counts(default, cpus):
    items = [item(3, 1), item(3, 2, of="small"), item(3, 8, of="large")]
    assert hardware(envelope(*items, choices=CHOICES.format(default))).num_cpus == cpus


@pytest.mark.parametrize(("said", "mebibytes"), [("", 16), ("byte * 2^30", 16384), ("GigaBytes", 16384), ("MB", 16)])
def test_memory_is_in_the_unit_that_it_is_given_in(said, mebibytes):
    more = f"<rasd:AllocationUnits>{said}</rasd:AllocationUnits>" if said else ""
    assert hardware(envelope(item(4, 16, more=more))).memory_mb == mebibytes


def test_what_the_descriptor_does_not_say_is_nought():
    assert hardware(envelope(item(3, "${cpus}"))) == Hardware(0, 0, 0)


@pytest.mark.parametrize(
    ("text", "size"), [("byte", 1), ("byte * 1024", 1024), (" byte*2 ^ 10 ", 1024), ("KiloBytes", 1024)]
)
def test_units_are_known_in_their_old_and_new_forms(text, size):
    assert ovf.unit(text) == size


PRODUCT = """<ProductSection {of}><Info/><Property ovf:key="hostname" ovf:userConfigurable="true" ovf:value="gw"/>
  <Property ovf:key="root" ovf:userConfigurable="true" ovf:password="true"/><Property ovf:key="fixed"/></ProductSection>"""


@pytest.mark.parametrize(("of", "before", "after"), [("", "", ""), ('ovf:class="net" ovf:instance="1"', "net.", ".1")])
def test_properties_have_the_names_that_the_guest_sees(of, before, after):
    found = properties(
        envelope(choices="").replace('<VirtualSystem ovf:id="x">', f'<VirtualSystem ovf:id="x">{PRODUCT.format(of=of)}')
    )
    shown = {name: (one.default, one.secret, one.configurable) for name, one in found.items()}
    assert shown == {
        f"{before}hostname{after}": ("gw", False, True),
        f"{before}root{after}": ("", True, True),
        f"{before}fixed{after}": ("", False, False),
    }


def test_an_image_without_properties_has_none():
    assert properties(envelope()) == {}


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("byte * 2^30", 2**30),
        ("byte*10^9", 10**9),
        ("byte * 2^10 * 2^10", 2**20),
        ("bytes", 1),
        ("MegaBytes", 2**20),
        ("gigabyte", 2**30),
        ("GB", 2**30),
        ("GiB", 2**30),
        ("TeraBytes", 2**40),
        ("hertz * 10^6", 10**6),
        ("MHz", 10**6),
        ("GHz", 10**9),
        ("megahertz", 10**6),
    ],
)
def test_every_unit_of_the_standard_is_known(text, size):
    assert ovf.unit(text) == size


@pytest.mark.parametrize(
    "text", ["", "parsec", "byte * x", "byte * 2^", "byte ** 2", "byte * 2^99", "byte" + " * 2" * 80, "byte * 9^999999"]
)
def test_a_unit_that_cannot_be_is_refused(text):
    with pytest.raises(Invalid, match="ova: its descriptor has the unit"):
        ovf.unit(text)


def disk_of(capacity):
    used = item(17, 1, more="<rasd:HostResource>ovf:/disk/a</rasd:HostResource>")
    return envelope(used).replace('ovf:capacity="80"', f'ovf:capacity="{capacity}"')


SIZED = PRODUCT.replace(
    "<Info/>",
    '<Info/><Property ovf:key="size" ovf:value="{value}"><Value ovf:configuration="large" ovf:value="9"/></Property>',
    1,
)


def with_property(descriptor, value):
    return descriptor.replace(
        '<VirtualSystem ovf:id="x">', f'<VirtualSystem ovf:id="x">{SIZED.format(of="", value=value)}'
    )


@pytest.mark.parametrize(("given", "gibibytes"), [(None, 7), ({"size": "8"}, 8)])
def test_a_capacity_may_be_a_property(given, gibibytes):
    assert hardware(with_property(disk_of("${size}"), 7), given=given).disk_bytes == gibibytes * 2**30


def test_a_property_may_have_another_value_in_another_deployment():
    descriptor = with_property(disk_of("${size}"), 7).replace(
        "<VirtualSystem", f"{CHOICES.format('')}<VirtualSystem", 1
    )
    assert [hardware(descriptor, asked).disk_bytes // 2**30 for asked in ("small", "large")] == [7, 9]


def test_a_capacity_without_a_value_names_the_property():
    with pytest.raises(Invalid, match="properties: size has to be given"):
        hardware(with_property(disk_of("${size}"), ""))
    with pytest.raises(Invalid, match="ova: the capacity of the disk 'a' .* it has no such property"):
        hardware(disk_of("${size}"))


def test_adapters_of_another_deployment_do_not_count():
    more = "<rasd:Connection>{}</rasd:Connection>"
    cards = [item(10, 1, more=more.format("always")), item(10, 1, of="large", more=more.format("more"))]
    _text, found = ovf.parsed(envelope(*cards, choices=CHOICES.format("")))
    assert [ovf.adapters(found, chosen) for chosen in ("small", "large")] == [["always"], ["always", "more"]]


def test_a_deployment_that_the_image_does_not_have_is_refused():
    _text, found = ovf.parsed(envelope(choices=CHOICES.format("")))
    assert ovf.configuration(found, "large") == "large"
    with pytest.raises(Invalid, match="deployment_option: the image has no huge; it has: small, large"):
        ovf.configuration(found, "huge")


@pytest.mark.parametrize("written", ["true", "1"])
def test_a_truth_value_is_written_in_two_ways(written):
    section = PRODUCT.format(of="").replace('"true"', f'"{written}"')
    found = properties(envelope().replace('<VirtualSystem ovf:id="x">', f'<VirtualSystem ovf:id="x">{section}'))
    assert (found["root"].secret, found["hostname"].configurable) == (True, True)
