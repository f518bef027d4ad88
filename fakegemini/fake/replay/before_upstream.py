"""Let a fake take part in a recording: it logs every request, and plays what is recorded."""

from __future__ import annotations

from ...errors import NotOnTape
from ...protocol.paths import operation
from ...protocol.request_log import LoggedRequest
from ...wire.http import Handler, Reply, Request
from ..pipeline import Pipeline
from ..routes import CONTROL_PREFIX
from ..state.sessions import read_token


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


class ScriptBeforeUpstream:
    """What stands before the live API where a fake answers only what it is scripted for.

    That is what a rule of the script fits, whatever concerns an interaction of the fake's own, a
    session, and the control routes. `handle` is how the fake is served, log and page included.
    """

    def __init__(self, pipeline: Pipeline, handle: Handler) -> None:
        self._pipeline = pipeline
        self._handle = handle

    def handle(self, request: Request) -> Reply:
        """Answer what is the fake's; raises `NotOnTape` for what goes on."""
        if not self._is_own(request):
            raise NotOnTape("the script has no answer")
        return self._handle(request)

    def as_recorded(self, request: Request) -> Request:
        """Return the request as it is: the names of the live API are its own."""
        return request

    def _is_own(self, request: Request) -> bool:
        if request.path == "/" or request.path.startswith(f"{CONTROL_PREFIX}/"):
            return True
        if read_token(request)[0]:
            return True
        name = operation(request)
        if name == "create":
            return self._pipeline.creator.has_script_for(request)
        identifier = LoggedRequest(request, 0.0).id
        return bool(identifier and self._pipeline.state.find_interaction(identifier))
