"""Give the options of a fake their types, as arguments and as attributes: a line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypedDict, TypeVar, overload

if TYPE_CHECKING:
    from ..protocol.eras import Era, EraName
    from ..protocol.known_models import Agent, Model
    from ..recordings.record_hooks import RecordHook
    from ..recordings.tolerance import Tolerated
    from .state.complaints import ComplaintKind

Missing: TypeAlias = Literal["error", "script", "model"]
Chunks: TypeAlias = Literal["recorded", "events"]
OnUnplayed: TypeAlias = Literal["report", "fail"]


class PlayOptions(TypedDict, total=False):
    """How cassettes are played; see `Fake.play` for what each option does."""

    tolerate: Iterable[Tolerated] | Tolerated
    missing: Missing
    chunks: Chunks | int
    real_pace: bool | float
    repeats: bool
    on_unplayed: OnUnplayed
    scrub: Iterable[str] | str
    scrub_pattern: Iterable[str] | str
    allow_secret: Iterable[str] | str
    before_record_request: RecordHook | str | None
    before_record_response: RecordHook | str | None


class FakeOptions(PlayOptions, total=False):
    """What a fake can be told to be, as arguments; see `Fake` for what each does."""

    seed: str | int
    era: EraName | Era
    models: Mapping[str, Model] | Iterable[str] | None
    agents: Mapping[str, Agent] | Iterable[str] | None
    any_model: bool
    decode_limit: int | None
    allow: Iterable[ComplaintKind] | ComplaintKind


Read = TypeVar("Read")
Written = TypeVar("Written")


class OptionAttribute(Generic[Read, Written]):
    """An option as an attribute of a fake, which can be read and set at any time."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, fake: None, owner: type) -> OptionAttribute[Read, Written]: ...
    @overload
    def __get__(self, fake: OptionAttributes, owner: type) -> Read: ...
    def __get__(self, fake: OptionAttributes | None, owner: type) -> Any:
        return self if fake is None else fake._get_option(self._name)

    def __set__(self, fake: OptionAttributes, value: Written) -> None:
        fake._set_option(self._name, value)


class OptionAttributes:
    """The options as attributes, for `Fake`."""

    __slots__ = ()

    seed: OptionAttribute[str, str | int] = OptionAttribute()
    era: OptionAttribute[EraName, EraName | Era] = OptionAttribute()
    models: OptionAttribute[dict[str, Model], Mapping[str, Model] | Iterable[str]] = (
        OptionAttribute()
    )
    agents: OptionAttribute[dict[str, Agent], Mapping[str, Agent] | Iterable[str]] = (
        OptionAttribute()
    )
    any_model: OptionAttribute[bool, bool] = OptionAttribute()
    decode_limit: OptionAttribute[int | None, int | None] = OptionAttribute()
    tolerate: OptionAttribute[Iterable[Tolerated] | Tolerated, Iterable[Tolerated] | Tolerated] = (
        OptionAttribute()
    )
    missing: OptionAttribute[Missing, Missing] = OptionAttribute()
    chunks: OptionAttribute[Chunks | int, Chunks | int] = OptionAttribute()
    real_pace: OptionAttribute[bool | float, bool | float] = OptionAttribute()
    repeats: OptionAttribute[bool, bool] = OptionAttribute()
    on_unplayed: OptionAttribute[OnUnplayed, OnUnplayed] = OptionAttribute()
    scrub: OptionAttribute[tuple[str, ...], Iterable[str] | str] = OptionAttribute()
    scrub_pattern: OptionAttribute[tuple[str, ...], Iterable[str] | str] = OptionAttribute()
    allow_secret: OptionAttribute[tuple[str, ...], Iterable[str] | str] = OptionAttribute()
    before_record_request: OptionAttribute[RecordHook | str | None, RecordHook | str | None] = (
        OptionAttribute()
    )
    before_record_response: OptionAttribute[RecordHook | str | None, RecordHook | str | None] = (
        OptionAttribute()
    )

    def _get_option(self, name: str) -> Any:
        raise NotImplementedError

    def _set_option(self, name: str, value: Any) -> None:
        raise NotImplementedError
