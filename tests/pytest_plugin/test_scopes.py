"""Fakes for more than a test, for one example of Hypothesis, and for tests of unittest."""

from __future__ import annotations

import sys
import unittest
from collections.abc import Callable

import pytest

import fakegemini
from tests.inner_runs import ADDOPTS, WITH_HYPOTHESIS

ASK = """
import json, os, unittest, urllib.request
import pytest
from fakegemini import FakeMixin, adopt, fake_fixture, running, say

def ask(text="Hi", url=None, **body):
    form = json.dumps({"model": "gemini-3.5-flash", "input": text} | body).encode()
    base = url or os.environ["GOOGLE_GEMINI_BASE_URL"]
    try:
        with urllib.request.urlopen(f"{base}/v1/interactions", form) as response:
            turn = json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)["error"]["message"]
    return turn["steps"][-1]["content"][0]["text"]

"""
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a test file in a process of its own."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")

    def run(source: str, *arguments: str, hypothesis: bool = False) -> pytest.RunResult:
        pytester.makepyfile(ASK + source)
        options = ["-p", "no:cacheprovider", "-p", "no:recording", "-W", "error"]
        if hypothesis:
            monkeypatch.setenv(ADDOPTS, WITH_HYPOTHESIS)
        return pytester.runpytest_subprocess(*options, *arguments)

    return run


@pytest.mark.parametrize("scope", ["class", "module", "session"])
def test_a_fake_that_tests_share(scope: str, run: Run) -> None:
    """What is stored and what fixtures script lasts; a test's own replies end with it."""
    result = run(f"""
shop = fake_fixture({scope!r}, seed="shared", era="2026-08")

@pytest.fixture(scope={scope!r}, autouse=True)
def shop_defaults(shop):
    shop.default("By default.")
    shop.replies("The first of all.")

class TestShop:
    def test_first(self, shop):
        shop.replies("My own.")
        assert [ask(), ask(), ask()] == ["My own.", "The first of all.", "By default."]
        assert (shop.seed, shop.era) == ("shared", "2026-08")

    def test_leaves_a_reply(self, shop):
        shop.replies("nobody asks for it")

    def test_has_none_of_it(self, shop):
        assert ask() == "By default."
        assert len(shop.requests) == 4
        parent = shop.requests.creates[0].id
        assert ask("and then?", previous_interaction_id=parent) == "By default."

    def test_refused(self, shop):
        assert "not found" in ask(model="gemini-3.5-flahs").lower()

    def test_without_naming_it(self):
        assert ask() == "By default."

    def test_failed(self, shop):
        shop.replies("nobody asks for it, and one failure is told once")
        assert False

    def test_last(self, shop):
        with pytest.raises(AssertionError):
            assert ask() == "no"
""")

    result.assert_outcomes(passed=6, failed=1, errors=2)
    result.stdout.fnmatch_lines(["*ERROR at teardown of TestShop.test_leaves_a_reply*"])
    result.stdout.fnmatch_lines(["*ERROR at teardown of TestShop.test_refused*", "Refused: *"])
    assert "nobody asks for it, and one failure" in result.stdout.str()


def test_what_fixtures_scripted_is_checked_at_the_end_of_the_scope(run: Run) -> None:
    """At the teardown of the last test."""
    result = run("""
shop = fake_fixture()

@pytest.fixture(scope="module", autouse=True)
def replies(shop):
    shop.replies("never asked for")

def test_one(): pass
def test_two(): pass
""")

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_two*", "LeftOver: *1 reply left*"])


def test_beside_the_fixture_of_a_test(run: Run) -> None:
    """The test's own has the environment while it runs; each is checked for itself."""
    result = run("""
shop = fake_fixture(autouse=True)
other = fake_fixture("function", seed="other")

def test_own(fakegemini, shop):
    fakegemini.replies("own")
    shop.replies("shared")
    assert (ask(), ask(url=shop.url)) == ("own", "shared")

def test_shared(shop):
    shop.replies("shared")
    assert ask() == "shared"

def test_two_of_a_test(other, fakegemini):
    other.replies("other")
    fakegemini.replies("own")
    assert (ask(), ask(url=other.url), other.seed) == ("own", "other", "other")

@pytest.mark.fakegemini(seed="own")
def test_marked(fakegemini):
    assert fakegemini.seed == "own"
""")

    result.assert_outcomes(passed=4)


def test_in_the_place_of_the_fixture(run: Run) -> None:
    """A suite may call its own `fakegemini`; a marker it cannot follow is one sentence."""
    result = run("""
fakegemini = fake_fixture("module", any_model=True)

def test_one(fakegemini):
    assert ask(model="whatever")

@pytest.mark.fakegemini(seed="own")
def test_marked(fakegemini):
    pass
""")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*BadScript: the marker fakegemini tells the fake of one test*"])


def test_a_marker_of_the_module(run: Run) -> None:
    """Tells the shared fake what to be; a cassette it cannot play."""
    result = run("""
pytestmark = pytest.mark.fakegemini(era="2026-06")
shop = fake_fixture(era="2026-08")

def test_it(shop):
    assert shop.era == "2026-06"
""")
    result.assert_outcomes(passed=1)

    result = run("""
pytestmark = pytest.mark.fakegemini("tape")
shop = fake_fixture()

@pytest.fixture
def fakegemini(shop):
    return shop

def test_it(fakegemini): pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*BadScript: the marker fakegemini of *is about a cassette*"])


EXAMPLES = """
import asyncio
from hypothesis import given, settings, strategies as st

@pytest.fixture(autouse=True)
def suite(fakegemini):
    fakegemini.default("default")
    fakegemini.replies("fixture")
    fakegemini.era = "2026-08"

{mark}
@settings(max_examples=8, deadline=None, database=None)
@given(text=st.text("ab", min_size=1, max_size=3))
def test_it(fakegemini, text):
    assert (len(fakegemini.requests), fakegemini.era) == (0, "2026-08")
    fakegemini.era = "2026-10"
    fakegemini.clock.advance(5)
    fakegemini.replies(text)
    assert (ask(), ask(), ask()) == (text, "fixture", "default")

{mark}
@pytest.mark.parametrize("number", [1, 2])
@settings(max_examples=8, deadline=None, database=None)
@given(text=st.integers(0, 9))
def test_fails(fakegemini, text, number):
    ask(); ask()
    if text > 3:
        fakegemini.replies("left")

def test_plain(fakegemini):
    assert ask() == "fixture"

class TestMethods:
    {mark}
    @settings(max_examples=4, deadline=None, database=None)
    @given(text=st.integers(0, 9))
    def test_method(self, fakegemini, text):
        assert ask() == "fixture"

{mark}
@pytest.mark.asyncio
@settings(max_examples=4, deadline=None, database=None)
@given(text=st.integers(0, 9))
async def test_soon(fakegemini, text):
    assert await asyncio.to_thread(ask) == "fixture"
"""


@pytest.mark.parametrize("way", ["marker", "ini", "option"])
def test_one_fake_an_example(way: str, run: Run, pytester: pytest.Pytester) -> None:
    """What fixtures scripted is there for each, and each is checked."""
    pytest.importorskip("pytest_asyncio")
    mark = "@pytest.mark.fakegemini(per_example=True)" if way == "marker" else ""
    if way == "ini":
        with pytester.path.joinpath("tox.ini").open("a") as ini:
            ini.write("\nfakegemini_per_example = true\n")
    options = ["--fakegemini-per-example"] if way == "option" else []

    result = run(EXAMPLES.replace("{mark}", mark), *options, hypothesis=True)

    result.assert_outcomes(passed=4, failed=2)
    result.stdout.fnmatch_lines(["*LeftOver: fakegemini has 1 reply left*"])
    result.stdout.fnmatch_lines(["*'text': 4*"])


def test_without_it_hypothesis_warns(run: Run) -> None:
    """As for every fixture of a test."""
    result = run(
        """
from hypothesis import given, strategies as st

@given(text=st.integers())
def test_it(fakegemini, text):
    ask()
""",
        hypothesis=True,
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*uses a function-scoped fixture 'fakegemini'*"])


UNITTEST = '''
CLIENT_URL = ""

class Cached:
    """A client that is kept, with the address of its first test."""
    url = None

def ask_cached():
    Cached.url = Cached.url or os.environ["GOOGLE_GEMINI_BASE_URL"]
    return ask(url=Cached.url)

class Shop(FakeMixin, unittest.TestCase):
    fake_options = {"seed": "unittest", "any_model": True}

    def setUp(self):  # without the setUp of the base
        self.fake.default("default")

    def test_first(self):
        self.fake.replies("first")
        self.assertEqual(ask_cached(), "first")
        self.assertEqual(self.fake.seed, "unittest")

    def test_second(self):
        self.fake.replies("second")
        self.assertEqual(ask_cached(), "second")
        self.assertTrue(ask(model="whatever"))

    def test_left(self):
        self.fake.replies("never")

    def test_refused(self):
        ask("x", tools=7)

    def test_failed(self):
        self.fake.replies("never")
        self.fail("by itself")

    def test_sub(self):
        self.fake.replies("never")
        with self.subTest(1):
            self.fail("in a sub test")

    def test_skipped(self):
        self.fake.replies("never")
        self.skipTest("not now")

    @unittest.skip("never")
    def test_never(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fake.replies("never")
        self.fail("as expected")

    def test_raises(self):
        with self.assertRaises(ZeroDivisionError):
            1 / 0

class Soon(FakeMixin, unittest.IsolatedAsyncioTestCase):
    async def test_soon(self):
        self.fake.replies("soon")
        import asyncio
        self.assertEqual(await asyncio.to_thread(ask_cached), "soon")

    async def test_soon_left(self):
        self.fake.replies("never")

class Wrong(FakeMixin, unittest.TestCase):
    fake_options = {"era": "2026-8"}

    def test_it(self):
        pass

class Misspelt(FakeMixin, unittest.TestCase):
    fake_options = {"sede": 7}

    def test_misspelt(self):
        pass

class Environment(unittest.TestCase):
    def test_undone(self):
        self.assertNotIn("GOOGLE_GEMINI_BASE_URL", os.environ)
'''


def test_the_mixin_in_pytest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its fake; a kept client works in all; a failure is told once."""
    monkeypatch.delenv("GOOGLE_GEMINI_BASE_URL", raising=False)
    result = run(UNITTEST)

    outcomes = result.parseoutcomes()
    assert (outcomes["passed"], outcomes["skipped"], outcomes["xfailed"]) == (6, 2, 1), outcomes
    text = result.stdout.str()
    for name in ("test_left", "test_refused", "test_failed", "test_soon_left", "test_it"):
        assert text.count("FAILED test_the_mixin_in_pytest.py::") >= 5
        assert name in text
    assert text.count("LeftOver: fakegemini has 1 reply left") >= 2
    assert "Refused" in text
    assert "era is one of" in text


def test_the_mixin_in_unittest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same without pytest."""
    monkeypatch.delenv("GOOGLE_GEMINI_BASE_URL", raising=False)
    pytester.makepyfile(shop_tests=ASK + UNITTEST)

    result = pytester.run(sys.executable, "-W", "error", "-m", "unittest", "-v", "shop_tests")

    lines = result.stderr.str()
    for name, outcome in {
        "test_first": "ok",
        "test_second": "ok",
        "test_left": "FAIL",
        "test_refused": "FAIL",
        "test_failed": "FAIL",
        "test_skipped": "skipped 'not now'",
        "test_never": "skipped 'never'",
        "test_expected": "expected failure",
        "test_raises": "ok",
        "test_soon": "ok",
        "test_soon_left": "FAIL",
        "test_it": "ERROR",
        "test_misspelt": "ERROR",
        "test_undone": "ok",
    }.items():
        assert any(
            line.startswith(f"{name} (") and line.endswith(f"... {outcome}")
            for line in lines.splitlines()
        ), (name, lines)
    assert lines.count("LeftOver") == 2
    assert "FAILED (failures=5, errors=2, skipped=2, expected failures=1)" in lines


def test_a_kept_client_works_in_every_kind_of_test(run: Run) -> None:
    """The fixture, the mixin, `running` and a shared fake have one address."""
    result = run("""
KEPT = []

def ask_kept():
    KEPT.append(os.environ["GOOGLE_GEMINI_BASE_URL"])
    return ask(url=KEPT[0])

class TestMixin(FakeMixin, unittest.TestCase):
    def test_it(self):
        self.fake.replies("mixin")
        self.assertEqual(ask_kept(), "mixin")

def test_fixture(fakegemini):
    fakegemini.replies("fixture")
    assert ask_kept() == "fixture"

def test_running():
    with running() as fake:
        fake.replies("running")
        assert ask_kept() == "running"
        with running() as inner:
            inner.replies("inner")
            assert ask_kept() == "inner"
            fake.replies("outer")
            assert ask(url=fake.url) == "outer"
""")

    result.assert_outcomes(passed=3)


def test_adopted_once_for_all_tests(run: Run, pytester: pytest.Pytester) -> None:
    """A client with its address written in, in a conftest.py, belongs to the test that runs."""
    pytest.importorskip("httpx")
    pytester.makepyfile(
        application="import httpx\nclient = httpx.Client(base_url='https://generativelanguage.googleapis.com')\n"
    )
    pytester.makeconftest("import application, fakegemini\nfakegemini.adopt(application.client)\n")
    source = """
from application import client

@pytest.mark.parametrize("number", range(2))
def test_it(fakegemini, number):
    fakegemini.replies(f"number {number}")
    answer = client.post("/v1/interactions", json={"model": "gemini-3.5-flash", "input": "Hi"})
    assert answer.json()["steps"][-1]["content"][0]["text"] == f"number {number}"

def test_without():
    answer = client.post("/v1/interactions", json={"model": "gemini-3.5-flash", "input": "Hi"})
    assert "no fake was there" in answer.json()["error"]["message"]
"""
    run(source).assert_outcomes(passed=3)
    run(source, "--fakegemini-transport").assert_outcomes(passed=3)


def test_a_factory_that_is_told_what_there_is_not() -> None:
    """At once, with the nearest name."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'sede', did you mean 'seed'"):
        fakegemini.fake_fixture("module", sede=7)  # type: ignore[call-arg]


def test_adopted_for_a_block() -> None:
    """At its end it has its own address again."""
    httpx = pytest.importorskip("httpx")
    body = {"model": "gemini-3.5-flash", "input": "Hi"}
    with httpx.Client(base_url="https://generativelanguage.googleapis.com") as client:
        with fakegemini.running() as fake, fakegemini.adopt(client):
            fake.replies("adopted")
            assert "adopted" in client.post("/v1/interactions", json=body).text
        assert str(client.base_url) == "https://generativelanguage.googleapis.com"

    with pytest.raises(fakegemini.BadScript, match="adopt takes a client"):
        fakegemini.adopt(unittest)
