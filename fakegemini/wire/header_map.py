"""Let the headers of a request be read like a mapping: by name, in any case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, SupportsIndex, overload

from ..wording import did_you_mean


class Headers(tuple[tuple[str, str], ...]):
    """The headers in the order in which they came, which can be asked by name too.

    It is a tuple of names and values, as the client sent them. `headers["X-Goog-Api-Key"]`, `get`,
    `in` and `dict(headers)` take a name in any case; of several headers with one name they give
    the first.
    """

    __slots__ = ()

    @overload
    def __getitem__(self, key: SupportsIndex, /) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, key: slice, /) -> tuple[tuple[str, str], ...]: ...
    @overload
    def __getitem__(self, key: str, /) -> str: ...
    def __getitem__(self, key: Any, /) -> Any:
        """Return the value of a header by its name, or the pair at a position."""
        if not isinstance(key, str):
            return tuple.__getitem__(self, key)
        value = self.get(key)
        if value is None:
            hint = did_you_mean(key.lower(), (name.lower() for name, _ in self))
            raise KeyError(f"the request has no header {key!r}{hint}")
        return value

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the value of the first header of that name, or the default."""
        lower_name = name.lower()
        return next((value for key, value in self if key.lower() == lower_name), default)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a header of that name, or this pair of name and value."""
        if isinstance(name, str):
            return self.get(name) is not None
        return tuple.__contains__(self, name)

    def keys(self) -> Iterator[str]:
        """Yield the names as the client sent them."""
        return (name for name, _ in self)

    def values(self) -> Iterator[str]:
        """Yield the values."""
        return (value for _, value in self)

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield names and values, each header that came."""
        return iter(self)
