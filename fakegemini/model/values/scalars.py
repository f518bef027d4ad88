"""Ideas for the values that hold no others: texts, numbers, booleans, one of a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...wire.http import Json
from .numbers import figures
from .prompt_values import Offer, is_place, is_title, kinds
from .prompt_words import Mention, parts, place, shorten, stem, subject, words
from .strings import FORMATS, shaped

_WHOLE = words("query text prompt question message input content body search q")
_SHORT = 40  # characters of a topic that read well behind a label
_NO = frozenset(map(stem, words("not no without off false disable never")))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value goes.

    `label` are the words of its name, `index` its position in a list, `refs` the references
    passed on the way, `needed` whether it must be there, `rivals` the stems of its siblings'
    names, `places` whether a sibling holds a place.
    """

    label: tuple[str, ...] = ()
    index: int | None = None
    refs: tuple[str, ...] = ()
    needed: bool = True
    rivals: frozenset[str] = frozenset()
    places: bool = False


class Idea(NamedTuple):
    """A value to try; `used` says that it comes from the prompt, `mention` what it takes."""

    value: Any
    used: bool = False
    mention: Mention | None = None


def listed(values: list[Any], spot: Spot, offer: Offer) -> Iterator[Idea]:
    """The values of an enum: those that the prompt names first."""
    said = [(offer.term(value), value) for value in values if isinstance(value, str)]
    spoken = [(found.at, found, value) for found, value in said if found]
    for _, found, value in sorted(spoken, key=lambda item: item[0]):
        yield Idea(value, True, found)
    turn = (spot.index or 0) % max(1, len(values))
    yield from (Idea(value) for value in (*values[turn:], *values[:turn]))


def texts(schema: Json, spot: Spot, offer: Offer, thrifty: bool) -> Iterator[Idea]:
    """Texts: the prompt's own where one suits the name or format, else invented ones."""
    form = schema["format"] if schema.get("format") in FORMATS else None
    wanted = kinds(spot.label, form)
    mentions = offer.of(wanted, spot.label, spot.rivals)
    for mention in sorted(mentions, key=lambda one: wanted.index(one.kind)):
        yield Idea(str(mention.value), True, mention)
    if form == "date-time":
        for mention in offer.of(("date",), spot.label, spot.rivals):
            yield Idea(f"{mention.value}T00:00:00Z", True, mention)
    if form is None and thrifty:
        yield from _spoken(spot, offer)
    topic, label = subject(offer.text), " ".join(spot.label) or "text"
    if spot.index is not None:
        label = f"{_singular(label)} {spot.index + 1}"
    if form is None and thrifty and spot.needed and spot.index is None and topic:
        yield Idea((place(offer.text) if is_place(spot.label) else "") or topic)
    titled = spot.index is None and is_title(spot.label)
    phrase = f"{label} for {topic}" if 0 < len(topic) <= _SHORT else label
    phrase = topic if titled and topic else phrase
    for further in range(3):
        text = f"{label} {further + 1}" if further else phrase
        yield from map(Idea, shaped(schema, text, (spot.index or 0) + further))


def _spoken(spot: Spot, offer: Offer) -> Iterator[Idea]:
    own = {stem(word) for word in spot.label}
    for mention in offer.of(("number",), spot.label, spot.rivals):
        if mention.around & own:
            yield Idea(str(mention.value), True, mention)
    if is_place(spot.label):
        return
    # Rather than no argument at all: a name that nobody else has a better claim on.
    claimed = is_title(spot.label) or kinds(spot.label, None)[0] != "quoted"
    near = not spot.needed or spot.places or claimed
    loose = ("name", "date", "time", "url", "email")
    for mention in offer.of(loose, spot.label, spot.rivals, near=near):
        if not _WHOLE & set(spot.label):
            yield Idea(str(mention.value), True, mention)
    if offer.text and _WHOLE & set(spot.label):
        yield Idea(shorten(offer.text, 200), True)


def numbers(schema: Json, spot: Spot, offer: Offer, thrifty: bool) -> Iterator[Idea]:
    """Numbers in order of mention, then small ones inside the bounds."""
    near = thrifty and not spot.needed
    for mention in offer.of(("number",), spot.label, spot.rivals, near=near):
        yield Idea(mention.value, True, mention)
    whole = schema["type"] == "integer"
    yield from map(Idea, figures(schema, whole=whole, wanted=1 + (spot.index or 0)))


def booleans(_: Json, spot: Spot, offer: Offer, thrifty: bool) -> Iterator[Idea]:
    """True, unless the prompt denies something."""
    said = {stem(word) for word in parts(offer.text[:4000])}
    used = bool({stem(word) for word in spot.label} & said)
    yes = not said & _NO and (spot.index or 0) % 2 == 0
    yield Idea(yes, used)
    yield Idea(not yes)


def _singular(label: str) -> str:
    if label.endswith("ies") and len(label) > 4:
        return label[:-3] + "y"
    return label if label.endswith("ss") else label.removesuffix("s")
