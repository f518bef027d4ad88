"""A client of the fixture's fake."""

from __future__ import annotations

import pytest

from fakegemini import Fake
from tests.http.door import Door


@pytest.fixture
def door(fakegemini: Fake) -> Door:
    """It knows nothing but the URL."""
    return Door(fakegemini.url)
