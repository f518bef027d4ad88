"""Write what `check()` says of a script: unscripted, left over, refused, broken, unfinished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import BadBody
from ...protocol.ask import Ask
from ...protocol.request_log import LoggedRequest
from ...protocol.turn import Turn
from ...wire.http import Json
from ...wording import count_characters, count_of, five_parts, readable_json
from ..state.continuations import DividedTurn
from .played import Played
from .rules import Rule


def describe_unscripted(ask: Ask, rules: Sequence[Rule], played: Played) -> str:
    """Describe a request that no rule of the script answers."""
    number = played.count + 1
    nearest_rule = min(rules, key=lambda rule: (len(rule.match.find_misses(ask)), rule.is_spent))
    misses = nearest_rule.match.find_misses(ask)
    if misses or not nearest_rule.turns:
        return five_parts(
            "fakegemini has no scripted reply for this request: none of "
            f"{count_of(len(rules), 'rule')} takes it.",
            asked=readable_json(ask.body),
            nearest=f"{nearest_rule.match}, which {_describe_answer(nearest_rule)}",
            difference="\n".join(misses) or "none: the rule fits, but has nothing to answer",
            fix="correct the rule, or add one for this request before the call, e.g.\n"
            'fakegemini.when(…).replies(say("…"))',
        )
    last_ask, turn = played.last_ask or ask, played.last_turn or Turn(())
    return five_parts(
        "fakegemini has no scripted reply left for this request: "
        f"{count_of(played.count, 'reply', 'replies')} played, and request {number} came.",
        asked=readable_json(ask.body),
        nearest=f"reply {number - 1}, {summarize_steps(turn.steps)}, went to request {number - 1}",
        difference=diff_lines(
            last_ask.body, ask.body, f"request {number - 1}", f"request {number}"
        ),
        fix='script one more reply before the call, e.g. fakegemini.replies(say("…")),\n'
        "or find out why the code under test asked once more than the test expects"
        + _hint_at_one_turn(turn, number - 1),
    )


def _hint_at_one_turn(turn: Turn, number: int) -> str:
    """Say that several texts in one reply are one turn; empty where there are not several."""
    texts = [step for step in turn.steps if step.get("type") == "model_output"]
    if len(texts) < 2:
        return ""
    return (
        f"; reply {number} has {len(texts)} texts:\nreplies(say(…), say(…)) is one turn, for one "
        "request; call replies once for each request"
    )


def describe_leftover(
    waiting_rules: Sequence[Rule],
    played: Played,
    requests: Sequence[LoggedRequest],
    find_cover: Callable[[Rule], Rule | None],
) -> str:
    """Describe the replies that nobody asked for; `requests` is the log.

    `find_cover` finds the rule that lets another never fire.
    """
    replies_owed = sum(rule.owed_count for rule in waiting_rules)
    return five_parts(
        f"fakegemini has {count_of(replies_owed, 'reply', 'replies')} left that nobody asked for.",
        asked=_describe_requests(played, requests),
        nearest="\n".join(
            f"{rule.match}, which {_describe_answer(rule)}" for rule in waiting_rules
        ),
        difference="\n".join(
            _describe_shortfall(rule, played, find_cover(rule)) for rule in waiting_rules
        ),
        fix="remove the reply, or find out why the code under test stopped asking; if it may, say "
        'so with\nfakegemini.allow("leftover")',
    )


def _describe_requests(played: Played, requests: Sequence[LoggedRequest]) -> str:
    """Describe the last request that the script answered, and the last that it did not."""
    lines = []
    if played.last_ask:
        lines.append(f"the last of {played.count} answered requests:")
        lines.append(readable_json(played.last_ask.body))
    outcomes = [(each, outcome) for each in requests if (outcome := _describe_outcome(each))]
    if outcomes:
        count = count_of(len(outcomes), "request")
        request, outcome = outcomes[-1]
        beginning = f"and {count}" if played.count else count
        lines.append(f"{beginning} that no scripted reply answered, the last of them:")
        lines.append(f"{request.method} {request.path}: {outcome}")
        lines += [_readable_body(request)] if request.body else []
    return "\n".join(lines) or "no request came at all"


def _describe_outcome(request: LoggedRequest) -> str:
    """Say what became of a request that the script did not answer; empty where it did."""
    if request.refusal:
        refusal = request.refusal
        return f"the live server refuses it, HTTP {refusal.status}: {refusal.message}"
    if request.interaction or (request.status == 200 and request.operation != "create"):
        return ""
    if request.status is None:
        return "no reply of the script fits"
    return f"a fault or a cassette answered, HTTP {request.status}"


def _readable_body(request: LoggedRequest) -> str:
    try:
        return readable_json(request.json())
    except BadBody:
        return count_characters(request.body.decode("utf-8", "replace"))


def describe_not_refused(expectation: str, requests: Sequence[LoggedRequest]) -> str:
    """Describe that a refusal which the test expects did not come."""
    refused_requests = [request for request in requests if request.refusal]
    last_request = requests[-1] if requests else None
    nearest = refused_requests[-1].refusal if refused_requests else None
    return five_parts(
        f"{expectation}: nothing was refused so while the block ran.",
        asked=f"{last_request.method} {last_request.path}, HTTP {last_request.status}\n"
        + (_readable_body(last_request) if last_request.body else "")
        if last_request
        else "no request came at all",
        nearest=f"HTTP {nearest.status} {nearest.code}: {nearest.message}"
        if nearest
        else "no request of this test was refused",
        difference="the refusal is another, or came before the block"
        if nearest
        else "none was refused",
        fix="correct what the block expects, or find out why the request is not sent, or is good",
    )


def describe_unfinished_turn(turn: DividedTurn) -> str:
    """Describe a turn in hops of which the rest was never asked for."""
    return five_parts(
        "fakegemini told a part of a turn, and nobody asked for the rest.",
        asked=readable_json(turn.ask.body),
        nearest="an answer with status requires_continuation and a continuation_token",
        difference=f"never asked for: {summarize_steps(turn.steps[turn.steps_sent :])}",
        fix="ask again with the continuation_token and the previous_interaction_id of the answer "
        "(without\nstore, with the same input); google-genai 3 and @google/genai do it by "
        "themselves. If the test\nmeans to stop there, say so with\n"
        'fakegemini.allow("leftover")',
    )


def _describe_answer(rule: Rule) -> str:
    if not rule.turns:
        return "has no reply: call .replies(…) or .answers(…) on it"
    next_turn = rule.turns[min(rule.answer_count, len(rule.turns) - 1)]
    if not isinstance(next_turn, Turn):
        return f"asks {getattr(next_turn, '__name__', 'a function')}()"
    return f"answers {summarize_steps(next_turn.steps) or 'nothing'}"


def _describe_shortfall(rule: Rule, played: Played, cover: Rule | None) -> str:
    if cover:
        return (
            f"{rule.match} can never fire: {cover.match}, which {_describe_answer(cover)}, is "
            "asked before it and takes every request that it would take"
        )
    count = f"asked for {rule.answer_count} of {rule.answer_count + rule.owed_count} times"
    misses = rule.match.find_misses(played.last_ask) if played.last_ask else []
    return f"{count}; the last request did not fit: {misses[0]}" if misses else count


def describe_breach(finding: str, path: str) -> str:
    """Describe an answer that the live server was never seen to give; `path` is its request's."""
    return five_parts(
        "fakegemini gave an answer that breaks the contract of the live server.",
        asked=path,
        nearest="the schemas of fakegemini, see `fakegemini check`",
        difference=finding,
        fix="correct the scripted reply; if the test means to send it, say so with\n"
        'fakegemini.allow("breach"); if nothing is scripted, this is a bug of fakegemini',
    )


def summarize_steps(steps: Sequence[Json]) -> str:
    """Write the steps of a reply as its author would, shortened."""
    return ", ".join(_summarize_step(step) for step in steps)


def diff_lines(old_value: Any, new_value: Any, old_name: str, new_name: str) -> str:
    """List the lines of two JSON values that differ, with their neighbours."""
    from difflib import unified_diff

    lines = unified_diff(
        readable_json(old_value, longest=None).splitlines(),
        readable_json(new_value, longest=None).splitlines(),
        old_name,
        new_name,
        lineterm="",
        n=1,
    )
    return "\n".join(count_characters(line) for line in lines) or "none: the two requests are equal"


def _summarize_step(step: Json) -> str:
    kind = step.get("type")
    if kind == "model_output":
        blocks = step.get("content", [])
        texts = (
            repr(block["text"]) if block.get("type") == "text" else str(block.get("type"))
            for block in blocks
        )
        return f"say({count_characters(', '.join(texts), 60)})"
    if kind == "function_call":
        words = [repr(step.get("name"))]
        words += [f"{key}={value!r}" for key, value in dict(step.get("arguments", {})).items()]
        return f"call({count_characters(', '.join(words), 60)})"
    return "think()" if kind == "thought" else f"step({kind!r}, …)"
