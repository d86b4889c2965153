"""Copying a PostgreSQL database with its own tools, and putting a copy in its place."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections, transaction
from django.db.backends.postgresql.client import DatabaseClient

from opencme.core.databases.postgresql.base import DatabaseWrapper

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

    Nobody else may be connected. Whatever ends it before its time, everything stands as before then.
    Raises `ToolMissing`, `ToolFailed`.
    """
    listed = _run("pg_restore", "--list", str(dump), using=using)
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
    aside = connection.ops.quote_name(aside)
    stood = bool(connection.introspection.table_names())
    try:
        if stood:
            _execute(f"ALTER SCHEMA {schema} RENAME TO {aside}", f"CREATE SCHEMA {schema}", using=using)
        _fill_from(dump, listed, using)
        _execute("ANALYZE", using=using)
    except BaseException:  # an interrupt above all
        connection.close()  # in the middle of a statement it could not go on
        _end_sessions_of_pg_restore(using)
        if stood and _is_there(aside, using):
            _execute(f"DROP SCHEMA {schema} CASCADE", f"ALTER SCHEMA {aside} RENAME TO {schema}", using=using)
        raise


def _fill_from(dump: Path, listed: str, using: str) -> None:
    # The schema itself is there already.
    wanted = "".join(line for line in listed.splitlines(keepends=True) if " SCHEMA - " not in line)
    _run(
        "pg_restore",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--use-list=/dev/stdin",
        str(dump),
        using=using,
        told=wanted,
    )


def _end_sessions_of_pg_restore(using: str) -> None:
    """The server does not see at once that a client was killed, and keeps its locks until then."""
    _execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = current_user AND application_name = 'pg_restore'",
        using=using,
    )


def _is_there(schema: str, using: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [schema])
        return bool(cursor.fetchone()[0])


def _execute(*statements: str, using: str) -> None:
    """Run statements, all or none."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def alone_in_database(using: str = "default") -> Iterator[bool]:
    """Keep every other process of ours off the database; the caller has closed its connections.

    Yields False where somebody has it open: then nobody is kept off.
    """
    holder = DatabaseWrapper(connections[using].settings_dict)
    try:
        is_alone = _is_alone(holder)
        for _ in range(20):  # a connection that was closed just now is there for a moment longer
            if is_alone:
                break
            time.sleep(0.1)
            is_alone = _is_alone(holder)
        yield is_alone
    finally:
        connections.close_all()
        holder.let_others_in()


def _is_alone(holder: DatabaseWrapper) -> bool:
    with holder.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        (others,) = cursor.fetchone()
    return not others and holder.keep_others_off()


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        message = (
            f"{name} is not installed on this machine."
            " Install PostgreSQL's client programs (on Debian: apt-get install postgresql-client)."
        )
        raise ToolMissing(message)
    return found


def _run(name: str, *arguments: str, using: str, told: str = "") -> str:
    settings = connections[using].settings_dict
    # Django knows how its settings are said to psql; the other tools take them in the same way.
    (_psql, *where, database), secrets = DatabaseClient.settings_to_cmd_args_env(settings, [])
    ended = subprocess.run(  # noqa: S603  our own arguments, no shell
        [_tool(name), *where, f"--dbname={database}", *arguments],
        env=os.environ | (secrets or {}),
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise ToolFailed(f"{name}: {ended.stderr.strip()}")
    return ended.stdout
