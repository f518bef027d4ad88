"""A JSON value that satisfies a schema and uses the prompt's words where they fit.

Every value is checked on its way up, so a branch that leads nowhere gives way to the next one.
What no value satisfies, or what takes too long to find out, ends in a best effort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, TypeAlias

from ...errors import Exhausted
from ...wire.http import Json
from .json_schema import Document, expand, types
from .prompt_values import Offer, is_place, kinds
from .prompt_words import parts, stem
from .regex import samples
from .scalars import Idea, Spot, booleans, listed, numbers, texts
from .validate import holds, item_schemas, matches, member_schemas, same

_FUEL = 60_000
_MANY = 8  # how many items a prompt can ask for; a schema's minItems may ask for more
_MOST = 1000  # items or members are made at most, however many the schema asks for
_NOTHING = object()
_Leaf: TypeAlias = Callable[[Json, Spot, Offer, bool], Iterator[Idea]]
_LEAVES: dict[str, _Leaf] = {
    "string": texts,
    "integer": numbers,
    "number": numbers,
    "boolean": booleans,
    "null": lambda *_: iter((Idea(None),)),
}
_IMPLIED = (
    ("object", ("properties", "required", "additionalProperties", "patternProperties")),
    ("array", ("items", "prefixItems", "minItems", "maxItems", "contains")),
    ("number", ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum")),
)


def fit(schema: Any, offer: Callable[[], Offer], *, thrifty: bool = False) -> tuple[Any, Offer]:
    """A value for the schema, and the offer with what it took.

    `thrifty` is how functions are called: optional members only where the prompt has a value
    for them. Otherwise every member is there, and recursion is shown once.
    """
    for effort in (_Effort(1), _Effort(0, False), _Effort(6, False), _Effort(1, False, False)):
        taking = offer()
        try:
            value = _Fitter(schema, taking, thrifty, effort).value(schema, Spot())
        except (Exhausted, RecursionError):
            continue
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # Something that is no schema stands in a schema's place; refusing it is not ours.
            continue
        if value is not _NOTHING:
            return value, taking
    return {}, offer()


@dataclass(frozen=True, slots=True)
class _Effort:
    """One attempt: how often a reference may lead into itself, what may come, who checks."""

    reentries: int
    optional: bool = True
    strict: bool = True


class _Fitter:
    """Makes values for one schema, taking from one offer."""

    def __init__(self, schema: Any, offer: Offer, thrifty: bool, effort: _Effort) -> None:
        self._document = Document(schema, _FUEL)
        self._offer = offer
        self._thrifty = thrifty
        self._effort = effort

    def value(self, schema: Any, spot: Spot, besides: Sequence[Any] = ()) -> Any:
        """The first idea that satisfies the schema and is none of `besides`, or `_NOTHING`."""
        mark = self._offer.mark()
        self._document.burn(len(besides))
        for plain, refs in expand(schema, self._document, spot.refs, self._effort.reentries):
            for idea in self._ideas(plain, replace(spot, refs=refs)):
                fits = not self._effort.strict or holds(idea.value, schema, self._document)
                if fits and not any(same(idea.value, other) for other in besides):
                    if idea.used:
                        self._offer.take(idea.mention)
                    return idea.value
                self._offer.reset(mark)
        return _NOTHING

    def _ideas(self, schema: Json, spot: Spot) -> Iterator[Idea]:
        self._document.burn()
        if "const" in schema:
            yield Idea(schema["const"])
        elif "enum" in schema:
            yield from listed(schema["enum"], spot, self._offer)
        else:
            for name in types(schema) or [_implied(schema)]:
                yield from self._typed({**schema, "type": name}, spot)

    def _typed(self, schema: Json, spot: Spot) -> Iterator[Idea]:
        if schema["type"] == "object":
            yield from self._objects(schema, spot)
            return
        if schema["type"] == "array":
            yield from self._arrays(schema, spot)
            return
        given = [schema.get("default"), schema.get("example"), *(schema.get("examples") or ())]
        waiting = [Idea(value) for value in given if value is not None and spot.index is None]
        for idea in _LEAVES[schema["type"]](schema, spot, self._offer, self._thrifty):
            if not idea.used:
                yield from waiting
                waiting = []
            yield idea

    def _arrays(self, schema: Json, spot: Spot) -> Iterator[Idea]:
        low, high = min(schema.get("minItems", 0), _MOST), schema.get("maxItems")
        yield Idea(self._items(schema, spot, max(low, 1 if self._thrifty else 2), high))
        if "contains" in schema:
            hits = max(1, schema.get("minContains", 1))
            yield Idea(self._items(schema, spot, max(low, hits), high, schema["contains"], hits))
        yield Idea(self._items(schema, spot, low, low))

    def _items(
        self,
        schema: Json,
        spot: Spot,
        least: int,
        most: int | None,
        contained: Any = True,
        hits: int = 0,
    ) -> list[Any]:
        first, rest = item_schemas(schema)
        unique = schema.get("uniqueItems") is True
        out: list[Any] = []
        for index in count():
            if most is not None and index >= most:
                break
            part = first[index] if index < len(first) else rest
            if least - hits <= index < least:
                part = {"allOf": [part, contained]}
            mark = self._offer.mark()
            item = self.value(part, replace(spot, index=index), out if unique else ())
            asked = index < max(least, len(first))
            said = self._thrifty and index < _MANY and self._enumerated(mark, index)
            # What the schema does not ask for must come from the prompt.
            if item is _NOTHING or not (asked or said):
                self._offer.reset(mark)
                break
            out.append(item)
        return out

    def _enumerated(self, mark: tuple[int, int], index: int) -> bool:
        # True if the item came from the prompt, and from the same enumeration as the one before.
        taken = self._offer.taken
        alike = index == 0 or taken[-1].group == taken[mark[0] - 1].group if taken else True
        return self._offer.uses > mark[1] and alike

    def _objects(self, schema: Json, spot: Spot) -> Iterator[Idea]:
        if self._effort.optional:
            yield Idea(self._members(schema, spot, optional=True))
        yield Idea(self._members(schema, spot, optional=False))

    def _members(self, schema: Json, spot: Spot, *, optional: bool) -> Json:
        properties: Json = schema.get("properties", {})
        required = set(schema.get("required", ()))
        for name, needed in schema.get("dependentRequired", {}).items():
            required |= set(needed) if name in required or optional else set()
        names = [*properties, *sorted(required - set(properties))]
        labels = {name: tuple(parts(name)) for name in names}
        found: Json = {}
        for name in sorted(names, key=lambda name: _claim(properties.get(name), labels[name])):
            if name not in required and not optional:
                continue
            others = [labels[other] for other in names if other != name]
            rivals = {stem(word) for label in others for word in label}
            inner = Spot(
                label=labels[name],
                index=spot.index,
                refs=spot.refs,
                needed=name in required and spot.needed,
                rivals=frozenset(rivals) - {stem(word) for word in labels[name]},
                places=any(map(is_place, others)),
            )
            mark = self._offer.mark()
            value = self.value(_all(member_schemas(schema, name)), inner)
            unasked = self._thrifty and name not in required and self._offer.uses == mark[1]
            if value is not _NOTHING and not unasked:
                found[name] = value
        found = {name: found[name] for name in names if name in found}
        return self._filled(schema, spot, found, optional and not self._thrifty)

    def _filled(self, schema: Json, spot: Spot, found: Json, example: bool) -> Json:
        # A map (members of any name, one schema) shows one member even where it may be empty.
        open_ = schema.get("patternProperties") or schema.get("additionalProperties")
        shown = example and not found and bool(open_) and open_ is not True
        least = min(max(schema.get("minProperties", 0), shown), _MOST)
        for number, name in enumerate(self._names(schema, spot) if least else ()):
            if len(found) >= least or number > 4 * least:
                break
            if name in found:
                continue
            inner = Spot((name,), refs=spot.refs)
            member = self.value(_all(member_schemas(schema, name)), inner)
            if member is not _NOTHING:
                found[name] = member
        return found

    def _names(self, schema: Json, spot: Spot) -> Iterator[str]:
        for pattern in schema.get("patternProperties", {}):
            yield from (name for name in samples(pattern) if matches(pattern, name))
        names = {"allOf": [{"type": "string"}, schema.get("propertyNames", True)]}
        seen: list[str] = []
        for number in count():
            name = self.value(names, Spot(("key",), number, spot.refs), seen)
            if name is _NOTHING:
                return
            seen.append(name)
            yield name


def _claim(schema: Any, label: tuple[str, ...]) -> int:
    # Members with a narrow claim choose first, so that a free text does not take their value.
    narrow = isinstance(schema, dict) and ("enum" in schema or "format" in schema)
    return 0 if narrow or is_place(label) else 1 if kinds(label, None)[0] != "quoted" else 2


def _all(schemas: list[Any]) -> Any:
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}


def _implied(schema: Json) -> str:
    named = (name for name, words in _IMPLIED if any(word in schema for word in words))
    return next(named, "string")
