"""Direct a fake in JSON: over HTTP under `/__fakegemini__/`, or by a script file.

The forms are the schemas in `schemas/control/`; they become what Python tests write.
"""

from __future__ import annotations

from .control_routes import Control

__all__ = ["Control"]
