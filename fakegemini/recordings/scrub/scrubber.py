"""Secrets out of exchanges: what is learned in one place is replaced everywhere.

First every exchange is learned from, then every one is scrubbed. The placeholder of a value is the
same wherever it stood; what a placeholder stands in stays the JSON, the stream, the address it was.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import unquote_plus

from ..exchange import Recorded
from .body import Body, shown
from .edits import Edit, merged, resized, rewritten, text_of
from .patterns import is_placeholder, random_looking, unpacked
from .policy import Rules, Shape, Spot, find_secrets
from .spellings import replacement, spellings

_LEAST = 8
"""The fewest characters of a value that is replaced everywhere: shorter ones are also words."""

_COOKIE = re.compile(r"(?:^|[;,]\s*)[^=;,\s]+=([^;,]*)")
_FIRST_COOKIE = re.compile(r"(?:^|,\s*)[^=;,\s]+=([^;,]*)")
_PARAM = re.compile(r"[?&]([^=&#]+)=([^&#]*)")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z-]*)\s+(?=\S)")
_Place: TypeAlias = Callable[[int], str]
_HEADERS_KEPT = frozenset("accept accept-encoding content-type content-length host date".split())


class Scrubber:
    """Learns secrets and takes them out. `counts` says from where, and how many; never what.

    first: the number of the first placeholder
    """

    def __init__(self, rules: Rules | None = None, *, first: int = 1) -> None:
        self.rules = rules or Rules()
        self.counts: Counter[str] = Counter()
        self._first = first
        self._numbers: dict[str, int] = {}
        self._wide: dict[str, re.Pattern[str]] = {}

    @property
    def known(self) -> int:
        """How many values are replaced everywhere."""
        return len(self._wide)

    def learn(self, recorded: Recorded) -> None:
        """Learn the secrets of an exchange."""
        exchange = recorded.exchange
        self.learn_uri(exchange.uri)
        for headers in (exchange.request_headers, exchange.response_headers):
            for name, value in headers.items():
                self.learn_header(name, value)
        self.learn_body(text_of(exchange.request_body))
        self.learn_body(text_of(exchange.response_body))

    def scrubbed(self, recorded: Recorded) -> Recorded:
        """The exchange without the secrets that are known."""
        exchange = recorded.exchange
        asked, _ = self._edited(exchange.request_body, "body", ())
        answered, sizes = self._edited(
            exchange.response_body, "body", tuple(size for _, size in recorded.chunks)
        )
        headers = {
            name: self.header(name, value) for name, value in exchange.response_headers.items()
        }
        if "content-length" in headers and len(answered) != len(exchange.response_body):
            headers["content-length"] = str(len(answered))
        done = replace(
            exchange,
            uri=self.uri(exchange.uri),
            request_headers={
                name: self.header(name, value) for name, value in exchange.request_headers.items()
            },
            request_body=asked,
            response_headers=headers,
            response_body=answered,
        )
        times = (seconds for seconds, _ in recorded.chunks)
        return replace(recorded, exchange=done, chunks=tuple(zip(times, sizes, strict=True)))

    def learn_header(self, name: str, value: str) -> None:
        """Learn from a header."""
        for start, end in self._in_header(name, value):
            secret = value[start:end]
            self._know(secret, own=True)
            if ":" in (pair := unpacked(secret) or ""):
                self._know(pair.partition(":")[2], own=True)
        self._know_all(self.rules.shapes(value))

    def learn_uri(self, uri: str) -> None:
        """Learn from an address."""
        for start, end in self._in_uri(uri):
            self._know(unquote_plus(uri[start:end]), own=True)
        self._know_all(self.rules.shapes(uri))
        self._know_all(self.rules.shapes(unquote_plus(uri)))

    def learn_param(self, name: str, value: str) -> None:
        """Learn from a query parameter that is decoded."""
        if self.rules.named(name, query=True):
            self._know(value, own=True)
        self._know_all(self.rules.shapes(value))

    def param(self, name: str, value: str) -> str:
        """A query parameter that is decoded, without secrets."""
        if self.rules.named(name, query=True) and not is_placeholder(value):
            return self._applied(value, [Edit(0, len(value), self._placeholder(value), name)])
        return self._applied(value, self._everywhere(value, lambda at: name))

    def learn_body(self, text: str) -> None:
        """Learn from a body."""
        body = Body(text)
        self._know_all(self.rules.spots(body))
        for thread in body.threads:
            self._know_all(self.rules.thread_spots(thread.text, thread.path))

    def header(self, name: str, value: str) -> str:
        """A header's value without secrets."""
        edits = [
            Edit(start, end, self._placeholder(value[start:end]), name)
            for start, end in self._in_header(name, value)
        ]
        return self._applied(value, [*edits, *self._everywhere(value, lambda at: name)])

    def uri(self, uri: str) -> str:
        """An address without secrets."""
        edits = []
        for start, end in self._in_uri(uri):
            name = uri[: start - 1].rpartition("&")[2].rpartition("?")[2]
            placeholder = self._placeholder(unquote_plus(uri[start:end]))
            edits.append(Edit(start, end, placeholder, f"query {name}"))
        return self._applied(uri, [*edits, *self._everywhere(uri, lambda at: "uri")])

    def body(self, text: str) -> str:
        """A body without secrets; also of any other text."""
        return self._applied(text, self._in_body(text, "body"))

    def _edited(
        self, raw: bytes, place: str, sizes: tuple[int, ...]
    ) -> tuple[bytes, tuple[int, ...]]:
        text = text_of(raw)
        edits = merged(self._in_body(text, place))
        if not edits:
            return raw, sizes
        self._count(edits)
        made, moves = rewritten(text, edits)
        return made, resized(sizes, moves)

    def remaining(self, recorded: Recorded) -> list[str]:
        """What still looks like a secret in an exchange that was scrubbed: kinds and places."""
        exchange = recorded.exchange
        found = self.left_in_uri(exchange.uri)
        sides = (
            ("request", exchange.request_headers, exchange.request_body),
            ("response", exchange.response_headers, exchange.response_body),
        )
        for side, headers, raw in sides:
            for name, value in headers.items():
                told = self.left_in_header(name, value)
                found += [f"{one} in the {side}'s header {name}" for one in told]
            if headers.get("content-encoding", "identity") != "identity":
                packed = headers["content-encoding"]
                found.append(
                    f"the {side}'s body is packed as {packed}, so it cannot be looked into"
                )
            told = find_secrets(text_of(raw), self.rules)
            found += [f"{one} of the {side}'s body" for one in told]
        return list(dict.fromkeys(found))

    def left_in_uri(self, uri: str) -> list[str]:
        """What in an address still looks like a secret."""
        return [f"{one.kind} in the address" for one in self.rules.shapes(uri)]

    def left_in_header(self, name: str, value: str) -> list[str]:
        """What in a header's value still looks like a secret."""
        found = [one.kind for one in self.rules.shapes(value)]
        if name.lower() not in _HEADERS_KEPT and self.rules.doubtful(name, value):
            found.append("a random text")
        return found

    def knows_any(self, text: str) -> bool:
        """Whether a value that is replaced everywhere still stands in a text."""
        return any(pattern.search(text) for pattern in self._wide.values())

    def _know_all(self, found: Iterable[Spot | Shape]) -> None:
        for one in found:
            if isinstance(one, Shape):
                self._know(one.value, least=1 if one.whole else _LEAST)
            else:
                self._know(one.value, sure=one.sure)

    def _know(
        self, value: str, *, sure: bool = True, own: bool = False, least: int = _LEAST
    ) -> None:
        # What the user allows is allowed in bodies; the caller's own key never is.
        if value in self._numbers or (is_placeholder if own else self.rules.harmless)(value):
            return
        self._numbers[value] = self._first + len(self._numbers)
        if len(value) >= least and (sure or random_looking(value) or _mixed(value)):
            self._wide[value] = spellings(value)

    def _placeholder(self, value: str) -> str:
        if value not in self._numbers:
            self._know(value, sure=False)
        return f"SCRUBBED-{self._numbers[value]}" if value in self._numbers else value

    def _in_header(self, name: str, value: str) -> Iterator[tuple[int, int]]:
        if not self.rules.named(name) or is_placeholder(value):
            return
        if name.lower() in ("cookie", "set-cookie"):
            pattern = _COOKIE if name.lower() == "cookie" else _FIRST_COOKIE
            spans = [found.span(1) for found in pattern.finditer(value)]
        else:
            scheme = _SCHEME.match(value)
            spans = [(scheme.end() if scheme else 0, len(value))]
        yield from (span for span in spans if not is_placeholder(value[slice(*span)]))

    def _in_uri(self, uri: str) -> Iterator[tuple[int, int]]:
        for found in _PARAM.finditer(uri):
            secret = self.rules.named(unquote_plus(found[1]), query=True)
            if secret and not is_placeholder(unquote_plus(found[2])):
                yield found.span(2)

    def _in_body(self, text: str, place: str) -> list[Edit]:
        body = Body(text)
        edits = []
        for spot in self.rules.spots(body):
            if isinstance(spot, Spot) and (put := self._placeholder(spot.value)) != spot.value:
                put = put if spot.string else f'"{put}"'
                edits.append(Edit(spot.start, spot.end, put, f"{place} {shown(spot.path)}"))
        for thread in body.threads:
            where = f"{place} {shown(thread.path)}"
            spans = [
                (spot.start, spot.end, self._placeholder(spot.value))
                for spot in self.rules.thread_spots(thread.text, thread.path)
                if isinstance(spot, Spot)
            ]
            for edit in self._everywhere(thread.text, lambda at: ""):
                spans.append((edit.start, edit.end, edit.text))
            for start, end, put in spans:
                first, *others = thread.pieces(start, end)
                edits.append(Edit(*first, put, where))
                edits += [Edit(*other, "", "") for other in others]

        def called(at: int) -> str:
            leaf = body.at(at)
            return f"{place} {shown(leaf.path)}" if leaf else place

        return [*edits, *self._everywhere(text, called)]

    def _everywhere(self, text: str, place: _Place) -> Iterator[Edit]:
        for value, pattern in self._wide.items():
            for found in pattern.finditer(text):
                put = replacement(found, f"SCRUBBED-{self._numbers[value]}")
                yield Edit(found.start(), found.end(), put, place(found.start()))

    def _applied(self, text: str, edits: Iterable[Edit]) -> str:
        made, at = [], 0
        done = merged(edits)
        self._count(done)
        for edit in done:
            made += [text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*made, text[at:]])

    def _count(self, edits: Iterable[Edit]) -> None:
        for edit in edits:
            if edit.place:
                place = edit.place
                for value, pattern in self._wide.items():
                    place = pattern.sub(f"SCRUBBED-{self._numbers[value]}", place)
                self.counts[place] += 1


def _mixed(value: str) -> bool:
    return bool(re.search(r"\d", value) and re.search(r"[A-Za-z]", value)) and " " not in value


def scrub_all(
    recorded: Iterable[Recorded], rules: Rules | None = None
) -> tuple[list[Recorded], dict[str, int], list[str]]:
    """All of them scrubbed, what was taken out from where, and what still looks like a secret."""
    scrubber = Scrubber(rules)
    given = list(recorded)
    for one in given:
        scrubber.learn(one)
    clean = [scrubber.scrubbed(one) for one in given]
    left = [
        f"exchange {one.exchange.number}: {what}"
        for one in clean
        for what in scrubber.remaining(one)
    ]
    return clean, dict(sorted(scrubber.counts.items())), list(dict.fromkeys(left))
