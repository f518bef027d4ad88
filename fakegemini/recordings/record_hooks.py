"""Let the user's functions change what is recorded, or drop it.

What a function makes of a request when it is recorded, it makes of the same request when that is
looked up in the replay, so that both still mean the same.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import BadScript, HookFailed
from .exchange import Exchange, RecordedExchange

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

    def __post_init__(self) -> None:
        for name, hook in zip(HOOK_NAMES, (self.request, self.response), strict=True):
            if hook is not None and not callable(hook):
                raise BadScript(f"{name} is a function that takes an exchange, not {hook!r}")

    @classmethod
    def from_file(cls, path: Path) -> RecordHooks:
        """Read the functions of a Python file; raises `BadScript` where it has none of them."""
        try:
            names = runpy.run_path(str(path))
        except OSError as error:
            raise BadScript(f"{path}: {error.strerror or error}") from None
        except Exception as error:
            raise BadScript(f"{path} cannot be run: {type(error).__name__}: {error}") from None
        hooks = [names.get(name) for name in HOOK_NAMES]
        if not any(hooks):
            raise BadScript(f"{path} has no function {' or '.join(HOOK_NAMES)}")
        return cls(*hooks)

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
