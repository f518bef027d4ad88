"""README and docs as pages: their fenced blocks, headings and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
FILES = [README, *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^( *)```(\w+)?(?: +(\S+))?\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
_NAMED = re.compile(r"# ([\w/]+\.\w+)\n")
_LINK = re.compile(r"(?<!!)\[[^\]\[]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block. `file` is the name under which a reader saves it, if it has one."""

    page: str
    line: int
    language: str
    text: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def tests(self) -> bool:
        """Whether it is a file of tests that nothing else on the page runs."""
        return self.language == "python" and not self.file and "def test_" in self.text

    @property
    def program(self) -> bool:
        """Whether it is a program that nothing else on the page runs."""
        return self.language == "python" and not self.file and not self.tests


@dataclass(frozen=True)
class Page:
    """One page of the documentation."""

    path: Path

    @property
    def name(self) -> str:
        """Its path below the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text("utf-8")

    @property
    def prose(self) -> str:
        """All but its fenced blocks."""
        return _FENCE.sub("", self.text)

    @property
    def blocks(self) -> list[Block]:
        """Its fenced blocks, in order, without the indentation of a list."""
        made = []
        for match in _FENCE.finditer(self.text):
            indent, language, file, text = match.groups()
            text = re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)
            named = _NAMED.match(text)
            line = self.text.count("\n", 0, match.start()) + 1
            name = file or (named[1] if named else "")
            made.append(Block(self.name, line, language or "", text, name))
        return made

    @property
    def anchors(self) -> set[str]:
        """What a link to a heading may say, as GitHub makes it."""
        headings = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings}

    @property
    def links(self) -> list[str]:
        """Where its links lead, those to other sites left out."""
        return [link for link in _LINK.findall(self.prose) if "://" not in link]

    def section(self, heading: str) -> str:
        """What stands under a heading, up to the next of its rank or a higher one."""
        rank = heading.partition(" ")[0]
        found = re.search(
            rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(rank)}}} |\Z)",
            self.text,
            re.DOTALL | re.MULTILINE,
        )
        assert found, f"{self.name} has no {heading!r}"
        return found[1]


PAGES = [Page(path) for path in FILES]
"""Every page, the README first."""


def page(name: str) -> Page:
    """The page of that name, such as `docs/faults.md`."""
    return Page(ROOT / name)


def rows(text: str) -> list[list[str]]:
    """The rows of the tables in a text without their heads, cell by cell."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    heads = {at - 1 for at, row in enumerate(cells) if set("".join(row)) <= set("-: ")}
    return [row for at, row in enumerate(cells) if at not in heads and at - 1 not in heads]
