"""Compose settings, state and pipeline into `Fake`, with the methods that tests call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ..errors import BadScript, NotRefused
from ..protocol.clock import Clock, OffsetClock, VirtualClock
from ..protocol.refusals.refusal import Refusal
from ..protocol.request_log import Requests
from ..protocol.turn import TurnMaker
from ..wire.http import Handler, Json, Reply, Request
from .adoption import Adoptions
from .checkpoint import make_checkpoint
from .configurable import Configurable
from .fake_faults import FakeFaults
from .option_types import FakeOptions, PlayOptions
from .option_values import check_names, read_option
from .options import OPTIONS
from .pipeline import Pipeline
from .routes import CONTROL_PREFIX
from .script.failures import describe_not_refused
from .scripting import Scripting
from .settings import Settings
from .state.complaints import ComplaintKind, Complaints, Expectation
from .state.control_access import ControlAccess
from .state.sessions import Sessions
from .state.state import State
from .state.store import MemoryStore, Store

if TYPE_CHECKING:
    from datetime import date

    from ..resilience import Verdicts
    from ..resilience.days import DayName
    from .control import Control
    from .replay.before_upstream import BeforeUpstream, ScriptBeforeUpstream


_LONG_BODY = 4096
"""From how many bytes on a body may take long."""

_LONG_LOG = 200
"""From how many requests on it may take long to show them."""


class Fake(Scripting, Configurable):
    """A fake Gemini Interactions API, without a socket: give `handle` to a door.

    Until a test scripts a reply, the unscripted model answers every request. After that, only
    the script does: a request it has no reply for raises `Unscripted`, which a network door
    turns into a 400 and `check()` raises again.

    It can be told what to be by name, when it is made or as attributes afterwards. `seed` decides
    the ids and signatures: the same seed and the same requests give the same bytes. `models` and
    `agents` are known besides the built-in ones; `any_model` takes every other model's name too.
    `decode_limit` is how many tokens one answer may have, as the fake estimates them: longer ones
    need continuation. `era` is the time whose server it is, see `protocol.eras`. `allow` names
    complaints that are none, see `allow()`; the options of `play` hold where it is given no others.

    `clock` gives the time in Unix seconds; a virtual one by default. `timer` gives the time at
    which a request comes, in seconds; the clock by default. `store` keeps the interactions, in
    memory by default, see `Store`. Raises `BadScript` for an option that cannot be.
    """

    __slots__ = (
        "__weakref__",
        "_adoptions",
        "_marker_plays",
        "_pipeline",
        "_settings",
        "_state",
        "clock",
    )

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        timer: Clock | None = None,
        store: Store | None = None,
        **options: Unpack[FakeOptions],
    ) -> None:
        self.clock = clock if isinstance(clock, VirtualClock) else VirtualClock()
        """The time of the test: `clock.advance(seconds)` moves background runs on. It has no
        effect where the fake was given a clock of another kind."""
        time_source = clock or self.clock
        self._settings = Settings(timer or time_source, options)
        self._state = State(time_source, store or MemoryStore())
        self._state.sessions = Sessions(self._make_session_fake, self._settings.origin_of)
        self._pipeline = Pipeline(self._settings, self._state)
        self._adoptions = Adoptions()
        self._marker_plays = False
        self._apply_settings()

    @property
    def url(self) -> str:
        """Where a door serves it, as the base URL of an SDK; empty until somebody sets it."""
        return self._settings.url

    @url.setter
    def url(self, url: str) -> None:
        """Name this address where an answer has one, as that of a file."""
        self._settings.url = url

    @property
    def requests(self) -> Requests:
        """What was asked, in order of arrival, refused requests included."""
        return self._state.requests

    @property
    def complaints(self) -> Complaints:
        """What went wrong unseen, which `check` raises; its `listener` gets each text at once."""
        return self._state.complaints

    def handle(self, request: Request) -> Reply:
        """Answer one request.

        Raises `Unscripted` where the script has no reply, and `NotOnTape` where a cassette has no
        answer.
        """
        return self._pipeline.handle(request)

    def takes_long(self, request: Request) -> bool:
        """Tell whether answering may take so long that others should not wait for it.

        That is so where code of the user's is asked, and where the request may ask for hard work:
        it is long and has no template, or has a schema, or something long was asked, scripted or
        answered before, or asks for a long log. A door answers it in a thread of its own.
        """
        body, state = request.body, self._state
        state.note_size(len(body))
        has_schema = b'"schema"' in body or b'"parameters"' in body
        reads_log = request.path.startswith(CONTROL_PREFIX) and len(state.requests) > _LONG_LOG
        if reads_log or state.holds_much or has_schema or state.calls_users_code:
            return True
        return len(body) > _LONG_BODY and not self._pipeline.answers_at_once(request)

    @property
    def faults(self) -> FakeFaults:
        """Spoils the next requests when it is called, and makes faults: `faults.refuse(429)`."""
        return FakeFaults(self._state.faults_in_force)

    def clear_faults(self) -> None:
        """End all faults."""
        self._state.faults_in_force.clear()

    @property
    def control(self) -> Control:
        """The fake as other languages see it: its control routes, and how a script is loaded."""
        from .control import Control

        return Control(self._state)

    def open_control(self, *, hosts: Iterable[str] = (), token: str = "") -> None:
        """Let others use the control routes: under these names of this machine, or by a token.

        Without, only programs on this machine may, by a loopback name or an address.
        """
        self._state.access = ControlAccess(frozenset(name.lower() for name in hosts), token)

    def reset(self) -> None:
        """Forget the script, the faults, the requests, the complaints and all that is stored.

        The clock goes on, and cassettes play again from their beginning.
        """
        self._state.reset()

    def play(self, *cassettes: str | PathLike[str], **options: Unpack[PlayOptions]) -> None:
        """Answer from these cassettes, or folders of them, under fresh ids.

        A request gets the recorded answer to what it means. What may differ is in `tolerate`:
        "dates", "uuids", "ids", "system_instruction", "tool_descriptions", a path such as
        "generation_config.temperature", a compiled pattern, a function. `missing` decides what
        becomes of a request that no cassette holds: "error" (default), "script" (what this fake
        was scripted to say), or "model". `chunks` is "recorded", "events" or a number of bytes;
        `real_pace` waits as the recording did, or so many times as fast; with `repeats` a recording
        is played as often as it is asked for; with `on_unplayed="fail"` `check` raises for recorded
        requests that nobody made. `scrub`, `scrub_pattern` and `allow_secret` say what is a secret
        in what is asked, `before_record_request` what was recorded of a request. Raises
        `Unreadable` for a file that is no cassette, `BadScript` for an option that cannot be.
        """
        if self._marker_plays:
            raise BadScript(
                f"play: the marker of this test plays {', '.join(self.recorded_on)} already. Fix: "
                "name all cassettes and options in one place, "
                "@pytest.mark.fakegemini(cassette=[...]) or fakegemini.play(...)"
            )
        check_names(options, [name for name, option in OPTIONS.items() if option.plays], "play")
        own_options: Any = {name: read_option(name, value) for name, value in options.items()}
        self._open_cassettes(map(Path, cassettes), self._settings.play_options() | own_options)

    def play_for_marker(self, *cassettes: Path) -> None:
        """Play what the marker of a test names; from then on `play` is refused."""
        self.play(*cassettes)
        self._marker_plays = True

    def miss_for_marker(self, text: str) -> None:
        """Answer each request with this text: the marker names a cassette that is not there."""
        self._miss_everything(text)
        self._marker_plays = True

    @property
    def recorded_on(self) -> dict[str, date | None]:
        """The cassettes it plays, and the day of each; None where its head does not say."""
        cassettes = self._state.cassettes
        return cassettes.recorded_on if cassettes else {}

    @property
    def unplayed(self) -> list[str]:
        """The recorded requests that nobody made, each by its place in its cassette."""
        cassettes = self._state.cassettes
        return cassettes.unplayed if cassettes else []

    def before_upstream(self) -> BeforeUpstream:
        """Give a recorder the log of this fake, and the cassettes it plays."""
        from .replay.before_upstream import BeforeUpstream

        return BeforeUpstream(self._pipeline)

    def script_before_upstream(self, handle: Handler) -> ScriptBeforeUpstream:
        """Give a recorder this fake for what it is scripted to answer, served by `handle`."""
        from .replay.before_upstream import ScriptBeforeUpstream

        return ScriptBeforeUpstream(self._pipeline, handle)

    def adopt(self, client: Any) -> None:
        """Point a client that has its address written in to this fake, until `release`.

        It may be a client of google-genai, sync or async, or any with a `base_url` that can be
        set. The fixture releases it at the end of the test. Raises `BadScript` for another one.
        """
        self._adoptions.adopt(client, self.url)

    def release(self) -> None:
        """Give the adopted clients back the addresses that they had."""
        self._adoptions.release()

    def end_functions(self) -> None:
        """End the functions of the test's that are still at work, such as one of `answers`.

        Whoever serves the fake calls it when the test is over. Its clients get a 400. What sleeps,
        reads, or catches everything goes on in its thread, which keeps no process alive.
        """
        self._state.users_code.end()

    def allow(self, *kinds: ComplaintKind) -> None:
        """Let the test pass in spite of `"unscripted"` or `"refused"` requests, of a `"breach"` of
        the contract, or of `"leftover"` replies. Raises `BadScript` for any other name.
        """
        self._state.complaints.allow(*kinds)

    @contextmanager
    def expects_refusal(
        self, match: str | None = None, *, status: int | None = None
    ) -> Iterator[list[Refusal]]:
        """Expect, while the block runs, that the code under test sends what the server refuses.

        With `match` only refusals with this text in their message, their code or their name in
        `docs/refusals.md`; with `status` only those with this HTTP status. Gives the list of those
        that came. Raises `NotRefused` where none did.
        """
        __tracebackhide__ = True
        expectation = Expectation(match, status)
        with self._state.complaints.expect_refusal(expectation):
            yield expectation.refusals
        if not expectation.refusals:
            raise NotRefused(describe_not_refused(str(expectation), self.requests))

    def trust(self, *signatures: str) -> None:
        """Take these thought signatures in resent history, or any where none is given.

        For a canned history whose signatures were replaced. Those that the fake sent, and those
        that the live server may have made, are taken anyway, where they belong.
        """
        self._state.signatures.trust(signatures)

    def make_checkpoint(self) -> Callable[[], None]:
        """Return a function that brings the fake back to how it is now, with nothing stored."""
        return make_checkpoint(self._settings, self._state)

    def watch(self) -> None:
        """Hold every answer against the contract from now on; `check` raises what breaks it."""
        from ..contract.guards import Guard

        self._state.guard = Guard(self._state.note_finding)

    def check(self) -> None:
        """Raise what went wrong unseen: an `Unscripted` or `Refused` request, a `ContractBreach`,
        a `LeftOver` reply or rest of one. The first that is not allowed is raised.
        """
        __tracebackhide__ = True
        for text in self._state.leftover_texts():
            self._state.complaints.note("leftover", text)
        self._state.complaints.raise_first()

    def assert_resilient(
        self,
        run: Callable[[], object],
        *,
        only: Iterable[DayName] | DayName | None = None,
        skip: Iterable[DayName] | DayName = (),
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

        host = DayHost(self._state, self._pipeline.creator.make_turn, self._make_day_fake)
        return play(run, host, only=only, skip=skip, timeout=timeout)

    def _make_session_fake(self, form: Json) -> Fake:
        """Make the fake of a session: like this one, with nothing that this one remembers."""
        settings, state = self._settings, self._state
        told: Json = {name: form[name] for name in ("seed", "era") if name in form}
        if form.get("decode_limit") is not None:
            told["decode_limit"] = int(form["decode_limit"])  # which JSON may write as 5.0
        clock = OffsetClock(state.clock.base) if isinstance(state.clock, OffsetClock) else None
        fake = Fake(clock=clock, **settings.all_options() | told)
        fake._state.access = state.access
        if sessions := state.sessions:
            fake._state.sessions = None
            fake._state.end_session = partial(sessions.end, fake)
        if "script" in form:
            fake.control.load(form["script"], ("body", "script"))
        if state.guard:
            fake.watch()
        return fake

    def _make_day_fake(self, model: TurnMaker, timer: Clock, shares_complaints: bool) -> Fake:
        """Make an empty fake like this one, with another model and timer, for one day."""
        settings, state = self._settings, self._state
        fake = Fake(clock=state.clock, timer=timer, **settings.all_options())
        fake._settings.unscripted_model = model
        fake.trust()  # what becomes of signatures is for the judges of the days to say
        fake.url = settings.url
        if shares_complaints:
            fake._state.complaints = state.complaints
        return fake
