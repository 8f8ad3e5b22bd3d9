"""What a process that answers pages does once, so that no reader waits for it."""

import gc

from buvett.pages.regional import drawing


def warm() -> None:
    """Draw once, since the first chart of a process takes a second; then spare what is loaded from each collection.

    A full collection walks everything that lives: 0.14 s here, in the middle of somebody's page. Left out of it, what
    remains to be walked is the pages' own (tests/benchmarks/results/pages.md is measured after this).
    """
    drawing.warm()
    gc.collect()
    gc.freeze()
