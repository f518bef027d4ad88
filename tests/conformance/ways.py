"""The ways to drive google-genai: sync and async, on each of its HTTP libraries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from typing import Any, Protocol, TypeVar

from google import genai

T = TypeVar("T")


class Api(Protocol):
    """The four calls and the two streams; a stream may be left after `take` events."""

    def create(self, **body: Any) -> Any: ...
    def get(self, identifier: str, **query: Any) -> Any: ...
    def cancel(self, identifier: str) -> Any: ...
    def delete(self, identifier: str) -> Any: ...
    def stream(self, take: int | None = None, **body: Any) -> list[Any]: ...
    def follow(self, identifier: str, **query: Any) -> list[Any]: ...
    def models(self) -> list[str]: ...
    def close(self) -> None: ...


class Sync:
    """The synchronous client."""

    def __init__(self, **options: Any) -> None:
        self.client: Any = genai.Client(**options)
        self.create = self.client.interactions.create
        self.get = self.client.interactions.get
        self.cancel = self.client.interactions.cancel
        self.delete = self.client.interactions.delete

    def stream(self, take: int | None = None, **body: Any) -> list[Any]:
        """The events of a streamed create."""
        with self.create(stream=True, **body) as events:
            return [event for event, _ in zip(events, _numbers(take), strict=False)]

    def follow(self, identifier: str, **query: Any) -> list[Any]:
        """The events of a streamed get."""
        return list(self.get(identifier, stream=True, **query))

    def models(self) -> list[str]:
        """The names of the models."""
        return [model.name for model in self.client.models.list()]

    def close(self) -> None:
        """Close the client."""
        self.client.close()


class Async:
    """The asynchronous client, on an event loop of its own."""

    def __init__(self, **options: Any) -> None:
        self.client: Any = genai.Client(**options)
        self.runner = asyncio.Runner()

    def create(self, **body: Any) -> Any:
        """A create."""
        return self._run(self.client.aio.interactions.create(**body))

    def get(self, identifier: str, **query: Any) -> Any:
        """A get."""
        return self._run(self.client.aio.interactions.get(identifier, **query))

    def cancel(self, identifier: str) -> Any:
        """A cancel."""
        return self._run(self.client.aio.interactions.cancel(identifier))

    def delete(self, identifier: str) -> Any:
        """A delete."""
        return self._run(self.client.aio.interactions.delete(identifier))

    def stream(self, take: int | None = None, **body: Any) -> list[Any]:
        """The events of a streamed create."""

        async def events() -> list[Any]:
            async with await self.client.aio.interactions.create(stream=True, **body) as stream:
                return await _taken(stream, take)

        return self._run(events())

    def follow(self, identifier: str, **query: Any) -> list[Any]:
        """The events of a streamed get."""

        async def events() -> list[Any]:
            stream = await self.client.aio.interactions.get(identifier, stream=True, **query)
            return await _taken(stream, None)

        return self._run(events())

    def models(self) -> list[str]:
        """The names of the models."""

        async def names() -> list[str]:
            return [model.name async for model in await self.client.aio.models.list()]

        return self._run(names())

    def close(self) -> None:
        """Close the client and its loop."""
        self._run(self.client.aio.aclose())
        self.client.close()
        self.runner.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


def _numbers(take: int | None) -> Iterable[int]:
    return range(take) if take is not None else iter(int, 1)


async def _taken(stream: AsyncIterator[Any], take: int | None) -> list[Any]:
    events: list[Any] = []
    if take == 0:
        return events
    async for event in stream:
        events.append(event)
        if len(events) == take:
            break
    return events


WAYS = [(library, kind) for library in ("httpx2", "httpx") for kind in (Sync, Async)]
