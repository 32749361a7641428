"""What is drawn of a pregnancy's notes: read from `_rules/course.yaml`, held to the template's elements and sources."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ci_notes import dating
from ci_notes.errors import TemplateError
from ci_notes.expression import nearest
from ci_notes.template import files
from ci_notes.template.course import Chart, Happening, Mark, Measured, Published, Threshold
from ci_notes.template.guidance import Position, Source, cited
from ci_notes.template.model import Template

NAME = "course.yaml"


def chart(template: Template, roots: list[Path], sources: Mapping[str, Source]) -> Chart:
    """Return what is drawn of notes of this template; a pack's file takes the place of ours.

    What names a shared element that the template leaves out is left out. Raises TemplateError.
    """
    path = next((root / "_rules" / NAME for root in roots if (root / "_rules" / NAME).is_file()), None)
    if path is None:
        return Chart()
    data = files.checked(path, "course")
    for one in _named(data):
        if one not in template.elements and one not in template.foreign:
            raise TemplateError(f"{NAME}: there is no element «{one}»{nearest(one, template.elements)}")
    published = data.get("reference", {})
    return Chart(
        **{name: data[name] if data[name] in template.elements else "" for name in ("edd", "age", "plurality")},
        lengths=tuple(_measured(one, template) for one in data.get("lengths", ()) if _here(one, template, "length")),
        events=tuple(_happening(one, template) for one in data.get("events", ()) if _here(one, template, "on")),
        thresholds=tuple(_threshold(one, sources) for one in data.get("thresholds", ())),
        study=published.get("name", ""),
        cited=_cited(published, sources) if published else "",
        published=tuple(_published(one) for one in published.get("at", ())),
    )


def _named(data: Any) -> Iterator[str]:
    """Yield the elements that the file names."""
    if isinstance(data, list):
        for one in data:
            yield from _named(one)
    elif isinstance(data, dict):
        for key, one in data.items():
            if key in ("edd", "age", "plurality", "length", "on", "detail", "element") and isinstance(one, str):
                if "." in one:
                    yield one
            else:
                yield from _named(one)


def _here(one: Mapping[str, Any], template: Template, *named: str) -> bool:
    """Return whether the template has what an entry cannot do without."""
    needed = [one[name] for name in named] + ([one["only"]["element"]] if "only" in one else [])
    return all(path in template.elements for path in needed)


def _measured(one: Mapping[str, Any], template: Template) -> Measured:
    unusual = one.get("unusual")
    return Measured(
        one["length"],
        one["on"],
        _mark(unusual) if unusual and unusual["element"] in template.elements else None,
        one.get("told", False),
        tuple(_mark(flag) for flag in one.get("flags", ()) if flag["element"] in template.elements),
    )


def _happening(one: Mapping[str, Any], template: Template) -> Happening:
    detail = one.get("detail", "")
    return Happening(
        one["kind"],
        one["say"],
        one["on"],
        _mark(one["only"]) if "only" in one else None,
        detail if detail in template.elements else "",
        one.get("tentative", False),
    )


def _mark(one: Mapping[str, Any]) -> Mark:
    return Mark(one["element"], tuple(one.get("is", ())), one.get("above"), one.get("say", ""))


def _threshold(one: Mapping[str, Any], sources: Mapping[str, Source]) -> Threshold:
    positions = tuple(
        Position(tuple(said["jurisdictions"]), said["says"], _sources(said, sources), said["grade"])
        for said in one["positions"]
    )
    ages = [_days(one[name]) if name in one else None for name in ("from", "until")]
    return Threshold(one["length"], one["plurality"] == "several", positions, *ages)


def _published(one: Mapping[str, Any]) -> Published:
    percentiles = tuple((number, length) for number, length in one.get("percentiles", ()))
    return Published(_days(one["age"]), one["women"], one["mean"], one["deviation"], percentiles)


def _cited(one: Mapping[str, Any], sources: Mapping[str, Source]) -> str:
    return cited(_sources(one, sources), one["grade"])


def _sources(one: Mapping[str, Any], sources: Mapping[str, Source]) -> tuple[Source, ...]:
    for key in one["sources"]:
        if key not in sources:
            raise TemplateError(f"{NAME}: source {key} is not in sources.yaml{nearest(key, sources)}")
    return tuple(sources[key] for key in one["sources"])


def _days(written: str) -> int:
    """Return an age that the schema holds to weeks and days, in days."""
    span = dating.read_gestation(written)
    assert span  # noqa: S101  held by the schema
    return span[0]
