"""`opencme move-to-postgres`: from SQLite to PostgreSQL, with nothing lost."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.utils import timezone
from environ import Env

from opencme.cli.keeping.restoring import CannotRestore, held_still
from opencme.cli.keeping.upgrading import steps_to_here
from opencme.cli.migrate import make_tables
from opencme.core.append_only import missing_triggers
from opencme.core.keeping.audit import verify_audit
from opencme.core.keeping.contents import Contents, contents_of
from opencme.core.keeping.databases import database_beside
from opencme.core.keeping.moving import (
    RowsRefused,
    copy_rows,
    raise_sequences,
    sequences_of,
    sums_of,
)
from opencme.core.keeping.snapshots import snapshot


@click.command()
@click.argument("url")
def command(url: str) -> None:
    """Copy the SQLite database of the settings into the empty PostgreSQL database at URL, and compare.

    URL is like postgres://user:password@host/name. The server must be stopped. The SQLite file
    stays as it is; media files and keys are not touched.
    """
    _refuse(url)
    at = timezone.now()
    try:
        with held_still("move-to-postgres", at=at), database_beside(_configuration(url)) as target:
            _refuse_unless_empty(target)
            click.echo("Making the tables ...")
            make_tables(target)
            troubles = _move(target)
    except CannotRestore as trouble:
        raise click.ClickException(str(trouble)) from trouble
    if troubles:
        for difference in troubles:
            click.secho(f"  {difference}", fg="red", err=True)
        message = (
            "What arrived is not what was sent. Go on with SQLite, which was not changed; empty the"
            " PostgreSQL database, and report this."
        )
        raise click.ClickException(message)
    where = urlsplit(url)
    click.secho("Everything arrived.", fg="green")
    click.echo(
        "Now set OPENCME_DATABASE_URL to the new database"
        f" ({where.scheme}://...@{where.hostname or ''}{where.path}), keep OPENCME_DATA_DIR as it is,\n"
        "and start the server, and beside it at least one `opencme worker`.\n"
        "Move the SQLite file away when you have seen that all is well:\n"
        f"  {shlex.quote(str(settings.DATABASES['default']['NAME']))}"
    )


def _refuse(url: str) -> None:
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise click.ClickException("URL must be like postgres://user:password@host/name.")
    if connection.vendor != "sqlite":
        raise click.ClickException("OPENCME_DATABASE_URL names PostgreSQL already. Nothing was moved.")
    if not Path(settings.DATABASES["default"]["NAME"]).is_file():
        raise click.ClickException("There is no SQLite database where OPENCME_DATABASE_URL points.")
    steps = steps_to_here()
    if steps.to_apply or steps.unknown:
        message = "The SQLite database does not fit this version. Run `opencme upgrade` first."
        raise click.ClickException(message)


def _configuration(url: str) -> dict[str, Any]:
    return dict(Env.db_url_config(url))


def _refuse_unless_empty(target: str) -> None:
    try:
        tables = connections[target].introspection.table_names()
    except OperationalError as trouble:
        message = f"The PostgreSQL database cannot be reached: {str(trouble).strip()}. Nothing was moved."
        raise click.ClickException(message) from trouble
    with connections[target].cursor() as cursor:
        for table in set(tables) & {"people_user", "core_auditentry"}:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608  one of two names
            if cursor.fetchone()[0]:
                tables = [*tables, ""]
    if "" in tables or (tables and "django_migrations" not in tables):
        message = (
            "The PostgreSQL database is not empty. Make a new one (`createdb`) and name it."
            " Nothing was moved."
        )
        raise click.ClickException(message)


def _move(target: str) -> list[str]:
    """Copy and compare; what differs, in sentences."""
    with snapshot():
        contents = contents_of()
        rows = sum(contents.rows.values())
        try:
            with click.progressbar(length=rows, label=f"Copying {rows:,} rows") as bar:
                sent = copy_rows(source="default", target=target, tell=bar.update)
        except RowsRefused as trouble:
            message = (
                f"PostgreSQL does not take what SQLite held. {trouble}\n"
                "Nothing was moved. Mend that row, then try again."
            )
            raise click.ClickException(message) from trouble
        numbers = raise_sequences(source="default", target=target)
    with click.progressbar(length=rows, label="Comparing every row") as bar:
        arrived = sums_of(target, tell=bar.update)
    there = contents_of(target)
    differing = [table for table, total in sent.items() if arrived[table] != total]
    _say(contents, there, len(sent) - len(differing), numbers)
    return _differences(contents, there, differing, numbers, target)


def _say(contents: Contents, there: Contents, equal: int, numbers: dict[str, int]) -> None:
    heads = "equal" if contents.heads == there.heads else "NOT equal"
    click.echo(
        f"  {equal} tables: rows and their digests equal.\n"
        f"  {there.chains:,} audit chains: heads {heads}.\n"
        f"  {len(numbers)} sequences go on after the last number given."
    )


def _differences(
    contents: Contents, there: Contents, differing: list[str], numbers: dict[str, int], target: str
) -> list[str]:
    found = [f"{table} differs." for table in differing]
    if contents.heads != there.heads:
        found.append("The heads of the audit chains differ.")
    if contents.migrations != there.migrations:
        found.append("The migrations differ.")
    if missing := missing_triggers(target):
        found.append(f"Triggers are missing: {', '.join(missing)}.")
    if sequences_of(target, numbers) != numbers:
        found.append("Sequences differ.")
    audit = verify_audit(using=target)
    click.echo(f"  {audit.entries:,} audit entries: {'every chain holds' if not audit.broken else 'broken'}.")
    if audit.broken:
        found.append(f"{len(audit.broken)} places of the audit chains do not hold.")
    return found
