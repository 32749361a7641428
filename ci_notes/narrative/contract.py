"""What must hold of a narrative before it is used: names exist, blocks have headings, nothing loses its trace."""

from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ci_notes.errors import NarrativeError
from ci_notes.expression import nearest
from ci_notes.narrative.compiling import Compiler, NarrativeEnvironment, environment, in_words, reads_of
from ci_notes.narrative.filters import FILTERS, TESTS
from ci_notes.template import HEADER, PARENT, Template

_ROW_NAMES = ("number", "ordinal")

PAGE = "patient."
"""How the name of a page for the patient begins."""


def check_narrative(template: Template) -> None:
    """Refuse a narrative that names what the template does not have; raises TemplateError with line and mend."""
    prepared = environment(template, traced=True, jurisdiction="")
    for name, source in template.narratives.items():
        with in_words(_named(template, name)):
            tree = ImmutableSandboxedEnvironment._parse(prepared, source, name, None)
            Compiler(True, "").visit(ImmutableSandboxedEnvironment._parse(prepared, source, name, None))
            _check_words(tree)
            _check_names(template, tree, dict.fromkeys(_imported(template, tree), ""))
            _check_blocks(template, tree, name)
            if _parent(tree):
                _check_replacing(tree, template, prepared)
            prepared.get_template(name)


def _named(template: Template, name: str) -> str:
    """Return how a narrative is named in messages: that of a pack with the name of its extension."""
    ours = f"{template.id}/{name.removeprefix(f'{PARENT}/')}"
    return f"{template.extension.name}: {ours}" if template.extension and f"{PARENT}/" not in name else ours


def _imported(template: Template, tree: nodes.Template) -> list[str]:
    """Return the names of macros that a narrative imports or defines."""
    names = [macro.name for macro in tree.find_all(nodes.Macro)]
    if _parent(tree):
        parent = ImmutableSandboxedEnvironment().parse(template.narratives[_parent(tree)])
        names += ["super", *_imported(template, parent)]
    for node in tree.find_all((nodes.FromImport, nodes.Import, nodes.Extends, nodes.Include)):
        named = getattr(node, "template", None)
        source = named.value if isinstance(named, nodes.Const) else ""
        if source not in template.macros and source not in template.narratives:
            known = [*template.macros, *template.narratives]
            raise NarrativeError(f"line {node.lineno}: there is no «{source}»{nearest(str(source), known)}")
        if isinstance(node, nodes.FromImport):
            names += [name if isinstance(name, str) else name[1] for name in node.names]
        elif isinstance(node, nodes.Import):
            names.append(str(node.target))
    return names


def _parent(tree: nodes.Template) -> str:
    """Return the narrative of ours from which a pack replaces blocks."""
    extends = next(tree.find_all(nodes.Extends), None)
    named = extends.template.value if extends and isinstance(extends.template, nodes.Const) else ""
    return str(named)


def _check_replacing(tree: nodes.Template, template: Template, prepared: NarrativeEnvironment) -> None:
    """Refuse what would never be said in a narrative that replaces blocks of ours: other blocks, and loose text."""
    parent = ImmutableSandboxedEnvironment._parse(prepared, template.narratives[_parent(tree)], None, None)
    known = [block.name for block in parent.find_all(nodes.Block)]
    for block in tree.find_all(nodes.Block):
        if block.name not in known:
            raise NarrativeError(f"line {block.lineno}: ours has no block «{block.name}»{nearest(block.name, known)}")
    theirs = _imports(parent)
    for name, source in _imports(tree).items():
        if theirs.get(name, source) != source:
            raise NarrativeError(f"«{name}» is a macro of ours already; import yours «as» another name")
    for node in tree.body:
        loose = isinstance(node, nodes.Output) and any(
            not isinstance(part, nodes.TemplateData) or part.data.strip() for part in node.nodes
        )
        if loose or isinstance(node, nodes.If | nodes.For):
            raise NarrativeError(
                f"line {node.lineno}: what stands outside of blocks would never be said; put it into a block, or "
                "write «narrative: whole» in extend.yaml"
            )


def _imports(tree: nodes.Template) -> dict[str, str]:
    """Return the names that a narrative imports for all of its blocks, each with the file and name they come from."""
    found = {}
    for node in tree.body:
        if isinstance(node, nodes.FromImport) and isinstance(node.template, nodes.Const):
            for name in node.names:
                theirs, ours = (name, name) if isinstance(name, str) else name
                found[ours] = f"{node.template.value} {theirs}"
    return found


def _check_words(tree: nodes.Template) -> None:
    """Refuse filters and tests that do not exist; Jinja itself would say so only when the sentence is reached."""
    for node in tree.find_all((nodes.Filter, nodes.Test)):
        kind, known = ("filter", [*FILTERS]) if isinstance(node, nodes.Filter) else ("test", [*TESTS])
        if node.name not in known:
            raise NarrativeError(f"line {node.lineno}: there is no {kind} «{node.name}»{nearest(node.name, known)}")


def _check_blocks(template: Template, tree: nodes.Template, name: str) -> None:
    known = [section.name for section in template.sections] + list(template.headings)
    for block in tree.find_all(nodes.Block):
        if name.startswith(PAGE):
            if block.name in known and block.name != HEADER:
                raise NarrativeError(
                    f"line {block.lineno}: the block «{block.name}» is a section; a block of the patient's page "
                    f"is headed by its own name, apart from «{HEADER}», which has no heading"
                )
            continue
        if block.name not in known:
            raise NarrativeError(
                f"line {block.lineno}: the block «{block.name}» is neither a section nor in x-ci "
                f"headings{nearest(block.name, known)}"
            )


def _check_names(template: Template, tree: nodes.Node, rows: dict[str, str]) -> None:
    for node in tree.iter_child_nodes():
        inside = rows
        if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
            groups = [path for read in reads_of(node.iter) if (path := _path(read)) in template.elements]
            inside = {**rows, node.target.name: groups[0] if groups else ""}
        elif isinstance(node, nodes.Macro):
            inside = {**rows, **{argument.name: "" for argument in node.args}}
        elif isinstance(node, nodes.Getattr):
            _check_name(template, node, rows)
            continue
        elif isinstance(node, nodes.Name) and node.ctx == "load":
            _check_root(template, node, rows)
        _check_names(template, node, inside)


def _check_root(template: Template, node: nodes.Name, rows: dict[str, str]) -> None:
    if node.name not in rows and template.section(node.name) is None:
        raise NarrativeError(f"line {node.lineno}: «{node.name}» is not a section of {template.id}")


def _check_name(template: Template, node: nodes.Getattr, rows: dict[str, str]) -> None:
    path = _path(node)
    root, _, rest = path.partition(".")
    if root in rows:
        group, known = rows[root], template.elements
        if group and rest not in _ROW_NAMES and f"{group}.{rest}" not in known:
            names = [row.name for row in known[group].rows]
            raise NarrativeError(f"line {node.lineno}: a row of {group} has no «{rest}»{nearest(rest, names)}")
    elif template.section(root) is not None and path not in template.elements:
        raise NarrativeError(f"line {node.lineno}: there is no element «{path}»{nearest(path, template.elements)}")
    elif template.section(root) is None:
        raise NarrativeError(f"line {node.lineno}: «{root}» is not a section of {template.id}")


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else ""
