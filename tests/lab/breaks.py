# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The world changed behind the play's back. Each function is a verb; its arguments are texts as they come from outside."""

from __future__ import annotations

import datetime
import inspect
import json
import sys
import uuid

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.utilities.utils import get_partition
from pyVmomi import vim

from . import documents
from .aws import network, sts, zones
from .aws.state import Gateway, Place
from .certificates import Certificate
from .nsx import seeds
from .nsx.kinds import DISTRIBUTED_RULE, GROUP, NAT_RULE, RULE, SECURITY_POLICY
from .world import ACCOUNT, SHADOW_ACCOUNT

INTRUDER = "somebody.else@example.org"
OWNER_TAG = ("managed-by", "vmc-aws-backup")
SITE = "vmc-aws-backup-site"
OF_A_SITE = (
    SITE,
    "vmc-aws-backup:entry",
    "vmc-aws-backup-user:",
)  # how the keys of AWS tags begin that version 0.1.0 did not set
MARKS_OF_A_SITE = ("vmc-aws-backup.site", "vmc-aws-backup.entry")  # of appliances


class Nonsense(Exception):
    """There is nothing to break by that name."""


def verbs() -> dict:
    """Every verb by its name."""
    found = inspect.getmembers(sys.modules[__name__], inspect.isfunction)
    return {
        name: function
        for name, function in found
        if function.__module__ == __name__ and not name.startswith("_") and name not in ("verbs", "apply")
    }


def apply(world, what: str, arguments: dict):
    """Do it, and say what was done."""
    verb = verbs().get(what)
    if verb is None:
        raise Nonsense(f"There is no verb {what}. There are: {', '.join(sorted(verbs()))}.")
    try:
        bound = inspect.signature(verb).bind(world, **arguments)
    except TypeError as error:
        raise Nonsense(f"{what}: {error}. It takes {inspect.signature(verb)}.") from None
    return verb(*bound.args, **bound.kwargs)


# Firewall


def drop_rule(world, rule, domain="mgw", sddc=""):
    """Remove a gateway firewall rule."""
    path = _rule(domain, rule)
    nsx = _sddc(world, sddc).nsx
    _known(nsx.objects, path)
    nsx.store.objects.pop(path)
    return f"{path} is gone"


def widen_rule(world, rule, domain="mgw", sddc=""):
    """Let everybody through a rule."""
    return _edit(world, sddc, _rule(domain, rule), source_groups=["ANY"])


def disable_rule(world, rule, domain="mgw", sddc=""):
    """Switch a rule off."""
    return _edit(world, sddc, _rule(domain, rule), disabled=True)


def exclude_sources(world, rule, domain="mgw", sddc=""):
    """Let in everybody but those that a rule names."""
    return _edit(world, sddc, _rule(domain, rule), sources_excluded=True)


def narrow_protocol(world, rule, direction="IN", ip_protocol="IPV6", domain="mgw", sddc=""):
    """Let a rule match in one direction and one IP version only."""
    return _edit(world, sddc, _rule(domain, rule), direction=direction, ip_protocol=ip_protocol)


def nest_group(world, group, inner, addresses, domain="mgw", sddc=""):
    """Make another group, of addresses separated by commas, and put it into a group beside what that has."""
    nsx, folder = _sddc(world, sddc).nsx, f"/infra/domains/{domain}/groups"
    members = [{"resource_type": "IPAddressExpression", "ip_addresses": addresses.split(",")}]
    nsx.make(GROUP, f"{folder}/{inner}", {"expression": members})
    joint = {"resource_type": "ConjunctionOperator", "conjunction_operator": "OR"}
    nested = {"resource_type": "PathExpression", "paths": [f"{folder}/{inner}"]}
    had = _known(nsx.objects, f"{folder}/{group}")["expression"]
    return _edit(world, sddc, f"{folder}/{group}", expression=[*had, *([joint] if had else []), nested])


def change_group(world, group, addresses, domain="mgw", sddc=""):
    """Put other addresses, separated by commas, into a group."""
    members = {"resource_type": "IPAddressExpression", "ip_addresses": addresses.split(",")}
    return _edit(world, sddc, f"/infra/domains/{domain}/groups/{group}", expression=[members])


def change_services(world, rule, services, domain="mgw", sddc=""):
    """Put other services, separated by commas, into a rule."""
    paths = [f"/infra/services/{name}" for name in services.split(",")]
    return _edit(world, sddc, _rule(domain, rule), services=paths)


def isolate(world, address, to="ANY", sddc=""):
    """The distributed firewall drops what a workload sends."""
    nsx, section = _sddc(world, sddc).nsx, "/infra/domains/cgw/security-policies/quarantine"
    nsx.make(SECURITY_POLICY, section, {"category": "Emergency"})
    rule = {"action": "DROP", "source_groups": [address], "destination_groups": [to]}
    nsx.make(DISTRIBUTED_RULE, f"{section}/rules/quarantine", rule)
    return f"{address} is isolated from {to}"


def release(world, sddc=""):
    """No workload is isolated any more."""
    objects = _sddc(world, sddc).nsx.objects
    gone = [path for path in objects if path.startswith("/infra/domains/cgw/security-policies/quarantine")]
    for path in gone:
        del objects[path]
    return "nobody is isolated" if gone else "nobody was isolated"


def disconnect_segment(world, segment="backup", sddc=""):
    """A segment is no longer connected to its gateway."""
    path = f"/infra/tier-1s/cgw/segments/{segment}"
    return _edit(world, sddc, path, advanced_config={"connectivity": "OFF"})


def change_dhcp_range(world, ranges="", segment="backup", sddc=""):
    """A segment's DHCP gives out other ranges, separated by commas, or none."""
    path = f"/infra/tier-1s/cgw/segments/{segment}"
    subnets = _known(_sddc(world, sddc).nsx.objects, path)["subnets"]
    return _edit(
        world,
        sddc,
        path,
        subnets=[{**subnet, "dhcp_ranges": [each for each in ranges.split(",") if each]} for subnet in subnets],
    )


def switch_off_forwarder(world, sddc=""):
    """The compute gateway's DNS forwarder is off."""
    return _edit(world, sddc, "/infra/tier-1s/cgw/dns-forwarder", enabled=False)


def break_dns(world, server="8.8.8.8", how="drops private answers", sddc=""):
    """A DNS server drops private answers, cannot recurse, or, if something else is said, does not answer at all."""
    _sddc(world, sddc).nsx.resolvers[server] = how
    return f"{server} {how}"


def mend_dns(world, server="8.8.8.8", sddc=""):
    """A DNS server answers again."""
    _sddc(world, sddc).nsx.resolvers.pop(server, None)
    return f"{server} answers"


def relay_dhcp(world, segment="backup", relay="office", sddc=""):
    """A segment hands DHCP on to servers elsewhere."""
    path = f"/infra/tier-1s/cgw/segments/{segment}"
    return _edit(world, sddc, path, dhcp_config_path=f"/infra/dhcp-relay-configs/{relay}")


def change_dns_servers(world, servers="8.8.8.8,8.8.4.4", zone="cgw-dns-zone", sddc=""):
    """Let a DNS zone ask other servers, separated by commas."""
    return _edit(world, sddc, f"/infra/dns-forwarder-zones/{zone}", upstream_servers=servers.split(","))


# Endpoint and VPC


def remove_group_port(world, port="1031", group="", sddc=""):
    """Take a port out of the endpoint's security group."""
    found = _security_group(world, group, sddc)
    kept = [rule for rule in found.ingress_rules if str(rule.from_port) != str(port)]
    if len(kept) == len(found.ingress_rules):
        raise Nonsense(f"{found.name} does not let in port {port}")
    found.ingress_rules[:] = kept
    return f"{found.id} no longer lets in {port}"


def hide_appliances(world, sddc=""):
    """No way leads from the control node to the segments: only the internet, a public address and NAT do."""
    found = _sddc(world, sddc)
    found.hides_appliances = True
    return f"the appliances of {found.name} are reached from the internet only"


def use_public_ip(world, public_ip, inside="127.0.0.9", sddc=""):
    """Somebody has a public address allotted by that name, and leads it to a machine of theirs."""
    nsx = _sddc(world, sddc).nsx
    known = {"id": public_ip, "ip": nsx.cloud_service.free_address(), "display_name": public_ip}
    nsx.cloud_service.public_ips[public_ip] = known
    nsx.when_allotted()
    path = "/infra/tier-1s/cgw/nat/USER/nat-rules/somebody-elses"
    body = {"id": "somebody-elses", "action": "DNAT", "destination_network": known["ip"], "translated_network": inside}
    service = {"service": "/infra/services/HTTPS", "scope": ["/infra/labels/cgw-public"], "sequence_number": 50}
    nsx.make(NAT_RULE, path, {**body, **service})
    return f"{known['ip']} leads to {inside}"


def learn_route(world, network="0.0.0.0/0", by="DIRECT_CONNECT", sddc=""):
    """The customer's network teaches the SDDC a way, by default that to everywhere."""
    found = _sddc(world, sddc)
    found.learned_routes.append((network, by))
    return f"{found.name} learned {network} by {by}"


def open_group(world, source="0.0.0.0/0", port="443", group="", sddc=""):
    """Let a network in by the endpoint's security group."""
    found = _security_group(world, group, sddc)
    backend, _connected = _backend(world, sddc)
    key = "CidrIpv6" if ":" in source else "CidrIp"
    backend.authorize_security_group_ingress(found.id, "tcp", port, port, [{key: source}])
    return f"{found.id} lets in {source}"


def open_egress(world, target="198.51.100.0/24", group="", sddc=""):
    """Let the endpoint's security group out to a network."""
    found = _security_group(world, group, sddc)
    backend, _connected = _backend(world, sddc)
    backend.authorize_security_group_egress(found.id, "tcp", "443", "443", [{"CidrIp": target}])
    return f"{found.id} lets out to {target}"


def change_endpoint(world, private_dns="", policy="", sddc=""):
    """The endpoint answers for every caller in its VPC, or has another policy, as JSON."""
    _backend_of_it, _connected, endpoint = _endpoint(world, sddc)
    endpoint.private_dns_enabled = endpoint.private_dns_enabled or bool(private_dns)
    endpoint.policy_document = policy or endpoint.policy_document
    return f"{endpoint.id} has private DNS {endpoint.private_dns_enabled}, {endpoint.policy_document}"


def forget_descriptions(world, sddc=""):
    """Nothing of the collection says what it is for, as version 0.1.0 left it."""
    found = _sddc(world, sddc)
    ours = {"scope": "managed-by", "tag": "vmc-aws-backup"}
    for body in found.nsx.objects.values():
        if ours in (body.get("tags") or ()):
            body.pop("description", None)
    for rule in _security_group(world, "", sddc).ingress_rules:
        rule.ip_range.pop("Description", None)
    return f"what {found.name} has says nothing of itself"


# Roles and keys


def put_policy(world, role="AWSBackup-vmc-jobs", name="somebody-elses", action="*"):
    """Somebody puts an inline policy on a role."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    _iam(world).put_role_policy(role, name, json.dumps(document))
    return f"{role} has {name}, which allows {action}"


def attach_policy(world, role="AWSBackup-vmc-jobs", policy="AWSBackupFullAccess"):
    """Somebody attaches a managed policy of AWS to a role."""
    backend = _iam(world)
    backend.attach_role_policy(f"arn:{backend.partition}:iam::aws:policy/{policy}", role)
    return f"{role} has {policy}"


def trust_everybody(world, role="AWSBackup-vmc-jobs"):
    """Whoever wants can take on a role."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    _iam(world).update_assume_role_policy(role, document)
    return f"{role} trusts everybody"


def bound_role(world, role="AWSBackup-vmc-jobs", policy="ReadOnlyAccess"):
    """A role gets a permissions boundary."""
    backend = _iam(world)
    backend.put_role_permissions_boundary(role, f"arn:{backend.partition}:iam::aws:policy/{policy}")
    return f"{role} is bounded by {policy}"


def disable_key(world, alias="alias/vmc-aws-backup", sddc=""):
    """A key can no longer be used."""
    backend, key = _key(world, alias, sddc)
    backend.disable_key(key)
    return f"{key} is disabled"


def stop_rotation(world, alias="alias/vmc-aws-backup", sddc=""):
    """A key no longer rotates."""
    backend, key = _key(world, alias, sddc)
    backend.keys[key].key_rotation_status = False
    return f"{key} does not rotate"


def doom_key(world, alias="alias/vmc-aws-backup", days="7", sddc=""):
    """A key is going to be deleted."""
    backend, key = _key(world, alias, sddc)
    backend.schedule_key_deletion(key, int(days))
    return f"{key} goes in {days} days"


def point_alias(world, key, alias="alias/vmc-aws-backup", sddc=""):
    """An alias leads to another key."""
    backend, _former = _key(world, alias, sddc)
    backend.delete_alias(alias)
    backend.create_alias(key, alias)
    return f"{alias} leads to {key}"


def fail_over_eni(world, sddc=""):
    """The SDDC moves to its other network interface; VMware corrects the main route table only."""
    found = _sddc(world, sddc)
    connected = found.connected_vpc
    backend = ec2_backends[connected["account_id"]][found.region]
    other = next(
        one for one in connected["network_interface_addresses"] if one != connected["active_network_interface_id"]
    )
    eni = backend.get_network_interface(other)
    for route in network.main_table(backend, connected["vpc_id"]).routes:
        if route.destination_cidr_block in connected["routes"]:
            route.interface = eni
    connected.update(active_network_interface_id=eni.id, active_network_interface_address=eni.private_ip_address)
    return f"{eni.id} is active"


def break_link(world, state="BROKEN", sddc=""):
    """The link of the SDDC to the connected VPC is broken."""
    found = _sddc(world, sddc)
    found.connected_vpc["state"] = state
    return f"the link to {found.connected_vpc['vpc_id']} is {state}"


def attach_vpc(world, cidr="172.28.0.0/16", sddc=""):
    """Another VPC is attached to a group of the SDDC, with routes on both sides."""
    backend, connected = _backend(world, sddc)
    vpc, transit = backend.create_vpc(cidr), backend.create_transit_gateway("SDDC group")
    network.admit_itself(backend, vpc)
    backend.create_subnet(vpc.id, cidr, availability_zone=connected["availability_zone"])
    for each in connected["routes"]:
        backend.create_route(network.main_table(backend, vpc.id).id, each, transit_gateway_id=transit.id)
    group = {"tgw_id": transit.id, "tgw_attachment_id": f"tgw-attach-{vpc.id[4:]}", "state": "CONNECTED"}
    connected.setdefault("groups", []).append(group)
    return f"{vpc.id} is attached by {transit.id}"


def leave_groups(world, sddc=""):
    """The SDDC leaves its groups."""
    _sddc(world, sddc).connected_vpc.pop("groups", None)
    return "the SDDC is in no group"


def go_on_premises(world, mac, address, sddc=""):
    """The vCenter is one on premises: Direct Connect leads to AWS, no gateway of VMware Cloud is in between, and the site's DHCP keeps an address."""
    found = _sddc(world, sddc)
    found.on_premises = True
    found.reservations[mac] = address
    return f"{found.name} is on premises, {mac} gets {address}"


def begin_maintenance(world, sddc=""):
    """VMware maintains an SDDC from now on, be it in its regular window or not."""
    found = _sddc(world, sddc)
    world.vmc.maintained.add(found.id)
    return f"maintenance of {found.name} runs"


def end_maintenance(world, sddc=""):
    """VMware is done with an SDDC, and its regular window is over."""
    found = _sddc(world, sddc)
    world.vmc.maintained.discard(found.id)
    world.vmc.in_window.discard(found.id)
    return f"maintenance of {found.name} has ended"


def begin_older(world, sddc=""):
    """The SDDC is one of those whose management gateway began with rules for what vCenter and ESXi send out."""
    found = _sddc(world, sddc)
    seeds.outbound(found.nsx)
    return f"vCenter and ESXi of {found.name} are let out"


def open_window(world, sddc=""):
    """The regular window of an SDDC begins, in which nothing need happen."""
    found = _sddc(world, sddc)
    world.vmc.in_window.add(found.id)
    return f"{found.name} is inside its regular window"


def own_route_table(world, sddc=""):
    """The endpoint's subnets get a route table of their own, with the routes that the main one has today."""
    backend, connected, endpoint = _endpoint(world, sddc)
    table = backend.create_route_table(connected["vpc_id"])
    for cidr in connected["routes"]:
        backend.create_route(table.id, cidr, interface_id=connected["active_network_interface_id"])
    for subnet_id in endpoint.interfaces:
        backend.associate_route_table(table.id, subnet_id=subnet_id)
    return f"{', '.join(endpoint.interfaces)} uses {table.id}"


def close_default_group(world, sddc=""):
    """The default security group of the connected VPC lets nothing out."""
    backend, connected = _backend(world, sddc)
    backend.get_security_group_from_id(connected["security_group_id"]).egress_rules.clear()
    return f"{connected['security_group_id']} lets nothing out"


def deny_in_acl(world, ports="1031", direction="in", sddc=""):
    """The network ACL of the endpoint's subnets denies a port, or a range, in one direction."""
    backend, _connected, endpoint = _endpoint(world, sddc)
    low, _dash, high = ports.partition("-")
    acls = [
        acl
        for acl in backend.network_acls.values()
        if {each.subnet_id for each in acl.associations} & set(endpoint.interfaces)
    ]
    for acl in acls:
        backend.create_network_acl_entry(
            network_acl_id=acl.id,
            rule_number=50,
            protocol="6",
            rule_action="deny",
            egress=direction == "out",
            cidr_block="127.0.0.0/8",
            icmp_code=None,
            icmp_type=None,
            port_range_from=int(low),
            port_range_to=int(high or low),
            ipv6_cidr_block=None,
        )
    return f"{', '.join(acl.id for acl in acls)} denies {ports} {direction}"


def change_primary_cidr(world, cidr="100.64.0.0/16", sddc=""):
    """The connected VPC has another primary CIDR block, and its subnets lie in a secondary one."""
    backend, connected = _backend(world, sddc)
    backend.get_vpc(connected["vpc_id"]).cidr_block = cidr
    return f"the primary CIDR block of {connected['vpc_id']} is {cidr}"


def spread_endpoint(world, sddc=""):
    """The endpoint has a network interface in every zone."""
    backend, connected, endpoint = _endpoint(world, sddc)
    endpoint.add_interfaces([each for each in connected["subnet_ids"] if each not in endpoint.interfaces])
    return f"{endpoint.id} is in {', '.join(endpoint.interfaces)}"


def delete_endpoint(world, sddc=""):
    """Delete the endpoints for Backup gateway in the connected VPC."""
    found = _sddc(world, sddc)
    backend = ec2_backends[found.connected_vpc["account_id"]][found.region]
    gone = [one for one in backend.vpc_end_points.values() if one.service_name.endswith(".backup-gateway")]
    for endpoint in gone:
        endpoint.enter("deleting")
    return f"{', '.join(one.id for one in gone)} will be deleted"


def disable_opt_in(world, sddc=""):
    """Switch AWS Backup's support for virtual machines off."""
    found = _sddc(world, sddc)
    world.aws.backup.opt_in(ACCOUNT, found.region, enabled=False)
    return f"virtual machines are opted out in {found.region}"


def change_tag(world, name, key, value, kind="gateway"):
    """Give a gateway or hypervisor another value for a tag; none removes it."""
    found = _registered(world, kind, name)
    found.tags.pop(key, None)
    if value:
        found.tags[key] = value
    return f"{found.arn} has {key}={value}"


def rename_gateway(world, name, to):
    """Give a gateway another name, as a user of the console does."""
    found = _registered(world, "gateway", name)
    found.name = to
    return f"{found.arn} is called {to}"


def offer_update(world, name, hours="-1"):
    """AWS has newer software for a gateway, from so many hours on."""
    found = _registered(world, "gateway", name)
    found.update_at = world.utc().replace(microsecond=0) + datetime.timedelta(hours=float(hours))
    return f"{found.arn} can be updated from {found.update_at}"


def deprecate_gateway(world, name, days="-1"):
    """AWS looks after the software of a gateway for so many days still."""
    found = _registered(world, "gateway", name)
    found.deprecated_at = world.utc().replace(microsecond=0) + datetime.timedelta(days=float(days))
    return f"{found.arn} is deprecated from {found.deprecated_at}"


def silence_gateway(world, name, seconds="1000"):
    """AWS heard of a gateway that long before it did."""
    found = _registered(world, "gateway", name)
    found.last_seen -= datetime.timedelta(seconds=float(seconds))
    return f"{found.arn} was last heard of at {found.last_seen}"


def plant_gateway(world, name="theirs", account="", site="", sddc=""):
    """A gateway that somebody else has activated through the endpoint, in this account or another one; with a site it carries the marks of one."""
    found = _sddc(world, sddc)
    _unused, _unused, endpoint = _endpoint(world, sddc)
    account = {"": ACCOUNT, "other": sts.BACKUP_ACCOUNT}.get(account, account)
    place = world.aws.backup_gateway.places.setdefault((account, found.region), Place(account, found.region))
    identifier = zones.digest("planted", account, name, length=8).upper()
    arn = f"arn:{get_partition(found.region)}:backup-gateway:{found.region}:{account}:gateway/bgw-{identifier}"
    tags = dict([OWNER_TAG, (SITE, site)]) if site else {}
    gateway = Gateway(arn, name, "", str(uuid.uuid4()), endpoint.dns_names[0], tags, world.utc().replace(microsecond=0))
    place.gateways[arn] = gateway
    return f"{arn} uses {endpoint.id}"


def tag_endpoint(world, key="Name", value="", sddc=""):
    """Give the endpoint another value for a tag; none removes it."""
    backend, _connected, endpoint = _endpoint(world, sddc)
    backend.delete_tags([endpoint.id], {key: None})
    if value:
        backend.create_tags([endpoint.id], {key: value})
    return f"{endpoint.id} has {key}={value}"


def attach_group(world, name="theirs", site="", sddc=""):
    """Another one's security group hangs on the endpoint; with a site it carries the marks of one."""
    backend, connected, endpoint = _endpoint(world, sddc)
    group = backend.create_security_group(name, "appliances of others", connected["vpc_id"])
    backend.create_tags([group.id], dict([OWNER_TAG, (SITE, site)]) if site else {"Name": name})
    endpoint.set_groups([*endpoint.security_group_ids, group.id])
    return f"{group.id} is on {endpoint.id}"


def running_job(world, machine="workload-01", kind="backup", sddc="", to="VMware", hypervisor=""):
    """A backup or a restore of a machine that does not end by itself; a restore goes to a place, or to another hypervisor."""
    places = world.aws.backup_gateway.places.values()
    listed = [(place.hypervisors.get(one.hypervisor_arn), one) for place in places for one in place.machines.values()]
    found = next((one for of, one in listed if one.name == machine and (not sddc or of and of.name == sddc)), None)
    if found is None:
        raise Nonsense(f"AWS Backup lists no machine {machine}.")
    backup = world.aws.backup
    if kind == "restore":
        job = backup.start_restore(found.arn, to, (hypervisor or found.hypervisor_arn) if to == "VMware" else "")
    else:
        job = backup.start_job(found.arn, found.name)
    return f"{kind} {job} of {machine} runs"


def end_restores(world, state="COMPLETED", message=""):
    """Every restore that runs comes to its end, and nothing is made."""
    world.aws.backup.end_restores(state, message)
    return f"restores are {state}"


def fail_restores(world, state="FAILED", message="Failed to restore the virtual machine"):
    """Restores end like this instead of making anything, until nothing is given for it."""
    world.aws.backup.failing = (state, message) if state else None
    return f"restores end as {state or 'they should'}"


def stick_restores(world, stuck=True):
    """No restore comes to an end by itself."""
    world.aws.backup.stuck = str(stuck).lower() == "true"
    return "restores are stuck" if world.aws.backup.stuck else "restores go on"


def allow_images(world, state="enabled", providers="amazon", sddc=""):
    """EC2's Allowed AMIs: instances are made of images of these providers only."""
    region = _sddc(world, sddc).region
    criteria = [{"ImageProviders": providers.split()}] if providers else []
    world.aws.ec2.allowed_images[ACCOUNT, region] = {"State": state, "ImageCriteria": criteria}
    return f"Allowed AMIs is {state}"


def end_jobs(world):
    """Every job comes to its end."""
    world.aws.backup.end_jobs()
    return "no job runs"


def hold_points(world, title="audit", account="", sddc=""):
    """A legal hold keeps every recovery point of the account in the SDDC's Region."""
    key = ({"": ACCOUNT, "other": sts.BACKUP_ACCOUNT}.get(account, account), _sddc(world, sddc).region)
    identifier = str(uuid.uuid4())
    hold = {
        "Title": title,
        "Status": "ACTIVE",
        "Description": title,
        "LegalHoldId": identifier,
        "LegalHoldArn": f"arn:{get_partition(key[1])}:backup:{key[1]}:{key[0]}:legal-hold:{identifier}",
        "CreationDate": world.utc(),
    }
    world.aws.backup.places_of(key).holds.append(hold)
    return f"{hold['LegalHoldArn']} holds all"


def freeze_plan(world, plan):
    """Nothing runs a backup plan any more, and nothing says so."""
    found = _plan(world, plan)
    found.frozen = True
    return f"{plan} does not run"


def plan_of_organisation(world, plan):
    """A plan becomes one that a policy of AWS Organizations has made: it is seen in the account, and cannot be changed there."""
    found = _plan(world, plan)
    for place in world.aws.backup.places.values():
        if place.plans.get(found.id) is found:
            del place.plans[found.id]
            found.id = f"orgs/{found.id}"
            found.arn = f"{found.arn.rpartition(':')[0]}:{found.id}"
            place.plans[found.id] = found
            break
    return f"{plan} is {found.id}"


def empty_vault(world, vault):
    """Every recovery point of a vault is gone."""
    vaults = [place.vaults[vault] for place in world.aws.backup.places.values() if vault in place.vaults]
    if not vaults:
        raise Nonsense(f"There is no vault {vault}.")
    for each in vaults:
        each.points.clear()
    return f"{vault} is empty"


def lose_tracking(world, machine="workload-01", sddc=""):
    """A machine has no changed block tracking any more."""
    vcenter, found = _machine(world, machine, sddc)
    vcenter.untracked.add(found.instance_uuid)
    vcenter.hand.reconfigure(found.moid, extraConfig=[vim.option.OptionValue(key="ctkEnabled", value="FALSE")])
    return f"{machine} is not tracked"


def lose_quiescing(world, machine="workload-01", sddc=""):
    """VMware Tools of a machine do not quiesce it any more."""
    vcenter, found = _machine(world, machine, sddc)
    vcenter.unquiesced.add(found.instance_uuid)
    vcenter.hand.tell_tools(found.moid, running=False)
    return f"{machine} is not quiesced"


def make_unfit(world, machine="workload-01", by="independent", sddc=""):
    """A machine gets what AWS Backup does not take: an independent disk, or an NVMe controller (nvme). The simulator knows no raw device mapping."""
    vcenter, found = _machine(world, machine, sddc)
    ways = {"independent": vcenter.hand.make_independent, "nvme": vcenter.hand.add_nvme}
    if by not in ways:
        raise Nonsense(f"There is no way {by}. There are: {', '.join(sorted(ways))}.")
    ways[by](found.moid)
    vcenter.settle()
    _vcenter, found = _machine(world, machine, sddc)
    return f"{machine} has {', '.join(found.unfit)}"


def strip_account(world, sddc=""):
    """vCenter's account may log in, but no longer sees a machine."""
    _sddc(world, sddc).vcenter.blind = True
    return "the account sees no machine"


# Machines


def power_off_appliance(world, name="", sddc=""):
    """Power an appliance off."""
    return _power(world, name, sddc, on=False)


def power_on_appliance(world, name="", sddc=""):
    """Power an appliance on."""
    return _power(world, name, sddc, on=True)


def delete_appliance(world, name="", folder="", sddc=""):
    """Destroy an appliance; of those of one name that in a folder."""
    vcenter, appliance = _appliance(world, name, sddc, folder)
    if appliance.powered_on:
        vcenter.hand.power(appliance.moid, False)
    vcenter.hand.destroy(appliance.moid)
    vcenter.settle()
    return f"{appliance.name} is gone"


def change_mac(world, name="", mac="00:50:56:3f:ff:ff", sddc=""):
    """Give an appliance's first network card another address."""
    vcenter, appliance = _appliance(world, name, sddc)
    devices = vcenter.hand.machine(appliance.moid).config.hardware.device
    card = next(device for device in devices if isinstance(device, vim.vm.device.VirtualEthernetCard))
    card.macAddress = mac
    change = vim.vm.device.VirtualDeviceSpec(operation="edit", device=card)
    vcenter.hand.reconfigure(appliance.moid, deviceChange=[change])
    vcenter.settle()
    return f"{appliance.name} has {mac}"


def unsync_clock(world, name="", sddc=""):
    """An appliance no longer follows the clock of its host."""
    vcenter, appliance = _appliance(world, name, sddc)
    vcenter.hand.reconfigure(appliance.moid, tools=vim.vm.ToolsConfigInfo(syncTimeWithHostAllowed=False))
    vcenter.settle()
    return f"{appliance.name} keeps its own time"


def rebuild_appliance(world, name="", sddc=""):
    """Another machine with the appliance's name: what a restore or a rebuild leaves."""
    vcenter, appliance = _appliance(world, name, sddc)
    vcenter.hand.reconfigure(appliance.moid, instanceUuid=str(uuid.uuid4()))
    vcenter.settle()
    return f"{appliance.name} is another machine"


def wake_guests(world, wake=True, sddc=""):
    """VMware Tools report from machines that were restored, once they run."""
    _sddc(world, sddc).vcenter.guests_wake = str(wake).lower() == "true"
    return "guests of restored machines report" if wake else "guests of restored machines are silent"


def add_machine(world, name="workload-new", folder="Workloads", sddc=""):
    """A user makes a machine."""
    vcenter = _sddc(world, sddc).vcenter
    copied = vcenter.hand.copy(next(row.moid for row in vcenter.workloads()), name, folder)
    vcenter.settle()
    return f"{folder} has {name}, {copied}"


def rename_appliance(world, to, name="", sddc=""):
    """Give an appliance another name, as a user of the vSphere Client does."""
    vcenter, appliance = _appliance(world, name, sddc)
    vcenter.hand.rename(appliance.moid, to)
    vcenter.settle()
    return f"{appliance.name} is called {to}"


def clone_appliance(world, name="", to="", folder="Templates", sddc=""):
    """A powered-off copy of an appliance with all its marks, under the same name or another one."""
    vcenter, appliance = _appliance(world, name, sddc)
    vcenter.copy(appliance.moid, to or appliance.name, folder)
    return f"{folder} has a copy of {appliance.name}"


def restore_appliance(world, name="", gateway_arn="", sddc=""):
    """An old copy of an appliance stands in its place, powered off: with its marks, or with that of the gateway it once was."""
    vcenter, appliance = _appliance(world, name, sddc)
    if appliance.powered_on:
        vcenter.hand.power(appliance.moid, False)
    path = vcenter.machines[appliance.moid].path
    copied = vcenter.copy(appliance.moid, appliance.name, "Templates")
    if gateway_arn:
        option = vim.option.OptionValue(key="vmc-aws-backup.gateway", value=gateway_arn)
        vcenter.hand.reconfigure(copied, extraConfig=[option])
    vcenter.hand.destroy(appliance.moid)
    vcenter.hand.move(copied, path.rpartition("/")[2])
    vcenter.settle()
    return f"{appliance.name} was restored"


def turn_drs_off(world, cluster="Cluster-1", sddc=""):
    """A cluster chooses no hosts any more: who deploys has to name one."""
    _sddc(world, sddc).vcenter.vsphere8.without_drs.add(cluster)
    return f"{cluster} has no DRS"


def warn_of_imports(world, of="The image asks for hardware that this version does not know", sddc=""):
    """CreateImportSpec warns of every image."""
    _sddc(world, sddc).vcenter.vsphere8.warnings.append(of)
    return f"CreateImportSpec warns: {of}"


def add_docker_bridge(world, first="172.17.0.1", sddc=""):
    """Guests have a bridge of their own, and call its address, or an IPv6 one, their first."""
    _sddc(world, sddc).vcenter.vsphere8.first_address = first
    return f"guest.ipAddress is {first}"


def hot_add_disk(world, machine="workload-01", name="", sddc=""):
    """A job left a customer's disk on an appliance."""
    vcenter, appliance = _appliance(world, name, sddc)
    _unused, owner = _machine(world, machine, sddc)
    vcenter.hand.attach(appliance.moid, owner.disks[0])
    vcenter.settle()
    return f"{owner.disks[0]} hangs on {appliance.name}"


def detach_disks(world, name="", sddc=""):
    """Take what others have left on an appliance off it again, and keep the files."""
    vcenter, appliance = _appliance(world, name, sddc)
    config = vcenter.hand.machine(appliance.moid).config
    home = config.files.vmPathName.rpartition("/")[0]
    disks = [one for one in config.hardware.device if isinstance(one, vim.vm.device.VirtualDisk)]
    foreign = [disk for disk in disks if disk.backing.fileName.rpartition("/")[0] != home]
    change = [vim.vm.device.VirtualDeviceSpec(operation="remove", device=disk) for disk in foreign]
    vcenter.hand.reconfigure(appliance.moid, deviceChange=change)
    vcenter.settle()
    return f"{len(foreign)} disks are off {appliance.name}"


def fill_datastore(world, percent="69", machine="workload-01", datastore="WorkloadDatastore", sddc=""):
    """A customer's machine grows until this much of the datastore is used."""
    vcenter, row = _machine(world, machine, sddc)
    vcenter.hand.fill(row.moid, datastore, float(percent))
    vcenter.settle()
    return f"{datastore} is {percent} % full"


def tag_machine(world, machine="workload-01", category="backup", name="weekly", sddc=""):
    """Give a machine another VMware tag in place of those it has."""
    vcenter, row = _machine(world, machine, sddc)
    vcenter.tagging.replace(row.moid, category, name)
    return f"{machine} is tagged {category}/{name}"


def move_machine(world, machine="workload-01", folder="Templates", sddc=""):
    """Move a machine to another folder, so that its path is another one."""
    vcenter, row = _machine(world, machine, sddc)
    vcenter.hand.move(row.moid, folder)
    vcenter.settle()
    return f"{machine} is in {folder}"


def rename_machine(world, to, machine="workload-01", sddc=""):
    """Give a machine another name, as a user of the vSphere Client does."""
    vcenter, row = _machine(world, machine, sddc)
    vcenter.hand.rename(row.moid, to)
    vcenter.settle()
    return f"{machine} is called {to}"


def snapshot_machine(world, machine="workload-01", name="AWS-Backup-snapshot", sddc=""):
    """A snapshot that nobody has removed."""
    vcenter, row = _machine(world, machine, sddc)
    vcenter.hand.snapshot(row.moid, name)
    return f"{machine} has the snapshot {name}"


# The SDDC itself


def delete_sddc(world, sddc=""):
    """An SDDC is deleted: its vCenter, NSX, network interfaces and routes are gone, and VMware Cloud says so."""
    found = _sddc(world, sddc)
    if found.gone:
        raise Nonsense(f"{found.name} is gone already.")
    world.vmc.delete(found)
    found.gone = True
    network.disconnect(found)
    found.vcenter.delete()
    return f"{found.name} ({found.id}) is deleted"


def redeploy_sddc(world, sddc=""):
    """In the place of an SDDC there is a new one: same organisation, name, addresses and VPC; its id, vCenter and NSX are others."""
    found = _sddc(world, sddc)
    if not found.gone:
        delete_sddc(world, found.name)
    former = found.id
    world.deploy(found, found.lives + 1)
    network.connect(found, found.connected_vpc["account_id"])
    found.nsx.reset("prepared")
    found.vcenter.reset()
    return f"{found.name} is {found.id} instead of {former}"


def copy_object(world, path, to, site="", sddc=""):
    """A group or gateway rule of NSX was copied, with its tags; with a site it has that site's mark in place of its own."""
    nsx = _sddc(world, sddc).nsx
    body = {key: value for key, value in _known(nsx.objects, path).items() if key not in ("id", "unique_id")}
    if site:
        kept = [tag for tag in body.get("tags", []) if tag["scope"] != SITE]
        body["tags"] = [*kept, {"scope": SITE, "tag": site}]
    copied = f"{path.rpartition('/')[0]}/{to}"
    nsx.make(RULE if "/rules/" in path else GROUP, copied, {**body, "display_name": to})
    return f"{copied} is a copy of {path}"


def as_0_1_0(world):
    """What is there is as version 0.1.0 of the collection made it: it carries the owner's mark and no site's, and rules have no descriptions."""
    stripped = 0
    for place in world.aws.backup_gateway.places.values():
        for one in (*place.gateways.values(), *place.hypervisors.values()):
            stripped += _strip(one.tags)
    for backend in (region for account in list(ec2_backends) for region in ec2_backends[account].values()):
        for identifier in list(backend.tags):
            stripped += _strip(backend.tags[identifier])
        for group in (group for groups in backend.groups.values() for group in groups.values()):
            for rule in group.ingress_rules:
                stripped += rule.ip_range.pop("Description", None) is not None
    for found in world.sddcs.values():
        for body in found.nsx.objects.values():
            kept = [tag for tag in body.get("tags", []) if not tag["scope"].startswith(OF_A_SITE)]
            stripped += len(body.get("tags", [])) - len(kept)
            if "tags" in body:
                body["tags"] = kept
            if {"scope": OWNER_TAG[0], "tag": OWNER_TAG[1]} in kept:
                stripped += body.pop("description", None) is not None
        for appliance in found.vcenter.appliances():
            stripped += _unmark(found.vcenter, appliance.moid)
    return f"{stripped} marks and descriptions are gone"


def add_cluster(world, cluster="Cluster-2", machines="1", zone="first", sddc=""):
    """A further cluster with hosts, a pool and datastores of its own, and customers' machines on it; in the second zone where that is said."""
    found = _sddc(world, sddc)
    config = found.vmc["resource_config"]
    number = len(config["clusters"]) + 1
    names = [f"{cluster.lower()}-workload-{place:02}" for place in range(1, int(machines) + 1)]
    pool, store = (world.switches[name].format(number, number - 1) for name in ("further_pool", "further_datastore"))
    found.vcenter.add_cluster(cluster, pool, (store, f"vsanDatastore ({number - 1})"), names)
    hosts = [documents.host(found, number, config["availability_zones"][zone == "second"])]
    config["clusters"].append(documents.cluster(found, number, cluster, hosts))
    config["esx_hosts"] += hosts
    return f"{cluster} with {pool} and {store} has {', '.join(names) or 'no machine'}"


def name_alike(world, sddc=""):
    """A second pool and portgroup of the names that are used, on a switch of its own, and a folder and a network in Japanese."""
    found = _sddc(world, sddc)
    names = {
        "pool": "さらに",
        "network_folder": "東京",
        "switch": "スイッチ",
        "network": "バックアップ用ネットワーク",
        "folder": "バックアップ",
        "folder_below": "ゲートウェイ",
    }
    pool = found.vcenter.hand.add_namesakes("Cluster-1", "Compute-ResourcePool", "backup", names)
    return f"a second Compute-ResourcePool ({pool}) and a second backup, and {', '.join(names.values())}"


def stretch(world, sddc=""):
    """The SDDC's hosts lie in two availability zones, its witness in a third one, by the names of VMware's account."""
    found = _sddc(world, sddc)
    ids = zones.of(SHADOW_ACCOUNT, found.region)
    second, witness = [name for name in ids if name != found.zone][:2]
    network.stretch(found, ids[second])
    listed = [witness] if world.switches["witness_zone_listed"] else []
    config = found.vmc["resource_config"]
    config.update(
        deployment_type="MULTI_AZ",
        availability_zones=[found.zone, second, *listed],
        witness_availability_zone=witness,
    )
    first = config["clusters"][0]
    hosts = [*first["esx_host_list"], documents.host(found, len(config["esx_hosts"]), second)]
    config["clusters"][0] = documents.cluster(found, 1, first["cluster_name"], hosts)
    config["esx_hosts"].append(hosts[-1])
    return f"{found.name} lies in {found.zone} and {second}, its witness in {witness}"


# Accounts


def change_vcenter_password(world, password="", sddc=""):
    """Another password for cloudadmin."""
    vcenter = _sddc(world, sddc).vcenter
    vcenter.accounts[vcenter.username] = password or str(uuid.uuid4())
    return f"{vcenter.username} has another password"


def lock_account(world, sddc=""):
    """Five bad logins."""
    vcenter = _sddc(world, sddc).vcenter
    while vcenter.check_login(vcenter.username, "") != "locked":
        pass
    return f"{vcenter.username} is locked"


def fail_tasks(world, message="The update could not be made."):
    """The tasks of VMware Cloud end with an error."""
    world.vmc.task_failure = message
    return "tasks fail"


def change_host_certificate(world, sddc=""):
    """The host that answers is another one than vCenter vouches for."""
    found = _sddc(world, sddc)
    found.vcenter.thumbprint = Certificate("another host").thumbprint
    return f"{found.esxi_address} presents a certificate that vCenter does not know"


def move_private_address(world, address, sddc=""):
    """The SDDC's document names a private address of vCenter at which nobody answers."""
    found = _sddc(world, sddc)
    found.vmc["resource_config"]["vc_management_ip"] = address
    return f"the private address of vCenter is {address}"


def publish_vcenter_name(world, sddc=""):
    """vCenter's name resolves to its public address again."""
    found = _sddc(world, sddc)
    found.vmc["resource_config"]["dns_with_management_vm_private_ip"] = False
    return f"the vCenter of {found.name} resolves to its public address"


def _sddc(world, name):
    found = [sddc for sddc in world.sddcs.values() if name in ("", sddc.name, sddc.id)]
    if not found:
        raise Nonsense(f"There is no SDDC {name}. There are: {', '.join(one.name for one in world.sddcs.values())}.")
    return found[0]


def _backend(world, sddc):
    found = _sddc(world, sddc)
    return ec2_backends[found.connected_vpc["account_id"]][found.region], found.connected_vpc


def _endpoint(world, sddc):
    """The backend, the connected VPC and the endpoint for Backup gateway in it."""
    backend, connected = _backend(world, sddc)
    for one in backend.vpc_end_points.values():
        if one.vpc_id == connected["vpc_id"] and one.service_name.endswith(".backup-gateway") and one.living:
            return backend, connected, one
    raise Nonsense(f"There is no endpoint for Backup gateway in {connected['vpc_id']}.")


def _iam(world):
    return iam_backends[ACCOUNT][get_partition(_sddc(world, "").region)]


def _key(world, alias, sddc):
    """The backend, and the id of the key behind an alias."""
    backend = kms_backends[ACCOUNT][_sddc(world, sddc).region]
    key = backend.get_key_id_from_alias(alias)
    if key is None:
        raise Nonsense(f"There is no key {alias}.")
    return backend, key


def _rule(domain, rule) -> str:
    return f"/infra/domains/{domain}/gateway-policies/default/rules/{rule}"


def _known(objects, path):
    if path not in objects:
        siblings = [each for each in objects if each.startswith(path.rpartition("/")[0] + "/")]
        raise Nonsense(f"There is no {path}. There are: {', '.join(siblings)}.")
    return objects[path]


def _edit(world, sddc, path, **fields) -> str:
    body = _known(_sddc(world, sddc).nsx.objects, path)
    body.update(fields, _revision=body["_revision"] + 1, _last_modified_user=INTRUDER)
    return f"{path}: {', '.join(fields)} changed"


def _security_group(world, name, sddc):
    found = _sddc(world, sddc)
    name = name or f"{found.name}-appliances"
    connected = found.connected_vpc
    group = ec2_backends[connected["account_id"]][found.region].get_security_group_from_name(name, connected["vpc_id"])
    if group is None:
        raise Nonsense(f"There is no security group {name}.")
    return group


def _registered(world, kind, name):
    places = world.aws.backup_gateway.places.values()
    found = [one for place in places for one in getattr(place, f"{kind}s").values() if one.name == name]
    if not found:
        raise Nonsense(f"There is no {kind} {name}.")
    return found[0]


def _appliance(world, name, sddc, folder=""):
    vcenter = _sddc(world, sddc).vcenter
    found = [one for one in vcenter.appliances() if name in ("", one.name)]
    found = [one for one in found if vcenter.machines[one.moid].path.endswith(folder)]
    if not found:
        raise Nonsense(f"There is no appliance {name}".rstrip() + ".")
    return vcenter, found[0]


def _plan(world, name):
    plans = [plan for place in world.aws.backup.places.values() for plan in place.plans.values() if not plan.deleted]
    found = next((plan for plan in plans if plan.document["BackupPlanName"] == name), None)
    if found is None:
        raise Nonsense(f"There is no plan {name}.")
    return found


def _machine(world, name, sddc):
    vcenter = _sddc(world, sddc).vcenter
    found = next((row for row in vcenter.machines.values() if row.name == name), None)
    if found is None:
        raise Nonsense(
            f"There is no machine {name}. There are: {', '.join(row.name for row in vcenter.machines.values())}."
        )
    return vcenter, found


def _strip(tags: dict) -> int:
    gone = [key for key in tags if key.startswith(OF_A_SITE)]
    for key in gone:
        del tags[key]
    return len(gone)


def _unmark(vcenter, moid) -> int:
    config = vcenter.hand.machine(moid).config
    gone = [option.key for option in config.extraConfig if option.key in MARKS_OF_A_SITE]
    if gone:
        vcenter.hand.reconfigure(moid, extraConfig=[vim.option.OptionValue(key=key, value="") for key in gone])
    return len(gone)


def _power(world, name, sddc, *, on) -> str:
    vcenter, appliance = _appliance(world, name, sddc)
    vcenter.hand.power(appliance.moid, on)
    vcenter.settle()
    return f"{appliance.name} is powered {'on' if on else 'off'}"
