"""The model when nobody scripted it: deterministic answers that fit the request."""

from .improvise import improvise

__all__ = ["improvise"]
