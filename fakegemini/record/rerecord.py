"""Recorded conversations had anew with the live API: the same words, today's answers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..doors.loopback import cut, serve_app
from ..errors import FakeGeminiError, NotRerecorded
from ..recordings.cassette import load_tape
from ..recordings.conversations import Take, Takes
from ..recordings.exchange import Exchange
from ..recordings.scrub.policy import Rules
from .ask_again import again, conversation
from .proxy import LIVE, Recorder, import_httpx
from .session import tell
from .writer import Mode, Recording, recording

_POLLS = 600
_PATIENCE = 600.0


def rerecord(
    path: Path,
    *,
    only: Sequence[int] = (),
    upstream: str = LIVE,
    rules: Rules | None = None,
    poll: float = 1.0,
    say: Callable[[str], object] = print,
) -> None:
    """Ask again what a cassette asks, and put the answers in the place of the old ones.

    `only` are numbers of exchanges whose conversations are meant. The key is that of the
    environment. `poll` is the pause between two polls in seconds. Raises `NotRerecorded`, and what
    a recording raises; then the cassette stays as it was.
    """
    httpx = import_httpx()
    key = os.environ.get("GOOGLE_API_KEY") or os.environ.get("GEMINI_API_KEY")
    if not key:
        raise NotRerecorded("there is no key. Fix: set GEMINI_API_KEY")
    if not path.exists():
        raise NotRerecorded(f"{path}: there is no such cassette")
    with recording(path, Mode.ALL, rules=rules, say=say) as made:
        takes = _chosen(path, only)
        app = Recorder(made, upstream, cut=cut, say=say)
        with (
            serve_app(app, lifespan=True) as url,
            httpx.Client(base_url=url, trust_env=False, timeout=_PATIENCE) as client,
        ):
            try:
                _ask(client, takes, key, poll, made)
            except FakeGeminiError:
                made.discard()
                raise
        tell(path, made.save(), say)


def _chosen(path: Path, only: Sequence[int]) -> list[Take]:
    takes = Takes()
    takes.add(str(path), load_tape(path).recorded)
    creates = [take for take in takes.all if take.create]
    numbers = {take.create.exchange.number: take for take in creates if take.create}
    unknown = [number for number in only if number not in numbers]
    if unknown:
        known = ", ".join(map(str, numbers)) or "none"
        raise NotRerecorded(
            f"{path}: exchange {unknown[0]} is no create that could be asked again; these are: "
            f"{known}"
        )
    if not only:
        return creates
    wanted = {id(take) for number in only for take in conversation(_root(numbers[number]))}
    return [take for take in creates if id(take) in wanted]


def _root(take: Take) -> Take:
    while take.parent and take.parent.create:
        take = take.parent
    return take


def _ask(client: Any, takes: list[Take], key: str, poll: float, made: Recording) -> None:
    asking = again(takes)
    asked: tuple[Take, Exchange] | None = next(asking, None)
    polls = 0
    while asked:
        _, exchange = asked
        polls = polls + 1 if exchange.operation == "get" else 0
        if polls > _POLLS:
            raise NotRerecorded(f"a run did not end within {_POLLS} polls")
        if polls > 1:
            time.sleep(poll)
        answer = _answer(client, exchange, key)
        try:
            asked = asking.send(answer)
        except StopIteration:
            return


def _answer(client: Any, exchange: Exchange, key: str) -> Exchange:
    place = urlsplit(exchange.uri)
    query = [(name, value) for name, value in exchange.query.items() if name != "key"]
    headers = dict(exchange.request_headers) | {"x-goog-api-key": key}
    response = client.request(
        exchange.method,
        place.path,
        params=query,
        headers=headers,
        content=exchange.request_body or None,
    )
    if response.status_code >= 400 and not _refused_before(exchange):
        raise NotRerecorded(
            f"exchange {exchange.number} was answered with {response.status_code}: "
            f"{' '.join(response.text.split())[:300]}"
        )
    return Exchange(exchange.number, status=response.status_code, response_body=response.content)


def _refused_before(exchange: Exchange) -> bool:
    return (exchange.status or 0) >= 400
