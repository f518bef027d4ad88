"""One exchange as it was recorded, with how its answer came."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.exchange import Exchange


@dataclass(frozen=True)
class Recorded:
    """An exchange, its response unpacked, and the pace of the response.

    `chunks` has, for each chunk of a stream as it arrived, the seconds since the request was sent
    and its length in bytes; it is empty where nobody measured. `ended` is "cut" where the server
    broke off, else "whole".
    """

    exchange: Exchange
    chunks: tuple[tuple[float, int], ...] = ()
    ended: str = "whole"
