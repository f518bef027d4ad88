"""Remember where the clients of google-genai are made, to name the line of code later."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from .network_guard import name_caller

_MODULE = "google.genai._api_client"
_MOST_PLACES = 3


class ClientPlaces(importlib.abc.MetaPathFinder):
    """For each client that is alive, file and line of the code that made it."""

    def __init__(self) -> None:
        self._places: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def watch(self) -> None:
        """See each client that is made from now on, whenever the SDK is imported."""
        if _MODULE in sys.modules:
            self._wrap(sys.modules[_MODULE])
        else:
            sys.meta_path.insert(0, self)

    def of(self, host: str) -> list[str]:
        """Return where the living clients of a host were made, a few of them."""
        places = [
            place
            for client, place in [*self._places.items()]
            if host in str(getattr(getattr(client, "_http_options", None), "base_url", ""))
        ]
        return [*dict.fromkeys(places)][:_MOST_PLACES]

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the module of the SDK as everybody does, and wrap it once it is loaded."""
        if name != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def load(module: ModuleType) -> None:
                execute(module)
                self._wrap(module)

            spec.loader.exec_module = load  # type: ignore[method-assign]
        return spec

    def _wrap(self, module: ModuleType) -> None:
        client_class = getattr(module, "BaseApiClient", None)
        if client_class is None:
            return
        make = client_class.__init__

        def wrapped(client: Any, *args: Any, **options: Any) -> None:
            place = name_caller()
            make(client, *args, **options)
            if place:
                self._places[client] = place

        client_class.__init__ = wrapped
