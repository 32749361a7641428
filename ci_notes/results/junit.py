"""Results as JUnit XML, for build servers: a suite for each note kind and rule set, a test for each note.

A note fails with what was found at a severity or above. It has one `failure`, with a line for each finding, because
Jenkins keeps one of several. A note in which nothing failed but something of that severity could not be told is
`skipped`, since nobody knows that it passes. A record that could not be read is an `error`. What else was found, and
what was kept, is in `system-out`. Totals stand before the tests they count, so tests are put by in temporary files.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, TextIO
from xml.sax.saxutils import escape, quoteattr

from ci_notes.results.model import Checked, Result, Told, Unread, fails, is_at_least

_IN_MEMORY = 1 << 20
"""Bytes of a suite that are put by in memory; more go to a temporary file."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write, not even escaped."""


def write(results: Iterable[Result], stream: TextIO, fail_on: str = "error") -> None:
    """Write results as JUnit XML (UTF-8); `fail_on` is error, warning, info or never."""
    suites: dict[tuple[str, ...], _Suite] = {}
    with ExitStack() as put_by:
        for result in results:
            key = _suite_of(result)
            if key not in suites:
                suites[key] = _Suite(result, put_by)
            suites[key].add(result, fail_on)
        stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        totals = {name: sum(one.counts[name] for one in suites.values()) for name in _COUNTED}
        stream.write(f"<testsuites{_attributes({'name': 'ci-notes', **totals})}>\n")
        for key in sorted(suites):
            suites[key].copy_to(stream)
        stream.write("</testsuites>\n")


_COUNTED = ("tests", "failures", "errors", "skipped")


def _suite_of(result: Result) -> tuple[str, ...]:
    return ("",) if isinstance(result, Unread) else (result.template, result.version, result.rule_set)


class _Suite:
    """The tests of one note kind, put by until they are counted."""

    def __init__(self, first: Result, put_by: ExitStack) -> None:
        self.counts = dict.fromkeys(_COUNTED, 0)
        self.name, self.facts = "unreadable", {}
        if isinstance(first, Checked):
            self.name = first.template
            self.facts = {
                "version": first.version,
                "rule_set": first.rule_set,
                "rules": first.rules,
                "rules_not_reviewed": first.rules_not_reviewed,
            }
        spooled = tempfile.SpooledTemporaryFile(_IN_MEMORY, mode="w+", encoding="utf-8", newline="")  # noqa: SIM115
        self.tests: Any = put_by.enter_context(spooled)

    def add(self, result: Result, fail_on: str) -> None:
        """Put by the test of one record."""
        self.counts["tests"] += 1
        self.tests.writelines(_unread(result) if isinstance(result, Unread) else _checked(result, fail_on, self.counts))
        self.counts["errors"] += isinstance(result, Unread)

    def copy_to(self, stream: TextIO) -> None:
        """Write the suite with its totals."""
        stream.write(f"<testsuite{_attributes({'name': self.name, **self.counts})}>\n")
        if self.facts:
            facts = "".join(
                f"<property{_attributes({'name': name, 'value': said})}/>" for name, said in self.facts.items()
            )
            stream.write(f"<properties>{facts}</properties>\n")
        self.tests.seek(0)
        shutil.copyfileobj(self.tests, stream)
        stream.write("</testsuite>\n")


def _unread(result: Unread) -> Iterator[str]:
    place = f"{result.name}, line {result.line}" if result.line else result.name
    yield _opened("unreadable", place, result)
    yield f"<error{_attributes({'type': result.told.finding.rule, 'message': result.reason})}/></testcase>\n"


def _checked(result: Checked, fail_on: str, counts: dict[str, int]) -> Iterator[str]:
    failed = [one for one in result.findings if fails(one.finding, fail_on)]
    open_ = [one for one in result.findings if one.finding.outcome == "could not tell"]
    undecided = [one for one in open_ if is_at_least(one.finding, fail_on)]
    rest = [one for one in result.findings if not fails(one.finding, fail_on)]
    place = f"{result.name}:{result.line}" if result.line else result.name
    yield _opened(result.template, f"{result.note} ({place})", result)
    if failed:
        counts["failures"] += 1
        yield _failure(failed)
    elif undecided:
        counts["skipped"] += 1
        yield f"<skipped{_attributes({'message': f'could not tell: {len(undecided)}'})}/>"
    if rest:
        yield f"<system-out>{_text(_lines(rest))}</system-out>"
    yield "</testcase>\n"


def _opened(kind: str, name: str, result: Result) -> str:
    where = {"file": result.name} | ({"line": result.line} if result.line else {})
    return f"<testcase{_attributes({'classname': f'ci-notes.{kind}', 'name': name, 'time': '0', **where})}>"


def _failure(failed: list[Told]) -> str:
    first, more = failed[0].finding, len(failed) - 1
    message = f"{first.message} (and {more} more)" if more else first.message
    return f"<failure{_attributes({'type': first.rule, 'message': message})}>{_text(_lines(failed))}</failure>"


def _lines(findings: Iterable[Told]) -> str:
    return "\n".join(map(_line, findings))


def _line(one: Told) -> str:
    found = one.finding
    outcome = "" if found.outcome == "found" else f", {found.outcome}"
    where = f" at {', '.join(found.places)}" if found.places else ""
    at_line = f" (line {one.line})" if one.line else ""
    kept = f" Kept because: {found.rationale}" if found.rationale else ""
    return f"{found.severity}{outcome}: {found.rule}{where}{at_line}: {found.message}{kept} [{found.source}] {one.id}"


def _attributes(values: dict[str, Any]) -> str:
    return "".join(f" {name}={quoteattr(_NO_XML.sub('', str(value)))}" for name, value in values.items())


def _text(text: str) -> str:
    return escape(_NO_XML.sub("", text))
