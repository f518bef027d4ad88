"""What a test says the model says: replies, rules, functions and defaults, as methods of a fake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Unpack

from ..protocol.builders import call, say, step, think
from ..protocol.turn import Turn
from ..wire.http import Json
from .script.reply_options import ReplyOptions
from .script.rules import (
    Answerer,
    Condition,
    Level,
    Match,
    Rule,
    RuleWords,
    build_turn,
    check_conditions,
    check_turn,
    make_rule,
)
from .script.script import When
from .state.state import State


class Scripting:
    """The methods of `Fake` that script it."""

    __slots__ = ()

    _state: State

    say = staticmethod(say)
    call = staticmethod(call)
    think = staticmethod(think)
    step = staticmethod(step)

    def replies(
        self,
        *steps: Json | str,
        times: int = 1,
        optional: bool = False,
        **options: Unpack[ReplyOptions],
    ) -> None:
        """Script the next reply, whatever is asked: the steps of one turn.

        Build them with `say`, `call`, `think`, `step`; a string is short for `say(string)`. Call
        it once for each reply; they are played in order, each for `times` requests. `status`,
        `usage` and `id` fix what the server would make up, `errors` are those of a failed one,
        `background` is the course of a run in the background (`running_for`), `fault` spoils the
        answer, `hops` splits it in so many answers, which the client asks for by their
        continuation tokens. An `optional` one need not be asked for. Raises `BadScript` for what
        cannot be a reply.
        """
        self._add_rule(times, {}, optional).replies(*steps, **options)

    def when(
        self,
        *,
        times: int | None = None,
        optional: bool = False,
        **conditions: Unpack[RuleWords],
    ) -> When:
        """Add a rule for the requests that fit: give them replies with `.replies` or `.answers`.

        Each word takes a value that must be equal, a compiled pattern that must be found, or a
        function that decides: `input` the newest text of the user (or blocks or steps, compared
        whole), `model` and `agent` their names, `tools` the names of functions and types of
        tools, `turn` which turn of the model it is, `previous` the parent's id (or True or
        False), `where` a function of the whole request, see `Ask`. The first rule that fits
        answers; `times` requests, if given. An `optional` one need not be asked. Raises
        `BadScript` for a rule that cannot be.
        """
        return self._add_rule(times, check_conditions(conditions), optional)

    def answers(
        self, function: Answerer, *, times: int | None = None, optional: bool = False
    ) -> None:
        """Let a function be the model: it gets an `Ask` and returns or yields steps."""
        self._add_rule(times, {}, optional).answers(function)

    def default(self, *steps: Json | str, **options: Unpack[ReplyOptions]) -> None:
        """Answer what no other reply or rule takes, as often as it is asked; it may be never.

        It takes the place of an earlier one. Within `defaults` rules are of the same kind.
        """
        turn = build_turn(*steps, **options)
        script = self._state.script
        script.rules[:] = [each for each in script.rules if each.level is not Level.FALLBACK]
        script.add(Rule(Match(), None, [turn], is_optional=True, level=Level.FALLBACK))

    @contextmanager
    def defaults(self) -> Iterator[None]:
        """Script defaults while the block runs: asked behind all else, and all optional."""
        with self.scripting_at(Level.DEFAULT):
            yield

    @contextmanager
    def scripting_at(self, level: Level) -> Iterator[None]:
        """Let what is scripted while the block runs be of that level, or of a later one."""
        script = self._state.script
        outer_level, script.level = script.level, max(script.level, level)
        try:
            yield
        finally:
            script.level = outer_level

    def end_level(self, level: Level) -> None:
        """End the rules of a level, and raise what went wrong unseen until now.

        What nobody asked of them is raised, too; the rules of other levels stay.
        """
        __tracebackhide__ = True
        script, complaints = self._state.script, self._state.complaints
        waiting_rules = [rule for rule in script.waiting_rules if rule.level == level]
        if waiting_rules:
            text = script.describe_leftover(self._state.requests, waiting_rules)
            complaints.note("leftover", text)
        script.rules[:] = [rule for rule in script.rules if rule.level != level]
        complaints.raise_first()

    def script(self, turn: Turn) -> None:
        """Script the next reply as a `Turn`, which fixes status and usage too."""
        self._state.script.add(Rule(Match(), 1, [check_turn(turn)]))

    def _add_rule(
        self, times: int | None, conditions: dict[str, Condition], optional: bool = False
    ) -> When:
        script = self._state.script
        optional = optional or script.level >= Level.DEFAULT
        return When(script, script.add(make_rule(times, conditions, optional=optional)))
