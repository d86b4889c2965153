#!/usr/bin/env python3
"""Whether pages and operations stay as fast while participations grow.

At each size one learner after the other walks the whole way; CPU and time of each step are compared between
the largest size and the smallest, and the bytes on the disk are counted.

    .ci/with-postgresql python bench/growth.py --sizes 1000 100000 1000000
    .ci/with-postgresql python bench/growth.py --databases postgresql --sizes 1000 10000000 --thin
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

from installation import HERE, Installation, environment_of, serving
from run import about_the_machine, database, hash_ms

sys.path.insert(0, str(HERE / "learner_flow"))

from step_cpu import STEPS, walk_all


def grow(url: str, folder: Path, by: int, *, is_thin: bool, port: int) -> float:
    """Add so many participations that are over; the seconds it took."""
    begun = time.monotonic()
    command = [sys.executable, HERE / "seed.py", "--participations", str(by)]
    if is_thin:
        command.append("--thin")
    subprocess.run(command, env=environment_of(folder=folder, database_url=url, port=port), check=True)
    return round(time.monotonic() - begun, 1)


def bytes_on_disk(url: str, folder: Path) -> int:
    if url.startswith("sqlite"):
        return sum(one.stat().st_size for one in folder.glob("opencme.sqlite3*"))
    asked = [
        "psql",
        "--tuples-only",
        "--no-align",
        "--command",
        "SELECT pg_database_size(current_database())",
    ]
    return int(subprocess.run([*asked, url], check=True, capture_output=True, text=True).stdout)


def measure(installation: Installation, journeys: int, offset: int) -> dict:
    """CPU and time of each step at this size."""
    roots = list(installation.pids.values())
    users = json.loads(installation.users.read_text())[offset:][: journeys + 1]
    cpu, wall = asyncio.run(walk_all(installation.url, users, roots))
    middle = len(cpu) // 2

    def medians(found: list[dict[str, float]]) -> dict[str, float]:
        each = {step: sorted(one[step] for one in found)[middle] for step in STEPS}
        return {step: round(ms, 2) for step, ms in (each | {"journey": sum(each.values())}).items()}

    return {"cpu_ms": medians(cpu), "wall_ms": medians(wall)}


def measured_size(
    name: str, url: str, folder: Path, chosen: argparse.Namespace, *, size: int, place: int
) -> dict:
    """The database grown to this size and measured; `place` says how many sizes came before."""
    seeded = {}
    if place:
        by = size - chosen.sizes[place - 1]
        seeded = {"seeded_in_s": grow(url, folder, by, is_thin=chosen.thin, port=chosen.port)}
    users = chosen.journeys + 1
    with serving(
        folder=folder,
        database_url=url,
        port=chosen.port,
        participations=0 if place else size,
        learners=0 if place else users * len(chosen.sizes),
        workers=1 if name == "sqlite" else 2,
    ) as installation:
        found = measure(installation, chosen.journeys, place * users)
    found |= {"participations": size, "bytes": bytes_on_disk(url, folder), "hash_ms": hash_ms()}
    return found | seeded


def compared(sizes: list[dict]) -> dict:
    """The sizes, and the largest against the smallest."""
    first, last = sizes[0], sizes[-1]
    grown = last["participations"] - first["participations"]
    return {
        "sizes": sizes,
        "largest_over_smallest_cpu": ratios(first["cpu_ms"], last["cpu_ms"]),
        "largest_over_smallest_wall": ratios(first["wall_ms"], last["wall_ms"]),
        "bytes_per_million": round((last["bytes"] - first["bytes"]) / max(1, grown) * 1_000_000),
    }


def ratios(smallest: dict, largest: dict) -> dict[str, float]:
    return {step: round(largest[step] / ms, 2) for step, ms in smallest.items() if ms}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, default=HERE / "results")
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--sizes", nargs="+", type=int, default=[1_000, 100_000, 1_000_000])
    options.add_argument(
        "--thin", action="store_true", help="account, participation, passed attempt and claim alone"
    )
    options.add_argument("--journeys", type=int, default=60)
    options.add_argument("--port", type=int, default=8171)
    chosen = options.parse_args()
    for name in chosen.databases:
        sizes: list[dict] = []
        with database(name) as (folder, url):
            for place, size in enumerate(chosen.sizes):
                sizes.append(measured_size(name, url, folder, chosen, size=size, place=place))
                print(json.dumps(sizes[-1]))
        result = about_the_machine(thin=chosen.thin) | compared(sizes)
        kind = "thin" if chosen.thin else "full"
        (chosen.out / f"growth-{name}-{kind}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
