#!/usr/bin/env python3
"""Measures the learner's way on SQLite and on PostgreSQL, with 1, 4 and 16 learners at a time.

    make bench
    .ci/with-postgresql python bench/run.py --out bench/results

Results are data: one JSON file for each database and number of learners, and one with CPU per step.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from installation import HERE, Installation, serving

DRIVER = HERE / "learner_flow" / "driver.py"


def measure(installation: Installation, *, learners: int, seconds: float, offset: int, out: Path) -> dict:
    """One run of the driver; the result is its JSON."""
    command = [sys.executable, DRIVER, "--platform", "opencme", "--url", installation.url]
    command += ["--users", installation.users, "--user-offset", str(offset), "--out", out]
    for name, pid in installation.pids.items():
        command += ["--pid", f"{name}={pid}"]
    command += ["closed", "--concurrency", str(learners), "--ramp", str(min(6, 1 + learners / 2))]
    command += ["--seconds", str(seconds)]
    finished = subprocess.run([str(part) for part in command], check=False)
    result = json.loads(out.read_text())
    if finished.returncode:
        print(f"errors at {learners} learners: {result['errors']}", file=sys.stderr)
    return result


def measure_cpu(installation: Installation, *, journeys: int, offset: int, out: Path) -> None:
    """CPU of each step, one learner after the other."""
    command = [sys.executable, HERE / "step_cpu.py", "--url", installation.url, "--users", installation.users]
    command += ["--journeys", str(journeys), "--user-offset", str(offset), "--out", out]
    for name, pid in installation.pids.items():
        command += ["--pid", f"{name}={pid}"]
    subprocess.run([str(part) for part in command], check=True)


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
        offset = chosen.journeys + 1
        for learners in chosen.concurrency:
            out = chosen.out / f"{name}-{learners:02}.json"
            result = measure(installation, learners=learners, seconds=chosen.seconds, offset=offset, out=out)
            offset += result["completions_all"] + learners


def about_the_machine(chosen: argparse.Namespace) -> dict:
    with Path("/proc/cpuinfo").open() as lines:
        models = {line.partition(":")[2].strip() for line in lines if line.startswith("model name")}
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": revision.stdout.strip(),
        "cores": os.cpu_count(),
        "processor": sorted(models),
        "python": platform.python_version(),
        "participations_before": chosen.participations,
        "driver": "on the same machine",
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, default=HERE / "results")
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--concurrency", nargs="+", type=int, default=[1, 4, 16])
    options.add_argument("--seconds", type=float, default=40)
    options.add_argument("--journeys", type=int, default=100, help="for CPU per step")
    options.add_argument("--participations", type=int, default=2000)
    options.add_argument("--learners", type=int, default=4000)
    options.add_argument("--workers", type=int, default=2, help="processes on PostgreSQL")
    options.add_argument("--port", type=int, default=8170)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "machine.json").write_text(json.dumps(about_the_machine(chosen), indent=1) + "\n")
    for name in chosen.databases:
        with tempfile.TemporaryDirectory(prefix="opencme-bench-") as made:
            folder = Path(made)
            url = f"sqlite:///{folder / 'opencme.sqlite3'}"
            if name == "postgresql":
                url = os.environ["OPENCME_POSTGRESQL_URL"]
            measure_database(name, url, chosen, folder)


if __name__ == "__main__":
    main()
