"""Keeps the values of a failed statement, request or local variable out of every log."""

import logging
import traceback
from collections.abc import Mapping

# What Celery tells of a task that failed, but for the exception's own text and trace.
TOLD_OF_TASKS = frozenset({"hostname", "id", "name", "description", "internal"})


class Bare(logging.Filter):
    """Replaces an exception's text by its kind and the places in the code that it came through."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            places = " < ".join(
                f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__)[-6:])
            )
            kind = type(error).__name__
            record.msg = f"{record.msg} [{kind} at {places}]"
            if isinstance(record.args, Mapping):
                record.args = {name: told if name in TOLD_OF_TASKS else kind for name, told in record.args.items()}
            elif record.args:
                record.args = tuple(kind if isinstance(told, BaseException) else told for told in record.args)
            record.exc_info = None
            record.exc_text = None
        return True
