# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that talks to Ansible: options in, results and failures out."""

from __future__ import annotations

from ansible.module_utils.common.warnings import warn

from .. import recall, secrets
from ..errors import ApiError, Error, Immutable, Incomplete
from ..printable import one_line
from ..values import plain
from . import odd
from .reconcile import reconcile, settled
from .resource import Whole

STATE = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}
WAIT = {"wait": {"type": "bool", "default": True}, "wait_timeout": {"type": "int", "default": 600}}
ON_IMMUTABLE = {"on_immutable": {"type": "str", "choices": ["fail", "report"], "default": "fail"}}
ADOPT = {"adopt": {"type": "bool", "default": False}}
SITE = {"site_id": {"type": "str"}}
SITE_WAS = {"site_was": {"type": "str"}}
TAKE_OVER = {"take_over": {"type": "bool", "default": False}}
PREDICTED = {"predicted": {"type": "dict"}}
ASKED = "What was asked for"
TAGS = {"tags": {"type": "dict"}, "purge_tags": {"type": "bool", "default": False}}


def run(module, build) -> None:
    """Reconcile the one resource that ``build(module)`` returns, and leave.

    The result carries the resource under its kind, ``changes`` with one record per field, ``before`` and ``after`` limited to managed keys
    as ``diff``, and ``unverifiable``: the keys that no API gives back. What was noticed or denied is a warning.
    """
    secrets.masked_by(module)
    params = module.params
    try:
        resource, outcome = _as_recalled(module, build)
        if outcome is None:
            with odd.as_error(ASKED):
                resource = build(module)
            outcome = reconcile(
                resource,
                state=params.get("state") or "present",
                check_mode=module.check_mode,
                on_immutable=params.get("on_immutable") or "fail",
                wait_timeout=params["wait_timeout"] if params.get("wait") else 0,
                predicted=params.get("predicted"),
            )
        recall.keep()
    except Immutable as failure:
        _warn(failure.outcome.warnings)
        module.fail_json(msg=secrets.shown(str(failure)), **_result(resource, failure.outcome))
    except Incomplete as failure:
        done = f" Done before: {', '.join(failure.done)}." if failure.done else ""
        left = f" Not done: {', '.join(failure.remaining)}." if failure.remaining else ""
        _warn(failure.outcome.warnings)
        module.fail_json(
            msg=secrets.shown(f"{str(failure).rstrip('.')}.{done}{left}"),
            done=failure.done,
            remaining=failure.remaining,
            **_result(resource, failure.outcome),
        )
    except Error as failure:
        module.fail_json(**_as_result(failure))
    else:
        _warn(outcome.warnings)
        module.exit_json(**_result(resource, outcome))


def _as_recalled(module, build) -> tuple:
    """The resource and its outcome by what this look has read, where there is nothing to do by that; else twice nothing."""
    params = module.params
    if params.get("state") == "absent":
        return None, None
    with recall.gone_by() as known:
        if not known:
            return None, None
        with odd.as_error(ASKED):
            resource = build(module)
        how = {"on_immutable": params.get("on_immutable") or "fail", "waits": bool(params.get("wait"))}
        return resource, settled(resource, predicted=predicted(module) if "predicted" in params else None, **how)


def info(module, plural: str | None, fetch) -> None:
    """Leave with what ``fetch(module)`` returns, under its plural name; without one, it has names of its own."""
    secrets.masked_by(module)
    try:
        with odd.as_error(ASKED):
            found = fetch(module)
        recall.keep()
    except Error as failure:
        module.fail_json(**_as_result(failure))
    else:
        module.exit_json(changed=False, **plain({plural: found} if plural else found))


def predicted(module):
    """What earlier tasks of a preview said, which counts in check mode only."""
    return module.params["predicted"] if module.check_mode else None


def act(module, build, foretell=lambda action: {}) -> None:
    """Run an action: ``build(module)`` has ``find()``, ``start()``, ``done(answer, timeout)`` and ``view(answer)``.

    What was already started is found and waited for instead of started again. Check mode only looks, and says
    what ``foretell(action)`` does of what would be started. ``warnings`` of the view are told as such.
    """
    secrets.masked_by(module)
    try:
        with odd.as_error(ASKED):
            action = build(module)
            answer = action.find()
        changed = answer is None
        if changed and not module.check_mode:
            recall.spoil()
            with odd.as_error(ASKED, wrote=True):
                answer = action.start()
        with odd.as_error(ASKED, wrote=changed and not module.check_mode):
            if answer is not None and not module.check_mode:
                answer = action.done(answer, module.params.get("wait_timeout") or 0)
            result = foretell(action) if answer is None else action.view(answer)
    except Error as failure:
        module.fail_json(**_as_result(failure))
    else:
        _warn(result.pop("warnings", ()))
        module.exit_json(changed=changed, **plain(result))


def _warn(warnings):
    # AnsibleAWSModule.warn hands warnings on a second time, in a way that core calls deprecated.
    for text in warnings:
        warn(secrets.shown(one_line(text)))


def _as_result(failure) -> dict:
    """A failure for people, and for plays which service refused or did not answer, and with which code."""
    told = {"msg": secrets.shown(str(failure)), **({"changed": True} if failure.wrote else {})}
    if isinstance(failure, ApiError):
        told["error"] = {"service": failure.service, "operation": failure.operation, "code": plain(failure.code)}
    return told


def _result(resource, outcome) -> dict:
    """An outcome as the module returns it."""

    def shown(side):
        return {} if side is None else plain({key: side[key] for key in outcome.managed if key in side})

    title = one_line(Whole(resource).called(outcome.after or outcome.before))
    titled = dict.fromkeys(("before_header", "after_header"), title[len("The ") :])
    return {
        "changed": outcome.changed,
        "changes": outcome.as_records(),
        "unverifiable": sorted(Whole(resource).write_only),
        resource.kind: plain(outcome.after),
        "diff": {"before": shown(outcome.before), "after": shown(outcome.after), **titled},
    }
