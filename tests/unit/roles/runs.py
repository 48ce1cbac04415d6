# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runs of each role in which its options are set, and those in which something is in the way. What is not said here says options.yml."""

from __future__ import annotations

import pathlib

import yaml
from recorded import ROOT, Scenario

from . import world as w

HERE = pathlib.Path(__file__).parent
TABLE = yaml.safe_load((HERE / "options.yml").read_text())
SPECS = {
    path.parts[-3]: yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"]
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))
}

LEAVING = {**w.GROUP, "ingress": [*w.GROUP["ingress"], {"cidr_ip": "10.0.5.99/32"}]}
UNPLANNED = w.machine(4, "blue-cluster-9-1", gateway_arn="")
GONE = {"vmc_sddc_info": {"sddcs": [{**w.SDDC, "sddc_state": "DELETED"}]}}
OTHERS = [{**w.ENDPOINTS, "users": [w.SITE, "site-of-green"], "security_group_ids": ["sg-1", "sg-of-green"]}]
TWO_ENDPOINTS = {"vpce_backup_info": {"vpc_endpoints": [w.ENDPOINTS, w.OTHER_ENDPOINT]}}
NO_MACHINE = {"gateway_appliance_info": {"appliances": []}}
NO_LOGIN = {"gateway_appliance_info": w.OUT_OF_REACH, "vsphere_about_info": w.OUT_OF_REACH}
DRILL = {
    "backup_virtual_machine_info": {"virtual_machines": [w.KEPT_MACHINE]},
    "restored_machine_info": {"restored_machines": [w.RESTORED]},
    "restore_place_info": {"restore_place": {"there_before": ["uuid-of-source"]}},
    "backup_job": {"changed": True, "job": w.BACKED_UP},
    "restore_job": {"changed": True, "job": w.RESTORE},
    "restored_machine": {"changed": True, "restored_machine": w.RESTORED},
    "restored_volume": {"changed": True, "restored_volume": {"volume_id": "vol-1", "size_gib": 10}},
}
DRILL_FAILED = {
    **DRILL,
    "restored_machine": {"failed": True, "changed": False, "msg": "vCenter does not answer."},
}
OTHER_SEGMENT = {"id": "seg-2", "type": "ROUTED", "subnets": [], "tags": []}
PUBLIC = {"vmc_sddc_info": {"sddcs": [{**w.SDDC, "dns_with_management_vm_private_ip": False}]}}
ON_PREMISES = {
    "vmc_backup_vpc_id": "vpc-2",
    "vmc_backup_subnet_ids": ["subnet-1"],
}
CONTROL = {
    "nsx_mgw_rule_info": {"rules": [{"id": "blue-control-to-vcenter", "disabled": True, "tags": w.TAGGED}]},
    "nsx_group_info": {"groups": [{"id": "blue-control", "ip_addresses": ["10.1.1.1"], "tags": w.TAGGED}]},
}
OF_SUCCESSOR = {
    "backup_gateway_info": {
        "gateways": [w.gateway(1, w.E1), w.gateway(2, w.E2), w.gateway(8, "gone", site_id=w.GONE_ID)]
    }
}
HEARD, NOW = "2099-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"
DUE = {
    "backup_gateway_info": {
        "gateways": [
            w.gateway(n, e, last_seen_time=HEARD, next_update_availability_time=NOW) for n, e in ((1, w.E1), (2, w.E2))
        ]
    }
}
ALONE = {
    "backup_gateway_info": {
        "gateways": [
            w.gateway(1, w.E1, last_seen_time=HEARD, next_update_availability_time=NOW),
            w.gateway(2, w.E2, hypervisor=""),
        ]
    }
}

# Nothing differs from what is asked for.
SETTLED = {
    module: {"changed": False, "changes": [], kind: seen}
    for module, kind, seen in (
        ("backup_kms_key", "kms_key", {}),
        ("backup_vault", "backup_vault", {"backup_vault_arn": "arn:vault"}),
        ("backup_plan", "backup_plan", {"name": "blue-all"}),
        (
            "backup_hypervisor",
            "hypervisor",
            {"name": w.NAME, "state": "ONLINE", "hypervisor_arn": "arn:hypervisor", "site_id": w.SITE},
        ),
    )
}
TWO = ({"name": "all", "presets": ["daily"]}, {"name": "gold", "presets": ["weekly"]})
MISFIT = {"name": "Lock", "verdict": "broken", "evidence": "Does not fit.", "change": "Give copy_lifecycle."}

NO_KEY = {
    "gateway_activation_key": {"failed": True, "msg": "No key."},
    "backup_gateway": {"failed": True, "msg": "A new gateway needs the key."},
}

# Role -> name of the run -> the variables beside those of options.yml, and the answers beside those of world.py.
RUNS = {
    "prerequisites": {
        "present": {},
        "shared": {},
        "absent": {},
        "skip": {"nsx_segment_info": {"segments": [OTHER_SEGMENT]}},
        "report": {},
        "was": {"vmc_sddc_info": [w.to({"sddcs": []}, sddc_id=w.GONE_ID), w.to({"sddcs": [w.SDDC]})]},
        "reach": PUBLIC,
        "wrong_account": {},
        "wrong_accounts": {
            "dns_answer_info": {
                "answers": [{"server": "10.0.0.53", "name": "canary.example", "answered": False, "error": "silence"}]
            },
        },
        "vsphere": {},
        "out_of_reach": {**NO_LOGIN, **CONTROL},
    },
    "endpoint": {
        "present": {},
        "shared": {"backup_security_group_info": {"security_groups": [{**LEAVING, "site_id": ""}]}},
        "retired": {},
        "was": {
            "vmc_sddc_info": [w.to({"sddcs": []}, sddc_id=w.GONE_ID), w.to({"sddcs": [w.SDDC]})],
            "backup_security_group_info": {"security_groups": [LEAVING]},
        },
        "not_gone": {},
        "absent": {"vpce_backup_info": {"vpc_endpoints": OTHERS}},
        "absent_used": {},
        "absent_sddc": {},
        "absent_alone": {},
        "absent_untold": {
            "backup_gateway_info": [w.to({"gateways": []}, certain=True), w.to({"failed": True, "msg": "Denied."})]
        },
        "gone": GONE,
        "vsphere": {},
    },
    "appliance": {
        "present": NO_MACHINE,
        "shared": {},
        "retired": {},
        "absent": {},
        "unplanned": {"gateway_appliance_info": {"appliances": [w.machine(1, w.E1), UNPLANNED]}},
        "vsphere": {},
        "together": {},
        "no_login": {"gateway_appliance_info": {"failed": True, "msg": "Cannot log in."}},
        "out_of_reach": NO_LOGIN,
        "silent": NO_LOGIN,
    },
    "firewall": {
        "present": {},
        "shared": {},
        "leaving": {
            "nsx_group_info": {"groups": [{"id": "blue-appliances", "ip_addresses": ["10.0.5.99", "10.0.5.20"]}]},
            "gateway_appliance_info": {
                "appliances": [w.machine(1, w.E1, guest_ip_address="10.0.5.99"), w.machine(2, w.E2)]
            },
        },
        "unbound": TWO_ENDPOINTS,
        "retired": {
            "nsx_group_info": {"groups": [{"id": "blue-appliances", "ip_addresses": ["10.0.5.99", "10.0.5.20"]}]}
        },
        "absent": {},
        "no_endpoint": {"vpce_backup_info": {"vpc_endpoints": []}},
        "seen": {},
    },
    "registration": {
        "present": {},
        "shared": {},
        "retired": {},
        "was": {
            **OF_SUCCESSOR,
            "vmc_sddc_info": [w.to({"sddcs": []}, sddc_id=w.GONE_ID), w.to({"sddcs": [w.SDDC]})],
        },
        "rotate": {},
        "rotate_alone": {},
        "rotate_nothing": {"backup_hypervisor_info": {"hypervisors": []}},
        "retire": {},
        "retire_in_vain": {"backup_hypervisor": {"failed": True, "msg": "It is not ONLINE."}},
        "retire_last": {},
        "retire_disks": {
            "gateway_appliance_info": {
                "appliances": [w.machine(1, w.E1, foreign_disks=["[x] a.vmdk"]), w.machine(2, w.E2)]
            }
        },
        "absent": {},
        "unplanned": {"gateway_appliance_info": {"appliances": [w.machine(1, w.E1), UNPLANNED]}},
        "unnamed": {"gateway_appliance_info": {"appliances": [w.machine(1, w.E1), UNPLANNED]}},
        "absent_disks": {"gateway_appliance_info": {"appliances": [w.machine(1, w.E1, foreign_disks=["[x] a.vmdk"])]}},
        "gone": GONE,
        "no_key": NO_KEY,
        "made_meanwhile": {"gateway_activation_key": {"failed": True, "msg": "No key."}},
        "left_open": {
            "backup_gateway_info": {"gateways": [w.gateway(1, w.E1), w.gateway(2, w.E2), w.gateway(3, w.E3)]},
        },
        "wrong_address": {
            "gateway_appliance": w.written("appliance", **w.machine(1, w.E1, guest_ip_address="10.0.5.77")),
        },
        "missing": NO_MACHINE,
        "offline": {
            **TWO_ENDPOINTS,
            "backup_hypervisor": w.written("hypervisor", name=w.NAME, state="PENDING"),
        },
        "none_seen": {"backup_virtual_machine_info": {"virtual_machines": []}},
        "networks": {},
        "update": DUE,
        "update_alone": ALONE,
        "update_nothing": {},
        "by_nat": {},
        "by_nat_no_key": NO_KEY,
        "by_nat_private": {},
        "out_of_reach": {**NO_LOGIN, "gateway_appliance": w.written("appliance")},
        "silent": NO_LOGIN,
        "in_the_way": {
            "backup_path_info": {
                "reachable": False,
                "hops": [{"hop": "route_table", "verdict": "broken", "evidence": "No route.", "change": "Add it."}],
            },
        },
        "vsphere": {},
        "ask": {},
        "canary": {},
        "canary_made": {
            "backup_virtual_machine_info": {"virtual_machines": [{**w.WEB, "last_backup_date": "2026-01-01"}]},
            **SETTLED,
        },
        "canary_later": {},
    },
    "protection": {
        "present": {},
        "shared": {},
        "settled": {**SETTLED, "backup_selection": {"backup_selection": {"name": "all", "older": ["all-1"]}}},
        "nothing": {},
        "moved": {"backup_selection": w.written("backup_selection", name="all", older=["all-1"], virtual_machines=[])},
        "retired": {"backup_selection_info": {"backup_selections": []}},
        "others": {},
        "own_vaults": {},
        "misfit": {"backup_copy_info": {"copies": [{**w.COPIES, "findings": [MISFIT]}]}},
        "refused": {"backup_plan": {"failed": True, "msg": "allow_less_protection: the rule daily would keep less."}},
        "unmeant": {},
        "absent": {},
        "absent_untold": {"backup_recovery_point_info": {"failed": True, "msg": "Denied."}},
        "now": {},
        "now_alone": {},
        "now_unknown": {},
        "canary": {},
        "vsphere": {},
    },
    "restore_drill": {
        "present": DRILL,
        "shared": DRILL,
        "absent": DRILL,
        "vmware": DRILL,
        "on_demand": DRILL,
        "failed": DRILL_FAILED,
        "unverified": DRILL,
    },
    "verification": {
        "present": {},
        "shared": {},
        "absent": {},
        "vsphere": {},
        "out_of_reach": {"vsphere_virtual_machine_info": w.OUT_OF_REACH},
        "denied": {"backup_verification_info": {"failed": True, "msg": "You may not."}},
    },
}
VARIABLES = {
    ("registration", "canary_later"): {"vmc_backup_protection": [{"name": "all", "presets": ["daily"]}]},
    ("protection", "nothing"): {"vmc_backup_protection": []},
    ("protection", "misfit"): {"vmc_backup_copy_aws_region": "eu-central-1"},
    ("registration", "ask"): {"registration_state": "absent", "registration_ask": True},
    ("protection", "settled"): {"protection_allow_less": ["web"], "vmc_backup_protection": [*TWO]},
    ("protection", "moved"): {"protection_allow_less": ["web"], "vmc_backup_protection": [*TWO]},
    ("protection", "unmeant"): {"vmc_backup_protection": [{"name": "all", "rules": [{"name": "x"}]}]},
    ("protection", "others"): {"protection_allow_less": ["old"]},
    ("protection", "now_unknown"): {
        "protection_backup_now": True,
        "vmc_backup_now_vault": "vault-4",
        "vmc_backup_now_machines": ["nobody"],
        "vmc_backup_now_delete_after_days": 3,
    },
    ("protection", "now_alone"): {
        "protection_backup_now": True,
        "vmc_backup_now_vault": "vault-4",
        "vmc_backup_now_machines": ["web"],
        "vmc_backup_now_keep_forever": True,
        "vmc_backup_now_wait": False,
    },
    ("protection", "canary"): {
        "registration_result": {"changed": True, "hypervisor": {"name": w.NAME}, "virtual_machines": [w.WEB]},
        "__registration": {
            "name": w.NAME,
            "given": {
                "registration_canary_vm": "web",
                "registration_canary_delete_after_days": 1,
                "registration_canary_timeout": 9,
                "prerequisites_job_role": "AWSBackup-jobs-2",
            },
        },
        "__registration_imported": {"hypervisor": {"name": w.NAME}},
        "__registration_online": {},
        "__registration_plan": {"entries": []},
    },
    ("restore_drill", "present"): {"restore_drill_dir": "drills/present", "restore_drill_to": "ebs"},
    ("restore_drill", "absent"): {"restore_drill_dir": "drills/absent"},
    ("restore_drill", "shared"): {"restore_drill_dir": "drills/shared"},
    ("restore_drill", "vmware"): {"restore_drill_dir": "drills/vmware"},
    ("restore_drill", "failed"): {"restore_drill_dir": "drills/failed"},
    ("restore_drill", "on_demand"): {"restore_drill_dir": "drills/on_demand", "restore_drill_to": "ebs"},
    ("restore_drill", "unverified"): {
        "restore_drill_dir": "drills/unverified",
        "restore_drill_behaviour_verified": False,
    },
    **{(role, "was"): {"vmc_backup_sddc_id": w.SDDC_ID} for role in ("prerequisites", "endpoint", "registration")},
    ("endpoint", "absent_used"): {"endpoint_state": "absent", "vmc_backup_teardown_scope": "account"},
    ("endpoint", "absent_sddc"): {"endpoint_state": "absent", "endpoint_gateways_gone": [w.arn(1), w.arn(2)]},
    ("endpoint", "absent_alone"): {"endpoint_state": "absent"},
    ("endpoint", "absent_untold"): {
        "endpoint_state": "absent",
        "vmc_backup_teardown_scope": "account",
        "vmc_backup_endpoint_aws_profile": "endpoints",
    },
    ("endpoint", "gone"): {"endpoint_state": "absent", "endpoint_gateways_gone": [w.arn(1), w.arn(2)]},
    ("endpoint", "not_gone"): {"vmc_backup_site_was": w.GONE_ID},
    ("endpoint", "vsphere"): ON_PREMISES,
    ("prerequisites", "vsphere"): {**ON_PREMISES, "vmc_backup_ova": "/images/a.ova"},
    ("registration", "vsphere"): ON_PREMISES,
    ("prerequisites", "skip"): {"prerequisites_dns_zones": "skip", "prerequisites_vcenter_resolution": "skip"},
    ("appliance", "out_of_reach"): {"prerequisites_result": {"changed": True, "vcenter_in_reach": False}},
    ("registration", "out_of_reach"): {
        "prerequisites_result": {"changed": True, "vcenter_in_reach": False},
        "appliance_result": {"changed": True, "appliances": [{"entry": w.E1}, {"entry": w.E2}, {"entry": w.E3}]},
    },
    ("firewall", "seen"): {
        "__prerequisites_readiness": {"nsx_groups": [{"id": "blue-appliances", "ip_addresses": []}]}
    },
    ("appliance", "together"): {"vmc_backup_platform": "vsphere"},
    ("appliance", "unplanned"): {"__appliance_commands": {"state": "absent", "gateway_arn": ""}},
    ("registration", "retire_in_vain"): {"registration_retire": "gateway-1"},
    ("registration", "retire_last"): {"registration_retire": w.E3},
    ("registration", "retire_disks"): {"registration_retire": "gateway-1"},
    ("registration", "unnamed"): {"registration_state": "absent"},
    ("registration", "absent_disks"): {"registration_state": "absent"},
    ("registration", "rotate_nothing"): {"registration_new_password": "the new one"},
    ("registration", "by_nat"): {"registration_activation_by": "nat", "registration_nat_source_address": "203.0.113.9"},
    ("registration", "by_nat_no_key"): {
        "registration_activation_by": "nat",
        "registration_nat_source_address": "203.0.113.9",
    },
    ("registration", "by_nat_private"): {"registration_activation_by": "nat"},
    ("registration", "networks"): {"vmc_backup_control_addresses": ["10.1.1.0/24"]},
}
SITES = {"shared": w.SDDC_ID, "was": w.SDDC_ID, "vsphere": w.OF_VCENTER}


def rows(role: str) -> dict[str, list[dict]]:
    """Option -> its rows, of the options that the role has."""
    asked = {**TABLE["common"], **TABLE[role]}
    known = set(options(role))
    return {name: row if isinstance(row, list) else [row] for name, row in asked.items() if name in known}


def options(role: str) -> list[str]:
    """Every option of a role, and every option of these, which are below them with a dot."""
    return [
        f"{name}{below}"
        for name, spec in SPECS[role].items()
        for below in ("", *(f".{inner}" for inner in spec.get("options", {})))
    ]


def is_set(row: dict, run: str) -> bool:
    return run in row["in"] if "in" in row else run not in row.get("not_in", ())


def variables(role: str, run: str) -> dict:
    given = {name: row["value"] for name, (row, *_more) in rows(role).items() if "value" in row and is_set(row, run)}
    return {**given, "vmc_backup_appliances": w.PLAN, **VARIABLES.get((role, run), {})}


def scenarios(role: str) -> dict[str, Scenario]:
    return {
        run: Scenario(role, variables(role, run), w.of_the_site(w.world(**answers), SITES.get(run, w.SITE)))
        for run, answers in RUNS[role].items()
    }
