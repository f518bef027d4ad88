"""Take secrets out of recordings that are on the disk already: `fakegemini scrub`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path as File

from ...errors import FakeGeminiError, Unreadable
from ...wire.compression import is_gzip, pack_body, unpacking_together
from ..atomic_write import lock_file, write_atomically
from ..attachments import attachments_of
from ..contents import BODIES, EVENTS, HAR
from ..packed_file import unpack_file
from ..plain_files import read_plain_file
from ..read import files_in, parse_contents, read_contents
from ..uncollected import uncollected
from .edits import decode_bytes, encode_text
from .file_parts import read_parts, with_new_lengths
from .file_roles import texts_and_roles
from .file_texts import gaps_between, replace_texts
from .last_resort import blank_texts_of_body
from .policy import ScrubRules
from .remaining import find_secrets
from .scrubber import Scrubber

_LOCK_SECONDS = 10.0
_BYTE_ORDER_MARK = "\ufeff"
_JOINT = "\n\0\n"
"""Stands between two gaps while they are looked through together; no file has it."""

_WHOLE_BODIES = frozenset({"", HAR, BODIES, EVENTS})
"""What writes each body as one text, or as its members."""

_GAP_NAME = "a comment or a name"


@dataclass(frozen=True, slots=True)
class ScrubbedText:
    """The text of a file after scrubbing.

    counts: how many secrets were taken out, by place
    remaining: the kinds and places of what still looks like a secret
    """

    text: str
    counts: dict[str, int]
    remaining: list[str]


def scrub_paths(
    paths: Iterable[File], rules: ScrubRules, *, check: bool, write_line: Callable[[str], object]
) -> int:
    """Scrub files and folders, and return the exit status.

    check: only report, write nothing
    write_line: prints a line about a file

    The status is 0 where all is clean now, 1 where something is left or, with `check`, was found,
    and 2 where a file could not be read or written.
    """
    worst_status = 0
    for path in paths:
        try:
            files = files_in(path)
        except FakeGeminiError as error:
            write_line(f"could not scrub {error}")
            worst_status = 2
            continue
        for file in files:
            try:
                with uncollected():
                    status = _scrub_file(file, rules, check=check, write_line=write_line)
            except FakeGeminiError as error:
                write_line(f"could not scrub {error}")
                status = 2
            worst_status = max(worst_status, status)
    return worst_status


def scrub_text(text: str, rules: ScrubRules) -> ScrubbedText:
    """Scrub the text of a recording in any form, its comments and the names of its members too.

    Raises `ValueError` where a text cannot be written in place of the old one.
    """
    if text.startswith(_BYTE_ORDER_MARK):
        scrubbed = scrub_text(text.removeprefix(_BYTE_ORDER_MARK), rules)
        return replace(scrubbed, text=_BYTE_ORDER_MARK + scrubbed.text)
    scrubber = Scrubber(rules)
    recording = texts_and_roles(text)
    if recording is None:
        scrubber.learn_body(text)
        new_text = scrubber.scrub_body(text)
        if find_secrets(new_text, rules):
            raw, _ = blank_texts_of_body(encode_text(new_text), (), rules, scrubber.number_whole)
            new_text, scrubbed_text = decode_bytes(raw), new_text
            scrubber.counts["body"] += new_text != scrubbed_text
        return ScrubbedText(new_text, dict(scrubber.counts), find_secrets(new_text, rules))
    file_texts, roles = recording
    parts = read_parts(file_texts, roles)
    gaps = gaps_between(text, file_texts)
    are_clean = [part.learn(scrubber) for part in parts]
    gaps_are_clean = scrubber.learn_text(_JOINT.join(gaps))
    looks_again = scrubber.learned_count > 0  # what is learned in one text may stand in another
    values, remaining = list[str](), list[str]()
    for part, is_clean in zip(parts, are_clean, strict=True):
        if is_clean and not looks_again:
            values.append(part.file_text.value)
            continue
        value = part.scrub(scrubber)
        if findings := part.find_remaining(value, scrubber):
            value = part.blank(value, scrubber)
            findings = part.find_remaining(value, scrubber)
        values.append(value)
        remaining += findings
    values = with_new_lengths(parts, values)
    if looks_again or not gaps_are_clean:
        gaps = scrubber.scrub_text(_JOINT.join(gaps), _GAP_NAME).split(_JOINT)
        shaped = rules.find_shaped("".join(gaps))
        remaining += [f"{secret.kind} in {_GAP_NAME}" for secret in shaped]
    new_text = replace_texts(text, file_texts, values, gaps)
    return ScrubbedText(new_text, dict(scrubber.counts), list(dict.fromkeys(remaining)))


def _scrub_file(
    file: File, rules: ScrubRules, *, check: bool, write_line: Callable[[str], object]
) -> int:
    """Scrub one file, and return 0 or 1; raises a `FakeGeminiError` where it cannot."""
    with nullcontext() if check else lock_file(file, wait=_LOCK_SECONDS):
        contents = read_contents(file)  # raises for a file that is no recording, which stays
        try:
            packed = read_plain_file(file)
            old_bytes = unpack_file(packed, file)
            with unpacking_together():
                scrubbed = scrub_text(old_bytes.decode("utf-8"), rules)
            remaining = [*scrubbed.remaining, *_remaining_aside(scrubbed.text, file, rules)]
            if contents.tool not in _WHOLE_BODIES and not remaining:
                remaining = _remaining_in_bodies(scrubbed.text, file, rules)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{file}: {' '.join(str(error).split())}") from None
        new_bytes = scrubbed.text.encode()
        if new_bytes != old_bytes and not check:
            write_atomically(file, pack_body(new_bytes) if is_gzip(packed) else new_bytes)
    if new_bytes == old_bytes and not remaining:
        write_line(f"{file}: nothing to take out")
        return 0
    places = ", ".join(f"{place} {count}" for place, count in sorted(scrubbed.counts.items()))
    verb = "would take out" if check else "took out"
    if new_bytes != old_bytes:
        write_line(f"{file}: {verb} {sum(scrubbed.counts.values())}: {places}")
    for secret in remaining:
        write_line(
            f"{file}: left: {secret} (--scrub NAME, --scrub-pattern REGEX, --allow-secret REGEX)"
        )
    return 1 if remaining or check else 0


def _remaining_in_bodies(text: str, file: File, rules: ScrubRules) -> list[str]:
    """List what looks like a secret in a whole body that other tools keep in pieces, or aside."""
    findings = [
        f"{secret} in the {name} of exchange {exchange.number}, which is in pieces or beside the "
        "file: `fakegemini convert` makes a cassette without it"
        for exchange in parse_contents(text.encode(), file).exchanges
        for name, body in (("request", exchange.request_body), ("answer", exchange.response_body))
        for secret in find_secrets(decode_bytes(body), rules)
    ]
    return list(dict.fromkeys(findings))


def _remaining_aside(text: str, file: File, rules: ScrubRules) -> list[str]:
    """List what looks like a secret in the attachments of a cassette, which are not rewritten."""
    findings = [
        f"{secret.kind} in {path.parent.name}/{path.name}, which is not rewritten: record it again"
        for path, value in attachments_of(text, file)
        for secret in rules.find_shaped(value)
    ]
    return list(dict.fromkeys(findings))
