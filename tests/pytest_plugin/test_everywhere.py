"""The options of a fake, from each place where a run of pytest sets them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakegemini.fake.options import OPTIONS
from tests.scenarios import CASSETTES

VALUES: dict[str, tuple[str, str, Any]] = {
    "seed": ("'seven'", "seven", "seven"),
    "era": ("'2026-08'", "2026-08", "2026-08"),
    "models": ("['gemini-next']", "gemini-next", ["gemini-next"]),
    "agents": ("['tides']", "tides", ["tides"]),
    "any_model": ("True", "true", True),
    "decode_limit": ("17", "17", 17),
    "allow": ("['leftover', 'refused']", "leftover refused", ["leftover", "refused"]),
    "tolerate": ("['dates', 'input']", "dates input", ["dates", "input"]),
    "missing": ("'model'", "model", "model"),
    "chunks": ("5", "5", "5"),
    "real_pace": ("True", "true", True),
    "repeats": ("True", "true", True),
    "on_unplayed": ("'report'", "report", "report"),
    "scrub": ("['badge', 'pin']", "badge pin", ["badge", "pin"]),
    "scrub_pattern": ("['a+']", "a+", ["a+"]),
    "allow_secret": ("['b+']", "b+", ["b+"]),
    "before_record_request": ("'copy:copy'", "copy:copy", "copy:copy"),
    "before_record_response": ("'copy:copy'", "copy:copy", "copy:copy"),
}
"""Each option in Python, as a text, and in TOML."""

SEES_ALL = """
import pytest

PLAIN = {name: VALUES[name] for name in VALUES if name not in ("models", "agents", "allow")}

{mark}
def test_all(fakegemini):
    for name, value in PLAIN.items():
        actual = getattr(fakegemini, name)
        assert (list(actual) if isinstance(actual, tuple) else actual) == value, name
    assert "gemini-next" in fakegemini.models
    assert "tides" in fakegemini.agents
    fakegemini.replies("nobody asks for it")
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a test that sees all options, in a process of its own."""
    for name in OPTIONS:
        monkeypatch.delenv(f"FAKEGEMINI_{name.upper()}", raising=False)

    def run(source: str = SEES_ALL, mark: str = "", *arguments: str) -> pytest.RunResult:
        values = ", ".join(f"{name!r}: {value}" for name, (value, *_) in VALUES.items())
        pytester.makepyfile(f"VALUES = {{{values}}}\n" + source.replace("{mark}", mark))
        options = ("-p", "no:cacheprovider", "-p", "no:asyncio")
        return pytester.runpytest_subprocess(*options, "-W", "error", *arguments)

    return run


def test_every_option_has_a_value_here() -> None:
    """A new row needs one."""
    assert set(VALUES) == set(OPTIONS)


def as_toml(value: Any) -> str:
    """A value in TOML."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


FILES: dict[str, tuple[str, Callable[[str, str, Any], str]]] = {
    "pytest.ini": ("[pytest]", lambda name, text, _: f"fakegemini_{name} = {text}"),
    "tox.ini": ("[pytest]", lambda name, text, _: f"fakegemini_{name} = {text}"),
    "pyproject.toml": (
        "[tool.pytest]",
        lambda name, _, value: f"fakegemini_{name} = {as_toml(value)}",
    ),
}


@pytest.mark.parametrize("file", FILES)
def test_from_a_file(file: str, run: Run, pytester: pytest.Pytester) -> None:
    """Of each kind that pytest reads, in the file's own types."""
    head, line = FILES[file]
    lines = [line(name, text, value) for name, (_, text, value) in VALUES.items()]
    pytester.path.joinpath(file).write_text("\n".join([head, *lines]), "utf-8")

    run().assert_outcomes(passed=1)


def test_from_old_toml(run: Run, pytester: pytest.Pytester) -> None:
    """Whose values are texts, and lists of them."""
    lines = [
        f"fakegemini_{name} = {as_toml(value if isinstance(value, list) else text)}"
        for name, (_, text, value) in VALUES.items()
    ]
    pytester.makepyprojecttoml("\n".join(["[tool.pytest.ini_options]", *lines]))

    run().assert_outcomes(passed=1)


def test_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable each."""
    for name, (_, text, _) in VALUES.items():
        monkeypatch.setenv(f"FAKEGEMINI_{name.upper()}", text)

    run().assert_outcomes(passed=1)


def test_from_the_marker(run: Run) -> None:
    """With a cassette, which then is played so."""
    arguments = ", ".join(f"{name}={value}" for name, (value, *_) in VALUES.items())
    tape = str(CASSETTES / "text.yaml")

    run(SEES_ALL, f"@pytest.mark.fakegemini({tape!r}, {arguments})").assert_outcomes(passed=1)


def test_a_marker_that_tells_the_fake_what_to_be_plays_nothing(run: Run) -> None:
    """Unless another one is there for a cassette."""
    result = run(
        """
import pytest

pytestmark = pytest.mark.fakegemini(era="2026-08")

@pytest.mark.fakegemini(seed=3, allow="leftover")
def test_it(fakegemini):
    assert (fakegemini.era, fakegemini.seed, fakegemini.recorded_on) == ("2026-08", "3", {})
    fakegemini.replies("nobody asks for it")

@pytest.mark.fakegemini
def test_bare(fakegemini):
    import urllib.error, urllib.request

    try:
        urllib.request.urlopen(fakegemini.url + "/v1beta/models")
    except urllib.error.HTTPError as error:
        error.close()

@pytest.mark.fakegemini(era="2026-8")
def test_wrong():
    pass

@pytest.mark.fakegemini(eras="2026-08")
def test_unknown():
    pass
"""
    )

    result.assert_outcomes(passed=2, errors=3)
    result.stdout.fnmatch_lines(
        ["*test_bare.yaml: there is no such cassette*", "*BadScript: era is one of *'2026-8'*"]
    )
    result.stdout.fnmatch_lines(["*the marker fakegemini takes *not 'eras', did you mean 'era'*"])


def test_the_nearest_place_goes_before(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attribute, marker, environment, file."""
    pytester.makeini("[pytest]\nfakegemini_era = 2026-05\nfakegemini_seed = file")
    monkeypatch.setenv("FAKEGEMINI_ERA", "2026-06")

    run(
        """
import pytest

def test_environment(fakegemini):
    assert (fakegemini.era, fakegemini.seed) == ("2026-06", "file")

@pytest.mark.fakegemini(era="2026-08")
def test_marker(fakegemini):
    assert fakegemini.era == "2026-08"
    fakegemini.era = "2026-10"
    assert fakegemini.era == "2026-10"
"""
    ).assert_outcomes(passed=2)


MISTAKES: dict[str, tuple[str, dict[str, str], str]] = {
    "a file": ("era = 2026-8", {}, "fakegemini_era in *tox.ini: era is one of *, did you mean"),
    "a number": ("decode_limit = few", {}, "fakegemini_decode_limit in *tox.ini: *'few'"),
    "a switch": ("any_model = maybe", {}, "fakegemini_any_model in *tox.ini: *maybe*"),
    "a variable": ("", {"FAKEGEMINI_MISSING": "scrip"}, "FAKEGEMINI_MISSING: missing is *'script'"),
    "a number there": ("", {"FAKEGEMINI_DECODE_LIMIT": "few"}, "FAKEGEMINI_DECODE_LIMIT: *'few'"),
    "a switch there": ("", {"FAKEGEMINI_ANY_MODEL": "maybe"}, "FAKEGEMINI_ANY_MODEL: *'maybe'"),
    "a slip": ("", {"FAKEGEMINI_TOLERATES": "x"}, "*did you mean FAKEGEMINI_TOLERATE[?]"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_told_once(
    kind: str, run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line that names the place, before any test runs."""
    line, variables, text = MISTAKES[kind]
    pytester.makeini(f"[pytest]\n{'fakegemini_' if line else ''}{line}")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    result = run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{text}*"])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_unused_they_cost_nothing(run: Run, pytester: pytest.Pytester) -> None:
    """A run that sets none loads nothing for them."""
    pytester.makeconftest(
        "import sys\ndef pytest_sessionfinish():\n"
        "    assert 'fakegemini.pytest_plugin.run_options' not in sys.modules\n"
        "    assert 'fakegemini.fake.fake' not in sys.modules\n"
    )

    run("def test_it():\n    pass").assert_outcomes(passed=1)


def test_a_path(tmp_path: Path) -> None:
    """What is tolerated may be a path with brackets, in a text as well."""
    from fakegemini.fake.option_values import options_from

    assert options_from({"FAKEGEMINI_TOLERATE": "tools[*].name, dates"}) == {
        "tolerate": ("tools[*].name", "dates")
    }
