"""`--fakegemini-turbo`: on from the beginning of the run to its end, and never unasked."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.test_fixture import Run, run

__all__ = ["run"]

LOOK = """
import pydantic
import ssl

def is_fast():
    from google.genai import _api_client
    from google.genai._gaos.utils import serializers
    fast = serializers.create_model is not pydantic.create_model
    assert fast == (_api_client.ssl is not ssl)
    return fast
"""

ON = (
    LOOK
    + """
AT_IMPORT = is_fast()

def test_on(fakegemini):
    assert is_fast() and AT_IMPORT

def test_without_the_fixture():
    assert is_fast()
"""
)


@pytest.mark.parametrize("more", [(), ("-n", "1"), ("--fakegemini-transport",)], ids=str)
def test_the_option_turns_it_on(run: Run, more: tuple[str, ...]) -> None:
    """For clients that are made at import, too."""
    result = run(ON, "--fakegemini-turbo", *more)

    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*turbo*")


def test_so_does_the_line_of_the_ini_file(run: Run, pytester: pytest.Pytester) -> None:
    """It has the name of the option."""
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nfakegemini_turbo = true"
    )

    run(ON).assert_outcomes(passed=2)


def test_nothing_is_touched_unasked(run: Run) -> None:
    """With the fixture or without."""
    run(LOOK + "def test_off(fakegemini):\n    assert not is_fast()").assert_outcomes(passed=1)


def test_it_ends_with_the_run(run: Run) -> None:
    """A process that goes on has the SDK as it was."""
    source = """
    import atexit

    def say():
        print("fast behind the run:", is_fast())

    atexit.register(say)

    def test_on():
        assert is_fast()
    """
    result = run(LOOK + "\n".join(line[4:] for line in source.splitlines()), "--fakegemini-turbo")

    result.stdout.fnmatch_lines(["fast behind the run: False"])


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=str)
def test_an_sdk_that_does_not_fit_is_named_in_one_line(
    run: Run, pytester: pytest.Pytester, more: tuple[str, ...]
) -> None:
    """The tests pass all the same."""
    pytester.mkpydir("google").joinpath("__init__.py").unlink()
    folder = pytester.path / "google" / "genai"
    folder.mkdir()
    folder.joinpath("__init__.py").write_text("")
    folder.joinpath("_api_client.py").write_text("ssl = 'elsewhere'")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\npythonpath = .")
    tests = "\n".join(
        f"def test_{n}(fakegemini):\n    from google.genai import _api_client" for n in range(2)
    )
    result = run(tests, "--fakegemini-turbo", *more)

    result.assert_outcomes(passed=2)
    lines = [line for line in result.outlines if "turbo" in line]
    assert len(lines) == 1
    assert lines[0].startswith("fakegemini: turbo leaves google-genai ")
