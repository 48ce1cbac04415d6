# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual machine of an appliance, on the lab's vCenter: what is refused before it is written, and what a change takes."""

from __future__ import annotations

import pytest
from modules import Modules

NAME = "gw-1"


@pytest.fixture
def modules(lab):
    return Modules(lab)


def deployed(modules, **options):
    return {
        "name": NAME,
        "ova": modules.variables["vmc_backup_ova"],
        "networks": {"*": modules.variables["vmc_backup_segment"]},
        **options,
    }


def test_a_deployment_that_would_fill_the_datastore_is_refused_with_what_it_takes(lab, modules):
    """80 GiB are two copies on vSAN, 0.8 percent of the lab's 20 TiB."""
    lab.break_("fill_datastore", percent=69.5)
    for check_mode in (True, False):
        refused = modules.run("gateway_appliance", check_mode=check_mode, **deployed(modules))
        assert refused["failed"] and "with the 160 GiB of this deployment" in refused["msg"]
        assert "max_datastore_usage: WorkloadDatastore is 69.5 % full" in refused["msg"]
    assert lab.journal("write") == []
    assert modules.done("gateway_appliance", **deployed(modules, max_datastore_usage=71))["changed"]
    assert not modules.done("gateway_appliance", **deployed(modules))["changed"]
