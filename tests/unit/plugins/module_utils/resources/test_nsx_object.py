# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Conflict, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_object import (
    Stored,
    address,
    checked_address,
    checked_id,
    checked_reference,
    shown_address,
    wanted_tag_list,
    writable,
)
from ansible_collections.vmc.aws_backup.plugins.modules import (
    nsx_cgw_rule,
    nsx_dhcp_static_binding,
    nsx_dns_zone,
    nsx_group,
    nsx_mgw_rule,
    nsx_nat_rule,
    nsx_segment,
)

OURS = {"scope": "managed-by", "tag": "vmc-aws-backup"}
DEV = {"scope": "env", "tag": "dev"}
PROD = {"scope": "env", "tag": "prod"}
FREE = {"scope": "", "tag": "free"}


def stored(nsx):
    return Stored(nsx, "/infra/x/a", "Thing", lambda raw: {"color": raw.get("color")})


@pytest.mark.parametrize("tag", [{"scope": "x" * 129, "tag": "a"}, {"scope": "a", "tag": "x" * 257}])
def test_tags_have_a_length(tag):
    with pytest.raises(Invalid, match="tags"):
        wanted_tag_list(None, {"tags": [tag], "purge_tags": False})


@pytest.mark.parametrize("text", ["10.0.0.9-10.0.0.1", "10.0.0.1-fd00::1"])
def test_a_range_runs_upwards(text):
    with pytest.raises(Invalid, match="from a lower to a higher"):
        checked_address("ip_addresses", text)


def test_what_the_server_makes_itself_is_not_sent_back():
    raw = {"id": "a", "_revision": 3, "_create_user": "x", "path": "/x", "unique_id": "u", "tag": "label"}
    assert writable(raw) == {"id": "a", "_revision": 3, "tag": "label"}


def test_a_write_keeps_the_fields_that_we_do_not_manage(nsx):
    nsx.objects["/infra/x/a"] = {"id": "a", "color": "red", "shape": "round", "_revision": 4}
    thing = stored(nsx)
    thing.read()
    thing.write({"color": "blue"})
    assert nsx.puts == [{"id": "a", "resource_type": "Thing", "color": "blue", "shape": "round", "_revision": 4}]


def test_a_write_with_a_stale_revision_is_a_conflict(nsx):
    nsx.objects["/infra/x/a"] = {"id": "a", "_revision": 1}
    thing = stored(nsx)
    thing.read()
    nsx.objects["/infra/x/a"] = {"id": "a", "_revision": 2}
    with pytest.raises(Conflict):
        thing.write({"color": "blue"})


def test_a_create_of_what_somebody_else_just_made_is_a_conflict(nsx):
    thing = stored(nsx)
    thing.read()
    nsx.objects["/infra/x/a"] = {"id": "a", "_revision": 0}
    with pytest.raises(Conflict):
        thing.write({"color": "blue"})


def test_a_write_whose_answer_was_lost_after_it_was_carried_out_is_done(nsx):
    thing = stored(nsx)
    thing.read()
    nsx.lose_next_answer = "after"
    thing.write({"color": "blue"})
    assert len(nsx.puts) == 1


def test_a_write_that_never_arrived_is_decided_anew(nsx):
    thing = stored(nsx)
    thing.read()
    nsx.lose_next_answer = "before"
    with pytest.raises(Conflict):
        thing.write({"color": "blue"})


def test_what_is_marked_for_deletion_is_gone(nsx):
    nsx.objects["/infra/x/a"] = {"id": "a", "marked_for_delete": True, "_revision": 4}
    assert stored(nsx).read() is None


@pytest.mark.parametrize(
    ("have", "asked", "purge", "wanted"),
    [
        (None, None, False, [OURS]),
        ([DEV], None, False, [DEV, OURS]),
        ([DEV], [PROD], False, [PROD, OURS]),
        ([FREE, DEV], [PROD], False, [FREE, PROD, OURS]),
        ([FREE, DEV], [PROD], True, [PROD, OURS]),
        ([DEV], None, True, [OURS]),
        ([{"scope": "managed-by", "tag": "me"}], None, False, [OURS]),
        (None, [{"scope": None, "tag": "free"}], False, [FREE, OURS]),
    ],
)
def test_tags(have, asked, purge, wanted):
    params = {"tags": asked, "purge_tags": purge}
    assert wanted_tag_list(None if have is None else {"tags": have}, params) == wanted


def test_the_mark_of_a_site_replaces_that_of_another_in_its_own_nsx_and_is_never_purged():
    mine, theirs = ({"scope": "vmc-aws-backup-site", "tag": tag} for tag in ("a", "b"))
    params = {"tags": [], "purge_tags": True}
    assert wanted_tag_list({"tags": [OURS, theirs, DEV]}, {**params, "site_id": "a"}) == [OURS, mine]
    assert wanted_tag_list({"tags": [OURS, theirs, DEV]}, params) == [OURS, theirs]


@pytest.mark.parametrize("scope", ["managed-by", "vmc-aws-backup-site"])
def test_a_mark_cannot_be_given(scope):
    with pytest.raises(Invalid, match=f"The scope {scope} is a mark"):
        wanted_tag_list(None, {"tags": [{"scope": scope, "tag": "me"}], "purge_tags": False})


@pytest.mark.parametrize("text", ["a/b", "", "../x", ".", "-a", "a b", "ü", "a?b", "x" * 256])
def test_ids_of_ours_have_a_narrow_charset(text):
    with pytest.raises(Invalid):
        checked_id("id", text)


@pytest.mark.parametrize("text", ["a", "Site-A_1.x", "x" * 255])
def test_ids_of_ours(text):
    assert checked_id("id", text) == text


@pytest.mark.parametrize("text", ["..", ".", "a/b", "", " a", "a?b", "a#b", "a\n"])
def test_references_cannot_leave_their_path(text):
    with pytest.raises(Invalid):
        checked_reference("segment", text)


def test_references_may_be_named_by_others():
    assert checked_reference("segment", "Demo Segment 1") == "Demo Segment 1"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("10.0.0.5/32", "10.0.0.5"),
        ("10.0.0.0/24", "10.0.0.0/24"),
        ("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"),
        ("FD00:0::1", "fd00::1"),
        ("fd00::/64", "fd00::/64"),
        ("VCENTER", None),
        ("hcx-ix-ips-public", None),
        ("123", None),
    ],
)
def test_addresses_have_one_form(text, canonical):
    assert address(text) == canonical


@pytest.mark.parametrize("text", ["10.0.0.1/24", "10.0.0.300", "10.0.0.0/33", "fd00::1/64"])
def test_a_network_with_host_bits_and_other_slips_are_invalid(text):
    with pytest.raises(Invalid, match="ip_addresses"):
        checked_address("ip_addresses", text)
    assert shown_address(text) == text


# The marks of each kind that can carry them

GATEWAY = "/infra/tier-1s/cgw"
RULES = "/infra/domains/{}/gateway-policies/default/rules/r"
TO_ESXI = {"id": "r", "source_groups": ["10.0.0.5"], "destination_groups": ["ESXI"], "services": ["HTTPS"]}
TO_ENDPOINT = {
    "id": "r",
    "source_groups": ["10.0.0.5"],
    "destination_groups": ["10.1.0.5/32"],
    "service_entries": [{"l4_protocol": "TCP", "destination_ports": [443]}],
    "scope": ["cgw-cross-vpc"],
    "action": "ALLOW",
}
KINDS = {
    nsx_group: ("/infra/domains/mgw/groups/g", {"domain": "mgw", "id": "g"}),
    nsx_mgw_rule: (RULES.format("mgw"), TO_ESXI),
    nsx_cgw_rule: (RULES.format("cgw"), TO_ENDPOINT),
    nsx_nat_rule: (
        f"{GATEWAY}/nat/USER/nat-rules/out",
        {"id": "out", "action": "REFLEXIVE", "source_network": "10.30.5.20", "translated_network": "198.51.100.10"},
    ),
    nsx_segment: (
        f"{GATEWAY}/segments/new",
        {"id": "new", "subnets": [{"gateway_address": "10.30.5.1/27", "dhcp_ranges": ["10.30.5.10-10.30.5.19"]}]},
    ),
    nsx_dhcp_static_binding: (
        f"{GATEWAY}/segments/backup/dhcp-static-binding-configs/a1",
        {"segment": "backup", "id": "a1", "mac_address": "00:50:56:1e:05:14", "ip_address": "10.30.5.20"},
    ),
    nsx_dns_zone: (
        "/infra/dns-forwarder-zones/corp",
        {"gateway": "cgw", "id": "corp", "upstream_servers": ["10.1.0.53"], "dns_domain_names": ["corp.example"]},
    ),
}
A_SITE, B_SITE = ({"scope": "vmc-aws-backup-site", "tag": site} for site in "ab")


@pytest.fixture
def put(run_nsx, nsx):
    """Puts an object of a kind as a site would: its tags afterwards, and the result."""
    zone = "/infra/dns-forwarder-zones/cgw-dns-zone"
    nsx.objects[f"{GATEWAY}/segments/backup"] = {"id": "backup"}
    nsx.objects[zone] = {"id": "cgw-dns-zone", "upstream_servers": ["8.8.8.8"], "_revision": 0}
    nsx.objects[f"{GATEWAY}/dns-forwarder"] = {"default_forwarder_zone_path": zone, "_revision": 0}

    def run(kind, **more):
        path, options = KINDS[kind]
        result = run_nsx(kind, **options, **more)
        return nsx.objects.get(path, {}).get("tags"), result

    run.tag = lambda kind, *tags: nsx.objects[KINDS[kind][0]].update(tags=list(tags))
    return run


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.rpartition(".")[2])
def test_each_kind_carries_its_site_s_mark_from_its_first_moment_and_an_earlier_one_gets_it_in_place(put, kind):
    assert put(kind, site_id="a")[0] == [OURS, A_SITE]
    assert not put(kind, site_id="a")[1]["changed"]
    put.tag(kind, OURS, DEV)
    tags, result = put(kind, site_id="a")
    assert sorted(tags, key=str) == sorted([DEV, OURS, A_SITE], key=str)
    assert [change["path"] for change in result["changes"]] == ["tags"]
    # Who names no site changes no site's mark.
    assert not put(kind)[1]["changed"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.rpartition(".")[2])
def test_in_an_sddc_s_own_nsx_another_site_s_mark_is_a_change_that_is_told_and_put_right(put, kind):
    """Rules get copied, marks and all: here nothing can be another site's."""
    put(kind, site_id="a")
    put.tag(kind, OURS, B_SITE)
    (change,) = put(kind, site_id="a")[1]["changes"]
    assert (change["path"], change["effect"]) == ("tags", "in_place")
    assert B_SITE in change["actual"] and A_SITE in change["desired"] and B_SITE not in change["desired"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.rpartition(".")[2])
def test_a_site_s_mark_without_the_collection_s_tag_is_somebody_s_copy_and_refused(put, kind):
    put(kind, site_id="a")
    put.tag(kind, A_SITE)
    for state in ("present", "absent"):
        _tags, result = put(kind, site_id="a", state=state)
        assert result["failed"] and "does not carry the tag managed-by=vmc-aws-backup" in result["msg"]
    assert put(kind, site_id="a", adopt=True)[0] == [OURS, A_SITE]
