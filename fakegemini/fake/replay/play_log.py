"""Note what is played of each cassette in this process, by whichever fake, for as long as asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOGS: list[PlayLog] = []


class PlayLog:
    """What was played of each cassette, by the numbers of its creates; a reset takes nothing back.

    An interaction is played when its create is asked, or, where the recording has none, when
    anything else is.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, set[int]] = {}

    def add(self, file: str, *numbers: int) -> None:
        """Note that a cassette was opened, and these of its exchanges were played."""
        self.numbers.setdefault(str(Path(file).resolve()), set()).update(numbers)


@contextmanager
def logging_plays() -> Iterator[PlayLog]:
    """Give a log of all that is played while the block runs."""
    log = PlayLog()
    _LOGS.append(log)
    try:
        yield log
    finally:
        _LOGS.remove(log)


def note_played(file: str, *numbers: int) -> None:
    """Tell the logs, if there are any, what is opened or played."""
    for log in _LOGS:
        log.add(file, *numbers)
