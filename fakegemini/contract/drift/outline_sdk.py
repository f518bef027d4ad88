"""The types of the installed google-genai as an `Outline`.

Releases lay their types out differently, so they are found by what they are: a package whose path
says both "types" and "interactions"; in it the class `Interaction`, the requests (objects that
have `input`, `store` and `stream`) and the unions of events (whose members all have an
`event_type`), which `unions` tells apart. What a union's members are told apart by is read from
the members themselves.
"""

from __future__ import annotations

import enum
import importlib
import types
import typing
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...errors import AmbiguousUnion, NoSdk
from .outline import TAGS, Node, Outline, Shape, by_tag, merged
from .unions import UNIONS, listed, told_apart

_REQUEST = {"input", "store", "stream"}
_EVENT = "event_type"


def version() -> str:
    """The version of the installed google-genai; raises `NoSdk` where there is none."""
    try:
        found: str = importlib.import_module("google.genai").__version__
    except (ImportError, AttributeError) as error:
        raise NoSdk(f"google-genai cannot be read ({error}); pip install google-genai") from None
    return found


def outline() -> Outline:
    """What the installed google-genai knows of interactions; raises `NoSdk`."""
    known = version()
    with warnings.catch_warnings():
        # Importing every module also meets the deprecated ones.
        warnings.simplefilter("ignore")
        try:
            for package in _packages():
                found = _outline(_names(package))
                if found is not None:
                    return found
        except (AmbiguousUnion, AttributeError, ImportError, NameError, TypeError) as error:
            # Generated code of a release that we have not seen: not our fault, nor the caller's.
            raise NoSdk(f"the types of google-genai {known} cannot be read ({error})") from error
    raise NoSdk(f"google-genai {known} has no interactions types that we recognise")


def _packages() -> list[str]:
    root = importlib.import_module("google.genai")
    found = []
    for folder in map(Path, root.__path__):
        for path in sorted(folder.rglob("__init__.py")):
            parts = path.relative_to(folder).parts[:-1]
            if {"types", "interactions"} <= {part.strip("_") for part in parts}:
                found.append(".".join(["google.genai", *parts]))
    return [name for name in found if ".tests." not in name]


def _names(package: str) -> dict[str, Any]:
    """Everything that the modules of a package define, by name; private names are left out."""
    found: dict[str, Any] = {}
    folder = importlib.import_module(package).__path__
    for path in sorted(Path(folder[0]).glob("*.py")):
        module = importlib.import_module(f"{package}.{path.stem}")
        found.update((name, value) for name, value in vars(module).items() if name[0] != "_")
    # What the modules import from elsewhere, pydantic's own classes among it, is none of its types.
    return {name: value for name, value in found.items() if _is_from(package, value)}


def _is_from(package: str, value: Any) -> bool:
    return not isinstance(value, type) or value.__module__.startswith(package)


def _outline(names: Mapping[str, Any]) -> Outline | None:
    reader = _Reader()
    interaction = names.get("Interaction")
    requests = [value for value in names.values() if _is_request(value)]
    # Some releases describe a request twice: as a class, and as a dictionary for type checkers.
    classes = [value for value in requests if _is_model(value)] or requests
    unions = _unions(names)
    told, unknown = told_apart({name: _event_types(union) for name, union in unions.items()})
    if not _is_object(interaction) or not classes or "event" not in told:
        return None
    roots = {
        "create": reader.node(classes),
        "interaction": reader.node([interaction]),
        "event": reader.node([unions[told["event"]]]),
    }
    for row in UNIONS:
        if row.types and row.root in told:
            roots[row.root] = listed(row.root, _event_types(unions[told[row.root]]))
    more = {name: tuple(sorted(_event_types(unions[name]))) for name in unknown}
    return Outline(roots, reader.shapes, more)


def _unions(names: Mapping[str, Any]) -> dict[str, Any]:
    """The unions of events by name, without other names of one and parts of one that we know."""
    found = {name: value for name, value in names.items() if _are_events(value)}
    settled = {row.name for row in UNIONS}
    kept: dict[str, set[Any]] = {}
    for name in sorted(found, key=lambda one: (one not in settled, one)):
        kinds = set(_distinct([found[name]]))
        if name in settled or not any(
            kinds == others or (other in settled and kinds < others)
            for other, others in kept.items()
        ):
            kept[name] = kinds
    return {name: found[name] for name in kept}


def _event_types(union: Any) -> set[str]:
    """The event types of a union."""
    held = [kind.model_fields[_EVENT].annotation for kind in _distinct([union])]
    return set().union(*(_values(one) for one in _distinct(held)))


class _Reader:
    """Turns types into shapes, each class once."""

    def __init__(self) -> None:
        self.shapes: dict[str, Shape] = {}

    def node(self, kinds: list[Any]) -> Node:
        """What the types, taken together, allow."""
        values: set[str] = set()
        objects: list[tuple[str, Shape]] = []
        for kind in _distinct(kinds):
            if _is_object(kind) and _fields(kind):
                objects.append((_name(kind), self.shape(kind)))
            else:
                values |= _values(kind)
        tagged: dict[str, str] = {}
        for tag, keys in by_tag(objects).items():
            key = tagged[tag] = "+".join(keys)
            if key not in self.shapes:
                self.shapes[key] = merged(self.shapes[part] for part in keys)
        return Node(values=frozenset(values), objects=tagged)

    def shape(self, kind: Any) -> Shape:
        """The shape of a class."""
        name = _name(kind)
        if name not in self.shapes:
            fields = _fields(kind)
            # Tags first: a class that contains itself must be told apart before it is complete.
            members = {tag: self.node([fields[tag][0]]) for tag in TAGS if tag in fields}
            demanded = frozenset(member for member, (_, needed) in fields.items() if needed)
            self.shapes[name] = Shape(name, members, demanded)
            for member, (held, _) in fields.items():
                if member not in members:
                    members[member] = self.node([held])
        return self.shapes[name]


def _is_request(value: Any) -> bool:
    """Whether this is the body of a create."""
    if not _is_object(value):
        return False
    members = set(value.model_fields if _is_model(value) else value.__annotations__)
    # An event that asks for an interaction may hold all of it; it goes another way.
    return members >= _REQUEST and _EVENT not in members


def _are_events(value: Any) -> bool:
    """Whether this is a union of events."""
    if isinstance(value, type) or _origin(value) is None:
        return False
    kinds = _distinct([value])
    return len(kinds) > 1 and all(_is_model(kind) and _EVENT in kind.model_fields for kind in kinds)


def _name(kind: Any) -> str:
    # Two modules may call a class by one name.
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def _distinct(kinds: list[Any]) -> list[Any]:
    found: list[Any] = []
    for kind in kinds:
        found.extend(one for one in _alternatives(kind) if one not in found)
    return found


def _alternatives(kind: Any) -> Iterator[Any]:
    """The classes, literals and plain types that a type allows, however deep in lists and maps."""
    alias = getattr(kind, "__value__", None)
    origin = _origin(kind)
    if alias is not None and not isinstance(kind, type):
        yield from _alternatives(alias)
    elif not typing.get_args(kind) or _is_literal(origin):
        if not _is_unknown(kind):
            yield kind
    elif origin in (typing.Union, types.UnionType):
        for part in typing.get_args(kind):
            yield from _alternatives(part)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _alternatives(typing.get_args(kind)[-1])
    else:
        # Annotated, NotRequired, a list: the first argument is what is held.
        yield from _alternatives(typing.get_args(kind)[0])


def _origin(kind: Any) -> Any:
    # What typing declares to come back is narrower than what does.
    return typing.get_origin(kind)


def _is_literal(origin: Any) -> bool:
    # typing_extensions has a Literal of its own.
    return origin == typing.Literal or getattr(origin, "_name", None) == "Literal"


def _values(kind: Any) -> set[str]:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {one.value for one in kind if isinstance(one.value, str)}
    return {one for one in typing.get_args(kind) if isinstance(one, str)}


def _is_constant(kind: Any) -> bool:
    """Whether there is but one value: it is always sent, though its default says optional."""
    kinds = _distinct([kind])
    return len(kinds) == 1 and _is_literal(_origin(kinds[0])) and len(_values(kinds[0])) == 1


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "model_fields")


def _is_object(kind: Any) -> bool:
    return _is_model(kind) or (isinstance(kind, type) and hasattr(kind, "__required_keys__"))


def _is_unknown(kind: Any) -> bool:
    """Whether this is what a release makes of types that are newer than itself."""
    return _is_model(kind) and "is_unknown" in kind.model_fields


def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Member on the wire -> its type, and whether it is demanded."""
    if _is_model(kind):
        return {
            field.alias or name: (
                field.annotation,
                field.is_required() or _is_constant(field.annotation),
            )
            for name, field in kind.model_fields.items()
        }
    # Where annotations are strings, __required_keys__ does not see what they are wrapped in.
    found = {}
    for name, held in typing.get_type_hints(kind, include_extras=True).items():
        wrapped = _origin(held)
        demanded = name in kind.__required_keys__ and wrapped is not typing.NotRequired
        found[name] = (held, demanded or wrapped is typing.Required)
    return found
