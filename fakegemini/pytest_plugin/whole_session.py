"""What lasts for a whole session: its address, and what keeps its tests from the live API."""

from __future__ import annotations

import contextlib
import functools
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest

from .stash_keys import TURBO_NOTES

if TYPE_CHECKING:
    from .address import SessionAddress
    from .block import Block
    from .in_process import InProcessAddress

_BLOCK = pytest.StashKey["Block"]()
_ADDRESS = pytest.StashKey["SessionAddress | InProcessAddress"]()


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
        from .environment import apply_environment, restore_environment, sdk_environment

        address = get_address(config, in_process=in_process)
        address.watch()
        before = apply_environment(sdk_environment(address.url))
        config.add_cleanup(functools.partial(restore_environment, before))


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


def get_address(config: pytest.Config, *, in_process: bool) -> SessionAddress | InProcessAddress:
    """Return the address of this session, opened when it is first asked for."""
    if _ADDRESS not in config.stash:
        from .address import open_address

        address = config.stash[_ADDRESS] = open_address(in_process=in_process)
        config.add_cleanup(address.close)
    return config.stash[_ADDRESS]
