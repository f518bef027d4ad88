"""Let a test have a cassette of vcrpy for other hosts, and the fake for Gemini."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


def leave_to_fake(cassette: Any, url: str) -> None:
    """Let vcrpy neither record nor answer what goes to `url`; None stands for no cassette.

    A filter that gives nothing for a request makes vcrpy leave it alone.
    """
    keep = getattr(cassette, "_before_record_request", None)
    if keep is None:
        return
    ours = urlsplit(url).netloc

    def filtered(request: Any) -> Any:
        return None if urlsplit(request.uri).netloc == ours else keep(request)

    cassette._before_record_request = filtered
