"""The PDF of a narrative: tagged so that it can be read aloud, with every word, and the same bytes each time."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pdf_reading
import pikepdf
import pytest
from running import Ran

from ci_notes import library, narrative, printing
from ci_notes.derive import Note
from ci_notes.errors import InputError
from ci_notes.fhir.provenance import Signature
from ci_notes.typesetting import pdf

TEMPLATES = Path(__file__).parent.parent / "templates"
EXAMPLES = sorted(TEMPLATES.glob("*/examples/*.note.json"))
PAGES = [path for path in EXAMPLES if path.with_name(path.name.replace(".note.json", ".patient.txt")).exists()]

SIGNED = [
    Signature("sign", "2026-11-03T15:02:00+00:00", "Dr Bea Sample"),
    Signature("cosign", "2026-11-03T17:30:00+00:00", "Prof Kim Madeup"),
]


def named(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.name.removesuffix('.note.json')}"


def example(name: str = "complete", template: str = "assessment", **header: Any) -> Note:
    data = json.loads((TEMPLATES / template / "examples" / f"{name}.note.json").read_text("utf-8"))
    return library.load({**data, **header})


def made(note: Note, *signatures: Signature) -> bytes:
    return pdf(note, narrative.render(note), signatures=signatures)


def words(raw: bytes) -> str:
    return squeezed(" ".join(text for _, text in pdf_reading.parts(raw)))


def squeezed(text: str) -> str:
    return " ".join(text.split())


def read_aloud(raw: bytes) -> list[tuple[str, str]]:
    """Return headings, paragraphs and items in the order in which they are read, without the dots of items."""
    return [(tag, squeezed(text)) for tag, text in pdf_reading.parts(raw) if tag != "Lbl"]


def expected(note: Note, sentences: list[narrative.Sentence], title: str) -> list[str]:
    """Return the lines of the plain text, as they should be read."""
    lines = printing.text(note, sentences, title).replace("\n- ", "\n").splitlines()
    return [squeezed(line).casefold() for line in lines if line.strip()]


@pytest.mark.parametrize("path", EXAMPLES, ids=named)
def test_every_example_is_read_in_order_and_whole(path: Path) -> None:
    note = library.load(path)
    raw = made(note)
    read = [text.casefold() for _, text in read_aloud(raw)]
    wanted = expected(note, narrative.render(note), "")
    assert [text for text in read if text in wanted] == wanted
    assert len(read) <= len(wanted) + 1, "nothing but who the patient is stands there beside the narrative"


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_page_for_the_patient_is_read_in_order_and_whole(path: Path) -> None:
    note = library.load(path)
    sentences = narrative.render_page(note)
    read = [text.casefold() for _, text in read_aloud(pdf(note, sentences, printing.PAGE_TITLE))]
    assert read == expected(note, sentences, printing.PAGE_TITLE)


def test_it_is_tagged_and_says_that_it_is_accessible() -> None:
    with pikepdf.open(io.BytesIO(made(example()))) as document:
        root = document.Root
        assert bool(root.MarkInfo.Marked)
        assert "/StructTreeRoot" in root
        assert str(root.Lang).lower() == "en-gb"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with document.open_metadata() as about:
            assert about["dc:title"] == "Cervical insufficiency assessment"
            assert about["pdfuaid:part"] == "1"


def test_headings_are_headings_and_items_are_items() -> None:
    read = pdf_reading.parts(made(example()))
    assert read[0] == ("H1", "Cervical insufficiency assessment")
    assert ("H2", "Obstetric history") in read
    assert any(tag == "LBody" and text.startswith("First pregnancy: live birth") for tag, text in read)


def test_paper_and_spelling_are_those_of_the_country() -> None:
    with pikepdf.open(io.BytesIO(made(example("short", "ultrasound", jurisdiction="US")))) as document:
        assert [float(one) for one in document.pages[0].MediaBox[2:]] == [612, 792]
        assert str(document.Root.Lang).lower() == "en-us"


def test_the_same_note_gives_the_same_bytes_and_no_moment_of_making() -> None:
    raw = made(example(), *SIGNED)
    assert raw == made(example(), *SIGNED)
    with pikepdf.open(io.BytesIO(raw)) as document:
        assert "/CreationDate" not in document.docinfo
        assert "/ModDate" not in document.docinfo


def test_the_patients_page_is_set_in_larger_letters() -> None:
    note = example()
    sizes = []
    for raw in (made(note), pdf(note, narrative.render_page(note), printing.PAGE_TITLE)):
        with pikepdf.open(io.BytesIO(raw)) as document:
            content = pikepdf.parse_content_stream(document.pages[0])
            sizes.append([float(one.operands[1]) for one in content if str(one.operator) == "Tf"])
    body = [max(set(size), key=size.count) for size in sizes]
    assert body == [10.5, 14]


# --- who, and whether it is signed ---------------------------------------------------------------------------------


def test_a_draft_says_so_first_and_on_every_page() -> None:
    raw = made(example(status="draft"))
    assert read_aloud(raw)[0] == ("P", "DRAFT – not signed")
    with pikepdf.open(io.BytesIO(raw)) as document:
        pages = len(document.pages)
    assert pages > 1
    assert pdf_reading.artifacts(raw).count("DRAFT – not signed") >= pages
    assert "Signed by" not in pdf_reading.artifacts(raw)


def test_every_page_says_whose_it_is_which_note_and_which_page_of_how_many() -> None:
    raw = made(example())
    beside = pdf_reading.artifacts(raw)
    assert "page 1 of 3" in beside
    assert "page 3 of 3" in beside
    assert beside.count(example().id) == 3
    assert beside.count("Ada Example · born 2 May 1994 · EX-000-0001") == 2, "on the first page it is read as well"
    assert ("P", "Ada Example · born 2 May 1994 · EX-000-0001") in read_aloud(raw)
    assert beside.count("Signed by Dr Bea Sample on 3 November 2026 at 14:55.") == 3


def test_co_signatures_amendments_and_addenda_stand_at_the_end() -> None:
    acts = [
        *SIGNED,
        Signature("amend", "2026-11-05T09:00:00+00:00", "Dr Bea Sample", version=2, reason="The wrong side"),
        Signature("addend", "2026-11-06T09:00:00+00:00", "Dr Bea Sample", text="The swab was negative.\nNo growth."),
    ]
    raw = made(example(status="amended"), *acts)
    told = read_aloud(raw)
    assert told[told.index(("H2", "Signatures and changes")) + 1 :] == [
        ("LBody", "Signed by Dr Bea Sample on 3 November 2026 at 15:02."),
        ("LBody", "Co-signed by Prof Kim Madeup on 3 November 2026 at 17:30."),
        ("LBody", "Amended by Dr Bea Sample on 5 November 2026 at 09:00 (version 2): The wrong side."),
        ("LBody", "Addendum by Dr Bea Sample on 6 November 2026 at 09:00; it stands below."),
        ("H2", "Addendum by Dr Bea Sample, 6 November 2026 at 09:00"),
        ("P", "The swab was negative."),
        ("P", "No growth."),
    ]
    assert "version 2" in pdf_reading.artifacts(raw)


# --- what people type ----------------------------------------------------------------------------------------------

HOSTILE = [
    '#read("/etc/passwd")',
    "*bold* _it_ $x^2$ `code` = Heading",
    '] #] ) } #panic("x") \\ // comment /* comment */',
    '#import "@preview/cetz:0.2.0": canvas',
    "<label> @reference ~ -- --- ... 'single' \"double\"",
    "- item + item / term: words",
    "{by} {at} %s {0}",
    '"}, "sections": [], "title": "gone',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_person_typed_is_printed_as_it_is(text: str) -> None:
    note = example(comment={"text": text})
    acts = [
        Signature("sign", "2026-11-03T15:02:00+00:00", text),
        Signature("amend", "2026-11-03T16:02:00+00:00", "x", reason=text),
    ]
    told = words(made(note, *acts))
    assert told.count(squeezed(text)) == 3
    assert "root:" not in told


def test_the_characters_of_clinical_notes_are_there() -> None:
    text = "≥ ≤ ½ é – — ± µ ² ³ ° × → • … „ “ ’ € № ő ș ğ Ł Ж Ω α ﬁ ‑ − \u00a0 fin"
    told = words(made(example(comment={"text": text})))
    assert squeezed(text.replace("ﬁ", "ﬁ")) in told


def test_a_character_that_no_font_has_is_written_by_its_number() -> None:
    told = words(made(example(comment={"text": "Her name is 漢字 😀, she says"})))
    assert "Her name is [U+6F22][U+5B57] [U+1F600], she says" in told


def test_a_word_longer_than_the_line_stays_on_the_page() -> None:
    long = "abcdefghij" * 40
    raw = made(example(comment={"text": long}))
    assert long in words(raw).replace("\u200b", "").replace(" ", "")


def test_without_typst_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(InputError, match=r"pip install 'ci-notes\[web\]'"):
        made(example())


# --- ci-notes render -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["clinician", "patient"])
def test_render_writes_a_pdf(run: Any, tmp_path: Path, reader: str) -> None:
    note = TEMPLATES / "assessment" / "examples" / "complete.note.json"
    target = tmp_path / "note.pdf"
    ran: Ran = run("render", note, "--to", "pdf", "--for", reader, "-o", target)
    assert ran.code == 0, ran.err
    title = {"clinician": "Cervical insufficiency assessment", "patient": "Information for you"}[reader]
    assert read_aloud(target.read_bytes())[0] == ("H1", title)


@pytest.mark.parametrize(
    ("options", "said"), [([], "give -o FILE"), (["--trace", "-o", "x.pdf"], "leave out --to pdf")]
)
def test_render_refuses_a_pdf_on_the_screen(run: Any, options: list[str], said: str) -> None:
    ran = run("render", TEMPLATES / "assessment" / "examples" / "complete.note.json", "--to", "pdf", *options)
    assert ran.code != 0
    assert said in ran.err
