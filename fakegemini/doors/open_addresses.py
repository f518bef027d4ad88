"""Keep the addresses of this process: whoever serves a fake does it at the one that is there.

So a client that is kept works everywhere: in a test with the fixture, in one with `running`, and
in one of unittest.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ..fake.fake import Fake
from ..wire.http import Handler
from .address import SessionAddress
from .switchboard import Switchboard


class Address(Protocol):
    """Where fakes are served, on a port or inside the process."""

    @property
    def url(self) -> str:
        """Return the base URL; once it was started, that of this process."""

    def watch(self) -> None:
        """Start when the first client comes."""

    def start(self) -> Switchboard:
        """Start unless it runs, and give the switchboard behind it."""

    def close(self) -> None:
        """Serve no more."""


_OPEN: list[Address] = []
"""The newest last."""

_SERVED: list[Fake] = []


def register_address(address: Address) -> None:
    """Let everybody in this process use an address, until it is closed by `close_address`."""
    _OPEN.append(address)


def close_address(address: Address) -> None:
    """Close an address; the one before it is used again."""
    _OPEN[:] = [each for each in _OPEN if each is not address]
    address.close()


def find_address() -> Address | None:
    """Return the address of this process, None where there is none yet."""
    return _OPEN[-1] if _OPEN else None


def share_address() -> Address:
    """Return the address of this process, opened where there is none; it lasts as long as it."""
    address = find_address()
    if address is None:
        address = SessionAddress()
        register_address(address)
        atexit.register(close_address, address)
    return address


@contextmanager
def plug_in_fake(
    address: Address, fake: Fake, owner: str, handler: Handler | None = None
) -> Iterator[str]:
    """Serve a fake at an address while the block runs, and give its base URL; `owner` names it.

    `handler` is how it is served, where that is not by the fake alone.
    """

    def list_ids() -> set[str]:
        return {asked.id for asked in fake.requests.creates if asked.id}

    with address.start().plug_in(handler or fake.handle, owner, list_ids) as prefix:
        _SERVED.append(fake)
        try:
            yield address.url + prefix
        finally:
            _SERVED.remove(fake)
            fake.end_functions()


def end_functions() -> None:
    """End the functions that are still at work for any fake that is served: the run is over."""
    for fake in _SERVED:
        fake.end_functions()
