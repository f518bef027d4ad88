"""Replace files whole or not at all, and let only one process at a time write a file.

The new content goes into a temporary file beside the old one, to the disk, and then takes the old
one's place in one move. A process that is killed before that leaves its temporary file behind; the
next writer removes it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import CassetteBusy, NotWritten
from .plain_files import open_own_file, read_plain_file

_NAME = b"interactions"
_POLL_SECONDS = 0.05
_LONGEST_NUMBER = 20
"""How many digits the number of a process has at most; a longer file is not a lock of ours."""


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the content of a file by `content`; call it inside `lock_file`.

    A link to a recording stays a link, and the file keeps its mode. Raises `NotWritten`, also for a
    device or a FIFO; then the old file is as it was.
    """
    target = path.resolve()
    if path.is_symlink():
        _check_linked(path, target)
    if target.exists() and not target.is_file():  # to replace /dev/null would harm everybody
        raise NotWritten(f"cannot write {path}: it is no plain file; nothing was written")
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(".tmp", f".{target.name}.", target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode_of(target))
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        reason = error.strerror or str(error)
        consequence = "the old file is as it was" if target.exists() else "nothing was written"
        raise NotWritten(f"cannot write {path}: {reason}; {consequence}") from None
    _sync_folder(target.parent)


def write_attachment(path: Path, content: bytes) -> None:
    """Write a file beside a cassette, through no link; raises `NotWritten`."""
    for place in (path, path.parent):
        if place.is_symlink():
            raise NotWritten(f"cannot write {path}: {place} is a link; nothing was written")
    write_atomically(path, content)


def _check_linked(path: Path, target: Path) -> None:
    """Raise `NotWritten` for a link to what is no recording, such as somebody's settings.

    Whatever is a recording of the API names the path of an interaction somewhere.
    """
    try:
        is_recording = not target.exists() or _NAME in (read_plain_file(target) or _NAME)
    except OSError:
        is_recording = False
    if not is_recording:
        raise NotWritten(
            f"cannot write {path}: it is a link to {target}, which holds no recording; the old "
            "file is as it was"
        )


@contextmanager
def lock_file(path: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Make this process the only writer of a file while the block runs.

    wait: for how many seconds to wait for another writer

    The lock ends with the process, however that ends. Raises `CassetteBusy`, and `NotWritten` where
    the folder cannot be written to.
    """
    target = path.resolve()
    lock = target.with_name(f".{target.name}.lock")
    deadline = time.monotonic() + wait
    while (handle := _acquire_lock(lock, path)) is None:
        if time.monotonic() >= deadline:
            raise CassetteBusy(
                f"{path}: {_describe_holder(lock)} is writing it; wait for its end, or name another"
            )
        time.sleep(_POLL_SECONDS)
    try:
        _remove_leftovers(target)
        yield
    finally:
        if sys.platform == "win32":
            os.close(handle)
            with contextlib.suppress(OSError):
                os.unlink(lock)
        else:
            with contextlib.suppress(OSError):
                os.unlink(lock)
            os.close(handle)


def _acquire_lock(lock: Path, path: Path) -> int | None:
    """Take the lock and return its handle; None while another process has it."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = open_own_file(lock, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise NotWritten(f"cannot write {path}: {error.strerror or error}") from None
    try:
        if not _try_to_lock(handle) or not _is_still_in_place(handle, lock):
            os.close(handle)
            return None
        if os.fstat(handle).st_size > _LONGEST_NUMBER:
            os.close(handle)
            raise NotWritten(f"cannot write {path}: {lock} is no lock of ours; remove it first")
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
    except OSError as error:
        os.close(handle)
        raise NotWritten(f"cannot write {path}: {error.strerror or error}") from None
    return handle


def _try_to_lock(handle: int) -> bool:
    """Lock an open file as the system does it; False while another process has the lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_still_in_place(handle: int, lock: Path) -> bool:
    """Tell whether a lock is still the file at its path.

    Its last holder may have removed that file after we opened it and before we locked it.
    """
    try:
        disk_stat = os.lstat(lock)
    except FileNotFoundError:
        return False
    handle_stat = os.fstat(handle)
    return (handle_stat.st_ino, handle_stat.st_dev) == (disk_stat.st_ino, disk_stat.st_dev)


def _describe_holder(lock: Path) -> str:
    """Name the process whose number is in the lock."""
    with contextlib.suppress(OSError, ValueError):
        return f"process {int(read_plain_file(lock, follow=False)[:_LONGEST_NUMBER])}"
    return "another process"


def _remove_leftovers(target: Path) -> None:
    """Remove the temporary files of killed writers; the lock says that nobody is writing now."""
    prefix = f".{target.name}."
    dot_count = prefix.count(".") + 1  # those of a cassette with a longer name are not ours
    with contextlib.suppress(OSError):
        for name in os.listdir(target.parent):
            if name.startswith(prefix) and name.endswith(".tmp") and name.count(".") == dot_count:
                with contextlib.suppress(OSError):
                    os.unlink(target.parent / name)


def _mode_of(target: Path) -> int:
    """Return the mode of a file, or the one that a new file gets."""
    try:
        return os.stat(target).st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Write a folder to the disk, without which a move in it is not durable.

    Systems that cannot do that are left alone.
    """
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
