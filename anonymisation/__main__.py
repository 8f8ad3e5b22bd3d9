"""`python -m anonymisation`, and the `anonymise` command."""

from __future__ import annotations

import sys

from anonymisation.cli import main

if __name__ == "__main__":
    sys.exit(main())
