"""`opencme migrate`: bring the database up to date."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from django.db import connection


def migrate_database() -> None:
    """Create or update every table, the cache of rate limits among them."""
    Path(settings.OPENCME_DATA_DIR).mkdir(mode=0o750, parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # counts of a minute are worth no wait for the disk
            cursor.execute("ALTER TABLE opencme_cache SET UNLOGGED")


@click.command()
def command() -> None:
    """Bring the database up to date."""
    migrate_database()
    click.echo("The database is up to date.")
