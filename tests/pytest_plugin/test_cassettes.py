"""The marker, from the outside: small test files with cassettes run in a pytest of their own."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakegemini import Fake, say
from fakegemini.cli import main
from fakegemini.doors.loopback import serve
from tests.pytest_plugin.test_fixture import Run, run
from tests.scenarios import Client, dump

__all__ = ["run"]


def cassette(path: Path, *texts: str, head: str = "") -> None:
    """A cassette with a turn for each text: `Hi`, then the texts one after the other."""
    client = Client()
    for text in texts:
        client.fake.replies(say(text))
    for number in range(len(texts)):
        client.create(input="Hi" if not number else f"Hi {number}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + dump(client.exchanges), encoding="utf-8")


HEAD = "fakegemini:\n  recorded: '2026-05-01'\n"


@pytest.mark.parametrize(
    ("mark", "place"),
    [
        ("", "cassettes/test_where_the_cassette_is/test_it.yaml"),
        ('cassette="hello"', "cassettes/hello.yaml"),
        ('"hello.yaml"', "cassettes/hello.yaml"),
        ('cassette="tapes/hello.yaml"', "tapes/hello.yaml"),
        ('cassette=["other", "tapes/hello"]', "tapes/hello.yaml"),
    ],
)
def test_where_the_cassette_is(mark: str, place: str, run: Run, pytester: pytest.Pytester) -> None:
    """By the test's name, in `cassettes/`, or relative to the file; the fixture needs no name."""
    cassette(pytester.path / "cassettes" / "other.yaml", "Other.", "Another.")
    cassette(pytester.path / place, "Hello from the tape.")

    result = run(
        f"""
import pytest

@pytest.mark.fakegemini({mark})
def test_it():
    answers = [ask(), ask()] if "other" in {mark!r} else [ask()]
    assert "Hello from the tape." in str(answers[-1])
""",
        "--strict-markers",
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("suffix", [".yml", ".json", ".yaml.gz", ".json.gz"])
def test_a_cassette_in_another_form(suffix: str, run: Run, pytester: pytest.Pytester) -> None:
    """Converted or packed, and not renamed in any test; YAML goes before it, if it is there."""
    name = "test_a_cassette_in_another_form"
    module, named = (pytester.path / "cassettes" / place for place in (f"{name}/test_it", "hello"))
    for path in (module, named):
        source = path.with_name("source.yaml")
        cassette(source, "Hello from the tape.")
        plain = path.with_name(path.name + suffix.removesuffix(".gz"))
        form = "json" if "json" in suffix else "yaml"
        convert = ["convert", str(source), "--out", str(plain), "--form", form]
        assert CliRunner().invoke(main, convert).exit_code == 0
        source.unlink()
        if suffix.endswith(".gz"):
            packed = gzip.compress(plain.read_bytes())
            plain.unlink()
            path.with_name(path.name + suffix).write_bytes(packed)
    cassette(module.parent / "test_yaml.json", "Not this one.")
    cassette(module.parent / "test_yaml.yaml", "Hello from the tape.")

    result = run("""
import pytest

@pytest.mark.fakegemini
def test_it():
    assert "Hello from the tape." in str(ask())

@pytest.mark.fakegemini("hello")
def test_named():
    assert "Hello from the tape." in str(ask())

@pytest.mark.fakegemini
def test_yaml():
    assert "Hello from the tape." in str(ask())
""")

    result.assert_outcomes(passed=3)


def test_a_module_that_was_renamed(run: Run, pytester: pytest.Pytester) -> None:
    """The text names the file that stayed behind."""
    cassette(pytester.path / "cassettes" / "test_formerly" / "test_it.yaml", "Hello.")

    result = run("""
import pytest

@pytest.mark.fakegemini
def test_it():
    ask()
""")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*no such cassette. One of this name is in *test_formerly: move it where the test was *"]
    )


def test_a_cassette_that_is_missing(run: Run) -> None:
    """The text names the file and the command; who asks nothing needs none."""
    result = run("""
import pytest

@pytest.mark.fakegemini
def test_it():
    ask()

@pytest.mark.fakegemini(missing="model")
def test_with_the_model():
    assert ask()[0] == 400

@pytest.mark.fakegemini
def test_no_request():
    pass
""")

    result.assert_outcomes(passed=3, errors=2)
    text = result.stdout.str()
    name = "test_a_cassette_that_is_missing"
    assert f"cassettes/{name}/test_it.yaml: there is no such cassette." in text
    assert f'pytest --fakegemini-record once "{name}.py::test_it"' in text


def test_a_class_and_a_parameter_are_in_the_name(run: Run, pytester: pytest.Pytester) -> None:
    """As pytest-recording names its cassettes."""
    folder = pytester.path / "cassettes" / "test_a_class_and_a_parameter_are_in_the_name"
    cassette(folder / "TestTalk.test_it[a-b].yaml", "Hello.")

    result = run("""
import pytest

class TestTalk:
    @pytest.mark.fakegemini
    @pytest.mark.parametrize("value", ["a/b"])
    def test_it(self, value, fakegemini):
        assert ask()[0] == 200
        assert fakegemini.unplayed == []
""")

    result.assert_outcomes(passed=1)


def test_options_reach_the_replay(run: Run, pytester: pytest.Pytester) -> None:
    """Tolerance and what is beyond the tape."""
    cassette(pytester.path / "cassettes" / "hello.yaml", "Hello.")

    result = run("""
import pytest

@pytest.mark.fakegemini(cassette="hello", tolerate="input", repeats=True)
def test_tolerant():
    assert [ask(input=text)[0] for text in ("Hi", "Ho")] == [200, 200]

@pytest.mark.fakegemini(cassette="hello", missing="script")
def test_script(fakegemini):
    fakegemini.replies(say("Scripted."))
    assert "Hello." in str(ask())
    assert "Scripted." in str(ask(input="Else"))

@pytest.mark.fakegemini(cassette="hello")
def test_strict():
    assert ask(input="Else")[0] == 400
""")

    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*NotOnTape: No recording answers this request*"])


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ('casette="x"', "the marker fakegemini takes cassette, record, *did you mean 'cassette'?"),
        ('record="onse"', "record is none, once, *, not 'onse', did you mean 'once'?"),
        (
            '"helo"',
            "*helo.yaml: there is no such cassette. The nearest * is hello.yaml.",
        ),
        ('"hello", missing="x"', "BadScript: missing is 'error', 'script', 'model', not 'x'"),
    ],
)
def test_a_marker_that_cannot_be(mark: str, text: str, run: Run, pytester: pytest.Pytester) -> None:
    """One text at the test, no traceback."""
    cassette(pytester.path / "cassettes" / "hello.yaml", "Hello.")

    result = run(f"""
import pytest

@pytest.mark.fakegemini({mark})
def test_it():
    raise AssertionError("it must not run")
""")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{text}*"])
    assert "Traceback" not in result.stdout.str()
    assert "it must not run" not in result.stdout.str()


@pytest.mark.parametrize(
    ("age", "head", "text"),
    [
        ("1y", HEAD, ""),
        ("4w", HEAD, "days old; --fakegemini-max-age is 28 days."),
        ("30", "", "does not say when it was recorded; --fakegemini-max-age is 30 days."),
        ("soon", HEAD, "an age is a number of days, or such as 30d, 4w, 6m, 1y; not 'soon'"),
    ],
)
def test_max_age(age: str, head: str, text: str, run: Run, pytester: pytest.Pytester) -> None:
    """A cassette that is too old fails its test, and the text says how to record it again."""
    cassette(pytester.path / "cassettes" / "hello.yaml", "Hello.", head=head)

    result = run(
        """
import pytest

@pytest.mark.fakegemini("hello")
def test_it():
    assert ask()[0] == 200
""",
        f"--fakegemini-max-age={age}",
    )

    shown = "\n".join([*result.outlines, *result.errlines])
    assert text in shown
    assert (result.ret == 0) == (not text)


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_what_nobody_played_is_reported(
    workers: list[str], run: Run, pytester: pytest.Pytester
) -> None:
    """Requests that no test made, of all tests together, and cassettes that no test plays."""
    if workers:
        pytest.importorskip("xdist")
    cassette(pytester.path / "cassettes" / "hello.yaml", "One.", "Two.", "Three.")
    cassette(pytester.path / "cassettes" / "orphan.yaml", "Never.")

    result = run(
        """
import pytest

@pytest.mark.fakegemini("hello")
def test_first():
    ask()

@pytest.mark.fakegemini("hello")
def test_second():
    ask(input="Hi 2")
""",
        *workers,
    )

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*fakegemini: cassettes*",
            "*hello.yaml: nobody asked for exchange 2",
            "*orphan.yaml: no test plays it",
        ]
    )


def test_nothing_to_say(run: Run, pytester: pytest.Pytester) -> None:
    """No section where all was played, and where nobody uses a cassette."""
    cassette(pytester.path / "cassettes" / "hello.yaml", "One.")

    result = run("""
import pytest

@pytest.mark.fakegemini("hello")
def test_first():
    ask()

def test_plain(fakegemini):
    ask()
""")

    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*cassettes*")


def test_the_module_has_the_marker_for_all_its_tests(run: Run, pytester: pytest.Pytester) -> None:
    """`pytestmark`, in an asynchronous test too."""
    pytest.importorskip("anyio")
    cassette(pytester.path / "cassettes" / "hello.yaml", "One.")

    result = run("""
import pytest

pytestmark = [pytest.mark.fakegemini("hello"), pytest.mark.anyio]

@pytest.fixture
def anyio_backend():
    return "asyncio"

def test_first():
    assert "One." in str(ask())

async def test_second():
    assert "One." in str(ask())
""")

    result.assert_outcomes(passed=2)


RECORDING = """
import pytest

@pytest.mark.fakegemini
@pytest.mark.parametrize("word", ["Hi", "Ho"])
def test_it(word, fakegemini):
    status, body = ask(input=word)
    assert status == 200
    again = ask(input=word + "!", previous_interaction_id=body["id"])
    assert again[0] == 200
    assert [asked.json()["input"] for asked in fakegemini.requests] == [word, word + "!"]
    print("THE ID", body["id"])
"""


def ids(result: pytest.RunResult) -> set[str]:
    """The ids that the tests saw."""
    return {line.split()[-1] for line in result.outlines if "THE ID" in line}


def test_a_test_records_and_replays(run: Run, pytester: pytest.Pytester) -> None:
    """Recorded through the proxy with the user's key, replayed without a server or a key."""
    pytest.importorskip("httpx")
    folder = pytester.path / "cassettes" / "test_a_test_records_and_replays"
    upstream = Fake(seed="upstream")
    with serve(upstream.handle) as url:
        recorded = run(RECORDING, "-s", "--fakegemini-record=once", f"--fakegemini-upstream={url}")
    asked = len(upstream.requests)
    replayed = run(RECORDING, "-s")
    again = run(
        RECORDING, "-s", "--fakegemini-record=once", "--fakegemini-upstream=http://x.invalid"
    )

    for result in (recorded, replayed, again):
        result.assert_outcomes(passed=2)
    assert asked == 4
    assert sorted(path.name for path in folder.iterdir()) == [
        "test_it[Hi].yaml",
        "test_it[Ho].yaml",
    ]
    recorded.stdout.fnmatch_lines(["*2 recorded, 2 in *test_it[[]Hi].yaml: 0 violations, 0 drift"])
    assert ids(recorded).isdisjoint(ids(replayed))
    assert ids(replayed) == ids(again)
    text = (folder / "test_it[Hi].yaml").read_text(encoding="utf-8")
    assert text.startswith("fakegemini:\n  format: 1\n  recorded: '20")


def test_new_episodes_go_on_with_the_recorded_conversation(
    run: Run, pytester: pytest.Pytester
) -> None:
    """What is on the tape is played; the rest goes upstream under the names it knows there."""
    pytest.importorskip("httpx")
    source = """
import pytest

@pytest.mark.fakegemini("talk")
def test_it():
    status, body = ask(input="One")
    for word in {words}:
        status, body = ask(input=word, previous_interaction_id=body["id"])
        assert status == 200, body
"""
    upstream = Fake(seed="upstream")
    with serve(upstream.handle) as url:
        to = (f"--fakegemini-upstream={url}",)
        run(source.format(words=["Two"]), "--fakegemini-record=once", *to).assert_outcomes(passed=1)
        more = source.format(words=["Two", "Three"])
        run(more, "--fakegemini-record=new_episodes", *to).assert_outcomes(passed=1)
    replayed = run(more)

    replayed.assert_outcomes(passed=1)
    replayed.stdout.no_fnmatch_line("*nobody asked*")
    assert [asked.json()["input"] for asked in upstream.requests] == ["One", "Two", "Three"]


def test_nothing_is_recorded_without_upstream(run: Run, pytester: pytest.Pytester) -> None:
    """The program is told, and no file appears."""
    pytest.importorskip("httpx")

    result = run(
        """
import pytest

@pytest.mark.fakegemini("talk")
def test_it():
    status, body = ask()
    assert status == 400
    assert "cannot reach" in str(body)
""",
        "--fakegemini-record=rewrite",
        "--fakegemini-upstream=http://127.0.0.1:1",
    )

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*nothing was recorded; *talk.yaml is as it was"])
    assert [*pytester.path.glob("cassettes/*.yaml")] == []
