"""How the tests talk to the control routes."""

from __future__ import annotations

from typing import Any

from tests.http.door import Door

BASE = "/__fakegemini__"


def told(door: Door, route: str, body: Any = None) -> Any:
    """What a route answers; asserts that it agrees."""
    method, _, name = route.partition(" ")
    answer = door.ask(method, f"{BASE}{name}", body)
    assert answer.status == 200, answer.body
    return answer.json
