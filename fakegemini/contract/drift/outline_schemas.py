"""The schemas as an `Outline`.

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
from .outline import TAGS, Node, Outline, Shape, by_tag, merged
from .unions import known

ROOTS = ("create", "interaction", "event")
FAMILY = "interactions/"
_SAYS_NOTHING = frozenset({"description", "title", "deprecated"})


def outline(folder: Path) -> Outline:
    """The outline of the schemas in a folder, and of the unions of events that have no schema.

    Raises `FileNotFoundError` where a root or the target of a `$ref` is missing, and `ValueError`
    for a file that is not JSON.
    """
    reader = _Reader(folder)
    roots = {name: reader.node(_At(f"{FAMILY}{name}")) for name in ROOTS}
    return Outline({**roots, **known()}, reader.shapes)


class _At(NamedTuple):
    """A place in the schemas: the name of a file, and the keywords that lead into it."""

    name: str
    path: tuple[str, ...] = ()

    def down(self, *path: str) -> _At:
        """A place below this one."""
        return _At(self.name, self.path + path)

    def to(self, reference: str) -> _At:
        """The place that a `$ref` here leads to."""
        file, _, pointer = reference.partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(self.name), file))
        path = tuple(pointer.split("/")[1:])
        return _At(name.removesuffix(".json") if file else self.name, path)

    def where(self) -> str:
        """The place for people: `step/thought`, `usage.total_tokens`, `step/thought#started`."""
        said = self.name.removeprefix(FAMILY)
        keywords = iter(self.path)
        members = [next(keywords) for keyword in keywords if keyword == "properties"]
        # A definition is told from its file only where it may demand other members than that.
        definition = f"#{self.path[-1]}" if self.path[-2:-1] == ("$defs",) else ""
        return ".".join((said, *members)) + definition


@dataclass
class _Said:
    """What a schema says: the parts of one object, strings, and alternatives to that object."""

    members: dict[str, _At] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    alternatives: list[_At] = field(default_factory=list)

    def add(self, other: _Said) -> None:
        """Says the other's too; where both speak of a member, this one is kept."""
        self.members = {**other.members, **self.members}
        self.required |= other.required
        self.values |= other.values
        self.alternatives += other.alternatives


class _Reader:
    """Turns schemas into shapes, each place once."""

    def __init__(self, folder: Path) -> None:
        self.shapes: dict[str, Shape] = {}
        self._folder = folder
        self._files: dict[str, Json] = {}

    def node(self, at: _At) -> Node:
        """What the schema at a place allows there."""
        at = self._followed(at)
        said = self._said(at)
        held = [self.node(alternative) for alternative in said.alternatives]
        objects = [(key, self.shapes[key]) for one in held for key in one.objects.values() if key]
        # What a dispatcher says of its own is how to tell its alternatives apart, no more.
        dispatches = bool(objects) and bool(said.members) and set(said.members) <= set(TAGS)
        if said.members and not dispatches:
            objects.insert(0, self._shape(at, said))
        tagged = {tag: "" for one in held for tag, key in one.objects.items() if not key}
        if dispatches:
            for member in said.members.values():
                tagged.update((value, "") for value in self.node(member).values)
        for tag, keys in by_tag(objects).items():
            key = tagged[tag] = "+".join(keys)
            if key not in self.shapes:
                self.shapes[key] = merged(self.shapes[one] for one in keys)
        places = {one.where for one in held}
        only_holds = len(places) == 1 and not said.members and not said.values
        return Node(
            where=places.pop() if only_holds else at.where(),
            values=frozenset(said.values.union(*(one.values for one in held))),
            objects=tagged,
            free=set(self._schema(at)) <= _SAYS_NOTHING,
        )

    def _shape(self, at: _At, said: _Said) -> tuple[str, Shape]:
        key = "/".join((f"{at.name}#", *at.path))
        if key not in self.shapes:
            # Tags first: a schema that refers to itself must be told apart before it is complete.
            members = {tag: self.node(said.members[tag]) for tag in TAGS if tag in said.members}
            self.shapes[key] = Shape(self._named(at), members, frozenset(said.required))
            for name, below in said.members.items():
                if name not in members:
                    members[name] = self.node(below)
        return key, self.shapes[key]

    def _said(self, at: _At) -> _Said:
        schema = self._schema(at)
        said = _Said(
            {name: at.down("properties", name) for name in schema.get("properties", ())},
            set(schema.get("required", ())),
            {one for one in (*schema.get("enum", ()), schema.get("const")) if isinstance(one, str)},
            [at.down(word) for word in ("then", "else", "items") if word in schema],
        )
        if schema.get("additionalProperties") not in (None, True, False):
            said.alternatives.append(at.down("additionalProperties"))
        if "$ref" in schema:
            said.add(self._said(at.to(schema["$ref"])))
        for position in range(len(schema.get("allOf", ()))):
            said.add(self._said(at.down("allOf", str(position))))
        return said

    def _followed(self, at: _At) -> _At:
        """Where a schema that is nothing but a reference leads, else the place itself."""
        schema = self._schema(at)
        while set(schema) - _SAYS_NOTHING == {"$ref"}:
            at = at.to(schema["$ref"])
            schema = self._schema(at)
        return at

    def _named(self, at: _At) -> str:
        # The branch of a dispatcher that narrows a file is still that file's type.
        schema = self._schema(at)
        narrows = at.path[-1:] == ("then",) and "$ref" in schema
        return at.to(schema["$ref"]).where() if narrows else at.where()

    def _schema(self, at: _At) -> Json:
        if at.name not in self._files:
            text = (self._folder / f"{at.name}.json").read_bytes()
            self._files[at.name] = json.loads(text)
        schema = self._files[at.name]
        for keyword in at.path:
            schema = schema[int(keyword)] if isinstance(schema, list) else schema[keyword]
        # True says nothing. False forbids, which no class can say: there is nothing to compare.
        return schema if isinstance(schema, dict) else {}
