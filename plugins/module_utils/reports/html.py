# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as one page of HTML, which asks nobody for anything: its style and its filters are in it, and it is read without them too."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape

from .style import SCRIPT, STYLE
from .text import covered, incomplete_first, objects, sentence, summary, value
from .trend import trend

COUNTED = {
    "critical": "critical",
    "warning": "warning",
    "info": "info",
    "accepted": "accepted",
    "in_order": "in order",
    "incomplete": "incomplete",
}
GRAVE = ("critical", "warning", "info")


def html(told: dict, earlier=()) -> str:
    title = f"{told['title']}: {summary(told)}"
    body = [
        _header(told),
        _cards(told),
        *_trend(told, earlier),
        _fleet(told),
        _filters(told),
        *(_host(number, host) for number, host in enumerate(incomplete_first(told))),
        _footer(told),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            *body,
            f"<script>{SCRIPT}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _policy() -> str:
    """Only what is in the page itself, known by its sum, and nothing from anywhere."""
    style, script = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in (STYLE, SCRIPT))
    return f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"


def shown(text) -> str:
    """What somebody else says: escaped, and writing of the other direction turns nothing around it."""
    return f"<bdi>{escape(str(text))}</bdi>"


def _state(told) -> str:
    if told["complete"] and not any(told["counts"][word] for word in GRAVE):
        return "fine"
    return next((word for word in GRAVE if told["counts"][word]), "critical") if told["complete"] else "incomplete"


def _header(told) -> str:
    return (
        f'<header class="{_state(told)}"><h1>{shown(told["title"])}</h1>'
        f"<p class=verdict>{shown(summary(told))}</p>"
        f'<p class=when><time datetime="{told["generated_at"]}">{told["generated_at"]}</time> {" ".join(covered(told))}</p></header>'
    )


def _cards(told) -> str:
    cards = "".join(
        f'<li class="{word}{"" if told["counts"][word] else " none"}"><b>{told["counts"][word]}</b> {name}</li>'
        for word, name in COUNTED.items()
    )
    return f"<ul class=cards>{cards}</ul>"


def _trend(told, earlier):
    found = trend(told, list(earlier))
    if not found:
        return
    most = max([sum(point["counts"].get(word, 0) for word in GRAVE) for point in found["points"]] + [1])
    bars = "".join(_bar(number, point, most) for number, point in enumerate(found["points"]))
    width = 14 * len(found["points"])
    yield "<section class=trend><h2>Trend</h2>"
    yield (
        f'<svg viewBox="0 0 {width} 60" width="{width * 2}" height="120" role="img" aria-label="Findings of the last reports">{bars}</svg>'
    )
    for word, each in (("New", found["new"]), ("Gone", found["gone"])):
        groups = objects(each)
        items = "".join(f"<li>{shown(group[0]['host'])}: {shown(sentence(group))}</li>" for group in groups)
        yield f"<h3>{word} since {escape(found['since'])}: {len(groups)}</h3>" + (f"<ul>{items}</ul>" if items else "")
    yield "</section>"


def _bar(number, point, most) -> str:
    parts, top = [], 60.0
    for word in GRAVE:
        count = point["counts"].get(word, 0)
        height = 56 * count / most
        top -= height
        parts.append(f'<rect class="{word}" x="{number * 14 + 2}" y="{top:.1f}" width="10" height="{height:.1f}"/>')
    told = ", ".join(f"{point['counts'].get(word, 0)} {word}" for word in GRAVE)
    return f"<g><title>{escape(point['at'])}: {escape(told)}</title>{''.join(parts)}</g>"


def _fleet(told) -> str:
    head = "".join(
        f"<th scope=col>{name}</th>" for name in ("", *(COUNTED[word] for word in (*GRAVE, "accepted", "in_order")))
    )
    rows = "".join(_row(number, host) for number, host in enumerate(incomplete_first(told)))
    return f"<section class=fleet><h2>Sites</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>"


def _row(number, host) -> str:
    counts = "".join(
        f'<td class="{word if host["counts"][word] else "none"}">{host["counts"][word]}</td>'
        for word in (*GRAVE, "accepted", "in_order")
    )
    mark = "" if host["complete"] else " <span class=tag>incomplete</span>"
    return f'<tr class="{_state(host)}"><th scope=row><a href="#h{number}">{shown(host["host"])}</a>{mark}</th>{counts}</tr>'


def _filters(told) -> str:
    boxes = "".join(
        f"<label><input type=checkbox data-show={word} checked> {name}</label>"
        for word, name in (*((word, word) for word in GRAVE), ("accepted", "accepted"))
    )
    boxes += "<label><input type=checkbox data-show=in_order> in order</label>"
    options = "".join(
        f'<option value="h{number}">{escape(host["host"])}</option>'
        for number, host in enumerate(incomplete_first(told))
    )
    return (
        '<form class=filters hidden aria-label="What is shown">'
        f"{boxes}<label>Site <select><option value=''>all</option>{options}</select></label>"
        "<label>Search <input type=search autocomplete=off></label></form>"
    )


def _host(number, host) -> str:
    findings = "".join(_group(group) for group in objects(host["findings"]))
    incomplete = (
        "" if host["complete"] else f"<p class=incomplete>Not looked at wholly: {shown(host['incomplete'])}</p>"
    )
    empty = "" if findings else "<p>Nothing was found.</p>"
    return (
        f'<section class="host {_state(host)}" id="h{number}"><h2>{shown(host["host"])} <small>{shown(summary(host))}</small></h2>'
        f"{incomplete}{empty}{findings}{_evidence(host)}</section>"
    )


def _group(group) -> str:
    first = group[0]
    show = "accepted" if first["accepted"] else first["severity"] if first["open"] else "in_order"
    rows = "".join(_field(finding) for finding in group if finding["path"])
    told = [("", each) for each in (first["evidence"], first["change"]) if each]
    told += [
        (name, first[word])
        for word, name in (
            ("mended_by", "Mended by"),
            ("changed_by", "Changed by"),
            ("effect", "Effect"),
            ("class", "Class"),
        )
        if first[word]
    ]
    if first["accepted"]:
        by = first["accepted"]
        told.append(("Accepted", f"by {by['approver']} until {by['expiry']}: {by['reason']}"))
    facts = "".join(f"<li>{f'<i>{name}</i> ' if name else ''}{shown(each)}</li>" for name, each in told)
    title = " ".join(filter(None, [first["kind"], first["name"]])) if rows else first["name"] or first["id"]
    table = (
        f"<table class=fields><thead><tr><th scope=col>field</th><th scope=col>is</th><th scope=col>should be</th></tr></thead><tbody>{rows}</tbody></table>"
        if rows
        else ""
    )
    label = "in order" if show == "in_order" else show if show != "accepted" else f"{first['severity']}, accepted"
    return (
        f'<article class="{show}" data-show="{show}"><h3><span class="tag {first["severity"] if first["open"] else show}">{label}</span> '
        f"{shown(title)}</h3>{table}<ul class=facts>{facts}</ul><p class=id>{shown(first['id'])}</p></article>"
    )


def _field(finding) -> str:
    cells = "".join(
        f'<td data-name="{name}"><code>{shown(value(finding[word], 2000))}</code></td>'
        for word, name in (("actual", "is"), ("desired", "should be"))
    )
    return f"<tr><th scope=row>{shown(finding['path'])}</th>{cells}</tr>"


def _evidence(host) -> str:
    if not host["evidence"]:
        return ""
    told = json.dumps(host["evidence"], indent=2, sort_keys=True, ensure_ascii=False, default=str)
    return f"<details><summary>Evidence</summary><pre>{shown(told)}</pre></details>"


def _footer(told) -> str:
    return f"<footer>Digest <code>{told['digest']}</code></footer>"
