"""`opencme migrate`, killed halfway again and again, on the database of an earlier release with its data."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg

from .installation import OPENCME, ROOT, Postgresql, Sqlite, environment_of, kill

RELEASES = ROOT / "tests" / "releases"
MOST_KILLS = 4

_CHECK = """
import json
from opencme.cli.ready import ready_django
ready_django()
from django.db import connection
from opencme.cli.server import has_unapplied_migrations
from opencme.core.append_only import missing_triggers
from opencme.core.keeping.audit import verify_audit

look, tables, constraints, rows = connection.introspection, {}, {}, {}
broken = [str(place.uuid) for place in verify_audit().broken]
with connection.cursor() as cursor:
    for table in look.get_table_list(cursor):
        columns = look.get_table_description(cursor, table.name)
        tables[table.name] = sorted(column.name for column in columns)
        constraints[table.name] = sorted(look.get_constraints(cursor, table.name))
        cursor.execute(f'SELECT count(*) FROM "{table.name}"')
        rows[table.name] = cursor.fetchone()[0]
print(json.dumps({
    "unapplied": has_unapplied_migrations(), "missing_triggers": missing_triggers(), "broken_chains": broken,
    "tables": tables, "constraints": constraints, "rows": rows,
}))
"""


def kill_migrations(database_name: str, *, seed: int, rounds: int) -> dict[str, Any]:
    """Kill the command up to four times, then let it end; the result must be that of an undisturbed one."""
    rng, began = random.Random(seed), time.monotonic()
    with ExitStack() as cleaning:
        folder = Path(tempfile.mkdtemp(prefix="opencme-fault-"))
        cleaning.callback(shutil.rmtree, folder, ignore_errors=True)
        (folder / "data").mkdir()
        database = Sqlite(folder) if database_name == "sqlite" else Postgresql(folder)
        database.start()
        cleaning.callback(database.stop)
        release = max(path for path in RELEASES.iterdir() if path.is_dir())
        environment = environment_of(folder / "data", database.url)
        _load(release, database, folder)
        started = time.monotonic()
        _migrate(environment)
        takes = time.monotonic() - started
        expected, problems, kills = _state(environment), [], 0
        for number in range(rounds):
            _load(release, database, folder)
            kills += sum(
                _kill(environment, rng.uniform(0.2, takes)) for _ in range(rng.randint(1, MOST_KILLS))
            )
            ended = _migrate(environment)
            found = _state(environment) if ended == "" else ended
            if found != expected:
                problems.append(f"round {number}: {_difference(expected, found)}")
    return {
        "fault": "kill-migration",
        "database": database_name,
        "release": release.name,
        "seed": seed,
        "rounds": rounds,
        "seconds": round(time.monotonic() - began),
        "kills": kills,
        "seen": [{"one_migration_takes_seconds": round(takes, 1)}],
        "learners_done": 0,
        "acknowledged": {"rows": sum(expected["rows"].values())},
        "instead_of_answers": {},
        "problems": problems,
    }


def _load(release: Path, database: Sqlite | Postgresql, folder: Path) -> None:
    """The database as the release left it."""
    if isinstance(database, Sqlite):
        for leftover in (folder / "data").glob("opencme.sqlite3*"):
            leftover.unlink()
        with closing(sqlite3.connect(folder / "data" / "opencme.sqlite3")) as file:
            file.executescript((release / "sqlite.sql").read_text())
        return
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.execute((release / "postgresql.sql").read_text())


def _migrate(environment: dict[str, str]) -> str:
    """What went wrong; empty where nothing did."""
    done = subprocess.run(
        [*OPENCME, "migrate"], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    return done.stderr[-800:] if done.returncode else ""


def _kill(environment: dict[str, str], after_seconds: float) -> bool:
    """Start the command and kill it; whether it had not ended before."""
    with subprocess.Popen(
        [*OPENCME, "migrate"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            process.wait(after_seconds)
        except subprocess.TimeoutExpired:
            kill(process.pid)
            return True
    return False


def _state(environment: dict[str, str]) -> Any:
    done = subprocess.run(
        [*OPENCME[:1], "-c", _CHECK],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr[-800:]}


def _difference(expected: Any, found: Any) -> str:
    if not isinstance(found, dict):
        return str(found)
    return "; ".join(
        f"{key}: {value} instead of {expected.get(key)}"
        for key, value in found.items()
        if value != expected.get(key)
    )[:2000]
