"""Make a JSON value that satisfies a schema and uses the prompt's words where they fit.

Every value is checked on its way up, so a branch that leads nowhere gives way to the next one.
A schema that no value satisfies, or that takes too long, gets a value that comes close to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, NamedTuple, TypeAlias

from ...errors import StepLimitReached
from ...wire.http import Json
from ...wire.json_paths import JsonPath
from .json_schema import TYPES, SchemaDocument, expand, type_names
from .labels import is_place, mention_kinds
from .prompt_values import PromptValues
from .regex import sample_texts
from .scalars import (
    Candidate,
    Slot,
    boolean_candidates,
    enum_candidates,
    number_candidates,
    text_candidates,
)
from .schema_patterns import matches_pattern
from .validate import is_equal_json, is_valid, item_schemas, member_schemas
from .words import split_identifier, stem

_MAX_STEPS = 60_000  # for one schema; no honest one needs as many
_MAX_PROMPT_ITEMS = 8  # items that a prompt can ask for; a schema's minItems may ask for more
_MAX_SIZE = 1000  # items or members that are made, however many the schema asks for
_MAX_RIVALS = 500  # members that share the words of a prompt among them
_MAX_WIDE_DEPTH = 4  # lists inside of lists that have more than the items they need
_MAX_VARIANTS = 48  # objects that are tried beside those of the same list that are there
_NO_VALUE = object()
_ScalarMaker: TypeAlias = Callable[[Json, Slot, PromptValues, bool], Iterator[Candidate]]
_SCALAR_MAKERS: dict[str, _ScalarMaker] = {
    "string": text_candidates,
    "integer": number_candidates,
    "number": number_candidates,
    "boolean": boolean_candidates,
    "null": lambda *_: iter((Candidate(None),)),
}
_TYPE_KEYWORDS = (
    ("object", ("properties", "required", "additionalProperties", "patternProperties")),
    ("array", ("items", "prefixItems", "minItems", "maxItems", "contains")),
    ("number", ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum")),
)


def fit(
    schema: Any, new_prompt_values: Callable[[], PromptValues], *, for_call: bool = False
) -> Fitted:
    """Return a value for the schema, and the prompt values with those that it used.

    `for_call` is how functions are called: optional members only where the prompt has a value
    for them. Otherwise every member is there, and a recursive schema enters itself once. Each
    attempt begins with new prompt values. Where no value fits a member, the others fit all the
    same, and that place is in `misfits`. The value is `{}` where nothing fits at all.
    """
    for effort in (_Effort(1), _Effort(0, False), _Effort(6, False), _Effort(1, False, False)):
        prompt_values = new_prompt_values()
        try:
            fitter = _Fitter(schema, prompt_values, for_call, effort)
            value = fitter.find_root()
        except (StepLimitReached, RecursionError):
            continue
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # Something that is no schema is in a schema's place; the server's refusals judge that.
            continue
        if value is not _NO_VALUE:
            return Fitted(value, prompt_values, tuple(fitter.misfits))
    return Fitted({}, new_prompt_values(), (Misfit((), schema),))


class Misfit(NamedTuple):
    """A place of a value for which no value was found that fits its schema."""

    path: JsonPath
    schema: Any


class Fitted(NamedTuple):
    """A value for a schema, the prompt values with those it used, and where it does not fit."""

    value: Any
    prompt_values: PromptValues
    misfits: tuple[Misfit, ...] = ()


@dataclass(frozen=True, slots=True)
class _Effort:
    """One attempt to fit a schema.

    `reentries` is how often a reference may lead into itself, `optional` whether members that
    are not required are made. With `strict` every value must fit; without it, a place for which
    there is none has the first one that was tried.
    """

    reentries: int
    optional: bool = True
    strict: bool = True


class _Fitter:
    """Make values for one schema out of the values of one prompt."""

    def __init__(
        self, schema: Any, prompt_values: PromptValues, for_call: bool, effort: _Effort
    ) -> None:
        self._document = SchemaDocument(schema, _MAX_STEPS)
        self._prompt_values = prompt_values
        self._for_call = for_call
        self._effort = effort
        self.misfits: list[Misfit] = []

    def find_root(self) -> Any:
        """Return a value for the whole schema, or `_NO_VALUE`."""
        return self.find_value(self._document.root, Slot())

    def find_value(self, schema: Any, slot: Slot, excluded_values: Sequence[Any] = ()) -> Any:
        """Return the first candidate that fits and is not excluded, or `_NO_VALUE`."""
        mark = self._prompt_values.mark()
        misfit_count = len(self.misfits)
        fallback: tuple[Any, list[Misfit]] | None = None
        self._document.count_steps(len(excluded_values))
        for plain, refs in expand(schema, self._document, slot.refs, self._effort.reentries):
            for candidate in self._candidates(plain, replace(slot, refs=refs)):
                if is_valid(candidate.value, schema, self._document) and not any(
                    is_equal_json(candidate.value, excluded_value)
                    for excluded_value in excluded_values
                ):
                    if candidate.from_prompt:
                        self._prompt_values.take(candidate.mention)
                    return candidate.value
                inner_misfits = self.misfits[misfit_count:]
                fallback = fallback or (candidate.value, inner_misfits)
                del self.misfits[misfit_count:]
                self._prompt_values.reset(mark)
        if self._effort.strict or fallback is None:
            return _NO_VALUE
        value, inner_misfits = fallback
        self.misfits += inner_misfits or [Misfit(slot.path, schema)]
        return value

    def _candidates(self, schema: Json, slot: Slot) -> Iterator[Candidate]:
        self._document.count_steps()
        if "const" in schema:
            yield Candidate(schema["const"])
        elif "enum" in schema:
            yield from enum_candidates(schema["enum"], slot, self._prompt_values)
        else:
            for type_name in type_names(schema) or _implied_types(schema):
                yield from self._typed_candidates({**schema, "type": type_name}, slot)

    def _typed_candidates(self, schema: Json, slot: Slot) -> Iterator[Candidate]:
        if schema["type"] == "object":
            yield from self._object_candidates(schema, slot)
            return
        if schema["type"] == "array":
            yield from self._array_candidates(schema, slot)
            return
        examples = [schema.get("default"), schema.get("example"), *(schema.get("examples") or ())]
        example_candidates = [
            Candidate(value) for value in examples if value is not None and slot.index is None
        ]
        for candidate in _SCALAR_MAKERS[schema["type"]](
            schema, slot, self._prompt_values, self._for_call
        ):
            if not candidate.from_prompt:
                yield from example_candidates
                example_candidates = []
            yield candidate

    def _array_candidates(self, schema: Json, slot: Slot) -> Iterator[Candidate]:
        low, high = min(schema.get("minItems", 0), _MAX_SIZE), schema.get("maxItems")
        wide = not self._for_call and slot.depth < _MAX_WIDE_DEPTH
        yield Candidate(self._make_items(schema, slot, max(low, 2 if wide else 1), high))
        if "contains" in schema:
            hits = max(1, schema.get("minContains", 1))
            yield Candidate(
                self._make_items(schema, slot, max(low, hits), high, schema["contains"], hits)
            )
        yield Candidate(self._make_items(schema, slot, low, low))

    def _make_items(
        self,
        schema: Json,
        slot: Slot,
        min_count: int,
        max_count: int | None,
        contains_schema: Any = True,
        hits: int = 0,
    ) -> list[Any]:
        prefix_schemas, rest_schema = item_schemas(_close(schema, "items", "unevaluatedItems"))
        unique = schema.get("uniqueItems") is True
        items: list[Any] = []
        for index in count():
            if max_count is not None and index >= max_count:
                break
            is_required = index < max(min_count, len(prefix_schemas))
            if not is_required and not (self._for_call and slot.depth < _MAX_WIDE_DEPTH):
                break
            item_schema = prefix_schemas[index] if index < len(prefix_schemas) else rest_schema
            if min_count - hits <= index < min_count:
                item_schema = {"allOf": [item_schema, contains_schema]}
            mark = self._prompt_values.mark()
            inner_slot = replace(
                slot,
                index=index,
                depth=slot.depth + 1,
                is_distinct=unique,
                path=(*slot.path, index),
            )
            item = self.find_value(item_schema, inner_slot, items if unique else ())
            is_enumerated = (
                self._for_call
                and index < _MAX_PROMPT_ITEMS
                and self._continues_enumeration(mark, index)
            )
            # An item that the schema does not ask for must come from the prompt.
            if item is _NO_VALUE or not (is_required or is_enumerated):
                self._prompt_values.reset(mark)
                break
            items.append(item)
        return items

    def _continues_enumeration(self, mark: tuple[int, int], index: int) -> bool:
        """Return whether the item is from the prompt, in the enumeration of the one before."""
        mentions = self._prompt_values.used_mentions
        same_group = (
            index == 0 or mentions[-1].group == mentions[mark[0] - 1].group if mentions else True
        )
        return self._prompt_values.use_count > mark[1] and same_group

    def _object_candidates(self, schema: Json, slot: Slot) -> Iterator[Candidate]:
        if self._effort.optional:
            yield Candidate(self._make_members(schema, slot, optional=True))
        yield Candidate(self._make_members(schema, slot, optional=False))
        for variant in range(1, _MAX_VARIANTS if slot.is_distinct else 0):
            varied_slot = replace(slot, variant=variant)
            yield Candidate(self._make_members(schema, varied_slot, optional=True))

    def _make_members(self, schema: Json, slot: Slot, *, optional: bool) -> Json:
        schema = _close(schema, "additionalProperties", "unevaluatedProperties")
        properties: Json = schema.get("properties", {})
        required = set(schema.get("required", ()))
        for name, dependents in schema.get("dependentRequired", {}).items():
            required |= set(dependents) if name in required or optional else set()
        names = [*properties, *sorted(required - set(properties))]
        labels = {name: tuple(split_identifier(name)) for name in names}
        place_count = sum(map(is_place, labels.values()))
        # Among so many names, none has a better claim on a word of the prompt than its neighbour.
        stems = {stem(word) for label in labels.values() for word in label}
        all_stems = frozenset(stems if len(names) <= _MAX_RIVALS else ())
        members: Json = {}
        varies = slot.variant > 0
        ranked = sorted(names, key=lambda name: _claim_rank(properties.get(name), labels[name]))
        for position, name in enumerate(ranked):
            if name not in required and not optional:
                continue
            beside_place = place_count > is_place(labels[name])
            member_slot = Slot(
                label=labels[name],
                # Each member takes its next value half as often as the one before it.
                index=(slot.index or 0) + (slot.variant >> position) if varies else slot.index,
                depth=slot.depth,
                refs=slot.refs,
                required=name in required and slot.required,
                path=(*slot.path, name),
                rivals=all_stems - {stem(word) for word in labels[name]},
                beside_place=beside_place,
            )
            mark = self._prompt_values.mark()
            value = self.find_value(_all_of(member_schemas(schema, name)), member_slot)
            is_unprompted = (
                self._for_call and name not in required and self._prompt_values.use_count == mark[1]
            )
            if value is not _NO_VALUE and not is_unprompted:
                members[name] = value
        members = {name: members[name] for name in names if name in members}
        return self._add_members(schema, slot, members, optional and not self._for_call)

    def _add_members(self, schema: Json, slot: Slot, members: Json, with_example: bool) -> Json:
        """Add the members that the schema counts but does not name.

        A map (members of any name, one schema) has one member as an example even where it may be
        empty.
        """
        map_schema = schema.get("patternProperties") or schema.get("additionalProperties")
        shows_member = with_example and not members and bool(map_schema) and map_schema is not True
        min_count = min(max(schema.get("minProperties", 0), shows_member), _MAX_SIZE)
        for number, name in enumerate(self._invent_names(schema, slot) if min_count else ()):
            if len(members) >= min_count or number > 4 * min_count:
                break
            if name in members:
                continue
            member_slot = Slot((name,), refs=slot.refs, path=(*slot.path, name))
            member = self.find_value(_all_of(member_schemas(schema, name)), member_slot)
            if member is not _NO_VALUE:
                members[name] = member
        return members

    def _invent_names(self, schema: Json, slot: Slot) -> Iterator[str]:
        """Yield names that match the schema's patterns, then names like `key`, each once."""
        for pattern in schema.get("patternProperties", {}):
            yield from (name for name in sample_texts(pattern) if matches_pattern(pattern, name))
        names = {"allOf": [{"type": "string"}, schema.get("propertyNames", True)]}
        used_names: list[str] = []
        for number in count():
            name = self.find_value(names, Slot(("key",), number, slot.refs), used_names)
            if name is _NO_VALUE:
                return
            used_names.append(name)
            yield name


def _claim_rank(schema: Any, label: tuple[str, ...]) -> int:
    """Return a member's rank: those that few values suit choose first, free texts last."""
    narrow = isinstance(schema, dict) and ("enum" in schema or "format" in schema)
    return 0 if narrow or is_place(label) else 1 if mention_kinds(label, None)[0] != "quoted" else 2


def _close(schema: Json, keyword: str, unevaluated: str) -> Json:
    """Return a plain schema whose `unevaluated…` says the same as the keyword beside it."""
    if unevaluated not in schema or keyword in schema:
        return schema
    return {**schema, keyword: schema[unevaluated]}


def _all_of(schemas: list[Any]) -> Any:
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}


def _implied_types(schema: Json) -> list[str]:
    """Return the types to try of a schema that names none: first those that its keywords imply."""
    implied = [name for name, words in _TYPE_KEYWORDS if any(word in schema for word in words)]
    return list(dict.fromkeys([*implied, "string", "integer", *TYPES]))
