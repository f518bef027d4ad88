"""Record while a block of code runs, in this process, for clients with an address of their own."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from ..doors.loopback import cut, serve, serve_app
from ..errors import BadScript
from ..fake.replay.cassettes import make_player
from ..protocol.paths import LIVE_API_URL
from ..recordings.record_hooks import RecordHook, RecordHooks, find_hook
from ..recordings.scrub.policy import ScrubRules
from ..wording import did_you_mean
from .modes import MODES
from .proxy import Recorder
from .session import RecordSession, report_saved
from .upstream import import_httpx
from .writer import Say, open_recording


@contextmanager
def recording(
    cassette: str | PathLike[str],
    mode: str = "once",
    *,
    upstream: str | None = None,
    strict: bool = False,
    scrub: Iterable[str] | str = (),
    scrub_pattern: Iterable[str] | str = (),
    allow_secret: Iterable[str] | str = (),
    before_record_request: RecordHook | None = None,
    before_record_response: RecordHook | None = None,
    say: Say | None = None,
) -> Iterator[str]:
    """Record what clients ask while the block runs; give the address that is their `base_url`.

    mode: a mode of recording, such as "once" and "new_episodes"
    upstream: where the requests go; the live API if not given
    strict: whether a recording that violates the contract is not saved
    scrub, scrub_pattern, allow_secret: what is a secret, and what is none
    before_record_request, before_record_response: change or drop what is recorded
    say: takes each line for the user; the standard error stream if not given

    A block that raises saves nothing: what was there stays, and `fakegemini record --recover` saves
    what came. Raises `BadScript` for an unknown mode, and what else a recording raises.
    """
    if mode not in MODES:
        known_names = ", ".join(MODES)
        raise BadScript(f"mode is {known_names}, not {mode!r}{did_you_mean(mode, MODES)}")
    options = {"scrub": scrub, "scrub_pattern": scrub_pattern, "allow_secret": allow_secret}
    session = RecordSession(
        Path(cassette),
        MODES[mode],
        ScrubRules.from_mapping(options),
        upstream=upstream,
        strict=strict,
        say=say or _to_stderr,
        hooks=RecordHooks(find_hook(before_record_request), find_hook(before_record_response)),
    )
    session.check_start()
    player = None
    if session.plays:
        player = make_player([session.cassette], session.rules, session.hooks)
    if player is not None and not session.records:
        with serve(player.handle) as url:
            yield url
        return
    import_httpx()
    with open_recording(
        session.cassette,
        session.mode,
        rules=session.rules,
        hooks=session.hooks,
        strict=strict,
        say=session.say,
    ) as writer:
        app = Recorder(writer, upstream or LIVE_API_URL, cut=cut, replay=player, say=session.say)
        try:
            with serve_app(app, lifespan=True) as url:
                yield url
        except BaseException:
            if writer.exchanges:
                session.say(
                    f"{session.cassette} is as it was: the block raised. `fakegemini record "
                    f"--recover --cassette {session.cassette}` saves what was recorded"
                )
            raise
        report_saved(session.cassette, writer.save(), session.say)


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr)
