"""What ends a test ends it from within a request, too, and no request gets what SDKs retry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakegemini import Fake, Reply, Request
from fakegemini.doors.loopback import serve
from fakegemini.errors import FakeGeminiError, Unreadable
from fakegemini.wire.http import Beat, Handler
from tests.http.door import Door


class Stopped(BaseException):
    """What nobody else knows."""


OUTCOMES: dict[str, Callable[[], BaseException]] = {
    "fail": lambda: pytest.fail.Exception("wrong question"),
    "skip": lambda: pytest.skip.Exception("wrong question"),
    "xfail": lambda: pytest.xfail.Exception("wrong question"),
    "exit": lambda: SystemExit("wrong question"),
    "interrupt": lambda: KeyboardInterrupt("wrong question"),
    "cancelled": lambda: asyncio.CancelledError("wrong question"),
    "generator exit": lambda: GeneratorExit("wrong question"),
    "group": lambda: BaseExceptionGroup("wrong question", [SystemExit(0)]),
    "unknown": lambda: Stopped("wrong question"),
}


def _raising(make: Callable[[], BaseException]) -> Callable[..., Any]:
    def raise_it(*_: object) -> Any:
        raise make()

    return raise_it


def _in_a_fault(raise_it: Callable[..., Any]) -> Callable[[Handler], Handler]:
    def in_beats(handler: Handler) -> Handler:
        def answer(request: Request) -> Reply:
            def beats() -> Iterator[Beat]:
                raise_it()
                yield b""

            return replace(handler(request), beats=beats())

        return answer

    return in_beats


PLACES: dict[str, Callable[[Fake, Callable[..., Any]], object]] = {
    "answers": lambda fake, raise_it: fake.answers(raise_it),
    "where": lambda fake, raise_it: fake.when(where=raise_it).replies("x"),
    "condition": lambda fake, raise_it: fake.when(input=raise_it).replies("x"),
    "fault": lambda fake, raise_it: fake.faults(lambda handler: raise_it),
    "fault of a stream": lambda fake, raise_it: fake.faults(_in_a_fault(raise_it)),
}
"""Where a function of the test's is called in the middle of a request."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome_passes_through(fake: Fake, door: Door, place: str, name: str) -> None:
    """The request gets a 400 with the text, the test the outcome, and the server goes on."""
    outcome = OUTCOMES[name]()
    PLACES[place](fake, _raising(lambda: outcome))
    answer = door.create()
    assert answer.status == 400
    assert "wrong question" in answer.json["error"]["message"]
    with pytest.raises(type(outcome)) as caught:
        fake.check()
    assert caught.value is outcome
    assert door.ask("GET", "/v1/models").status in (200, 400)


async def _async(_: object) -> bool:
    return False


async def _async_generator(_: object) -> AsyncIterator[str]:
    yield "x"


@pytest.mark.parametrize("function", [_async, _async_generator])
@pytest.mark.parametrize("place", ["answers", "where", "condition"])
def test_async_function(fake: Fake, door: Door, place: str, function: Callable[..., Any]) -> None:
    """It would say yes to every request, as what it gives is never awaited: it is a mistake."""
    PLACES[place](fake, function)
    answer = door.create()
    assert answer.status == 400
    assert "async" in answer.json["error"]["message"]
    with pytest.raises(FakeGeminiError, match="nobody awaits it"):
        fake.check()


def test_stream_whose_reader_leaves_is_no_outcome(fake: Fake) -> None:
    """The end of who reads beats is not taken for one of who makes them."""
    fake.faults(_in_a_fault(lambda: None), times=1)
    body = b'{"model": "gemini-3.5-flash", "input": "Hi"}'
    beats = iter(fake.handle(Request("POST", "/v1/interactions", body=body)).beats)
    next(beats)
    beats.close()  # type: ignore[attr-defined]
    fake.check()


@pytest.mark.parametrize("name", OUTCOMES)
def test_any_handler(name: str) -> None:
    """A door around somebody else's handler never answers 500 either."""
    with serve(_raising(OUTCOMES[name])) as url:
        assert Door(url).ask("GET", "/").status == 400
        assert Door(url).ask("GET", "/").status == 400


UNSENDABLE: list[Reply] = [
    Reply(200, (("x-name", "a\nb"),), (b"",)),
    Reply(200, (("x name", "a"),), (b"",)),
    Reply(200, (("x-name", "snow ☃"),), (b"",)),
    Reply(200, (("x-name", "a\0b"),), iter([b""])),
    Reply(99, (), (b"",)),
    Reply(1000, (), (b"",)),
]


@pytest.mark.parametrize("reply", UNSENDABLE, ids=lambda reply: f"{reply.status} {reply.headers}")
def test_reply_that_http_cannot_carry(reply: Reply) -> None:
    """It is a 400 that names what is wrong."""
    with serve(lambda request: reply) as url:
        answer = Door(url).ask("GET", "/")
    assert answer.status == 400
    assert "cannot be sent" in answer.json["error"]["message"]


CASSETTE = """
interactions:
- request:
    method: POST
    uri: "https://x.invalid/v1/interactions"
    body: '{{"model": "m", "input": "a"}}'
    headers: {{}}
  response:
    status: {{code: {status}, message: OK}}
    headers: {{{header}}}
    body: {{string: '{{}}'}}
version: 1
"""


@pytest.mark.parametrize(
    ("status", "header"),
    [(200, '"x-a": ["b\\0c"]'), (200, '"x a": [b]'), (200, '"x-a": ["☃"]'), (99, ""), (799, "")],
)
def test_recorded_head_that_http_cannot_carry(tmp_path: Path, status: int, header: str) -> None:
    """It is refused on load, in one sentence with file and exchange."""
    cassette = tmp_path / "odd.yaml"
    cassette.write_text(CASSETTE.format(status=status, header=header), "utf-8")
    with pytest.raises(Unreadable, match=r"odd\.yaml.*exchange 1"):
        Fake().play(cassette)


@pytest.mark.parametrize("outcome", ["pytest.fail('wrong')", "pytest.skip('wrong')"])
def test_outcome_in_a_test_of_the_users(pytester: pytest.Pytester, outcome: str) -> None:
    """The fixture gives it to the test, at once, although the test swallows the 400."""
    pytester.makepyfile(
        f"""
        import urllib.error, urllib.request, pytest

        def test_it(fakegemini):
            def answer(ask):
                {outcome}
            fakegemini.answers(answer)
            body = b'{{"model": "gemini-3.5-flash", "input": "Hi"}}'
            request = urllib.request.Request(fakegemini.url + "/v1/interactions", body)
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(request, timeout=5)
        """
    )
    result = pytester.runpytest_subprocess("-rs")
    text = result.stdout.str()
    assert "wrong" in text
    assert result.parseoutcomes().get("errors") == 1 or result.parseoutcomes().get("skipped") == 1
