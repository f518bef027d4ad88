"""Let a fake take part in a recording: it logs every request, and plays what is recorded."""

from __future__ import annotations

from ...errors import NotOnTape
from ...wire.http import Reply, Request
from ..pipeline import Pipeline


class BeforeUpstream:
    """What stands before the live API while it is recorded: the log and cassettes of a fake."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._cassettes = pipeline.state.cassettes

    def handle(self, request: Request) -> Reply:
        """Log the request and give the recorded answer; raises `NotOnTape` for what goes on."""
        with self._pipeline.state.log(request, self._pipeline.settings.timer()):
            if self._cassettes is None:
                raise NotOnTape("nothing is played")
            replayed = self._cassettes.replay(request)
            self._pipeline.creator.adopt(replayed)
            return replayed.reply

    def as_recorded(self, request: Request) -> Request:
        """Give the request the names that the recorded server knows."""
        return self._cassettes.player.as_recorded(request) if self._cassettes else request
