"""Ask the API what a recording asks, one request after the other, with today's key."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from ..doors.asgi import BODY_LIMIT
from ..doors.loopback import cut, serve_app
from ..errors import NotRerecorded, NoWholeAnswer
from ..recordings.exchange import Exchange
from ..recordings.scrub.mask import MASK, mask_secrets
from .ask_again import RequestGenerator
from .proxy import ExchangeKeeper, Recorder
from .put_back import Secrets
from .upstream import import_httpx
from .writer import Say

_MAX_POLLS = 600
_TIMEOUT_SECONDS = 600.0
_MOST_SECONDS = 3600
"""How long an answer may take: a stream of the live API is cut after ten minutes."""
_KEY_VARIABLES = ("GOOGLE_API_KEY", "GEMINI_API_KEY")


def find_key() -> str:
    """Return the API key of the environment; raises `NotRerecorded` without one."""
    key = next(filter(None, map(os.environ.get, _KEY_VARIABLES)), None)
    if not key:
        raise NotRerecorded("there is no key. Fix: set GEMINI_API_KEY")
    return key


def read_answer_to(client: Any, method: str, path: str, **options: Any) -> tuple[Any, bytes]:
    """Ask, and return the head of the answer and its body, unpacked.

    Raises `NoWholeAnswer` for one without an end, and what the client raises.
    """
    latest = time.monotonic() + _MOST_SECONDS
    body = bytearray()
    with client.stream(method, path, **options) as response:
        for piece in response.iter_bytes():
            body += piece
            if len(body) > BODY_LIMIT:
                raise NoWholeAnswer(f"it is longer than {BODY_LIMIT} bytes")
            if time.monotonic() > latest:
                raise NoWholeAnswer(f"it did not end within {_MOST_SECONDS} seconds")
    return response, bytes(body)


def hide_secrets(text: str) -> str:
    """Return a text to print without what looks like a secret, and without the keys we sent."""
    for name in _KEY_VARIABLES:
        key = os.environ.get(name)
        text = text.replace(key, MASK) if key else text
    return "\n".join(map(mask_secrets, text.split("\n")))


class LiveAsker:
    """Asks the API through a recorder; made by `open_asker`."""

    def __init__(self, client: Any, secrets: Secrets, key: str) -> None:
        self._client = client
        self._secrets = secrets
        self._key = key

    def ask(self, exchange: Exchange) -> Exchange:
        """Send a recorded request with its secrets and today's key, and return its answer."""
        exchange = self._secrets.put_back(exchange)
        query = [(name, value) for name, value in exchange.query.items() if name != "key"]
        headers = dict(exchange.request_headers) | {"x-goog-api-key": self._key}
        try:
            response, body = read_answer_to(
                self._client,
                exchange.method,
                urlsplit(exchange.uri).path,
                params=query,
                headers=headers,
                content=exchange.request_body or None,
            )
        except (NoWholeAnswer, import_httpx().HTTPError) as error:
            raise NotRerecorded(
                f"exchange {exchange.number} got no answer: {error or type(error).__name__}"
            ) from None
        return Exchange(
            exchange.number,
            exchange.method,
            exchange.uri,
            status=response.status_code,
            response_headers={name.lower(): value for name, value in response.headers.items()},
            response_body=body,
        )


@contextmanager
def open_client(keeper: ExchangeKeeper, upstream: str, say: Say) -> Iterator[Any]:
    """Give a client of httpx that reaches `upstream` through a recorder: `keeper` gets it all."""
    app = Recorder(keeper, upstream, cut=cut, say=say)
    with (
        serve_app(app, lifespan=True) as url,
        import_httpx().Client(base_url=url, trust_env=False, timeout=_TIMEOUT_SECONDS) as client,
    ):
        yield client


@contextmanager
def open_asker(
    keeper: ExchangeKeeper, upstream: str, secrets: Secrets, key: str, say: Say
) -> Iterator[LiveAsker]:
    """Give what asks `upstream`; `keeper` gets each exchange."""
    with open_client(keeper, upstream, say) as client:
        yield LiveAsker(client, secrets, key)


def ask_in_turn(
    requests: RequestGenerator, ask: Callable[[Exchange], Exchange], poll: float
) -> None:
    """Ask all requests, each when the one before it is answered.

    poll: the pause between two polls of a background run, in seconds
    """
    polls = 0
    for_next = next(requests, None)
    while for_next:
        _, exchange = for_next
        polls = polls + 1 if exchange.operation == "get" else 0
        if polls > _MAX_POLLS:
            raise NotRerecorded(f"a run did not end within {_MAX_POLLS} polls")
        if polls > 1:
            time.sleep(poll)
        answer = ask(exchange)
        try:
            for_next = requests.send(answer)
        except StopIteration:
            return
