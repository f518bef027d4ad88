"""Tell the workers of one run of pytest which cassettes it has recorded so far."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path


class RecordedFiles:
    """The cassettes that a run of pytest has recorded, by whichever of its workers."""

    def __init__(self, run_name: str) -> None:
        self._folder = Path(tempfile.gettempdir()) / f"fakegemini-{run_name}"

    def __contains__(self, path: Path) -> bool:
        return self._note_of(path).exists()

    def add(self, path: Path) -> None:
        """Note that a cassette was recorded; other workers see it."""
        self._folder.mkdir(exist_ok=True)
        self._note_of(path).touch()

    def remove(self) -> None:
        """Forget all; at the end of the run."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _note_of(self, path: Path) -> Path:
        return self._folder / hashlib.sha256(str(path.resolve()).encode()).hexdigest()


def has_content(path: Path) -> bool:
    """Tell whether a file is there and not empty, as one is that a full disk left."""
    return path.exists() and path.stat().st_size > 0
