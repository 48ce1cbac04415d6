# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be seen nowhere, in every form in which it travels. Whoever comes to know a secret says so here, and Ansible masks it."""

from __future__ import annotations

import base64
import json
import os
import re
import unicodedata
from urllib.parse import parse_qsl, quote, quote_plus, unquote
from xml.sax.saxutils import escape

from .errors import Invalid
from .printable import one_line, printable

ENVIRONMENT = (
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "VMC_API_TOKEN",
    "VMWARE_PASSWORD",
)
URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)
CALLED_SECRET = re.compile("sig|token|credential|key|secret|password", re.IGNORECASE)
NAMED_SECRET = re.compile("token|secret|password|credential|key_material|private_key", re.IGNORECASE)
# A shorter one is not told from a word: it is masked where it stands in its URL, not wherever it may be.
SHORTEST_PASSWORD = 6
SHORTEST_VALUE = 8
NOT_IN_TEXT = ("Cc", "Cs", "Zl", "Zp")  # control characters, what is no character, ends of lines

_masked: set = set()
_hidden: set = set()  # of these all forms are in it


def masked_by(module) -> None:
    """From now on all that is hidden is masked by this module; first what its options and the environment hold."""
    global _masked
    # AnsibleAWSModule has the AnsibleModule inside.
    _masked = getattr(getattr(module, "_module", module), "no_log_values", set())
    _hidden.clear()
    hide(*_masked, *(os.environ.get(name) for name in ENVIRONMENT))
    hide_urls([module.params, list(os.environ.values())])


def hide(*secrets) -> None:
    """Have these masked, whatever form they take. What is empty is none."""
    new = {str(secret) for secret in secrets if secret} - (_hidden & _masked)
    _hidden.update(new)
    _masked.update(form for secret in new for form in forms(secret))


def shown(text: str) -> str:
    """A text without the secrets in it that blanks or ends of lines part, which Ansible does not find."""
    for secret in ("".join(each.split()) for each in _masked):
        if len(secret) >= SHORTEST_VALUE and secret not in text and secret in "".join(text.split()):
            text = re.sub(r"\s*".join(map(re.escape, secret)), "********", text)
    return text


def hide_urls(value) -> None:
    """Have masked what is secret in each URL, however deep it lies."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            hide_urls(item)
    elif isinstance(value, str):
        # A password with blanks in it ends the URL of a text too early, so one that is all of it is taken whole.
        for url in [*URL.findall(value), *([value] if URL.match(value) else [])]:
            hide(*in_url(url))


def hide_named(value) -> None:
    """Have masked what an answer calls a password, a token or the like, however deep it lies."""
    if isinstance(value, list):
        for item in value:
            hide_named(item)
    elif isinstance(value, dict):
        for name, held in value.items():
            if isinstance(held, str) and len(held) >= SHORTEST_VALUE and NAMED_SECRET.search(name):
                hide(held)
            else:
                hide_named(held)


def forms(secret: str) -> set[str]:
    """A secret with and without the blanks around it, as it is and in every form that a server or a library may give it."""
    found = set()
    for text in (secret, secret.strip()):
        raw = text.encode(errors="surrogatepass")
        found |= {text, one_line(text), printable(text), repr(text)[1:-1], repr(raw)[2:-1]}
        found |= _in_json(text) | _in_xml(text) | _in_urls(raw) | _in_base64(raw)
        if len(raw) >= SHORTEST_PASSWORD:
            found |= {raw.hex(), raw.hex().upper()}
        if len(text) >= SHORTEST_VALUE and any(each.isdigit() for each in text):  # one without digits may be a word
            found |= {text.lower(), text.upper()}
    return found - {""}


def _in_json(text) -> set[str]:
    """Also once more within a text of it, and as languages write it that escape what HTML or JavaScript would read."""
    units = re.findall("....", text.encode("utf-16-be", "surrogatepass").hex())
    found = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    found |= {re.sub("[<>&']", lambda each: f"\\u{ord(each[0]):04x}", form) for form in found}
    found |= {form.replace("/", "\\/") for form in found}
    found |= {json.dumps(form)[1:-1] for form in found}
    found |= {"".join(f"\\u{unit}" for unit in units), "".join(f"\\u{unit.upper()}" for unit in units)}
    return found | {_in_case(r"(?<=\\u)[0-9a-f]{4}", form, str.upper) for form in found}


def _in_xml(text) -> set[str]:
    """Also in HTML, whose entities have names and numbers."""
    found = {
        escape(text, {'"': quot, "'": apos})
        for quot in ('"', "&quot;", "&#34;", "&#x22;")
        for apos in ("'", "&apos;", "&#39;", "&#x27;")
    }
    for number in ("&#{:d};", "&#x{:x};", "&#x{:X};"):
        numbered = {each: number.format(ord(each)) for each in set(text)}
        found |= {
            text.translate(str.maketrans({each: form for each, form in numbered.items() if not each.isalnum()})),
            text.translate(str.maketrans({each: form for each, form in numbered.items() if not _is_plain(each)})),
            text.translate(str.maketrans(numbered)),
        }
    return found | {form.encode("ascii", "xmlcharrefreplace").decode() for form in found}


def _is_plain(character) -> bool:
    return character.isascii() and character.isalnum()


def _in_urls(raw) -> set[str]:
    """In either case of its digits, and encoded twice."""
    found = {quote(raw), quote(raw, safe=""), quote(raw, safe="!'()*~"), quote_plus(raw)}
    found.add("".join(f"%{byte:02X}" for byte in raw))
    found |= {_in_case("%[0-9A-F]{2}", form, str.lower) for form in found}
    return found | {form.replace("%", "%25") for form in found}


def _in_base64(raw) -> set[str]:
    """Also what is left of it in the middle of something longer."""
    found = {base64.b64encode(raw).decode()}
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw).decode()
        inner = whole[-(-8 * before // 6) : 8 * (before + len(raw)) // 6]
        found |= {inner} if len(inner) >= SHORTEST_VALUE else set()
    return found | {form.translate({ord("+"): "-", ord("/"): "_"}) for form in found}


def _in_case(digits, form, case) -> str:
    return re.sub(digits, lambda each: case(each[0]), form)


def in_url(url: str) -> set[str]:
    """What must not be shown of a URL: its password, its query, and what a name in that calls a secret, as it is written and as it is meant."""
    address, _mark, query = url.rpartition("://")[2].partition("?")
    # A password may hold what ends the part of a URL where it belongs.
    userinfo = address.partition("/")[0].rpartition("@")[0] or url.rpartition("://")[2].rpartition("@")[0]
    user, _colon, password = userinfo.partition(":")
    found = {f"{userinfo}@", f"{unquote(user)}:{unquote(password)}"} if password else set()
    found |= {text for text in (password, unquote(password)) if len(text) >= SHORTEST_PASSWORD}
    values = [value for part in query.split("&") for name, value in parse_qsl(part) if CALLED_SECRET.search(name)]
    return found | {text for text in (query, *values) if len(text) >= SHORTEST_VALUE}


def checked_url(option: str, url: str | None) -> None:
    """Invalid when an address holds a user name or a password. These are masked from then on, however odd their form."""
    if "@" in (url or ""):
        hide(*in_url(url))
        raise Invalid(option, "must not hold a user name or a password: logs would show them. Give the address alone.")


def checked_username(option: str, name: str | None) -> str | None:
    """A user name, if HTTP Basic can carry it."""
    if ":" in (name or ""):
        raise Invalid(option, "must not hold a colon: what follows it would be taken for the password.")
    return checked_password(option, name)


def is_one_line(text: str) -> bool:
    """Whether a text has no end of a line and no other control character in it."""
    return not any(unicodedata.category(character) in NOT_IN_TEXT for character in text)


def checked_password(option: str, secret: str | None) -> str | None:
    """A user name or a password, if it can be sent at all. It is not shown."""
    if not is_one_line(secret or ""):
        raise Invalid(
            option,
            "holds a control character, perhaps the end of the line of the file or vault that it comes from. Nothing was sent, "
            "because accounts lock.",
        )
    return secret


def fits_header(text) -> bool:
    """Whether it is a text that can go into a header: printable ASCII without blanks around it."""
    return isinstance(text, str) and text != "" and text.isascii() and text.isprintable() and text == text.strip()


def checked_token(option: str, secret: str | None) -> str | None:
    """A token or a key, if it fits into a header. It is not shown."""
    checked_password(option, secret)
    if secret and not fits_header(secret):
        raise Invalid(
            option, "must be printable ASCII characters without blanks before or after them. Nothing was sent."
        )
    return secret
