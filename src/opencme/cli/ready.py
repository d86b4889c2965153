"""Loading Django for a command."""

from __future__ import annotations

import os
import secrets

import django


def ready_django() -> None:
    """Load the settings and the apps.

    A command other than `serve` signs nothing that outlives it, so it needs no secret key of the
    installation.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opencme.config.settings")
    os.environ.setdefault("OPENCME_SECRET_KEY", secrets.token_urlsafe(50))
    django.setup()
