"""Compiles the narratives of a template.

A narrative of a template is prose written by hand in Jinja. Three things are done to it while it is compiled:

* A test is three-valued, as in the rules: `{% else %}` is taken only where the test surely fails, so a value nobody
  recorded is never printed as normal, and nothing is denied that was not asked.
* With `trace`, printed values and branches leave private marks in the text, from which the sentences learn what they
  say and because of what; bulk rendering leaves them out.
* Our own words are put into the spelling of the reader's country.

What would lose the trace or hide an unknown (inline `a if b else c`, `{% set %}`) is refused while a template loads.
"""

import marshal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from itertools import count
from typing import Any

import jinja2
from jinja2 import DictLoader, StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from ci_notes import wording
from ci_notes.errors import NarrativeError, TemplateError
from ci_notes.narrative.filters import FILTERS, TESTS, WORDED, phrase_of
from ci_notes.narrative.prose import Framed, GroupView, Phrase, Recorded, RowView, SectionView
from ci_notes.narrative.sentences import END, OPEN, SAID, SECTION, SHUT, TEXT
from ci_notes.recent import Recent
from ci_notes.template import Template


def _yes(thing: Any) -> bool | None:
    if isinstance(thing, Recorded):
        return thing.yes()
    if isinstance(thing, GroupView):
        return len(thing) > 0 if thing.state == "known" else None
    return thing if thing is None else bool(thing)


def _and(left: Any, right: Any) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: Any, right: Any) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _not(thing: Any) -> bool | None:
    return None if thing is None else not thing


def _in(thing: Any, options: Any) -> bool | None:
    if isinstance(options, Recorded):
        return options == thing  # type: ignore[no-any-return]
    answers = [thing == option for option in options]
    return True if True in answers else None if None in answers else False


_LOGIC: dict[str, Callable[..., Any]] = {
    "_yes": _yes,
    "_and": _and,
    "_or": _or,
    "_not": _not,
    "_in": _in,
    "_surely": lambda truth: truth is True,
    "_surely_not": lambda truth: truth is False,
}


class Compiler(NodeTransformer):
    """Makes tests three-valued, marks branches and sections, spells our own words, refuses what loses the trace."""

    def __init__(self, traced: bool, jurisdiction: str) -> None:
        self.traced = traced
        self.jurisdiction = jurisdiction

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:  # noqa: N802
        return nodes.TemplateData(wording.spelled(node.data, self.jurisdiction), lineno=node.lineno)

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if node.name in WORDED:
            node.args = [self.spelled(one) for one in node.args]
        return node

    def spelled(self, node: nodes.Expr) -> nodes.Expr:
        if isinstance(node, nodes.Const) and isinstance(node.value, str):
            return nodes.Const(wording.spelled(node.value, self.jurisdiction), lineno=node.lineno)
        return node

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:  # noqa: N802
        raise NarrativeError(f"line {node.lineno}: write {{% if %}} … {{% endif %}}; «a if b else c» loses its trace")

    def visit_Assign(self, node: nodes.Assign) -> nodes.Node:  # noqa: N802
        raise NarrativeError(f"line {node.lineno}: {{% set %}} loses the trace; declare a computed element instead")

    visit_AssignBlock = visit_FilterBlock = visit_CallBlock = visit_Assign  # noqa: N815

    def visit_Mul(self, node: nodes.BinExpr) -> nodes.Node:  # noqa: N802
        raise NarrativeError(f"line {node.lineno}: arithmetic belongs in a computed element")

    visit_Pow = visit_Add = visit_Sub = visit_Div = visit_FloorDiv = visit_Mod = visit_Mul  # noqa: N815

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        if not isinstance(node.node, nodes.Name):
            raise NarrativeError(f"line {node.lineno}: only macros can be called, by the names they are imported under")
        self.generic_visit(node)
        return _call("_told", [node], node.lineno)

    def visit_Block(self, node: nodes.Block) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.body.insert(0, nodes.Output([nodes.TemplateData(f"{SECTION}{node.name}{TEXT}")], lineno=node.lineno))
        return node

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        if node.else_:
            raise NarrativeError(
                f"line {node.lineno}: «for … else» would deny rows that nobody recorded; test the group"
            )
        reads = reads_of(node.iter)
        self.generic_visit(node)
        rows: Any = node.iter
        node.iter = _call("_counted", [rows], node.lineno)
        if node.test is not None:
            node.test = _call("_surely", [self.logic(node.test)], node.lineno)
        node.body = self.marked(node.body, reads, node.lineno)
        return node

    def visit_If(self, node: nodes.If) -> nodes.Node:  # noqa: N802
        reads, line = reads_of(node.test), node.lineno
        rest: list[nodes.Node] = node.else_
        if node.elif_:
            first, *others = node.elif_
            rest = [nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)]
        body = [self.visit(child) for child in node.body]
        rest = [self.visit(child) for child in rest]
        test = self.logic(node.test)
        other = nodes.If(_call("_surely_not", [test], line), self.marked(rest, reads, line), [], [], lineno=line)
        return nodes.If(
            _call("_surely", [test], line), self.marked(body, reads, line), [other] if rest else [], [], lineno=line
        )

    def marked(self, body: list[nodes.Node], reads: list[nodes.Expr], line: int) -> list[nodes.Node]:
        if not self.traced or not reads:
            return body
        opened = nodes.Output([_call("_because", reads, line)], lineno=line)
        return [opened, *body, nodes.Output([nodes.TemplateData(SHUT)], lineno=line)]

    def logic(self, node: nodes.Node) -> nodes.Expr:
        line = node.lineno
        if isinstance(node, nodes.And | nodes.Or):
            name = "_and" if isinstance(node, nodes.And) else "_or"
            return _call(name, [self.logic(node.left), self.logic(node.right)], line)
        if isinstance(node, nodes.Not):
            return _call("_not", [self.logic(node.node)], line)
        if isinstance(node, nodes.Compare) and node.ops[0].op in ("in", "notin"):
            found = _call("_in", [node.expr, node.ops[0].expr], line)
            return found if node.ops[0].op == "in" else _call("_not", [found], line)
        if not isinstance(node, nodes.Expr):
            raise NarrativeError(f"line {line}: this cannot be tested")
        return node if isinstance(node, nodes.Compare | nodes.Const | nodes.Test) else _call("_yes", [node], line)


def _call(name: str, args: list[nodes.Expr], line: int) -> nodes.Filter:
    # As a filter, since Jinja calls those as they are: a function of ours would be held to the sandbox each time.
    first, *others = args
    return nodes.Filter(first, name, others, [], None, None, lineno=line)


def reads_of(node: nodes.Node) -> list[nodes.Expr]:
    """Return the names that a test reads, each as long as it is written."""
    if isinstance(node, nodes.Getattr) or (isinstance(node, nodes.Name) and node.ctx == "load"):
        return [node]
    return [read for child in node.iter_child_nodes() for read in reads_of(child)]


LONGEST = 200_000
"""Characters; a narrative longer than this is a loop gone wrong."""

_MOST_STEPS = 100_000
"""Passes through loops and calls of macros in one narrative, all together: a long note takes a few hundred."""

STEPS: ContextVar[Iterator[int]] = ContextVar("STEPS")
"""Numbers these steps of the narrative that is being rendered."""


def _step() -> None:
    if next(STEPS.get(count())) > _MOST_STEPS:
        raise NarrativeError(f"it takes more than {_MOST_STEPS} passes through its loops and macros")


def _counted(rows: Any) -> Iterator[Any]:
    """Yield rows, and count them: loops within loops may go round forever and print nothing."""
    for row in rows:
        _step()
        yield row


def _told(text: Any) -> Any:
    """Return what a macro said; one that calls others that call others may say more than the memory holds."""
    _step()
    if len(text) > LONGEST:
        raise NarrativeError(f"a macro of it printed more than {LONGEST} characters")
    return text


def _because(*things: Any) -> str:
    paths = [path for thing in things for path in getattr(thing, "paths", ())]
    return f"{OPEN}{','.join(paths)}{TEXT}"


class NarrativeEnvironment(ImmutableSandboxedEnvironment):
    """Jinja, confined: no loops over anything but the note, only our filters and tests, bounded output."""

    def __init__(self, template: Template, traced: bool, jurisdiction: str) -> None:
        super().__init__(
            loader=DictLoader(sources := {**template.macros, **template.narratives}),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
            finalize=_marked if traced else _plain,
        )
        self.traced, self.jurisdiction, self.sources = traced, jurisdiction, sources
        self.template = template.id
        self.prepared = template.prepared if template.prepared.get(_JINJA) == _jinja() else {}
        self.filters = {**FILTERS, **_LOGIC, "_because": _because, "_counted": _counted, "_told": _told}
        self.tests = dict(TESTS)
        self.globals = {}

    def files(self, *names: str) -> list[str]:
        """Return the names of some narratives and of all that they import."""
        found = list(names)
        for name in found:
            with in_words(f"{self.template}/{name}"):
                used = meta.find_referenced_templates(self.parse(self.sources[name]))
            found += [one for one in used if one in self.sources and one not in found]
        return found

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look names up among the elements only, so that an element may be called name, value or paths."""
        if obj.__class__ is SectionView or obj.__class__ is RowView:
            return obj[attribute]
        if isinstance(obj, Recorded | GroupView | Phrase):
            raise NarrativeError(f"«.{attribute}» is no part of a value")
        return super().getattr(obj, attribute)

    def compile(self, source: Any, name: str | None = None, filename: str | None = None, *how: Any, **more: Any) -> Any:
        """Return the code of a narrative or a file of macros: as it was kept with the template, else made now."""
        if how or more or not isinstance(source, str):
            return super().compile(source, name, filename, *how, **more)
        form = _form(name or "", self.jurisdiction)
        if not self.traced and form in self.prepared:
            return marshal.loads(self.prepared[form])  # noqa: S302  written by us
        made_of = (source, filename, form, self.traced)
        return _CODE.get(made_of, partial(super().compile, source, name, filename))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = Compiler(self.traced, self.jurisdiction).visit(super()._parse(source, name, filename))
        return tree


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Say what is wrong with a narrative or a file of macros in a sentence that names it; raises TemplateError."""
    try:
        yield
    except TemplateSyntaxError as error:
        raise TemplateError(f"{name}, line {error.lineno}: {error.message}") from None
    except (JinjaError, NarrativeError) as error:
        raise TemplateError(f"{name}: {error}") from None
    except (RecursionError, SyntaxError):  # SyntaxError: Python itself takes twenty loops within one another
        raise TemplateError(f"{name}: it is nested too deeply") from None
    except ValueError:
        raise TemplateError(f"{name}: it holds a number of too many digits") from None


_CODE: Recent[Any] = Recent(128)
"""The files of macros are those of all templates: what one made of them is good for the next."""

_JINJA = "jinja2"
"""Under this name stands with the code which Jinja wrote it."""


def _jinja() -> bytes:
    return jinja2.__version__.encode()


def _form(name: str, jurisdiction: str) -> str:
    return f"{name} {'US' if jurisdiction == 'US' else ''}"


def prepared(template: Template) -> dict[str, bytes]:
    """Return the code of a template's narratives in both spellings, without marks, to be kept with it."""
    kept = {_JINJA: _jinja()}
    for jurisdiction in ("US", ""):
        made = NarrativeEnvironment(template, False, jurisdiction)
        for name in made.files(*template.narratives):
            with in_words(f"{template.id}/{name}"):
                kept[_form(name, jurisdiction)] = marshal.dumps(made.compile(made.sources[name], name, None), 2)
    return kept


def _plain(thing: Any) -> str:
    if isinstance(thing, str):
        return thing
    if isinstance(thing, Framed):
        return f"{thing.before}{SAID}{TEXT}{thing.phrase.words}{END}{thing.after}"
    if isinstance(thing, list):
        return " ".join(_plain(one) for one in thing)
    # Where a value begins and ends is marked in any case, so that its full stops end no sentence.
    return f"{SAID}{TEXT}{phrase_of(thing).words}{END}"


def _marked(thing: Any) -> str:
    if isinstance(thing, list):
        return " ".join(_marked(one) for one in thing)
    if isinstance(thing, str):
        return thing
    if isinstance(thing, Framed):
        return f"{thing.before}{_marked(thing.phrase)}{thing.after}"
    phrase = phrase_of(thing)
    said = f"{SAID}{','.join(phrase.paths)}{TEXT}{phrase.words}{END}"
    return f"{OPEN}{','.join(phrase.because)}{TEXT}{said}{SHUT}" if phrase.because else said


_ENVIRONMENTS: dict[tuple[int, bool, bool], tuple[Template, NarrativeEnvironment]] = {}


def environment(template: Template, traced: bool, jurisdiction: str) -> NarrativeEnvironment:
    """Return the compiled narratives of a template, in the spelling of a jurisdiction, with or without marks."""
    key = (id(template), traced, jurisdiction == "US")
    held = _ENVIRONMENTS.get(key)
    if held is None or held[0] is not template:
        held = _ENVIRONMENTS[key] = (template, NarrativeEnvironment(template, traced, jurisdiction))
    return held[1]
