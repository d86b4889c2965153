"""Copying a PostgreSQL database with its own tools, and putting a copy in its place."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.db import connections
from django.db.backends.postgresql.client import DatabaseClient

from .files import written_whole


class ToolMissing(Exception):
    """A tool of PostgreSQL is not installed here; the message names it and says how to get it."""


class ToolFailed(Exception):
    """A tool of PostgreSQL ended with an error; its words are in the message."""


def dump_postgresql(target: Path, *, using: str = "default") -> None:
    """Dump the database as the caller's snapshot sees it. Raises `ToolMissing`, `ToolFailed`."""
    with connections[using].cursor() as cursor:
        # This session holds the snapshot and does nothing else for as long as the dump takes.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot(), current_schema()")
        view, schema = cursor.fetchone()
    with written_whole(target) as draft:
        _run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--schema={schema}",
            f"--snapshot={view}",
            f"--file={draft}",
            using=using,
        )


def restore_dump(dump: Path, *, aside: str, using: str = "default") -> None:
    """Fill the database from a dump, all or nothing; what stood there goes to the schema `aside`.

    Nobody else may be connected. Raises `ToolMissing`, `ToolFailed`; then everything stands as before.
    """
    _tool("pg_restore")
    connection = connections[using]
    stood = bool(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
        aside = connection.ops.quote_name(aside)
        if stood:
            cursor.execute(f"ALTER SCHEMA {schema} RENAME TO {aside}")
            cursor.execute(f"CREATE SCHEMA {schema}")
        try:
            _fill_from(dump, using)
        except ToolFailed:
            if stood:
                cursor.execute(f"DROP SCHEMA {schema} CASCADE")
                cursor.execute(f"ALTER SCHEMA {aside} RENAME TO {schema}")
            raise
        cursor.execute("ANALYZE")


def _fill_from(dump: Path, using: str) -> None:
    listed = _run("pg_restore", "--list", str(dump), using=using)
    with tempfile.NamedTemporaryFile("w", prefix="opencme-restore-") as contents:
        # The schema itself is there already.
        contents.writelines(line for line in listed.splitlines(keepends=True) if " SCHEMA - " not in line)
        contents.flush()
        _run(
            "pg_restore",
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            f"--use-list={contents.name}",
            str(dump),
            using=using,
        )


def other_connections(using: str = "default") -> int:
    """How many other programs are connected to the database."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        (number,) = cursor.fetchone()
    return int(number)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        message = (
            f"{name} is not installed on this machine."
            " Install PostgreSQL's client programs (on Debian: apt-get install postgresql-client)."
        )
        raise ToolMissing(message)
    return found


def _run(name: str, *arguments: str, using: str) -> str:
    settings = connections[using].settings_dict
    # Django knows how its settings are said to psql; the other tools take them in the same way.
    (_psql, *where, database), secrets = DatabaseClient.settings_to_cmd_args_env(settings, [])
    ended = subprocess.run(  # noqa: S603  our own arguments, no shell
        [_tool(name), *where, f"--dbname={database}", *arguments],
        env=os.environ | (secrets or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise ToolFailed(f"{name}: {ended.stderr.strip()}")
    return ended.stdout
