"""Take the secrets out of what a client asks, by the rules by which recordings are scrubbed."""

from __future__ import annotations

from ..exchange import Exchange, RecordedExchange
from .last_resort import scrub_fully
from .policy import ScrubRules
from .scrubber import Scrubber

_FIRST_NUMBER = 1001
"""Far from the numbers of a recording, whose placeholders a client may send back."""


class RequestScrubber:
    """Scrubs the requests of one client; a secret has one placeholder in all of them."""

    def __init__(self, rules: ScrubRules | None = None) -> None:
        self._scrubber = Scrubber(rules, first_number=_FIRST_NUMBER)

    def scrub(self, exchange: Exchange) -> Exchange:
        """Return a request without its secrets, and without those of earlier requests."""
        self._scrubber.learn(RecordedExchange(exchange))
        return scrub_fully(self._scrubber, RecordedExchange(exchange))[0].exchange
