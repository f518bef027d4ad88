"""Hold the frames of a stream that are all due: one after the other, or joined in one piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .http import Beat

_END = b"\n\n"


class DueFrames:
    """The beats of a stream that waits for nothing.

    `joined` are its frames in one piece, for a door that would write them together anyway, and for
    whoever only reads them. `follow` gets the frames and yields the beats for whoever takes one
    after the other, which may take any time.
    """

    __slots__ = ("_beats", "_follow", "joined")

    def __init__(self, joined: bytes, follow: Callable[[list[bytes]], Iterator[Beat]]) -> None:
        self.joined = joined
        self._follow = follow
        self._beats: Iterator[Beat] | None = None

    @property
    def frame_count(self) -> int:
        """Count the frames."""
        return self.joined.count(_END)

    def __iter__(self) -> DueFrames:
        return self

    def __next__(self) -> Beat:
        if self._beats is None:
            frames = [part + _END for part in self.joined.split(_END)[:-1]]
            self._beats = self._follow(frames)
        return next(self._beats)
