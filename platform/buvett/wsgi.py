"""The web process's door. It refuses to open on a database role that could go round row security."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "buvett.settings")
application = get_wsgi_application()

from buvett.startup import check_roles  # noqa: E402 - settings are there once the application is
from buvett.warming import warm  # noqa: E402

check_roles()
Thread(target=warm, daemon=True).start()
