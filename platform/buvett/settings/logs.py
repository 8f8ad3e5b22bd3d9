"""Keeps the values of a failed statement, request or local variable out of every log."""

import logging
import traceback


class Bare(logging.Filter):
    """Replaces an exception's text by its kind and the places in the code that it came through."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            places = " < ".join(
                f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__)[-6:])
            )
            record.msg = f"{record.msg} [{type(error).__name__} at {places}]"
            record.exc_info = None
            record.exc_text = None
        return True
