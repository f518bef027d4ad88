"""Find the recorded request of another resource that is nearest to one, and how they differ."""

from __future__ import annotations

from typing import Any

from ...recordings.conversations import RecordedConversations, other_resource_key, request_content
from ...recordings.exchange import Exchange
from ...wire.json_paths import find_differences


def nearest_other(
    exchange: Exchange, conversations: RecordedConversations
) -> tuple[str, list[tuple[str, Any, Any]]]:
    """Name the nearest recorded request of the same method and path, and list the differences.

    The name is empty where none has both.
    """
    key = other_resource_key(exchange)
    candidates = [
        (recordings[0].exchange, _differences(recordings[0].exchange, exchange))
        for other_key, recordings in conversations.other_resources.items()
        if other_key[:2] == key[:2]
    ]
    if not candidates:
        return "", []
    nearest, differences = min(
        candidates, key=lambda pair: (pair[0].query != exchange.query, len(pair[1]))
    )
    return f"exchange {nearest.number}: {' '.join(key[:2])}", differences


def _differences(recorded: Exchange, exchange: Exchange) -> list[tuple[str, Any, Any]]:
    differences = [
        (f"?{path}", old, new)
        for path, old, new in find_differences(recorded.query, exchange.query)
    ]
    old_body, new_body = request_content(recorded), request_content(exchange)
    if isinstance(old_body, dict | list) and isinstance(new_body, dict | list):
        return [*differences, *find_differences(old_body, new_body)]
    if old_body != new_body:
        differences.append(("body", old_body, new_body))
    return differences
