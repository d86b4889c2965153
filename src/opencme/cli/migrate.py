"""`opencme migrate`: bring the database up to date."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections

from opencme.cli.data_folder import refuse_other_account
from opencme.cli.keeping.way_back import note_finished


def migrate_database() -> None:
    """Bring the database of the settings up to date."""
    Path(settings.OPENCME_DATA_DIR).mkdir(mode=0o750, parents=True, exist_ok=True)
    make_tables(DEFAULT_DB_ALIAS)


def make_tables(using: str) -> None:
    """Create or update every table, on PostgreSQL with that of rate limits (on SQLite, memory has them)."""
    call_command("migrate", database=using, interactive=False, verbosity=0)
    if connections[using].vendor != "postgresql":
        return
    table = settings.OPENCME_CACHE_TABLE
    call_command("createcachetable", table, database=using, verbosity=0)
    with connections[using].cursor() as cursor:  # counts of a minute are worth no wait for the disk
        cursor.execute(f"ALTER TABLE {table} SET UNLOGGED")


@click.command()
def command() -> None:
    """Bring the database up to date."""
    refuse_other_account()
    migrate_database()
    note_finished()
    click.echo("The database is up to date.")
