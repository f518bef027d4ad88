"""Read the types of the installed google-genai as an `Outline`.

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
from .outline import TAGS, Node, Outline, Shape, group_by_tag, merge_shapes
from .unions import EVENT_UNIONS, event_node, identify_unions

_REQUEST_MEMBERS = {"input", "store", "stream"}
_EVENT_TAG = "event_type"


def version() -> str:
    """Return the version of the installed google-genai; raises `NoSdk` where there is none."""
    try:
        installed: str = importlib.import_module("google.genai").__version__
    except (ImportError, AttributeError) as error:
        raise NoSdk(f"google-genai cannot be read ({error}); pip install google-genai") from None
    return installed


def read_outline() -> Outline:
    """Return what the installed google-genai knows of interactions; raises `NoSdk`."""
    sdk_version = version()
    with warnings.catch_warnings():
        # Importing every module also meets the deprecated ones.
        warnings.simplefilter("ignore")
        try:
            for package in _find_packages():
                sdk_outline = _build_outline(_read_names(package))
                if sdk_outline is not None:
                    return sdk_outline
        except (AmbiguousUnion, AttributeError, ImportError, NameError, TypeError) as error:
            # Generated code of a release that we have not seen: not our fault, nor the caller's.
            raise NoSdk(
                f"the types of google-genai {sdk_version} cannot be read ({error})"
            ) from error
    raise NoSdk(f"google-genai {sdk_version} has no interactions types that we recognise")


def _find_packages() -> list[str]:
    root = importlib.import_module("google.genai")
    packages = []
    for folder in map(Path, root.__path__):
        for path in sorted(folder.rglob("__init__.py")):
            parts = path.relative_to(folder).parts[:-1]
            if {"types", "interactions"} <= {part.strip("_") for part in parts}:
                packages.append(".".join(["google.genai", *parts]))
    return [name for name in packages if ".tests." not in name]


def _read_names(package: str) -> dict[str, Any]:
    """Return what the modules of a package define, by name; private names are left out."""
    names: dict[str, Any] = {}
    folder = importlib.import_module(package).__path__
    for path in sorted(Path(folder[0]).glob("*.py")):
        module = importlib.import_module(f"{package}.{path.stem}")
        names.update((name, value) for name, value in vars(module).items() if name[0] != "_")
    # What the modules import from elsewhere, pydantic's own classes among it, is none of its types.
    return {name: value for name, value in names.items() if _is_defined_in(package, value)}


def _is_defined_in(package: str, value: Any) -> bool:
    return not isinstance(value, type) or value.__module__.startswith(package)


def _build_outline(names: Mapping[str, Any]) -> Outline | None:
    reader = _Reader()
    interaction = names.get("Interaction")
    requests = [value for value in names.values() if _is_request(value)]
    # Some releases describe a request twice: as a class, and as a dictionary for type checkers.
    classes = [value for value in requests if _is_model(value)] or requests
    unions = _find_unions(names)
    names_by_root, unknown_names = identify_unions(
        {name: _event_types(union) for name, union in unions.items()}
    )
    if not _is_object(interaction) or not classes or "event" not in names_by_root:
        return None
    roots = {
        "create": reader.node(classes),
        "interaction": reader.node([interaction]),
        "event": reader.node([unions[names_by_root["event"]]]),
    }
    for row in EVENT_UNIONS:
        if row.event_types and row.root in names_by_root:
            roots[row.root] = event_node(row.root, _event_types(unions[names_by_root[row.root]]))
    unknown_unions = {name: tuple(sorted(_event_types(unions[name]))) for name in unknown_names}
    return Outline(roots, reader.shapes, unknown_unions)


def _find_unions(names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the unions of events by name, without aliases and parts of those that we know."""
    unions = {name: value for name, value in names.items() if _are_events(value)}
    known_names = {row.name for row in EVENT_UNIONS}
    classes_by_name: dict[str, set[Any]] = {}
    for name in sorted(unions, key=lambda union_name: (union_name not in known_names, union_name)):
        event_classes = set(_distinct_types([unions[name]]))
        if name in known_names or not any(
            event_classes == other_classes
            or (other_name in known_names and event_classes < other_classes)
            for other_name, other_classes in classes_by_name.items()
        ):
            classes_by_name[name] = event_classes
    return {name: unions[name] for name in classes_by_name}


def _event_types(union: Any) -> set[str]:
    """Return the event types of a union."""
    tag_types = [kind.model_fields[_EVENT_TAG].annotation for kind in _distinct_types([union])]
    return set().union(*(_string_values(tag_type) for tag_type in _distinct_types(tag_types)))


class _Reader:
    """Turns the types of the SDK into shapes, each class once."""

    def __init__(self) -> None:
        self.shapes: dict[str, Shape] = {}

    def node(self, kinds: list[Any]) -> Node:
        """Return what the types, taken together, allow."""
        values: set[str] = set()
        objects: list[tuple[str, Shape]] = []
        for kind in _distinct_types(kinds):
            if _is_object(kind) and _fields(kind):
                objects.append((_class_name(kind), self.shape(kind)))
            else:
                values |= _string_values(kind)
        keys_by_tag: dict[str, str] = {}
        for tag, keys in group_by_tag(objects).items():
            key = keys_by_tag[tag] = "+".join(keys)
            if key not in self.shapes:
                self.shapes[key] = merge_shapes(self.shapes[part] for part in keys)
        return Node(values=frozenset(values), objects=keys_by_tag)

    def shape(self, kind: Any) -> Shape:
        """Add the shape of a class, and return its key and the shape."""
        name = _class_name(kind)
        if name not in self.shapes:
            fields = _fields(kind)
            # Tags first: a class that contains itself must be told apart before it is complete.
            members = {tag: self.node([fields[tag][0]]) for tag in TAGS if tag in fields}
            required = frozenset(
                member for member, (_, is_required) in fields.items() if is_required
            )
            self.shapes[name] = Shape(name, members, required)
            for member, (annotation, _) in fields.items():
                if member not in members:
                    members[member] = self.node([annotation])
        return self.shapes[name]


def _is_request(value: Any) -> bool:
    """Say whether this is the body of a create."""
    if not _is_object(value):
        return False
    members = set(value.model_fields if _is_model(value) else value.__annotations__)
    # An event that asks for an interaction may hold all of it; it goes another way.
    return members >= _REQUEST_MEMBERS and _EVENT_TAG not in members


def _are_events(value: Any) -> bool:
    """Say whether this is a union of events."""
    if isinstance(value, type) or _type_origin(value) is None:
        return False
    kinds = _distinct_types([value])
    return len(kinds) > 1 and all(
        _is_model(kind) and _EVENT_TAG in kind.model_fields for kind in kinds
    )


def _class_name(kind: Any) -> str:
    # Two modules may call a class by one name.
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def _distinct_types(kinds: list[Any]) -> list[Any]:
    distinct: list[Any] = []
    for kind in kinds:
        distinct.extend(
            alternative for alternative in _alternatives(kind) if alternative not in distinct
        )
    return distinct


def _alternatives(kind: Any) -> Iterator[Any]:
    """Yield the classes, literals and plain types of a type, however deep in lists and maps."""
    alias = getattr(kind, "__value__", None)
    origin = _type_origin(kind)
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


def _type_origin(kind: Any) -> Any:
    # What typing declares to come back is narrower than what does.
    return typing.get_origin(kind)


def _is_literal(origin: Any) -> bool:
    # typing_extensions has a Literal of its own.
    return origin == typing.Literal or getattr(origin, "_name", None) == "Literal"


def _string_values(kind: Any) -> set[str]:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {member.value for member in kind if isinstance(member.value, str)}
    return {literal for literal in typing.get_args(kind) if isinstance(literal, str)}


def _is_constant(kind: Any) -> bool:
    """Say whether there is but one value: it is always sent, though its default says optional."""
    kinds = _distinct_types([kind])
    return (
        len(kinds) == 1
        and _is_literal(_type_origin(kinds[0]))
        and len(_string_values(kinds[0])) == 1
    )


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "model_fields")


def _is_object(kind: Any) -> bool:
    return _is_model(kind) or (isinstance(kind, type) and hasattr(kind, "__required_keys__"))


def _is_unknown(kind: Any) -> bool:
    """Say whether this is what a release makes of types that are newer than itself."""
    return _is_model(kind) and "is_unknown" in kind.model_fields


def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Return member on the wire -> its type, and whether it is demanded."""
    if _is_model(kind):
        return {
            field.alias or name: (
                field.annotation,
                field.is_required() or _is_constant(field.annotation),
            )
            for name, field in kind.model_fields.items()
        }
    # Where annotations are strings, __required_keys__ does not see what they are wrapped in.
    fields = {}
    for name, annotation in typing.get_type_hints(kind, include_extras=True).items():
        wrapper = _type_origin(annotation)
        required = name in kind.__required_keys__ and wrapper is not typing.NotRequired
        fields[name] = (annotation, required or wrapper is typing.Required)
    return fields
