"""Parts of a narrative that were told before: where what a part speaks of did not change, it is told as it was.

A part is a block of the template. What it prints follows from the sections that it names, from whether their elements
are asked, and from what their computed values come from; so that is what it is remembered by.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from jinja2 import nodes
from jinja2.runtime import Context

from ci_notes.narrative.compiling import NarrativeEnvironment
from ci_notes.narrative.prose import View
from ci_notes.recent import Recent, digest
from ci_notes.template import Template

_TOLD: Recent[tuple[NarrativeEnvironment, str]] = Recent(2000)
forget = _TOLD.forget

_Block = Callable[[Context], Iterator[str]]


def remember_parts(context: Context, environment: NarrativeEnvironment, name: str, view: View) -> None:
    """Let the blocks of a narrative that is about to be rendered be told as they were, where they would be the same."""
    sections = _Sections(view)
    reads = _reads(environment, name, view.note.template)
    for block, (tell, *behind) in context.blocks.items():
        if block in reads:
            made_of = (id(environment), name, block, view.note.jurisdiction, *map(sections.digest, reads[block]))
            context.blocks[block] = [_remembered(environment, made_of, tell), tell, *behind]  # for super()


def _remembered(environment: NarrativeEnvironment, made_of: tuple[Any, ...], tell: _Block) -> _Block:
    def told(context: Context) -> Iterator[str]:
        # The environment is kept beside what it printed, so that its id stays its own.
        yield _TOLD.get(made_of, lambda: (environment, "".join(tell(context))))[1]

    return told


class _Sections:
    """What is recorded in each section of a note, and what prose can learn of it, as digests."""

    def __init__(self, view: View) -> None:
        self.template, self.record = view.note.template, view.note.record
        self.asked = _by_section(view.asked, lambda key: key[0])
        self.held = [_by_section(one, str) for one in (self.record.values, self.record.spans, self.record.absent)] + [
            _by_section(self.record.rows, str),
            _by_section(dict.fromkeys(sorted(self.record.wrong)), str),
        ]
        self.known: dict[str, bytes] = {}

    def digest(self, name: str) -> bytes:
        if name not in self.known:
            origins = [
                self.record.state(one) == "known" for path in _computed(self.template, name)
                for one in self.template.origins(path)
            ]  # fmt: skip
            self.known[name] = digest((self.asked.get(name), *(one.get(name) for one in self.held), origins))
        return self.known[name]


def _by_section(held: Any, path: Callable[[Any], str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for key, value in held.items():
        found[path(key).partition(".")[0]].append((key, value))
    return found


def _computed(template: Template, section: str) -> Iterator[str]:
    found = template.section(section)
    return (one.path for one in found if one.computed) if found else iter(())


# --- what a part speaks of -----------------------------------------------------------------------------------------


_READS: Recent[tuple[NarrativeEnvironment, dict[str, tuple[str, ...]]]] = Recent(64)


def _reads(environment: NarrativeEnvironment, name: str, template: Template) -> dict[str, tuple[str, ...]]:
    """Return the sections that each block of a narrative names."""
    return _READS.get((id(environment), name), lambda: (environment, dict(_named(environment, name, template))))[1]


def _named(environment: NarrativeEnvironment, name: str, template: Template) -> Iterator[tuple[str, tuple[str, ...]]]:
    sections = {section.name for section in template.sections}
    trees = [*_extended(environment, name)]
    # What is imported or included so may read anything, whatever the block itself names.
    unseen = any(getattr(one, "with_context", False) for tree in trees for one in tree.find_all(nodes.Stmt))
    names: dict[str, set[str]] = defaultdict(set)
    for tree in trees:  # a block may say what the one that it replaces says
        for block in tree.find_all(nodes.Block):
            names[block.name] |= {one.name for one in block.find_all(nodes.Name)}
    for block_name, named in names.items():
        yield block_name, tuple(sorted(sections if unseen else named & sections))


def _extended(environment: NarrativeEnvironment, name: str) -> Iterator[nodes.Template]:
    """Yield a narrative as it is parsed, and those that it extends."""
    while name:
        tree = environment.parse(environment.sources[name], name)
        yield tree
        extends = next(tree.find_all(nodes.Extends), None)
        name = extends.template.value if extends and isinstance(extends.template, nodes.Const) else ""
