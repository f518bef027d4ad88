"""One address for the whole session: clients that live longer than a test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pytest_plugin.test_fixture import Run, run

__all__ = ["run"]

APPLICATION = """
import functools
import os
import queue
import threading
from google import genai

MODEL = "gemini-3.5-flash"

def ask(client, text="Hi", **body):
    return client.interactions.create(model=MODEL, input=text, **body)

{module}

@functools.lru_cache
def cached():
    return genai.Client()

class App:
    def __init__(self):
        self.client = genai.Client()

app = functools.lru_cache(App)
jobs, results = queue.Queue(), queue.Queue()

def work():
    while True:
        results.put(ask(cached(), jobs.get()).output_text)

def in_worker(text):
    if not any(thread.name == "worker" for thread in threading.enumerate()):
        threading.Thread(target=work, daemon=True, name="worker").start()
    jobs.put(text)
    return results.get(timeout=10)
"""

TESTS = """
import pytest
import {application} as application

WAYS = {{
    "cached": lambda: application.ask(application.cached()).output_text,
    "app": lambda: application.ask(application.app().client).output_text,
    "worker": lambda: application.in_worker("Hi"),
    {ways}
}}

@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("way", WAYS)
def test_it(fakegemini, way, number):
    fakegemini.replies(say(f"{{way}} {{number}}"))
    assert WAYS[way]() == f"{{way}} {{number}}"
    assert len(fakegemini.requests) == 1
"""

MODULE_CLIENT = "client = genai.Client()"
MODULE_WAY = '"module": lambda: application.ask(application.client).output_text,'


LOOPS = "asyncio_default_fixture_loop_scope"

Write = Callable[..., str]


@pytest.fixture
def write(pytester: pytest.Pytester) -> Write:
    """Write the application, with a client at import or without; gives the tests of it."""
    pytest.importorskip("google.genai")

    def write(*, at_import: bool) -> str:
        name = f"application_{at_import}"
        pytester.makepyfile(**{name: APPLICATION.format(module=MODULE_CLIENT if at_import else "")})
        return TESTS.format(application=name, ways=MODULE_WAY if at_import else "")

    return write


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_client_that_is_kept_works_in_every_test(
    workers: tuple[str, ...], run: Run, write: Write
) -> None:
    """In a cache, an application's state, a worker thread: without any option."""
    run(write(at_import=False), *workers).assert_outcomes(passed=9)


@pytest.mark.parametrize("conftest", [False, True], ids=["module", "conftest"])
@pytest.mark.parametrize("by", ["option", "ini", "pyproject"])
def test_a_client_made_at_import_works_in_every_test(
    by: str, conftest: bool, run: Run, write: Write, pytester: pytest.Pytester
) -> None:
    """The environment is set before a test module or a conftest.py imports the application."""
    source = write(at_import=True)
    if conftest:
        pytester.makeconftest("import application_True")
    if by == "ini":
        pytester.makeini(f"[pytest]\nfakegemini_env = true\n{LOOPS} = function")
    if by == "pyproject":
        (pytester.path / "tox.ini").unlink()
        pytester.makepyprojecttoml(f"[tool.pytest]\nfakegemini_env = true\n{LOOPS} = 'function'")

    result = run(source, *(["--fakegemini-env"] if by == "option" else []))

    result.assert_outcomes(passed=12)


def test_the_environment_of_the_session_is_undone(run: Run, pytester: pytest.Pytester) -> None:
    """It is the same between tests, and gone at the end; no real key is seen anywhere."""
    pytester.makeconftest("""
import os

AT_IMPORT = os.environ["GOOGLE_GEMINI_BASE_URL"]

def pytest_unconfigure(config):
    config.add_cleanup(lambda: print("AFTER", os.environ.get("GOOGLE_GEMINI_BASE_URL")))
""")

    result = run(
        """
import conftest

def test_without():
    assert os.environ["GOOGLE_GEMINI_BASE_URL"] == conftest.AT_IMPORT
    assert os.environ["GEMINI_API_KEY"] == "fake-key"
    assert "uvicorn" not in __import__("sys").modules

def test_with(fakegemini):
    assert os.environ["GOOGLE_GEMINI_BASE_URL"].startswith(conftest.AT_IMPORT + "/t")
    assert ask(conftest.AT_IMPORT)[0] == 200
    assert len(fakegemini.requests) == 1

def test_after():
    assert os.environ["GOOGLE_GEMINI_BASE_URL"] == conftest.AT_IMPORT
""",
        "--fakegemini-env",
        "--import-mode=prepend",
    )

    result.assert_outcomes(passed=3)


def test_nobody_is_there_to_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """At import and in a test without the fixture: one sentence that says what to do."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    result = run(
        """
EARLY = ask()

def test_early():
    status, body = EARLY
    assert status == 404
    assert body["error"]["message"] == (
        "POST /v1/interactions came between tests, and no fake was there to answer it. Fix: give "
        'the test that asks the fixture "fakegemini", or a conftest.py one with autouse=True.'
    )

def test_without():
    text = ask()[1]["error"]["message"]
    assert "came while test_nobody_is_there_to_answer.py::test_without ran, and no fake" in text
""",
        "--fakegemini-env",
    )

    result.assert_outcomes(passed=2)


STRAGGLERS = """
import pytest
import socket
import time

SEEN = {{}}

def connect(url):
    place = urlsplit(url)
    return http.client.HTTPConnection(place.hostname, place.port, timeout=10)

def send_half(url, prefix):
    connection = connect(url)
    body = json.dumps(CALL)
    connection.putrequest("POST", prefix + "/v1/interactions")
    connection.putheader("content-length", str(len(body)))
    connection.endheaders(body[:20].encode())
    # The server has seen the head once it answers what came after it.
    ask(url)
    return connection, body[20:].encode()

def send_rest(connection, rest):
    connection.send(rest)
    response = connection.getresponse()
    return response.status, json.loads(response.read())

@pytest.fixture
def url(fakegemini):
    return {url}

def test_one(fakegemini, url):
    place = urlsplit(url)
    SEEN["half"] = send_half(url, place.path)
    status, turn = ask(url, background=True)
    SEEN["id"] = turn["id"]
    SEEN["url"] = url

def test_two(fakegemini):
    fakegemini.replies(say("for test two"))
    url, path = SEEN["url"], urlsplit(SEEN["url"]).path
    texts = []
    for status, body in (
        send_rest(*SEEN["half"]),
        ask(url, previous_interaction_id=SEEN["id"]),
        *(request(url, *target) for target in (
            ("GET", path + "/v1/interactions/" + SEEN["id"]),
            ("POST", path + "/v1beta/interactions/" + SEEN["id"] + "/cancel"),
            ("DELETE", path + "/v1/interactions/" + SEEN["id"]),
        )),
    ):
        assert status == 404, body
        texts.append(body["error"]["message"])
    assert "came while test_stragglers" in texts[0]
    assert all("names an interaction of test_stragglers" in text for text in texts[1:])
    sentence = "py::test_one: the test that it belongs to is over. Fix: let"
    assert all(sentence in text for text in texts[1:])
    assert fakegemini.requests == []
    assert "for test two" in str(ask(url))  # a new request by a client made earlier

def request(url, method, path):
    connection = connect(url)
    connection.request(method, path)
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, body
"""


@pytest.mark.parametrize("url", ["fakegemini.url", "fakegemini.url.rpartition('/')[0]"])
def test_stragglers_reach_nobody(url: str, run: Run) -> None:
    """In flight when its test ended, or about its interactions: at its address or the session's."""
    run(STRAGGLERS.format(url=url)).assert_outcomes(passed=2)


def test_the_same_id_in_two_tests_is_no_straggler(run: Run) -> None:
    """The same request has the same id in every fake; the test that runs comes first."""
    result = run("""
import pytest
URLS = []

@pytest.mark.parametrize("number", range(2))
def test_it(fakegemini, number):
    URLS.append(fakegemini.url)
    turn = ask(URLS[0])[1]
    assert ask(URLS[0], previous_interaction_id=turn["id"])[0] == 200
    assert len(fakegemini.requests) == 2
""")

    result.assert_outcomes(passed=2)
