"""The application, a plain WSGI callable for any server."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opencme.config.settings")

application = get_wsgi_application()

if settings.OPENCME_BACKGROUND_WORK:
    from opencme.config.background import start_background_work  # noqa: PLC0415  needs the apps loaded

    start_background_work()
