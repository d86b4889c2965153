#!/usr/bin/env python3
"""Measures the learner's way on SQLite and on PostgreSQL: a hundred thousand participations present, 1 to 256
learners at a time, then arrivals by the clock up to the knee, beside what the machine can do at most.

    make bench
    KEEP_SAFE=1 .ci/with-postgresql python bench/run.py --out bench/results

Results are data: one JSON file for each database and number of learners, one with CPU per step, one with the
arrivals by the clock, one with the machine's ceilings.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from installation import HERE, Installation, revision, serving


def driver_command(installation: Installation, *, offset: int, out: Path, mode: list[str]) -> list[str]:
    """How the driver is called on this installation; its JSON goes to `out`."""
    command = [sys.executable, HERE / "learner_flow" / "driver.py", "--platform", "opencme"]
    command += ["--url", installation.url, "--users", installation.users, "--user-offset", offset]
    return [str(part) for part in [*command, "--out", out, *installation.metered, *mode]]


def measure(installation: Installation, *, offset: int, out: Path, mode: list[str]) -> dict:
    """One run of the driver; the result is its JSON."""
    command = driver_command(installation, offset=offset, out=out, mode=mode)
    finished = subprocess.run(command, check=False)
    result = json.loads(out.read_text())
    if finished.returncode:
        print(f"errors: {result['errors']}", file=sys.stderr)
    return result


def closed(learners: int, seconds: float) -> list[str]:
    ramp = min(6, 1 + learners / 2)
    return ["closed", "--concurrency", str(learners), "--ramp", str(ramp), "--seconds", str(seconds)]


def open_loop(rate: float, seconds: float) -> list[str]:
    return ["open", "--rate", f"{rate:.3f}", "--seconds", str(seconds), "--drain", "60"]


def measure_cpu(installation: Installation, *, journeys: int, offset: int, out: Path) -> None:
    """CPU of each step, one learner after the other."""
    command = [sys.executable, HERE / "step_cpu.py", "--url", installation.url, "--users", installation.users]
    command += ["--journeys", journeys, "--user-offset", offset, "--out", out, *installation.metered]
    subprocess.run([str(part) for part in command], check=True)


def keeps_up(run: dict) -> bool:
    """Whether the server ended as many journeys as arrived, none of them with an error."""
    backlog = run["in_flight_at_end_of_arrivals"]
    return not run["errors"] and backlog <= max(3, 2 * run["rate_per_s"])


def to_the_knee(installation: Installation, *, first: float, seconds: float, offset: int, out: Path) -> None:
    """Raise the rate of arrivals by a quarter until the server no longer keeps up."""
    runs, rate = [], first
    while True:
        run = measure(installation, offset=offset, out=out, mode=open_loop(rate, seconds))
        offset += run["arrivals"]
        runs.append(run)
        if not keeps_up(run):
            break
        rate *= 1.25
    kept_up = [run["rate_per_s"] for run in runs if keeps_up(run)]
    knee = {"knee_arrivals_per_s": max(kept_up, default=None), "runs": runs}
    out.write_text(json.dumps(knee, indent=1) + "\n")


def measure_database(name: str, url: str, chosen: argparse.Namespace, folder: Path) -> None:
    with serving(
        folder=folder,
        database_url=url,
        port=chosen.port,
        participations=chosen.participations,
        learners=chosen.learners,
        workers=1 if name == "sqlite" else chosen.workers,
    ) as installation:
        measure_cpu(installation, journeys=chosen.journeys, offset=0, out=chosen.out / f"{name}-cpu.json")
        offset, best = chosen.journeys + 1, 0.5
        for learners in chosen.concurrency:
            out = chosen.out / f"{name}-{learners:03}.json"
            run = measure(installation, offset=offset, out=out, mode=closed(learners, chosen.seconds))
            offset += run["completions_all"] + learners + sum(run["errors"].values())
            best = max(best, run["completions_per_s"])
        if chosen.open_seconds:
            to_the_knee(
                installation,
                first=best / 2,
                seconds=chosen.open_seconds,
                offset=offset,
                out=chosen.out / f"{name}-open.json",
            )


def measure_ceilings(out: Path) -> None:
    subprocess.run([sys.executable, HERE / "ceilings.py", "--out", out], check=True)


@contextmanager
def database(name: str):  # noqa: ANN201
    """An empty folder, and the URL of an empty database."""
    with tempfile.TemporaryDirectory(prefix="opencme-bench-") as made:
        folder = Path(made)
        url = f"sqlite:///{folder / 'opencme.sqlite3'}"
        yield folder, os.environ["OPENCME_POSTGRESQL_URL"] if name == "postgresql" else url


def hash_ms() -> float:
    """CPU of one hash of a password, as a yardstick: a shared machine is not as fast every hour."""
    begun = time.process_time()
    for _ in range(20):
        hash_secret_raw(b"secret", b"a salt of 16 byt", time_cost=2, memory_cost=19_456, parallelism=1,
                        hash_len=32, type=Type.ID)  # fmt: skip
    return round((time.process_time() - begun) * 50, 1)


def about_the_machine(**more: object) -> dict:
    """Where, on which revision and at what speed it was measured."""
    with Path("/proc/cpuinfo").open() as lines:
        models = {line.partition(":")[2].strip() for line in lines if line.startswith("model name")}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": revision(),
        "cores": os.cpu_count(),
        "processor": sorted(models),
        "memory_gib": round(memory / 2**30, 1),
        "python": platform.python_version(),
        "hash_ms": hash_ms(),
        "driver": "on the same machine",
        **more,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, default=HERE / "results")
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--concurrency", nargs="+", type=int, default=[1, 4, 16, 64, 256])
    options.add_argument("--seconds", type=float, default=40)
    options.add_argument("--open-seconds", type=float, default=40, help="of each rate of arrivals; 0: none")
    options.add_argument("--journeys", type=int, default=100, help="for CPU per step")
    options.add_argument("--participations", type=int, default=100_000)
    options.add_argument("--learners", type=int, default=12_000)
    options.add_argument("--workers", type=int, default=2, help="processes on PostgreSQL")
    options.add_argument("--port", type=int, default=8170)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    machine = about_the_machine(participations_before=chosen.participations)
    (chosen.out / "machine.json").write_text(json.dumps(machine, indent=1) + "\n")
    measure_ceilings(chosen.out / "ceilings.json")
    for name in chosen.databases:
        with database(name) as (folder, url):
            measure_database(name, url, chosen, folder)


if __name__ == "__main__":
    main()
