# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.accepted import accepted
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.html import html
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.report import report
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.trend import parsed

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp; \u05d0\u05d1 日本"
FIELD = {"kind": "mgw_rule", "name": "one", "path": "enabled", "desired": True, "actual": False, "effect": "in_place"}
VOID = {"meta", "input", "rect", "br"}


class Page(HTMLParser):
    """A page as a browser sees it: its elements with attributes, its text, and whether what is opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.open, self.crossed = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data):
        self.text.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def told(now=NOW, accept=(), **hosts):
    return report("Drift", hosts, accept=accepted(accept), now=now)


def everything(text):
    """A report with a text wherever somebody else may say something."""
    finding = dict.fromkeys(
        ("id", "kind", "name", "path", "evidence", "change", "mended_by", "changed_by", "effect"), text
    )
    values = {
        "desired": {text: [text]},
        "actual": text,
        "verdict": "broken",
        "class": "changed",
        "severity": "critical",
    }
    accept = [{"id": text, "host": "all", "reason": text, "approver": text, "expiry": "2026-12-01"}]
    host = {
        "findings": [{**finding, **values}, {**FIELD, "name": text}],
        "incomplete": text,
        "evidence": {text: [text]},
    }
    return {**report(text, {text: host}, accept=accepted(accept), now=NOW)}


def test_whatever_names_hold_the_page_has_the_elements_of_one_with_plain_names():
    hostile, plain = Page(html(everything(HOSTILE))), Page(html(everything("x")))
    assert [tag for tag, _attributes in hostile.tags] == [tag for tag, _attributes in plain.tags]
    assert [set(attributes) for _tag, attributes in hostile.tags] == [
        set(attributes) for _tag, attributes in plain.tags
    ]
    assert hostile.crossed == hostile.open == []
    assert HOSTILE in "".join(hostile.text)


def test_it_asks_nobody_for_anything():
    page = html(everything("x"))
    assert not re.search(r"https?:|//|url\(|@import|\bsrc=|\bon\w+=", page.replace("http-equiv", ""))
    assert {tag for tag, _attributes in Page(page).tags} & {"link", "img", "iframe", "object", "base"} == set()
    assert all(each["href"].startswith("#h") for each in Page(page).of("a"))


def test_the_browser_is_told_to_run_and_load_nothing_else():
    page = html(everything(HOSTILE))
    policy = next(each["content"] for each in Page(page).of("meta") if each.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode() in policy
    assert not any("style" in attributes for _tag, attributes in Page(page).tags)


def test_it_is_read_without_its_script():
    page = Page(html(told(a={"findings": [FIELD]})))
    assert "hidden" in page.of("form")[0]
    assert not any("hidden" in attributes for tag, attributes in page.tags if tag != "form")


@pytest.mark.parametrize(
    ("host", "state"),
    [
        ({"findings": []}, "fine"),
        ({"findings": [FIELD]}, "warning"),
        ({"findings": [{**FIELD, "effect": "replace"}]}, "critical"),
        ({"findings": [], "incomplete": "It broke off."}, "incomplete"),
    ],
)
def test_the_head_says_how_it_is(host, state):
    assert Page(html(told(a=host))).of("header")[0]["class"] == state
    assert Page(html(told())).of("header")[0]["class"] != "fine"


def test_hosts_with_most_to_do_come_first():
    page = Page(html(told(a={"findings": []}, b={"findings": [FIELD]}, c={"incomplete": "It broke off."})))
    assert [each["class"] for each in page.of("tr") if "class" in each] == ["incomplete", "warning", "fine"]


def test_each_finding_can_be_filtered_by_what_it_is():
    findings = [
        FIELD,
        {"id": "fine", "verdict": "ok", "severity": "info"},
        {"id": "mine", "verdict": "broken", "severity": "critical"},
    ]
    accept = [{"id": "mine", "host": "a", "reason": "R", "approver": "P", "expiry": "2026-12-01"}]
    page = Page(html(told(accept=accept, a={"findings": findings})))
    assert [each["data-show"] for each in page.of("article")] == ["warning", "accepted", "in_order"]
    boxes = {each["data-show"]: "checked" in each for each in page.of("input") if "data-show" in each}
    assert boxes == {"critical": True, "warning": True, "info": True, "accepted": True, "in_order": False}


def test_it_draws_what_earlier_ones_found():
    before = parsed("earlier[0]", json.dumps(told(NOW - datetime.timedelta(days=1), a={"findings": [FIELD]})))
    text = html(told(a={"findings": [{**FIELD, "name": "two"}]}), [before])
    assert len(Page(text).of("g")) == 2 and "New since 2026-11-27T12:00:00Z: 1" in text
    assert "<svg" not in html(told(a={"findings": [FIELD]}))


def test_one_world_gives_one_page():
    assert html(everything("x")) == html(everything("x"))
