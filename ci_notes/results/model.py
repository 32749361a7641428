"""What a check of one submitted record gave: a note with its findings, or a record that could not be read.

Each finding has an id that is the same in every run: a digest of the note's id, the rule and the places, never of the
wording or the order; a note without an id is known by its content. Nothing in here identifies a patient. The names of
files stand as they were given.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from ci_notes.checks import BUILT_IN, SEVERITIES, Finding
from ci_notes.derive import Note
from ci_notes.results.discreet import Discretion
from ci_notes.results.known import known
from ci_notes.template import HEADER, Template

UNREADABLE = "unreadable"
"""The rule id of a record that could not be read."""

UNREADABLE_STATEMENT = "Every record is a note, or a bundle that a note can be made of."
UNREADABLE_WHY = (
    "What cannot be read is checked by nobody; it is named with its place, and the rest of the run goes on."
)

Where = Callable[[str], tuple[int, int]]
"""Line and column, from 1, of a place in the file that a note is from; 0 for what is not known."""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with the id it has in every run, and where its first place stands in the file (from 1; 0 unknown)."""

    id: str
    finding: Finding
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """A note that was checked: where it stands, what it was held to, whose it is, and what was found.

    `line` is that of its record in a file with one record a line, else 0. `rule_set` changes when what can be found
    does. `author` and `site` are as recorded; `month` is YYYY-MM. What the note does not say is empty.
    """

    name: str
    line: int
    note: str
    template: str
    version: str
    rule_set: str
    rules: int
    rules_not_reviewed: int
    jurisdiction: str
    status: str
    author: str
    site: str
    month: str
    findings: tuple[Told, ...]
    accepted: int = 0
    """How many findings are not among them since a baseline accepts them."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that could not be read: where it stands, and why, in words without what it holds."""

    name: str
    line: int
    reason: str

    @property
    def told(self) -> Told:
        """The same as a finding."""
        found = Finding(UNREADABLE, UNREADABLE, "error", "conformance", self.reason)
        return Told(_digest(self.name, str(self.line), UNREADABLE), found, self.line)


Result = Checked | Unread


@dataclass(frozen=True, slots=True)
class Described:
    """A rule or a check that every template has, as reports tell of it; `grade` and `jurisdictions` as in rules."""

    id: str
    name: str
    severity: str
    category: str
    statement: str
    why: str
    source: str
    grade: str
    jurisdictions: tuple[str, ...]
    reviewed: bool


def checked(note: Note, found: Iterable[Finding], name: str, line: int = 0, where: Where | None = None) -> Checked:
    """Return a note with what was found in it; `where` is asked for places only if something was found."""
    about, discretion = known(note.template), Discretion(note)
    values = note.record.values
    return Checked(
        name=name,
        line=line,
        note=_id_of(note, discretion),
        template=note.template.id,
        version=note.template.version,
        rule_set=about.rule_set,
        rules=len(about.rules),
        rules_not_reviewed=about.not_reviewed,
        jurisdiction=note.jurisdiction,
        status=note.status,
        author=discretion.of_staff(str(values.get("author.name", ""))),
        site=discretion.of_staff(str(values.get("author.facility", ""))),
        month=str(values.get(f"{HEADER}.date", ""))[:7],
        findings=tuple(_told(note, found, discretion, where or (lambda _: (line, 0)))),
    )


def rule_set(template: Template) -> str:
    """Return the version of a template's rules: it changes when what can be found does, and not with its wording."""
    return known(template).rule_set


def described(templates: Iterable[Template]) -> dict[str, Described]:
    """Return by id every rule and check that results of these templates may name."""
    found = {rule.id: rule for template in templates for rule in known(template).rules.values()}
    by_id = {
        rule.id: Described(
            rule.id, rule.name, rule.severity, rule.category, rule.statement, rule.why, rule.citation, rule.grade,
            rule.jurisdictions, bool(rule.reviewed.get("by")),
        )
        for rule in found.values()
    }  # fmt: skip
    for one in BUILT_IN.values():
        by_id[one.id] = _built_in(one.id, one.severity, one.category, one.statement, one.why)
    by_id[UNREADABLE] = _built_in(UNREADABLE, "error", "conformance", UNREADABLE_STATEMENT, UNREADABLE_WHY)
    return by_id


def told(result: Result) -> tuple[Told, ...]:
    """Return the findings of a result; a record that could not be read is one."""
    return (result.told,) if isinstance(result, Unread) else result.findings


def fails(finding: Finding, severity: str) -> bool:
    """Return whether a finding was found (not kept, not undecided) at a severity or above; none is above "never"."""
    return finding.outcome == "found" and is_at_least(finding, severity)


def is_at_least(finding: Finding, severity: str) -> bool:
    """Return whether a finding is of a severity or above, whatever came of it."""
    return severity in SEVERITIES and SEVERITIES.index(finding.severity) <= SEVERITIES.index(severity)


def _built_in(identifier: str, severity: str, category: str, statement: str, why: str) -> Described:
    return Described(identifier, identifier, severity, category, statement, why, "data quality", "D", (), False)


def _told(note: Note, found: Iterable[Finding], discretion: Discretion, where: Where) -> Iterator[Told]:
    met: Counter[str] = Counter()
    identity = note.id or _made_of(note)
    for finding in found:
        discreet = discretion.finding(finding)
        identifier = _digest(identity, finding.rule, *sorted(discreet.places))
        met[identifier] += 1
        counted = identifier if met[identifier] == 1 else f"{identifier}-{met[identifier]}"
        yield Told(counted, discreet, *where(finding.places[0] if finding.places else ""))


def _made_of(note: Note) -> str:
    """Return what a note without an id is known by: all that it holds, so that it is no other note without one."""
    return _digest(json.dumps(note.data, sort_keys=True, default=str))


def _id_of(note: Note, discretion: Discretion) -> str:
    """Return a note's id, or a digest of one that is itself a patient's number."""
    return _digest(note.id) if discretion.tells(note.id) else note.id


def _digest(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
