"""Define the template of a create: all that does not depend on the text of its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ...model.prose import quote_words
from ...model.thought import count_thought_tokens
from ...protocol.ask import Ask
from ...protocol.clock import format_time
from ...protocol.ids import InteractionId
from ...protocol.steps import split_text
from ...protocol.tokens import estimate_tokens
from ...wire.json_text import dump_json
from ..ask_ids import digest_of, dump_sorted
from .conditions import Conditions
from .text_slots import Sum, count_sums


class Around(NamedTuple):
    """What stands before and behind a text."""

    before: str
    after: str

    def fill(self, text: str) -> str:
        """Return both with a text in between."""
        return f"{self.before}{text}{self.after}"


class EventPatterns(NamedTuple):
    """The events of a stream: those before the pieces of its text, a piece, and those behind."""

    opening: str
    piece: Around
    ending: str


class FilledTexts(NamedTuple):
    """One answer out of a template: its id, its signature (empty where it has none), its values."""

    id: InteractionId | None
    signature: str
    prose: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnswerTemplate:
    """One create without its text, and the answer to it.

    `ask` is that of the probe. `body` is the body with sorted members around the text, `prose` the
    answer around the words it quotes, `base_tokens` what the model reads besides the text.
    `answer` and `events` are patterns; `sums` are the numbers that they need, by their slots.
    `step_types` are those of its steps; `is_signed` says whether its thought is.
    """

    conditions: Conditions
    ask: Ask
    body: Around
    prose: Around
    base_tokens: int
    answer: str
    events: EventPatterns
    sums: tuple[tuple[str, Sum], ...]
    step_types: tuple[str, ...]
    is_signed: bool

    @property
    def subject(self) -> str:
        """Return the model as the request names it."""
        return str(self.ask.body["model"])

    def digest(self, text: str) -> str:
        """Return the digest of the body with this text."""
        return digest_of(self.body.fill(dump_sorted(text)))

    def fill(self, text: str, digest: str, number: int, second: int, now: float) -> FilledTexts:
        """Make the answer to a text: the `number`-th of its body, begun in that Unix second."""
        ids = self.conditions.make_ids(self.ask, digest, number)
        own_half = ids.own_half(second)
        signature = ids.signature() if self.is_signed else ""
        identifier = InteractionId(own_half, own_half) if self.ask.store else None
        quoted_words = quote_words(text)
        prose = self.prose.fill(quoted_words)
        values: dict[str, Any] = count_sums(
            self.sums,
            self.base_tokens + estimate_tokens(text),
            estimate_tokens(prose),
            count_thought_tokens(self.ask.config, text),
        )
        values["id"] = str(identifier)
        values["time"] = format_time(now)
        values["signature"] = signature
        values["words"] = dump_json(quoted_words)[1:-1]
        return FilledTexts(identifier, signature, prose, values)

    def spell_answer(self, filled: FilledTexts) -> bytes:
        """Write the answer as JSON."""
        return (self.answer % filled.values).encode()

    def spell_events(self, filled: FilledTexts) -> bytes:
        """Write the answer as the frames of a stream."""
        opening, piece, ending = self.events
        pieces = [piece.fill(dump_json(part)[1:-1]) for part in split_text(filled.prose)]
        parts = (opening % filled.values, *pieces, ending % filled.values)
        return "".join(parts).encode()
