"""PostgreSQL's own tools, and what goes on while they work."""

import os
import shutil

import pytest
from django.db import connection

from opencme.core.keeping.postgresql import dump_postgresql
from opencme.core.keeping.snapshots import snapshot

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """Lets a script stand before a tool of PostgreSQL, which it finds as `$TOOL`."""

    def stand_before(name, script):
        before = tmp_path / "bin" / name
        before.parent.mkdir(exist_ok=True)
        before.write_text(f"#!/bin/sh\nTOOL={shutil.which(name)}\n{script}\n")
        before.chmod(0o755)
        monkeypatch.setenv("PATH", f"{before.parent}{os.pathsep}{os.environ['PATH']}")

    return stand_before


def test_a_dump_may_take_longer_than_an_idle_transaction(tool, tmp_path):
    tool("pg_dump", 'sleep 1.5; exec "$TOOL" "$@"')
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '500ms'")
    with snapshot():
        dump_postgresql(tmp_path / "database.dump")
    assert (tmp_path / "database.dump").stat().st_size > 0
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("500ms",)
    connection.close()
