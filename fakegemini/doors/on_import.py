"""Tell of modules as soon as they are imported, those that are there already included."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType


class _Watch:
    """A finder that finds nothing by itself: it lets the others find, and is told of the end."""

    def __init__(self, tell: Mapping[str, Callable[[ModuleType], None]]) -> None:
        self._tell = tell

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec that the other finders find, so that `tell` is called with the module."""
        if name not in self._tell:
            return None
        finders = (finder for finder in [*sys.meta_path] if finder is not self)
        specs = (finder.find_spec(name, path, target) for finder in finders)
        spec = next(filter(None, specs), None)
        if spec is not None and spec.loader is not None:
            load, tell = spec.loader.exec_module, self._tell[name]

            def load_and_tell(module: ModuleType) -> None:
                load(module)
                tell(module)

            try:
                spec.loader.exec_module = load_and_tell  # type: ignore[method-assign]
            except AttributeError:  # a loader of another kind: the module stays as it is
                return spec
        return spec


@contextmanager
def told_of_imports(tell: Mapping[str, Callable[[ModuleType], None]]) -> Iterator[None]:
    """Call the function of each named module with it, now or when it is imported."""
    watch = _Watch(tell)
    sys.meta_path.insert(0, watch)
    try:
        for name in tell:
            if name in sys.modules:
                tell[name](sys.modules[name])
        yield
    finally:
        sys.meta_path.remove(watch)
