"""Say where a member of a step stands: in a body, or in the events that the step was made of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...wire.http import Json
from ...wire.json_paths import join_path

_CONTENT = re.compile(r"(?:content|summary)\[\d+\]\.")
_ANNOTATION = re.compile(r"annotations\[(\d+)\](.*)")
_DELTA_MEMBERS = {"summary": "content"}
"""The member of a delta that makes a member of its step, where it has another name."""


@dataclass(frozen=True, slots=True)
class StepPlace:
    """The place of one step.

    path: of the step, or of the event that started it
    deltas: the deltas that made it with their paths; None for a step of a body
    """

    path: str
    deltas: tuple[tuple[str, Json], ...] | None = None

    def path_of(self, member: str) -> str:
        """Return the path of a member such as `name` or `content[0].text`.

        Of a streamed one that of the last delta that has it, else where the step began.
        """
        if self.deltas is None:
            return join_path(self.path, member)
        inner = _CONTENT.sub("", member)
        annotation = _ANNOTATION.fullmatch(inner)
        if annotation:
            return self._annotation_path(int(annotation[1]), annotation[2])
        name = re.split(r"[.\[]", inner)[0]
        delta_name = _DELTA_MEMBERS.get(name, name)
        for place, delta in reversed(self.deltas):
            if delta.get(delta_name):
                return f"{place}.delta.{inner if name == delta_name else delta_name}"
        return join_path(self.path, member)

    def _annotation_path(self, number: int, member: str) -> str:
        for place, delta in self.deltas or ():
            annotations = delta.get("annotations")
            if isinstance(annotations, list):
                if number < len(annotations):
                    return f"{place}.delta.annotations[{number}]{member}"
                number -= len(annotations)
        return self.path
