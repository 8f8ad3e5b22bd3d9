"""The `buvett` command."""

import sys
from collections.abc import Sequence

from buvett.console.children import WorkFailed
from buvett.console.commands import Refused, run
from buvett.console.parser import parser
from buvett.services.errors import ServiceError


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0: done; 1: failed; 2: refused, one line on standard error says why; 3: no safe release."""
    arguments = parser().parse_args(argv)
    try:
        return run(arguments)
    except WorkFailed as failure:
        return failure.code
    except (Refused, ServiceError) as refusal:
        print(f"buvett: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
