"""Tell programs that wait for a server that it answers: by a file with its address."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import NotWritten


@contextmanager
def ready_signal(path: Path | None, url: str) -> Iterator[None]:
    """Have a file with the address while the block runs; raises `NotWritten`."""
    if path is None:
        yield
        return
    from ..recordings.atomic_write import write_atomically

    try:
        write_atomically(path, f"{url}\n".encode())
    except NotWritten as error:
        raise NotWritten(f"--ready-file: {error}") from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
