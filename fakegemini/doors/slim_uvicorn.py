"""Load uvicorn without its command line, its reloader and its worker processes.

The package's own `__init__` loads all of them, which takes longer than what serves. It runs when
somebody asks the package for something: whoever imports uvicorn gets it whole. Only a process of
our own does this; in a test's process nobody's library is touched.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_HOMES = {"Config": "config", "Server": "server"}
"""The names of the package that its own parts ask it for, and the parts that define them."""


class LatePackage(ModuleType):
    """A package whose `__init__` runs when a name of it is asked for that it does not have yet."""

    def __getattr__(self, name: str) -> Any:
        part = sys.modules.get(f"{self.__name__}.{_HOMES.get(name)}")
        if part and name in vars(part):
            return vars(part)[name]
        if self.__class__ is LatePackage:
            self.__class__ = ModuleType  # type: ignore[assignment]
            loader = self.__spec__.loader if self.__spec__ else None
            if loader:
                loader.exec_module(self)
        return getattr(self, name)


def load_slim_uvicorn() -> None:
    """Let the parts of uvicorn be imported by themselves, unless it is there already."""
    spec = None if "uvicorn" in sys.modules else find_spec("uvicorn")
    if spec is None or spec.loader is None:
        return
    package = module_from_spec(spec)
    package.__class__ = LatePackage
    sys.modules["uvicorn"] = package
