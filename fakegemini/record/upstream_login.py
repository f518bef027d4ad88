"""Find the login for an upstream where the address has none: environment, or a netrc file.

An address on a command line can be read in the list of processes by every user of a machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import NotStarted

LOGIN_VARIABLE = "FAKEGEMINI_UPSTREAM_LOGIN"
"""The variable with `user:password`."""

_NETRC = "NETRC"
"""The variable that names the file, as for requests, pip and others."""

VISIBLE_LOGIN = (
    "the login in --upstream can be read in the list of processes by every user of this machine. "
    f"Fix: {LOGIN_VARIABLE}=user:password in the environment, or a file that {_NETRC} names"
)

Login = tuple[str, str]


def split_login(url: str) -> tuple[str, Login | None]:
    """Split an address into itself without user and password, and those two."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    login = (unquote(parts.username), unquote(parts.password or ""))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), login


def has_login(url: str) -> bool:
    """Tell whether an address, or what is meant as one, has a user before its host."""
    return "@" in url.partition("://")[2].partition("/")[0]


def find_login(url: str, environment: Mapping[str, str] = os.environ) -> Login | None:
    """Find the login for an upstream, None where nobody set one.

    Raises `NotStarted` for a variable without a colon, and for a file that cannot be read.
    """
    text = environment.get(LOGIN_VARIABLE, "")
    if text:
        user, colon, password = text.partition(":")
        if not colon or not user:
            raise NotStarted(f"{LOGIN_VARIABLE} is no login: user:password")
        return user, password
    path = environment.get(_NETRC, "")
    return _read_netrc(path, urlsplit(url).hostname or "") if path else None


def _read_netrc(path: str, host: str) -> Login | None:
    from netrc import NetrcParseError, netrc

    from ..recordings.plain_files import read_plain_file

    try:
        read_plain_file(Path(path))  # a FIFO would let us wait
        entry = netrc(path).hosts.get(host)
    except NetrcParseError as error:
        raise NotStarted(f"{_NETRC}={path}, line {error.lineno}: {error.msg}") from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotStarted(f"{_NETRC}={path}: {reason}") from None
    return (entry[0], entry[2]) if entry else None
