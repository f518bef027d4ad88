"""A project that uses us: an application as people write it, and its tests, green as they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.inner_runs import ADDOPTS, WITH_HYPOTHESIS

EXAMPLE = Path(__file__).parent / "example"
COUNT = 28

WAYS = {
    "in order": [],
    "two processes, with a limit of time": ["-n", "2", "--timeout", "120"],
    "random order, no stray calls": ["--random-order", "--fakegemini-block"],
    "two processes, random order, network blocked, with a limit of time by threads": [
        *("-n", "2", "--random-order", "--block-network"),
        *("--timeout", "120", "--timeout-method", "thread"),
    ],
}
"""Each option alone would prove the same, and what fails names its neighbours."""


@pytest.mark.parametrize("way", WAYS)
def test_the_example(way: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every order, in several processes, beside what else keeps calls at home."""
    for package in ("google.genai", "xdist", "random_order", "pytest_asyncio", "pytest_recording"):
        pytest.importorskip(package)
    if "--timeout" in WAYS[way]:
        pytest.importorskip("pytest_timeout")
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True)
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))
    monkeypatch.setenv("GEMINI_API_KEY", "theirs")
    monkeypatch.setenv(ADDOPTS, WITH_HYPOTHESIS)
    pytester.makeini(
        "[pytest]\nfakegemini_env = true\nasyncio_default_fixture_loop_scope = function"
    )

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *WAYS[way])

    result.assert_outcomes(passed=COUNT)


def test_the_application_knows_nothing_of_tests() -> None:
    """Nothing in its code is there for us."""
    for path in (EXAMPLE / "shop").glob("*.py"):
        text = path.read_text("utf-8")
        assert "fakegemini" not in text, path
        assert "environ" not in text, path
        assert "base_url" not in text, path
