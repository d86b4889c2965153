#!/usr/bin/env python3
"""The minute after a webinar, on both databases: five thousand first, then ever more until it breaks.

    KEEP_SAFE=1 .ci/with-postgresql python bench/peak.py
    KEEP_SAFE=1 .ci/with-postgresql python bench/peak.py --learners 5000 --no-more

It breaks where an answer is lost, a learner sees an error, or one request in a hundred takes a second.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from installation import HERE, Installation, serving
from run import about_the_machine, database, hash_ms

SLOWEST_MS = 1000


def one_minute(installation: Installation, *, learners: int, offset: int, folder: Path) -> dict:
    """One crowd; its report, with what was acknowledged and is not there."""
    out, log = folder / "minute.json", folder / "minute.log"
    command = [sys.executable, HERE / "minute.py", "--url", installation.url, "--out", out, "--log", log]
    command += ["--waiting", installation.waiting, "--learners", learners, "--offset", offset]
    command += installation.metered
    subprocess.run([str(part) for part in command], check=False)
    looked_up = subprocess.run(
        [sys.executable, HERE / "acknowledged.py", "--log", log],
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    lost = [line for line in looked_up.stdout.splitlines() if line.startswith("lost:")]
    if looked_up.returncode and not lost:
        raise SystemExit(looked_up.stderr)
    return json.loads(out.read_text()) | {
        "acknowledged": len(log.read_text().splitlines()),
        "lost": len(lost),
        "first_lost": lost[:5],
        "hash_ms": hash_ms(),
    }


def held(run: dict) -> bool:
    return not run["errors"] and not run["lost"] and run["all"]["p99_ms"] < SLOWEST_MS


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, default=HERE / "results")
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--learners", type=int, default=5_000)
    options.add_argument("--no-more", action="store_true", help="do not look for the number where it breaks")
    options.add_argument("--participations", type=int, default=100_000)
    options.add_argument("--workers", type=int, default=2, help="processes on PostgreSQL")
    options.add_argument("--port", type=int, default=8172)
    chosen = options.parse_args()
    crowds = [chosen.learners]
    if not chosen.no_more:
        crowds += [round(chosen.learners * factor) for factor in (1.5, 2, 3, 4)]
    for name in chosen.databases:
        runs: list[dict] = []
        with (
            database(name) as (folder, url),
            serving(
                folder=folder,
                database_url=url,
                port=chosen.port,
                participations=chosen.participations,
                learners=1,
                workers=1 if name == "sqlite" else chosen.workers,
                waiting=sum(crowds),
            ) as installation,
        ):
            for place, learners in enumerate(crowds):
                offset = sum(crowds[:place])
                runs.append(one_minute(installation, learners=learners, offset=offset, folder=folder))
                if not held(runs[-1]):
                    break
        machine = about_the_machine(participations_before=chosen.participations)
        result = machine | {"held": [run["learners"] for run in runs if held(run)], "runs": runs}
        (chosen.out / f"peak-{name}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
