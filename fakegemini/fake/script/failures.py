"""Write what `check()` says of a script: unscripted, left over, refused, broken, unfinished."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from ...protocol.ask import Ask
from ...protocol.refusals.refusal import Refusal
from ...protocol.turn import Turn
from ...wire.http import Json
from ...wording import count_characters, count_of, five_parts, readable_json
from ..state.continuations import Relay
from .rules import Rule


def unscripted(ask: Ask, rules: Sequence[Rule], played: Sequence[tuple[Ask, Turn]]) -> str:
    """A request that no rule of the script answers."""
    number = len(played) + 1
    near = min(rules, key=lambda rule: (len(rule.match.misses(ask)), rule.spent))
    misses = near.match.misses(ask)
    if misses or not near.turns:
        return five_parts(
            f"fakegemini has no scripted reply for this request: none of {count_of(len(rules), 'rule')} "
            "takes it.",
            asked=readable_json(ask.body),
            nearest=f"{near.match}, which {_answers(near)}",
            difference="\n".join(misses) or "none: the rule fits, but has nothing to answer",
            fix="correct the rule, or add one for this request before the call, e.g.\n"
            'fakegemini.when(…).replies(say("…"))',
        )
    last, turn = played[-1] if played else (ask, Turn(()))
    return five_parts(
        "fakegemini has no scripted reply left for this request: "
        f"{count_of(len(played), 'reply', 'replies')} played, and request {number} came.",
        asked=readable_json(ask.body),
        nearest=f"reply {number - 1}, {summary(turn.steps)}, went to request {number - 1}",
        difference=difference(last.body, ask.body, f"request {number - 1}", f"request {number}"),
        fix='script one more reply before the call, e.g. fakegemini.replies(say("…")),\n'
        "or find out why the code under test asked once more than the test expects",
    )


def leftover(waiting: Sequence[Rule], played: Sequence[tuple[Ask, Turn]]) -> str:
    """Replies that nobody asked for."""
    owed = sum(rule.owed for rule in waiting)
    last = f"the last of {len(played)} answered requests:\n" if played else ""
    return five_parts(
        f"fakegemini has {count_of(owed, 'reply', 'replies')} left that nobody asked for.",
        asked=last + (readable_json(played[-1][0].body) if played else "no request came at all"),
        nearest="\n".join(f"{rule.match}, which {_answers(rule)}" for rule in waiting),
        difference="\n".join(_unmet(rule, played) for rule in waiting),
        fix="remove the reply, or find out why the code under test stopped asking; if it may, say "
        'so with\nfakegemini.allow("leftover")',
    )


def unfinished(relay: Relay) -> str:
    """A turn in hops of which the rest was never asked for."""
    return five_parts(
        "fakegemini told a part of a turn, and nobody asked for the rest.",
        asked=readable_json(relay.ask.body),
        nearest="an answer with status requires_continuation and a continuation_token",
        difference=f"never asked for: {summary(relay.steps[relay.told :])}",
        fix="ask again with the continuation_token and the previous_interaction_id of the answer "
        "(without\nstore, with the same input); google-genai 3 and @google/genai do it by "
        "themselves. If the test\nmeans to stop there, say so with\n"
        'fakegemini.allow("leftover")',
    )


def _answers(rule: Rule) -> str:
    if not rule.turns:
        return "has no reply: call .replies(…) or .answers(…) on it"
    planned = rule.turns[min(rule.used, len(rule.turns) - 1)]
    if not isinstance(planned, Turn):
        return f"asks {getattr(planned, '__name__', 'a function')}()"
    return f"answers {summary(planned.steps) or 'nothing'}"


def _unmet(rule: Rule, played: Sequence[tuple[Ask, Turn]]) -> str:
    count = f"asked for {rule.used} of {rule.used + rule.owed} times"
    misses = rule.match.misses(played[-1][0]) if played else []
    return f"{count}; the last request did not fit: {misses[0]}" if misses else count


def refused(body: Any, refusal: Refusal) -> str:
    """A request that the live server refuses for what it says."""
    return five_parts(
        "The code under test sent a request that the live server refuses "
        f"(HTTP {refusal.status} {refusal.code}); it got the refusal.",
        asked=readable_json(body),
        nearest="the request without the fault named below",
        difference="\n".join(filter(None, (refusal.message, refusal.hint))),
        fix="correct the request; if the test means to send it, say so with\n"
        'fakegemini.allow("refused")',
    )


def breach(finding: str, path: str) -> str:
    """An answer that the live server was never seen to give."""
    return five_parts(
        "fakegemini gave an answer that breaks the contract of the live server.",
        asked=path,
        nearest="the schemas of fakegemini, see `fakegemini check`",
        difference=finding,
        fix="correct the scripted reply; if the test means to send it, say so with\n"
        'fakegemini.allow("breach"); if nothing is scripted, this is a bug of fakegemini',
    )


def summary(steps: Sequence[Json]) -> str:
    """A reply as its author would write it, shortened."""
    return ", ".join(_step(step) for step in steps)


def difference(before: Any, after: Any, old: str, new: str) -> str:
    """The lines of two JSON values that differ, with their neighbours."""
    lines = difflib.unified_diff(
        readable_json(before, longest=None).splitlines(),
        readable_json(after, longest=None).splitlines(),
        old,
        new,
        lineterm="",
        n=1,
    )
    return "\n".join(count_characters(line) for line in lines) or "none: the two requests are equal"


def _step(step: Json) -> str:
    kind = step.get("type")
    if kind == "model_output":
        blocks = step.get("content", [])
        texts = (repr(b["text"]) if b.get("type") == "text" else str(b.get("type")) for b in blocks)
        return f"say({count_characters(', '.join(texts), 60)})"
    if kind == "function_call":
        words = [repr(step.get("name"))]
        words += [f"{key}={value!r}" for key, value in dict(step.get("arguments", {})).items()]
        return f"call({count_characters(', '.join(words), 60)})"
    return "think()" if kind == "thought" else f"step({kind!r}, …)"
