"""Load the guard into a Python process that a test starts; then the user's own sitecustomize."""

import importlib.util
import os
import sys

_OUR_FOLDER = os.path.dirname(os.path.abspath(__file__))

if os.environ.get("FAKEGEMINI_BLOCK"):
    _spec = importlib.util.spec_from_file_location(
        "_fakegemini_network_guard", os.path.join(os.path.dirname(_OUR_FOLDER), "network_guard.py")
    )
    assert _spec is not None
    assert _spec.loader is not None
    _guard = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_guard)
    _guard.guard_child()

sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != _OUR_FOLDER]
_this_module = sys.modules.pop("sitecustomize")
try:
    importlib.import_module("sitecustomize")
except ImportError as error:
    if error.name != "sitecustomize":
        raise
finally:  # the import that loads this file looks for it
    sys.modules.setdefault("sitecustomize", _this_module)
