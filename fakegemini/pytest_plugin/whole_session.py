"""What lasts for a whole session: its address, and what keeps its tests from the live API."""

from __future__ import annotations

import contextlib
import functools
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest

from .stash_keys import TURBO_NOTES
from .switches import is_on

if TYPE_CHECKING:
    from ..doors.open_addresses import Address
    from .block import Block

_BLOCK = pytest.StashKey["Block"]()
_ADDRESS = pytest.StashKey["Address"]()


def begin_session(
    config: pytest.Config, *, env: bool, block: bool, in_process: bool, turbo: bool
) -> None:
    """Set the environment, forbid stray calls, make the SDK fast; each of them once."""
    if block:
        get_block(config, always=True)
    if turbo and TURBO_NOTES not in config.stash:
        from ..doors.turbo import keep_turbo

        undos = contextlib.ExitStack()
        config.stash[TURBO_NOTES] = undos.enter_context(keep_turbo()).notes
        config.add_cleanup(undos.close)
    if env and _ADDRESS not in config.stash:
        from ..doors.environment import environment_set, sdk_environment
        from ..errors import CannotListen

        try:
            address = get_address(config)
        except CannotListen as error:
            raise pytest.UsageError(str(error)) from None
        address.watch()
        cleanup = contextlib.ExitStack()
        cleanup.enter_context(environment_set(sdk_environment(address.url)))
        config.add_cleanup(cleanup.close)
    if in_process:
        get_address(config)  # a conftest.py may adopt a client


def get_block(config: pytest.Config, *, always: bool = False) -> Block:
    """Return what keeps tests from the live API, installed when it is first asked for."""
    if _BLOCK not in config.stash:
        from .block import Block

        block = config.stash[_BLOCK] = Block(always=always)
        block.begin()
        config.pluginmanager.register(block, "fakegemini-block")
        config.add_cleanup(block.end)
    return config.stash[_BLOCK]


def lift_block(config: pytest.Config) -> AbstractContextManager[None]:
    """Let connections through for a recording, where they are forbidden."""
    block = config.stash.get(_BLOCK, None)
    return block.lifted() if block else contextlib.nullcontext()


def get_address(config: pytest.Config) -> Address:
    """Return the address of this session, opened when it is first asked for.

    One that the process has already, because a client was adopted or a block of `running` was
    there, is this session's as well. Raises `CannotListen` where another plugin forbids sockets.
    """
    if _ADDRESS not in config.stash:
        config.stash[_ADDRESS] = _find_or_open(config)
    return config.stash[_ADDRESS]


def _find_or_open(config: pytest.Config) -> Address:
    from ..doors.address import SessionAddress, name_running_test
    from ..doors.open_addresses import close_address, find_address, register_address

    known_address = find_address()
    if is_on(config, "--fakegemini-transport"):
        from .in_process import InProcessAddress

        address: Address = InProcessAddress(name_running_test)
    elif isinstance(known_address, SessionAddress):
        return known_address
    else:
        address = SessionAddress()
    register_address(address)
    config.add_cleanup(functools.partial(close_address, address))
    return address
