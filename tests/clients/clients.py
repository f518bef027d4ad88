"""Programs of other people's HTTP clients: they ask once for JSON and once for a stream."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Client:
    """A program, the words that start it, and how many pairs of answers it prints.

    `needs` is the command that it takes; `catchable` is False for one with an address of its own.
    """

    file: str
    start: tuple[str, ...]
    pairs: int = 1
    catchable: bool = True

    @property
    def missing(self) -> str:
        """The command that is not on this machine, if any."""
        return "" if shutil.which(self.start[0]) else self.start[0]

    @property
    def command(self) -> list[str]:
        """The command line, without an address."""
        return [*self.start, str(PROGRAMS / self.file)]


CLIENTS: dict[str, Client] = {
    "java HttpClient": Client("Ask.java", ("java", "-XX:TieredStopAtLevel=1")),
    "go net/http": Client("ask.go", ("go", "run")),
    "ruby Net::HTTP": Client("ask.rb", ("ruby",)),
    "php curl": Client("ask.php", ("php",)),
    "php streams": Client("ask_stream.php", ("php",), pairs=2, catchable=False),
    "node fetch": Client("ask_fetch.mjs", ("node",)),
    "node http": Client("ask_http.mjs", ("node",)),
    "perl HTTP::Tiny": Client("ask.pl", ("perl",), catchable=False),
    "python urllib": Client("ask_urllib.py", (sys.executable,)),
    "curl 1.0, 1.1, 2": Client("ask.sh", ("bash",), pairs=3),
    "wget": Client("ask_wget.sh", ("bash",)),
}
