"""Whether the database answers, is set up for safety, and matches the program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.db.utils import Error

from opencme.cli.doctor.findings import Finding, fine, size, trouble, warning
from opencme.core.append_only import missing_triggers, triggers_for
from opencme.core.keeping.migrations import applied, known

OLDEST_POSTGRESQL = 150_000
NEARLY_ALL = 0.8
QUICK_CHECK_UP_TO = 256 * 1024 * 1024
LARGEST_LOG = 256 * 1024 * 1024
SHARES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"})


def can_be_used() -> Finding | None:
    """Connect; None when that works."""
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        if not path.is_file():
            return trouble(
                "database",
                f"There is no database at {path}.",
                "Run `opencme migrate` to make it; if there was one, look at OPENCME_DATABASE_URL first.",
            )
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            return trouble(
                "database",
                f"{path} or its folder cannot be written to by this account.",
                "Run this as the account that serves, or give file and folder to that account (chown).",
            )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        said = str(error).strip().splitlines()[0]
        return trouble(
            "database",
            f"The database cannot be used: {said}.",
            "See that it runs and that OPENCME_DATABASE_URL has its host, name, user and password.",
        )
    return None


def examine_database(*, thorough: bool) -> Iterator[Finding]:
    """Version and the settings that keep what was acknowledged."""
    yield from _sqlite(thorough=thorough) if connection.vendor == "sqlite" else _postgresql()


def _sqlite(*, thorough: bool) -> Iterator[Finding]:
    path = Path(str(connection.settings_dict["NAME"]))
    length = path.stat().st_size
    yield fine("database", f"SQLite {_one('SELECT sqlite_version()')}, {path}, {size(length)}.")
    if (mode := _one("PRAGMA journal_mode")) != "wal":
        yield trouble(
            "database",
            f"The journal mode is {mode}, not wal: readers and writers stop one another.",
            "Keep the file on a local disk that this account may write to, and start the server again.",
        )
    if (safety := int(_one("PRAGMA synchronous"))) < 2 and not getattr(connection, "waits_for_disk", False):
        yield trouble(
            "database",
            f"Synchronization is {safety}: a power cut may lose what was acknowledged.",
            "Remove whatever sets PRAGMA synchronous for this database.",
        )
    if (share := kind_of_disk(path)) in SHARES:
        yield trouble(
            "database",
            f"The database lies on a network share ({share}), where locks cannot be relied upon.",
            "Move it to a local disk, or use PostgreSQL (`opencme move-to-postgres`).",
        )
    log = path.with_name(path.name + "-wal")
    if log.is_file() and (grown := log.stat().st_size) > LARGEST_LOG:
        yield warning(
            "database",
            f"The write-ahead log has grown to {size(grown)}.",
            "Something reads for very long, such as a copy under way. End it; the log then shrinks.",
        )
    if thorough or length <= QUICK_CHECK_UP_TO:
        yield from _quick_check()
    else:
        yield fine("database", "Its pages were not looked through, for its size; --thorough does.")


def _quick_check() -> Iterator[Finding]:
    said = _one("PRAGMA quick_check(1)")
    if said == "ok":
        yield fine("database", "Every page of it is sound.")
    else:
        yield trouble(
            "database",
            f"The file is damaged: {said}.",
            "Stop the server, keep a copy of the file, and restore the last backup (`opencme restore`).",
        )


def _postgresql() -> Iterator[Finding]:
    number = int(_one("SHOW server_version_num"))
    length = int(_one("SELECT pg_database_size(current_database())"))
    name = connection.settings_dict["NAME"]
    if number < OLDEST_POSTGRESQL:
        yield trouble(
            "database", f"PostgreSQL {_one('SHOW server_version')} is too old.", "Use PostgreSQL 15 or newer."
        )
    else:
        yield fine("database", f"PostgreSQL {_one('SHOW server_version')}, {name}, {size(length)}.")
    for setting in ("synchronous_commit", "fsync", "full_page_writes"):
        if _one(f"SHOW {setting}") == "off":
            yield trouble(
                "database",
                f"{setting} is off: a crash or a power cut may lose what was acknowledged.",
                f"Set {setting} = on in postgresql.conf and reload PostgreSQL.",
            )
    if (encoding := _one("SHOW server_encoding")) != "UTF8":
        yield trouble(
            "database",
            f"The database stores text as {encoding}: not every name fits.",
            "Make a database with ENCODING 'UTF8' and move the data there with pg_dump and pg_restore.",
        )
    open_now = int(_one("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"))
    yield connections(open_now=open_now, most=int(_one("SHOW max_connections")))
    if _one("SELECT pg_is_in_recovery()") == "True":
        yield trouble(
            "database",
            "This is a standby, which can only be read.",
            "Name the primary in OPENCME_DATABASE_URL.",
        )


def connections(*, open_now: int, most: int) -> Finding:
    """Judge how many connections are open: who finds none free is not served."""
    if open_now > most * NEARLY_ALL:
        return warning(
            "database",
            f"{open_now} of {most} connections are open.",
            "Raise max_connections in postgresql.conf, or run fewer processes (--workers, --threads).",
        )
    return fine("database", f"{open_now} of {most} connections are open.")


def examine_migrations() -> Iterator[Finding]:
    """Whether the tables are those of this version of the program."""
    ours, theirs = known(), applied()
    if waiting := ours - theirs:
        yield trouble(
            "migrations",
            f"The database is older than the program: {len(waiting)} changes are missing.",
            "Run `opencme upgrade`, or back up and run `opencme migrate`.",
        )
    elif strange := theirs - ours:
        app, name = min(strange).split(".", 1)
        yield trouble(
            "migrations",
            f"The database is newer than the program: it has {app} {name}.",
            "Start the newer version of OpenCME again, or restore the backup from before the upgrade.",
        )
    else:
        yield fine("migrations", "The database matches the program.")


def examine_triggers() -> Iterator[Finding]:
    """Whether the database itself refuses to change evidence."""
    missing = missing_triggers()
    if missing:
        yield trouble(
            "triggers",
            f"{len(missing)} triggers that protect evidence are missing, such as {missing[0]}.",
            "Run `opencme migrate`, which puts them back; find out who removed them.",
        )
    else:
        yield fine(
            "triggers", f"All {len(tuple(triggers_for(connection)))} triggers that protect evidence stand."
        )


def kind_of_disk(path: Path, *, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of file system that `path` lies on; empty where the system does not say."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    places = [line.split()[1:3] for line in lines if len(line.split()) > 2]
    resolved = path.resolve()
    under = [(len(place), kind) for place, kind in places if resolved.is_relative_to(place)]
    return max(under, default=(0, ""))[1]


def _one(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return str(row[0]) if row else ""
