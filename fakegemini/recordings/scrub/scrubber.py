"""Take secrets out of exchanges: a value that is a secret in one place is replaced everywhere.

First every exchange is learned from, then every one is scrubbed. A value has the same placeholder
wherever it stood, and what holds the placeholder stays valid JSON, a stream, an address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import unquote_plus

from ..exchange import Exchange, RecordedExchange
from .body import ScannedBody, path_text
from .edits import (
    Edit,
    apply_edits,
    byte_moves,
    decode_bytes,
    encode_text,
    merge_edits,
    resize_chunks,
)
from .packed_runs import runs_that_hold
from .patterns import is_placeholder
from .policy import PlacedSecret, ScrubRules, ShapedSecret
from .public_words import is_public
from .secret_names import names_doubtful_value
from .secret_shape import looks_random
from .secret_spans import header_spans, uri_spans
from .spellings import decode_base64_text, placeholder, replacement_for, spellings_pattern

_MIN_LENGTH = 8
"""The fewest characters of a value that is replaced everywhere; shorter ones may be words."""

_MAX_LENGTH = 20_000
"""The most characters of a value that is replaced everywhere; a longer one costs its text."""

_MAX_DOUBT = 2000
"""The most characters of a value that is taken out although it may be no secret."""

_PlaceAt: TypeAlias = Callable[[int], str]


class Scrubber:
    """Learns secrets and takes them out.

    rules: what the user adds to what we know
    counts: how many secrets were taken out, by place; the secrets are in none of it
    doubts: what may be no secret and is taken out to be safe, each the beginning of a sentence
    first_number: the number of the first placeholder
    """

    def __init__(self, rules: ScrubRules | None = None, *, first_number: int = 1) -> None:
        self.rules = rules or ScrubRules()
        self.counts: Counter[str] = Counter()
        self.doubts: list[str] = []
        self._first_number = first_number
        self._numbers: dict[str, int] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}

    @property
    def learned_count(self) -> int:
        """Return how many values are replaced everywhere."""
        return len(self._patterns)

    @property
    def value_count(self) -> int:
        """Return how much is known; while it is the same, scrubbing gives the same."""
        return len(self._numbers) + len(self._patterns)

    def learn(self, recorded: RecordedExchange) -> None:
        """Learn the secrets of an exchange."""
        exchange = recorded.exchange
        self.learn_uri(exchange.uri)
        for headers in (exchange.request_headers, exchange.response_headers):
            for name, value in headers.items():
                self.learn_header(name, value)
        self.learn_body(decode_bytes(exchange.request_body))
        self.learn_body(decode_bytes(exchange.response_body))
        self._learn_doubts(exchange)

    def _learn_doubts(self, exchange: Exchange) -> None:
        """Learn what may be a secret by its name and looks random: a doubt costs that value."""
        named_values = list(exchange.response_headers.items())
        for raw in (exchange.request_body, exchange.response_body):
            for scalar in ScannedBody(decode_bytes(raw)).scalars:
                name = next((part for part in reversed(scalar.path) if isinstance(part, str)), "")
                if scalar.is_string and names_doubtful_value(name):
                    named_values.append((name, scalar.value))
        for name, value in named_values:
            if len(value) <= _MAX_DOUBT and self.rules.is_doubtful(name, value):
                if value not in self._numbers:
                    self.doubts.append(f"{name} looks like a secret and")
                self._learn_value(value)

    def scrub(self, recorded: RecordedExchange) -> RecordedExchange:
        """Return an exchange without the secrets learned so far; sizes of chunks follow."""
        exchange = recorded.exchange
        request_body, _ = self._scrub_bytes(exchange.request_body, ())
        response_body, sizes = self._scrub_bytes(
            exchange.response_body, tuple(size for _, size in recorded.chunks)
        )
        headers = {
            name: self.scrub_header(name, value)
            for name, value in exchange.response_headers.items()
        }
        if "content-length" in headers and len(response_body) != len(exchange.response_body):
            headers["content-length"] = str(len(response_body))
        scrubbed_exchange = replace(
            exchange,
            uri=self.scrub_uri(exchange.uri),
            request_headers={
                name: self.scrub_header(name, value)
                for name, value in exchange.request_headers.items()
            },
            request_body=request_body,
            response_headers=headers,
            response_body=response_body,
        )
        times = (seconds for seconds, _ in recorded.chunks)
        return replace(
            recorded, exchange=scrubbed_exchange, chunks=tuple(zip(times, sizes, strict=True))
        )

    def learn_header(self, name: str, value: str) -> bool:
        """Learn the secrets of a header, the password in `Basic` too; tell whether it has none."""
        spans = list(header_spans(self.rules, name, value))
        for start, end in spans:
            secret = value[start:end]
            self._learn_value(secret, is_credential=True)
            if ":" in (pair := decode_base64_text(secret) or ""):
                self._learn_value(pair.partition(":")[2], is_credential=True)
        return self.learn_text(value) and not spans

    def learn_uri(self, uri: str) -> bool:
        """Learn the secrets of an address; tell whether it has none."""
        spans = list(uri_spans(self.rules, uri))
        for start, end in spans:
            self._learn_value(unquote_plus(uri[start:end]), is_credential=True)
        texts_are_clean = [self.learn_text(text) for text in (uri, unquote_plus(uri))]
        return all(texts_are_clean) and not spans

    def learn_param(self, name: str, value: str) -> None:
        """Learn the secrets of a query parameter, which is decoded."""
        if self.rules.is_secret_name(name, query=True):
            self._learn_value(value, is_credential=True)
        self._learn_all(self.rules.find_shaped(value))

    def scrub_param(self, name: str, value: str) -> str:
        """Return a query parameter, which is decoded, without secrets."""
        if self.rules.is_secret_name(name, query=True) and not is_placeholder(value):
            return self._apply_and_count(
                value, [Edit(0, len(value), self._placeholder_for(value), name)]
            )
        return self._apply_and_count(value, self._edits_of_learned(value, lambda position: name))

    def learn_body(self, text: str) -> bool:
        """Learn the secrets of a body; tell whether it has none, nor anything that may be one."""
        body = ScannedBody(text)
        secrets = list(self.rules.find_in_body(body))
        for joined_text in body.joined_texts:
            secrets += self.rules.find_in_joined_text(joined_text.text, joined_text.path)
        self._learn_all(secrets)
        return not secrets and not any(self.rules.find_doubtful(body))

    def learn_text(self, text: str) -> bool:
        """Learn the secrets of a text in no body, by their shapes; tell whether it has none."""
        secrets = list(self.rules.find_shaped(text))
        self._learn_all(secrets)
        return not secrets

    def scrub_text(self, text: str, place: str) -> str:
        """Return a text that is in no body without secrets; `place` is what the count calls it."""
        return self._apply_and_count(text, self._edits_of_learned(text, lambda position: place))

    def without_secrets(self, text: str) -> str:
        """Return a text for people to read, such as a path, without what was learned."""
        return apply_edits(text, merge_edits(self._edits_of_learned(text, lambda position: "")))

    def scrub_header(self, name: str, value: str) -> str:
        """Return a header's value without secrets."""
        edits = [
            Edit(start, end, self._placeholder_for(value[start:end]), name)
            for start, end in header_spans(self.rules, name, value)
        ]
        return self._apply_and_count(
            value, [*edits, *self._edits_of_learned(value, lambda position: name)]
        )

    def scrub_uri(self, uri: str) -> str:
        """Return an address without secrets."""
        edits = []
        for start, end in uri_spans(self.rules, uri):
            name = uri[: start - 1].rpartition("&")[2].rpartition("?")[2]
            placeholder = self._placeholder_for(unquote_plus(uri[start:end]))
            edits.append(Edit(start, end, placeholder, f"query {name}"))
        return self._apply_and_count(
            uri, [*edits, *self._edits_of_learned(uri, lambda position: "uri")]
        )

    def scrub_body(self, text: str) -> str:
        """Return a body, or any other text, without secrets."""
        return self._apply_and_count(text, self._body_edits(text))

    def _scrub_bytes(self, raw: bytes, sizes: tuple[int, ...]) -> tuple[bytes, tuple[int, ...]]:
        """Return a body without secrets, and the sizes of its chunks after that."""
        text = decode_bytes(raw)
        edits = merge_edits(self._body_edits(text))
        if not edits:
            return raw, sizes
        self._count_edits(edits)
        new_sizes = resize_chunks(sizes, byte_moves(text, edits)) if sizes else sizes
        return encode_text(apply_edits(text, edits)), new_sizes

    def holds_learned_value(self, text: str) -> bool:
        """Tell whether a text holds a value that is replaced everywhere."""
        return any(pattern.search(text) for pattern in self._patterns.values())

    def _learn_all(self, secrets: Iterable[PlacedSecret | ShapedSecret]) -> None:
        for secret in secrets:
            if isinstance(secret, ShapedSecret):
                if secret.is_doubt and secret.value not in self._numbers:
                    self.doubts.append(f"{path_text(secret.path)} has {secret.kind}; it")
                self._learn_value(
                    secret.value, between=secret.between, at_any_length=secret.at_any_length
                )
            else:
                self._learn_value(secret.value, is_sure=secret.is_sure)

    def _learn_value(
        self,
        value: str,
        *,
        is_sure: bool = True,
        is_credential: bool = False,
        between: tuple[str, str] | None = None,
        at_any_length: bool = False,
    ) -> None:
        """Give a value a number, and remember it for everywhere if it is no common word.

        is_sure: whether its name or shape tells, not its place alone
        is_credential: whether it came from a header or an address; the user may allow values of
            bodies, the caller's own key never
        between: where a value is replaced that is too short, or a word, to be replaced everywhere
        at_any_length: whether it is replaced everywhere however short it is
        """
        if value in self._numbers or (is_placeholder if is_credential else self.rules.is_harmless)(
            value
        ):
            return
        self._numbers[value] = self._first_number + len(self._numbers)
        if at_any_length or (
            _MIN_LENGTH <= len(value) <= _MAX_LENGTH
            and (is_sure or looks_random(value) or _has_digit_and_letter(value))
            and not is_public(value)
        ):
            self._patterns[value] = spellings_pattern(value)
        elif between:
            before, behind = map(re.escape, between)
            self._patterns[value] = re.compile(f"(?<={before})({re.escape(value)})(?={behind})")

    def number_whole(self, text: str) -> str:
        """Return the placeholder of a whole text, which is replaced nowhere else."""
        number = self._numbers.setdefault(text, self._first_number + len(self._numbers))
        return placeholder(number)

    def _placeholder_for(self, value: str) -> str:
        """Return the placeholder of a value, or a harmless value itself."""
        if value not in self._numbers:
            self._learn_value(value, is_sure=False)
        return placeholder(self._numbers[value]) if value in self._numbers else value

    def _body_edits(self, text: str) -> list[Edit]:
        """List the edits that take the secrets out of a body; they may overlap.

        A secret that came in several deltas is replaced in the first, and taken out of the others.
        """
        body = ScannedBody(text)
        edits = []
        for secret in self.rules.find_in_body(body):
            if (
                isinstance(secret, PlacedSecret)
                and (replacement := self._placeholder_for(secret.value)) != secret.value
            ):
                replacement = replacement if secret.is_string else f'"{replacement}"'
                edits.append(
                    Edit(secret.start, secret.end, replacement, f"body {path_text(secret.path)}")
                )
        for joined_text in body.joined_texts:
            joined_place = f"body {path_text(joined_text.path)}"
            spans = [
                (secret.start, secret.end, self._placeholder_for(secret.value))
                for secret in self.rules.find_in_joined_text(joined_text.text, joined_text.path)
                if isinstance(secret, PlacedSecret)
            ]
            for edit in self._edits_of_learned(joined_text.text, lambda position: ""):
                spans.append((edit.start, edit.end, edit.text))
            for start, end, replacement in spans:
                first_span, *other_spans = joined_text.spans_of(start, end)
                edits.append(Edit(*first_span, replacement, joined_place))
                edits += [Edit(*other_span, "", "") for other_span in other_spans]

        def place_at(position: int) -> str:
            scalar = body.scalar_at(position)
            return f"body {path_text(scalar.path)}" if scalar else "body"

        for packed in runs_that_hold(body, self.holds_learned_value) if self._patterns else ():
            edits.append(
                Edit(
                    packed.start,
                    packed.end,
                    self._placeholder_for(packed.run),
                    f"body {path_text(packed.scalar.path)}",
                )
            )
        return [*edits, *self._edits_of_learned(text, place_at)]

    def _edits_of_learned(self, text: str, place_at: _PlaceAt) -> Iterator[Edit]:
        """Yield the edits that take the values learned so far out of a text."""
        for value, pattern in self._patterns.items():
            for match in pattern.finditer(text):
                replacement = replacement_for(match, self._numbers[value])
                yield Edit(match.start(), match.end(), replacement, place_at(match.start()))

    def _apply_and_count(self, text: str, edits: Iterable[Edit]) -> str:
        """Return a text after edits, and count them."""
        merged_edits = merge_edits(edits)
        self._count_edits(merged_edits)
        return apply_edits(text, merged_edits)

    def _count_edits(self, edits: Iterable[Edit]) -> None:
        """Count edits by place; a place may itself hold a secret, as the name of a member."""
        for edit in edits:
            if edit.place:
                self.counts[self.without_secrets(edit.place)] += 1


def _has_digit_and_letter(value: str) -> bool:
    return bool(re.search(r"\d", value) and re.search(r"[A-Za-z]", value)) and " " not in value
