"""Real Celery workers over the embedded broker, each as the user of its own queue."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from buvett.services import Home, ensure_services, processes
from buvett.services.endpoints import embedded
from buvett.services.valkey import Valkey

APP = """
import os, time
from celery import Celery
from kombu import Queue

def app_of(queue, url):
    app = Celery("tried", broker=url)
    app.conf.update(
        broker_transport_options={
            "global_keyprefix": f"{queue}:", "visibility_timeout": 3,
            "unacked_restore_interval": 1, "unacked_restore_throttle": 1,
        },
        task_default_queue=queue, task_queues=[Queue(queue)], task_ignore_result=True, result_backend=None,
        worker_enable_remote_control=False, worker_send_task_events=False, worker_prefetch_multiplier=1,
        task_acks_late=True, task_reject_on_worker_lost=True, broker_connection_retry_on_startup=True,
    )
    return app

if "QUEUE" in os.environ:
    app = app_of(os.environ["QUEUE"], os.environ["URL"])

    @app.task(name="note")
    def note(path, word):
        with open(path, "a") as file:
            file.write(word + "\\n")

    @app.task(name="slow")
    def slow(path, word):
        note(path, "begun " + word)
        while not os.path.exists(path + ".go"):
            time.sleep(0.05)
        note(path, word)
"""
QUEUES = ("contributor", "publisher")
Worker = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start_worker(running: Home, tmp_path: Path) -> Iterator[Worker]:
    (tmp_path / "tried.py").write_text(APP)
    started: list[subprocess.Popen[bytes]] = []

    def start(queue: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "celery", "-A", "tried", "worker", "-l", "INFO", "-P", "solo"]
        argv += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        with (tmp_path / f"{queue}.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    argv,
                    cwd=tmp_path,
                    env={"PATH": os.defpath, "QUEUE": queue, "URL": embedded(running).broker(queue), "LANG": "C.UTF-8"},
                    stdout=log,
                    stderr=log,
                )
            )
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        worker.wait()


@pytest.fixture
def app_of(tmp_path: Path) -> Callable[[str, str], Celery]:
    names: dict[str, Callable[[str, str], Celery]] = {}
    exec(APP, names)
    return names["app_of"]


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_relay_sends_and_each_worker_does_its_own(
    running: Home, tmp_path: Path, start_worker: Worker, app_of: Callable[[str, str], Celery]
) -> None:
    for queue in QUEUES:
        start_worker(queue)
        with app_of(queue, embedded(running).broker("outbox")) as relay:
            for number in range(10):
                relay.send_task("note", [str(tmp_path / queue), f"{queue} {number}"], queue=queue)

    for queue in QUEUES:
        assert processes.wait_until(lambda queue=queue: len(lines(tmp_path / queue)) >= 10, seconds=90)  # type: ignore[misc]
        assert sorted(lines(tmp_path / queue)) == [f"{queue} {number}" for number in range(10)]
        assert "NoPermission" not in (tmp_path / f"{queue}.log").read_text()


@pytest.mark.parametrize(("user", "queue"), [("contributor", "publisher"), ("publisher", "contributor")])
def test_worker_cannot_send_to_another_queue(
    running: Home, app_of: Callable[[str, str], Celery], user: str, queue: str
) -> None:
    with app_of(queue, embedded(running).broker(user)) as stranger, pytest.raises(OperationalError, match="ermission"):
        stranger.send_task("note", ["/nowhere", "x"], queue=queue, retry=False)


def test_killed_workers_message_is_given_to_the_next(
    running: Home, tmp_path: Path, start_worker: Worker, app_of: Callable[[str, str], Celery]
) -> None:
    notes = tmp_path / "notes"
    first = start_worker("contributor")
    with app_of("contributor", embedded(running).broker("outbox")) as relay:
        relay.send_task("slow", [str(notes), "done"], queue="contributor")
    assert processes.wait_until(lambda: lines(notes) == ["begun done"], seconds=90)

    first.kill()
    first.wait()
    (tmp_path / "notes.go").touch()
    start_worker("contributor")

    assert processes.wait_until(lambda: "done" in lines(notes), seconds=90)
    assert "NoPermission" not in (tmp_path / "contributor.log").read_text()


@pytest.mark.long
def test_killed_broker_loses_no_message(home: Home, tmp_path: Path, app_of: Callable[[str, str], Celery]) -> None:
    ensure_services(home, environ={})
    with app_of("contributor", embedded(home).broker("outbox")) as relay:
        for number in range(100):
            relay.send_task("note", ["/nowhere", str(number)], queue="contributor")
    processes.wait_until(lambda: False, seconds=2)  # the broker's file is written each second

    processes.send(Valkey(home=home).pids(), signal.SIGKILL)
    ensure_services(home, environ={})

    with app_of("contributor", embedded(home).broker("contributor")) as worker, worker.connection() as connection:
        assert connection.default_channel._size("contributor") == 100
