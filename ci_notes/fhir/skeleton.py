"""Resources written as they will look, with holes: the language of fhir.yaml, and what is refused while it is loaded.

The words are few on purpose, so that a FHIR reader can review a skeleton at sight: `$` a value, `$quantity` a number
with its unit, `$concept` an answer as a CodeableConcept, `$concepts` several, `$coding` our own code for an answer,
`$choose` a fragment for each answer, `$absent` the reason why a value is missing, `$said` the words of a value, `$ref`
a resource. `$when` may stand in any part,
`$each` in a whole resource. What else may stand beside a word is in `holes.BESIDE`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ci_notes.errors import ExpressionError, TemplateError
from ci_notes.expression import Condition, fields_of, nearest, parse_truth, write_conditions
from ci_notes.fhir.holes import BESIDE, EACH, HOLES, REFERENCE, WHEN, WORDS, answers, body, fragments, path_of
from ci_notes.template import Template

Json = dict[str, Any]


def resources(template: Template) -> Mapping[str, Json]:
    """Return a template's skeletons by name."""
    return template.skeleton


def sections_named(template: Template, skeleton: Json) -> Iterator[str]:
    """Yield the sections of the elements that a resource's condition names, in order."""
    if WHEN in skeleton and EACH not in skeleton:
        for field in fields_of(template.truth(skeleton[WHEN])):
            if field.path in template.elements:
                yield field.path.partition(".")[0]


def check_skeleton(template: Template) -> None:
    """Refuse a skeleton that names what the template does not have; raises TemplateError with the place."""
    for name, skeleton in template.skeleton.items():
        where = f"{template.id}/fhir.yaml, {name}"
        if not isinstance(skeleton, dict) or "resourceType" not in skeleton:
            raise TemplateError(f"{where}: a resource has a resourceType")
        group = skeleton.get(EACH, "")
        if not isinstance(group, str):
            raise TemplateError(f"{where}: {EACH} is the path of a group, as text")
        if group and (group not in template.elements or template.elements[group].kind != "group"):
            raise TemplateError(f"{where}: «{group}» does not repeat{nearest(group, template.elements)}")
        check = _Check(template, group)
        check.condition(skeleton, where)
        for key, value in body(skeleton).items():
            check.part(value, f"{where}.{key}")


class _Check:
    """Refuses what stands in one skeleton and could not be filled, or not be read back."""

    def __init__(self, template: Template, group: str) -> None:
        self.template = template
        self.group = group

    def condition(self, node: Json, where: str) -> None:
        """Refuse a condition that cannot be decided of a note."""
        if WHEN not in node:
            return
        if not isinstance(node[WHEN], str):
            raise TemplateError(f"{where}: {WHEN} is a condition, as text")
        names = self.template.names
        try:
            truth = parse_truth(node[WHEN], names.within(self.group) if self.group else names)
            write_conditions([Condition("", truth, self.group)])
        except ExpressionError as error:
            raise TemplateError(f"{where}, {WHEN}: {error}") from None
        if any(field.path == "today" for field in fields_of(truth)):
            raise TemplateError(f"{where}, {WHEN}: a bundle is the same on every day; «today» cannot be asked here")

    def part(self, node: Any, where: str) -> None:
        """Refuse what is no hole, and descend."""
        if isinstance(node, list):
            if any(isinstance(item, dict) and "$concepts" in item for item in node):
                raise TemplateError(f"{where}: $concepts is a list by itself; write it in the place of the list")
            for item in node:
                self.part(item, where)
        if not isinstance(node, dict):
            return
        self.condition(node, where)
        words = [key for key in node if str(key).startswith("$") and key != WHEN]
        unknown = [word for word in words if word not in WORDS]
        if unknown or len(words) > 1:
            raise TemplateError(f"{where}: «{(unknown or words)[0]}» is no hole; there are {', '.join(WORDS)}")
        if words:
            self._hole(words[0], node, where)
            return
        for key, value in node.items():
            self.part(value, f"{where}.{key}")

    def _hole(self, word: str, node: Json, where: str) -> None:
        if not isinstance(node[word], str):
            raise TemplateError(f"{where}: {word} names an element or a resource, as text")
        beside = [key for key in body(node) if key != word]
        if word != "$choose" and not set(beside) <= set(BESIDE.get(word, ())):
            raise TemplateError(f"{where}: «{beside[0]}» beside {word} would never be written")
        for key in (*fragments(node), "otherwise"):
            if word in ("$choose", "$concept") and key != "text" and _any_word(node.get(key)):
                raise TemplateError(f"{where}.{key}: what {word} chooses is written as it stands, without holes")
        if word == REFERENCE:
            self._reference(node[word], where)
        else:
            self._element(word, node, where)

    def _reference(self, name: str, where: str) -> None:
        skeletons = self.template.skeleton
        if name not in skeletons:
            raise TemplateError(f"{where}: there is no resource «{name}»{nearest(name, skeletons)}")
        if EACH in skeletons[name]:
            raise TemplateError(f"{where}: «{name}» repeats, so there is no one resource to refer to")

    def _element(self, word: str, node: Json, where: str) -> None:
        path = path_of(node[word], self.group)
        element = self.template.elements.get(path)
        if element is None or element.group != (self.group if node[word].startswith("row.") else ""):
            raise TemplateError(f"{where}: there is no element «{path}»{nearest(path, self.template.elements)}")
        if element.kind not in HOLES[word].kinds:
            raise TemplateError(f"{where}: {path} is a {element.kind}; {word} is for {', '.join(HOLES[word].kinds)}")
        if word == "$quantity" and not element.unit:
            raise TemplateError(f"{where}: {path} has no unit for {word}")
        if word == "$choose":
            options = answers(element)
            strange = [value for value in fragments(node) if value not in options]
            if strange:
                raise TemplateError(f"{where}: «{strange[0]}» is not an option of {path}{nearest(strange[0], options)}")
        if word == "$concept" and "text" in node:
            self._words(node["text"], f"{where}.text")

    def _words(self, node: Any, where: str) -> None:
        if not isinstance(node, dict) or list(node) != ["$"]:
            raise TemplateError(f"{where}: the words of a concept are those of an element, as {{$: element}}")
        self.part(node, where)


def _any_word(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(_any_word, node))
    return isinstance(node, dict) and any(str(key).startswith("$") or _any_word(value) for key, value in node.items())
