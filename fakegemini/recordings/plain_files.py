"""Open files that lie beside cassettes: nothing but plain files, through no link, for the owner.

Who controls a folder, such as the author of an untrusted branch, may have put a link, a FIFO or a
device under any name in it.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MOST_BYTES = 256 * 1024 * 1024
"""The largest file that is read as a recording or as an attachment."""

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_OWNER_ONLY = 0o600


def open_own_file(path: Path, flags: int) -> int:
    """Open a file of ours for writing, made for the owner alone; raises OSError for a link.

    Raises it for whatever is no plain file, too, and for one with a second name elsewhere.
    """
    handle = os.open(path, flags | _NO_LINK | _NO_WAIT | _BINARY, _OWNER_ONLY)
    try:
        _check_plain(handle, path)
        if os.fstat(handle).st_nlink > 1:
            raise OSError(errno.EPERM, "it has a second name elsewhere", str(path))
    except OSError:
        os.close(handle)
        raise
    return handle


def read_plain_file(path: Path, *, follow: bool = True) -> bytes:
    """Read a file whole; raises OSError for what is no plain file, and for more than `MOST_BYTES`.

    A FIFO would let us wait, a device never end. With `follow` a link to a plain file is one.
    """
    handle = os.open(path, os.O_RDONLY | _NO_WAIT | _BINARY | (0 if follow else _NO_LINK))
    with os.fdopen(handle, "rb", buffering=0) as file:
        size = _check_plain(handle, path)
        content = b""
        # A file of /proc says that it is empty, and any may grow while it is read.
        while piece := file.read(min(max(size, len(content)), MOST_BYTES) + 1):
            content += piece
            if len(content) > MOST_BYTES:
                break
    if len(content) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MOST_BYTES} bytes", str(path))
    return content


def _check_plain(handle: int, path: Path) -> int:
    """Return the size of a plain file; raises OSError for anything else."""
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
    return status.st_size
