"""Save what an interrupted recording wrote beside its cassette."""

from __future__ import annotations

from pathlib import Path

from ..errors import NotRecorded
from ..recordings.atomic_write import lock_file
from ..recordings.exchange import RecordedExchange
from ..recordings.record_hooks import RecordHooks
from ..recordings.scrub.policy import ScrubRules
from . import spool
from .modes import MODES
from .writer import RecordingWriter, SaveResult, Say, read_old_exchanges


def recover(path: Path, *, rules: ScrubRules | None = None, say: Say = print) -> SaveResult:
    """Save the last interrupted recording of the cassette `path`, and remove its leftovers.

    Raises `NotRecorded` where there is none, and whatever `RecordingWriter.save` raises.
    """
    spool_paths = spool.find_spools(path)
    if not spool_paths:
        raise NotRecorded(f"{path}: no interrupted recording is left beside it")
    with lock_file(path):
        mode, spooled = spool.read_spool(spool_paths[-1])
        if mode not in MODES:
            raise NotRecorded(f"{spool_paths[-1]}: is no interrupted recording of ours")
        old = read_old_exchanges(path)
        if spooled and [_content_key(recorded) for recorded in old[-len(spooled) :]] == [
            _content_key(recorded) for recorded in spooled
        ]:
            spooled = []  # it was killed after the cassette was written, before the spool was gone
        writer = RecordingWriter(
            path,
            MODES[mode],
            old,
            rules=rules or ScrubRules(),
            hooks=RecordHooks(),
            strict=False,
            say=say,
        )
        try:
            for recorded in spooled:
                writer.add(recorded)
            saved = writer.save()
        finally:
            writer.close()
        for spool_path in spool_paths:
            spool_path.unlink(missing_ok=True)
        return saved


def _content_key(recorded: RecordedExchange) -> tuple[str, str, bytes, bytes]:
    """Return what tells whether two recorded exchanges are one and the same."""
    exchange = recorded.exchange
    return exchange.method, exchange.uri, exchange.request_body, exchange.response_body
