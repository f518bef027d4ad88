"""Read the schemas as an `Outline`.

A schema is read as what it says about one place. `$ref` and `allOf` add to the same object; `then`
and `else` are alternatives; `items` and `additionalProperties` say what a list or a map holds and
are alternatives too. A dispatcher (`if` the tag, `then` the file) so becomes a place with one
object per tag; a tag in its enum that leads to no file is an object of which nothing is known.
"""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ...wire.http import Json
from .outline import TAGS, Node, Outline, Shape, group_by_tag, merge_shapes
from .unions import nodes_without_schema

ROOTS = ("create", "interaction", "event")
FAMILY = "interactions/"
_ANNOTATIONS = frozenset({"description", "title", "deprecated"})


def read_outline(folder: Path) -> Outline:
    """Read the outline of the schemas in a folder, and of the unions of events without a schema.

    Raises `FileNotFoundError` where a root or the target of a `$ref` is missing, and `ValueError`
    for a file that is not JSON.
    """
    reader = _Reader(folder)
    roots = {name: reader.node(_Location(f"{FAMILY}{name}")) for name in ROOTS}
    return Outline({**roots, **nodes_without_schema()}, reader.shapes)


class _Location(NamedTuple):
    """A place in the schemas: the name of a file, and the keywords that lead into it."""

    name: str
    path: tuple[str, ...] = ()

    def child(self, *path: str) -> _Location:
        """Return a place below this one."""
        return _Location(self.name, self.path + path)

    def resolve(self, reference: str) -> _Location:
        """Return the place that a `$ref` here leads to."""
        file, _, pointer = reference.partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(self.name), file))
        path = tuple(pointer.split("/")[1:])
        return _Location(name.removesuffix(".json") if file else self.name, path)

    def describe(self) -> str:
        """Spell the place: `step/thought`, `usage.total_tokens`, `step/thought#started`."""
        file_name = self.name.removeprefix(FAMILY)
        keywords = iter(self.path)
        members = [next(keywords) for keyword in keywords if keyword == "properties"]
        # A definition is told from its file only where it may demand other members than that.
        definition = f"#{self.path[-1]}" if self.path[-2:-1] == ("$defs",) else ""
        return ".".join((file_name, *members)) + definition


@dataclass
class _Contents:
    """What a schema says: the parts of one object, strings, and alternatives to that object."""

    members: dict[str, _Location] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    alternatives: list[_Location] = field(default_factory=list)

    def add(self, contents: _Contents) -> None:
        """Add what the other says; where both speak of a member, this one is kept."""
        self.members = {**contents.members, **self.members}
        self.required |= contents.required
        self.values |= contents.values
        self.alternatives += contents.alternatives


class _Reader:
    """Turns schemas into shapes, each place once."""

    def __init__(self, folder: Path) -> None:
        self.shapes: dict[str, Shape] = {}
        self._folder = folder
        self._files: dict[str, Json] = {}

    def node(self, location: _Location) -> Node:
        """Return what the schema at a place allows there."""
        location = self._follow_references(location)
        contents = self._read_contents(location)
        alternatives = [self.node(alternative) for alternative in contents.alternatives]
        objects = [
            (key, self.shapes[key])
            for alternative in alternatives
            for key in alternative.objects.values()
            if key
        ]
        # What a dispatcher says of its own is how to tell its alternatives apart, no more.
        dispatches = bool(objects) and bool(contents.members) and set(contents.members) <= set(TAGS)
        if contents.members and not dispatches:
            objects.insert(0, self._read_shape(location, contents))
        keys_by_tag = {
            tag: ""
            for alternative in alternatives
            for tag, key in alternative.objects.items()
            if not key
        }
        if dispatches:
            for member in contents.members.values():
                keys_by_tag.update((value, "") for value in self.node(member).values)
        for tag, keys in group_by_tag(objects).items():
            key = keys_by_tag[tag] = "+".join(keys)
            if key not in self.shapes:
                self.shapes[key] = merge_shapes(self.shapes[part] for part in keys)
        places = {alternative.place for alternative in alternatives}
        only_holds = len(places) == 1 and not contents.members and not contents.values
        return Node(
            place=places.pop() if only_holds else location.describe(),
            values=frozenset(
                contents.values.union(*(alternative.values for alternative in alternatives))
            ),
            objects=keys_by_tag,
            unspecified=set(self._load_schema(location)) <= _ANNOTATIONS,
        )

    def _read_shape(self, location: _Location, contents: _Contents) -> tuple[str, Shape]:
        key = "/".join((f"{location.name}#", *location.path))
        if key not in self.shapes:
            # Tags first: a schema that refers to itself must be told apart before it is complete.
            members = {
                tag: self.node(contents.members[tag]) for tag in TAGS if tag in contents.members
            }
            self.shapes[key] = Shape(
                self._describe_shape(location), members, frozenset(contents.required)
            )
            for name, member_location in contents.members.items():
                if name not in members:
                    members[name] = self.node(member_location)
        return key, self.shapes[key]

    def _read_contents(self, location: _Location) -> _Contents:
        schema = self._load_schema(location)
        contents = _Contents(
            {name: location.child("properties", name) for name in schema.get("properties", ())},
            set(schema.get("required", ())),
            {
                value
                for value in (*schema.get("enum", ()), schema.get("const"))
                if isinstance(value, str)
            },
            [location.child(keyword) for keyword in ("then", "else", "items") if keyword in schema],
        )
        if schema.get("additionalProperties") not in (None, True, False):
            contents.alternatives.append(location.child("additionalProperties"))
        if "$ref" in schema:
            contents.add(self._read_contents(location.resolve(schema["$ref"])))
        for position in range(len(schema.get("allOf", ()))):
            contents.add(self._read_contents(location.child("allOf", str(position))))
        return contents

    def _follow_references(self, location: _Location) -> _Location:
        """Return where a schema that is nothing but a reference leads, else the place itself."""
        schema = self._load_schema(location)
        while set(schema) - _ANNOTATIONS == {"$ref"}:
            location = location.resolve(schema["$ref"])
            schema = self._load_schema(location)
        return location

    def _describe_shape(self, location: _Location) -> str:
        # The branch of a dispatcher that narrows a file is still that file's type.
        schema = self._load_schema(location)
        narrows = location.path[-1:] == ("then",) and "$ref" in schema
        return location.resolve(schema["$ref"]).describe() if narrows else location.describe()

    def _load_schema(self, location: _Location) -> Json:
        if location.name not in self._files:
            text = (self._folder / f"{location.name}.json").read_bytes()
            self._files[location.name] = json.loads(text)
        schema = self._files[location.name]
        for keyword in location.path:
            schema = schema[int(keyword)] if isinstance(schema, list) else schema[keyword]
        # True says nothing. False forbids, which no class can say: there is nothing to compare.
        return schema if isinstance(schema, dict) else {}
