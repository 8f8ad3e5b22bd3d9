import logging

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


def test_record_without_an_exception_is_left_alone():
    record = logging.LogRecord("a", logging.INFO, "file", 1, "all is %s", ("well",), None)

    assert Bare().filter(record)

    assert logging.Formatter("%(message)s").format(record) == "all is well"
