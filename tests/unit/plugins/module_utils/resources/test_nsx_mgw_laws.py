# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_group import Groups
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_mgw_laws import ManagementGateway, obey

GROUPS = "/infra/domains/mgw/groups"
HTTPS, CONSOLE, SSH = (f"/infra/services/{name}" for name in ("HTTPS", "VMware_Remote_Console", "SSH"))


def law(nsx, sources, destinations, services, **given):
    """Judge a rule; groups are named by id."""

    def paths(names):
        return [name if name == "ANY" or name[0] in "/0123456789" else f"{GROUPS}/{name}" for name in names]

    rule = {
        "action": "ALLOW",
        "scope": ["/infra/labels/mgw"],
        "service_entries": [],
        "source_groups": paths(sources),
        "destination_groups": paths(destinations),
        "services": services,
        **given,
    }
    obey(rule, ManagementGateway(nsx, Groups(nsx)))


@pytest.mark.parametrize(
    ("sources", "destinations", "services"),
    [
        (["appliances"], ["VCENTER"], [HTTPS]),
        (["appliances"], ["ESXI"], [HTTPS, CONSOLE]),
        (["10.0.0.5", "10.1.0.0/16"], ["VCENTER", "ESXI", "NSX-MANAGER"], [HTTPS]),
        (["VCENTER"], ["ANY"], ["ANY"]),
        (["ESXI"], ["appliances"], ["ANY"]),
        (["ANY"], ["HCX"], [HTTPS]),
    ],
)
def test_lawful_rules(nsx, sources, destinations, services):
    law(nsx, sources, destinations, services)


@pytest.mark.parametrize(
    ("sources", "destinations", "services", "option", "text"),
    [
        (["ANY"], ["ANY"], ["ANY"], "source_groups", "cannot both be ANY"),
        (["appliances"], ["others"], [HTTPS], "destination_groups", "must be a system-defined group"),
        (["appliances"], ["ANY"], [HTTPS], "destination_groups", "must be a system-defined group"),
        (["VCENTER"], ["appliances"], [HTTPS], "services", "must be ANY"),
        (["appliances"], ["VCENTER"], [HTTPS, SSH], "services", f"not {SSH}"),
        (["appliances"], ["VCENTER"], [CONSOLE], "services", f"not {CONSOLE}"),
        (["appliances"], ["VCENTER"], ["ANY"], "services", "not ANY"),
        (["ANY"], ["VCENTER"], [HTTPS], "source_groups", "everybody"),
        (["0.0.0.0/0"], ["ESXI"], [HTTPS], "source_groups", "everybody"),
        (["appliances", "0.0.0.0/0"], ["NSX-MANAGER"], [HTTPS], "source_groups", "everybody"),
        (["/infra/domains/cgw/groups/x"], ["ESXI"], [HTTPS], "source_groups", "domain mgw"),
        (["/infra/tier-0s/vmc/groups/connected_vpc"], ["ESXI"], [HTTPS], "source_groups", "domain mgw"),
    ],
)
def test_each_law_says_which_one_it_is(nsx, sources, destinations, services, option, text):
    with pytest.raises(Invalid, match=text) as failure:
        law(nsx, sources, destinations, services)
    assert failure.value.option == option
    assert "law of the management gateway" in str(failure.value)


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"action": "DROP"}, "action"),
        ({"service_entries": [{"l4_protocol": "TCP"}]}, "services"),
        ({"scope": ["/infra/labels/cgw-all"]}, "scope"),
    ],
)
def test_the_other_fields_have_laws_too(nsx, given, option):
    with pytest.raises(Invalid) as failure:
        law(nsx, ["appliances"], ["VCENTER"], [HTTPS], **given)
    assert failure.value.option == option


def test_a_group_that_hides_everybody_is_seen_through(nsx):
    everybody = [{"resource_type": "IPAddressExpression", "ip_addresses": ["0.0.0.0/0"]}]
    nsx.objects[f"{GROUPS}/appliances"] = {"id": "appliances", "expression": everybody}
    with pytest.raises(Invalid, match="everybody"):
        law(nsx, ["appliances"], ["VCENTER"], [HTTPS])


def test_a_system_defined_group_is_known_by_its_tag(nsx):
    nsx.objects[f"{GROUPS}/SRM"] = {"id": "SRM", "tags": [{"scope": "", "tag": "SYSTEM_DEFINED_GROUP"}]}
    law(nsx, ["appliances"], ["SRM"], [HTTPS])
    with pytest.raises(Invalid, match="must be ANY"):
        law(nsx, ["SRM"], ["appliances"], [HTTPS])


def test_the_gateway_may_manage_more_services_than_we_know(nsx):
    nsx.services = [{"group_path": f"{GROUPS}/VCENTER", "services": [{"path": SSH}]}]
    law(nsx, ["appliances"], ["VCENTER"], [HTTPS, SSH])


def test_the_gateway_need_not_tell(nsx):
    def refuse(path):
        raise ApiError("not here", code="404")

    nsx.cloud_list = refuse
    with pytest.raises(Invalid, match="managed services"):
        law(nsx, ["appliances"], ["VCENTER"], [SSH])
