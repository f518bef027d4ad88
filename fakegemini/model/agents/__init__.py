"""What the agents make when nobody scripts them: one file a family, and a row in `registry`."""
