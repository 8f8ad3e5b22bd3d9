"""Who may sign in at all, and how often one may fail."""

from datetime import timedelta

from django.conf import settings

from buvett.accounts.errors import DemoRefused
from buvett.accounts.models import User

WINDOW = timedelta(minutes=15)
TRIES_PER_NAME = 5
TRIES_PER_ADDRESS = 30


def can_sign_in(user: User) -> bool:
    """An active person; a demo person only where the settings are a demo's or a test's."""
    return user.is_active and not (user.demo and settings.MODE not in {"demo", "test"})


def demo_is_on() -> bool:
    """Whether the one-click sign-in is shown at all."""
    return bool(settings.MODE == "demo")


def check_can_sign_in_by_click(user: User) -> None:
    """Raise DemoRefused unless this is a demo and the person is a demo person."""
    if not (demo_is_on() and user.demo and can_sign_in(user)):
        raise DemoRefused("one-click sign-in is for demo persons in a demo")
