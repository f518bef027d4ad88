"""Keep what google-genai builds anew in every call: its pydantic classes, and its CA files.

Measured with google-genai 3.4: a call takes 9 ms, a stream 20 ms, a client 60 ms, nearly all of it
for these two. The SDK builds a class around the type of each body that it reads or writes, and the
same type gives the same class; it loads the same root certificates three times for each client.

Nothing of the SDK is touched that does not look as it is known to look, which is tested before.
All of it is undone at the end.
"""

from __future__ import annotations

import os
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from .on_import import told_of_imports

_MOST_CLASSES = 4096
"""How many classes are kept; a program that makes types as it runs gets new ones beyond."""

_BUILDERS = ("unmarshal", "marshal_json")
"""The functions of the SDK that build a class in each call."""


@dataclass(slots=True)
class Turbo:
    """What is in force: which modules of the SDK are faster, and the notes on what does not fit."""

    modules: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


_lock = threading.Lock()
_blocks: list[tuple[Turbo, ExitStack]] = []
"""What is in force, once for each block that needs it."""


@contextmanager
def turbo() -> Iterator[Turbo]:
    """Make google-genai faster while the block runs, imported before or inside of it.

    It parses and sends the same. Where a version of the SDK is built otherwise, it stays as it is,
    and one line says so: a warning at the end of the block. Blocks may stand inside each other.
    """
    with keep_turbo() as state:
        yield state
    for note in state.notes:
        warnings.warn(note, stacklevel=3)


@contextmanager
def keep_turbo() -> Iterator[Turbo]:
    """Do what `turbo` does, for whoever says the notes in a way of their own."""
    with _lock:
        _blocks.append(_blocks[-1] if _blocks else _begin())
        state, undos = _blocks[-1]
    try:
        yield state
    finally:
        with _lock:
            _blocks.pop()
            if not _blocks:
                undos.close()


def _begin() -> tuple[Turbo, ExitStack]:
    state, undos = Turbo(), ExitStack()

    def speed_up(module: ModuleType) -> None:
        row = _ROWS[module.__name__]
        misfit = row.find_misfit(module)
        if misfit:
            state.notes.append(
                f"turbo leaves google-genai {_version()} as slow as it is: {misfit}; the tests are "
                "right all the same"
            )
            return
        state.modules.append(module.__name__)
        for name, fast in row.replacements(module).items():
            undos.callback(_replace(module, name, fast))

    undos.enter_context(told_of_imports(dict.fromkeys(_ROWS, speed_up)))
    return state, undos


def _replace(module: ModuleType, name: str, fast: object) -> Callable[[], None]:
    """Put `fast` in the place of a member of a module; gives what undoes it."""
    slow = getattr(module, name)
    setattr(module, name, fast)

    def undo() -> None:
        if getattr(module, name, None) is fast:  # else somebody replaced it meanwhile
            setattr(module, name, slow)

    return undo


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("google-genai")
    except PackageNotFoundError:
        return "(of an unknown version)"


def _find_misfit_of_classes(module: ModuleType) -> str:
    """Say why the classes of this SDK cannot be kept; empty where they can."""
    build = getattr(module, "create_model", None)
    for name in _BUILDERS:
        code = getattr(getattr(module, name, None), "__code__", None)
        if code is None or "create_model" not in code.co_names:
            return f"its {name} builds no class with create_model"
    try:
        built = _build_like_sdk(module, build, int)
        parsed = built.model_validate({"body": 7}).body
    except Exception as error:
        return f"its create_model is another one ({type(error).__name__})"
    return "" if parsed == 7 else "its create_model is another one"


def _build_like_sdk(module: ModuleType, build: Any, typ: Any) -> Any:
    config = module.ConfigDict(populate_by_name=True, arbitrary_types_allowed=True)
    return build("Unmarshaller", body=(typ, ...), __config__=config)


def _keep_classes(module: ModuleType) -> dict[str, object]:
    """Return a `create_model` that builds the class of a type once."""
    build = module.create_model
    kept_classes: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def create_model(name: str, /, **members: Any) -> Any:
        body = members.get("body")
        config = members.get("__config__")
        if len(members) != 2 or not isinstance(body, tuple) or not isinstance(config, dict):
            return build(name, **members)
        # By identity: types that are equal may still differ in the order of their members. The
        # type is kept beside its class, so that no other one gets its address.
        key = (name, id(body[0]), len(body), *body[1:], *sorted(config.items()))
        try:
            found = kept_classes.get(key)
        except TypeError:  # a member that has no hash
            return build(name, **members)
        if found is None:
            found = body[0], build(name, **members)
            if len(kept_classes) < _MOST_CLASSES:
                kept_classes[key] = found
        return found[1]

    return {"create_model": create_model}


def _find_misfit_of_contexts(module: ModuleType) -> str:
    """Say why the SSL contexts of this SDK cannot be kept; empty where they can."""
    if getattr(module, "ssl", None) is not ssl:
        return "its clients make their SSL contexts in another way"
    return ""


class _Delegate(ModuleType):
    """A module that has everything of another one, but for what is set on it."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module.__name__, module.__doc__)
        self.__dict__["_module"] = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_module"], name)


def _keep_contexts(module: ModuleType) -> dict[str, object]:
    """Return `ssl`, and httpx2 where the SDK uses it, whose default contexts are made once."""
    fast: dict[str, object] = {}
    for name, maker in (("ssl", "create_default_context"), ("httpx2", "create_ssl_context")):
        library = getattr(module, name, None)
        if isinstance(library, ModuleType) and hasattr(library, maker):
            fast[name] = delegate = _Delegate(library)
            setattr(delegate, maker, _made_once(library, maker))
    return fast


def _made_once(library: ModuleType, maker: str) -> Callable[..., Any]:
    """Return a maker of contexts that makes one for the same arguments and the same environment."""
    contexts: dict[object, Any] = {}

    def make(*args: Any, **options: Any) -> Any:
        make_anew = getattr(library, maker)
        files = tuple(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
        key = (make_anew, args, tuple(sorted(options.items())), files)
        try:
            if key not in contexts:
                contexts[key] = make_anew(*args, **options)
        except TypeError:  # an argument that has no hash
            return make_anew(*args, **options)
        return contexts[key]

    return make


@dataclass(frozen=True, slots=True)
class _Row:
    """A module that is made faster: the test before it is touched, and what is replaced in it."""

    find_misfit: Callable[[ModuleType], str]
    replacements: Callable[[ModuleType], dict[str, object]]


_ROWS: dict[str, _Row] = {
    "google.genai._gaos.utils.serializers": _Row(_find_misfit_of_classes, _keep_classes),
    "google.genai._api_client": _Row(_find_misfit_of_contexts, _keep_contexts),
}
