"""Turbo: google-genai parses and sends the same, only faster, and is as it was behind it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from types import ModuleType
from typing import Any, Union

import pytest
from google import genai

import fakegemini
from fakegemini import Fake
from fakegemini.doors.loopback import serve
from fakegemini.doors.on_import import told_of_imports
from fakegemini.doors.turbo import turbo
from tests import every_medium, every_tool, every_type
from tests.conformance.ways import Async, Sync
from tests.roots import OPENSSL

SERIALIZERS = "google.genai._gaos.utils.serializers"
serializers: Any = importlib.import_module(SERIALIZERS)
api_client: Any = importlib.import_module("google.genai._api_client")

STEPS = every_type.STEPS | every_type.STRANGE


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a client wants to have."""
    monkeypatch.setenv("GEMINI_API_KEY", "fake-key")


def told(way: type[Sync] | type[Async], answer: Any, *, fast: bool, **body: Any) -> Any:
    """What a client makes of an answer, and of its stream, and which bytes it sent."""
    fake = Fake(seed="turbo")
    with serve(fake.handle) as url, turbo() if fast else nullcontext():
        client = way(http_options={"base_url": url})
        try:
            made = []
            for _ in range(2):  # the first call builds, the second one finds
                if answer is not None:
                    fake.replies(answer, times=2)
                whole = client.create(**body)
                made += [whole, *client.stream(**body)]
                if getattr(whole, "id", None):
                    made.append(client.get(whole.id))
            parsed = [dump(each).replace(url, "URL") for each in made]
            return parsed, [request.body for request in fake.requests]
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            client.close()


def dump(value: Any) -> str:
    """A parsed value as JSON, and with the types of all of it."""
    return f"{value.model_dump_json()} {value!r}"


ASK: dict[str, Any] = {"model": "gemini-3.5-flash", "input": "Why are there tides?"}


@pytest.mark.parametrize("name", STEPS)
def test_every_type_of_step_is_parsed_alike(name: str) -> None:
    """Whole and streamed."""
    slow = told(Sync, STEPS[name], fast=False, **ASK)

    assert told(Sync, STEPS[name], fast=True, **ASK) == slow


@pytest.mark.parametrize("name", ["model_output of everything", "function_call", "thought"])
def test_asynchronous_clients_parse_alike(name: str) -> None:
    """Whole and streamed."""
    slow = told(Async, STEPS[name], fast=False, **ASK)

    assert told(Async, STEPS[name], fast=True, **ASK) == slow


BODIES: dict[str, dict[str, Any]] = {
    **{name: ASK | body for name, body in (every_tool.ASKS | every_medium.ASKS).items()},
    "a history": ASK
    | {
        "input": [
            {"type": "user_input", "content": [{"type": "text", "text": "Hi"}]},
            {"type": "model_output", "content": [{"type": "text", "text": "Ho"}]},
            {"type": "user_input", "content": "And?"},
        ],
        "store": False,
    },
    "no such member": ASK | {"odd": 1},
    "a wrong type": ASK | {"tools": 7},
    "refused": ASK | {"model": "gemini-of-tomorrow"},
}


@pytest.mark.parametrize("name", BODIES)
def test_requests_are_sent_alike(name: str) -> None:
    """And refused alike: the same bytes, the same text of an error."""
    slow = told(Sync, None, fast=False, **BODIES[name])

    assert told(Sync, None, fast=True, **BODIES[name]) == slow


def parse(raw: str, typ: Any) -> str:
    """What the SDK makes of a JSON text that is to be of this type, or what it says of it."""
    try:
        return repr(serializers.unmarshal_json(raw, typ))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def test_every_example_of_the_schemas_is_parsed_alike_by_every_type() -> None:
    """What fits, and what does not: for some types nothing does."""
    folders = ("step", "delta", "event", "content", "annotation")
    texts = [
        json.dumps(example)
        for folder in folders
        for found in every_type.examples(folder).values()
        for example in found
    ]
    fitting = ("Interaction", "InteractionSSEEvent", "Step", "StepDelta", "Usage", "Content")
    module: Any = importlib.import_module("google.genai.interactions")
    types = [getattr(module, name) for name in fitting if hasattr(module, name)]
    assert len(types) >= 3
    cases = [(text, typ) for text in texts for typ in types]
    slow = [parse(*case) for case in cases]

    with turbo():
        assert [parse(*case) for case in cases] == slow
        assert [parse(*case) for case in cases[::-1]] == slow[::-1]


def test_types_that_are_equal_but_ordered_otherwise_are_not_mixed_up() -> None:
    """`int | str` equals `str | int`, but "7" is another thing to each."""
    orders = [Union[int, str], Union[str, int]]  # noqa: UP007
    assert orders[0] == orders[1]
    slow = [serializers.unmarshal("7", typ) for typ in orders]

    with turbo():
        assert [serializers.unmarshal("7", typ) for typ in orders] == slow


def test_a_class_is_built_once_for_each_type() -> None:
    """However many types there are, they are not all kept for ever."""
    with turbo():
        build = serializers.create_model
        config = serializers.ConfigDict(populate_by_name=True, arbitrary_types_allowed=True)

        def built(name: str, typ: Any, **more: Any) -> Any:
            return build(name, body=(typ, ...), __config__=config, **more)

        assert built("A", int) is built("A", int)
        assert len({id(each) for each in (built("A", int), built("B", int), built("A", str))}) == 3
        assert built("A", int, more=(int, ...)) is not built("A", int, more=(int, ...))


def test_clients_share_one_context_for_the_same_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other files, or arguments, have another one."""
    with turbo():
        make = api_client.ssl.create_default_context
        first = make()
        assert make() is first
        assert make(cafile=None) is not first
        monkeypatch.setenv(OPENSSL, "/dev/null")
        assert make() is not first
        assert isinstance(first, api_client.ssl.SSLContext)
        assert issubclass(api_client.ssl.SSLContext, object)


def members() -> list[Any]:
    """What turbo replaces, as it stands."""
    httpx2 = getattr(api_client, "httpx2", None)
    return [serializers.create_model, api_client.ssl, httpx2]


def test_all_is_undone_behind_the_last_block() -> None:
    """Also where it ends in an error, and where blocks stand inside each other."""
    before = members()

    def fail() -> None:
        with turbo():
            with turbo() as inner:
                assert SERIALIZERS in inner.modules
            assert members()[0] is not before[0]
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail()

    assert all(one is other for one, other in zip(members(), before, strict=True))


def test_blocks_of_two_threads_do_not_wait_for_each_other() -> None:
    """The one that ends first leaves the other its speed."""
    before, entered, leave = members(), threading.Event(), threading.Event()

    def stay() -> None:
        with turbo():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    thread.start()
    assert entered.wait(10)
    with turbo():
        pass
    assert members()[0] is not before[0]
    leave.set()
    thread.join()

    assert members()[0] is before[0]


def test_what_somebody_else_replaced_meanwhile_stays() -> None:
    """A mock that outlives the block is not overwritten."""
    mock = ModuleType("mock")
    before = api_client.ssl
    try:
        with turbo():
            api_client.ssl = mock
        assert api_client.ssl is mock
    finally:
        api_client.ssl = before


def no_builder(module: Any) -> None:
    """An SDK whose functions build nothing."""
    module.unmarshal = lambda value, typ: value


def other_builder(module: Any) -> None:
    """An SDK that calls something else `create_model`."""
    module.create_model = lambda name: name


def nothing_there(module: Any) -> None:
    """An SDK that has moved all of it."""
    module.__dict__.pop("create_model")


def other_ssl(module: Any) -> None:
    """An SDK that gets its contexts elsewhere."""
    module.ssl = None


MISFITS: dict[str, tuple[str, Callable[[Any], None], str]] = {
    "no builder": (SERIALIZERS, no_builder, "its unmarshal builds no class with create_model"),
    "another builder": (SERIALIZERS, other_builder, "its create_model is another one (TypeError)"),
    "nothing": (SERIALIZERS, nothing_there, "its create_model is another one (TypeError)"),
    "another ssl": ("google.genai._api_client", other_ssl, "make their SSL contexts in another"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_an_sdk_that_does_not_fit_is_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """With one line, behind the block."""
    place, change, reason = MISFITS[name]
    changed: Any = ModuleType(place)
    changed.__dict__.update(vars(sys.modules[place]))
    change(changed)
    monkeypatch.setitem(sys.modules, place, changed)
    before = dict(vars(changed))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with turbo() as state:
            assert vars(changed) == before
            assert caught == []

    (note,) = state.notes
    assert str(caught[0].message) == note
    assert note.startswith(f"turbo leaves google-genai {genai.__version__} as slow as it is: ")
    assert reason in note
    assert caught[0].filename == __file__


IMPORTED_INSIDE = """
import sys
import fakegemini

with fakegemini.turbo() as state:
    assert not any(name.startswith("google.genai") for name in sys.modules)
    from google.genai._gaos.utils import serializers
    from google.genai import _api_client
    inside = serializers.create_model, _api_client.ssl
    assert len(state.modules) == 2, state

import pydantic, ssl
assert (serializers.create_model, _api_client.ssl) == (pydantic.create_model, ssl)
assert inside[0] is not pydantic.create_model and inside[1] is not ssl
"""


def test_an_sdk_that_is_imported_inside_is_fast_from_the_beginning() -> None:
    """And slow again behind it."""
    subprocess.run([sys.executable, "-c", IMPORTED_INSIDE], check=True)


def test_turbo_imports_no_sdk_itself() -> None:
    """Whoever has none pays nothing for it."""
    code = "import sys, fakegemini\nwith fakegemini.turbo(): print('google' in sys.modules)"
    command = [sys.executable, "-I", "-c", code]

    assert subprocess.check_output(command, text=True).strip() == "False"


def test_a_module_is_told_of_once_and_an_unknown_one_is_not_found() -> None:
    """Whether it is there or comes."""
    names: list[str] = []
    tell = {
        name: lambda module: names.append(module.__name__)
        for name in ("json", "this_is_no_module", "colorsys")
    }
    sys.modules.pop("colorsys", None)
    with told_of_imports(tell):
        importlib.import_module("colorsys")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("this_is_no_module")
    importlib.reload(importlib.import_module("colorsys"))

    assert names == ["json", "colorsys"]


def test_it_is_a_public_name() -> None:
    """Beside the other blocks."""
    assert fakegemini.turbo is turbo
