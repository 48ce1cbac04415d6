# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, in plain exceptions. Nothing here knows Ansible."""

from __future__ import annotations

from .printable import one_line


class Error(Exception):
    """Anything the collection itself reports: the message is for a person, on one line, whatever a server said.

    ``wrote`` is true when something was written before it, as far as the one who raises it knows.
    """

    wrote = False

    def __init__(self, message: str = ""):
        super().__init__(one_line(message))


class ApiError(Error):
    """A remote call that was refused or not answered.

    Raised by the clients only. ``attempted`` says in words what was tried, ``service`` and ``operation`` which call it was,
    ``code`` what the service answered (where nothing came back ``None`` or what broke the connection), ``retryable`` whether trying later may help.
    """

    def __init__(
        self,
        message: str,
        *,
        attempted: str = "",
        service: str = "",
        operation: str = "",
        code: str | None = None,
        retryable: bool = False,
    ):
        message = one_line(message)
        where = " ".join(word for word in (service, operation) if word)
        what = f"{where}: {message}" if where else message
        super().__init__(f"Could not {attempted}: {what}" if attempted else what)
        self.message = message
        self.attempted = attempted
        self.service = service
        self.operation = operation
        self.code = code
        self.retryable = retryable


class Conflict(ApiError):
    """A lost race (409, 412, already exists), what the call names is not seen (yet), or with ``busy`` an object in use just now."""

    def __init__(self, message: str, *, busy: bool = False, **kwargs):
        super().__init__(message, **kwargs)
        self.busy = busy


class NotWhole(ApiError):
    """An answer that is cut, or not the operation's. What was asked is not known by it: neither what there is, nor whether it was done."""

    def __init__(self, why: str, *, retryable: bool = True, **kwargs):
        super().__init__(f"the answer is not whole: {why}", retryable=retryable, **kwargs)


class Lost(ApiError):
    """No answer to a call that is never sent twice: whether it was carried out has to be seen."""

    wrote = True


class Denied(ApiError):
    """The service knows the caller and refuses (403, AccessDenied, NoPermission). Never means absent."""


class BadCredentials(ApiError):
    """The service does not accept the credentials. Never tried again: accounts lock."""


class Invalid(Error):
    """An option that cannot be right. Raised before the first write."""

    def __init__(self, option: str, message: str):
        message = one_line(message)
        super().__init__(f"{option}: {message}")
        self.option = option
        self.message = message


class Ambiguous(Error):
    """More than one thing answers to one name."""

    def __init__(self, kind: str, name: str, found: list[str]):
        super().__init__(
            f"More than one {kind} matches {name}: {', '.join(sorted(found))}. Name the one that is meant."
        )
        self.found = sorted(found)


class Foreign(Error):
    """The thing exists, but is not ours to change."""


class Missing(Error):
    """Something that is referred to by name does not exist yet."""

    def __init__(self, references):
        names = sorted({f"{reference.kind} {reference.name}" for reference in references})
        super().__init__(f"Does not exist: {', '.join(names)}. Nothing was changed.")


class TimedOut(Error):
    """Waited as long as was asked for."""


class Immutable(Error):
    """The thing differs where it cannot be changed in place. Carries the whole outcome.

    ``reasons`` has for some of its keys why they cannot.
    """

    def __init__(self, kind: str, outcome, reasons: dict | None = None):
        replaced = [change for change in outcome.changes if change.effect == "replace"]
        fields = ", ".join(f"{change.path} is {change.actual!r}, wanted {change.desired!r}" for change in replaced)
        keys = dict.fromkeys(change.path.split(".")[0] for change in replaced)
        fields = "; ".join([fields, *(reasons[key] for key in keys if key in (reasons or {}))])
        super().__init__(f"The {kind} would have to be replaced, which is never done unasked: {fields}.")
        self.outcome = outcome


class Incomplete(Error):
    """A failure after the first write: ``done`` was written, ``remaining`` was not."""

    def __init__(self, cause: Exception, outcome, *, done: list[str], remaining: list[str]):
        super().__init__(str(cause))
        self.cause = cause
        self.outcome = outcome
        self.done = done
        self.remaining = remaining
