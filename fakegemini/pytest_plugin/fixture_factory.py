"""Make fixtures like `fakegemini`, which last longer than a test, or have options of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Unpack

import pytest

if TYPE_CHECKING:
    from ..fake.fake import Fake
    from ..fake.option_types import FakeOptions

Scope: TypeAlias = Literal["function", "class", "module", "package", "session"]


def fake_fixture(
    scope: Scope = "module",
    *,
    name: str | None = None,
    autouse: bool = False,
    **options: Unpack[FakeOptions],
) -> Any:
    """Make a fixture that is a fake for a class, a module or a session: `shop = fake_fixture()`.

    The `options` are those of `Fake`. What is stored lasts as long as the fixture. Each test is
    checked for itself at its end: what it scripted ends with it, while what fixtures scripted stays
    and is checked at the end of the scope. `name` and `autouse` are those of `pytest.fixture`.
    Raises `TypeError` for an option that there is not.
    """

    from ..fake.option_values import check_names
    from ..fake.options import OPTIONS

    check_names(options, OPTIONS, "fake_fixture")

    def serve(request: pytest.FixtureRequest) -> Iterator[Fake]:
        """A fake Gemini Interactions API that tests share, made by `fakegemini.fake_fixture`."""
        from .fake_of_scope import provide_fake

        with pytest.MonkeyPatch.context() as monkeypatch:
            yield from provide_fake(request, monkeypatch, options)

    return pytest.fixture(serve, scope=scope, name=name, autouse=autouse)
