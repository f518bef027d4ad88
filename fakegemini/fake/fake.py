"""`Fake`: a script, a store and the routes behind one handler."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FakeGeminiError
from ..faults import Fault, named
from ..faults.in_force import FaultsInForce
from ..protocol.ask import Ask
from ..protocol.background import Course
from ..protocol.clock import Clock, VirtualClock
from ..protocol.eras import CURRENT_ERA, Era, find_era
from ..protocol.ids import IdSource
from ..protocol.interaction import Interaction
from ..protocol.known_models import AGENTS, MODELS, Agent, Model
from ..protocol.paths import operation
from ..protocol.refusals.refusal import Refusal
from ..protocol.request_log import LoggedRequest, Requests
from ..protocol.turn import Turn
from ..wire.http import Handler, Json, Reply, Request
from ..wire.replies import add_live_headers
from .files import Files
from .interactions import Interactions, TurnMaker
from .models import Models
from .routes import answer_unrouted, dispatch
from .script.failures import describe_breach, describe_refused, describe_unfinished_turn
from .script.rules import Answerer, Condition, make_rule
from .script.script import ANY, Script, When
from .state.complaints import Complaints
from .state.continuations import Continuations
from .state.store import Store

if TYPE_CHECKING:
    from datetime import date

    from ..contract.findings import Finding
    from ..recordings.tolerance import Tolerated
    from ..resilience import Verdicts
    from .control import Control
    from .replay.cassettes import BeforeUpstream, PlayedCassettes


class Fake:
    """A fake Gemini Interactions API, without a socket: give `handle` to a door.

    Until a test scripts a reply, the unscripted model answers every request. After that, only
    the script does: a request it has no reply for raises `Unscripted`, which a network door
    turns into a 400 and `check()` raises again.

    `seed` decides the ids and signatures: the same seed and the same requests give the same
    bytes. `clock` gives the time in Unix seconds; a virtual one by default. `models` adds
    capabilities to the known ones; `any_model` takes every other model's name too. `timer` says
    when a request came, in seconds; the clock if not given. `decode_limit` is how many tokens one
    answer may have, as the fake estimates them: longer ones need continuation. `era` is the time
    whose server it is, see `core.eras`; raises `BadScript` for an unknown one.
    """

    def __init__(
        self,
        *,
        seed: str | int = 0,
        clock: Clock | None = None,
        models: Mapping[str, Model] | None = None,
        agents: Mapping[str, Agent] | None = None,
        any_model: bool = False,
        timer: Clock | None = None,
        decode_limit: int | None = None,
        era: str | Era = CURRENT_ERA,
    ) -> None:
        self.url = ""
        """Where a door serves it, as the base URL of an SDK; empty until then."""
        self.requests = Requests()
        """What was asked, in order of arrival, refused requests included."""
        self._script = Script()
        self._complaints = Complaints()
        self._faults_in_force = FaultsInForce()
        self._wrap_route: Callable[[Handler], Handler] = lambda handler: handler
        self._stand_in_handler: Handler | None = None
        self._played_cassettes: PlayedCassettes | None = None
        self.clock = clock if isinstance(clock, VirtualClock) else VirtualClock()
        """The time of the test: `clock.advance(seconds)` moves background runs on. Nobody looks at
        it where the fake was given a clock of another kind."""
        time_source = clock or self.clock
        known_models = MODELS | dict(models or {})
        self._interactions = Interactions(
            make_turn=self._make_turn,
            check_shape=self._check_shape,
            clock=time_source,
            store=Store(time_source),
            models=known_models,
            agents=AGENTS | dict(agents or {}),
            any_model=any_model,
            seed=str(seed),
            note_interaction=self._note_interaction,
            complain=self._note_refusal,
            origin=self._origin_of,
            continuations=Continuations(decode_limit),
            era=find_era(era),
        )
        self._files = Files(self._origin_of)
        self._timer = timer or time_source
        families = (self._interactions, Models(known_models), self._files)
        self._routes = tuple(route for family in families for route in family.routes())

    def replies(
        self,
        *steps: Json | str,
        status: str | None = None,
        usage: Json | None = None,
        id: str | None = None,
        errors: Iterable[Json] = (),
        background: Course | None = None,
        fault: Fault | None = None,
        hops: int = 1,
        times: int = 1,
    ) -> None:
        """Script the next reply, to whatever is asked: the steps of one turn.

        Build them with `say`, `call`, `think`, `step`; a string is short for `say(string)`. Call
        it once for each reply; they are played in order. `status`, `usage` and `id` fix what the
        server would make up, `errors` are those of a failed one, `background` is its course
        (`running_for`), `fault` spoils the answer, `hops` tells it in so many answers that the
        client asks for by their continuation tokens, `times` plays it so often. Raises `BadScript`
        for what cannot be a reply.
        """
        When(self._script.add(make_rule(times, {}))).replies(
            *steps,
            status=status,
            usage=usage,
            id=id,
            errors=errors,
            background=background,
            fault=fault,
            hops=hops,
        )

    def when(
        self,
        *,
        input: Condition = ANY,
        model: Condition = ANY,
        agent: Condition = ANY,
        tools: Condition = ANY,
        turn: Condition = ANY,
        previous: Condition = ANY,
        where: Callable[[Ask], object] | None = None,
        times: int | None = None,
    ) -> When:
        """A rule for the requests that fit: say what they get with `.replies` or `.answers`.

        Each word wants a value that is equal, a compiled pattern that is found, or a function
        that says so: `input` the newest text of the user (or blocks or steps, compared whole),
        `model` and `agent` their names, `tools` the names of functions and types of tools,
        `turn` which turn of the model it is, `previous` the parent's id (or True or False),
        `where` a function of the whole request, see `Ask`. The first rule that fits answers;
        `times` requests, if given. Raises `BadScript` for a rule that cannot be.
        """
        arguments: dict[str, Condition] = {
            "input": input,
            "model": model,
            "agent": agent,
            "tools": tools,
            "turn": turn,
            "previous": previous,
            "where": ANY if where is None else where,
        }
        conditions = {name: value for name, value in arguments.items() if value is not ANY}
        return When(self._script.add(make_rule(times, conditions)))

    def answers(self, function: Answerer, *, times: int | None = None) -> None:
        """Let a function be the model: it gets an `Ask` and returns or yields steps."""
        When(self._script.add(make_rule(times, {}))).answers(function)

    def faults(self, *faults: Fault | str, times: int | None = None, on: str | None = None) -> None:
        """Spoil the next `times` requests, or all: with faults, or names of `PRESETS`.

        `on` is the operation: create, get, delete, cancel. The first is the outermost. Raises
        `BadScript` for an unknown name.
        """
        self._faults_in_force.add([named(fault) for fault in faults], times=times, on=on)

    @property
    def era(self) -> str:
        """The name of the time whose server it is; can be set, to one of `core.eras.ERAS`."""
        return self._interactions.era.name

    @era.setter
    def era(self, name: str) -> None:
        """Be the server of that time from now on; raises `BadScript` for an unknown one."""
        self._interactions.era = find_era(name)

    def clear_faults(self) -> None:
        """No more faults."""
        self._faults_in_force.clear()

    @property
    def control(self) -> Control:
        """The fake as other languages see it: its routes, and how a script file is put in."""
        from .control import Control

        interactions = self._interactions
        parts = (
            self._script,
            self._faults_in_force,
            self.requests,
            self._complaints,
            interactions.clock,
        )
        return Control(
            *parts, self._leftover_texts, self._forget_stored, interactions.signatures.trust
        )

    def reset(self) -> None:
        """Be as new: no script, faults, requests, complaints, nothing stored; the clock goes on."""
        self.control.reset()

    def _forget_stored(self) -> None:
        self._interactions.forget()
        self._files.forget()

    def script(self, turn: Turn) -> None:
        """Script the next reply as a `Turn`, which fixes status and usage too."""
        self._script.add(make_rule(1, {})).turns.append(turn)

    def handle(self, request: Request) -> Reply:
        """Answer one request; raises `Unscripted` where the test's script does not."""
        if self._stand_in_handler:
            return self._stand_in_handler(request)
        if request.path.startswith("/__fakegemini__/"):
            return self.control.handle(request)
        log_entry = LoggedRequest(request, self._timer())
        self.requests.append(log_entry)
        # A create is watched where it is answered: its reply may be spoiled on purpose.
        inner = (
            self._dispatch if operation(request) == "create" else self._wrap_route(self._dispatch)
        )
        if self._played_cassettes:
            inner = self._played_cassettes.wrap(inner)
        try:
            reply = add_live_headers(self._faults_in_force.wrap(inner)(request))
        except FakeGeminiError as error:
            self._complaints.note_error(error)
            raise
        log_entry.status = reply.status
        return reply

    def _dispatch(self, request: Request) -> Reply:
        reply = dispatch(self._routes, request)
        return reply or answer_unrouted(self._routes, request)

    def play(
        self,
        *cassettes: str | PathLike[str],
        tolerate: Iterable[Tolerated] | Tolerated = (),
        missing: str = "error",
        chunks: str | int = "recorded",
        real_pace: bool = False,
        repeats: bool = False,
    ) -> None:
        """Answer from these cassettes, or folders of them, under fresh ids.

        A request gets the recorded answer to what it means. What may differ is in `tolerate`:
        "dates", "uuids", "ids", "system_instruction", "tool_descriptions", a path such as
        "generation_config.temperature", a compiled pattern, a function. `missing` says what
        becomes of a request that is not on the tape: "error", "script" (what this fake is told to
        say), or "model". `chunks` is "recorded", "events" or a number of bytes; `real_pace` waits
        as the recording did; with `repeats` a recording may be had again. Raises `Unreadable` for
        a file that is no cassette, `BadScript` for an option that is none.
        """
        from .replay.cassettes import PlayedCassettes

        self._played_cassettes = PlayedCassettes(
            [Path(cassette) for cassette in cassettes],
            tolerate=tolerate,
            missing=missing,
            chunks=chunks,
            real_pace=real_pace,
            repeats=repeats,
            seed=self._interactions.seed,
            adopt=self._interactions.adopt,
            has_script=lambda: bool(self._script.has_rules),
        )

    def before_upstream(self) -> BeforeUpstream:
        """For a recorder: the log of this fake, and the cassettes it plays."""
        from .replay.cassettes import BeforeUpstream

        def log(request: Request) -> None:
            self.requests.append(LoggedRequest(request, self._timer()))

        return BeforeUpstream(log, self._played_cassettes)

    @property
    def recorded_on(self) -> dict[str, date | None]:
        """The cassettes it plays, and the day of each; None where its head does not say."""
        return self._played_cassettes.recorded_on if self._played_cassettes else {}

    @property
    def unplayed(self) -> list[str]:
        """The recorded requests that nobody made, each by its place in its cassette."""
        return self._played_cassettes.unplayed if self._played_cassettes else []

    def allow(self, *kinds: str) -> None:
        """Let the test pass in spite of `"unscripted"` or `"refused"` requests, of a `"breach"` of
        the contract, or of `"leftover"` replies. Raises `BadScript` for any other name.
        """
        self._complaints.allow(*kinds)

    def trust(self, *signatures: str) -> None:
        """Take these thought signatures in resent history, or any where none is given.

        For a canned history whose signatures were replaced. Those that the fake sent, and those
        that the live server may have made, are taken anyway, where they belong.
        """
        self._interactions.signatures.trust(signatures)

    def assert_resilient(
        self,
        run: Callable[[], object],
        *,
        only: Iterable[str] | None = None,
        skip: Iterable[str] = (),
        timeout: float = 30.0,
    ) -> Verdicts:
        """Call `run` on a good day and then on each bad day of the catalogue that applies to it.

        `run` takes nothing, may be asynchronous, and talks to `url`. `only` and `skip` name days,
        `timeout` is how many seconds one run may take. Each day has a fake of its own behind the
        same address; what is scripted here is what the model says, on every day. Gives the table
        of verdicts; raises `NotResilient` with it where one is bad, `GoodDayFailed` where the run
        fails before anything was done to it, and `BadScript` for a day that there is not.
        """
        from ..resilience import DayHost, play

        def set_stand_in(handler: Handler | None) -> None:
            self._stand_in_handler = handler

        def share_complaints(fake: Fake) -> None:
            fake._complaints = self._complaints

        interactions = self._interactions
        host = DayHost(
            set_stand_in,
            self._make_turn,
            self._make_similar_fake,
            share_complaints,
            interactions.clock,
        )
        return play(run, host, only=only, skip=skip, timeout=timeout)

    def _make_similar_fake(self, make_turn: TurnMaker, timer: Clock) -> Fake:
        """An empty fake like this one, with this model."""
        interactions = self._interactions
        fake = Fake(
            seed=interactions.seed,
            clock=interactions.clock,
            models=interactions.models,
            agents=interactions.agents,
            any_model=interactions.any_model,
            timer=timer,
            decode_limit=interactions.continuations.limit,
            era=interactions.era,
        )
        fake._interactions.make_turn = make_turn
        fake.trust()  # what becomes of signatures is for the judges of the days to say
        fake.url = self.url
        return fake

    def watch(self) -> None:
        """Hold every answer against the contract from now on; `check` raises what breaks it."""
        from ..contract.guards import Guard

        guard = Guard(self._note_finding)
        self._wrap_route = self._interactions.wrap_create = guard.wrap
        self._interactions.on_forget = guard.reset

    def _note_finding(self, finding: Finding) -> None:
        if finding.kind == "violation" and finding.path.startswith("response"):
            path = self.requests[-1].path if self.requests else ""  # a reset came before the end
            self._complaints.note("breach", describe_breach(str(finding), path))

    def check(self) -> None:
        """Raise what went wrong unseen: an `Unscripted` or `Refused` request, a `ContractBreach`,
        a `LeftOver` reply or rest of one. The first that is not allowed is raised.
        """
        __tracebackhide__ = True
        for text in self._leftover_texts():
            self._complaints.note("leftover", text)
        self._complaints.raise_first()

    def _leftover_texts(self) -> list[str]:
        """What nobody asked for, a text each."""
        unfinished_texts = [
            describe_unfinished_turn(turn)
            for turn in self._interactions.continuations.unfinished_turns
        ]
        return (
            [self._script.describe_leftover(), *unfinished_texts]
            if self._script.waiting_rules
            else unfinished_texts
        )

    def _origin_of(self, request: Request) -> str:
        return self.url or f"http://{request.header('host')}"

    def _note_interaction(self, interaction: Interaction) -> None:
        self.requests[-1].interaction = interaction
        self._files.keep(interaction.turn.files)

    def _make_turn(self, ask: Ask, ids: IdSource) -> Turn:
        if self._script.has_rules:
            return self._script.answer(ask)
        from ..model import improvise

        return improvise(ask, ids)

    def _check_shape(self, body: Any) -> Refusal | None:
        # Loaded when the first request comes: the validator is a compiled library.
        from ..protocol.refusals.shape import check_shape

        refusal = check_shape(body)
        if refusal:
            self._note_refusal(body, refusal)
        return refusal

    def _note_refusal(self, body: Any, refusal: Refusal) -> None:
        self._complaints.note("refused", describe_refused(body, refusal))
