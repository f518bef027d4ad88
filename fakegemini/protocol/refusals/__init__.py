"""Which requests are refused although every member of theirs has a good shape.

The live server looks in layers: JSON, schema, what the model can do, the conversation. The first
two are in `shape`; here are the others, a table each. A row is a function that looks at a request
and gives its refusal, or None; the words and their evidence are in `refusal` and `limits`. The first refusal counts; in which order the server asks was never measured.
"""

from __future__ import annotations

from .capabilities import CAPABILITIES
from .fields import FIELDS
from .history import HISTORY
from .subject import Check, Subject, first_refusal

__all__ = ["CAPABILITIES", "FIELDS", "HISTORY", "Check", "Subject", "first_refusal"]
