"""`ci-notes serve`, `accounts` and `audit` as they are typed."""

import json
import re
import shlex
import signal
import socket
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import click
import pytest
import trustme
from browsing import BY_HAND, PASSWORD, Browser
from running import run_program
from served import Served

from ci_notes.cli import cli
from ci_notes.record import open_record
from ci_notes.record.model import Person
from ci_notes.web import clock, passwords, running


def refused(*options: str) -> str:
    """What `ci-notes serve` says when it does not start."""
    ran = run_program("serve", "--port", "0", *options)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.count("\n") == 1, ran.err
    return ran.err


def with_account(db: str) -> None:
    record = open_record(db)
    record.accounts.add("ada", "Ada Example", ("admin",), clock.now())
    record.dispose()


def test_beyond_this_computer_it_wants_tls_and_accounts(db: str) -> None:
    assert "--tls-cert and --tls-key, or --behind-proxy" in refused("--db", db, "--host", "0.0.0.0")
    assert "nobody could sign in" in refused("--db", db, "--host", "0.0.0.0", "--behind-proxy")
    with_account(db)
    assert "without TLS" in refused("--db", db, "--host", "0.0.0.0")


def test_behind_a_proxy_this_computer_is_not_alone(db: str) -> None:
    assert "nobody could sign in" in refused("--db", db, "--behind-proxy")


def test_a_port_in_use_is_said(db: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in refused("--db", db, "--port", str(port))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--host", "no-such-host.invalid", "--behind-proxy"], "an address of this computer"),
        (["--tls-cert", "missing.pem", "--tls-key", "missing.pem"], "cannot read the certificate"),
        (["--tls-cert", "missing.pem"], "both --tls-cert and --tls-key"),
        (["--prefix", "notes here"], "no path"),
        (["--allow-embedding", "https://ehr.example/page"], "no origin"),
        (["--oidc-issuer", "https://id.example"], "CI_NOTES_OIDC_SECRET"),
        (["--fhir-server", "https://fhir.example/r4"], "is no server"),
        (["--identifier-system", "our hospital"], "NAME=URI"),
        (["--identifier-system", "Ours=our numbers"], "NAME=URI"),
        (["--user", "nobody"], "there is no account nobody"),
    ],
)
def test_what_cannot_be_is_one_sentence(db: str, options: list[str], words: str) -> None:
    with_account(db)
    assert words in refused("--db", db, *options)


def test_a_provider_in_the_clear_is_refused(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_NOTES_OIDC_SECRET", "x")
    assert "no https address" in refused("--db", db, "--oidc-issuer", "http://id.example", "--oidc-client", "x")


def test_a_certificate_that_is_none_is_said(db: str, tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("not a certificate")
    assert "no certificate and its key" in refused(
        "--db", db, "--tls-cert", str(tmp_path / "x.pem"), "--tls-key", str(tmp_path / "x.pem")
    )


@pytest.mark.parametrize("url", ["mysql://x", "sqlite://", "postgresql://nobody@127.0.0.1:1/x"])
def test_a_record_that_cannot_be_opened_is_one_sentence(url: str) -> None:
    assert "ci-notes: " in refused("--db", url)


def test_what_is_not_installed_is_named(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argon2", None)
    assert "pip install 'ci-notes[web]'" in refused("--db", db)


def opened(url: str, context: Any = None, **headers: str) -> tuple[str, str]:
    """A page as a browser gets it that keeps cookies, and where it stands."""
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(), urllib.request.HTTPSHandler(context=context)
    )
    with opener.open(urllib.request.Request(url, headers={"Accept": "text/html", **headers}), timeout=30) as answer:
        return answer.read().decode(), answer.url


def test_one_person_starts_it_opens_the_link_and_stops_it(tmp_path: Path) -> None:
    options = ["--user", "Dr Ada Example"]
    served = Served(f"sqlite:///{tmp_path / 'new' / 'record.db'}", tmp_path / "said", options=options)
    served.start()
    try:
        link = re.findall(r"http://\S+/enter/\S+", served.said.read_text())[-1]
        page, there = opened(link, **BY_HAND)
        assert "Dr Ada Example" in page
        assert there == f"{served.address}/"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            opened(link, **BY_HAND)
        opened(f"{served.address}/sign-in?next=/Ada-Example")
    finally:
        assert served.process
        served.process.send_signal(signal.SIGINT)
        code = served.process.wait(20)
    said = served.said.read_text()
    assert code == 0
    assert said.endswith("ci-notes: stopped\n")
    assert "Traceback" not in said
    assert "Ada-Example" not in said
    record = open_record(served.db)
    assert [(one.login, one.full_name, one.roles) for one in record.accounts.all()] == [
        ("dr ada example", "Dr Ada Example", ("clinician", "admin"))
    ]
    record.dispose()


def test_what_was_discarded_long_ago_is_gone_once_the_server_started(tmp_path: Path) -> None:
    db, long_ago = f"sqlite:///{tmp_path / 'record.db'}", "2026-01-01T10:00:00+00:00"
    record, ada = open_record(db), Person("u-ada", "Ada Example")
    draft = record.drafts.begin({"template": "assessment"}, ada, long_ago)
    record.drafts.discard(draft.id, ada, long_ago)
    assert len(record.drafts.listing(discarded=True)) == 1
    served = Served(db, tmp_path / "said")
    served.start()
    served.stop()
    assert record.drafts.listing(discarded=True) == []
    record.dispose()


def test_several_workers_serve_by_https_under_a_prefix(db: str, tmp_path: Path) -> None:
    with_account(db)
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    for number, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(str(tmp_path / "cert.pem"), append=number > 0)
    options = ["--workers", "2", "--prefix", "/notes", "--tls-cert", str(tmp_path / "cert.pem")]
    served = Served(
        db, tmp_path / "said", options=[*options, "--tls-key", str(tmp_path / "key.pem"), "--host", "0.0.0.0"]
    )
    context = ssl.create_default_context()
    authority.configure_trust(context)
    served.answers = lambda: _answers(f"https://localhost:{served.port}/notes/health", context)  # type: ignore[method-assign]
    served.start()
    try:
        page, _ = opened(f"https://localhost:{served.port}/notes/password", context)
        assert 'action="/notes/sign-in"' in page
    finally:
        assert served.process
        served.process.send_signal(signal.SIGINT)
        served.process.wait(30)
    assert "Traceback" not in served.said.read_text()


def _answers(url: str, context: ssl.SSLContext) -> bool:
    try:
        return "well" in opened(url, context)[0]
    except OSError:
        return False


def test_accounts_are_looked_after_from_the_command_line(db: str) -> None:
    def accounts(*words: str, typed: str = "") -> Any:
        return run_program("accounts", *words, "--db", db, stdin=typed.encode())

    weak = accounts("add", "carla", "--role", "clinician", typed="carla\n")
    assert (weak.code, "at least 12" in weak.err) == (2, True)
    added = accounts("add", "Carla", "--role", "co-signer", "--role", "clinician", typed=f"{PASSWORD}\n")
    assert (added.code, added.err) == (0, "ci-notes: carla may sign in as clinician, co-signer\n")
    assert "already" in accounts("add", "carla", "--role", "qa", typed=f"{PASSWORD}\n").err
    assert accounts("add", "ada", "--role", "admin", "--no-password", "--full-name", "Ada Example").code == 0
    listed = accounts("list").out.splitlines()
    assert listed[1].split("  ")[0] == "ada"
    assert "one-time link" in listed[1]
    assert "clinician, co-signer" in listed[2]
    assert accounts("link", "ada", "--at", "https://notes.example/n/").out.startswith("https://notes.example/n/enter/")
    assert "only admin" in accounts("disable", "ada").err
    assert accounts("role", "carla", "--role", "qa").code == 0
    assert accounts("password", "carla", typed="nine yellow buckets\n").code == 0
    assert len(accounts("token", "carla").out.strip()) >= 43
    assert accounts("disable", "carla").code == 0
    assert "no account" in accounts("enable", "nobody").err
    record = open_record(db)
    carla = record.accounts.find("carla")
    assert carla
    assert passwords.fits(carla.password, "nine yellow buckets")
    assert (carla.roles, bool(carla.disabled_at)) == (("qa",), True)
    told = [each.event.action for each in record.audit.entries()]
    record.dispose()
    assert told == [
        *("account added", "account added", "link made", "roles changed", "password", "token made", "account disabled"),
    ]


def test_tokens_are_listed_and_revoked_one_by_one(db: str) -> None:
    def accounts(*words: str) -> Any:
        return run_program("accounts", *words, "--db", db)

    with_account(db)
    made = [accounts("token", "ada", "--for", purpose).out.strip() for purpose in ("waiting list", "registry")]
    listed = accounts("tokens", "ada").out
    names = [line.split()[0] for line in listed.splitlines()[1:]]
    lines = listed.splitlines()[1:]
    assert [purpose in line for purpose, line in zip(["waiting list", "registry"], lines, strict=True)] == [True, True]
    assert listed.count("never") == 2
    assert not any(token in listed for token in made)
    assert accounts("revoke", "ada", names[0]).code == 0
    for gone in (names[0], ""):
        assert "ada has no token" in accounts("revoke", "ada", gone).err
    assert [line.split()[0] for line in accounts("tokens", "ada").out.splitlines()[1:]] == names[1:]
    record = open_record(db)
    good = [record.sessions.find(token, clock.now()) is not None for token in made]
    events = [one.event for one in record.audit.entries()]
    record.dispose()
    assert good == [False, True]
    assert [(one.action, one.detail) for one in events] == [
        ("token made", "for 90 days: waiting list"),
        ("token made", "for 90 days: registry"),
        ("token revoked", "waiting list"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["link", "ada"],
        ["token", "ada"],
        ["tokens", "ada"],
        ["revoke", "ada", "1f0c9a2e"],
        ["password", "ada"],
        ["enable", "ada"],
        ["disable", "ada"],
        ["role", "ada", "--role", "qa"],
    ],
    ids=" ".join,
)
def test_a_mistyped_record_is_refused_and_not_made(tmp_path: Path, words: list[str]) -> None:
    mistyped = tmp_path / "recrod.db"
    ran = run_program("accounts", *words, "--db", f"sqlite:///{mistyped}")
    assert (ran.code, ran.out) == (2, "")
    assert f"there is no record at {mistyped}: give its address with --db" in ran.err
    assert not list(tmp_path.iterdir())


def test_the_trail_is_exported_by_day(db: str, tmp_path: Path) -> None:
    with_account(db)
    for name in ("one", "two"):
        run_program("accounts", "link", "ada", "--db", db, "--at", f"http://{name}.example")
    out = tmp_path / "audit.json"
    assert run_program("audit", "export", "--db", db, "-o", out).code == 0
    assert len(json.loads(out.read_text())["entry"]) == 2
    record = open_record(db)
    last = record.audit.entries()[-1].event
    record.dispose()
    assert (last.action, last.kind, last.who_name) == ("export", "audit", "the command line")
    none = run_program("audit", "export", "--db", db, "--to", "2026-01-01")
    assert json.loads(none.out).get("entry", []) == []


def typed_in(page: Path) -> list[list[str]]:
    """The commands of ours in a page, each whole."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    return [shlex.split(line) for line in re.findall(r"^    ci-notes (.+)$", text, re.M)]


@pytest.mark.parametrize("words", typed_in(Path(__file__).parents[2] / "docs" / "serving.md"), ids=" ".join)
def test_every_command_of_the_page_on_serving_is_understood(words: list[str]) -> None:
    command: Any = cli
    given = [word for word in words if word != "..."]
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), given.pop(0))
        assert found, words
        command = found
    command.make_context("ci-notes", given)


@pytest.mark.parametrize(("proxy", "prefix"), [("10.0.0.7", ""), ("10.0.0.0/28", "/notes"), ("::1", "")])
def test_behind_a_proxy_nobody_else_is_answered_but_who_asks_for_its_health(
    build: Any, prefix: str, proxy: str
) -> None:
    app = build(secure=True, proxy=proxy, prefix=prefix)
    reached = running.as_reached(app.state.settings, app)
    caller = "::1" if proxy == "::1" else "10.0.0.7"
    for other in ("10.0.0.77", "::ffff:10.0.0.77", "127.0.0.1", "a.example"):
        direct = Browser(reached, client=(other, 50000))
        claimed = {"x-forwarded-for": caller, "x-forwarded-proto": "https"}
        refused = direct.get(f"{prefix}/sign-in", headers=claimed)
        assert refused.status_code == 403, other
        assert "through the proxy" in refused.text
        assert direct.post(f"{prefix}/api/v1/check", headers={"authorization": "Bearer x"}).status_code == 403
        assert direct.get(f"{prefix}/health").json() == {"status": "well"}
    assert Browser(reached, client=(caller, 50000)).get(f"{prefix}/sign-in").status_code == 200


def test_the_proxy_says_who_asks_also_where_it_calls_by_ipv6(build: Any) -> None:
    app = build(secure=True, proxy="10.0.0.7")
    through = Browser(running.as_reached(app.state.settings, app), client=("::ffff:10.0.0.7", 50000))
    through.open("/enter/guessed", **{"x-forwarded-for": "192.0.2.5"})
    assert app.state.record.audit.entries()[-1].event.detail == "a used or unknown link, from 192.0.2.5"


@pytest.mark.parametrize("proxy", ["*", "proxy.example", "10.0.0.7/8"])
def test_a_proxy_is_told_by_its_address(db: str, proxy: str) -> None:
    assert f"{proxy} is no address: write it as 10.0.0.7" in refused("--db", db, f"--behind-proxy={proxy}")
