import logging

from celery import Celery
from celery.app.trace import build_tracer

from buvett.settings.logs import Bare


def record_of(error):
    try:
        raise error
    except type(error) as caught:
        info = (type(caught), caught, caught.__traceback__)
    return logging.LogRecord("a", logging.ERROR, "file", 1, "it failed", None, info)


def test_exception_is_logged_by_kind_and_place_only():
    record = record_of(ValueError("Kari Demoli, 17865528469"))

    assert Bare().filter(record)

    text = logging.Formatter("%(message)s").format(record)
    assert text.startswith("it failed [ValueError at record_of:")
    assert "Demoli" not in text
    assert record.exc_info is None


def test_task_that_failed_is_logged_without_what_its_exception_says(caplog):
    app = Celery("here", set_as_current=False)

    @app.task(name="counted")
    def counted():
        secret = "Kari Demoli, 17865528469"
        raise ValueError(secret)

    with caplog.at_level(logging.ERROR, logger="celery.app.trace"):
        build_tracer("counted", counted, eager=True, propagate=False, app=app)("id-1", (), {})
    (record,) = caplog.records
    Bare().filter(record)  # a handler of the process may have done it already

    text = logging.Formatter("%(message)s").format(record)
    assert "Demoli" not in text
    assert text.startswith("Task counted[None] raised unexpected: ValueError [")


def test_exception_among_the_words_is_told_by_its_kind():
    record = record_of(ValueError("Kari Demoli"))
    record.msg, record.args = "%s failed: %s", ("it", record.exc_info[1])

    assert Bare().filter(record)

    assert logging.Formatter("%(message)s").format(record).startswith("it failed: ValueError [ValueError at ")


def test_record_without_an_exception_is_left_alone():
    record = logging.LogRecord("a", logging.INFO, "file", 1, "all is %s", ("well",), None)

    assert Bare().filter(record)

    assert logging.Formatter("%(message)s").format(record) == "all is well"
