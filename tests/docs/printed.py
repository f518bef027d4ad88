"""What the pages show of the code's tables, printed between two marks of a name.

`python -m tests.docs.printed` prints all of it anew.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable

from fakegemini import Fake, Request, faults
from fakegemini.faults import registry
from fakegemini.protocol.eras import CHANGES, ERAS
from fakegemini.protocol.refusals.unverified import unverified_lines
from fakegemini.protocol.status import diagram
from fakegemini.record.modes import MODES, Mode
from fakegemini.resilience import DAYS
from tests.docs.pages import PAGES
from tests.test_architecture import ORDER, PACKAGE


def table(*rows: tuple[str, ...]) -> str:
    """Rows as a table of Markdown, the first its head."""
    head, *rest = rows
    return "\n".join(_row(row) for row in (head, ("---",) * len(head), *rest))


def _row(row: tuple[str, ...]) -> str:
    if set(row) == {"---"}:
        return "|" + "---|" * len(row)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def the_days() -> str:
    """The catalogue of bad days."""
    return table(
        ("day", "what is done", "what a good client does"),
        *((f"`{day.name}`", day.done, day.wants) for day in DAYS),
    )


def the_eras() -> str:
    """What changed, era by era."""
    return table(
        ("", *ERAS),
        *((one.sentence, *("yes" if name in one.eras else "" for name in ERAS)) for one in CHANGES),
    )


def fault_makers() -> list[str]:
    """The names of the constructors of faults."""
    rest = {"both", "named"}
    return [name for name in faults.__all__ if name.islower() and name not in rest]


def the_faults() -> str:
    """Every constructor of a fault, with its JSON name and what it does."""
    names = {
        maker.__name__.lstrip("_").removesuffix("_text"): name
        for name, maker in registry.FAULTS.items()
    }
    return table(
        ("fault", "JSON", "what it does"),
        *((f"`{_call(name)}`", f"`{names[name]}`", _sentences(name)) for name in fault_makers()),
    )


def _call(name: str) -> str:
    signature = inspect.signature(getattr(faults, name))
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    shown = signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)
    return f"{name}{shown}"


def _sentences(name: str) -> str:
    first = (inspect.getdoc(getattr(faults, name)) or "").partition("\n\n")[0]
    return " ".join(first.split())


_ON_STREAMS = {
    "blocked_stream": "a stream ends with a line of JSON that is no event, as reported for refused "
    "content",
    "deadline": "a stream ends with an `error` event: `gateway_timeout`, Deadline expired before "
    "operation could complete.",
    "ten_minute_cut": "a stream is cut once it has taken 600 seconds",
}
"""The presets that an answer in one piece does not meet."""


def the_presets() -> str:
    """Every fault with a name, and what a create gets."""
    return table(
        ("name", "what the client meets"),
        *((f"`{name}`", _ON_STREAMS.get(name) or _met(name)) for name in faults.PRESETS),
    )


def _met(name: str) -> str:
    reply = faults.PRESETS[name](Fake().handle)(Request("POST", "/v1/interactions", body=b"{}"))
    body = json.loads(b"".join(beat for beat in reply.beats if isinstance(beat, bytes)))
    error = (body[0] if isinstance(body, list) else body)["error"]
    return f"{reply.status} `{error.get('status', error['code'])}`: {error['message']}"


def the_modes() -> str:
    """When a recording asks the live API, and what becomes of an existing cassette."""
    return table(
        ("mode", "what it does", "the cassette answers", "it records", "of the cassette stays"),
        *(_mode_row(mode) for mode in MODES.values()),
    )


def _mode_row(mode: Mode) -> tuple[str, ...]:
    return (
        f"`{mode.name}`",
        mode.sentence,
        "yes" if mode.plays else "",
        mode.records.value,
        mode.keeps.value,
    )


def the_diagram() -> str:
    """The life of an interaction."""
    return f"```mermaid\n{diagram()}\n```"


def the_rooms() -> str:
    """The order of the rooms, each behind those that it may import."""
    shown = [f"{name}/" if (PACKAGE / name).is_dir() else name for name in filter(None, ORDER)]
    nodes = [f'  r{at}["{name}"]' for at, name in enumerate(shown)]
    ways = [f"  r{at} --> r{at + 1}" for at in range(len(shown) - 1)]
    return "\n".join(["```mermaid", "flowchart LR", *nodes, *ways, "```"])


def the_explanation() -> str:
    """What `serve --explain` prints."""
    return "\n".join(["```text", *unverified_lines(), "```"])


PRINTED: dict[str, Callable[[], str]] = {
    "days": the_days,
    "diagram": the_diagram,
    "eras": the_eras,
    "explain": the_explanation,
    "faults": the_faults,
    "modes": the_modes,
    "presets": the_presets,
    "rooms": the_rooms,
}
"""What is printed, by the name of its marks."""


def marked(name: str) -> re.Pattern[str]:
    """What stands between the marks of a name."""
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)


def main() -> None:
    """Print everything anew."""
    texts = {name: text() + "\n" for name, text in PRINTED.items()}
    for page in PAGES:
        old = new = page.text
        for name, text in texts.items():
            new = marked(name).sub(lambda _, text=text: text, new)  # type: ignore[misc]
        if new != old:
            page.path.write_text(new, "utf-8")
            print(f"{page.name} is printed anew")


if __name__ == "__main__":
    main()
