"""A worker's request that does not let a lost acknowledgement pass.

Celery logs that it could not acknowledge a message and goes on. The message then counts as taken for ever: with a
prefetch of one the worker stays up, connected to a broker that came back, and takes nothing more (Celery 5.7.0, Redis).
So the worker ends, and its supervisor starts another; the work itself is done, or is sent again from the outbox.
"""

import os

from celery.worker import state
from celery.worker.request import Request


class EndingRequest(Request):  # type: ignore[misc]
    """Ends the worker when a message cannot be acknowledged."""

    def acknowledge(self) -> None:
        """Acknowledge the message; when the broker did not take that, the worker stops at the next turn of its loop."""
        super().acknowledge()
        if not self.message.acknowledged:
            state.should_stop = os.EX_UNAVAILABLE
