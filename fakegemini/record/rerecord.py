"""Ask the live API the requests of a cassette again, and put today's answers into the cassette."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..errors import FakeGeminiError, NotRerecorded
from ..protocol.paths import LIVE_API_URL
from ..recordings.answers import response_values
from ..recordings.cassette import load_any_cassette
from ..recordings.conversations import RecordedConversations, RecordedInteraction
from ..recordings.exchange import Exchange
from ..recordings.scrub.policy import ScrubRules
from .ask_again import ask_again
from .live_asker import LiveAsker, ask_in_turn, find_key, hide_secrets, open_asker
from .modes import MODES
from .put_back import Secrets
from .session import report_saved
from .upstream import check_upstream, import_httpx
from .writer import Say, open_recording


def rerecord_cassette(
    path: Path,
    *,
    only: Sequence[int] = (),
    upstream: str = LIVE_API_URL,
    rules: ScrubRules | None = None,
    poll: float = 1.0,
    say: Say = print,
) -> None:
    """Ask again what the cassette `path` asks, and replace its answers.

    `only` chooses the conversations that these exchanges belong to, by number; none means all.
    `poll` is the pause between two polls of a background run, in seconds. The API key is that of
    the environment. Raises `NotRerecorded`, `ConversationDiverged`, and what a recording raises;
    then the cassette stays as it was.
    """
    import_httpx()
    check_upstream(upstream)
    key = find_key()
    interactions = choose_interactions(path, only)
    secrets = Secrets(interactions, os.environ)
    rules = secrets.add_to(rules or ScrubRules())
    with open_recording(path, MODES["all"], rules=rules, say=say) as writer:
        try:
            with open_asker(writer, upstream, secrets, key, say) as asker:
                ask_in_turn(
                    ask_again(interactions), lambda exchange: _expect_grant(asker, exchange), poll
                )
        except BaseException as error:
            if not isinstance(error, FakeGeminiError):  # Ctrl-C waits for no work
                writer.abandon()
            writer.discard()
            raise
        report_saved(path, writer.save(), say)


def choose_interactions(path: Path, only: Sequence[int]) -> list[RecordedInteraction]:
    """Return the interactions of a cassette to ask again, in their order.

    Raises `NotRerecorded` where there is no such cassette or exchange, or a request was lost.
    """
    if not path.exists():
        raise NotRerecorded(f"{path}: there is no such cassette")
    interactions = _choose(path, only)
    for interaction in interactions:
        if interaction.create and interaction.create.exchange.has_lost_request:
            raise NotRerecorded(
                f"{path}: exchange {interaction.number} has no request body: its recorder did not "
                "keep what was asked. Fix: run the program again and record it"
            )
    return interactions


def _choose(path: Path, only: Sequence[int]) -> list[RecordedInteraction]:
    """Return the interactions to ask again, in their order; raises `NotRerecorded`."""
    conversations = RecordedConversations()
    conversations.add_cassette(str(path), load_any_cassette(path).exchanges)
    creates = [interaction for interaction in conversations.interactions if interaction.create]
    if not creates:
        raise NotRerecorded(f"{path}: it holds no create that could be asked again")
    numbers = {
        interaction.create.exchange.number: interaction
        for interaction in creates
        if interaction.create
    }
    unknown = [number for number in only if number not in numbers]
    if unknown:
        choices = ", ".join(map(str, numbers)) or "none"
        raise NotRerecorded(
            f"{path}: exchange {unknown[0]} is no create that could be asked again; these are: "
            f"{choices}"
        )
    if not only:
        return creates
    chosen_ids = {
        id(interaction)
        for number in only
        for interaction in numbers[number].conversation_start.with_descendants()
    }
    return [interaction for interaction in creates if id(interaction) in chosen_ids]


def _expect_grant(asker: LiveAsker, exchange: Exchange) -> Exchange:
    """Ask; raises `NotRerecorded` for an answer that the recorded request did not get.

    That is an error, or what no API says where an interaction was recorded: the redirect or the
    page of a gateway, a body without an interaction, or half of one.
    """
    answer = asker.ask(exchange)
    status = answer.status or 0
    was_granted = (exchange.status or 0) < 400
    has_kind = status < 300 and (exchange.operation == "delete" or _tells_status(answer))
    if was_granted and (status >= 400 or not has_kind):
        text = " ".join(answer.response_body.decode("utf-8", "replace").split())
        words = hide_secrets(text)[:300] or "an empty body"
        no_answer = "" if status >= 400 else ", which is no interaction"
        raise NotRerecorded(
            f"exchange {exchange.number} was answered with {status}{no_answer}: {words}"
        )
    return answer


def _tells_status(answer: Exchange) -> bool:
    """Tell whether an answer is an interaction, as a body or a stream; some have no id."""
    return any(
        isinstance(value, dict)
        and (isinstance(value.get("status"), str) or isinstance(value.get("event_type"), str))
        for value in response_values(answer)
    )
