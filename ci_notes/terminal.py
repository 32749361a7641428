"""Fills a note in a terminal: asks the interview's questions, one key for each reason of absence, saved as one goes.

With a terminal the keys work at once and lines can be edited; without one (a pipe, a script) answers are read as lines.
"""

import json
import shutil
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from ci_notes import answers, derive, keyboard, wording
from ci_notes.answers import ABSENCE_KEYS, Answer, Doubt, Unclear, Value
from ci_notes.checks import HANDLED, check, left_over
from ci_notes.derive import Note
from ci_notes.drafts import Draft
from ci_notes.element import ABSENCES, Element, Section
from ci_notes.errors import InputError
from ci_notes.extras import PLUS, picked
from ci_notes.interview import Interview, computed_values
from ci_notes.keyboard import BACK, Line
from ci_notes.library import read_data
from ci_notes.places import label, place
from ci_notes.prompts import extras, headline, jurisdiction, prompt, still_open
from ci_notes.questions import Key, Question
from ci_notes.recording import USUAL
from ci_notes.reporting import rows_of, wrapped
from ci_notes.template import HEADER, Template

HELP, CLEAR, STOP, REASON, OPEN = ":help", ":clear", ":stop", ";", "-"

_HELP = """\
  Enter    leave it open for now, or keep what stands in [brackets]; a suggestion there is recorded, - leaves it open
  <        back to the question before
  ?  !  _  not known / declined / not assessed
  *  ~     not asked / not applicable
  ; text   a reason for the last of these
  +        what can be added here and is not asked: then its number; or at once, as in «+ comment: lives alone»
  :clear   take this answer back     :stop   stop here; the draft is kept (also Ctrl-D)
"""


def fresh_id() -> str:
    """Return a new id for a note."""
    return str(uuid.uuid4())


def fresh_row_id() -> str:
    """Return a new id for a row: short, since people read it in findings."""
    return uuid.uuid4().hex[:8]


def fill(template: Template, output: str | None, earlier: Sequence[Note], jurisdiction: str, now: str) -> None:
    """Ask for a note until it is finished or stopped; the draft is saved after every answer.

    What lasts is carried forward from earlier notes, and in the end the new one is held against them.

    Raises InputError where the output cannot be used.
    """
    line = keyboard.reader()
    path = Path(output or f"{template.id}-{now[:10]}-{fresh_row_id()[:4]}.note.json")
    data = _begun(path, template, jurisdiction, now, line)
    interview = Interview(template, data, fresh_row_id, [one.data for one in earlier])
    if HEADER in interview.carried:
        _carry_header(interview)
    interview.resume()
    draft = Draft(path)
    _save(draft, interview)
    _say(f"\n{template.title}. Type :help for the keys; the draft is kept in {path}.\n", bold=True)
    _Filling(interview, line, date.fromisoformat(now[:10]), lambda: _save(draft, interview)).run()
    _closing(interview, draft.path, earlier)


def _begun(path: Path, template: Template, jurisdiction: str, now: str, line: Line) -> dict[str, Any]:
    """Return the draft that a file holds, or the beginning of a new note."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file in it")
    if not path.exists():
        started: dict[str, Any] = {"id": fresh_id(), "template": template.id, "version": template.version,
                                   "status": "draft", "date": now}  # fmt: skip
        return started | ({"jurisdiction": jurisdiction} if jurisdiction else {})
    data = read_data(path)
    if data.get("template") != template.id or data.get("status") != "draft":
        raise InputError(f"{path} exists and is not a draft of {template.id}; name another file")
    wrong = derive.note(template, data).problems
    if wrong:
        raise InputError(f"{path} cannot be continued: {wrong[0].message} ({wrong[0].path})")
    day = wording.say_date(str(data.get("date", "")), jurisdiction or str(data.get("jurisdiction", "")))
    answer = line(f"{path} holds a draft of {day}.\nContinue it? [Y/n] ", keys=False)
    if answer.strip().lower() in ("n", "no"):
        raise InputError(f"{path} was left as it is; name another file")
    return data


def _carry_header(interview: Interview) -> None:
    section = interview.template.section(HEADER)
    if section is not None:
        interview.settle(section, take="jurisdiction" not in interview.data)


def _save(draft: Draft, interview: Interview) -> None:
    before = draft.path
    draft.save(json.dumps(_tidy(interview), indent=2, ensure_ascii=False) + "\n")
    if draft.path != before:
        _say(f"  {before} was changed by somebody else; this draft goes on in {draft.path}.", bold=True)


def _tidy(interview: Interview) -> dict[str, Any]:
    """Return the data in the order of the template, without sections that hold nothing."""
    data = interview.data
    order = ["id", "template", "version", *(element.name for element in interview.template.sections[0])]
    order += [section.name for section in interview.template.sections[1:]]
    return {key: data[key] for key in [*order, *(key for key in data if key not in order)] if data.get(key, {}) != {}}


def _closing(interview: Interview, path: Path, earlier: Sequence[Note]) -> None:
    found = check(derive.note(interview.template, interview.data, earlier=earlier))
    open_points = [one for one in found if one.outcome == "found" and one.rule not in HANDLED]
    left = [one.title for one in interview.unanswered()]
    _say(f"\nSaved in {path}.", bold=True)
    for one in open_points:
        _say(f"  {one.severity}: {one.message} ({'; '.join([*rows_of(one), one.source])})")
    if left:
        _say(f"  Still open: {wording.listed(dict.fromkeys(left))}.")
    _say(f"  Narrative: ci-notes render {path}\n  Findings:  ci-notes check {path}\n  Bundle:    ci-notes fhir {path}")


def _say(words: str, bold: bool = False) -> None:
    if sys.stdout.isatty():
        words = wrapped(words, max(40, shutil.get_terminal_size().columns))
    click.secho(words, bold=bold, err=not sys.stdout.isatty())


# --- asking --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Taken:
    """A value to be recorded, and why it is kept though it is unusual."""

    value: Any
    reason: str = ""


class _Filling:
    """One sitting: question after question, each answer saved before the next is asked."""

    def __init__(self, interview: Interview, line: Line, today: date, save: Callable[[], None]) -> None:
        self.interview = interview
        self.line = line
        self.today = today
        self.save = save
        self.section = ""
        self.known = computed_values(interview.note())
        self.last_absent: Question | None = None
        self.seen: set[Key] = set()
        self.once_more: set[Key] | None = None
        self.declined = False
        self.suggests = line is not keyboard.piped  # where nobody looks, an empty line accepts nothing

    def run(self) -> None:
        question = self.interview.forward()
        try:
            while question is not None or (question := self.still_open()) is not None:
                question = self.ask(question)
            self.offer_to_discard()
        except (EOFError, KeyboardInterrupt):
            _say("\nStopped; the draft is kept.")

    def still_open(self) -> Question | None:
        """At the end, offer once more what is required and open, and what was never asked; return the first of it."""
        if self.once_more is not None or self.declined:
            return None
        required, never_seen = self.interview.unanswered(), self.interview.never_seen(self.seen)
        if not required and not never_seen:
            return None
        _say(f"\nStill open: {still_open(required, never_seen)}.", bold=True)
        typed = self.line("Answer that now? [Y/n, < to go back] ", keys=False).strip().lower()
        if typed == BACK:
            return self.interview.current() or self.interview.back()
        if typed not in ("", "y", "yes"):
            self.declined = True
            return None
        self.once_more = set()
        return self.next()

    def offer_to_discard(self) -> None:
        """Show what no longer applies, and take it out if the person says so."""
        note = self.interview.note()
        found = [f"{label(note.template, one.path, row)}: {wording.say(one, value, note.jurisdiction)}"
                 for one, row, value in left_over(note)]  # fmt: skip
        if not found:
            return
        _say("\nRecorded, but no longer applying after the other answers:", bold=True)
        _say("\n".join(f"  {one}" for one in found))
        if self.line("Discard that? [y/N] ", keys=False).strip().lower() in ("y", "yes"):
            self.interview.discard_left_over()
            self.save()

    def next(self) -> Question | None:
        """Return the next question: the one that follows, or in the last round the next one left open.

        That is found anew after each answer, so what an answer opened (a block, rows, details) comes behind it.
        """
        if self.once_more is None:
            return self.interview.forward()
        wanted = {one.key for one in self.interview.unanswered()} - self.once_more
        wanted |= {one.key for one in self.interview.never_seen(self.seen)}
        question = next((one for one in self.interview.questions() if one.key in wanted), None)
        if question is not None:
            self.once_more.add(question.key)
            self.interview.go_to(question)
        return question

    def ask(self, question: Question) -> Question | None:
        """Ask a question until it has an answer, and return the next one."""
        self.headline(question.section)
        self.seen.add(question.key)
        words = self.typed(question)
        if words == BACK:
            return self.interview.back() or question
        return self.next() if self.settled(question, words) else question

    def typed(self, question: Question) -> str:
        words = self.line(prompt(self.interview, question, self.suggestion(question))).strip()
        if words == STOP:
            raise EOFError
        return words

    def suggestion(self, question: Question) -> Any:
        return self.interview.suggestion(question) if self.suggests else None

    def settled(self, question: Question, words: str) -> bool:
        """Take what was typed; return whether the question is done with."""
        if self.command(question, words) or not self.answered(question, words):
            return False
        self.save()
        self.show_computed()
        return True

    def headline(self, section: Section) -> None:
        if section.name != self.section:
            self.section = section.name
            _say(f"\n{headline(self.interview, section)}", bold=True)

    def command(self, question: Question, words: str) -> bool:
        """Carry out what is no answer; return whether it was one."""
        if words in (HELP, ":h", ":"):
            _say(_HELP + (f"  {question.element.help}" if question.element and question.element.help else ""))
        elif words == CLEAR:
            self.interview.clear(question)
            self.save()
        elif words.startswith(PLUS) and not _signed(question, words):
            self.add(question, words.removeprefix(PLUS).strip())
        elif words.startswith(REASON):
            self.reason(words.removeprefix(REASON).strip())
        elif words.startswith(":"):
            _say(f"  «{words}» is no command; :help shows them")
        else:
            return False
        return True

    def reason(self, reason: str) -> None:
        if self.last_absent is None or not reason:
            _say("  A reason belongs to an answer such as ? or _; write it as «; no records with her».")
            return
        self.interview.add_reason(self.last_absent, reason)
        self.save()
        about = self.last_absent.element.say if self.last_absent.element else self.last_absent.title
        _say(f"  Noted for {about}: {reason}")

    def add(self, question: Question, words: str) -> None:
        """Ask for something that is not asked in turn; the question at hand comes again afterwards."""
        offered = self.interview.on_request(question)
        if not offered:
            _say("  There is nothing to add here.")
            return
        if not words:
            _say(extras(self.interview, offered))
            words = self.line("  Number, or Enter to go on: ", keys=False).strip()
        if words == STOP:
            raise EOFError
        if not words or words == BACK:
            return
        found, answer = picked(offered, words)
        if isinstance(found, str):
            _say(f"  {found}")
        elif not (answer and self.settled(found, answer)):
            self.ask_at_once(found)

    def ask_at_once(self, question: Question) -> bool:
        """Ask a question out of turn, with those about its rows; return whether nobody went back from it."""
        words = self.typed(question)
        while words != BACK and not self.settled(question, words):
            words = self.typed(question)
        asked_for = {question.key}
        while words != BACK:
            following = [one for one in self.rows_of(question) if one.key not in asked_for]
            if not following:
                return True
            asked_for.add(following[0].key)
            words = words if self.ask_at_once(following[0]) else BACK
        return False

    def rows_of(self, question: Question) -> list[Question]:
        return self.interview.rows_of(question) if question.kind == "rows" else []

    def answered(self, question: Question, words: str) -> bool:
        if question.kind == "carry":
            return self.carry(question.section, words)
        suggestion = self.suggestion(question)
        if suggestion is not None and words in ("", OPEN):
            return words == OPEN or self.take(question, suggestion)
        if not words:
            self.interview.confirm(question)
            return True
        if words in ABSENCE_KEYS:
            return self.absent(question, ABSENCE_KEYS[words])
        self.last_absent = None
        return self.block(question, words) if question.kind == "block" else self.value(question, words)

    def absent(self, question: Question, code: str) -> bool:
        self.last_absent = self.interview.open_part(question)
        self.interview.put_absent(question, code)
        _say(f"  {ABSENCES[code]}")
        return True

    def take(self, question: Question, suggestion: Any) -> bool:
        """Record what was suggested, held to the same limits as if it had been typed."""
        element = question.element
        if element is None:
            return False
        self.last_absent = None
        taken = self.usable(element, answers.within(element, Value(suggestion)))
        if taken is None:
            return False
        if question.kind == "rows":
            self.interview.put_rows(question, taken.value)
            return True
        self.put(question, taken)
        _say(f"  {wording.say(element, taken.value, jurisdiction(self.interview))}")
        return True

    def put(self, question: Question, taken: _Taken) -> None:
        self.interview.put(question, taken.value)
        self.keep(question, taken)

    def carry(self, section: Section, words: str) -> bool:
        offered = self.interview.offered(section)
        numbers = [] if words.lower() in ("y", "yes", "n", "no") else _numbers(words, len(offered))
        if numbers is None:
            which = f"the numbers of what has changed (1 to {len(offered)})" if len(offered) > 1 else "1 to change it"
            _say(f"  Type y to take all of it, {which}, or n to answer anew.")
            return False
        but = {offered[number - 1].name for number in numbers}
        self.interview.settle(section, take=words.lower() not in ("n", "no"), but=but)
        return True

    def block(self, question: Question, words: str) -> bool:
        members, normal = self.interview.open_part(question).members, bool(question.block and question.block.normal)
        if words.lower() in ("e", "each"):
            self.interview.open_block(question)
            return True
        none = words.lower() in (("y", "yes", "all") if normal else ("n", "no", "none"))
        numbers = [] if none else _numbers(words, len(members))
        if numbers is None:
            which = "that are not, y for all" if normal else "present, n for none"
            _say(f"  Type the numbers of those {which}, e for one by one (1 to {len(members)}).")
            return False
        differing = {members[number - 1].name for number in numbers}
        self.interview.put_block(question, differing)
        others = [element.say for element in members if element.name not in differing]
        if numbers and others:
            _say(f"  {'and yes' if normal else 'and not'}: {wording.listed(others)}")
        return True

    def value(self, question: Question, words: str) -> bool:
        element = question.element
        if element is None:
            return False
        if question.kind == "list":
            return self.list_of(question, element.rows[0], words)
        if element.pair and "/" in words:
            return self.pair(question, element, words)
        taken = self.read(element, words)
        if taken is None:
            return False
        if question.kind == "rows":
            self.interview.put_rows(question, taken.value)
        else:
            self.put(question, taken)
            self.echo(element, taken.value, words)
        return True

    def pair(self, question: Question, element: Element, words: str) -> bool:
        """Take two values that are typed together, as 112/70."""
        other = self.interview.template.elements[element.pair]
        first, _, second = (part.strip() for part in words.partition("/"))
        taken = self.read(element, first)
        with_it = self.read(other, second) if taken is not None else None
        if taken is None or with_it is None:
            return False
        self.interview.put_pair(question, (taken.value, with_it.value))
        self.keep(question, taken)
        self.keep(Question("element", question.section, other), with_it)
        return True

    def list_of(self, question: Question, element: Element, words: str) -> bool:
        if words.lower() in ("none", "0 measurements"):
            self.interview.put_list(question, [])
            return True
        parts = answers.parts(words)
        if isinstance(parts, Unclear):
            _say(f"  {parts.message}")
            return False
        all_taken = []
        for part in parts:
            taken = self.read(element, part)
            if taken is None:
                return False
            all_taken.append(taken)
        self.interview.put_list(question, [taken.value for taken in all_taken])
        for row, taken in zip(self.interview.value(question), all_taken, strict=True):
            self.keep(Question("element", question.section, element, row["id"]), taken)
        return True

    def read(self, element: Element, words: str) -> _Taken | None:
        """Return what was typed as a value, after asking back where it is in doubt; None where it is not usable."""
        answer = answers.read(
            element, words, jurisdiction(self.interview), self.today, str(self.interview.data.get("date", ""))
        )
        return self.usable(element, answer)

    def usable(self, element: Element, answer: Answer) -> _Taken | None:
        """Return the value of an answer, asked back where it is in doubt."""
        if isinstance(answer, Unclear):
            _say(f"  {answer.message}")
            return None
        if isinstance(answer, Doubt):
            return self.confirmed(element, answer)
        if answer.said:
            _say(f"  {answer.said}")
        return _Taken(answer.value)

    def confirmed(self, element: Element, doubt: Doubt) -> _Taken | None:
        """Return a doubtful value once the person says yes; what is unusual after all needs its reason."""
        if self.line(f"  {doubt.question} [y/n] ", keys=False).strip().lower() not in ("y", "yes"):
            return None
        if not doubt.kept:
            return self.usable(element, answers.within(element, Value(doubt.value)))
        reason = self.line("  Reason, at least ten characters: ", keys=False).strip()
        while 0 < len(reason) < 10:
            reason = self.line("  A few words more, or Enter to leave the value out: ", keys=False).strip()
        if not reason:
            _say("  Without a reason it is not recorded.")
            return None
        return _Taken(doubt.value, reason)

    def keep(self, question: Question, taken: _Taken) -> None:
        """Keep the reason of an unusual value that was recorded."""
        if question.element is not None and taken.reason:
            record = self.interview.record_of(self.interview.note(), question)
            at = place(question.element.path, record if question.group else None)
            self.interview.keep(USUAL, at, taken.reason)

    def echo(self, element: Element, value: Any, typed: str) -> None:
        """Show a value that was typed in one form and is kept in another."""
        said_value = wording.say(element, value, jurisdiction(self.interview))
        if (
            element.kind in ("date", "datetime", "gestational-age", "choice", "choices")
            and said_value.lower() != typed.lower()
        ):
            _say(f"  {said_value}")

    def show_computed(self) -> None:
        now = computed_values(self.interview.note())
        for title, words in now.items():
            if self.known.get(title) != words:
                _say(f"  → {title}: {words}")
        self.known = now


def _numbers(words: str, most: int) -> list[int] | None:
    """Return the numbers that were typed, of 1 to `most`; None where there is anything else among them."""
    parts = words.replace(",", " ").split()
    usable = all(part.isdecimal() and 1 <= int(part) <= most for part in parts)
    return [int(part) for part in parts] if usable else None


def _signed(question: Question, words: str) -> bool:
    """Return whether a plus sign belongs to the number or date that is asked for, as in station +2 or a visit in +7."""
    number = question.element is not None and question.element.kind in ("integer", "quantity", "date", "datetime")
    return number and words[1:2].isdecimal()
