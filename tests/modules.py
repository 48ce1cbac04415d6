# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single modules against a lab, run in the process of the test: a second instead of a playbook's ten."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json

import yaml
from arguments import patch_module_args
from jinja2 import StrictUndefined
from jinja2.nativetypes import NativeEnvironment
from rehearsal import ROOT, Lab

CONNECTIONS = {
    "none": {},
    "aws": ("region", "access_key", "secret_key", "endpoint_url"),
    "vmc": ("csp_url", "vmc_url", "org_id", "sddc_id", "nsx_url", "api_token", "ca_bundle"),
    "vsphere": ("hostname", "port", "username", "password", "ca_bundle"),
}
PREFIX = {"aws": "vmc_backup_aws_", "vmc": "vmc_backup_", "vsphere": "vmc_backup_vcenter_"}
OF_TWO = dict.fromkeys(("backup_path_info", "backup_readiness_info", "backup_unconfirmed_info"), ("aws", "vmc"))
OF_NONE = ("gateway_activation_key", "dns_answer_info")
OF_VMC = ("nsx_", "vmc_")
OF_VSPHERE = ("gateway_appliance", "vsphere_", "restored_machine", "restore_place")
OF_A_SITE = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"].get("site", ())
FOREIGN = ("AWS_", "BOTO", "VMC_", "VMWARE_")


def connections(module: str) -> tuple:
    """Which APIs a module speaks to."""
    return OF_TWO.get(module) or (connection(module),)


def connection(module: str) -> str:
    for name, prefixes in (("none", OF_NONE), ("vmc", OF_VMC), ("vsphere", OF_VSPHERE)):
        if module.startswith(prefixes):
            return name
    return "aws"


class Modules:
    """The collection's modules with the connection of one of a lab's SDDCs. What they printed last is ``printed``."""

    def __init__(self, lab: Lab, host: str = "sddc-1", *, for_its_site: bool = False):
        self.lab = lab
        self.for_its_site = for_its_site
        inventory = yaml.safe_load(lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]
        self.variables = {**inventory["vars"], **inventory["hosts"][host]}
        self.printed = ""

    def options(self, module: str) -> dict:
        """The connection's options, as the roles take them from the inventory."""
        names = {name: f"{PREFIX[kind]}{name}" for kind in connections(module) for name in CONNECTIONS[kind]}
        if "ca_bundle" in names:
            names["ca_bundle"] = "vmc_backup_ca_bundle"
        site = {"site_id": self.variables["vmc_backup_sddc_id"]} if self.for_its_site and module in OF_A_SITE else {}
        return {**site, **{name: self.variables[variable] for name, variable in names.items()}}

    def deployed(self, **options) -> dict:
        """The options of gateway_appliance that deploy the lab's image, with what is asked for besides."""
        networks = {"*": self.variables["vmc_backup_segment"]}
        return {"name": "gw-1", "ova": self.variables["vmc_backup_ova"], "networks": networks, **options}

    def secrets(self) -> list[str]:
        return [
            value
            for name, value in self.variables.items()
            if name.endswith(("_password", "_secret_key", "_token", "_secret")) and value
        ]

    def run(self, module: str, *, check_mode: bool = False, **options) -> dict:
        """What a module returns, failed or not."""
        found = importlib.import_module(f"ansible_collections.vmc.aws_backup.plugins.modules.{module}")
        given = {**self.options(module), **filled(options, self.variables), "_ansible_check_mode": check_mode}
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), patch_module_args(given), in_a_module():
            try:
                found.main()
            except SystemExit:
                pass
        self.printed = out.getvalue() + err.getvalue()
        return json.loads(out.getvalue())

    def done(self, module: str, **options) -> dict:
        """What a module returns that has to succeed."""
        result = self.run(module, **options)
        assert not result.get("failed"), f"{module}: {result['msg']}"
        return result


@contextlib.contextmanager
def in_a_module():
    """Core since 2.19 displays a warning at once where a controller's code was imported, as by other tests; a module returns it."""
    if importlib.util.find_spec("ansible.module_utils._internal") is None:
        yield
        return
    internal = importlib.import_module("ansible.module_utils._internal")
    before, internal.is_controller = internal.is_controller, False
    try:
        yield
    finally:
        internal.is_controller = before


def filled(value, variables: dict):
    """A value of a table with its templates filled in."""
    if isinstance(value, dict):
        return {key: filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, variables) for item in value]
    if isinstance(value, str) and "{{" in value:
        return NativeEnvironment(undefined=StrictUndefined).from_string(value).render(variables)
    return value
