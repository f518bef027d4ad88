"""Offer candidates for the values that hold no others: texts, numbers, booleans, enum values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...wire.http import Json
from ...wire.json_paths import JsonPath
from ..quoting import shorten_quote
from .formats import FORMATS
from .labels import is_place, is_title, is_whole_prompt, mention_kinds
from .mentions import Mention
from .numbers import numbers_in_bounds
from .prompt_subject import find_place, find_subject
from .prompt_values import PromptValues
from .strings import string_candidates
from .words import SEARCHED_LENGTH, split_identifier, stem, word_set

_MAX_TOPIC = 40  # characters of a topic that read well behind a label
_MAX_PROMPT = 200  # characters of a prompt that is an argument as it is
_NEGATIONS = frozenset(map(stem, word_set("not no without off false disable never")))


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a value in the schema.

    `label` are the words of its name, `index` its position in a list (None outside of lists),
    `refs` the references passed on the way, `required` whether it must be there, `rivals` the
    stems of its siblings' names, `beside_place` whether a sibling holds a place. `depth` is how
    many lists are around it, `is_distinct` whether no two items of its list may be the same, and
    `variant` which of the objects for the same place it is. `path` leads there.
    """

    label: tuple[str, ...] = ()
    index: int | None = None
    refs: tuple[str, ...] = ()
    required: bool = True
    rivals: frozenset[str] = frozenset()
    beside_place: bool = False
    depth: int = 0
    is_distinct: bool = False
    variant: int = 0
    path: JsonPath = ()


class Candidate(NamedTuple):
    """A value to try: whether it comes from the prompt, and the mention that it then uses up."""

    value: Any
    from_prompt: bool = False
    mention: Mention | None = None


def enum_candidates(
    values: list[Any], slot: Slot, prompt_values: PromptValues
) -> Iterator[Candidate]:
    """Yield the values of an enum: first those that the prompt names, in its order."""
    terms = [(prompt_values.find_term(value), value) for value in values if isinstance(value, str)]
    mentioned_values = [(mention.start, mention, value) for mention, value in terms if mention]
    for _, mention, value in sorted(mentioned_values, key=lambda entry: entry[0]):
        yield Candidate(value, True, mention)
    shift = (slot.index or 0) % max(1, len(values))
    yield from (Candidate(value) for value in (*values[shift:], *values[:shift]))


def text_candidates(
    schema: Json, slot: Slot, prompt_values: PromptValues, for_call: bool
) -> Iterator[Candidate]:
    """Yield texts: the prompt's own where one suits the name or format, then invented ones."""
    format_name = schema["format"] if schema.get("format") in FORMATS else None
    suitable_kinds = mention_kinds(slot.label, format_name)
    mentions = prompt_values.find_mentions(suitable_kinds, slot.label, slot.rivals)
    for mention in sorted(mentions, key=lambda mention: suitable_kinds.index(mention.kind)):
        yield Candidate(str(mention.value), True, mention)
    if format_name == "date-time":
        for mention in prompt_values.find_mentions(("date",), slot.label, slot.rivals):
            yield Candidate(f"{mention.value}T00:00:00Z", True, mention)
    if format_name is None and for_call:
        yield from _argument_candidates(slot, prompt_values)
    topic, label = find_subject(prompt_values.text), " ".join(slot.label) or "text"
    if slot.index is not None:
        label = f"{_singular(label)} {slot.index + 1}"
    if format_name is None and for_call and slot.required and slot.index is None and topic:
        yield Candidate((find_place(prompt_values.text) if is_place(slot.label) else "") or topic)
    uses_topic = slot.index is None and is_title(slot.label)
    phrase = f"{label} for {topic}" if 0 < len(topic) <= _MAX_TOPIC else label
    phrase = topic if uses_topic and topic else phrase
    for attempt in range(3):
        text = f"{label} {attempt + 1}" if attempt else phrase
        yield from map(Candidate, string_candidates(schema, text, (slot.index or 0) + attempt))


def _argument_candidates(slot: Slot, prompt_values: PromptValues) -> Iterator[Candidate]:
    """Yield texts of the prompt for an argument whose name and format led to none."""
    label_stems = {stem(word) for word in slot.label}
    for mention in prompt_values.find_mentions(("number",), slot.label, slot.rivals):
        if mention.nearby_stems & label_stems:
            yield Candidate(str(mention.value), True, mention)
    if is_place(slot.label):
        return
    # Rather than no argument at all: a name that nobody else has a better claim on.
    has_claim = is_title(slot.label) or mention_kinds(slot.label, None)[0] != "quoted"
    only_near = not slot.required or slot.beside_place or has_claim
    loose_kinds = ("name", "date", "time", "url", "email")
    for mention in prompt_values.find_mentions(
        loose_kinds, slot.label, slot.rivals, only_near=only_near
    ):
        if not is_whole_prompt(slot.label):
            yield Candidate(str(mention.value), True, mention)
    if prompt_values.text and is_whole_prompt(slot.label):
        yield Candidate(shorten_quote(prompt_values.text, _MAX_PROMPT), True)


def number_candidates(
    schema: Json, slot: Slot, prompt_values: PromptValues, for_call: bool
) -> Iterator[Candidate]:
    """Yield the prompt's numbers in their order, then small ones inside the bounds."""
    only_near = for_call and not slot.required
    for mention in prompt_values.find_mentions(
        ("number",), slot.label, slot.rivals, only_near=only_near
    ):
        yield Candidate(mention.value, True, mention)
    integer = schema["type"] == "integer"
    yield from map(
        Candidate, numbers_in_bounds(schema, integer=integer, target=1 + (slot.index or 0))
    )


def boolean_candidates(
    _: Json, slot: Slot, prompt_values: PromptValues, for_call: bool
) -> Iterator[Candidate]:
    """Yield true and then false, the other way round where the prompt denies something.

    In a list they alternate.
    """
    prompt_stems = {stem(word) for word in split_identifier(prompt_values.text[:SEARCHED_LENGTH])}
    from_prompt = bool({stem(word) for word in slot.label} & prompt_stems)
    value = not prompt_stems & _NEGATIONS and (slot.index or 0) % 2 == 0
    yield Candidate(value, from_prompt)
    yield Candidate(not value)


def _singular(label: str) -> str:
    if label.endswith("ies") and len(label) > 4:
        return label[:-3] + "y"
    return label if label.endswith("ss") else label.removesuffix("s")
