# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.virtual_machine import described

from .aws_api import Api


def test_machines_come_with_their_tags_in_two_listings():
    gateway = Api(list_virtual_machines={"VirtualMachines": [{"ResourceArn": "a", "Name": "web", "Path": "/dc/vm/"}]})
    told = [{"ResourceARN": "a", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "aws:x", "Value": "y"}]}]
    tagging = Api(get_resources={"ResourceTagMappingList": told})
    (machine,) = described(gateway, tagging)
    assert (machine["full_path"], machine["tags"]) == ("/dc/vm/web", {"k": "v"})
    assert [operation for operation, _request in gateway.calls + tagging.calls] == [
        "list_virtual_machines",
        "get_resources",
    ]


def test_a_machine_that_nobody_tagged_has_no_tags():
    gateway = Api(list_virtual_machines={"VirtualMachines": [{"ResourceArn": "a", "Name": "web"}]})
    assert described(gateway, Api())[0]["tags"] == {}
