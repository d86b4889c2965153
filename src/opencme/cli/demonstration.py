"""What `opencme demo` does once its settings are made."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from opencme.cli.migrate import migrate_database
from opencme.cli.server import (
    collect_static_files,
    has_unapplied_migrations,
    hold_database_file,
    refuse_missing_signing_key,
    refuse_taken_port,
    run_server,
)
from opencme.sample_content.accounts import CLINICIAN, OPERATOR
from opencme.sample_content.operations import load_demonstration


def start(*, host: str, port: int, data: Path) -> None:
    """Bring the data up to date, serve, and say where."""
    hold_database_file(f"{host}:{port}")
    refuse_taken_port(host, port)
    at = timezone.now()
    if has_unapplied_migrations():
        click.echo("Making the database ...")
        migrate_database()
    refuse_missing_signing_key()
    load_demonstration(at=at)
    collect_static_files()
    run_server(host=host, port=port, workers=1, when_up=lambda: say_where(data))
    click.echo(f"\nStopped. Everything is kept in {data}.")


def say_where(data: Path) -> None:
    """Print the address and the log-ins."""
    base = settings.OPENCME_BASE_URL
    click.echo(
        f"""
OpenCME, a demonstration: {base}/

  Clinician  {CLINICIAN.email}  {CLINICIAN.password}
  Operator   {OPERATOR.email}   {OPERATOR.password}
  Mail       {base}/mail/

Ctrl-C ends it; {data} keeps what was done."""
    )
