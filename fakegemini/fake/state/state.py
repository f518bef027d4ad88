"""Hold everything that a fake remembers, in one place, with the one way to forget it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...faults.in_force import FaultInForce, FaultsInForce
from ...protocol.clock import Clock
from ...protocol.interaction import Interaction
from ...protocol.request_log import LoggedRequest, Requests
from ...protocol.signatures import Signatures
from ...protocol.turn import File
from ...wire.http import Handler, Request
from ..script.failures import describe_breach, describe_unfinished_turn
from ..script.rules import Rule
from ..script.script import Script
from .complaints import Complaints
from .continuations import Continuations
from .store import MemoryStore, Store

if TYPE_CHECKING:
    from ...contract.findings import Finding
    from ...contract.guards import Guard
    from ..replay.cassettes import PlayedCassettes


@dataclass(slots=True)
class State:
    """What one fake remembers. Nothing else of it does.

    `clock` is the time, in Unix seconds. `files` are those that turns left behind, by id.
    `ask_counts` is how often each body of a create came, by its digest: the ids depend on it.
    `cassettes` are being played, `guard` holds the answers against the contract, and `stand_in`
    answers every request in the place of the fake; None where there is none.
    """

    clock: Clock
    store: Store = field(default_factory=MemoryStore)
    continuations: Continuations = field(default_factory=Continuations)
    script: Script = field(default_factory=Script)
    faults_in_force: FaultsInForce = field(default_factory=FaultsInForce)
    requests: Requests = field(default_factory=Requests)
    complaints: Complaints = field(default_factory=Complaints)
    signatures: Signatures = field(default_factory=Signatures)
    files: dict[str, File] = field(default_factory=dict)
    ask_counts: Counter[str] = field(default_factory=Counter)
    cassettes: PlayedCassettes | None = None
    guard: Guard | None = None
    stand_in: Handler | None = None

    def reset(self) -> None:
        """Forget everything. The clock goes on, and cassettes play again from their beginning.

        A guard goes on guarding, and whoever stands in goes on answering.
        """
        self.store.forget()
        self.continuations.forget()
        self.script.forget()
        self.faults_in_force.clear()
        self.requests.clear()
        self.complaints.forget()
        self.signatures.forget()
        self.files.clear()
        self.ask_counts.clear()
        if self.cassettes:
            self.cassettes.rewind()
        if self.guard:
            self.guard.reset()

    def find_interaction(self, identifier: str) -> Interaction | None:
        """Find a stored interaction as it stands now, or None."""
        interaction = self.store.find(identifier)
        if interaction:
            interaction.update_status(self.clock())
        return interaction

    def log(self, request: Request, at: float) -> LoggedRequest:
        """Add a request to the log; `at` is when it came, in seconds."""
        entry = LoggedRequest(request, at)
        self.requests.append(entry)
        return entry

    def note_interaction(self, interaction: Interaction) -> None:
        """Note what the newest request made, and the files that its turn left behind."""
        self.requests[-1].interaction = interaction
        self.files |= {file.id: file for file in interaction.turn.files}

    def note_finding(self, finding: Finding) -> None:
        """Complain of an answer of ours that breaks the contract."""
        if finding.kind == "violation" and finding.path.startswith("response"):
            path = self.requests[-1].path if self.requests else ""  # a reset came before the end
            self.complaints.note("breach", describe_breach(str(finding), path))

    def leftover_texts(self) -> list[str]:
        """Describe the replies, and the rests of replies, that nobody asked for; a text each."""
        unfinished_texts = map(describe_unfinished_turn, self.continuations.unfinished_turns)
        script_texts = (
            [self.script.describe_leftover(self.requests)] if self.script.waiting_rules else []
        )
        return [*script_texts, *unfinished_texts]

    def replace_script(self, origin: str, apply: Callable[[], object]) -> None:
        """Let `apply` script anew what came from `origin`; what others scripted stays behind it.

        Where `apply` raises, all is as it was before.
        """
        rules, entries = self.script.rules, self.faults_in_force.entries
        old_rules, old_entries = rules[:], entries[:]
        rules.clear()
        entries.clear()
        try:
            apply()
        except BaseException:
            rules[:], entries[:] = old_rules, old_entries
            raise
        _mark_origin(rules, origin)
        _mark_origin(entries, origin)
        rules += [rule for rule in old_rules if rule.origin != origin]
        entries += [entry for entry in old_entries if entry.origin != origin]


def _mark_origin(parts: list[Rule] | list[FaultInForce], origin: str) -> None:
    for part in parts:
        part.origin = origin
