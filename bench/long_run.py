#!/usr/bin/env python3
"""Half an hour at half of what the server can do: whether memory stays and times do not drift.

    KEEP_SAFE=1 .ci/with-postgresql python bench/long_run.py --minutes 30

The rate of arrivals is half the knee that `run.py` found, unless `--rate` says otherwise.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from installation import HERE, Installation, serving
from run import about_the_machine, database, driver_command, open_loop

sys.path.insert(0, str(HERE / "learner_flow"))

import meter

SLICE = 5 * 60


def walk(installation: Installation, *, rate: float, seconds: float, offset: int, out: Path) -> dict:
    """A slice of the run; its report, with the memory each ten seconds."""
    command = driver_command(installation, offset=offset, out=out, mode=open_loop(rate, seconds))
    driver = subprocess.Popen(command)
    memory = []
    while driver.poll() is None:
        memory.append(meter.memory_mib(installation.pids))
        time.sleep(10)
    return json.loads(out.read_text()) | {"memory_each_10_s": memory}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, default=HERE / "results")
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--minutes", type=float, default=30)
    options.add_argument("--rate", type=float, help="arrivals a second")
    options.add_argument("--participations", type=int, default=100_000)
    options.add_argument("--workers", type=int, default=2, help="processes on PostgreSQL")
    options.add_argument("--port", type=int, default=8173)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name in chosen.databases:
        rate = (
            chosen.rate
            or json.loads((chosen.out / f"{name}-open.json").read_text())["knee_arrivals_per_s"] / 2
        )
        slices: list[dict] = []
        with (
            database(name) as (folder, url),
            serving(
                folder=folder,
                database_url=url,
                port=chosen.port,
                participations=chosen.participations,
                learners=round(rate * chosen.minutes * 60 * 1.3) + 100,
                workers=1 if name == "sqlite" else chosen.workers,
            ) as installation,
        ):
            offset, left = 0, chosen.minutes * 60
            while left > 0:
                seconds = min(SLICE, left)
                slices.append(
                    walk(installation, rate=rate, seconds=seconds, offset=offset, out=folder / "slice.json")
                )
                offset += slices[-1]["arrivals"]
                left -= seconds
        result = about_the_machine(rate_per_s=rate, minutes=chosen.minutes) | {"slices": slices}
        (chosen.out / f"long-run-{name}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
