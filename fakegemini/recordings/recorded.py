"""One exchange as the recorder hands it on: what was said, and how it arrived."""

from __future__ import annotations

from dataclasses import dataclass

from .exchange import Exchange

WHOLE, CUT = "whole", "cut"


@dataclass(frozen=True)
class Recorded:
    """An exchange with its response body unpacked, and the chunks in which that body came.

    chunks: seconds since the request was sent, and bytes, of each; () where unknown or unary
    ended: "whole", or "cut" where upstream broke off
    """

    exchange: Exchange
    chunks: tuple[tuple[float, int], ...] = ()
    ended: str = WHOLE
