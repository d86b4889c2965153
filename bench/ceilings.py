#!/usr/bin/env python3
"""What this machine can do at most, measured beside our own figures.

Commits a second of SQLite and of PostgreSQL (pgbench's simple update), bare answers a second of the web
server.

    KEEP_SAFE=1 .ci/with-postgresql python bench/ceilings.py --out bench/results/ceilings.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "learner_flow"))

import meter
from installation import wait_until_up
from lean_client import Connection

PORT = 8179


def sqlite_commits(seconds: float) -> float:
    """Commits a second of one small row each, synchronized as in production."""
    with tempfile.TemporaryDirectory(prefix="opencme-bench-", dir=os.environ.get("TMPDIR")) as folder:
        database = sqlite3.connect(Path(folder) / "raw.sqlite3", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY, text TEXT)")
        done, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO answer (text) VALUES (?)", ("x" * 200,))
            database.execute("COMMIT")
            done += 1
        database.close()
    return round(done / seconds, 1)


def postgresql_commits(url: str, seconds: float, clients: int) -> dict[str, float]:
    """pgbench: update, select, insert in one transaction, on the server that keeps commits safe."""
    pgbench = shutil.which("pgbench") or str(next(Path("/usr/lib/postgresql").glob("*/bin/pgbench")))
    subprocess.run([pgbench, "--initialize", "--quiet", "--scale=10", url], check=True, capture_output=True)
    ran = subprocess.run(
        [pgbench, "--builtin=simple-update", f"--client={clients}", "--jobs=2", f"--time={seconds:.0f}", url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    tables = "pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers"
    subprocess.run(["psql", "--quiet", "--command", f"DROP TABLE {tables}", url], check=True)
    return {
        "commits_per_s": float(re.search(r"tps = ([\d.]+)", ran)[1]),
        "latency_ms": float(re.search(r"latency average = ([\d.]+)", ran)[1]),
        "clients": clients,
    }


def bare_answers(seconds: float, connections: int) -> dict[str, float]:
    """Answers a second of the web server with nothing behind it, asked by the lean client."""
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--port",
        str(PORT),
        "bare:application",
    ]
    server = subprocess.Popen(command, cwd=HERE)
    try:
        wait_until_up(f"http://127.0.0.1:{PORT}/", server)
        before, own = meter.cpu({"server": server.pid})["server"], time.process_time()
        done = asyncio.run(_ask(seconds, connections))
        own = time.process_time() - own
        used = sum(meter.cpu({"server": server.pid})["server"]) - sum(before)
    finally:
        server.terminate()
        server.wait(20)
    return {
        "answers_per_s": round(done / seconds, 1),
        "server_cpu_ms": round(used * 1000 / done, 4),
        "client_cpu_ms": round(own * 1000 / done, 4),
        "connections": connections,
    }


async def _ask(seconds: float, connections: int) -> int:
    end, done = time.monotonic() + seconds, 0

    async def ask_on() -> None:
        nonlocal done
        connection = Connection("127.0.0.1", PORT, "a=b")
        while time.monotonic() < end:
            await connection.get("/")
            done += 1
        connection.close()

    await asyncio.gather(*(ask_on() for _ in range(connections)))
    return done


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    found: dict[str, object] = {
        "sqlite_commits_per_s": sqlite_commits(chosen.seconds),
        "bare_wsgi": bare_answers(chosen.seconds, 16),
    }
    url = os.environ.get("OPENCME_POSTGRESQL_URL")
    if url:
        found["pgbench_simple_update"] = [
            postgresql_commits(url, chosen.seconds, clients) for clients in (1, 8)
        ]
    chosen.out.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
