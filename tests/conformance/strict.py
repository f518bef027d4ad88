"""The SDK's model classes as a strict judge of JSON.

The classes themselves take nearly everything: unknown members are kept, missing ones forgiven,
unknown tags wrapped. Here their annotations are read and nothing is forgiven.
"""

from __future__ import annotations

import base64
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from google.genai._gaos.types.base64fileinput import Base64EncodedString
from google.genai._gaos.types.basemodel import BaseModel, UnrecognizedStr
from typing_extensions import TypeAliasType

SDK_MADE = frozenset(
    {"continuation_ids", "output_audio", "output_image", "output_text", "output_video"}
)
"""Declared members of an interaction that the SDK adds: no server sends them."""

WORDED = {"Interaction": ("created", "id", "steps", "updated")}
"""Members that a class calls optional and its own words "Required. Output only."."""

_BASE64 = get_args(Base64EncodedString)[1]
_NAMES = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}
_SCALARS: dict[Any, tuple[type, ...]] = {
    bool: (bool,),
    int: (int,),
    float: (int, float),
    str: (str,),
}


@dataclass(frozen=True)
class Fault:
    """Where a value is not what its class says: `owner` and `member` name the place, `what` how.

    `what` is one of: unknown member, missing, unknown tag, unknown value, type, base64.
    """

    owner: str
    member: str
    what: str
    path: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.owner}.{self.member}: {self.what} {self.detail}".rstrip()


def faults(value: Any, annotation: Any) -> list[Fault]:
    """Everything in `value` that `annotation`, a class or union of the SDK, does not say."""
    return list(_walk(value, annotation, (), _Place(str(getattr(annotation, "__name__", "")))))


@dataclass(frozen=True)
class _Place:
    owner: str
    member: str = ""
    path: str = "$"

    def fault(self, what: str, detail: str = "") -> Fault:
        return Fault(self.owner, self.member, what, self.path, detail)

    def at(self, step: str) -> _Place:
        return _Place(self.owner, self.member, self.path + step)


def _walk(value: Any, annotation: Any, metadata: Sequence[Any], place: _Place) -> Iterator[Fault]:
    annotation, metadata = bare(annotation, metadata)
    tagged = tags(metadata)
    if tagged is not None:
        yield from _tagged(value, *tagged, place)
    elif annotation is Any:
        return
    elif _is_union(annotation):
        yield from _any_of(value, annotation, place)
    elif get_origin(annotation) is Literal:
        if value not in get_args(annotation):
            yield place.fault("unknown value", repr(value))
    elif get_origin(annotation) is list:
        yield from _wrong(value, (list,), place)
        if isinstance(value, list):
            for at, item in enumerate(value):
                yield from _walk(item, get_args(annotation)[0], (), place.at(f"[{at}]"))
    elif get_origin(annotation) is dict:
        yield from _wrong(value, (dict,), place)
        if isinstance(value, dict):
            for key, item in value.items():
                yield from _walk(item, get_args(annotation)[1], (), place.at(f".{key}"))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _model(value, annotation, place)
    else:
        wrong = list(_wrong(value, _SCALARS[annotation], place))
        yield from wrong
        if _BASE64 in metadata and not wrong and not _is_base64(value):
            yield place.fault("base64", repr(value[:20]))


def _model(value: Any, model: type[BaseModel], place: _Place) -> Iterator[Fault]:
    yield from _wrong(value, (dict,), place)
    if not isinstance(value, dict) or not model.model_fields:  # without members: any object
        return
    owner = model.__name__
    known = {field.alias or name: field for name, field in model.model_fields.items()}
    const = {name for name, field in known.items() if get_origin(field.annotation) is Literal}
    for name, field in known.items():
        inner = _Place(owner, name, f"{place.path}.{name}")
        if name in value:
            if name in SDK_MADE:
                yield inner.fault("unknown member", "(the SDK makes it)")
            else:
                yield from _walk(value[name], field.annotation, field.metadata, inner)
        elif field.is_required() or name in const or name in WORDED.get(owner, ()):
            yield inner.fault("missing")
    for name in value:
        if name not in known:
            yield _Place(owner, name, f"{place.path}.{name}").fault("unknown member")


def _tagged(value: Any, key: str, variants: dict[str, Any], place: _Place) -> Iterator[Fault]:
    yield from _wrong(value, (dict,), place)
    if isinstance(value, dict):
        if value.get(key) in variants:
            yield from _walk(value, variants[value[key]], (), place)
        else:
            yield place.fault("unknown tag", f"{key}={value.get(key)!r}")


def _any_of(value: Any, union: Any, place: _Place) -> Iterator[Fault]:
    # A null is never on the wire, and the SDK's stand-in for unknown strings is leniency.
    members = [one for one in get_args(union) if one not in (type(None), UnrecognizedStr)]
    tries = [list(_walk(value, one, (), place)) for one in members]
    yield from min(tries, key=len)


def bare(annotation: Any, metadata: Sequence[Any] = ()) -> tuple[Any, Sequence[Any]]:
    """An annotation without its aliases and wrappers, and what was in these."""
    while True:
        if isinstance(annotation, TypeAliasType):
            annotation = annotation.__value__
        elif get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata = (*more, *metadata)
        elif _is_union(annotation) and len(some := _some(annotation)) == 1:
            annotation = some[0]
        else:
            return annotation, metadata


def tags(metadata: Sequence[Any]) -> tuple[str, dict[str, Any]] | None:
    """The key and the classes of a tagged union, None for anything else."""
    for item in metadata:
        function = getattr(item, "func", None)
        if isinstance(function, partial) and "variants" in function.keywords:
            return function.keywords["disc_key"], function.keywords["variants"]
    return None


def sample(annotation: Any, metadata: Sequence[Any] = ()) -> Any:
    """A JSON value with every member that an annotation declares; a list has every variant."""
    annotation, metadata = bare(annotation, metadata)
    tagged = tags(metadata)
    if tagged is not None:
        return sample(next(iter(tagged[1].values())))
    if annotation is Any:
        return "anything"
    if _is_union(annotation):
        return sample(_some(annotation)[0])
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    if get_origin(annotation) is list:
        (inner,) = get_args(annotation)
        variants = tags(bare(inner)[1])
        return [sample(one) for one in (variants[1].values() if variants else [inner])]
    if get_origin(annotation) is dict:
        return {"key": sample(get_args(annotation)[1])}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return {
            field.alias or name: sample(field.annotation, field.metadata) for name, field in fields
        }
    return {bool: True, int: 1, float: 0.5, str: "AAAA"}[annotation]


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def _some(union: Any) -> list[Any]:
    return [one for one in get_args(union) if one not in (type(None), UnrecognizedStr)]


def _wrong(value: Any, wanted: tuple[type, ...], place: _Place) -> Iterator[Fault]:
    if type(value) not in wanted:
        yield place.fault("type", f"{_NAMES[type(value)]}, not {_NAMES[wanted[-1]]}")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True
