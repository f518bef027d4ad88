"""Ask the live API the requests of a cassette again, and put today's answers into the cassette."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..errors import FakeGeminiError, NotRerecorded
from ..protocol.paths import LIVE_API_URL
from ..recordings.cassette import load_any_cassette
from ..recordings.conversations import RecordedConversations, RecordedInteraction
from ..recordings.exchange import Exchange
from ..recordings.scrub.policy import ScrubRules
from .ask_again import ask_again
from .live_asker import LiveAsker, ask_in_turn, find_key, open_asker
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
        with open_asker(writer, upstream, secrets, key, say) as asker:
            try:
                ask_in_turn(
                    ask_again(interactions), lambda exchange: _expect_grant(asker, exchange), poll
                )
            except FakeGeminiError:
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
    """Ask; raises `NotRerecorded` for an error that the recorded request did not get."""
    answer = asker.ask(exchange)
    if (answer.status or 0) >= 400 and (exchange.status or 0) < 400:
        text = answer.response_body.decode("utf-8", "replace")
        raise NotRerecorded(
            f"exchange {exchange.number} was answered with {answer.status}: "
            f"{' '.join(text.split())[:300]}"
        )
    return answer
