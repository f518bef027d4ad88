"""A fake told what to do in JSON: over HTTP under `/__fakegemini__/`, or by a script file.

The forms are the schemas in `schemas/control/`; what they lead to is what Python tests write.
"""

from __future__ import annotations

from .control_routes import PREFIX, Control

__all__ = ["PREFIX", "Control"]
