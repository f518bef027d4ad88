"""Hold everything that a fake remembers, in one place, with the one way to forget it."""

from __future__ import annotations

import threading
from collections import Counter, deque
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
from .control_access import ControlAccess
from .outcomes import OUTCOMES_INSIDE, OutcomesInside, UsersCode
from .sessions import Sessions
from .store import MemoryStore, Store

if TYPE_CHECKING:
    from ...contract.findings import Finding
    from ...contract.guards import Guard
    from ..replay.cassettes import PlayedCassettes


_LONG_ANSWER = 65_536
"""From how many bytes on an answer is long."""

_RECENT_COUNT = 64
"""How many interactions are kept as they were made: most that are looked at again are new."""


@dataclass(slots=True)
class State:
    """What one fake remembers. Nothing else of it does.

    clock: the time, in Unix seconds
    files: those that turns left behind, by id
    ask_counts: how often each body of a create came, by its digest; the ids depend on it
    access: who may use the control routes; no reset changes it
    cassettes: those that are played, or None
    guard: what holds the answers against the contract, or None
    stand_in: what answers every request in the place of the fake, or None
    largest_size: that of all requests and answers so far, in bytes
    recent: the newest interactions; older ones are packed
    lock: held for what requests count, since long ones are answered in threads of their own
    changes: held while an interaction is taken out of the store, changed, and written back
    in_thread: the entry of each thread's newest request
    users_code: the block in which code of the user's runs
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
    ask_counts: Counter[bytes] = field(default_factory=Counter)
    recent: deque[Interaction] = field(default_factory=deque, repr=False)
    cassettes: PlayedCassettes | None = None
    guard: Guard | None = None
    stand_in: Handler | None = None
    sessions: Sessions | None = None
    end_session: Callable[[], None] | None = None
    access: ControlAccess = field(default_factory=ControlAccess)
    largest_size: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    changes: threading.RLock = field(default_factory=threading.RLock, repr=False)
    users_code: UsersCode = field(default_factory=UsersCode)
    in_thread: threading.local = field(default_factory=threading.local, repr=False)

    @property
    def has_users_store(self) -> bool:
        """Whether the interactions are kept in a store of the user's."""
        return type(self.store) is not MemoryStore

    @property
    def holds_much(self) -> bool:
        """Whether an answer may be so long that others should not wait for it."""
        return self.largest_size > _LONG_ANSWER or self.script.holds_much

    def note_size(self, size: int) -> None:
        """Note how many bytes a request or an answer had: others may repeat it from now on."""
        if size > self.largest_size:
            self.largest_size = size

    @property
    def calls_users_code(self) -> bool:
        """Whether code of the user's has a say in the answers: functions, faults, a store."""
        return (
            self.script.calls_users_code
            or bool(self.faults_in_force.entries)
            or self.has_users_store
            or (self.cassettes is not None and self.cassettes.calls_users_code)
            or self.stand_in is not None
        )

    def answering(self) -> OutcomesInside:
        """Return the block in which a request is answered."""
        return self.users_code if self.calls_users_code else OUTCOMES_INSIDE

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
        self.recent.clear()
        self.largest_size = 0
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

    def log(self, request: Request, at: float) -> EntryOfThread:
        """Add a request to the log, and let it be this thread's while the block runs.

        `at` is when it came, in seconds.
        """
        entry = LoggedRequest(request, at)
        self.requests.append(entry)
        return EntryOfThread(self.in_thread, entry)

    def count_ask(self, digest: str) -> int:
        """Count a create with a body of that digest; give how many there are now."""
        with self.lock:
            key = bytes.fromhex(digest)  # which weighs half of its text
            count = self.ask_counts[key] = self.ask_counts.get(key, 0) + 1
            return count

    def note_interaction(self, interaction: Interaction) -> None:
        """Note what the request of this thread made."""
        entry: LoggedRequest | None = getattr(self.in_thread, "entry", None)
        if entry is not None:
            entry.interaction = interaction

    def note_recent(self, interaction: Interaction) -> None:
        """Keep an interaction as it is for a while, and pack the one that was new long ago."""
        self.recent.append(interaction)
        if len(self.recent) > _RECENT_COUNT:
            self.recent.popleft().pack()

    def keep_files(self, interaction: Interaction) -> None:
        """Keep the files that its turn left behind."""
        self.files |= {file.id: file for file in interaction.turn.files}

    def note_source(self, source: str) -> None:
        """Note who answers the request of this thread."""
        entry: LoggedRequest | None = getattr(self.in_thread, "entry", None)
        if entry is not None:
            entry.source = source

    def note_finding(self, finding: Finding) -> None:
        """Complain of an answer of ours that breaks the contract."""
        if finding.kind == "violation" and finding.path.startswith("response"):
            path = self.requests[-1].path if self.requests else ""  # a reset came before the end
            self.complaints.note("breach", describe_breach(str(finding), path))

    def leftover_texts(self) -> list[str]:
        """Describe the replies, and the rests of replies, that nobody asked for; a text each."""
        unfinished_texts = map(describe_unfinished_turn, self.continuations.unfinished_turns)
        waiting_rules = self.script.waiting_rules
        script_texts = (
            [self.script.describe_leftover(self.requests, waiting_rules)] if waiting_rules else []
        )
        unplayed_texts = self.cassettes.describe_unplayed() if self.cassettes else []
        return [*script_texts, *unfinished_texts, *unplayed_texts]

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


class EntryOfThread:
    """A block in which an entry of the log is its thread's. It is no generator, for speed.

    A function of the user's may ask the fake again meanwhile, and a block be inside of another.
    """

    __slots__ = ("_entry", "_in_thread", "_outer_entry")

    def __init__(self, in_thread: threading.local, entry: LoggedRequest) -> None:
        self._in_thread, self._entry = in_thread, entry

    def __enter__(self) -> LoggedRequest:
        self._outer_entry = getattr(self._in_thread, "entry", None)
        self._in_thread.entry = self._entry
        return self._entry

    def __exit__(self, *_: object) -> None:
        self._in_thread.entry = self._outer_entry


def _mark_origin(parts: list[Rule] | list[FaultInForce], origin: str) -> None:
    for part in parts:
        part.origin = origin
