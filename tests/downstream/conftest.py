"""The example is run by a pytest of its own, see `test_downstream.py`."""

collect_ignore = ["example"]
