"""Every recording of today's schema is served and replayed to the real SDK under fresh ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.beside import RECORDINGS

pytest.importorskip("google.genai")

from google.genai._gaos.lib.compat_errors import APIStatusError

from fakegemini import Fake, Handler, Reply, Request
from fakegemini.contract.rules.legacy import find_legacy
from fakegemini.recordings.answers import response_values
from fakegemini.recordings.exchange import Exchange
from fakegemini.recordings.read import files_in, read_exchanges
from fakegemini.recordings.server_names import names_in
from tests.conformance.ways import WAYS, Api
from tests.http.door import Door
from tests.scenarios import CASSETTES


def current(folder: Path) -> list[Path]:
    """The recordings in a folder that have requests, all of them of today's schema."""
    found = []
    for path in files_in(folder) if folder.is_dir() else []:
        exchanges = read_exchanges(path)
        if exchanges[0].uri and not any(find_legacy(exchange) for exchange in exchanges):
            found.append(path)
    return found


CASES = [*current(CASSETTES), *current(RECORDINGS)]


def test_the_recordings_are_there() -> None:
    """Those of this project always, the others where they lie beside it."""
    if not RECORDINGS.is_dir():
        pytest.skip("the recordings are not beside the project")
    assert len(CASES) > 40


class Heard:
    """Passes everything on, and keeps the last answer as it was sent."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.last = Exchange(0)

    def __call__(self, request: Request) -> Reply:
        """The answer; kept whole, for all of it is read before the next request."""
        reply = self._handler(request)
        beats = [*reply.beats]
        body = b"".join(beat for beat in beats if isinstance(beat, bytes))
        self.last = Exchange(0, status=reply.status, response_body=body)
        return Reply(reply.status, reply.headers, beats)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Callable[[tuple[str, Any], str], Api]:
    """Makes a client of the SDK in one of the ways, for an address."""

    def make(way: tuple[str, Any], url: str) -> Api:
        library, kind = way
        pytest.importorskip(library)
        monkeypatch.setenv("GOOGLE_GENAI_HTTP_CLIENT", library)
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
        monkeypatch.setenv("GEMINI_API_KEY", "fake-key")
        monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
        api: Api = kind(http_options={"retry_options": {"attempts": 1}})
        return api

    return make


def cases() -> Iterator[Any]:
    """Our own cassettes in every way, the other recordings in one way after the other."""
    for number, path in enumerate(CASES):
        if path.stem == "errors":
            continue  # what the live server refuses, the SDK does not send in the first place
        ways = WAYS if path.parent == CASSETTES else [WAYS[number % len(WAYS)]]
        for library, kind in ways:
            name = f"{library}-{kind.__name__.lower()}-{path.stem[:60]}"
            yield pytest.param(path, (library, kind), id=name)


@pytest.mark.parametrize(("path", "way"), [*cases()])
def test_a_recording_replays_to_the_sdk(
    path: Path,
    way: tuple[str, Any],
    client: Callable[[tuple[str, Any], str], Api],
    plug: Callable[[Handler], Door],
) -> None:
    """Each answer has the recorded shape and other names; the SDK chains with these."""
    fake = Fake(seed="another")
    fake.play(path, chunks=11)
    heard = Heard(fake.handle)
    api = client(way, plug(heard).url)
    names: dict[str, str] = {}

    try:
        for exchange in read_exchanges(path):
            _ask(api, exchange, names)
            assert heard.last.status == exchange.status
            before, after = _names(exchange), _names(heard.last)
            assert [key for key, _ in before] == [key for key, _ in after]
            for (_, old), (_, new) in zip(before, after, strict=True):
                names.setdefault(old, new)
            if exchange.is_stream:
                assert len(heard.last.frames[0]) == len(exchange.frames[0])
    finally:
        api.close()

    fake.check()
    assert fake.unplayed == []
    assert all(old != new for old, new in names.items())


def _names(exchange: Exchange) -> list[tuple[str, str]]:
    return [pair for body in response_values(exchange) for pair in names_in(body)]


def _ask(api: Api, exchange: Exchange, names: dict[str, str]) -> None:
    expected: AbstractContextManager[object] = nullcontext()
    if (exchange.status or 0) >= 400:
        expected = pytest.raises(APIStatusError)
    with expected:
        if exchange.operation == "create":
            body = _renamed(exchange.request_json, names)
            stream = body.pop("stream", False)
            [*api.stream(**body)] if stream else api.create(**body)
        elif exchange.operation == "get":
            query: dict[str, Any] = {
                key: value == "true" for key, value in exchange.query.items() if key != "stream"
            }
            api.get(_renamed(exchange.interaction_id, names), **query)
        else:
            getattr(api, exchange.operation)(_renamed(exchange.interaction_id, names))


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """The value with the recorded names as the replay gave them."""
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def test_all_recordings_at_once(plug: Callable[[Handler], Door]) -> None:
    """All tapes in one player: the same questions in several of them do not get in each other's
    way."""
    fake = Fake(seed="another")
    fake.play(*CASES)
    door = plug(fake.handle)
    asked = 0

    for path in CASES:
        names: dict[str, str] = {}
        for exchange in read_exchanges(path):
            if exchange.operation != "create":
                continue
            answer = door.ask("POST", "/v1/interactions", _renamed(exchange.request_json, names))
            answered = Exchange(0, status=answer.status, response_body=answer.body)
            assert answer.status == exchange.status
            asked += 1
            for (_, old), (_, new) in zip(_names(exchange), _names(answered), strict=False):
                names.setdefault(old, new)

    assert asked >= len(CASES)
    assert fake.unplayed == []
