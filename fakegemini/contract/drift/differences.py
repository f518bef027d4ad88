"""What an installed google-genai and our schemas know of each other: `fakegemini drift`.

Both are read as outlines and walked side by side from the same roots, so that a schema meets the
class that describes the same place, whatever either is called. A difference that
`schemas/differences.json` explains is known, and not news; so is what came with a later release
than the one that is installed. A union of events that `unions` does not know is one line of news.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...protocol import schemas
from . import outline_schemas, outline_sdk, stubs
from .explanations import Explain, read_explanations
from .outline import Node, Outline, Shape

_UNTAGGED = "(without a tag)"


@dataclass(frozen=True, order=True)
class Difference:
    """One thing that one side has and the other lacks.

    place: `step` (a dispatcher), `step/thought` (a type), `usage.total_tokens` (a place in one)
    kind: "new": the SDK has it and the schemas do not; "gone": the schemas alone have it
    detail: `type x`, `member x`, `value x`, `demand x` (the member x must be there), or `union of
        x, y` (a union of events that is none of those we know)
    explanation: why it is as it is, "" where nobody has explained it
    shape_key: the key of the SDK's shape of a new type, "" for all else
    """

    place: str
    kind: str
    detail: str
    explanation: str = field(default="", compare=False)
    shape_key: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        reason = f" (explained: {self.explanation})" if self.explanation else ""
        return f"{self.kind:<5} {self.place}: {self.detail}{reason}"


@dataclass(frozen=True)
class Drift:
    """All differences to one version of google-genai, sorted, and the files that were written."""

    version: str
    differences: tuple[Difference, ...]
    written_files: tuple[str, ...] = ()

    def unexplained(self, *kinds: str) -> list[Difference]:
        """Return what nobody has explained, of the given kinds or of all."""
        return [
            difference
            for difference in self.differences
            if not difference.explanation and (not kinds or difference.kind in kinds)
        ]


def find_drift(*, write: bool = False, folder: Path | None = None) -> Drift:
    """Compare the schemas in a folder (by default ours) with the installed google-genai.

    With `write`, which is for maintainers of the schemas, stubs for the types that are new are
    written first, and what still differs is returned. Raises `NoSdk` where google-genai is absent
    or not recognised, `OSError` where a stub cannot be written.
    """
    schema_folder = folder or schemas.folder()
    sdk_outline, version = outline_sdk.read_outline(), outline_sdk.version()
    explain = read_explanations(schema_folder, version)
    differences = compare_outlines(
        outline_schemas.read_outline(schema_folder), sdk_outline, explain
    )
    written_files: tuple[str, ...] = ()
    if write:
        missing_types = [
            stubs.MissingType(
                difference.place, sdk_outline.shapes[difference.shape_key], difference.shape_key
            )
            for difference in differences
            if difference.shape_key and not difference.explanation
        ]
        written_files = stubs.write_stubs(
            missing_types, schema_folder, f"google-genai {version} types"
        )
        differences = compare_outlines(
            outline_schemas.read_outline(schema_folder), sdk_outline, explain
        )
    return Drift(version, tuple(differences), written_files)


def format_drift(drift: Drift, *, show_all: bool = False) -> str:
    """Write a line for each difference, explained ones on demand, and one that counts them all."""
    lines = [f"wrote {name}" for name in drift.written_files]
    lines += [
        str(difference)
        for difference in drift.differences
        if show_all or not difference.explanation
    ]
    new_count, gone_count = len(drift.unexplained("new")), len(drift.unexplained("gone"))
    explained_count = len(drift.differences) - new_count - gone_count
    counts = f"{new_count} new, {gone_count} gone, {explained_count} explained"
    lines.append(f"drift: google-genai {drift.version}: {counts}")
    return "\n".join(lines)


def compare_outlines(ours: Outline, theirs: Outline, explain: Explain) -> list[Difference]:
    """Return what the outlines differ in, sorted; pure.

    A place that several members lead to is reported once, and is explained once the place itself
    or each of those members is. What is gone for some of those members only is reported of them.
    """
    vias_by_difference: dict[Difference, list[str]] = {}
    vias_by_place: dict[str, set[str]] = {}
    for via, place, place_differences in _walk(ours, theirs):
        vias_by_place.setdefault(place, set()).add(via)
        for difference in place_differences:
            vias_by_difference.setdefault(difference, []).append(via)
    results = []
    for difference, vias in vias_by_difference.items():
        reasons = [
            explain(difference.place, difference.kind, difference.detail)
            or explain(via, difference.kind, difference.detail)
            for via in vias
        ]
        if difference.kind == "gone" and set(vias) < vias_by_place[difference.place]:
            pairs = zip(vias, reasons, strict=True)
            results += [replace(difference, place=via, explanation=reason) for via, reason in pairs]
        else:
            results.append(replace(difference, explanation=reasons[0] if all(reasons) else ""))
    for name, types in theirs.unknown_unions.items():
        difference = Difference(name, "new", f"union of {', '.join(types)}")
        results.append(
            replace(
                difference,
                explanation=explain(difference.place, difference.kind, difference.detail),
            )
        )
    return sorted(set(results))


_ComparedPlace = tuple[str, str, list[Difference]]
"""The member that led here, the place, and what differs in it."""


def _walk(ours: Outline, theirs: Outline) -> Iterator[_ComparedPlace]:
    empty_node = Node()
    nodes = [(name, ours.roots[name], theirs.roots.get(name, empty_node)) for name in ours.roots]
    compared_pairs: set[tuple[str, str]] = set()
    while nodes:
        via, our_node, their_node = nodes.pop()
        if our_node.unspecified:
            continue
        yield via, our_node.place, _compare_nodes(our_node, their_node)
        for pair in _shape_pairs(our_node, their_node):
            if pair in compared_pairs:
                continue
            compared_pairs.add(pair)
            our_shape, their_shape = ours.shapes[pair[0]], theirs.shapes[pair[1]]
            for difference in _compare_shapes(our_shape, their_shape):
                yield difference.place, difference.place, [difference]
            nodes += [
                (f"{_file_name(our_shape)}.{name}", node, their_shape.members[name])
                for name, node in our_shape.members.items()
                if name in their_shape.members
            ]


def _is_pair(ours: Node, theirs: Node) -> bool:
    """Say whether one object stands on each side: then they are the same, whatever their tags."""
    return len(ours.objects) == len(theirs.objects) == 1 and all(ours.objects.values())


def _shape_pairs(ours: Node, theirs: Node) -> list[tuple[str, str]]:
    """Return the pairs of shapes, ours and theirs, that describe the same thing."""
    if _is_pair(ours, theirs):
        return list(zip(ours.objects.values(), theirs.objects.values(), strict=True))
    pairs = ((key, theirs.objects.get(tag, "")) for tag, key in ours.objects.items())
    return [pair for pair in pairs if all(pair)]


def _compare_nodes(ours: Node, theirs: Node) -> list[Difference]:
    differences = list(_one_sided(ours.place, "value", ours.values, theirs.values))
    if not _is_pair(ours, theirs):
        # A tag that leads to no schema of ours is not known yet, should the SDK describe it.
        our_tags = {tag for tag, key in ours.objects.items() if key or not theirs.objects.get(tag)}
        for difference in _one_sided(ours.place, "type", our_tags, set(theirs.objects)):
            tag = difference.detail.removeprefix("type ").removeprefix(_UNTAGGED)
            differences.append(
                replace(
                    difference, shape_key=theirs.objects[tag] if difference.kind == "new" else ""
                )
            )
    return differences


def _compare_shapes(ours: Shape, theirs: Shape) -> Iterator[Difference]:
    # A schema and a definition in it share their members, and demand different ones.
    yield from _one_sided(_file_name(ours), "member", set(ours.members), set(theirs.members))
    shared = set(ours.members) & set(theirs.members)
    yield from _one_sided(ours.place, "demand", ours.required & shared, theirs.required & shared)


def _file_name(shape: Shape) -> str:
    return shape.place.partition("#")[0]


def _one_sided(
    place: str, noun: str, ours: AbstractSet[str], theirs: AbstractSet[str]
) -> Iterator[Difference]:
    for kind, names in (("new", theirs - ours), ("gone", ours - theirs)):
        for name in names:
            yield Difference(place, kind, f"{noun} {name or _UNTAGGED}")
