"""Let a fake answer the requests of a recording, with the recorded turns as its script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from ..fake.fake import Fake
from ..protocol.eras import CURRENT_ERA, FIRST_DAY, Era, era_on
from ..protocol.known_models import AGENTS, MODELS, Agent, Model
from ..recordings.conversations import parent_id_of, request_content
from ..recordings.exchange import Exchange
from ..recordings.recorded_turn import recorded_turn
from ..wire.http import Reply, Request
from ..wording import spell_json

_DAY = re.compile(r"20[2-9]\d-\d\d-\d\d")
_CREATED = re.compile(rb'"created"\s*:\s*"(20[2-9]\d-\d\d-\d\d)')


class Rehearsal:
    """A fake of one recording: its era, its models and agents, and what its ids are in the fake."""

    def __init__(self, exchanges: list[Exchange], file: str = "") -> None:
        models, agents = _answered_names(exchanges, "model"), _answered_names(exchanges, "agent")
        self._fake = Fake(
            era=era_of(exchanges, file),
            models={name: Model(name) for name in models if name not in MODELS},
            agents={name: Agent(name) for name in agents if name not in AGENTS},
        )
        self._exchanges = exchanges
        self.fake_ids: dict[str, str] = {}
        """The interaction ids of the fake by those of the recording, as far as they are known."""

    def answer(self, exchange: Exchange) -> Reply:
        """Ask the fake what was recorded, and return its reply; raises a `FakeGeminiError`."""
        if exchange.operation == "create" and exchange.status == 200:
            self._fake.script(recorded_turn(exchange, self._exchanges))
        return self._fake.handle(self._request_for_fake(exchange))

    def _request_for_fake(self, exchange: Exchange) -> Request:
        """Return the recorded request with the ids of the fake."""
        body = exchange.request_body
        asked = request_content(exchange)
        if exchange.operation == "create" and isinstance(asked, dict):
            request_json = dict(asked)
            parent = parent_id_of(request_json)
            if parent in self.fake_ids:
                request_json["previous_interaction_id"] = self.fake_ids[parent]
            body = spell_json(request_json).encode()
        path = urlsplit(exchange.uri).path
        for recorded_id, fake_id in self.fake_ids.items():
            path = path.replace(recorded_id, fake_id)
        return Request(
            exchange.method,
            path,
            tuple(exchange.query.items()),
            tuple(exchange.request_headers.items()),
            body,
        )


def era_of(exchanges: list[Exchange], file: str) -> Era:
    """Return the era of a recording: of its own dates, else of one in its name, else today's."""
    days = [day for exchange in exchanges for day in _days_of(exchange)] or _DAY.findall(
        Path(file).name
    )
    # The clocks of tests show any time: a day before the API existed says nothing.
    known_days = [day for day in days if day >= FIRST_DAY]
    return era_on(min(known_days)) if known_days else CURRENT_ERA


def _days_of(exchange: Exchange) -> Iterator[str]:
    """Yield the days in an answer, as `2026-06-30`: of its date header, and of `created`."""
    date_header = exchange.response_headers.get("date")
    if date_header:
        with suppress(ValueError):
            yield parsedate_to_datetime(date_header).date().isoformat()
    for day in _CREATED.findall(exchange.response_body):
        yield day.decode()


def _answered_names(exchanges: Iterable[Exchange], key: str) -> set[str]:
    """Return the names of models or agents for which a recorded create succeeded."""
    bodies = (
        request_content(exchange)
        for exchange in exchanges
        if exchange.operation == "create" and exchange.status == 200
    )
    names = (body.get(key) for body in bodies if isinstance(body, dict))
    return {name for name in names if isinstance(name, str) and name}
