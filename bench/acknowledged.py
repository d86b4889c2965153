#!/usr/bin/env python3
"""Looks up what the server acknowledged: every answer, every test handed in.

    python bench/acknowledged.py --log minute.log

Settings come from the environment, as for every command. Exit status 1 where something is missing.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from opencme.cli.ready import ready_django

ready_django()

from opencme.learning.models import Attempt


def missing(log: Path) -> list[str]:
    """What was acknowledged and is not there; empty when nothing was lost."""
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    attempts = {one["attempt"] for one in entries}
    stored = {str(one.uuid): one for one in Attempt.objects.iterator() if str(one.uuid) in attempts}
    lost = []
    for entry in entries:
        row = stored.get(entry["attempt"])
        if row is None:
            lost.append(f"attempt {entry['attempt']}")
        elif entry.get("submitted"):
            if row.submitted_at is None:
                lost.append(f"submission of {entry['attempt']}")
        elif row.answers.get(entry["item"], {}).get("value") != [entry["value"]]:
            lost.append(f"answer to {entry['item']} in {entry['attempt']}")
    return lost


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--log", type=Path, required=True)
    chosen = options.parse_args()
    lost = missing(chosen.log)
    for one in lost[:50]:
        print(f"lost: {one}")
    print(f"{len(chosen.log.read_text().splitlines())} acknowledged, {len(lost)} lost")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
