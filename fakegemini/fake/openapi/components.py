"""Turn the schemas into components that code generators read as tagged unions.

The files tell types apart by conditions (`if` the tag, `then` the file), so that a validator
reports a fault for the one type that was meant. Generators of types do not read conditions. Here a
dispatcher becomes `oneOf` with a discriminator, a value of several types becomes `anyOf` of one
schema each, and a `$ref` that something is added to becomes one object. The same values pass, but
for objects with a tag that no schema names.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...protocol.schemas import load_schema, schema_names
from ...wire.http import Json

REFERENCE = "#/components/schemas/"
"""What a `$ref` to a component begins with; its name follows."""

_ANNOTATIONS = frozenset({"title", "description", "deprecated", "examples", "$comment"})
_OF_ONE_FILE = frozenset({"$schema", "$id", "$defs"})
_CONDITION = frozenset({"if", "then", "else"})
_KEYWORDS_OF_TYPE = {
    "object": frozenset({"properties", "required", "additionalProperties", "minProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"pattern", "minLength", "maxLength", "format"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
}
_OF_SOME_TYPE = frozenset().union(*_KEYWORDS_OF_TYPE.values())


def build_components() -> dict[str, Json]:
    """Build the component of every schema, by name: `FunctionCallStep`, `CreateRequest`."""
    builder = _Builder()
    for name in schema_names():
        builder.refer(_Place(name))
    return dict(sorted(builder.components.items()))


def refer_to_schema(name: str) -> Json:
    """Return the `$ref` to the component of a schema, `interactions/create`."""
    return {"$ref": f"{REFERENCE}{_Place(name).component}"}


@dataclass(frozen=True, slots=True)
class _Place:
    """A schema file, or a definition in it."""

    file: str
    definition: str = ""

    @property
    def schema(self) -> Json:
        """The schema as its file has it."""
        contents = load_schema(self.file)
        schema: Json = contents["$defs"][self.definition] if self.definition else contents
        return schema

    @property
    def component(self) -> str:
        """The name of the component: the title of the file, and the definition."""
        return _join_words(load_schema(self.file)["title"], self.definition)

    def resolve(self, reference: str) -> _Place:
        """Return the place that a `$ref` in this file leads to."""
        path, _, pointer = reference.partition("#")
        folder = posixpath.dirname(self.file)
        file = posixpath.normpath(posixpath.join(folder, path))[: -len(".json")]
        return _Place(file if path else self.file, pointer.removeprefix("/$defs/"))


def _join_words(*texts: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", " ".join(texts))
    return "".join(word[0].upper() + word[1:] for word in words)


@dataclass(slots=True)
class _Builder:
    components: dict[str, Json] = field(default_factory=dict)

    def refer(self, place: _Place) -> Json:
        """Return the `$ref` to the component of a place, which is built if it is not there."""
        if place.component not in self.components:
            self.components[place.component] = {}  # a schema may lead to itself
            self.components[place.component] = self._convert(place.schema, place)
        return {"$ref": f"{REFERENCE}{place.component}"}

    def _convert(self, schema: Any, place: _Place) -> Any:
        if not isinstance(schema, dict):
            return schema
        schema = {key: value for key, value in schema.items() if key not in _OF_ONE_FILE}
        if tag := _tag_of_dispatcher(schema):
            return self._convert_dispatcher(tag, schema, place)
        if "$ref" in schema:
            return self._convert_reference(schema, place)
        if _depends_on_type(schema):
            return self._convert_types(schema, place)
        return {
            keyword: self._convert_keyword(keyword, value, place)
            for keyword, value in schema.items()
        }

    def _convert_keyword(self, keyword: str, value: Any, place: _Place) -> Any:
        if keyword == "properties":
            return {name: self._convert(member, place) for name, member in value.items()}
        if keyword in {"items", "additionalProperties"}:
            return self._convert(value, place)
        return value

    def _convert_reference(self, schema: Json, place: _Place) -> Json:
        target = place.resolve(schema.pop("$ref"))
        if schema.keys() <= _ANNOTATIONS:
            return {**self.refer(target), **schema}
        return _merge(self._convert(target.schema, target), self._convert(schema, place))

    def _convert_dispatcher(self, tag: str, schema: Json, place: _Place) -> Json:
        union = place.component
        mapping: dict[str, str] = {}
        alternatives: list[Json] = []
        for condition in schema["allOf"]:
            value = condition["if"].get("properties", {}).get(tag, {}).get("const")
            if value is None:  # what has no tag
                untagged = self._convert(condition["then"].get("then", condition["then"]), place)
                no_tag = {"not": {"required": [tag]}}
                alternatives.append(_merge(self._resolve_component(untagged), no_tag))
                continue
            alternative = self._convert(condition["then"], place)
            if alternative.keys() != {"$ref"}:
                alternative = self._add(_join_words(value, union), alternative)
            mapping[value] = alternative["$ref"]
            alternatives.append(alternative)
        annotations = {key: value for key, value in schema.items() if key in _ANNOTATIONS}
        if tag not in schema.get("required", ()):
            if len(alternatives) == len(mapping):
                of_tag = {"properties": {tag: {"enum": [*mapping]}}, "required": [tag]}
                alternatives.append({"type": "object", "not": of_tag})
            return {**annotations, "anyOf": alternatives}
        for value in schema["properties"][tag].get("enum", ()):
            if value not in mapping:
                bare = {"type": "object", "required": [tag], "properties": {tag: {"const": value}}}
                alternative = self._add(_join_words(value, union), bare)
                mapping[value] = alternative["$ref"]
                alternatives.append(alternative)
        discriminator = {"propertyName": tag, "mapping": mapping}
        return {**annotations, "oneOf": alternatives, "discriminator": discriminator}

    def _add(self, name: str, schema: Json) -> Json:
        if self.components.setdefault(name, schema) != schema:
            raise ValueError(f"two components would be called {name}")
        return {"$ref": f"{REFERENCE}{name}"}

    def _convert_types(self, schema: Json, place: _Place) -> Json:
        annotations = {key: value for key, value in schema.items() if key in _ANNOTATIONS}
        alternatives = [self._convert_type(schema, name, place) for name in _types_of(schema)]
        if len(alternatives) == 1:
            return {**alternatives[0], **annotations}
        return {**annotations, "anyOf": alternatives}

    def _convert_type(self, schema: Json, name: str, place: _Place) -> Json:
        """Return what a schema says of the values of one type."""
        foreign = _OF_SOME_TYPE - _KEYWORDS_OF_TYPE.get(
            "number" if name == "integer" else name, set()
        )
        common = {
            key: value
            for key, value in schema.items()
            if key not in foreign | _ANNOTATIONS | _CONDITION | {"allOf", "type"}
        }
        parts: list[Json] = [self._convert({"type": name, **common}, place)]
        for condition in _type_conditions(schema):
            test = condition["if"]
            branch = condition.get("then" if test["type"] == name else "else")
            if branch is not None and name in _types_of({"type": name, **branch}):
                parts.append(self._convert(branch, place))
                if test["type"] == name and "required" in test:
                    parts.append({"required": test["required"]})
        if parts[0] == {"type": name} and len(parts) == 2 and "$ref" in parts[1]:
            return parts[1]
        merged = parts[0]
        for part in parts[1:]:
            merged = _merge(merged, self._resolve_component(part))
        return merged

    def _resolve_component(self, schema: Json) -> Json:
        reference = schema.get("$ref")
        return self.components[reference.removeprefix(REFERENCE)] if reference else schema


def _tag_of_dispatcher(schema: Json) -> str | None:
    for condition in schema.get("allOf", ()):
        for name, member in condition.get("if", {}).get("properties", {}).items():
            if "const" in member:
                tag: str = name
                return tag
    return None


def _types_of(schema: Json) -> list[str]:
    types = schema["type"]
    return list(types) if isinstance(types, list) else [types]


def _type_conditions(schema: Json) -> Iterator[Json]:
    for candidate in (schema, *schema.get("allOf", ())):
        if "type" in candidate.get("if", {}):
            yield candidate


def _depends_on_type(schema: Json) -> bool:
    if any(_type_conditions(schema)):
        return True
    return isinstance(schema.get("type"), list) and not _OF_SOME_TYPE.isdisjoint(schema)


def _merge(base: Json, addition: Json) -> Json:
    """Return one schema that says what two say; a member that the second forbids is not named."""
    merged = {**base, **addition}
    members = {**base.get("properties", {}), **addition.get("properties", {})}
    forbidden = [name for name, member in members.items() if member is False]
    if members:
        merged["properties"] = {
            name: member for name, member in members.items() if member is not False
        }
    if forbidden:
        merged["not"] = {"anyOf": [{"required": [name]} for name in forbidden]}
    if required := [*base.get("required", ()), *addition.get("required", ())]:
        merged["required"] = [*dict.fromkeys(required)]
    return merged
