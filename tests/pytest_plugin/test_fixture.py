"""The fixture, from the outside: small test files run in a pytest of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

ASK = '''
import http.client
import json
import os
import threading
from urllib.parse import urlsplit

from fakegemini import call, running_for, say

CALL = {"model": "gemini-3.5-flash", "input": "Hi"}


def ask(url=None, **body):
    """One create, with nothing but the standard library; gives status and body."""
    place = urlsplit(url or os.environ["GOOGLE_GEMINI_BASE_URL"])
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=10)
    try:
        return on(connection, place.path, **body)
    finally:
        connection.close()


def on(connection, prefix, **body):
    """The same on a connection that is there already."""
    connection.request("POST", prefix + "/v1/interactions", json.dumps(CALL | body))
    response = connection.getresponse()
    return response.status, json.loads(response.read())


'''

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run a test file that has `ask`, in a process of its own and with warnings as errors."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")

    def run(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(ASK + source)
        options = ("-p", "no:cacheprovider", "-W", "error")
        return pytester.runpytest_subprocess(*options, *arguments)

    return run


def failure(result: pytest.RunResult) -> str:
    """The text of the first failure, without pytest's marks."""
    text = "\n".join(line.rstrip() for line in result.outlines)
    told = text.partition(" at teardown of ")[2].partition("\n")[2]
    return re.split(r"\n(?=(?:-{5,}|={5,}|_{5,}))", told)[0].strip()


def test_the_environment_is_set_and_undone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both SDKs find the fake; a developer's own settings are hidden and come back."""
    for name, value in {
        "GOOGLE_API_KEY": "mine",
        "GEMINI_API_KEY": "mine too",
        "GOOGLE_GENERATIVE_AI_API_KEY": "mine as well",
        "GEMINI_API_BASE": "https://proxy.example",
        "GOOGLE_GEMINI_BASE_URL": "https://proxy.example",
        "NO_PROXY": "intranet.example",
        "HTTP_PROXY": "http://proxy.example:3128",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("GOOGLE_VERTEX_BASE_URL", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    result = run("""
ADDRESSES = ["GOOGLE_GEMINI_BASE_URL", "GOOGLE_VERTEX_BASE_URL", "GEMINI_API_BASE"]
KEYS = ["GEMINI_API_KEY", "GOOGLE_GENAI_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"]
BEFORE = dict(os.environ)

def unlike():
    now = {name: os.environ.get(name) for name in {**BEFORE, **os.environ}}
    changed = {name for name in now if now[name] != BEFORE.get(name)}
    return changed - {"PYTEST_CURRENT_TEST"}

def test_without():
    assert unlike() == set()

def test_with(fakegemini):
    assert unlike() == {
        *ADDRESSES, *KEYS, "GOOGLE_API_KEY",
        "NO_PROXY", "no_proxy", "GOOGLE_APPLICATION_CREDENTIALS",
    }
    assert [os.environ[name] for name in ADDRESSES] == [fakegemini.url] * 3
    assert [os.environ[name] for name in KEYS] == ["fake-key"] * 3
    assert "GOOGLE_API_KEY" not in os.environ
    assert os.environ["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"
    assert os.environ["no_proxy"] == "intranet.example,127.0.0.1,localhost"

def test_after():
    assert unlike() == set()

def test_failing(fakegemini):
    assert False

def test_after_failing():
    assert unlike() == set()
""")

    result.assert_outcomes(passed=4, failed=1)


def test_an_unscripted_request_fails_at_the_call_and_at_the_end(run: Run) -> None:
    """The call gets a 400, which no SDK retries; the end tells it again, in five parts."""
    result = run("""
def test_it(fakegemini):
    fakegemini.replies(say("one"))
    assert ask()[0] == 200
    status, body = ask(input="and then?", store=False)
    assert status == 400
    assert body["error"]["code"] == "fakegemini"
    assert body["error"]["message"].startswith("fakegemini has no scripted reply left")
""")

    result.assert_outcomes(passed=1, errors=1)
    assert failure(result) == (
        """\
Unscripted: fakegemini has no scripted reply left for this request: \
1 reply played, and request 2 came.

Asked:
  {
    "model": "gemini-3.5-flash",
    "input": "and then?",
    "store": false
  }

Nearest:
  reply 1, say('one'), went to request 1

Difference:
  --- request 1
  +++ request 2
  @@ -2,3 +2,4 @@
     "model": "gemini-3.5-flash",
  -  "input": "Hi"
  +  "input": "and then?",
  +  "store": false
   }

Fix:
  script one more reply before the call, e.g. fakegemini.replies(say("…")),
  or find out why the code under test asked once more than the test expects"""
    )


def test_a_reply_that_nobody_asked_for_fails_at_the_end(run: Run) -> None:
    """In five parts as well."""
    result = run("""
def test_it(fakegemini):
    fakegemini.replies(say("one"))
    fakegemini.replies(call("get_weather", city="Paris"))
    assert ask()[0] == 200
""")

    result.assert_outcomes(passed=1, errors=1)
    assert failure(result) == (
        """\
LeftOver: fakegemini has 1 reply left that nobody asked for.

Asked:
  the last of 1 answered requests:
  {
    "model": "gemini-3.5-flash",
    "input": "Hi"
  }

Nearest:
  any request, which answers call('get_weather', city='Paris')

Difference:
  asked for 0 of 1 times

Fix:
  remove the reply, or find out why the code under test stopped asking; if it may, say so with
  fakegemini.allow("leftover")"""
    )


def test_a_swallowed_failure_is_not_hidden(run: Run) -> None:
    """Code that catches everything still fails its test, unless the test allows it."""
    source = """
def test_it(fakegemini):
    fakegemini.replies(say("one"))
    ask()
    try:
        status, body = ask()
        raise RuntimeError(status)
    except Exception:
        pass
    {}
"""

    run(source.format("")).assert_outcomes(passed=1, errors=1)
    run(source.format('fakegemini.allow("unscripted")')).assert_outcomes(passed=1)


def test_a_refused_request_fails_at_the_end(run: Run) -> None:
    """What the live server refuses for its shape is a mistake of the code under test."""
    result = run("""
def test_it(fakegemini):
    assert ask(novelty=1) == (
        400,
        {"error": {"message": "Unknown parameter 'novelty'.", "code": "invalid_request"}},
    )

def test_allowed(fakegemini):
    fakegemini.allow("refused")
    assert ask(novelty=1)[0] == 400
""")

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*Refused: The code under test sent*"])


def test_each_test_has_a_fake_of_its_own(run: Run) -> None:
    """Scripts, requests, ids and faults end with their test, on one server for all."""
    result = run("""
SEEN = []

def test_one(fakegemini):
    assert (fakegemini.requests, fakegemini.url) == ([], os.environ["GOOGLE_GEMINI_BASE_URL"])
    fakegemini.replies(say("only here"), times=2)
    fakegemini.allow("leftover")
    fakegemini.faults("rate_limited", on="get")
    SEEN.append((fakegemini.url, ask()[1]["id"]))

def test_two(fakegemini):
    assert fakegemini.requests == []
    url, identifier = SEEN[0]
    assert url != fakegemini.url
    assert urlsplit(url).netloc == urlsplit(fakegemini.url).netloc
    with fakegemini.expects_refusal("not_found"):
        status, body = ask(previous_interaction_id=identifier)
    assert (status, body["error"]["code"]) == (404, "not_found")
    assert "only here" not in json.dumps(ask()[1])
    assert len(fakegemini.requests) == 2
""")

    result.assert_outcomes(passed=2)


def test_a_stream_never_reaches_the_next_test(run: Run) -> None:
    """One that is open when its test ends stays with it; what it asks for then is refused."""
    result = run("""
OPEN = []

def test_one(fakegemini):
    place = urlsplit(fakegemini.url)
    streaming = http.client.HTTPConnection(place.hostname, place.port, timeout=10)
    body = json.dumps(CALL | {"stream": True, "background": True})
    streaming.request("POST", place.path + "/v1/interactions", body)
    stream = streaming.getresponse()
    stream.readline()
    OPEN.extend([place.path, streaming, stream, fakegemini.requests[0].id])

def test_two(fakegemini):
    fakegemini.replies(say("for test two"))
    prefix, streaming, stream, identifier = OPEN
    assert b"for test two" not in stream.read()
    status, body = on(streaming, prefix, previous_interaction_id=identifier)
    assert status == 404
    assert body["error"]["message"].startswith(
        f"POST {prefix}/v1/interactions names an interaction of test_a_stream"
    )
    streaming.close()
    assert fakegemini.requests == []
    assert "for test two" in json.dumps(ask()[1])
""")

    result.assert_outcomes(passed=2)


ISOLATED = """
import pytest

@pytest.mark.parametrize("number", range(12))
def test_it(fakegemini, number):
    fakegemini.replies(say(f"reply {number}"))
    fakegemini.replies(say(f"another {number}"))
    for words in ("reply", "another"):
        turn = ask()[1]
        assert turn["steps"][-1]["content"][0]["text"] == f"{words} {number}"
    assert len(fakegemini.requests) == 2
"""


@pytest.mark.parametrize("arguments", [(), ("-n", "2"), ("-n", "2", "--dist", "loadgroup")])
def test_it_works_under_xdist(run: Run, arguments: tuple[str, ...]) -> None:
    """Each worker has a server of its own."""
    pytest.importorskip("xdist")

    run(ISOLATED, *arguments).assert_outcomes(passed=12)


def test_it_works_in_threads(run: Run) -> None:
    """Many at once: each gets one reply, none twice, and the log has them all."""
    result = run("""
from concurrent.futures import ThreadPoolExecutor

def test_it(fakegemini):
    for number in range(64):
        fakegemini.replies(say(f"reply {number}"))
    with ThreadPoolExecutor(16) as pool:
        turns = list(pool.map(lambda number: ask(input=str(number)), range(64)))
    assert {status for status, _ in turns} == {200}
    said = [turn["steps"][-1]["content"][0]["text"] for _, turn in turns]
    assert sorted(said) == sorted(f"reply {number}" for number in range(64))
    assert len({turn["id"] for _, turn in turns}) == len(fakegemini.requests) == 64
    for asked in fakegemini.requests:
        assert asked.id == dict((t["id"], t["id"]) for _, t in turns)[asked.id]
        assert asked.interaction.ask.text == asked.json()["input"]
""")

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("plugin", "mark"), [("pytest_asyncio", "asyncio"), ("anyio", "anyio")], ids=str
)
def test_it_works_in_async_tests(run: Run, plugin: str, mark: str) -> None:
    """The real SDK, many turns at once in the test's own event loop."""
    pytest.importorskip(plugin)
    pytest.importorskip("google.genai")

    result = run(f"""
import asyncio
import pytest
from google import genai

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.{mark}
@pytest.mark.parametrize("number", range(2))
async def test_it(fakegemini, number):
    fakegemini.answers(lambda ask: f"{{number}}: {{ask.text}}")
    client = genai.Client().aio
    create = client.interactions.create
    turns = await asyncio.gather(
        *(create(model=CALL["model"], input=str(one)) for one in range(20))
    )
    await client.aclose()
    assert [turn.output_text for turn in turns] == [f"{{number}}: {{one}}" for one in range(20)]
    assert len(fakegemini.requests) == 20
""")

    result.assert_outcomes(passed=2)


IDS = """
from concurrent.futures import ThreadPoolExecutor
import pytest

TOOL = {"type": "function", "name": "f", "parameters": {"type": "object"}}
QUESTIONS = [f"question {number}" for number in range(24)]

def answer(question):
    return question, ask(input=question, tools=[TOOL])[1]

@pytest.mark.parametrize("order", ["as written", "backwards", "at once"])
def test_ids(fakegemini, order):
    if order == "at once":
        with ThreadPoolExecutor(12) as pool:
            made = dict(pool.map(answer, QUESTIONS))
    else:
        questions = QUESTIONS if order == "as written" else QUESTIONS[::-1]
        made = dict(answer(question) for question in questions)
    with open("ids.jsonl", "a") as file:
        print(json.dumps(made, sort_keys=True), file=file)
"""


def test_ids_are_the_same_in_every_run(run: Run, pytester: pytest.Pytester) -> None:
    """Whole answers, byte for byte: in two runs, in any order, one by one and at once."""
    run(IDS).assert_outcomes(passed=3)
    run(IDS).assert_outcomes(passed=3)

    lines = (pytester.path / "ids.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 6
    assert len(set(lines)) == 1
    answers = json.loads(lines[0])
    assert len({turn["id"] for turn in answers.values()}) == 24


def test_nothing_is_printed(run: Run) -> None:
    """Not by the server, not for clients that leave, not for faults; no warnings either."""
    result = run(
        """
from fakegemini import faults
import logging
import pytest

def test_it(fakegemini):
    logging.getLogger().addHandler(logging.StreamHandler())
    logging.getLogger().setLevel("DEBUG")
    ask()
    fakegemini.faults(faults.reset(), times=1)
    with pytest.raises(OSError):
        ask()
    place = urlsplit(fakegemini.url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=10)
    body = json.dumps(CALL | {"stream": True})
    connection.request("POST", place.path + "/v1/interactions", body)
    connection.getresponse().readline()
    connection.close()
""",
        "-s",
        "-q",
        "--no-header",
    )

    result.assert_outcomes(passed=1)
    shown = [re.sub(r"[0-9.]+s", "…s", line) for line in result.outlines if line]
    assert len(shown) == 2, shown
    assert shown[1] == "1 passed in …s"
    assert set(shown[0]) <= set(". [100%]")
    assert result.errlines == []


def test_nothing_runs_unasked(run: Run) -> None:
    """A test that does not ask for the fixture has none of it, and no server is started."""
    result = run("""
import sys

def test_without(request):
    assert [name for name in request.fixturenames if "fakegemini" in name] == []
    assert "uvicorn" not in sys.modules
    assert "fakegemini.fake.fake" not in sys.modules
    assert [thread.name for thread in threading.enumerate()] == ["MainThread"]

def test_with(fakegemini):
    assert "fakegemini-server" in {thread.name for thread in threading.enumerate()}
""")

    result.assert_outcomes(passed=2)


def test_the_fixture_explains_itself(pytester: pytest.Pytester) -> None:
    """`pytest --fixtures` shows what it is and what it gives."""
    result = pytester.runpytest_subprocess("--fixtures", "-v", "-p", "no:cacheprovider")

    result.stdout.fnmatch_lines(
        ["fakegemini *", "*A fresh fake Gemini Interactions API*", "*`.replies(...)` scripts*"]
    )
