#!/usr/bin/env python3
"""Harms an installation under load, again and again, and looks what became of everything it had acknowledged.

    python bench/faults.py                          every fault, on both databases
    python bench/faults.py kill-server --rounds 20 --databases sqlite --seed 7
    python bench/faults.py --table                  what was found last

Needs root (for a small disk), PostgreSQL, strace and libfaketime. Each run prints its seed; results are
written to bench/results/faults-*.json. Exit status 1 where something does not hold.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from faulting.faults import FAULTS
from faulting.migrating import kill_migrations
from faulting.run import run_fault
from faulting.syncs import watch_syncs
from installation import HERE, revision

BOTH = ("sqlite", "postgresql")
ALL = {
    **{name: databases for name, (_, databases) in FAULTS.items()},
    "kill-migration": BOTH,
    "sync-before-answer": ("sqlite",),
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("faults", nargs="*", metavar="FAULT", help=f"of {', '.join(ALL)}; all if left out")
    options.add_argument("--databases", nargs="+", default=BOTH)
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--at-once", type=int, default=8, help="learners at a time")
    options.add_argument("--learners", type=int, default=600)
    options.add_argument("--seed", type=int, help="to repeat a run; chosen by chance if left out")
    options.add_argument("--out", type=Path, default=HERE / "results")
    options.add_argument(
        "--table", action="store_true", help="only print what was found, as docs/faults.md has it"
    )
    chosen = options.parse_args()
    if unknown := [name for name in chosen.faults if name not in ALL]:
        options.error(f"no such fault: {', '.join(unknown)}; there are {', '.join(ALL)}")
    if chosen.table:
        print("\n".join(table(chosen.out)))
        return 0
    held = True
    for name in chosen.faults or ALL:
        for database in ALL[name]:
            if database in chosen.databases:
                held &= run_and_keep(name, database, chosen)
    return 0 if held else 1


def run_and_keep(name: str, database: str, chosen: argparse.Namespace) -> bool:
    seed = chosen.seed if chosen.seed is not None else random.randrange(1_000_000)
    print(f"{name} on {database}, seed {seed} ...", flush=True)
    if name == "kill-migration":
        result = kill_migrations(database, seed=seed, rounds=chosen.rounds)
    elif name == "sync-before-answer":
        result = watch_syncs(seed=seed, journeys=chosen.rounds)
    else:
        result = run_fault(
            name, database, seed=seed, rounds=chosen.rounds, at_once=chosen.at_once, learners=chosen.learners
        )
    result = {"revision": revision(), **result}
    chosen.out.mkdir(parents=True, exist_ok=True)
    out = chosen.out / f"faults-{database}-{name}.json"
    out.write_text(json.dumps(result, indent=1) + "\n")
    acknowledged = sum(result["acknowledged"].values())
    print(
        f"  {result['seconds']} s, {result['learners_done']} learners done, {acknowledged} acknowledgements,"
        f" {sum(result['instead_of_answers'].values())} requests without an answer"
    )
    for problem in result["problems"][:20]:
        print(f"  DOES NOT HOLD: {problem}")
    return not result["problems"]


def table(folder: Path) -> Iterator[str]:
    """The results as rows of Markdown."""
    yield "| Fault | Database | Seed | Rounds | Acknowledged | Not answered, or told to come again | Lost |"
    yield "|---|---|---|---|---|---|---|"
    for path in sorted(folder.glob("faults-*.json")):
        one = json.loads(path.read_text())
        kinds = sum(one["acknowledged"].values())
        asked = sum(one["instead_of_answers"].values())
        named = f"| {one['fault']} | {one['database']} | {one['seed']} | {one['rounds']} "
        yield named + f"| {kinds:,} | {asked:,} | {len(one['problems'])} |"


if __name__ == "__main__":
    sys.exit(main())
