"""Django's own checks of models, addresses and settings: workers do not run them, so the suite does."""

from django.core.management import call_command


def test_django_finds_nothing_wrong(capsys) -> None:
    call_command("check", fail_level="WARNING")
    assert "no issues" in capsys.readouterr().out
