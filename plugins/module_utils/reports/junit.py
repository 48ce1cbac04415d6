# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as JUnit has it, which pipelines and their dashboards read: a suite for each host, a case for each finding."""

from __future__ import annotations

from xml.etree import ElementTree

from .text import sentence


def junit(told: dict) -> str:
    suites = ElementTree.Element("testsuites", name=told["title"])
    for host in told["hosts"]:
        _suite(suites, told, host)
    for element in (suites, *suites):
        for word, kind in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            element.set(word, str(len(list(element.iter(kind)))))
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _suite(suites, told, host):
    suite = ElementTree.SubElement(suites, "testsuite", name=host["host"], timestamp=told["generated_at"].rstrip("Z"))
    looked = ElementTree.SubElement(suite, "testcase", classname=host["host"], name="looked at wholly")
    if not host["complete"]:
        ElementTree.SubElement(looked, "error", message=host["incomplete"])
    for finding in host["findings"]:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"{host['host']}.{finding['kind'] or finding['subject']}", name=finding["id"]
        )
        if finding["accepted"]:
            accepted = finding["accepted"]
            why = f"accepted by {accepted['approver']} until {accepted['expiry']}: {accepted['reason']}"
            ElementTree.SubElement(case, "skipped", message=why)
        elif finding["verdict"] == "skipped":
            ElementTree.SubElement(case, "skipped", message=finding["evidence"])
        elif finding["open"] and finding["severity"] != "info":
            failure = ElementTree.SubElement(case, "failure", type=finding["severity"], message=sentence([finding]))
            failure.text = "\n".join(filter(None, [finding["evidence"], finding["change"]])) or None
        elif finding["open"]:
            ElementTree.SubElement(case, "system-out").text = sentence([finding])
