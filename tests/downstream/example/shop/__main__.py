"""The command line of the shop."""

import sys

from .client import describe

print(describe(sys.argv[1]))
