"""Recording in the process of the program, and hooks before what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from google import genai

import fakegemini
from fakegemini import BadScript, Fake, FakeGeminiError
from fakegemini.doors.loopback import serve
from fakegemini.recordings.exchange import Exchange
from fakegemini.recordings.read import read_any_contents
from tests.pytest_plugin.test_cassettes import cassette
from tests.record.test_command import asking, inputs, record

MODEL = "gemini-3.5-flash"
KEY = "AIza" + "g" * 35


@pytest.fixture
def live() -> Iterator[tuple[Fake, str]]:
    """The server that is recorded."""
    fake = Fake(seed="live")
    with serve(fake.handle) as url:
        yield fake, url


def ask(url: str, text: str) -> httpx.Response:
    """A create with a key."""
    headers = {"x-goog-api-key": KEY}
    body = {"model": MODEL, "input": text}
    return httpx.post(f"{url}/v1/interactions", json=body, headers=headers)


def quiet(line: str) -> None:
    """Say nothing."""


def test_an_sdk_with_an_address_of_its_own(tmp_path: Path, live: tuple[Fake, str]) -> None:
    """It is recorded while the block runs, and the next run is a replay without a server."""
    path = tmp_path / "new" / "tides.yaml"
    texts = []
    for upstream in (live[1], "http://127.0.0.1:9"):
        with fakegemini.recording(path, upstream=upstream, say=quiet) as url:
            client = genai.Client(api_key=KEY, http_options={"base_url": url})
            turn: Any = client.interactions.create(model=MODEL, input="Why are there tides?")
            more: Any = client.interactions.create(
                model=MODEL, input="And waves?", previous_interaction_id=turn.id
            )
            texts.append((turn.output_text, more.output_text))

    assert texts[0] == texts[1]
    assert KEY not in path.read_text()
    assert len(live[0].requests) == 2


def test_each_mode(tmp_path: Path, live: tuple[Fake, str]) -> None:
    """As `fakegemini record --mode`."""
    path = tmp_path / "a.yaml"
    for mode, text in (("once", "a"), ("new_episodes", "b"), ("all", "c"), ("none", "a")):
        with fakegemini.recording(path, mode, upstream=live[1], say=quiet) as url:
            assert ask(url, text).status_code == 200
    assert inputs(path) == ["a", "b", "c"]
    with fakegemini.recording(path, "rewrite", upstream=live[1], say=quiet) as url:
        ask(url, "d")
    assert inputs(path) == ["d"]


def test_a_block_that_raises_replaces_nothing(tmp_path: Path, live: tuple[Fake, str]) -> None:
    """What came can be recovered."""
    path = tmp_path / "a.yaml"
    lines: list[str] = []
    with fakegemini.recording(path, upstream=live[1], say=quiet) as url:
        ask(url, "good")

    def spoil() -> None:
        with fakegemini.recording(path, "rewrite", upstream=live[1], say=lines.append) as url:
            ask(url, "bad")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spoil()

    assert inputs(path) == ["good"]
    assert "is as it was: the block raised" in lines[-1]
    assert record(path, "--recover").returncode == 0
    assert inputs(path) == ["bad"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"mode": "onse"}, "not 'onse', did you mean 'once'?"),
        ({"mode": "none"}, "there is no such cassette"),
        ({"upstream": "example.org"}, "is no address"),
        ({"scrub_pattern": "["}, r"the pattern '\[' is no regular expression"),
        ({"before_record_request": "x"}, "takes a function of an exchange, or module:function"),
    ],
)
def test_what_cannot_be(arguments: dict[str, Any], text: str, tmp_path: Path) -> None:
    """One sentence, before anything is asked."""
    with (
        pytest.raises(FakeGeminiError, match=text),
        fakegemini.recording(tmp_path / "a.yaml", say=quiet, **arguments),
    ):
        pytest.fail("it begins")


HOOKS = """
from dataclasses import replace

def before_record_request(exchange):
    return None if b"drop" in exchange.request_body else exchange

def before_record_response(exchange):
    return replace(exchange, response_headers={**exchange.response_headers, "x-mine": "1"})
"""


def test_hooks_of_a_file(tmp_path: Path, live: tuple[Fake, str]) -> None:
    """For programs in any language."""
    hooks, path = tmp_path / "hooks.py", tmp_path / "a.yaml"
    hooks.write_text(HOOKS)

    done = record(
        path, "--upstream", live[1], "--hooks", str(hooks), *asking(0, "keep", "drop", "also")
    )

    assert done.returncode == 0, done.stderr
    assert inputs(path) == ["keep", "also"]
    assert read_any_contents(path).exchanges[0].response_headers["x-mine"] == "1"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (None, "hooks.py: No such file or directory"),
        ("1/0", "hooks.py cannot be run: ZeroDivisionError"),
        ("x = 1", "hooks.py has no function before_record_request or before_record_response"),
        ("before_record_request = 1", "takes a function of an exchange, or module:function, not 1"),
    ],
)
def test_a_file_of_hooks_that_is_none(source: str | None, text: str, tmp_path: Path) -> None:
    """One sentence that names the file."""
    hooks = tmp_path / "hooks.py"
    if source is not None:
        hooks.write_text(source)

    done = record(tmp_path / "a.yaml", "--hooks", str(hooks), *asking(0, "x"))

    assert done.returncode == 1
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def raise_error(exchange: Exchange) -> Exchange:
    """A hook that fails."""
    raise KeyError("no")


@pytest.mark.parametrize(
    ("hook", "text"),
    [
        (raise_error, "exchange 1 is not kept: before_record_response raised KeyError: 'no'"),
        (lambda exchange: {}, "exchange 1 is not kept: before_record_response returned dict, and"),
    ],
)
def test_a_hook_that_fails_costs_its_exchange(
    hook: Any, text: str, tmp_path: Path, live: tuple[Fake, str]
) -> None:
    """The program gets its answer, and the others are saved."""
    lines: list[str] = []
    kept = [True, False]
    path = tmp_path / "a.yaml"

    def sometimes(exchange: Exchange) -> Any:
        return hook(exchange) if kept.pop() is False else exchange

    with fakegemini.recording(
        path, upstream=live[1], before_record_response=sometimes, say=lines.append
    ) as url:
        assert ask(url, "bad").status_code == 200
        assert ask(url, "good").status_code == 200

    assert inputs(path) == ["good"]
    assert any(line.startswith(text) for line in lines), lines


def test_a_changed_stream_keeps_its_form(tmp_path: Path, live: tuple[Fake, str]) -> None:
    """It has no chunks of its own any more, and is replayed event by event."""
    path = tmp_path / "a.yaml"
    live[0].replies("Ada and Ada")

    def rename(exchange: Exchange) -> Exchange:
        return replace(exchange, response_body=exchange.response_body.replace(b"Ada", b"Grace"))

    texts = []
    for upstream in (live[1], "http://127.0.0.1:9"):
        with fakegemini.recording(
            path, upstream=upstream, before_record_response=rename, say=quiet
        ) as url:
            client = genai.Client(api_key=KEY, http_options={"base_url": url})
            events = client.interactions.create(model=MODEL, input="Who?", stream=True)
            texts.append("".join(str(event) for event in events))
    assert "Grace" in texts[1]
    assert "Ada" not in path.read_text()


def test_the_pace_of_a_replay(tmp_path: Path) -> None:
    """A number is how many times as fast; what is none is refused."""
    tape = tmp_path / "a.yaml"
    cassette(tape, "Hello.")
    for pace in (-1, "fast", float("inf")):
        with pytest.raises(BadScript, match="real_pace is True, False, or how many times as fast"):
            Fake().play(tape, real_pace=pace)  # type: ignore[arg-type]
