"""Let the contexts of vcrpy end their patches also where a cassette cannot be saved.

vcrpy leaves them in place then, and all that follows would speak through the cassette.
"""

from __future__ import annotations

from typing import Any


def unpatch_always(vcr: Any) -> None:
    """Let every context of a `vcr.VCR` end its patches."""
    name = "_use_cassette" if hasattr(vcr, "_use_cassette") else "use_cassette"
    plain_use = getattr(vcr, name)
    setattr(vcr, name, lambda *args, **kwargs: _unpatching_always(plain_use(*args, **kwargs)))


def _unpatching_always(context: Any) -> Any:
    """Return a context of vcrpy that ends its patches whatever happens."""
    plain = type(context)
    if not hasattr(plain, "_patch_generator"):  # a function that it decorates
        return context

    class UnpatchingContext(plain):  # type: ignore[valid-type, misc]
        def __exit__(self, *exc_info: Any) -> Any:
            try:
                return super().__exit__(*exc_info)
            finally:
                patches = getattr(self, "_CassetteContextDecorator__finish", None)
                if patches is not None:
                    next(patches, None)
                    self._CassetteContextDecorator__finish = None

    context.__class__ = UnpatchingContext
    return context
