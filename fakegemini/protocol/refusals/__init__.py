"""Say which requests are refused, and in which words: a file and a table for each layer.

`registry` has the rows and says how to add one, `refusal` what a refusal is, `refuse` makes a
reply of it. Importing this package registers all of them.
"""

from __future__ import annotations

from .capabilities import CAPABILITIES
from .fields import FIELDS
from .history import HISTORY
from .lookups import check_client
from .registry import TABLES, Layer, RefusalRow, all_refusals, first_refusal
from .shape import SHAPE, check_shape
from .subject import Subject

__all__ = [
    "CAPABILITIES",
    "FIELDS",
    "HISTORY",
    "SHAPE",
    "TABLES",
    "Layer",
    "RefusalRow",
    "Subject",
    "all_refusals",
    "check_client",
    "check_shape",
    "first_refusal",
]
