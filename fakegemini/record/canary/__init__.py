"""Measure again, with a real key, what may have moved and what nobody has observed."""
