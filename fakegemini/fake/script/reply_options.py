"""List the options of a scripted reply, one row each, for all who take them.

`Fake.replies`, `When.replies` and the JSON form of a reply read them here. A new option is a row
here and its member of `schemas/control/reply.json`; where a `Turn` has no member of that name, or
the JSON is not the value itself, a row in `_TURN_MEMBERS` or in `control/build.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from ...faults import Fault
from ...protocol.background import Course
from ...wire.http import Json
from ..option_values import check_names


class ReplyOptions(TypedDict, total=False):
    """What a scripted reply fixes beside its steps; see `Fake.replies` for what each does."""

    status: str | None
    usage: Json | None
    id: str | None
    errors: Iterable[Json]
    background: Course | None
    fault: Fault | None
    hops: int


REPLY_OPTIONS = tuple(ReplyOptions.__annotations__)
"""The names of the options."""

_TURN_MEMBERS = {"background": "course"}
"""The member of a `Turn` that an option sets, where it has another name."""


def turn_members(options: Mapping[str, Any]) -> dict[str, Any]:
    """Name the options as the members of a `Turn`.

    Raises `TypeError` for an unknown name, as Python does for an unknown argument.
    """
    check_names(options, REPLY_OPTIONS, "replies")
    members = {_TURN_MEMBERS.get(name, name): value for name, value in options.items()}
    if "errors" in members:
        members["errors"] = tuple(members["errors"])
    return members
