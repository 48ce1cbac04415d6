# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
import yaml
from ansible import constants as C
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import add_fragments
from ansible_collections.vmc.aws_backup.plugins.inventory import virtual_machines
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, BadCredentials, Denied

NAME = "vmc.aws_backup.virtual_machines"


def loaded():
    """The plugin, with its options known, as core's loader of collections brings it, which no unit test has."""
    documented = yaml.safe_load(virtual_machines.DOCUMENTATION)
    add_fragments(documented, virtual_machines.__file__, fragment_loader)
    C.config.initialize_plugin_configuration_definitions("inventory", NAME, documented["options"])
    plugin = virtual_machines.InventoryModule()
    plugin._load_name = plugin.ansible_name = NAME
    plugin.ansible_aliases, plugin._redirected_names = [NAME], [NAME]
    return plugin


def machine(name, number, path="/dc/vm/a", **more):
    return {
        "resource_arn": f"arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-{number}",
        "name": name,
        "path": path,
        "hypervisor": "sddc-1",
        "covered_by": [],
        "protection": "unprotected",
        "protection_reason": "not_selected",
        **more,
    }


class Source:
    """A configuration file, what there is to be found in each Region, and how often it was asked."""

    def __init__(self, folder, monkeypatch, **options):
        self.folder, self.options = folder, {"plugin": NAME, "regions": ["eu-west-1"], **options}
        self.regions = {"eu-west-1": [machine("web", 1)]}
        self.asked = 0
        self.warned = []

        def of_region(client, wanted, refused):
            self.asked += 1
            self.wanted, self.refused = wanted, refused
            found = self.regions[client.__self__.params["region"]]
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(virtual_machines.machines, "of_region", of_region)

    def parse(self, cache=True):
        path = self.folder / "x.vmc_aws_backup.yml"
        path.write_text(str(self.options))
        inventory, plugin = InventoryData(), loaded()
        plugin.display = self
        assert plugin.verify_file(str(path))
        plugin.parse(inventory, DataLoader(), str(path), cache=cache)
        if plugin.get_option("cache"):
            plugin.update_cache_if_changed()
        inventory.reconcile_inventory()
        return inventory

    def warning(self, text):
        self.warned.append(text)

    def vvv(self, text):
        pass

    def groups(self, host="web"):
        return sorted(group.name for group in self.parse().hosts[host].get_groups())


@pytest.fixture
def source(tmp_path, monkeypatch):
    return Source(tmp_path, monkeypatch)


def test_a_machine_is_a_host_with_what_is_known_of_it_in_its_groups(source):
    variables = source.parse().hosts["web"].vars
    assert variables["aws_backup_account"] == "123456789012"
    assert variables["aws_backup_region"] == "eu-west-1"
    assert variables["aws_backup_id"] == "vm-1"
    assert variables["aws_backup_full_path"] == "/dc/vm/a/web"
    assert "ansible_host" not in variables
    assert source.groups() == [
        "all",
        "aws_backup",
        "aws_backup_unprotected",
        "aws_backup_unprotected_not_selected",
        "folder_dc",
        "folder_dc_vm",
        "folder_dc_vm_a",
        "hypervisor_sddc_1",
    ]


def test_groups_of_protection_are_there_whatever_is_found(source):
    source.regions["eu-west-1"] = []
    inventory = source.parse()
    assert {"aws_backup_protected", "aws_backup_unprotected_too_old", "aws_backup_protection_unknown"} <= set(
        inventory.groups
    )
    source.options["protection"] = False
    assert set(source.parse().groups) == {"all", "ungrouped", "aws_backup"}


def test_groups_that_nobody_wants_are_not_made(source):
    source.options["group_by"] = ["hypervisor"]
    assert source.groups() == ["all", "aws_backup", "hypervisor_sddc_1"]


def test_compose_groups_and_keyed_groups_see_the_variables(source):
    source.options.update(
        compose={"ansible_host": "aws_backup_name ~ '.example.org'"},
        groups={"forgotten": "aws_backup_protection == 'unprotected'"},
        keyed_groups=[{"key": "aws_backup_region", "prefix": "region"}],
    )
    host = source.parse().hosts["web"]
    assert host.vars["ansible_host"] == "web.example.org"
    assert {"forgotten", "region_eu_west_1"} <= {group.name for group in host.get_groups()}


def test_strict_refuses_what_cannot_be_composed(source):
    source.options["compose"] = {"x": "no_such_variable.part"}
    assert "x" not in source.parse().hosts["web"].vars
    source.options["strict"] = True
    with pytest.raises(Exception, match="Could not set x"):
        source.parse()


def test_variables_can_be_called_otherwise(source):
    source.options.update(hostvars_prefix="", hostvars_suffix="_of_backup")
    assert source.parse().hosts["web"].vars["path_of_backup"] == "/dc/vm/a"


@pytest.mark.parametrize("name", ["web-1.example.org", "web 1", "データベース"])
def test_names_are_kept_as_they_are(source, name):
    source.regions["eu-west-1"] = [machine(name, 1, path="/dc/vm/データ")]
    found = source.parse()
    assert list(found.hosts) == [name]
    assert "folder_dc_vm_データ" in found.groups


def test_a_name_is_no_template(source):
    source.regions["eu-west-1"] = [machine("{{ lookup('env', 'HOME') }}", 1)]
    (host,) = source.parse().hosts.values()
    from ansible.template import Templar

    templar = Templar(loader=DataLoader(), variables=host.vars)
    assert templar.template(host.vars["aws_backup_name"]) == "{{ lookup('env', 'HOME') }}"


def test_a_machine_of_two_accounts_entries_is_one_host(source):
    source.options["regions"] = ["eu-west-1", "eu-west-1"]
    assert list(source.parse().hosts) == ["web"]


def test_values_can_be_templates(source, monkeypatch):
    monkeypatch.setenv("WHERE", "eu-central-1")
    source.regions = {"eu-central-1": [machine("web", 1)]}
    source.options["regions"] = ["{{ lookup('env', 'WHERE') }}"]
    assert list(source.parse().hosts) == ["web"]


def test_what_is_cached_is_not_asked_again(source, tmp_path):
    source.options.update(cache=True, cache_plugin="jsonfile", cache_connection=str(tmp_path / "kept"))
    first, again = source.parse(), source.parse()
    assert source.asked == 1
    assert first.hosts["web"].vars == again.hosts["web"].vars
    source.parse(cache=False)
    assert source.asked == 2


def test_what_is_cached_counts_for_the_same_question_only(source, tmp_path):
    source.options.update(cache=True, cache_plugin="jsonfile", cache_connection=str(tmp_path / "kept"))
    source.parse()
    source.options["max_age_hours"] = 24
    source.parse()
    assert source.asked == 2 and source.wanted["oldest"]


def test_no_secret_is_in_the_cache(source, tmp_path):
    kept = tmp_path / "kept"
    source.options.update(cache=True, cache_plugin="jsonfile", cache_connection=str(kept))
    source.options.update(access_key="AKIA", secret_key="a-long-secret")
    source.parse()
    assert [path for path in kept.iterdir() if "a-long-secret" in path.read_text() + path.name] == []


def test_a_cache_that_cannot_be_written_is_warned_of(source, tmp_path):
    (tmp_path / "file").write_text("")
    source.options.update(cache=True, cache_plugin="jsonfile", cache_connection=str(tmp_path / "file" / "kept"))
    assert list(source.parse().hosts) == ["web"]
    assert "nothing is cached" in source.warned[0]


@pytest.mark.parametrize("failure", [Denied("no"), BadCredentials("no")])
def test_a_region_that_is_denied_is_refused_or_left_out(source, failure):
    source.options["regions"] = ["eu-west-1", "us-east-1"]
    source.regions["us-east-1"] = failure
    with pytest.raises(AnsibleParserError, match="no"):
        source.parse()
    source.options["strict_permissions"] = False
    assert list(source.parse().hosts) == ["web"]
    assert source.warned == ["us-east-1 is left out. no"]


def test_what_is_not_answered_is_never_left_out(source):
    source.options["strict_permissions"] = False
    source.regions["eu-west-1"] = ApiError("no answer")
    with pytest.raises(AnsibleParserError, match="no answer"):
        source.parse()


def test_a_secret_is_in_no_message(source):
    source.options.update(access_key="AKIA", secret_key="a-long-secret")
    source.regions["eu-west-1"] = ApiError("refused a-long-secret")
    with pytest.raises(AnsibleParserError) as refused:
        source.parse()
    assert "a-long-secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "fits"), [("vmc_aws_backup.yml", True), ("a.vmc_aws_backup.yaml", True), ("aws_ec2.yml", False)]
)
def test_its_file_is_known_by_its_name(tmp_path, name, fits):
    (tmp_path / name).write_text("plugin: x")
    assert loaded().verify_file(str(tmp_path / name)) is fits
