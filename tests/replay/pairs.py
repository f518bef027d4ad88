"""Pairs of requests that mean the same or not, with the rule that decides, for all doors."""

from __future__ import annotations

import base64
import unicodedata
from dataclasses import dataclass
from typing import Any

from tests.http.door import MODEL


@dataclass(frozen=True)
class Pair:
    """A recorded and an asked request. `rule` is what settles the difference, or makes one."""

    name: str
    recorded: dict[str, Any]
    asked: dict[str, Any]
    equal: bool
    rule: str
    tolerate: tuple[str, ...] = ()

    @property
    def bodies(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Both bodies, with a model unless they name one."""
        default = {"model": MODEL}
        return default | self.recorded, default | self.asked


def prompt(text: Any) -> dict[str, Any]:
    """A request with a text."""
    return {"input": text}


def config(value: Any, name: str = "temperature") -> dict[str, Any]:
    """A request with a value in its configuration."""
    return {"input": "x", "generation_config": {name: value}}


def labelled(value: Any) -> dict[str, Any]:
    """A request whose history has a call with any JSON in its arguments."""
    return {"input": [*history({"value": value})]}


def resulted(value: Any) -> dict[str, Any]:
    """A request whose history has a result of any JSON."""
    return {"input": [*history({}, {"value": value})]}


def history(arguments: Any, result: Any = "ok") -> list[dict[str, Any]]:
    """A history that the client keeps itself: a question, a call and its result."""
    return [
        {"type": "user_input", "content": [{"type": "text", "text": "x"}]},
        {"type": "function_call", "id": "c1", "name": "f", "arguments": arguments},
        {"type": "function_result", "call_id": "c1", "name": "f", "result": result},
    ]


def parallel(*results: tuple[str, str]) -> dict[str, Any]:
    """A request with two calls and the results of these calls in this order."""
    calls = [
        {"type": "function_call", "id": name, "name": "f", "arguments": {"n": name}}
        for name in ("c1", "c2")
    ]
    answers = [
        {"type": "function_result", "call_id": name, "name": "f", "result": value}
        for name, value in results
    ]
    return {"input": [*calls, *answers]}


def image(data: str, **members: Any) -> dict[str, Any]:
    """A request with a picture."""
    return {"input": [{"type": "image", "mime_type": "image/png", "data": data, **members}]}


def linked(uri: str) -> dict[str, Any]:
    """A request with the address of a picture."""
    return {"input": [{"type": "image", "mime_type": "image/png", "uri": uri}]}


def declared(*names: str, **members: Any) -> dict[str, Any]:
    """A request with functions."""
    functions = [
        {"type": "function", "name": name, "description": "x", **members} for name in names
    ]
    return {"input": "x", "tools": functions}


RAW = bytes(range(240, 256))
DATA = base64.b64encode(RAW).decode()
URLSAFE = base64.urlsafe_b64encode(RAW).decode()
ONE_BYTE = base64.b64encode(b"A").decode()
COMPOSED, DECOMPOSED = "café", unicodedata.normalize("NFD", "café")
ID, OTHER_ID = "run_a81f23bc9d00e4f7", "run_b92a34cd0e11f508"
BEYOND = 2**53

PAIRS = (
    # Numbers, by their value.
    Pair("1 is 1.0", config(1), config(1.0), True, "numbers"),
    Pair("100.0 is 1e2", config(100.0), config(1e2), True, ""),
    Pair("100 is 1e2", config(100), config(1e2), True, "numbers"),
    Pair("0 is -0.0", config(0), config(-0.0), True, "numbers"),
    Pair("0.0 is -0.0", config(0.0), config(-0.0), True, "numbers"),
    Pair("1e22 is its digits", config(1e22), config(10**22), True, "numbers"),
    Pair("2**53 is 2**53", labelled(BEYOND), labelled(float(BEYOND)), True, "numbers"),
    Pair("1 is 1.0 in arguments", labelled(1), labelled(1.0), True, "numbers"),
    Pair("1 is 1.0 in results", resulted([1]), resulted([1.0]), True, "numbers"),
    Pair("2**53 is not the next", labelled(BEYOND), labelled(BEYOND + 1), False, "number"),
    Pair("beyond 2**53", labelled(BEYOND + 1), labelled(float(BEYOND)), False, "number"),
    Pair("1 is not 1.5", config(1), config(1.5), False, "number"),
    Pair("1 is not -1", config(1), config(-1), False, "number"),
    Pair("0.1 is not 0.10000000000000002", config(0.1), config(0.10000000000000002), False,
         "number"),
    Pair("1 is not true", labelled(1), labelled(True), False, "kind"),
    Pair("true is not 1", labelled(True), labelled(1), False, "kind"),
    Pair("false is not 0", labelled(False), labelled(0.0), False, "kind"),
    Pair("1 is not the text 1", labelled(1), labelled("1"), False, "kind"),
    Pair("null is not its text", labelled(None), labelled("null"), False, "kind"),
    Pair("a list is not its element", labelled(["a"]), labelled("a"), False, "kind"),
    # What is not there.
    Pair("null is missing", prompt("x"), prompt("x") | {"system_instruction": None}, True,
         "nulls"),
    Pair("null within is missing", config(1), {"input": "x", "generation_config":
         {"temperature": 1, "top_p": None}}, True, "nulls"),
    Pair("no tools are none", prompt("x"), prompt("x") | {"tools": []}, True, "defaults"),
    Pair("no config is none", prompt("x"), prompt("x") | {"generation_config": {}}, True,
         "defaults"),
    Pair("a config of nulls is none", prompt("x"), config(None), True, "defaults"),
    Pair("an empty instruction is none", prompt("x"), prompt("x") | {"system_instruction": ""},
         True, "defaults"),
    Pair("a default spelled out", prompt("x"), prompt("x") | {"store": True}, True, "defaults"),
    Pair("no stream is the default", prompt("x"), prompt("x") | {"stream": False}, True,
         "defaults"),
    Pair("null is no missing argument", labelled(None), {"input": [*history({})]}, False,
         "member"),
    Pair("null is no missing result", resulted(None), {"input": [*history({}, {})]}, False,
         "member"),
    Pair("an empty list is no missing argument", labelled([]), {"input": [*history({})]}, False,
         "member"),
    Pair("an empty list is no empty object", labelled([]), labelled({}), False, "kind"),
    Pair("an empty list is not null", labelled([]), labelled(None), False, "kind"),
    Pair("an empty list of stops", config([], "stop_sequences"), {"input": "x"}, False, "member"),
    Pair("a tool is no missing one", declared("f"), prompt("x"), False, "member"),
    Pair("one tool more", declared("f"), declared("f", "g"), False, "member"),
    Pair("a stream is another request", prompt("x"), prompt("x") | {"stream": True}, False,
         "member"),
    Pair("unstored is another request", prompt("x"), prompt("x") | {"store": False}, False,
         "member"),
    Pair("store 1 is not true", prompt("x"), prompt("x") | {"store": 1}, False, "member"),
    # The form of what is sent.
    Pair("a text is a block", prompt("x"), prompt([{"type": "text", "text": "x"}]), True, "input"),
    Pair("a text is a step", prompt("x"), prompt([{"type": "user_input", "content": "x"}]), True,
         "input"),
    Pair("the long name of a model", prompt("x"), prompt("x") | {"model": f"models/{MODEL}"}, True,
         "model name"),
    Pair("the order of members", {"input": "x", "generation_config": {"top_p": 1, "seed": 2}},
         {"generation_config": {"seed": 2, "top_p": 1}, "input": "x"}, True, ""),
    Pair("another model", prompt("x"), prompt("x") | {"model": "gemini-3.1-pro-preview"}, False,
         "model"),
    Pair("a model is no agent", prompt("x"), {"model": None, "agent": MODEL, "input": "x"}, False,
         "model"),
    Pair("two texts are not one", prompt(["a", "b"]), prompt("ab"), False, "text"),
    Pair("the order of texts", prompt(["a", "b"]), prompt(["b", "a"]), False, "order"),
    Pair("the order of tools", declared("f", "g"), declared("g", "f"), False, "order"),
    Pair("another function", declared("f"), declared("g"), False, "text"),
    # Bytes in base64.
    Pair("another alphabet", image(DATA), image(URLSAFE), True, "base64"),
    Pair("no padding", image(DATA), image(DATA.rstrip("=")), True, "base64"),
    Pair("broken lines", image(DATA), image(f"{DATA[:8]}\r\n{DATA[8:]}\n"), True, "base64"),
    Pair("idle bits", image(ONE_BYTE), image("QR=="), True, "base64"),
    Pair("an address with data", linked(f"data:image/png;base64,{DATA}"),
         linked(f"data:image/png;base64,{URLSAFE.rstrip('=')}"), True, "base64"),
    Pair("the picture of a result", {"input": history({}, [image(DATA)["input"][0]])},
         {"input": history({}, [image(URLSAFE)["input"][0]])}, True, "base64"),
    Pair("other bytes", image(DATA), image(base64.b64encode(RAW + b"x").decode()), False, "bytes"),
    Pair("another type of picture", image(DATA), image(DATA, mime_type="image/jpeg"), False,
         "text"),
    Pair("other bytes in an address", linked(f"data:image/png;base64,{DATA}"),
         linked("data:image/png;base64,QUJD"), False, "bytes"),
    Pair("another type in an address", linked(f"data:image/png;base64,{DATA}"),
         linked(f"data:image/gif;base64,{DATA}"), False, "text"),
    Pair("bytes are not their address", image(DATA), linked(f"data:image/png;base64,{DATA}"),
         False, "member"),
    Pair("base64 in a text", prompt(DATA), prompt(URLSAFE), False, "text"),
    Pair("a member called data", labelled({"type": "x", "data": "a-b"}),
         labelled({"type": "x", "data": "a+b"}), False, "text"),
    Pair("a result called data", resulted({"type": "x", "data": "a-b"}),
         resulted({"type": "x", "data": "a+b"}), False, "text"),
    # Texts, letter by letter.
    Pair("Unicode forms", prompt(COMPOSED), prompt(DECOMPOSED), False, "Unicode form"),
    Pair("Unicode forms of members", labelled({COMPOSED: 1}), labelled({DECOMPOSED: 1}), False,
         "Unicode form"),
    Pair("white space", prompt("a b"), prompt("a  b"), False, "white space"),
    Pair("a line break at the end", prompt("a"), prompt("a\n"), False, "white space"),
    Pair("capital letters", prompt("Berlin"), prompt("berlin"), False, "letter case"),
    Pair("a line break of Unicode", prompt("a\u2028b"), prompt("a\x85b"), False, "white space"),
    Pair("an invisible character", prompt("ab"), prompt("a\u200bb"), False, "Unicode form"),
    Pair("a space of another kind", prompt("a b"), prompt("a\xa0b"), False, "Unicode form"),
    Pair("another text", prompt("a"), prompt("b"), False, "text"),
    # Calls and their results.
    Pair("results in any order", parallel(("c1", "1"), ("c2", "2")),
         parallel(("c2", "2"), ("c1", "1")), True, "results"),
    Pair("results of other calls", parallel(("c1", "1"), ("c2", "2")),
         parallel(("c2", "1"), ("c1", "2")), False, "text"),
    Pair("ids that the client made", labelled(1), {"input": [
        step | {key: "other" for key in ("id", "call_id") if key in step}
        for step in labelled(1)["input"]]}, True, "ids"),
    Pair("a result of another call", parallel(("c1", "1")), parallel(("c2", "1")), False, "call"),
    # What is tolerated, and no more.
    *(Pair(f"{name} tolerated: {one} {other}", prompt(one), prompt(other), equal,
           f"tolerate {name}" if equal else "text", (name,))
      for name, one, other, equal in (
          ("ids", f"See {ID}", f"See {OTHER_ID}", True),
          ("uuids", "See 0d5a7f9c-3f0e-4b7a-9a51-2f1f5e0c7d11",
           "See ffffffff-3f0e-4b7a-9a51-2f1f5e0c7d11", True),
          ("dates", "on 2026-11-23", "on 2027-01-02", True),
          ("dates", "on 23.11.2026, 12:30", "on 2.1.2027, 9:00", True),
          ("dates", "It is Monday.", "It is Friday.", True),
          ("dates", "in November", "in December", True),
          ("dates", "in May 2026", "in June 2026", True),
          ("dates", "on 3 March", "on 4 April", True),
          ("dates", "version 1.2.34", "version 1.2.35", False),
          ("dates", "at 10.0.12.1", "at 10.0.12.2", False),
          ("dates", "wake me at 7:30", "wake me at 9:30", False),
          ("dates", "ask gpt-2026-01-02", "ask gpt-2026-01-03", False),
          ("dates", "May I go?", "Can I go?", False),
          ("dates", "am Montag", "am Freitag", False),
      )),
    Pair("a date in a model", prompt("x") | {"model": "m-2026-01-02"},
         prompt("x") | {"model": "m-2026-01-03"}, False, "model", ("dates",)),
    Pair("an id that is a picture", image("a81f23bc9d00e4f7"), image("b92a34cd0e11f508"), False,
         "bytes", ("ids",)),
    Pair("an id that is a function", declared(ID), declared(OTHER_ID), False, "text", ("ids",)),
    Pair("an id that is called", labelled({"name": ID}), labelled({"name": OTHER_ID}), True,
         "tolerate ids", ("ids",)),
    Pair("a date nobody tolerates", prompt("on 2026-11-23"), prompt("on 2027-01-02"), False,
         "not tolerated"),
    Pair("an id nobody tolerates", prompt(f"See {ID}"), prompt(f"See {OTHER_ID}"), False,
         "not tolerated"),
    Pair("a path", config(1), config(2), True, "tolerate generation_config.temperature",
         ("generation_config.temperature",)),
    Pair("another path", config(1), config(2), False, "number", ("generation_config.top_p",)),
)  # fmt: skip
"""Every member of "equal is equal, unequal is unequal"."""

assert len({pair.name for pair in PAIRS}) == len(PAIRS)
