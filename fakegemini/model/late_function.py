"""Name functions that load their file when they are first called, for the rows of registries."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any


def late_function(package: str, file: str, name: str) -> Callable[..., Any]:
    """Return a function that calls the one of this name in a file beside the registry."""

    @cache
    def load() -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(import_module(f".{file}", package), name)
        return function

    def call(*arguments: Any) -> Any:
        return load()(*arguments)

    call.__module__, call.__name__ = f"{package}.{file}", name
    return call
