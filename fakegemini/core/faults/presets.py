"""What the live service was seen to do on bad days, by name."""

from __future__ import annotations

import difflib

from ...errors import BadScript
from .answers import refuse
from .base import Fault
from .streams import bare_line, cut_at, error_event

PRESETS: dict[str, Fault] = {
    "poll_forbidden": refuse(403),
    "not_yet_visible": refuse(404),
    "cancel_not_found": refuse(404, "not_found", "Method not found."),
    "cancel_fails": refuse(500),
    "content_blocked": refuse(400, "prohibited_content", "Request blocked due to its content."),
    "blocked_stream": bare_line(),
    "rate_limited": refuse(
        429,
        "rate_limit_exceeded",
        "Rate limit exceeded for model gemini-3.1-pro (limit: 0 input tokens per minute on Free "
        "Tier). Please upgrade your tier at https://ai.dev/rate-limit.",
    ),
    "project_denied": refuse(403, message="Your project has been denied access."),
    "deadline": error_event("gateway_timeout", "Deadline expired before operation could complete."),
    "ten_minute_cut": cut_at(600.0),
}
"""What was observed, by name: measured or reported, see the reference of each in the README."""


def named(fault: Fault | str) -> Fault:
    """A fault, given itself or as a name of `PRESETS`; raises `BadScript` for an unknown name."""
    if not isinstance(fault, str):
        return fault
    if fault not in PRESETS:
        near = difflib.get_close_matches(fault, PRESETS, n=1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        raise BadScript(f"there is no fault {fault!r} (there are {', '.join(PRESETS)}){hint}")
    return PRESETS[fault]
