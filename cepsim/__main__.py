"""`python -m cepsim` is the command `cepsim`."""

import sys

from cepsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
