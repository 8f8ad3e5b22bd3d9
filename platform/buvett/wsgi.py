"""The web process's door. It refuses to open on a database role that could go round row security."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "buvett.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - settings are there once the application is

from tenants.isolation.startup import check_role  # noqa: E402

for role in settings.PROCESS.roles:
    check_role(role)
