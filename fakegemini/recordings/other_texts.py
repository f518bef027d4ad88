"""Tell what a text file is that stands where a recording should: a pointer, a lock, a page, a dump.

Each is refused with what it is and how to get at the recording; read as YAML it would be told to
have no `interactions`, which is true and helps nobody.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from ..errors import Unreadable

_FETCHED = "and not the recording"


class OtherText(NamedTuple):
    """What a text begins with, and what is told of it; `{0}` is what the pattern found."""

    pattern: re.Pattern[str]
    reason: str


OTHER_TEXTS = tuple(
    OtherText(re.compile(pattern), reason)
    for pattern, reason in (
        (
            r"version https://git-lfs\.github\.com/spec/",
            f"a pointer of git-lfs, {_FETCHED}: fetch that with `git lfs pull`",
        ),
        (
            r"(?:\S*\.git)?/annex/objects/\S+\s*\Z",
            f"a pointer of git-annex, {_FETCHED}: fetch that with `git annex get`",
        ),
        (r"\$ANSIBLE_VAULT;", "it is encrypted with Ansible Vault: decrypt it first"),
        (
            r"-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE)-----|age-encryption\.org/",
            "it is encrypted: decrypt it first",
        ),
        (
            r"(?i)<(?:!doctype|html)",
            "an HTML page, and no recording: of a download, take the raw file",
        ),
        (
            r"diff --git |--- a/|Index: ",
            "a patch, and no recording: apply it, or take the file from its branch",
        ),
        (r"```", "Markdown, and no recording: take what is between the fences"),
        (
            r"httprr trace ",
            "a file of httprr for Go, which is not read; record with `fakegemini record`",
        ),
        (
            r"(?:HTTP/[\d.]+ \d{3}|(?:GET|POST|DELETE) \S+ HTTP/[\d.]+)",
            "HTTP as a text, as `curl -i` prints it, which is not read; record with `fakegemini "
            "record`, or take the body alone",
        ),
        (
            r"(?:\d+:)?\d+:(?:websocket|response|request|version|error|type)[;,]",
            "flows of mitmproxy, which are not read: export them as HAR (`mitmdump -nr FILE --set "
            "hardump=page.har`)",
        ),
        (
            r"([\w./\\ -]{1,400}\.(?:yaml|yml|json|jsonl|ndjson|har|sse|toml|txt)(?:\.gz)?)\s*\Z",
            f"a link that git wrote as a text, {_FETCHED}, which is {{0}}: allow links "
            "(`git config core.symlinks true`), or name that file",
        ),
        (r"//|/\*", "JSON with comments, which JSON has not: take them out"),
    )
)
"""A row for each; the first whose pattern a text begins with is told."""

_SOPS = re.compile(r"""^[ \t]*["']?sops["']?:""", re.MULTILINE)


def refuse_other_text(text: str, path: Path) -> None:
    """Raise `Unreadable` for a text that is known and is no recording.

    text: what is in the file, without white space before it
    """
    for pattern, reason in OTHER_TEXTS:
        if match := pattern.match(text):
            raise Unreadable(f"{path}:1: {reason.format(*(map(repr, match.groups())))}")
    if "ENC[AES256_GCM," in text and (match := _SOPS.search(text)):
        raise Unreadable(f"{path}: it is encrypted with sops: `sops decrypt` it first")
