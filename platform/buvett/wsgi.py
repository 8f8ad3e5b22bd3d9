"""The web process's door. It refuses to open on a database role that could go round row security."""

import gc
import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "buvett.settings")
application = get_wsgi_application()

from buvett.pages.regional import drawing  # noqa: E402 - settings are there once the application is
from buvett.startup import check_roles  # noqa: E402

check_roles()


def _warm() -> None:
    """Draw once, since the first chart of a process takes a second; then spare what is loaded from each collection.

    A full collection walks everything that lives. Left out of it, the slowest twentieth of long lists takes half the
    time (tests/benchmarks/results/register.json).
    """
    drawing.warm()
    gc.collect()
    gc.freeze()


Thread(target=_warm, daemon=True).start()
