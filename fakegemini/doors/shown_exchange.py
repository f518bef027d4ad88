"""Take the secrets out of what the live page and reports show of a request and its answer."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ..recordings.scrub.secret_names import hides_header, hides_parameter
from ..wire.http import Pairs, Request

MASK = "***"
_MOST_SCRUBBED = 300_000
"""How many bytes of bodies are scrubbed as a recording is; of more the known shapes alone go."""

Pieces = list[tuple[float, bytes]]


class ShownExchange(NamedTuple):
    """A request, the headers and timed pieces of its answer, and complaints: without secrets."""

    request: Request
    reply_headers: Pairs
    pieces: Pieces
    complaints: list[str]


def without_secrets(
    request: Request, reply_headers: Pairs, pieces: Pieces, complaints: list[str]
) -> ShownExchange:
    """Return what may be shown of an exchange; a secret that came in several pieces goes, too."""
    from ..recordings.exchange import Exchange, RecordedExchange
    from ..recordings.scrub.last_resort import scrub_fully
    from ..recordings.scrub.mask import mask_secrets
    from ..recordings.scrub.scrubber import Scrubber

    headers = {name.lower(): text for name, text in request.headers}
    body, reply = request.body, b"".join(piece for _, piece in pieces)
    scrubber = Scrubber()
    for name, text in request.query:
        scrubber.learn_param(name, text)
    recorded = RecordedExchange(
        Exchange(1, request.method, request.path, headers, body, None, dict(reply_headers), reply),
        tuple((milliseconds, len(piece)) for milliseconds, piece in pieces),
    )
    if len(body) + len(reply) > _MOST_SCRUBBED:
        recorded = replace(
            recorded,
            exchange=replace(recorded.exchange, request_body=b"", response_body=b""),
            chunks=(),
        )
    scrubber.learn(recorded)
    clean, _ = scrub_fully(scrubber, recorded)
    if len(body) + len(reply) > _MOST_SCRUBBED:
        clean_body = _without_shapes(body)
        clean_pieces = [(milliseconds, _without_shapes(piece)) for milliseconds, piece in pieces]
    else:
        clean_body, clean_pieces, position = clean.exchange.request_body, [], 0
        for milliseconds, size in clean.chunks:
            piece = clean.exchange.response_body[position : position + size]
            clean_pieces.append((milliseconds, piece))
            position += size
    shown_request = replace(
        request,
        path=clean.exchange.uri,
        query=tuple(
            (name, MASK if hides_parameter(name) else scrubber.scrub_param(name, text))
            for name, text in request.query
        ),
        headers=tuple(
            (name, MASK if hides_header(name) else scrubber.scrub_header(name, text))
            for name, text in request.headers
        ),
        body=clean_body,
    )
    return ShownExchange(
        shown_request,
        tuple((name, scrubber.scrub_header(name, text)) for name, text in reply_headers),
        clean_pieces,
        [mask_secrets(scrubber.without_secrets(text)) for text in complaints],
    )


def _without_shapes(raw: bytes) -> bytes:
    from ..recordings.scrub.edits import decode_bytes, encode_text
    from ..recordings.scrub.patterns import find_secret_shapes

    text = decode_bytes(raw)
    for value in {value for _, value in find_secret_shapes(text)}:
        text = text.replace(value, MASK)
    return encode_text(text)
