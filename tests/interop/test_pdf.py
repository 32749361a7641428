"""veraPDF finds nothing against PDF/UA-1 in the PDF of any example, with signatures and what is hard to set."""

import contextlib
import io
import subprocess
from pathlib import Path

import pikepdf
from inputs import catalogue
from installing import accessible

from ci_notes import InputError, load, printing, render, typesetting
from ci_notes.fhir.provenance import Signature
from ci_notes.narrative import render_page

SIGNATURES = [
    Signature("sign", "2026-11-03T15:02:00+00:00", "Dr Bea Sample"),
    Signature("cosign", "2026-11-03T17:30:00+00:00", "Prof Kim Madeup"),
    Signature("amend", "2026-11-05T09:00:00+00:00", "Dr Bea Sample", version=2, reason="The wrong side"),
    Signature("addend", "2026-11-06T09:00:00+00:00", "Dr Bea Sample", text=f"漢字 😀 שלום ≥ ½\n{'x' * 300}"),
]


def faults(files: list[Path]) -> list[str]:
    ran = subprocess.run([*accessible(), *map(str, files)], capture_output=True, text=True, check=True, timeout=600)
    *found, counted = ran.stdout.splitlines()
    assert counted == f"{len(files)} files"
    return found


def test_every_pdf_is_accessible_by_the_rules_of_pdf_ua(tmp_path: Path) -> None:
    made = []
    for folder in catalogue().values():
        for path in sorted((folder / "examples").glob("*.note.json")):
            note, name = load(path), f"{folder.name}-{path.name.removesuffix('.note.json')}"
            pages = {"": typesetting.pdf(note, render(note), signatures=SIGNATURES)}
            with contextlib.suppress(InputError):  # a draft, or after a loss
                pages["-patient"] = typesetting.pdf(note, render_page(note), printing.PAGE_TITLE)
            for kind, raw in pages.items():
                made.append(tmp_path / f"{name}{kind}.pdf")
                made[-1].write_bytes(raw)
    assert faults(made) == []


def test_a_pdf_without_its_tags_is_noticed(tmp_path: Path) -> None:
    note = load(catalogue()["ultrasound"] / "examples" / "short.note.json")
    with pikepdf.open(io.BytesIO(typesetting.pdf(note, render(note)))) as document:
        del document.Root.StructTreeRoot
        document.save(tmp_path / "broken.pdf")
    assert faults([tmp_path / "broken.pdf"])
