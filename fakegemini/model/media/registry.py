"""Choose who makes a medium. A new one is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from ...wire.http import Json
from ..late_function import late_function
from ..task import Task
from .output_part import OutputPart
from .which_media import is_music, is_transcription

TEXT = "text"
"""The modality that needs no row: prose, or JSON that fits a schema."""


class Medium(NamedTuple):
    """One medium: its modality (the `type` of a format), who makes it, and what comes of it.

    `make` gets the task and the entry of `response_format`. `result` is what the pages say.
    `applies` says whether this turn wants it; of several media with one modality the first counts.
    """

    modality: str
    make: Callable[[Task, Json], OutputPart]
    result: str
    applies: Callable[[Task], bool] = lambda task: True


_in = partial(late_function, __package__ or "")
"""Names a file of this folder, which loads when its medium is first wanted."""


MEDIA: dict[str, Medium] = {
    "pictures": Medium(
        "image", _in("image", "make_image"), "JPEG, in the pixels of each ratio and size"
    ),
    "music": Medium(
        "audio",
        _in("music", "make_music"),
        "MPEG, silent, if no other encoding is asked for",
        applies=is_music,
    ),
    "speech": Medium(
        "audio",
        _in("speech", "make_speech"),
        "l16 if no other encoding is asked for; a voice and a speaker have their own pitch",
    ),
    "film": Medium(
        "video", _in("video", "make_video"), "MP4, inline or behind a `uri` that can be downloaded"
    ),
    "documents": Medium("document", _in("document", "make_document"), "PDF"),
    "transcripts": Medium(
        TEXT,
        _in("transcript", "make_transcript"),
        "text with `word_info`",
        applies=is_transcription,
    ),
}
"""By the name that the pages use."""


def media_modalities() -> tuple[str, ...]:
    """Return the modalities that are not text."""
    return tuple(medium.modality for medium in MEDIA.values() if medium.modality != TEXT)


def find_medium(task: Task, response_format: Json) -> Medium | None:
    """Return the medium that a format asks for; None where the answer is prose.

    A modality that we do not know counts as text.
    """
    asked_type = response_format.get("type")
    modality = asked_type if asked_type in media_modalities() else TEXT
    for medium in MEDIA.values():
        if medium.modality == modality and medium.applies(task):
            return medium
    return None
