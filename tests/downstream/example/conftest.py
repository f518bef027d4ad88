"""What holds for all tests of the shop: each has a fake, whether it names it or not."""

from typing import Any

import pytest
import shop.client  # type: ignore[import-not-found]

from fakegemini import Fake

assert shop.client.client


@pytest.fixture
def anyio_backend() -> str:
    """asyncio is what the SDK works with."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _gemini(fakegemini: Fake, request: pytest.FixtureRequest) -> Any:
    """Give every test a fake; those of unittest find it on themselves."""
    if request.instance is not None:
        request.instance.gemini = fakegemini
