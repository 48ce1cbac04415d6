# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError
from ansible_collections.vmc.aws_backup.plugins.lookup.options import LookupModule, options
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.nsx import NSX
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.vmc import VMC
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.vsphere import VSPHERE

SHARED = {
    "vmc_backup_aws_profile": "site",
    "vmc_backup_aws_region": "eu-west-1",
    "vmc_backup_aws_role_arn": "arn:shared",
    "vmc_backup_aws_role_external_id": "shared id",
}


def of(part, **variables):
    return options(part, {**SHARED, **variables}.get)


def test_a_part_without_anything_of_its_own_has_what_the_host_has():
    assert of("backup") == {
        "profile": "site",
        "region": "eu-west-1",
        "assume_role_arn": "arn:shared",
        "assume_role_external_id": "shared id",
    }


def test_a_part_with_a_role_of_its_own_assumes_it_with_the_host_s_credentials():
    found = of("backup", vmc_backup_backup_aws_role_arn="arn:own")
    assert found == {"profile": "site", "region": "eu-west-1", "assume_role_arn": "arn:own"}


def test_credentials_of_a_part_are_not_mixed_with_those_of_the_host():
    own = {"vmc_backup_endpoint_aws_access_key": "KEY", "vmc_backup_endpoint_aws_secret_key": "secret"}
    assert of("endpoint", **own) == {"access_key": "KEY", "secret_key": "secret", "region": "eu-west-1"}
    assert of("backup", **own)["profile"] == "site"


def test_what_is_empty_is_not_given():
    assert "assume_role_arn" not in of("endpoint", vmc_backup_aws_role_arn="")


def test_the_trusted_certificates_and_the_proxy_hold_for_every_part():
    found = of("endpoint", vmc_backup_ca_bundle="/ca.pem", vmc_backup_aws_proxy="http://proxy:3128")
    assert found["aws_ca_bundle"] == "/ca.pem"
    assert found["aws_config"] == {"proxies": {"http": "http://proxy:3128", "https": "http://proxy:3128"}}


def test_what_is_given_for_vmware_cloud_and_nsx_is_passed_on():
    found = of("vmc", vmc_backup_sddc_id="s-1", vmc_backup_nsx_password="word", vmc_backup_ca_bundle="/ca.pem")
    assert found == {"sddc_id": "s-1", "nsx_password": "word", "ca_bundle": "/ca.pem"}


def test_a_vcenter_may_have_certificates_of_its_own():
    given = {"vmc_backup_vcenter_hostname": "vcenter", "vmc_backup_ca_bundle": "/ca.pem"}
    assert of("vsphere", **given) == {"hostname": "vcenter", "ca_bundle": "/ca.pem"}
    assert of("vsphere", **given, vmc_backup_vcenter_ca_bundle="/own.pem")["ca_bundle"] == "/own.pem"


@pytest.mark.parametrize(("group", "spec"), [("vmc", {**VMC, **NSX}), ("vsphere", VSPHERE)])
def test_every_connection_option_of_a_group_comes_from_a_variable(group, spec):
    assert options(group, lambda name: name).keys() == spec.keys()


def test_a_group_that_there_is_not_is_told():
    with pytest.raises(AnsibleLookupError, match="no action group nsx. There are: endpoint, backup, vmc, vsphere"):
        LookupModule().run(["nsx"], {})
