"""Loading Django for a command."""

from __future__ import annotations

import os
import secrets
from typing import Final

import django

from opencme.core.heaps import use_few_heaps

STAND_IN_KEY: Final = secrets.token_urlsafe(50)
"""The secret key of a command that was given none; what it signs, no other process knows."""


def ready_django() -> None:
    """Load the settings and the apps.

    Most commands sign nothing that outlives them, so they need no secret key of the installation;
    one that does refuses `STAND_IN_KEY`.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opencme.config.settings")
    os.environ.setdefault("OPENCME_SECRET_KEY", STAND_IN_KEY)
    use_few_heaps()
    django.setup()
