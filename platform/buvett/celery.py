"""Celery, one application for each kind of process: its own queue, its own broker user, its own keys in the broker.

    celery -A buvett.celery worker …     (buvett.services.commands; BUVETT_PROCESS says which)
    celery -A buvett.celery beat …       (in the outbox's environment)

The broker is only a wake-up: a message holds the id of planned work and nothing else, there is no result store, no
remote control and no event. What is lost is sent again from the database (buvett.releases.outbox).
"""

import os
from uuid import UUID, uuid4

from celery import Celery
from celery.signals import worker_init
from django.conf import settings
from kombu import Connection, Queue

from buvett.settings.environment import Process
from buvett.startup import check_roles_of_worker

# Celery would run Django's checks in every worker: they load each page, three seconds for nothing that a worker serves.
# The web process and the tests run them; what a worker must check of itself is check_roles_of_worker.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

# The queue that each kind of process takes work from.
OWN_QUEUE = {
    Process.CONTRIBUTOR: "contributor",
    Process.PUBLISHER: "publisher",
    Process.OUTBOX: "outbox",
    Process.TEST: "outbox",
}
RELAY_SECONDS = 1.0
# Longer than any job (protect gives up long before), so that no running job is started twice by the broker.
VISIBILITY_SECONDS = 300


def transport_options(queue: str) -> dict[str, object]:
    """kombu's options for one queue; a lost worker's message comes back soon after its time is over."""
    return {
        "global_keyprefix": f"{queue}:",
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
    }


def make_app(process: Process) -> Celery:
    """The application of one kind of process."""
    queue = OWN_QUEUE[process]
    made = Celery("buvett", broker=settings.BROKERS[queue] or None, set_as_current=True)
    made.conf.update(
        broker_transport_options=transport_options(queue),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A worker whose connection breaks finishes its job and ends; the supervisor starts another. Celery's own way
        # back (5.7.0, Redis) can leave one that is connected and takes nothing: tests/attacks/test_p7_kills.py.
        broker_connection_retry=False,
        broker_heartbeat=0,
        task_default_queue=queue,
        task_create_missing_queues=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        result_backend=None,
        result_expires=None,
        task_serializer="json",
        accept_content=["json"],
        imports=["buvett.releases.tasks"],
        beat_scheduler="celery.beat:Scheduler",  # static, in memory: nothing to lose on disk
        beat_schedule={
            "relay": {
                "task": "buvett.releases.relay",
                "schedule": RELAY_SECONDS,
                # A relay that comes late is not needed: the next one sends the same.
                "options": {"queue": "outbox", "expires": 5 * RELAY_SECONDS},
            }
        },
        timezone=settings.TIME_ZONE,
    )
    made.Task.Request = "buvett.worker_requests:EndingRequest"
    return made


app = make_app(settings.PROCESS)
worker_init.connect(check_roles_of_worker)


def wake(queue: str, task: str, planned: UUID) -> None:
    """Put a message with the id of planned work into another process's queue, and wait until the broker has it.

    The relay may append to that queue and do nothing else with it, so nothing is declared.
    """
    message = app.amqp.create_task_message(str(uuid4()), task, [str(planned)], {})
    with (
        Connection(settings.BROKERS[queue], transport_options=transport_options(queue)) as connection,
        connection.Producer(auto_declare=False) as producer,
    ):
        app.amqp.send_task_message(producer, task, message, queue=Queue(queue), declare=[], retry=False)
