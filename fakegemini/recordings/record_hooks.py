"""Let the user's functions change what is recorded, or drop it.

What a function makes of a request when it is recorded, it makes of the same request when that is
looked up in the replay, so that both still mean the same.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import BadScript, HookFailed
from .exchange import Exchange, RecordedExchange
from .plain_files import read_plain_file

RecordHook: TypeAlias = Callable[[Exchange], Exchange | None]
"""Takes an exchange and returns it, another one in its place, or None to drop it."""

HOOK_NAMES = ("before_record_request", "before_record_response")


@dataclass(frozen=True)
class RecordHooks:
    """What is called before an exchange is recorded.

    request: gets the exchange without its answer
    response: gets it whole
    """

    request: RecordHook | None = None
    response: RecordHook | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> RecordHooks:
        """Take the hooks of options by their names; raises `BadScript` for what is no hook."""
        return cls(*(find_hook(options.get(name)) for name in HOOK_NAMES))

    @classmethod
    def from_file(cls, path: Path) -> RecordHooks:
        """Read the functions of a Python file; raises `BadScript` where it has none of them."""
        try:
            read_plain_file(path)  # a FIFO would let us wait
            names = runpy.run_path(str(path))
        except OSError as error:
            raise BadScript(f"{path}: {error.strerror or error}") from None
        except Exception as error:
            raise BadScript(f"{path} cannot be run: {type(error).__name__}: {error}") from None
        if not any(name in names for name in HOOK_NAMES):
            raise BadScript(f"{path} has no function {' or '.join(HOOK_NAMES)}")
        return cls.from_options(names)

    def apply_to_request(self, exchange: Exchange) -> Exchange | None:
        """Return what is recorded of a request, None for one that is dropped.

        Raises `HookFailed`.
        """
        question = replace(exchange, status=None, response_headers={}, response_body=b"")
        changed = _call(HOOK_NAMES[0], self.request, question)
        return changed and replace(
            changed,
            status=exchange.status,
            response_headers=exchange.response_headers,
            response_body=exchange.response_body,
        )

    def apply(self, recorded: RecordedExchange) -> RecordedExchange | None:
        """Return what is recorded of an exchange, None for one that is dropped.

        Raises `HookFailed`.
        """
        exchange = self.apply_to_request(recorded.exchange)
        changed = exchange and _call(HOOK_NAMES[1], self.response, exchange)
        if changed is None:
            return None
        if changed is recorded.exchange:
            return recorded
        if changed.response_body == recorded.exchange.response_body:
            return replace(recorded, exchange=changed)
        headers = dict(changed.response_headers)
        if "content-length" in headers:
            headers["content-length"] = str(len(changed.response_body))
        return replace(recorded, exchange=replace(changed, response_headers=headers), chunks=())


def find_hook(value: Any) -> Any:
    """Return a function, or the one that `module:function` names; raises `BadScript`."""
    if value is None or callable(value):
        return value
    module_name, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not name:
        raise BadScript(
            f"before_record_… takes a function of an exchange, or module:function, not {value!r}"
        )
    try:
        hook = getattr(import_module(module_name), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadScript(f"{value}: {error}") from None
    return find_hook(hook)


def _call(name: str, hook: Any, exchange: Exchange) -> Exchange | None:
    """Call a hook of the user's; raises `HookFailed` for what it raises, and for another answer."""
    if hook is None:
        return exchange
    try:
        changed = hook(exchange)
    except Exception as error:
        raise HookFailed(f"{name} raised {type(error).__name__}: {error}") from error
    if changed is None or isinstance(changed, Exchange):
        return changed
    raise HookFailed(
        f"{name} returned {type(changed).__name__}, and takes and returns an exchange, or None to "
        "drop it; dataclasses.replace(exchange, …) makes another one"
    )
