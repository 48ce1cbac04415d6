# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API: the lab's own way in, that no client of the product knows."""

from __future__ import annotations

import dataclasses
import inspect
import json
import threading

from werkzeug.wrappers import Request

from . import breaks
from .aws import access, policy
from .snapshot import snapshot
from .vcenter.nfc import UPLOAD_FAULTS
from .web import answer
from .wire import SPOILED
from .world import Fault

KINDS = (
    "throttle",
    "500",
    "html503",
    "reset_before",
    "reset_after",
    "hang",
    "hang_after",
    "403",
    "expired",
    "412",
    "busy",
    "echo",
    "lag",
    *SPOILED,
    *UPLOAD_FAULTS,
)


class BadRequest(Exception):
    """Says what is wrong with it."""


class NotConverged(Exception):
    """site.yml failed, and how."""


class Control:
    """WSGI: /_lab/<name>, one method for each name."""

    def __init__(self, lab):
        self.lab = lab
        self.world = lab.world
        self.resetting = threading.Lock()

    def __call__(self, environ, start_response):
        request = Request(environ)
        name = request.path.removeprefix("/_lab/")
        found = getattr(self, f"{request.method.lower()}_{name}", None)
        try:
            if found is None:
                raise BadRequest(f"There is no {request.method} {request.path}.")
            body = found(request)
            response = answer(200, body)
        except (BadRequest, breaks.Nonsense) as error:
            response = answer(400, {"error": str(error)})
        return response(environ, start_response)

    def get_state(self, request):
        return self.lab.state()

    def get_world(self, request):
        """All that exists, by its names: two worlds that are alike compare equal."""
        return snapshot(self.world)

    def post_stop(self, request):
        self.lab.finished.set()
        return {"stopping": True}

    def post_reset(self, request):
        """Back to the seed, or to another one."""
        seed = _sent(request).get("seed") or self.world.seed
        if seed not in self.lab.SEEDS:
            raise BadRequest(f"There is no seed {seed}. There are: {', '.join(self.lab.SEEDS)}.")
        try:
            with self.resetting:  # one after the other
                return self.lab.reset(seed)
        except NotConverged as error:
            raise BadRequest(str(error)) from None

    def get_journal(self, request):
        wanted = {key: request.args[key] for key in ("service", "kind", "operation", "sddc") if key in request.args}
        calls = self.world.journal_as_json()
        return [call for call in calls if all(call[key] == value for key, value in wanted.items())]

    def delete_journal(self, request):
        with self.world.lock:
            self.world.journal.clear()
        return []

    def get_faults(self, request):
        return [dataclasses.asdict(fault) for fault in self.world.faults]

    def get_held(self, request):
        """How many calls a fault keeps waiting just now."""
        return {"held": self.world.held}

    def post_faults(self, request):
        """One rule, or a list of them."""
        sent = _sent(request)
        for rule in sent if isinstance(sent, list) else [sent]:
            try:
                fault = Fault(**rule)
            except TypeError as error:
                raise BadRequest(str(error)) from None
            if fault.kind not in KINDS:
                raise BadRequest(f"There is no fault {fault.kind}. There are: {', '.join(KINDS)}.")
            with self.world.lock:
                self.world.faults.append(fault)
        return self.get_faults(request)

    def delete_faults(self, request):
        with self.world.lock:
            self.world.faults.clear()
        return []

    def get_break(self, request):
        """The verbs, with their arguments."""
        return {
            name: {"does": inspect.getdoc(verb), "takes": list(inspect.signature(verb).parameters)[1:]}
            for name, verb in breaks.verbs().items()
        }

    def post_break(self, request):
        arguments = _sent(request)
        if "what" not in arguments:
            raise BadRequest(f"Say what. There are: {', '.join(sorted(breaks.verbs()))}.")
        what = arguments.pop("what")
        return {"done": breaks.apply(self.world, what, {key: str(value) for key, value in arguments.items()})}

    def get_secrets(self, request):
        """What nobody may see: the passwords in the SDDCs' documents, and every token, session and activation key that was given out."""
        passwords = {
            f"{sddc.name} {name}": value
            for sddc in self.world.sddcs.values()
            for name, value in self.world.vmc.secrets(sddc).items()
        }
        given = {
            "access token": self.world.vmc.tokens,
            "activation key": self.world.aws.backup_gateway.keys,
            "vCenter session": [one for sddc in self.world.sddcs.values() for one in sddc.vcenter.tagging.given],
        }
        numbered = {f"{kind} {n}": value for kind, values in given.items() for n, value in enumerate(values, 1)}
        return {**passwords, **numbered}

    def get_policy(self, request):
        """Who carries policies; who does not may do everything."""
        return {name: dataclasses.asdict(carried) for name, carried in self.world.aws.app.access.attached.items()}

    def post_policy(self, request):
        """Attach policies: {"identity": [...], "boundary": ..., "scp": ...} to "principal", an ARN, or to who has none of its own."""
        sent = _sent(request)
        principal = sent.pop("principal", access.EVERYBODY)
        try:
            carried = access.Policies(**sent)
        except TypeError as error:
            raise BadRequest(str(error)) from None
        documents = [*carried.identity, *(one for one in (carried.boundary, carried.scp) if one)]
        wrong = [problem for document in documents for problem in policy.problems(document)]
        if wrong:
            raise BadRequest(" ".join(wrong))
        self.world.aws.app.access.attached[principal] = carried
        return self.get_policy(request)

    def delete_policy(self, request):
        self.world.aws.app.access.attached.clear()
        return {}

    def get_clock(self, request):
        return {"now": self.world.utc().isoformat(), "ahead": self.world.ahead}

    def post_clock(self, request):
        """Advance time."""
        seconds = _sent(request).get("seconds")
        if not isinstance(seconds, (int, float)) or seconds < 0:
            raise BadRequest("seconds must be a number that is not negative: time does not run backwards.")
        with self.world.lock:
            self.world.ahead += seconds
        if self.world.aws is not None:
            with self.world.aws.lock:
                self.world.aws.backup.catch_up()
        return self.get_clock(request)

    def get_switches(self, request):
        return self.world.switches

    def post_switches(self, request):
        sent = _sent(request)
        for name, value in sent.items():
            if name not in self.world.switches:
                raise BadRequest(f"There is no switch {name}. There are: {', '.join(sorted(self.world.switches))}.")
            if type(value) is not type(self.world.switches[name]):
                raise BadRequest(f"{name} takes a value like {self.world.switches[name]!r}.")
        self.world.switches.update(sent)
        return self.world.switches


def _sent(request):
    try:
        return json.loads(request.get_data() or b"{}")
    except ValueError:
        raise BadRequest("The body is not JSON.") from None
