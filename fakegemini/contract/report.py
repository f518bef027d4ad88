"""Write a report as text, JSON, JUnit XML, GitHub annotations or an HTML page.

Each form quotes what recordings hold so that it steers neither a terminal nor a CI.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING

from ..wording import count_of, spell_json, spell_unsafe, spell_unsafe_json
from .findings import Finding, Kind

if TYPE_CHECKING:
    from .checker import Report


def as_text(report: Report) -> str:
    """Write a line for each finding, for what could not be checked, for notes, and the counts."""
    lines = [str(finding) for finding in report.findings]
    lines += [f"could not check {reason}" for reason in report.unreadable]
    lines += [f"note: {note}" for note in report.notes]
    return spell_unsafe("\n".join([*lines, summary(report)]))


def summary(report: Report) -> str:
    """Count files, exchanges, violations, drift, and what could not be checked, if anything."""
    line = (
        f"check: {count_of(report.files, 'file')}, {count_of(report.exchanges, 'exchange')}, "
        f"{count_of(report.count(Kind.VIOLATION), 'violation')}, {report.count(Kind.DRIFT)} drift"
    )
    return f"{line}, {len(report.unreadable)} could not be checked" if report.unreadable else line


def as_json(report: Report) -> str:
    """Write the counts, findings and notes as one JSON object, for programs."""
    text = spell_json(
        {
            "files": report.files,
            "exchanges": report.exchanges,
            "violations": report.count(Kind.VIOLATION),
            "drift": report.count(Kind.DRIFT),
            "unreadable": report.unreadable,
            "notes": report.notes,
            "findings": [
                {name: getattr(finding, name) for name in Finding.__slots__}
                for finding in report.findings
            ],
        },
        indent=2,
    )
    return spell_unsafe_json(text)


def as_junit(report: Report) -> str:
    """Write a test case for each exchange with findings; violations fail, unread files err."""
    from xml.etree import ElementTree as Xml

    suite = Xml.Element(
        "testsuite",
        name="fakegemini check",
        tests=str(report.exchanges + len(report.unreadable)),
        failures=str(report.count(Kind.VIOLATION)),
        errors=str(len(report.unreadable)),
    )
    for (file, exchange), group in groupby(report.findings, lambda f: (f.file, f.exchange)):
        case = Xml.SubElement(
            suite, "testcase", classname=spell_unsafe(file), name=f"exchange {exchange}"
        )
        for finding in group:
            if finding.kind is Kind.VIOLATION:
                Xml.SubElement(
                    case, "failure", type=finding.rule, message=spell_unsafe(str(finding))
                )
            else:
                Xml.SubElement(case, "system-out").text = spell_unsafe(str(finding))
    for reason in report.unreadable:
        text = spell_unsafe(reason)
        case = Xml.SubElement(suite, "testcase", classname="fakegemini check", name=text)
        Xml.SubElement(case, "error", type="unreadable", message=text)
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True)


def as_github(report: Report) -> str:
    """Write annotations of a workflow run: violations are errors, drift is a warning."""
    lines = []
    for finding in report.findings:
        level = "error" if finding.kind is Kind.VIOLATION else "warning"
        title = _escape_property(f"{finding.kind}: {finding.rule}")
        lines.append(
            f"::{level} file={_escape_property(finding.file)},title={title}::{_message(finding)}"
        )
    lines += [
        f"::error title=could not check::{_escape_annotation(reason)}"
        for reason in report.unreadable
    ]
    lines += [f"::notice title=recorder::{_escape_annotation(note)}" for note in report.notes]
    return "\n".join([*lines, summary(report)])


def as_html(report: Report) -> str:
    """Write an HTML page that needs no other file."""
    rows = "".join(
        f"<tr class={finding.kind}><td>{finding.kind}<td>{_html(finding.file)} "
        f"#{finding.exchange}<td><code>{_html(finding.path)}</code><td>{_html(finding.found)}"
        f"<td>{_html(finding.expected)}<td>{_html(finding.rule)}<br>{_html(finding.evidence)}"
        for finding in report.findings
    )
    reasons = "".join(f"<li>could not check {_html(reason)}" for reason in report.unreadable)
    reasons += "".join(f"<li>{_html(note)}" for note in report.notes)
    return (
        "<!doctype html><meta charset=utf-8><title>fakegemini check</title><style>"
        "body{font:14px system-ui;margin:2em}td,th{padding:.3em .8em;text-align:left;"
        "vertical-align:top;border-bottom:1px solid #ddd}.violation td:first-child{color:#b00}"
        ".drift td:first-child{color:#a60}</style>"
        f"<h1>{_html(summary(report))}</h1><ul>{reasons}</ul>"
        "<table><tr><th>kind<th>where<th>path<th>found<th>expected<th>rule"
        f"{rows}</table>\n"
    )


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "junit": as_junit,
    "github": as_github,
    "html": as_html,
}
"""The function that writes a report, by the name of its format."""


def _html(value: str) -> str:
    return html.escape(spell_unsafe(value))


def _message(finding: Finding) -> str:
    return _escape_annotation(
        f"#{finding.exchange} {finding.path}: {finding.found}; {finding.expected}"
    )


def _escape_annotation(value: str) -> str:
    return spell_unsafe(value, keep="\n").replace("%", "%25").replace("\n", "%0A")


def _escape_property(value: str) -> str:
    return _escape_annotation(value).replace(":", "%3A").replace(",", "%2C")
