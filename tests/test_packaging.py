"""What is installed is what was written: the wheel, the editable install, the source distribution, template packs.

These tests build real distributions and install them in fresh environments, so they are slow and need a package index;
`make test` leaves them out, `.ci/run` runs them.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from served import Served

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[1]
PACK = ROOT / "tests" / "packs" / "example_pack"
HOSPITAL = ROOT / "tests" / "packs" / "hospital_pack"
SLIP = PACK / "example_pack" / "visit-slip"
NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "__pycache__", "*.egg-info", ".*_cache", ".hypothesis"
)


@dataclass
class Installed:
    """An environment of its own, and a folder away from the project to run its programs in."""

    bin: Path
    elsewhere: Path

    def run(self, program: str, *args: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.run(
            [self.bin / program, *args],
            cwd=self.elsewhere,
            env={**kept, "XDG_CACHE_HOME": str(self.elsewhere / "cache"), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def product(self, *args: str | Path, **environment: str) -> str:
        """Return what `ci-notes` prints, which must succeed without a word on stderr."""
        done = self.run("ci-notes", *args, **environment)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def python(self, code: str, **environment: str) -> str:
        done = self.run("python", "-c", code, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def environment(at: Path, *install: str | Path) -> Installed:
    subprocess.run([sys.executable, "-m", "venv", at / "venv"], check=True)
    (at / "elsewhere").mkdir()
    made = Installed(at / "venv" / "bin", at / "elsewhere")
    pip = ["install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    done = made.run("pip", *pip, *install)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, so that nothing is built or changed in the folder people work in."""
    copy = tmp_path_factory.mktemp("project") / "ci_notes"
    shutil.copytree(ROOT, copy, ignore=NOT_SOURCE)
    return copy


def build(project: Path, out: Path, *what: str) -> Path:
    command = [sys.executable, "-m", "build", *what, "--outdir", str(out), str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(path for path in out.iterdir() if path.name.endswith((".whl", ".tar.gz")))


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(checkout, tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return environment(tmp_path_factory.mktemp("installed"), wheel, PACK)


@pytest.fixture(scope="module")
def editable(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return environment(tmp_path_factory.mktemp("editable"), "--editable", checkout)


@pytest.fixture(scope="module")
def note() -> Path:
    return ROOT / "templates" / "assessment" / "examples" / "complete.note.json"


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def names_in(wheel: Path, prefix: str = "") -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name.removeprefix(prefix) for name in archive.namelist() if name.startswith(prefix)}


# --- the wheel -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["templates", "fhir_profiles"])
def test_the_wheel_carries_every_file_of_a_data_folder(wheel: Path, checkout: Path, folder: str) -> None:
    assert names_in(wheel, f"ci_notes/_data/{folder}/") == files_below(checkout / folder)


def test_the_wheel_carries_the_program_and_its_licence_but_nothing_that_belongs_to_the_checkout(wheel: Path) -> None:
    names = names_in(wheel)
    assert {"ci_notes/cli/__init__.py", "ci_notes/py.typed", "ci_notes/schemas/template.schema.json"} <= names
    assert {name.rpartition("/")[2] for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"ci_notes"}


def test_the_wheel_carries_each_of_its_templates_compiled(wheel: Path) -> None:
    templates = {
        path.parent.name for path in (ROOT / "templates").glob("*/schema.json") if path.parent.name[0] not in "_."
    }
    compiled = names_in(wheel, "ci_notes/_data/compiled/")
    assert {re.sub("-[0-9a-f]{32}", "", name) for name in compiled if "." not in name} == templates
    assert {re.sub("-[0-9a-f]{32}[.].*", "", name) for name in compiled if "." in name} == templates


def test_a_source_distribution_builds_the_same_wheel(
    wheel: Path, checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = build(checkout, tmp_path_factory.mktemp("sdist"), "--sdist")
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(source) as archive:
        archive.extractall(unpacked, filter="data")
    again = build(next(unpacked.iterdir()), tmp_path_factory.mktemp("again"), "--wheel")
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        assert {name: first.read(name) for name in first.namelist()} == {
            name: second.read(name) for name in second.namelist()
        }


# --- installed -----------------------------------------------------------------------------------------------------


def test_an_installed_program_lists_its_templates_from_any_folder(installed: Installed) -> None:
    assert "assessment" in installed.product("templates")
    assert "pregnancy.lmp" in installed.product("templates", "assessment")


def test_an_installed_program_takes_a_note_to_findings_narrative_and_bundle(installed: Installed, note: Path) -> None:
    report = json.loads(installed.product("check", note, "--format", "json", "--fail-on", "never"))
    assert report[0]["note"] == json.loads(note.read_text())["id"]
    assert json.loads(note.read_text())["patient"]["name"] in installed.product("render", note)
    bundle = json.loads(installed.product("fhir", note))
    assert bundle["type"] == "document"
    assert bundle["entry"][0]["resource"]["resourceType"] == "Composition"


def test_an_installed_program_writes_a_report_as_a_page(installed: Installed, note: Path) -> None:
    page = installed.product("check", note, "--format", "html", "--fail-on", "never")
    assert "By rule" in page
    assert "font-variant-numeric" in page  # its style, from a file beside it


def test_without_what_the_web_form_needs_the_program_says_how_to_get_it(installed: Installed) -> None:
    done = installed.run("ci-notes", "serve")
    assert done.returncode == 2
    assert "pip install 'ci-notes[web]'" in done.stderr


def test_the_web_form_is_served_from_any_folder(wheel: Path, note: Path, tmp_path: Path) -> None:
    made = environment(tmp_path, f"{wheel}[web]")
    assert made.run("ci-notes", "render", note, "--to", "pdf", "-o", tmp_path / "note.pdf").returncode == 0
    served = Served(
        f"sqlite:///{tmp_path}/record.db", tmp_path / "said.txt", program=[made.bin / "ci-notes"], folder=made.elsewhere
    )
    served.start()
    try:
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        browser.addheaders = [("Sec-Fetch-Site", "none"), ("Sec-Fetch-Mode", "navigate")]  # opened by hand
        page = browser.open(served.link(), timeout=30).read().decode()
        assert "Cervical length scan" in page
        assert browser.open(f"{served.address}/static/form.css", timeout=30).status == 200
        assert "nothing" in served.run("verify", "--db", served.db).lower()
    finally:
        served.stop()


def test_an_installed_program_writes_the_fhir_package(installed: Installed, tmp_path: Path) -> None:
    path = tmp_path / "ci-notes.fhir.tgz"
    assert installed.run("ci-notes", "package", "-o", path).returncode == 0
    with tarfile.open(path) as archive:
        names = set(archive.getnames())
    assert {"package/package.json", "package/StructureDefinition-diagnosis.json"} <= names
    assert any(name.startswith("package/example/Bundle-") for name in names)


def test_an_installed_program_says_its_version(installed: Installed, wheel: Path) -> None:
    assert wheel.name.split("-")[1] in installed.product("--version")


COMPILES = """
import ci_notes, sys
ci_notes.load_template({0!r})
print("ci_notes.template.folder" in sys.modules)
"""


def test_an_installed_program_starts_without_compiling_its_templates(installed: Installed) -> None:
    unwritable = os.devnull + "/cache"
    assert installed.python(COMPILES.format("assessment"), XDG_CACHE_HOME=unwritable) == "False"
    # The same question where the answer is known: the wheel cannot have compiled somebody else's pack.
    assert installed.python(COMPILES.format("visit-slip"), XDG_CACHE_HOME=unwritable) == "True"


def test_a_template_of_a_pack_is_compiled_once_and_then_kept(installed: Installed, tmp_path: Path) -> None:
    cache = str(tmp_path)
    seen = [installed.python(COMPILES.format("visit-slip"), XDG_CACHE_HOME=cache) for _ in range(2)]
    assert seen == ["True", "False"]


def test_without_a_home_to_keep_anything_in_the_program_still_works(installed: Installed) -> None:
    missing_home = "import pathlib\ndef missing(): raise RuntimeError('no home')\npathlib.Path.home = missing\n"
    code = missing_home + "import ci_notes; print(ci_notes.load_template('visit-slip').title)"
    assert installed.python(code, XDG_CACHE_HOME="") == "Visit slip"


# --- template packs ------------------------------------------------------------------------------------------------


@pytest.fixture
def slip() -> Path:
    return SLIP / "examples" / "slip.note.json"


def test_an_installed_pack_is_listed_beside_our_own(installed: Installed) -> None:
    listed = [line.split()[0] for line in installed.product("templates").splitlines()]
    assert {"visit-slip", "assessment"} <= set(listed)


def test_a_note_of_an_installed_pack_goes_the_whole_road(installed: Installed, slip: Path, tmp_path: Path) -> None:
    recorded = json.loads(slip.read_text())
    found = installed.run("ci-notes", "check", slip)
    assert found.returncode == 1
    assert "SLIP001" in found.stdout
    assert "The next visit is on 17 November 2025." in installed.product("render", slip)
    bundle = tmp_path / "bundle.json"
    bundle.write_text(installed.product("fhir", slip))
    assert json.loads(installed.product("import", bundle)) == recorded


def test_a_rule_of_an_installed_pack_has_its_page(installed: Installed) -> None:
    page = installed.product("rule", "SLIP001", "--template", "visit-slip")
    assert "not yet reviewed by a clinician" in page


@pytest.mark.parametrize("given", ["the pack", "the template"])
def test_a_folder_of_templates_is_used_where_it_is(installed: Installed, tmp_path: Path, given: str) -> None:
    mine = shutil.copytree(SLIP, tmp_path / "pack" / "slip-of-ours")
    folder = mine.parent if given == "the pack" else mine
    assert "slip-of-ours" in installed.product("templates", "--templates", folder)
    note = tmp_path / "mine.json"
    note.write_text(json.dumps({**json.loads((mine / "examples/slip.note.json").read_text()), "template": mine.name}))
    assert "Ada Example" in installed.product("render", note, "--templates", folder)
    assert installed.run("ci-notes", "render", note).returncode == 2


def test_a_folder_given_goes_before_an_installed_pack(installed: Installed, tmp_path: Path) -> None:
    mine = shutil.copytree(SLIP, tmp_path / "visit-slip")
    schema = mine / "schema.json"
    schema.write_text(schema.read_text().replace('"Visit slip"', '"Our own slip"'))
    listed = installed.product("templates", "--templates", mine)
    assert "Our own slip" in listed
    assert "Visit slip" not in listed


def test_an_installed_pack_extends_ours_and_is_compiled_once(
    wheel: Path, note: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    extended = environment(tmp_path_factory.mktemp("hospital"), wheel, HOSPITAL)
    cache = str(tmp_path)
    assert [extended.python(COMPILES.format("assessment"), XDG_CACHE_HOME=cache) for _ in range(2)] == ["True", "False"]
    assert "+st-example.1 " in extended.product("templates")
    report = json.loads(extended.product("check", note, "--format", "json", "--fail-on", "never"))
    assert [one["rule"] for one in report[0]["rules_off"]] == ["D012"]


# --- editable ------------------------------------------------------------------------------------------------------


def test_an_editable_install_sees_a_new_template_at_once(editable: Installed, checkout: Path) -> None:
    assert "visit-slip" not in editable.product("templates")
    added = shutil.copytree(SLIP, checkout / "templates" / "visit-slip")
    try:
        assert "visit-slip" in editable.product("templates")
        assert "Ada Example" in editable.product("render", added / "examples" / "slip.note.json")
    finally:
        shutil.rmtree(added)


def test_an_editable_install_keeps_no_second_copy_of_the_templates(editable: Installed, checkout: Path) -> None:
    places = editable.python("import ci_notes._data as d; print(d.folder('templates')); import sys; print(*sys.path)")
    used, path = places.splitlines()
    assert Path(used) == checkout / "templates"
    assert [place for place in path.split() if place.endswith("site-packages")] != []
    assert not any(Path(place, "ci_notes", "_data").exists() for place in path.split() if place)
