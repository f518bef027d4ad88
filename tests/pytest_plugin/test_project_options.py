"""What a project says of its recordings: options, lines of the ini file, a fixture, markers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakegemini.recordings.cassette import load_cassette
from tests.pytest_plugin.test_cassettes import cassette
from tests.pytest_plugin.test_fixture import Run, run
from tests.pytest_plugin.test_sharing import upstream

__all__ = ["run"]

pytest.importorskip("httpx")

SECRETS = """
import pytest

{before}

@pytest.mark.fakegemini("made"{mark})
def test_it():
    secrets = {{"badge": "Ada-77", "machine_key": "a8Fk30dKx92LmQ7z"}}
    status, body = ask(input=json.dumps(secrets))
    assert status == 200, body
"""

IN_FIXTURE = """
@pytest.fixture
def fakegemini_config():
    return {"scrub": ["badge"], "allow_secret": "^a8F"}
"""


def secrets_of(path: Path) -> dict[str, str]:
    """What the first request of a cassette says, which is JSON."""
    text = load_cassette(path).exchanges[0].exchange.request_json["input"]
    secrets: dict[str, str] = json.loads(text)
    return secrets


@pytest.mark.parametrize(
    ("before", "mark", "ini", "options"),
    [
        ("", ', scrub="badge", allow_secret=["^a8F"]', "", ()),
        ('pytestmark = pytest.mark.fakegemini(scrub="badge")', ', allow_secret="^a8F"', "", ()),
        ('pytestmark = pytest.mark.fakegemini(scrub="x")', ', scrub="badge"', "^a8F", ()),
        (IN_FIXTURE, "", "", ()),
        ("", ', scrub_pattern=r"Ada-\\d+"', "^a8F", ()),
        ("", "", "^a8F", ("-o", "fakegemini_scrub=badge")),
        ("", ', scrub="badge"', "", ("-o", "fakegemini_allow_secret=^a8F")),
        (IN_FIXTURE.replace("badge", "x"), ', scrub="badge"', "", ()),
    ],
)
def test_what_is_a_secret_is_said_anywhere_and_holds_together(
    before: str,
    mark: str,
    ini: str,
    options: tuple[str, ...],
    run: Run,
    pytester: pytest.Pytester,
) -> None:
    """In the marker, that of the module, a fixture, the ini file, and on the command line."""
    if ini:
        ini_file = pytester.path / "tox.ini"
        ini_file.write_text(f"{ini_file.read_text()}\nfakegemini_allow_secret = {ini}\n")
    source = SECRETS.format(before=before, mark=mark)

    with upstream() as (_, to):
        run(source, "--fakegemini-record=once", to, *options).assert_outcomes(passed=1)
    replayed = run(source, *options)

    replayed.assert_outcomes(passed=1)
    assert secrets_of(pytester.path / "cassettes" / "made.yaml") == {
        "badge": "SCRUBBED-1",
        "machine_key": "a8Fk30dKx92LmQ7z",
    }


def test_a_miss_hides_what_the_project_calls_a_secret(run: Run, pytester: pytest.Pytester) -> None:
    """By every rule that was given."""
    cassette(pytester.path / "cassettes" / "made.yaml", "Hello.")

    result = run(SECRETS.format(before=IN_FIXTURE, mark=""))

    text = result.stdout.str()
    assert "NotOnTape" in text
    assert "a8Fk30dKx92LmQ7z" in text
    assert "Ada-77" not in text.partition("NotOnTape")[2]


TOLERANT = """
import pytest

{before}

@pytest.mark.fakegemini("hello"{mark})
def test_marked():
    assert ask(input="Other")[0] == 200

def test_played(fakegemini):
    fakegemini.play("cassettes/hello.yaml")
    assert ask(input="Other")[0] == 200
"""


@pytest.mark.parametrize("in_ini", [True, False])
def test_a_project_tolerates(in_ini: bool, run: Run, pytester: pytest.Pytester) -> None:
    """For the marker and for `play`; the marker of a test may be stricter."""
    cassette(pytester.path / "cassettes" / "hello.yaml", "Hello.")
    fixture = "@pytest.fixture\ndef fakegemini_config():\n    return {'tolerate': 'input'}"
    if in_ini:
        ini_file = pytester.path / "tox.ini"
        ini_file.write_text(f"{ini_file.read_text()}\nfakegemini_tolerate = input\n")
    before = "" if in_ini else fixture

    tolerant = run(TOLERANT.format(before=before, mark=""))
    strict = run(TOLERANT.format(before=before, mark=", tolerate=[]"))

    tolerant.assert_outcomes(passed=2)
    strict.assert_outcomes(passed=1, failed=1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("['dates']", "the fixture fakegemini_config gives a dict of options, not"),
        ("{'tolerat': 'dates'}", "not 'tolerat', did you mean 'tolerate'?"),
        ("{'scrub_pattern': '['}", "the pattern '[' is no regular expression"),
        ("{'before_record_request': 1}", "before_record_… takes a function of an exchange"),
    ],
)
def test_a_configuration_that_cannot_be(
    value: str, text: str, run: Run, pytester: pytest.Pytester
) -> None:
    """One sentence that names what was meant."""
    cassette(pytester.path / "cassettes" / "hello.yaml", "Hello.")
    fixture = f"@pytest.fixture\ndef fakegemini_config():\n    return {value}"

    result = run(TOLERANT.format(before=fixture, mark=""), "-k", "marked")

    result.assert_outcomes(errors=1)
    assert text in result.stdout.str()


UNPLAYED = """
import pytest

@pytest.mark.fakegemini("two"{mark})
def test_it(fakegemini):
    {allow}
    assert ask()[0] == 200
"""


@pytest.mark.parametrize(
    ("mark", "allow", "outcomes"),
    [
        ("", "pass", {"passed": 1}),
        (', on_unplayed="fail"', "pass", {"passed": 1, "errors": 1}),
        (', on_unplayed="fail"', 'fakegemini.allow("leftover")', {"passed": 1}),
    ],
)
def test_what_nobody_asked_for_fails_where_it_is_wanted(
    mark: str, allow: str, outcomes: dict[str, int], run: Run, pytester: pytest.Pytester
) -> None:
    """At the end of the test, with the places of the exchanges."""
    cassette(pytester.path / "cassettes" / "two.yaml", "One.", "Two.")

    result = run(UNPLAYED.format(mark=mark, allow=allow))

    result.assert_outcomes(**outcomes)
    if "errors" in outcomes:
        result.stdout.fnmatch_lines(["*LeftOver: Nobody asked for exchange 2 of *two.yaml, and *"])


def test_nothing_is_recorded_nor_played_where_that_is_disabled(
    run: Run, pytester: pytest.Pytester
) -> None:
    """The test goes to the live API; the cassette stays, and one that is missing is not missed."""
    cassette(pytester.path / "cassettes" / "hello.yaml", "From the tape.")
    source = """
import pytest

@pytest.mark.fakegemini("{name}")
def test_{name}(fakegemini):
    assert "Live." in str(ask(input="Hi"))
    assert len(fakegemini.requests) == 1
"""
    before = (pytester.path / "cassettes" / "hello.yaml").read_bytes()

    with upstream() as (fake, to):
        fake.replies("Live.")
        fake.replies("Live.")
        result = run(
            source.format(name="hello") + source.format(name="missing"),
            "--fakegemini-disable-recording",
            to,
        )

    result.assert_outcomes(passed=2)
    assert (pytester.path / "cassettes" / "hello.yaml").read_bytes() == before
    assert not (pytester.path / "cassettes" / "missing.yaml").exists()


HOOKED = """
from dataclasses import replace

import pytest

def before_record_request(exchange):
    if b"secret plan" in exchange.request_body:
        return None
    return replace(exchange, request_body=exchange.request_body.replace(b"Monday", b"today"))

def before_record_response(exchange):
    return replace(exchange, response_body=exchange.response_body.replace(b"Ada", b"Bob"))

@pytest.fixture
def fakegemini_config():
    return {
        "before_record_request": before_record_request,
        "before_record_response": before_record_response,
        "missing": "model",
    }

@pytest.mark.fakegemini("hooked")
def test_it(fakegemini):
    assert "A" in str(ask(input="It is Monday"))
    status, body = ask(input="The secret plan")
    assert status == 200, body
"""


def test_what_hooks_change_is_replayed_to_the_same_program(
    run: Run, pytester: pytest.Pytester
) -> None:
    """A changed request is found again, a changed answer comes, a dropped exchange is not there."""
    with upstream() as (fake, to):
        fake.replies("Ada says A.")
        fake.replies("The plan.")
        recorded = run(HOOKED, "--fakegemini-record=once", to)
    replayed = run(HOOKED.replace('"A" in', '"Bob says A." in'))

    recorded.assert_outcomes(passed=1)
    replayed.assert_outcomes(passed=1)
    text = (pytester.path / "cassettes" / "hooked.yaml").read_text()
    assert "It is today" in text
    assert "plan" not in text
