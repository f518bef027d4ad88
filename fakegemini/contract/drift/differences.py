"""What an installed google-genai and our schemas know of each other: `fakegemini drift`.

Both are read as outlines and walked side by side from the same roots, so that a schema meets the
class that describes the same place, whatever either is called. A difference that the table in
`schemas/README.md` explains is known, and not news; so is what came with a later release than the
one that is installed. A union of events that `unions` does not know is news in one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...protocol import schemas
from . import outline_schemas, outline_sdk, stubs
from .explained import Explain, explanations
from .outline import Node, Outline, Shape

_UNTAGGED = "(without a tag)"


@dataclass(frozen=True, order=True)
class Difference:
    """One thing that one side has and the other lacks.

    where: `step` (a dispatcher), `step/thought` (a type), `usage.total_tokens` (a place in one)
    kind: "new": the SDK has it and the schemas do not; "gone": the schemas alone have it
    detail: `type x`, `member x`, `value x`, `demand x` (the member x must be there), or `union of
        x, y` (a union of events that is none of those we know)
    explained: why it is as it is, "" where nobody has said
    shape: the key of the SDK's shape of a new type, "" for all else
    """

    where: str
    kind: str
    detail: str
    explained: str = field(default="", compare=False)
    shape: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        why = f" (explained: {self.explained})" if self.explained else ""
        return f"{self.kind:<5} {self.where}: {self.detail}{why}"


@dataclass(frozen=True)
class Drift:
    """All differences to one version of google-genai, sorted, and the files that were written."""

    version: str
    differences: tuple[Difference, ...]
    written: tuple[str, ...] = ()

    def news(self, *kinds: str) -> list[Difference]:
        """What nobody has explained, of the given kinds or of all."""
        return [
            one
            for one in self.differences
            if not one.explained and (not kinds or one.kind in kinds)
        ]


def run(*, write: bool = False, folder: Path | None = None) -> Drift:
    """Compares the schemas in a folder (by default ours) with the installed google-genai.

    With `write`, stubs for the types that are new are written first, and what is left is told.
    Raises `sdk.NoSdk` where google-genai is absent or not recognised, `OSError` where a stub
    cannot be written.
    """
    place = folder or schemas.folder()
    known, version = outline_sdk.outline(), outline_sdk.version()
    explain = explanations(place, version)
    found = differences(outline_schemas.outline(place), known, explain)
    written: tuple[str, ...] = ()
    if write:
        new = [
            stubs.New(one.where, known.shapes[one.shape], one.shape)
            for one in found
            if one.shape and not one.explained
        ]
        written = stubs.write(new, place, f"google-genai {version} types")
        found = differences(outline_schemas.outline(place), known, explain)
    return Drift(version, tuple(found), written)


def text(drift: Drift, *, show_all: bool = False) -> str:
    """A line for each difference, explained ones only on demand, and one that counts them all."""
    lines = [f"wrote {name}" for name in drift.written]
    lines += [str(one) for one in drift.differences if show_all or not one.explained]
    new, gone = len(drift.news("new")), len(drift.news("gone"))
    known = len(drift.differences) - new - gone
    lines.append(f"drift: google-genai {drift.version}: {new} new, {gone} gone, {known} explained")
    return "\n".join(lines)


def differences(ours: Outline, theirs: Outline, explain: Explain) -> list[Difference]:
    """What the outlines differ in, sorted; pure.

    What several members lead to is told once, and is explained once the place itself or each of
    those members is. What is gone for some of those members only is told of them.
    """
    met: dict[Difference, list[str]] = {}
    leading: dict[str, set[str]] = {}
    for via, where, found in _walk(ours, theirs):
        leading.setdefault(where, set()).add(via)
        for one in found:
            met.setdefault(one, []).append(via)
    told = []
    for one, vias in met.items():
        reasons = [
            explain(one.where, one.kind, one.detail) or explain(via, one.kind, one.detail)
            for via in vias
        ]
        if one.kind == "gone" and set(vias) < leading[one.where]:
            pairs = zip(vias, reasons, strict=True)
            told += [replace(one, where=via, explained=why) for via, why in pairs]
        else:
            told.append(replace(one, explained=reasons[0] if all(reasons) else ""))
    for name, types in theirs.unknown.items():
        one = Difference(name, "new", f"union of {', '.join(types)}")
        told.append(replace(one, explained=explain(one.where, one.kind, one.detail)))
    return sorted(set(told))


_Met = tuple[str, str, list[Difference]]
"""The member that led here, the place, and what differs in it."""


def _walk(ours: Outline, theirs: Outline) -> Iterator[_Met]:
    nothing = Node()
    nodes = [(name, ours.roots[name], theirs.roots.get(name, nothing)) for name in ours.roots]
    seen: set[tuple[str, str]] = set()
    while nodes:
        via, mine, yours = nodes.pop()
        if mine.free:
            continue
        yield via, mine.where, _at_node(mine, yours)
        for pair in _pairs(mine, yours):
            if pair in seen:
                continue
            seen.add(pair)
            left, right = ours.shapes[pair[0]], theirs.shapes[pair[1]]
            for one in _at_shape(left, right):
                yield one.where, one.where, [one]
            nodes += [
                (f"{_file(left)}.{name}", node, right.members[name])
                for name, node in left.members.items()
                if name in right.members
            ]


def _is_pair(ours: Node, theirs: Node) -> bool:
    """Whether one object stands on each side, which are the same thing, whatever their tags."""
    return len(ours.objects) == len(theirs.objects) == 1 and all(ours.objects.values())


def _pairs(ours: Node, theirs: Node) -> list[tuple[str, str]]:
    """The shapes that are the same thing."""
    if _is_pair(ours, theirs):
        return list(zip(ours.objects.values(), theirs.objects.values(), strict=True))
    pairs = ((key, theirs.objects.get(tag, "")) for tag, key in ours.objects.items())
    return [pair for pair in pairs if all(pair)]


def _at_node(ours: Node, theirs: Node) -> list[Difference]:
    found = list(_only(ours.where, "value", ours.values, theirs.values))
    if not _is_pair(ours, theirs):
        # A tag that leads to no schema of ours is not known yet, should the SDK describe it.
        mine = {tag for tag, key in ours.objects.items() if key or not theirs.objects.get(tag)}
        for one in _only(ours.where, "type", mine, set(theirs.objects)):
            tag = one.detail.removeprefix("type ").removeprefix(_UNTAGGED)
            found.append(replace(one, shape=theirs.objects[tag] if one.kind == "new" else ""))
    return found


def _at_shape(ours: Shape, theirs: Shape) -> Iterator[Difference]:
    # A schema and a definition in it share their members, and demand different ones.
    yield from _only(_file(ours), "member", set(ours.members), set(theirs.members))
    shared = set(ours.members) & set(theirs.members)
    yield from _only(ours.where, "demand", ours.required & shared, theirs.required & shared)


def _file(shape: Shape) -> str:
    return shape.where.partition("#")[0]


def _only(
    where: str, what: str, ours: AbstractSet[str], theirs: AbstractSet[str]
) -> Iterator[Difference]:
    for kind, names in (("new", theirs - ours), ("gone", ours - theirs)):
        for name in names:
            yield Difference(where, kind, f"{what} {name or _UNTAGGED}")
