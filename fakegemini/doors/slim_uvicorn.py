"""Load uvicorn without its command line, its reloader and its worker processes.

The package's own `__init__` loads all of them, which takes longer than what serves. It runs when
somebody asks the package for something: whoever imports uvicorn gets it whole. Only a process of
our own does this; in a test's process nobody's library is touched.
"""

from __future__ import annotations

import sys
import threading
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_HOMES = {"Config": "config", "Server": "server"}
"""The names of the package that its own parts ask it for, and the parts that define them."""

_RARELY_USED = ("logging.config", "random")
"""What its parts import and our settings of it never use: handlers of logs, pickle, chance."""

_loading_lock = threading.RLock()
_executed_names: set[str] = set()


class LateModule(ModuleType):
    """A module whose code runs when a name of it is asked for that it does not have yet."""

    def __getattr__(self, name: str) -> Any:
        part = sys.modules.get(f"{self.__name__}.{_HOMES.get(name)}")
        if part and name in vars(part):
            return vars(part)[name]
        with _loading_lock:  # another thread that asks at the same moment waits for all of it
            loader = self.__spec__.loader if self.__spec__ else None
            if loader and self.__name__ not in _executed_names:
                _executed_names.add(self.__name__)
                loader.exec_module(self)
                self.__class__ = ModuleType  # type: ignore[assignment]
        return ModuleType.__getattribute__(self, name)


def load_slim_uvicorn() -> None:
    """Let the parts of uvicorn be imported by themselves, unless it is there already."""
    if "uvicorn" not in sys.modules:
        for name in ("uvicorn", *_RARELY_USED):
            _load_late(name)


def _load_late(name: str) -> None:
    spec = None if name in sys.modules else find_spec(name)
    if spec is None or spec.loader is None:
        return
    module = sys.modules[name] = module_from_spec(spec)
    module.__class__ = LateModule
    package_name, _, own_name = name.rpartition(".")
    if package_name:
        setattr(sys.modules[package_name], own_name, module)
