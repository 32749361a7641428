"""The FHIR package of our profiles: what stands in `fhir_profiles`, questionnaires and examples, as one archive."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ci_notes import _data, derive, library
from ci_notes.errors import InputError
from ci_notes.fhir.bundle import to_fhir
from ci_notes.fhir.forms.questionnaire import to_questionnaire
from ci_notes.fhir.profiling.gathering import elements_of, with_rows
from ci_notes.fhir.profiling.generated import file_name
from ci_notes.fhir.profiling.guide import CORE, FHIR, guide, index, manifest, stamped, supporting
from ci_notes.fhir.profiling.snapshot import with_snapshot
from ci_notes.fhir.profiling.written import resource_of
from ci_notes.narrative import render
from ci_notes.template import Template, files

Json = dict[str, Any]


def ours() -> list[Template]:
    """Return our own templates, without what an installed pack adds to them."""
    folders = sorted(path.parent for path in _data.folder("templates").glob("[!_.]*/schema.json"))
    return [library.load_template(folder) for folder in folders]


def resources(templates: Sequence[Template], version: str) -> list[Json]:
    """Return what describes our FHIR, made and written, in the order of their files; raises TemplateError."""
    folder = _data.folder("fhir_profiles")
    elements = {one.id: one for one in with_rows(elements_of(templates).values())}
    written = [resource_of(files.yaml(path), elements) for path in sorted(folder.glob("written/*.yaml"))]
    profiles = [one for one in written if one["resourceType"] == "StructureDefinition"]
    spoken = [supporting(one, profiles) if one["resourceType"] == "CapabilityStatement" else one for one in written]
    made = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    found = [stamped(one, version) for one in [*made, *spoken, *map(_questionnaire, templates)]]
    return sorted(found, key=file_name)


def _questionnaire(template: Template) -> Json:
    """Return the Questionnaire of a template, with the id that its address ends with."""
    made = to_questionnaire(template)
    return {"id": made["url"].rpartition("/")[2], **made}


def examples(templates: Sequence[Template]) -> Iterator[tuple[str, Json]]:
    """Yield the examples of our templates as documents, each with its name."""
    for template in templates:
        for path in sorted((_data.folder("templates") / template.id / "examples").glob("*.note.json")):
            note = derive.note(template, library.read_data(path))
            yield f"{template.title}: {path.name.partition('.')[0]}", to_fhir(note, render(note))


def package(version: str, snapshots: bool = False) -> bytes:
    """Return the FHIR package of a version as a compressed archive; made twice it is the same.

    With `snapshots`, profiles have them, for receivers that cannot make them; raises InputError where the core package
    of FHIR, which they are made from, is not in the package cache of this machine.
    """
    core = _core() if snapshots else None
    templates = ours()
    described, shown = resources(templates, version), [*examples(templates)]
    if core:
        described = with_snapshots(described, core)
    bundles = sorted((one for _, one in shown), key=file_name)
    listed = [*described, guide(described, shown, version)]
    content = {
        "package/package.json": manifest(version),
        "package/.index.json": index(listed),
        **{f"package/{file_name(one)}": one for one in listed},
        "package/example/.index.json": index(bundles),
        **{f"package/example/{file_name(one)}": one for one in bundles},
    }
    return _archive({name: _bytes(one) for name, one in content.items()})


def with_snapshots(described: Sequence[Json], core: Path) -> list[Json]:
    """Return resources, the profiles among them with snapshots; `core` is the folder of FHIR's core package."""
    own = {one["url"]: one for one in described if one["resourceType"] == "StructureDefinition"}

    @cache
    def find(url: str) -> Json:
        if url in own:
            return with_snapshot(own[url], find)
        name = f"StructureDefinition-{url.rpartition('/')[2]}.json"
        found: Json = json.loads((core / name).read_bytes())
        return found

    return [find(one["url"]) if one.get("url") in own else one for one in described]


def _core() -> Path:
    """Return the folder of FHIR's core package; raises InputError where it is not in the package cache."""
    name = f"{CORE}#{FHIR}"
    folder = Path.home() / ".fhir" / "packages" / name / "package"
    if not (folder / "StructureDefinition-Observation.json").is_file():
        raise InputError(
            f"snapshots are made from {name}, which is not in {folder.parent}; a FHIR package server has it, and its "
            ".tgz is unpacked there. Most receivers make snapshots by themselves"
        )
    return folder


def _bytes(resource: Json) -> bytes:
    return (json.dumps(resource, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _archive(content: dict[str, bytes]) -> bytes:
    """Return files as a .tgz that depends on nothing but them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content_of in content.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content_of)
            archive.addfile(entry, io.BytesIO(content_of))
    return gzip.compress(packed.getvalue(), compresslevel=9, mtime=0)
