"""Take out whole texts in which something still looks like a secret, once all else was done.

So what cannot be taken out of its text costs that text, and not the recording.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import unquote_plus

from ..exchange import RecordedExchange
from .body import ScannedBody
from .edits import (
    Edit,
    apply_edits,
    byte_moves,
    decode_bytes,
    encode_text,
    merge_edits,
    resize_chunks,
)
from .policy import ScrubRules
from .remaining import remaining_in_header, remaining_in_uri, remaining_secrets
from .scrubber import Scrubber

_QUERY_VALUE = re.compile(r"([?&][^=&#]*=)([^&#]+)")


def scrub_fully(
    scrubber: Scrubber, recorded: RecordedExchange
) -> tuple[RecordedExchange, list[str]]:
    """Scrub an exchange, and list what still looks like a secret in it, most often nothing."""
    clean = scrubber.scrub(recorded)
    if not remaining_secrets(clean, scrubber.rules):
        return clean, []
    blank = _blank_texts(clean, scrubber.rules, scrubber.number_whole)
    return blank, remaining_secrets(blank, scrubber.rules)


def scrub_all(
    unscrubbed: Iterable[RecordedExchange], rules: ScrubRules | None = None
) -> tuple[list[RecordedExchange], dict[str, int], list[str]]:
    """Scrub exchanges together; also count what was taken out, and list what is left.

    The count is by place; what is left are the exchanges, kinds and places of what still looks like
    a secret.
    """
    scrubber = Scrubber(rules)
    exchanges = list(unscrubbed)
    for recorded in exchanges:
        scrubber.learn(recorded)
    results = [scrub_fully(scrubber, recorded) for recorded in exchanges]
    scrubbed = [clean for clean, _ in results]
    remaining = [
        f"exchange {clean.exchange.number}: {secret}"
        for clean, findings in results
        for secret in findings
    ]
    return scrubbed, dict(sorted(scrubber.counts.items())), list(dict.fromkeys(remaining))


def _blank_texts(
    recorded: RecordedExchange, rules: ScrubRules, number_whole: Callable[[str], str]
) -> RecordedExchange:
    """Put a placeholder for each text of an exchange that holds a secret."""
    exchange = recorded.exchange
    headers = {
        name: number_whole(value) if remaining_in_header(name, value, rules) else value
        for name, value in exchange.response_headers.items()
    }
    request_body, _ = blank_texts_of_body(exchange.request_body, (), rules, number_whole)
    sizes = tuple(size for _, size in recorded.chunks)
    response_body, sizes = blank_texts_of_body(exchange.response_body, sizes, rules, number_whole)
    if "content-length" in headers and response_body != exchange.response_body:
        headers["content-length"] = str(len(response_body))
    times = (seconds for seconds, _ in recorded.chunks)
    return replace(
        recorded,
        exchange=replace(
            exchange,
            uri=blank_query(exchange.uri, rules, number_whole),
            request_headers={
                name: number_whole(value) if remaining_in_header(name, value, rules) else value
                for name, value in exchange.request_headers.items()
            },
            request_body=request_body,
            response_headers=headers,
            response_body=response_body,
        ),
        chunks=tuple(zip(times, sizes, strict=True)),
    )


def blank_texts_of_body(
    raw: bytes, sizes: tuple[int, ...], rules: ScrubRules, number_whole: Callable[[str], str]
) -> tuple[bytes, tuple[int, ...]]:
    """Put a placeholder for each text of a body that holds a secret; also size its chunks."""
    text = decode_bytes(raw)
    body = ScannedBody(text)
    edits = []
    for scalar in body.scalars:
        if scalar.start not in body.joined_starts and any(rules.find_in_scalar(scalar)):
            stand_in = number_whole(scalar.value)
            stand_in = stand_in if scalar.is_string else f'"{stand_in}"'
            edits.append(Edit(scalar.start, scalar.end, stand_in, ""))
    for joined_text in body.joined_texts:
        if joined_text.text and any(rules.find_in_joined_text(joined_text.text, joined_text.path)):
            first_span, *other_spans = joined_text.spans_of(0, len(joined_text.text))
            edits.append(Edit(*first_span, number_whole(joined_text.text), ""))
            edits += [Edit(*other_span, "", "") for other_span in other_spans]
    if not body.scalars and text and any(rules.find_shaped(text)):
        edits.append(Edit(0, len(text), number_whole(text), ""))
    edits = merge_edits(edits)
    if not edits:
        return raw, sizes
    new_sizes = resize_chunks(sizes, byte_moves(text, edits)) if sizes else sizes
    return encode_text(apply_edits(text, edits)), new_sizes


def blank_query(uri: str, rules: ScrubRules, number_whole: Callable[[str], str], /) -> str:
    """Put a placeholder for each value of a query, where an address still holds a secret."""
    if not remaining_in_uri(uri, rules):
        return uri
    return _QUERY_VALUE.sub(lambda match: match[1] + number_whole(unquote_plus(match[2])), uri)
