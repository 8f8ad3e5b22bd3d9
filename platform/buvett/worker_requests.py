"""A worker's request that does not let a lost acknowledgement pass.

Celery logs that it could not acknowledge a message and goes on. The message then counts as taken for ever: with a
prefetch of one the worker stays up, connected to a broker that came back, and takes nothing more (Celery 5.7.0, Redis).
So the worker ends, and its supervisor starts another; the work itself is done, or is sent again from the outbox.
"""

import os

from celery.worker import state
from celery.worker.request import Request
from kombu.asynchronous import get_event_loop

SOON = 1.0
"""Seconds; Celery acknowledges at a later turn of its event loop, not at once."""


class EndingRequest(Request):  # type: ignore[misc]
    """Ends the worker when a message could not be acknowledged."""

    def acknowledge(self) -> None:
        """Acknowledge the message, and look soon afterwards whether the broker took that."""
        super().acknowledge()
        hub = get_event_loop()
        if hub is not None:
            hub.call_later(SOON, self.end_unless_acknowledged)

    def end_unless_acknowledged(self) -> None:
        """Stop the worker at the next turn of its loop."""
        if not self.message.acknowledged:
            state.should_stop = os.EX_UNAVAILABLE
