"""What the pages show of the code's tables, printed between two marks of a name.

`python -m tests.docs.printed` prints all of it anew, and the schema of a fault.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterable

from fakegemini import Fake, Request, faults
from fakegemini.contract.drift.explanations import Explanation, read_rows
from fakegemini.contract.explain import sorted_rules
from fakegemini.contract.rules.registry import Rule
from fakegemini.contract.support.rule_support import support_of
from fakegemini.doors.client_variables import VARIABLES
from fakegemini.doors.sdk_variables import (
    ADDRESS_VARIABLES,
    HIDDEN_VARIABLES,
    KEY,
    KEY_VARIABLES,
)
from fakegemini.fake.options import OPTIONS
from fakegemini.fake.pipeline import LAYERS
from fakegemini.faults.registry import fault_rows
from fakegemini.model.agents.registry import FAMILIES
from fakegemini.model.media.audio import ENCODINGS
from fakegemini.model.media.registry import MEDIA
from fakegemini.model.tools.registry import CLIENT_TOOLS, TOOLS
from fakegemini.protocol import schemas
from fakegemini.protocol.eras import CHANGES, ERAS
from fakegemini.protocol.refusals import TABLES, Layer
from fakegemini.protocol.refusals.unverified import unverified_lines
from fakegemini.protocol.status import diagram
from fakegemini.record.modes import MODES, Mode
from fakegemini.recordings.meaning import NUMBERS, RULES
from fakegemini.recordings.scrub.generic_shapes import GENERIC_SHAPES
from fakegemini.recordings.scrub.secret_shape import SecretShape
from fakegemini.recordings.scrub.service_shapes import SERVICE_SHAPES
from fakegemini.resilience import DAYS
from tests.docs import fault_form
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
        *((f"`{day.name}`", day.happens, day.good_client_does) for day in DAYS),
    )


def the_eras() -> str:
    """What changed, era by era."""
    return table(
        ("", *ERAS),
        *((one.sentence, *("yes" if name in one.eras else "" for name in ERAS)) for one in CHANGES),
    )


def the_options() -> str:
    """Every option of a fake, with what it is where nobody sets it."""
    return table(
        ("option", "of `serve` and `run`", "if not set", "what it does"),
        *(
            (
                f"`{name}`",
                f"`{option.flag}`" if option.flag else "",
                _default(option.default),
                option.help,
            )
            for name, option in OPTIONS.items()
        ),
    )


def _default(value: object) -> str:
    if isinstance(value, bool):
        return "`false`"
    return f"`{value}`" if value else ""


def fault_makers() -> list[str]:
    """The names of the constructors of faults."""
    return sorted(row.make.__name__ for row in fault_rows())


def the_faults() -> str:
    """Every constructor of a fault, with its JSON name and what it does."""
    rows = sorted(fault_rows(), key=lambda row: row.make.__name__)
    return table(
        ("fault", "JSON", "what it does"),
        *((f"`{_call(row.make)}`", f"`{row.json_name}`", row.sentence) for row in rows),
    )


def _call(make: Callable[..., object]) -> str:
    signature = inspect.signature(make)
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    shown = signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)
    return f"{make.__name__}{shown}"


def the_fault_names() -> str:
    """What a fault may be called in JSON, each with the names that go with it."""
    names = ", ".join(f"`{row.json_name}`{_with(row.companions)}" for row in fault_rows()[::-1])
    return textwrap.fill(f"{names}.", 110, break_long_words=False, break_on_hyphens=False)


def _with(companions: Iterable[str]) -> str:
    names = ", ".join(f"`{name}`" for name in companions)
    return f" (with {names})" if names else ""


_ON_STREAMS = {
    "blocked_stream": "a stream ends with a line of JSON that is no event, as reported for refused "
    "content",
    "deadline": "a stream ends with an `error` event: `gateway_timeout`, Deadline expired before "
    "operation could complete.",
    "ten_minute_cut": "a stream is cut once it has taken 600 seconds",
    "ten_minute_error": "a stream ends once it has taken 600 seconds, with an array that is no "
    "event: an error of google.rpc, 503",
    "completed_without_usage": "the last event of a stream has no `usage`, as reported once",
    "bad_gateway_page": "502, and a page of HTML instead of an error",
}
"""The presets that an answer in one piece does not meet, and one that has no error in JSON."""


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


def the_diagram() -> str:
    """The life of an interaction."""
    return f"```mermaid\n{diagram()}\n```"


def the_secrets() -> str:
    """Every kind of secret that is known by its shape, and its forms."""
    services = ", ".join(shape.kind.removeprefix("a token of ") for shape in SERVICE_SHAPES)
    return table(
        ("by shape", "such as"),
        *((shape.kind, ", ".join(_starts_of(shape))) for shape in GENERIC_SHAPES),
        ("a token of a service", services),
    )


def _starts_of(shape: SecretShape) -> list[str]:
    lines = (example.partition("\n")[0] for example in shape.examples)
    return [f"`{re.sub('0{8,}|(?:a0b1c2d3e4f5)+', '…', line)}`" for line in lines]


def the_rooms() -> str:
    """The order of the rooms, each behind those that it may import."""
    shown = [f"{name}/" if (PACKAGE / name).is_dir() else name for name in filter(None, ORDER)]
    nodes = [f'  r{at}["{name}"]' for at, name in enumerate(shown)]
    ways = [f"  r{at} --> r{at + 1}" for at in range(len(shown) - 1)]
    return "\n".join(["```mermaid", "flowchart LR", *nodes, *ways, "```"])


def the_meaning() -> str:
    """What does not count when a request is looked up."""
    return table(
        ("rule", "what does not count"),
        *((rule.name, rule.text) for rule in (*RULES, NUMBERS)),
    )


def the_layers() -> str:
    """What a request passes, from the top down."""
    docs = [(layer.__name__, inspect.getdoc(layer) or "") for layer in LAYERS]
    return table(
        ("layer", "what it does"),
        *((f"`{name}`", " ".join(text.partition("\n\n")[0].split())) for name, text in docs),
    )


def the_refusals() -> str:
    """Every refusal, a table a layer."""
    return "\n\n".join(f"### {layer}\n\n{_refusals_of(layer)}" for layer in Layer)


def _refusals_of(layer: Layer) -> str:
    file = importlib.import_module(f"fakegemini.protocol.refusals.{layer}")
    sentence = (inspect.getdoc(file) or "").partition("\n")[0]
    rows = ((row.name, row.when, row.evidence, row.source) for row in TABLES[layer])
    head = ("refusal", "what is refused", "grade", "how that is known")
    return f"{sentence}\n\n{table(head, *rows)}"


def the_explanation() -> str:
    """What `serve --explain` prints."""
    return "\n".join(["```text", *unverified_lines(), "```"])


def the_tools() -> str:
    """Every tool that the unscripted model uses or has the client use, and what the turn has."""
    return table(
        ("declared, or in the input", "what the turn has before its output"),
        *((tool.input_sign or f"`{name}`", tool.adds) for name, tool in TOOLS.items()),
        *((f"`{name}`", adds) for name, adds in CLIENT_TOOLS.items()),
    )


def the_agents() -> str:
    """What the agents of each family do unscripted."""
    return table(
        ("agent", "unscripted"), *((family.title, family.answer) for family in FAMILIES.values())
    )


def the_media() -> str:
    """What the unscripted model makes of each medium."""
    return table(
        ("media", "`type`", "what comes"),
        *((name, f"`{medium.modality}`", medium.result) for name, medium in MEDIA.items()),
    )


def the_encodings() -> str:
    """Every encoding of audio that can be asked for."""
    return table(
        ("`mime_type`", "samples a second", "sound"),
        *(
            (
                f"`{name}`",
                f"{encoding.rate:,}" if encoding.rate else "in the file",
                "silent" if encoding.encode_silence else "tones",
            )
            for name, encoding in ENCODINGS.items()
        ),
    )


def the_rules() -> str:
    """Every rule of the contract."""
    return table(
        ("rule", "what it says", "kind", "evidence"),
        *(
            (f"`{rule.name}`", rule.sentence, rule.kind_in_words, rule.evidence_in_words)
            for rule in sorted_rules()
        ),
    )


def the_support() -> str:
    """What supports every rule: exchanges, their kinds, and what speaks against it."""
    return table(
        ("rule", "bears on", "exchanges", "of which", "against"),
        *(_support_row(rule) for rule in sorted_rules()),
    )


def _support_row(rule: Rule) -> tuple[str, ...]:
    support = support_of(rule)
    kinds = (support.spell_kinds(name) for name in ("maker", "media", "tools", "family"))
    of_which = "; ".join(filter(None, kinds))
    return (
        f"`{rule.name}`",
        rule.bears_on,
        str(support.exchanges),
        of_which,
        str(support.contradictions),
    )


def the_differences() -> str:
    """Where the schemas differ from the SDK's types, for the README of the schemas."""
    return table(
        ("where", "more in", "what", "why"),
        *(_difference(row) for row in read_rows(schemas.folder())),
    )


def _difference(row: Explanation) -> tuple[str, ...]:
    where, what = (", ".join(f"`{name}`" for name in names) for names in (row.places, row.details))
    side = f"{row.more_in} before {row.before}" if row.before else row.more_in
    return where, side, what, row.cause


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


def the_sdk_variables() -> str:
    """What points clients at a fake, by who reads it."""
    rows = ((ADDRESS_VARIABLES, "the address"), (KEY_VARIABLES, f"`{KEY}`"), (HIDDEN_VARIABLES, ""))
    return table(
        ("variable", "what it says", "who reads it"),
        *((f"`{name}`", text, reader) for names, text in rows for name, reader in names.items()),
    )


def the_variables() -> str:
    """What `fakegemini run` sets, by who reads it."""
    names: dict[str, list[str]] = {}
    for name, (reader, _) in VARIABLES.items():
        names.setdefault(reader, []).append(f"`{name}`")
    return table(
        ("variable", "who reads it"), *((", ".join(row), reader) for reader, row in names.items())
    )


PRINTED: dict[str, Callable[[], str]] = {
    "agents": the_agents,
    "days": the_days,
    "diagram": the_diagram,
    "encodings": the_encodings,
    "eras": the_eras,
    "explain": the_explanation,
    "fault_names": the_fault_names,
    "faults": the_faults,
    "layers": the_layers,
    "meaning": the_meaning,
    "media": the_media,
    "modes": the_modes,
    "options": the_options,
    "presets": the_presets,
    "refusals": the_refusals,
    "rooms": the_rooms,
    "rules": the_rules,
    "sdk_variables": the_sdk_variables,
    "secrets": the_secrets,
    "support": the_support,
    "tools": the_tools,
    "variables": the_variables,
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
    if fault_form.PATH.read_text("utf-8") != (text := fault_form.fault_schema_text()):
        fault_form.PATH.write_text(text, "utf-8")
        print(f"{fault_form.NAME} is printed anew")
    readme = schemas.folder() / "README.md"
    old = readme.read_text("utf-8")
    new = marked("differences").sub(lambda _: the_differences() + "\n", old)
    if new != old:
        readme.write_text(new, "utf-8")
        print("schemas/README.md is printed anew")


if __name__ == "__main__":
    main()
