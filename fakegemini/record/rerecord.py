"""Ask the live API the requests of a cassette again, and put today's answers into the cassette."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..doors.loopback import cut, serve_app
from ..errors import FakeGeminiError, NotRerecorded
from ..protocol.paths import LIVE_API_URL
from ..recordings.cassette import load_vcr_cassette
from ..recordings.conversations import RecordedConversations, RecordedInteraction
from ..recordings.exchange import Exchange
from ..recordings.scrub.policy import ScrubRules
from .ask_again import ask_again
from .modes import MODES
from .proxy import Recorder
from .put_back import Secrets
from .session import report_saved
from .upstream import check_upstream, import_httpx
from .writer import Say, open_recording

_MAX_POLLS = 600
_TIMEOUT_SECONDS = 600.0


def rerecord_cassette(
    path: Path,
    *,
    only: Sequence[int] = (),
    upstream: str = LIVE_API_URL,
    rules: ScrubRules | None = None,
    poll: float = 1.0,
    say: Say = print,
) -> None:
    """Ask again what the cassette `path` asks, and replace its answers.

    `only` chooses the conversations that these exchanges belong to, by number; none means all.
    `poll` is the pause between two polls of a background run, in seconds. The API key is that of
    the environment. Raises `NotRerecorded`, `ConversationDiverged`, and what a recording raises;
    then the cassette stays as it was.
    """
    httpx = import_httpx()
    check_upstream(upstream)
    key = os.environ.get("GOOGLE_API_KEY") or os.environ.get("GEMINI_API_KEY")
    if not key:
        raise NotRerecorded("there is no key. Fix: set GEMINI_API_KEY")
    if not path.exists():
        raise NotRerecorded(f"{path}: there is no such cassette")
    interactions = _choose_interactions(path, only)
    for interaction in interactions:
        if interaction.create and interaction.create.exchange.has_lost_request:
            raise NotRerecorded(
                f"{path}: exchange {interaction.number} has no request body: its recorder did not "
                "keep what was asked. Fix: run the program again and record it"
            )
    secrets = Secrets(interactions, os.environ)
    with open_recording(
        path, MODES["all"], rules=secrets.add_to(rules or ScrubRules()), say=say
    ) as writer:
        app = Recorder(writer, upstream, cut=cut, say=say)
        with (
            serve_app(app, lifespan=True) as url,
            httpx.Client(base_url=url, trust_env=False, timeout=_TIMEOUT_SECONDS) as client,
        ):
            try:
                _ask_all(client, interactions, secrets, key, poll)
            except FakeGeminiError:
                writer.discard()
                raise
        report_saved(path, writer.save(), say)


def _choose_interactions(path: Path, only: Sequence[int]) -> list[RecordedInteraction]:
    """Return the interactions to ask again, in their order; raises `NotRerecorded`."""
    conversations = RecordedConversations()
    conversations.add_cassette(str(path), load_vcr_cassette(path).exchanges)
    creates = [interaction for interaction in conversations.interactions if interaction.create]
    if not creates:
        raise NotRerecorded(f"{path}: it holds no create that could be asked again")
    numbers = {
        interaction.create.exchange.number: interaction
        for interaction in creates
        if interaction.create
    }
    unknown = [number for number in only if number not in numbers]
    if unknown:
        choices = ", ".join(map(str, numbers)) or "none"
        raise NotRerecorded(
            f"{path}: exchange {unknown[0]} is no create that could be asked again; these are: "
            f"{choices}"
        )
    if not only:
        return creates
    chosen_ids = {
        id(interaction)
        for number in only
        for interaction in numbers[number].conversation_start.with_descendants()
    }
    return [interaction for interaction in creates if id(interaction) in chosen_ids]


def _ask_all(
    client: Any,
    interactions: list[RecordedInteraction],
    secrets: Secrets,
    key: str,
    poll: float,
) -> None:
    """Send the requests one after the other through the proxy, which records the answers."""
    requests = ask_again(interactions)
    next_request: tuple[RecordedInteraction, Exchange] | None = next(requests, None)
    polls = 0
    while next_request:
        _, exchange = next_request
        polls = polls + 1 if exchange.operation == "get" else 0
        if polls > _MAX_POLLS:
            raise NotRerecorded(f"a run did not end within {_MAX_POLLS} polls")
        if polls > 1:
            time.sleep(poll)
        answer = _send_request(client, secrets.put_back(exchange), key)
        try:
            next_request = requests.send(answer)
        except StopIteration:
            return


def _send_request(client: Any, exchange: Exchange, key: str) -> Exchange:
    """Send one request with today's key and return its answer.

    Raises `NotRerecorded` for an error that the recorded request did not get.
    """
    address = urlsplit(exchange.uri)
    query = [(name, value) for name, value in exchange.query.items() if name != "key"]
    headers = dict(exchange.request_headers) | {"x-goog-api-key": key}
    response = client.request(
        exchange.method,
        address.path,
        params=query,
        headers=headers,
        content=exchange.request_body or None,
    )
    if response.status_code >= 400 and not _was_refused(exchange):
        raise NotRerecorded(
            f"exchange {exchange.number} was answered with {response.status_code}: "
            f"{' '.join(response.text.split())[:300]}"
        )
    return Exchange(exchange.number, status=response.status_code, response_body=response.content)


def _was_refused(exchange: Exchange) -> bool:
    """Tell whether the recorded request got an error."""
    return (exchange.status or 0) >= 400
