"""Pass every request through the layers of the fake: `LAYERS` is their order, from the top down.

A layer gets the visit, the handler below it and the request, and gives the reply. At the bottom
the planned answer is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from ..errors import BadScript, FakeGeminiError, NotOnTape
from ..protocol.request_log import LoggedRequest
from ..recordings.own_functions import describe_own_error
from ..wire.http import Beat, Handler, Reply, Request
from ..wire.replies import add_live_headers
from .create import Creator
from .files import Files
from .interactions import Interactions
from .models import Models
from .routes import CONTROL_PREFIX, AnswerPlan, Route, plan_answer
from .settings import Settings
from .state.outcomes import guard_beats
from .state.sessions import read_token, refuse_token
from .state.state import State


class Pipeline:
    """The handler of one fake: its layers around its routes."""

    def __init__(self, settings: Settings, state: State) -> None:
        self.settings = settings
        self.state = state
        self.creator = Creator(settings, state)
        families = (
            Interactions(self.creator, state),
            Models(settings),
            Files(settings, state),
        )
        self.routes: tuple[Route, ...] = tuple(
            route for family in families for route in family.routes()
        )

    def handle(self, request: Request) -> Reply:
        """Answer one request; raises `Unscripted` and `NotOnTape`."""
        visit = Visit(self)
        handler: Handler = visit.give_answer
        for layer in reversed(LAYERS):
            handler = partial(layer, visit, handler)
        reply = handler(request)
        if isinstance(reply.beats, tuple):
            self.state.note_size(sum(map(_size_of, reply.beats)))
            return reply
        return replace(reply, slow=True) if self.state.has_users_store else reply

    def answers_at_once(self, request: Request) -> bool:
        """Tell whether a create is answered out of a template, however long its body is."""
        templates = self.creator.templates
        has_session = bool(read_token(request)[0])  # which has templates of its own
        return not has_session and any(each.answers_at_once(request) for each in templates)


def _size_of(beat: Beat) -> int:
    return len(beat) if isinstance(beat, bytes) else 0


@dataclass(slots=True)
class Visit:
    """One request on its way through the layers.

    `plan` is how it will be answered, `entry` is what the log has of it.
    """

    pipeline: Pipeline
    plan: AnswerPlan | None = None
    entry: LoggedRequest | None = None

    @property
    def state(self) -> State:
        """What the fake remembers."""
        return self.pipeline.state

    def guard_beats(self, reply: Reply) -> Reply:
        """Return a reply whose beats a fault made, guarded as the code of the user's that it is."""
        return guard_beats(reply, self.state.users_code, self.state.complaints.note_error)

    def give_answer(self, request: Request) -> Reply:
        """Give the answer that was planned."""
        assert self.plan is not None
        return self.plan.answer(request)


Layer: TypeAlias = Callable[[Visit, Handler, Request], Reply]
"""Answers a request by itself, or lets the handler below answer and changes what it says."""


def enter_session(visit: Visit, below: Handler, request: Request) -> Reply:
    """Hand what names a session to the fake of that session; see `state/sessions.py`."""
    token, inner_request = read_token(request)
    if not token or visit.state.sessions is None:
        return below(request)
    fake = visit.state.sessions.find(token)
    if fake is None:
        return refuse_token(token)
    return fake.handle(inner_request)


def let_stand_in_answer(visit: Visit, below: Handler, request: Request) -> Reply:
    """Hand everything to a stand-in, where there is one: a bad day of `assert_resilient`."""
    return (visit.state.stand_in or below)(request)


def answer_control_routes(visit: Visit, below: Handler, request: Request) -> Reply:
    """Answer what is below `/__fakegemini__/`; neither log nor fault sees it."""
    if not request.path.startswith(f"{CONTROL_PREFIX}/"):
        return below(request)
    from .control import Control

    return Control(visit.state).handle(request)


def answer_browsers(visit: Visit, below: Handler, request: Request) -> Reply:
    """Answer what browsers ask before they ask, and let web pages read their answers."""
    if request.header("origin") is None:
        return below(request)
    from .browsers import answer_preflight, reflect_origin

    return answer_preflight(request) or reflect_origin(request, below(request))


def log_request(visit: Visit, below: Handler, request: Request) -> Reply:
    """Log the request with the status it gets, and keep what is raised as a complaint."""
    try:
        with (
            visit.state.answering(),
            visit.state.log(request, visit.pipeline.settings.timer()) as entry,
        ):
            visit.entry = entry
            reply = add_live_headers(below(request))
    except FakeGeminiError as error:
        visit.state.complaints.note_error(error)
        raise
    except Exception as error:  # of a fault, a clock, a store that the test made; or of ours
        own_error = describe_own_error(error)
        if not own_error:
            raise
        mistake = BadScript(f"code of the test failed on a request: {own_error}")
        visit.state.complaints.note_error(mistake)
        raise mistake from error
    entry.status = reply.status
    return reply


def spoil_by_faults_in_force(visit: Visit, below: Handler, request: Request) -> Reply:
    """Spoil the answer by the faults of `Fake.faults`; one that refuses lets nothing through."""
    with visit.state.lock:  # no request is counted twice, or not at all
        fault = visit.state.faults_in_force.take(request)
    if fault is None:
        return below(request)
    if visit.entry:
        visit.entry.is_spoiled = True
    return visit.guard_beats(fault(below)(request))


def play_cassettes(visit: Visit, below: Handler, request: Request) -> Reply:
    """Give the recorded answer, where cassettes are played and hold one."""
    cassettes = visit.state.cassettes
    if cassettes is None:
        return below(request)
    try:
        with visit.state.lock:  # no recorded answer is given twice
            replayed = cassettes.replay(request)
    except NotOnTape:
        if not cassettes.passes_on(has_script=visit.state.script.has_rules):
            raise
        return below(request)
    visit.pipeline.creator.adopt(replayed)
    visit.state.note_source("recording")
    return replayed.reply


def plan_and_spoil(visit: Visit, below: Handler, request: Request) -> Reply:
    """Plan the answer: find the route, and to a create its turn; spoil it by the turn's own fault.

    Where that fault refuses, nothing below happens, and nothing is stored.
    """
    visit.plan = plan_answer(visit.pipeline.routes, request)
    fault = visit.plan.fault
    if fault is None:
        return below(request)
    if visit.entry:
        visit.entry.is_spoiled = True
    return visit.guard_beats(fault(below)(request))


def complain_of_refusal(visit: Visit, below: Handler, request: Request) -> Reply:
    """Complain of a request that the live server refuses, with what its words do not say.

    This is below the faults: what they refuse on purpose is no mistake of the code under test.
    """
    refusal = visit.plan.refusal if visit.plan else None
    if refusal and visit.entry:
        visit.entry.refusal = refusal
        from .explain_refusals import explain_refusal

        text = explain_refusal(visit.state, visit.pipeline.settings, visit.entry, refusal)
        visit.state.complaints.note_refusal(refusal, text)
    return below(request)


def guard_answer(visit: Visit, below: Handler, request: Request) -> Reply:
    """Hold the answer against the contract, where the fake is watched.

    This is below the faults, because what they spoil on purpose is no breach. Refusals of a
    create are not looked at.
    """
    guard = visit.state.guard
    is_guarded = guard is not None and visit.plan is not None and visit.plan.is_guarded
    return (guard.wrap(below) if guard and is_guarded else below)(request)


LAYERS: tuple[Layer, ...] = (
    enter_session,
    let_stand_in_answer,
    answer_control_routes,
    answer_browsers,
    log_request,
    spoil_by_faults_in_force,
    play_cassettes,
    plan_and_spoil,
    complain_of_refusal,
    guard_answer,
)
"""All layers, the first the outermost."""
