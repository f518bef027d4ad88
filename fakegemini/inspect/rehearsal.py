"""Let a fake answer the requests of a recording: the model's part is its script, no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from ..fake.fake import Fake
from ..faults import Fault, refuse
from ..protocol.clock import START
from ..protocol.eras import CURRENT_ERA, ERAS, FIRST_DAY, Era, era_on
from ..protocol.known_models import AGENTS, MODELS, Agent, Model
from ..recordings.answers import response_objects
from ..recordings.conversations import request_content
from ..recordings.exchange import Exchange
from ..recordings.recorded_turn import recorded_turn
from ..recordings.server_names import REDACTED, names_in
from ..wire.http import Handler, Json, Reply, Request
from ..wire.http_date import parse_http_date
from ..wire.json_text import dump_json
from ..wire.replies import ERROR_JSON
from ..wording import spell_json
from .complete_exchanges import Completed, unknown_parents
from .models_part import models_part
from .pair_names import BLANK_TIMES, NamePairs

Wrapper: TypeAlias = Callable[[Handler], Handler]
"""Puts something around the fake, such as a fault."""

_DAY = re.compile(r"20[2-9]\d-\d\d-\d\d")
_CREATED = re.compile(rb'"created"\s*:\s*"(20[2-9]\d-\d\d-\d\d)')
_OF_THE_DAY = frozenset({401, 402, 403, 408, 409, 429, 499})
_CODES_OF_THE_PROTOCOL = frozenset({"invalid_request", "not_found", "failed_precondition"})


class Rehearsal:
    """A fake of one recording: its era, its models and agents, and what its names are in the fake.

    names: the names of the recording, and those of the fake, as far as they are known
    """

    def __init__(
        self, completed: Completed, era: Era, wrapper: Wrapper = lambda handler: handler
    ) -> None:
        exchanges = completed.exchanges
        models, agents = _answered_names(exchanges, "model"), _answered_names(exchanges, "agent")
        self._now = START
        self._knows_time = False
        self._fake = Fake(
            era=era,
            clock=lambda: self._now,
            models={name: Model(name) for name in models if name not in MODELS},
            agents={name: Agent(name) for name in agents if name not in AGENTS},
        )
        self._handle = wrapper(self._fake.handle)
        self._exchanges = exchanges
        self._unearned = completed.unearned
        self.names = NamePairs()
        self._trust_placeholders()
        for name, create in unknown_parents(exchanges):
            self._begin_before(name, create)

    def answer(self, exchange: Exchange) -> tuple[Reply, bool]:
        """Ask the fake what was recorded; return its reply, and whether its time is the recorded.

        Raises a `FakeGeminiError` where the fake fails, and `NoInteraction` for a recorded answer
        that cannot be read.
        """
        has_times = self._set_clock(exchange)
        if exchange.operation == "create" and exchange.status == 200:
            self._fake.script(models_part(exchange, self._exchanges))
        if exchange.number in self._unearned or _is_of_the_day(exchange):
            self._fake.faults(_fault_of(exchange), times=1)
        return self._handle(self._request_for_fake(exchange)), has_times

    def _set_clock(self, exchange: Exchange) -> bool:
        """Set the time to that of a recorded create, and return whether that is known."""
        if exchange.operation == "create":
            second = next(_seconds_created(exchange), None)
            self._knows_time = second is not None
            self._now = self._now if second is None else second
        return self._knows_time

    def _request_for_fake(self, exchange: Exchange) -> Request:
        """Return the recorded request with the names of the fake."""
        body = exchange.request_body
        asked = request_content(exchange)
        if exchange.operation == "create" and isinstance(asked, dict):
            body = spell_json(self.names.to_fake(asked)).encode()
        return Request(
            exchange.method,
            self.names.path_to_fake(urlsplit(exchange.uri).path),
            tuple(
                (name, self.names.fake_names.get(value, value))
                for name, value in exchange.query.items()
            ),
            tuple(exchange.request_headers.items()),
            body,
        )

    def _begin_before(self, name: str, create: Exchange) -> None:
        """Keep an interaction of that name, which began before the recording did."""
        turn = recorded_turn(create)
        self._fake.script(replace(turn, id=name, usage=None))
        self._fake.handle(Request(create.method, create.uri, body=create.request_body))
        self.names.pair(name, name)

    def _trust_placeholders(self) -> None:
        """Take signatures of resent histories that a recorder replaced."""
        signatures = {
            name
            for exchange in self._exchanges
            for key, name in names_in(request_content(exchange))
            if key == "signature" and REDACTED.search(name)
        }
        if signatures:
            self._fake.trust(*sorted(signatures))


def possible_eras(exchanges: list[Exchange], file: str) -> list[Era]:
    """Return the eras of which a recording may be, the likeliest first.

    Its own dates tell it. A day in its name tells when it was there at the latest.
    """
    # The clocks of tests show any time: a day before the API existed says nothing.
    days = [day for exchange in exchanges for day in _days_of(exchange) if day >= FIRST_DAY]
    if days:
        return [era_on(min(days))]
    name_days = [day for day in _DAY.findall(Path(file).name) if day >= FIRST_DAY]
    latest = era_on(min(name_days)) if name_days else CURRENT_ERA
    return [era for era in reversed(ERAS.values()) if era.start <= latest.start]


def _days_of(exchange: Exchange) -> Iterator[str]:
    """Yield the days in an answer, as `2026-06-30`: of its date header, and of `created`."""
    date_header = exchange.response_headers.get("date")
    if date_header:
        with suppress(ValueError):
            yield parse_http_date(date_header).date().isoformat()
    for day in _CREATED.findall(exchange.response_body):
        yield day.decode()


def _seconds_created(exchange: Exchange) -> Iterator[float]:
    """Yield the recorded times of creation, in Unix seconds."""
    for value in response_objects(exchange):
        interaction = value.get("interaction", value)
        text = interaction.get("created") if isinstance(interaction, dict) else None
        if isinstance(text, str) and not text.startswith(BLANK_TIMES):
            with suppress(ValueError, OverflowError):
                yield float(int(datetime.fromisoformat(text).timestamp()))


def _error_of(exchange: Exchange) -> Json:
    """Return the error that an answer has, empty where it has none."""
    errors = (value.get("error") for value in response_objects(exchange))
    return next((error for error in errors if isinstance(error, dict)), {})


def _is_of_the_day(exchange: Exchange) -> bool:
    """Tell whether a refusal depends on the day, the key or the model, not on what was asked."""
    status = exchange.status or 0
    code = _error_of(exchange).get("code")
    if status < 400:
        return False
    return status in _OF_THE_DAY or status >= 500 or code not in _CODES_OF_THE_PROTOCOL


def _fault_of(exchange: Exchange) -> Fault:
    """Return the fault that refuses as was recorded; of an unknown form, with its bytes."""
    error = _error_of(exchange)
    code, message = error.get("code"), error.get("message")
    status = exchange.status or 500
    if isinstance(code, str) and isinstance(message, str):
        return refuse(status, code, message)
    try:
        body: str | bytes = dump_json(exchange.response_json)
    except ValueError:
        body = exchange.response_body
    content_type = exchange.response_headers.get("content-type", ERROR_JSON)
    return refuse(status, body=body, content_type=content_type)


def _answered_names(exchanges: Iterable[Exchange], key: str) -> set[str]:
    """Return the names of models or agents for which a recorded create succeeded."""
    bodies = (
        request_content(exchange)
        for exchange in exchanges
        if exchange.operation == "create" and exchange.status == 200
    )
    names = (body.get(key) for body in bodies if isinstance(body, dict))
    return {name for name in names if isinstance(name, str) and name}
