"""`Fake`: a script, a ledger and the routes behind one handler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .core import refusals
from .core.ask import Ask
from .core.clock import Clock, VirtualClock
from .core.complaints import Complaints
from .core.explain import breach
from .core.explain import refused as refused_text
from .core.http import Json, Reply, Request
from .core.ids import Mint
from .core.ledger import Ledger
from .core.models import AGENTS, MODELS, Agent, Model
from .core.refusals import Refusal
from .core.script import Script
from .core.turn import Turn
from .core.wire import json_reply
from .errors import Unscripted
from .resources.interactions import Interactions
from .resources.models import Models
from .resources.refuse import refused
from .resources.routes import Route, route

if TYPE_CHECKING:
    from .contract.findings import Finding


class Fake:
    """A fake Gemini Interactions API, without a socket: give `handle` to a door.

    Until a test scripts a reply, the unscripted model answers every request. After that, only
    the script does: a request it has no reply for raises `Unscripted`, which a network door
    turns into a 400 and `check()` raises again.

    `seed` decides the ids and signatures: the same seed and the same requests give the same
    bytes. `clock` gives the time in Unix seconds; a virtual one by default. `models` adds
    capabilities to the known ones; `any_model` takes every other model's name too.
    """

    def __init__(
        self,
        *,
        seed: str | int = 0,
        clock: Clock | None = None,
        models: Mapping[str, Model] | None = None,
        agents: Mapping[str, Agent] | None = None,
        any_model: bool = False,
    ) -> None:
        self.url = ""
        """Where a door serves it, as the base URL of an SDK; empty until then."""
        self.requests: list[Request] = []
        """What was asked, in order of arrival, refused requests included."""
        self._script = Script()
        self._complaints = Complaints()
        clock = clock or VirtualClock()
        known = MODELS | dict(models or {})
        self._interactions = Interactions(
            answer=self._answer,
            check=self._shape,
            clock=clock,
            ledger=Ledger(clock),
            models=known,
            agents=AGENTS | dict(agents or {}),
            any_model=any_model,
            seed=str(seed),
        )
        self._routes: tuple[Route, ...] = (*self._interactions.routes(), *Models(known).routes())

    def replies(self, *steps: Json | str) -> None:
        """Script the next reply: the steps of one turn, built with `say`, `call`, `think`, `step`.

        A string is short for `say(string)`. Call it once for each reply; they are played in
        order. Raises `BadScript` for what cannot be a reply.
        """
        self._script.add(*steps)

    def script(self, turn: Turn) -> None:
        """Script the next reply as a `Turn`, which fixes status and usage too."""
        self._script.add_turn(turn)

    def handle(self, request: Request) -> Reply:
        """Answer one request; raises `Unscripted` where the test's script does not."""
        if request.path.rstrip("/") == "/__fakegemini__/health":
            return json_reply({"status": "ok"})
        self.requests.append(request)
        try:
            reply = route(self._routes, request)
        except Unscripted as error:
            self._complaints.note("unscripted", str(error))
            raise
        return reply or refused(refusals.no_route(request.method, request.path))

    def allow(self, *kinds: str) -> None:
        """Let the test pass in spite of `"unscripted"` or `"refused"` requests, of a `"breach"` of
        the contract, or of `"leftover"` replies. Raises `BadScript` for any other name.
        """
        self._complaints.allow(*kinds)

    def note(self, finding: Finding) -> None:
        """Keep a finding of a guard for the end of the test; what is only drift passes."""
        if finding.kind == "violation" and finding.path.startswith("response"):
            self._complaints.note("breach", breach(str(finding), self.requests[-1].path))

    def check(self) -> None:
        """Raise what went wrong unseen: an `Unscripted` or `Refused` request, a `ContractBreach`,
        a `LeftOver` reply. The first that is not allowed is raised.
        """
        if self._script.waiting:
            self._complaints.note("leftover", self._script.leftover())
        self._complaints.settle()

    def _answer(self, ask: Ask, mint: Mint) -> Turn:
        if self._script.used:
            return self._script.answer(ask)
        from .model import improvise

        return improvise(ask, mint)

    def _shape(self, body: Any) -> Refusal | None:
        # Loaded when the first request comes: the validator is a compiled library.
        from .contract.requests import refuse

        refusal = refuse(body)
        if refusal:
            self._complaints.note("refused", refused_text(body, refusal))
        return refusal
