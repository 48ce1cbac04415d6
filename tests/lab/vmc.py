# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSP and the VMC API: tokens, organisations, SDDCs, their connected VPC and the vCenter's DNS switch."""

from __future__ import annotations

import base64
import re
import secrets
import uuid
from functools import partial

from werkzeug.wrappers import Response

from . import documents
from .aws import zones
from .documents import CONNECTED_ACCOUNT_ID, MADE, USER
from .web import answer, journaled
from .world import CONNECTED_ACCOUNT, ORG, SHADOW_ACCOUNT

API_TOKEN = secrets.token_urlsafe(48)
CLIENT_ID = secrets.token_urlsafe(24)
CLIENT_SECRET = secrets.token_urlsafe(48)
LIFETIME = 1799
READS_OF_A_TASK = 2


class Refusal(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status, self.text = status, text


class Vmc:
    """The cloud's state: who may ask, what is known of each SDDC, and the tasks under way."""

    def __init__(self, world):
        self.world = world
        self.planted: dict[str, dict] = {}
        world.vmc = self
        self.reset()
        csp = journaled(world, "csp", self._find_csp, csp_error)
        vmc = journaled(world, "vmc", self._find_vmc, vmc_error)
        self.app = lambda environ, start: (csp if environ["PATH_INFO"].startswith("/csp/") else vmc)(environ, start)

    def reset(self):
        self.tokens: dict[str, tuple] = {}  # access token -> who, until when
        self.tasks: dict[str, dict] = {}
        self.late: dict[str, list] = {}  # SDDC -> reads until its document shows which address it is
        self.deleted: dict[str, dict] = {}  # SDDC -> the document that is left of it
        self.maintained: set = set()  # SDDCs that are being maintained
        self.in_window: set = set()  # SDDCs that are inside their regular window of maintenance
        self.task_failure = ""  # what tasks end with, once it is told

    def reset_sddc(self, sddc, *, private_dns: bool):
        sddc.vmc = documents.sddc(sddc, private_dns)

    def secrets(self, sddc) -> dict:
        """What the SDDC's document gives away, and must never leave a module."""
        return self.planted.setdefault(sddc.id, {path: secrets.token_urlsafe(32) for path in documents.SECRETS})

    def snat_address(self, sddc) -> str:
        """The public address that the SDDC's workloads show to the outside."""
        return f"192.0.2.{110 + sddc.number}"

    def user_of(self, request, *, header="csp-auth-token") -> str | None:
        """Whose token a request carries, if it is one of ours and still good."""
        token = request.headers.get(header) if header else None
        if token is None and request.authorization and request.authorization.type == "bearer":
            token = request.authorization.token
        user, expires = self.tokens.get(token, (None, 0))
        return user if self.world.now() < expires else None

    def delete(self, sddc):
        """An SDDC is no more."""
        self.deleted[sddc.id] = {**sddc.vmc, "sddc_state": "DELETED", "account_link_state": "UNLINKED"}

    # CSP

    def _find_csp(self, request):
        run = CSP_ROUTES.get((request.method, request.path))
        if run is None:
            return f"{request.method} {request.path}", "unknown", lambda: csp_error(404, "There is nothing here.")
        return f"{request.method} {request.path}", "read", lambda: _guarded(lambda: run(self, request), csp_error)

    def by_api_token(self, request):
        given = request.form.get("api_token") or request.form.get("refresh_token")
        if not secrets.compare_digest((given or "").encode(), API_TOKEN.encode()):
            raise Refusal(400, "invalid_grant: Invalid refresh token: xxxxx-token")
        return self._issue(USER, refresh_token=given, id_token=_jwt(USER))

    def by_client(self, request):
        client = request.authorization
        known = client and client.type == "basic" and (client.username, client.password) == (CLIENT_ID, CLIENT_SECRET)
        if not known:
            raise Refusal(401, "invalid_client: Invalid client credentials")
        if request.form.get("grant_type") != "client_credentials":
            raise Refusal(400, "unsupported_grant_type")
        return self._issue(CLIENT_ID)

    def _issue(self, user, **more):
        token = _jwt(user)
        self.tokens[token] = (user, self.world.now() + LIFETIME)
        scope = "ALL_PERMISSIONS openid"
        return {"access_token": token, "token_type": "bearer", "expires_in": LIFETIME, "scope": scope, **more}

    # VMC

    def _find_vmc(self, request):
        for method, template, run in VMC_ROUTES:
            match = _pattern(template).match(request.path)
            if match and method == request.method:
                kind = "read" if method == "GET" else "write"
                return f"{method} {template}", kind, partial(self._answer, request, match.groupdict(), run)
        path = request.path
        return f"{request.method} {path}", "unknown", lambda: vmc_error(404, f"No resource at {path}", path)

    def _answer(self, request, parts, run):
        if self.user_of(request) is None:
            return Response("Unauthorized", 401, content_type="text/plain")
        if parts.get("org", ORG) != ORG:
            return vmc_error(403, "User is not a member of the organization.", request.path)

        def locked():
            with self.world.lock:
                return run(self, request, **{key: value for key, value in parts.items() if key != "org"})

        return _guarded(locked, lambda status, text: vmc_error(status, text, request.path))

    def orgs(self, request):
        return [self.org(request)]

    def org(self, request):
        named = {
            "id": ORG,
            "display_name": "Lab",
            "name": "lab-org",
            "org_type": "CUSTOMER",
            "project_state": "CREATED",
        }
        return {**MADE, **named, "org_seller_info": None, "properties": None}

    def sddcs(self, request):
        return [self.sddc(request, sddc.id) for sddc in self.world.sddcs.values() if not sddc.gone]

    def reservations(self, request):
        """Regular windows, and who is being maintained: MaintenanceWindowEntry of VMware's SDK."""
        if not self.world.switches["maintenance_told"]:
            raise Refusal(404, "No resource at reservations.")
        return [
            documents.reservation(sddc, self.in_window, self.maintained)
            for sddc in self.world.sddcs.values()
            if not sddc.gone
        ]

    def sddc(self, request, sddc):
        if sddc in self.deleted and self.world.switches["deleted_sddc"] == "deleted":
            return self.deleted[sddc]
        found = self._known(sddc)
        self._settle(sddc)
        return documents.with_secrets(found.vmc, self.secrets(found))

    def connections(self, request):
        wanted = request.args.get("sddc")
        found = [sddc for sddc in self.world.sddcs.values() if wanted in (None, sddc.id) and not sddc.gone]
        shown = self.world.switches["stretched_connections"]
        return [
            documents.connection(sddc, subnet, order)
            for sddc in found
            if sddc.connected_vpc
            for order, subnet in enumerate(sddc.linked_subnets[:shown], start=1)
        ]

    def connected_accounts(self, request):
        return [
            {
                **MADE,
                "id": CONNECTED_ACCOUNT_ID,
                "account_number": CONNECTED_ACCOUNT,
                "org_id": ORG,
                "state": "ACTIVE",
                "cf_stack_name": "vmware-sddc-formation",
                "policy_payer_arn": None,
                "policy_service_arn": None,
                "policy_external_id": None,
                "policy_payer_linked_arn": None,
                "region_to_az_to_shadow_mapping": self._zones(),
            }
        ]

    def _zones(self) -> dict | None:
        """Region -> the customer's name of a zone -> that of the account that the SDDCs are in. Which way round it is told is UNCONFIRMED."""
        way = self.world.switches["zones_mapped"]
        if way == "no":
            return None
        mapped = {}
        for region in {sddc.region for sddc in self.world.sddcs.values()}:
            shadow = {zone_id: name for name, zone_id in zones.of(SHADOW_ACCOUNT, region).items()}
            names = {name: shadow[zone_id] for name, zone_id in zones.of(CONNECTED_ACCOUNT, region).items()}
            mapped[region.upper().replace("-", "_")] = (
                names if way == "to_shadow" else {theirs: ours for ours, theirs in names.items()}
            )
        return mapped

    def switch_dns(self, request, sddc, kind):
        """The vCenter's FQDN will resolve to the other address when the task is done."""
        found = self._known(sddc)
        if kind not in ("private", "public"):
            raise Refusal(404, f"There is no address of type {kind}.")
        if found.vmc["sddc_state"] != "READY":
            raise Refusal(400, f"SDDC is in state {found.vmc['sddc_state']}.")
        # Whether a second task is refused while one runs is UNCONFIRMED.
        if self.world.switches["task_while_task"] == "refuse" and self._busy(sddc):
            raise Refusal(400, "SDDC has a task in progress.")
        task = {
            **MADE,
            "id": str(uuid.uuid4()),
            "status": "STARTED",
            "task_type": "SDDC-DNS-UPDATE",
            "progress_percent": 0,
            "resource_id": sddc,
            "resource_type": "sddc",
            "org_id": ORG,
            "estimated_remaining_minutes": 1,
        }
        self.tasks[task["id"]] = {"shown": task, "left": READS_OF_A_TASK, "private": kind == "private"}
        return task

    def task(self, request, task):
        known = self.tasks.get(task)
        if known is None:
            raise Refusal(404, f"Task {task} does not exist.")
        return self._looked_at(known)

    def tasks_list(self, request):
        return [self._looked_at(known) for known in self.tasks.values()]

    def _looked_at(self, known):
        """A task moves on by being looked at."""
        shown = known["shown"]
        known["left"] -= 1
        if shown["status"] != "STARTED":
            return shown
        if known["left"] > 0:
            shown["progress_percent"] = 50
        elif self.task_failure:
            shown.update(status="FAILED", error_message=self.task_failure)
        else:
            shown.update(status="FINISHED", progress_percent=100, estimated_remaining_minutes=0)
            behind = self.world.switches["document_reads_behind_task"]
            self.late[shown["resource_id"]] = [behind, known["private"]]
            if not behind:
                self._settle(shown["resource_id"])
        return shown

    def _settle(self, sddc):
        """What a task has done shows in the SDDC's document, at once or some reads later."""
        left, private = self.late.get(sddc, (None, None))
        if left == 0:
            self._known(sddc).vmc["resource_config"]["dns_with_management_vm_private_ip"] = private
            del self.late[sddc]
        elif left:
            self.late[sddc][0] -= 1

    def _busy(self, sddc):
        running = [known["shown"] for known in self.tasks.values() if known["shown"]["status"] == "STARTED"]
        return any(task["resource_id"] == sddc for task in running)

    def deployment(self, request, sddc):
        """NSX's addresses and local users. Clients count on the order of the ways to log in."""
        found = self._known(sddc)
        config, planted = found.vmc["resource_config"], self.secrets(found)
        proxy, private = config["nsx_api_public_endpoint_url"], config["nsx_mgr_url"].rstrip("/")
        users = [
            {"user_name": config["nsx_cloud_admin"], "password": planted["nsx_cloud_admin_password"]},
            {"user_name": config["nsx_cloud_audit"], "password": planted["nsx_cloud_audit_password"]},
        ]
        ways = (("PUBLIC", "CSP", proxy), ("PRIVATE", "CSP", private), ("PRIVATE", "LOCAL", f"{private}/login.jsp"))
        return {
            "nsx_private_ip": found.nsx_address,
            "nsx_private_fqdn": found.nsx_address,
            "nsx_public_fqdn": found.nsx_address,
            "nsx_users": users,
            "login_urls": [
                {"access_type": access, "auth_type": auth, "preferred_url": url, "other_urls": []}
                for access, auth, url in ways
            ],
        }

    def inventory(self, request):
        content = [
            {
                "id": sddc.id,
                "name": sddc.name,
                "type": {"code": "SDDC"},
                "location": {"code": sddc.vmc["resource_config"]["region"]},
                "state": {"name": sddc.vmc["sddc_state"]},
            }
            for sddc in self.world.sddcs.values()
            if not sddc.gone
        ]
        return {"content": content, "total_elements": len(content), "empty": not content}

    def _known(self, sddc):
        found = self.world.sddcs.get(sddc)
        if found is None or found.gone:
            raise Refusal(404, f"SDDC {sddc} does not exist.")
        return found


def csp_error(status, text):
    body = {
        "metadata": None,
        "traceId": secrets.token_hex(8),
        "cspErrorCode": f"540.120-{status}.800",
        "errorCode": None,
        "message": text,
        "moduleCode": "540",
        "requestId": secrets.token_hex(8),
        "statusCode": status,
    }
    return answer(status, body)


def vmc_error(status, text, path=""):
    retryable = status in (429, 503)
    body = {"status": status, "path": path, "retryable": retryable, "error_code": "Lab", "error_messages": [text]}
    return answer(status, body)


def _guarded(run, refuse):
    try:
        return answer(200, run())
    except Refusal as refusal:
        return refuse(refusal.status, refusal.text)


def _jwt(user) -> str:
    """Looks like a token of CSP's. Nobody can read more from it than who it is for."""
    parts = ('{"alg":"RS256","typ":"JWT"}', f'{{"acct":"{user}","context_name":"{ORG}"}}')
    encoded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(48)])


def _pattern(template):
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + r"\Z")


AUTH = "/csp/gateway/am/api/auth"
CSP_ROUTES = {
    ("POST", f"{AUTH}/api-tokens/authorize"): Vmc.by_api_token,
    ("POST", f"{AUTH}/authorize"): Vmc.by_client,
    ("POST", f"{AUTH}/token"): Vmc.by_client,
}
IN_ORG = "/vmc/api/orgs/{org}"
VMC_ROUTES = (
    ("GET", "/vmc/api/orgs", Vmc.orgs),
    ("GET", IN_ORG, Vmc.org),
    ("GET", f"{IN_ORG}/sddcs", Vmc.sddcs),
    ("GET", f"{IN_ORG}/sddcs/{{sddc}}", Vmc.sddc),
    ("PUT", f"{IN_ORG}/sddcs/{{sddc}}/dns/{{kind}}", Vmc.switch_dns),
    ("GET", f"{IN_ORG}/account-link/sddc-connections", Vmc.connections),
    ("GET", f"{IN_ORG}/account-link/connected-accounts", Vmc.connected_accounts),
    ("GET", f"{IN_ORG}/reservations", Vmc.reservations),
    ("GET", f"{IN_ORG}/tasks", Vmc.tasks_list),
    ("GET", f"{IN_ORG}/tasks/{{task}}", Vmc.task),
    ("GET", "/api/network/{org}/core/deployments/{sddc}/nsx", Vmc.deployment),
    ("GET", "/api/inventory/{org}/core/deployments", Vmc.inventory),
)
