"""What agents answer when nobody scripts them: a file for each family, and a row in `registry`."""
