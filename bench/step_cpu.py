#!/usr/bin/env python3
"""CPU milliseconds of each step, from the scheduler's own count, with one learner after the other.

The driver's figures come in ticks of 10 ms, too coarse for one step. /proc/PID/task/*/schedstat counts
nanoseconds; with a single learner whatever the server and the database spend between two steps belongs to
the step. Log-in hash, PDF and signature are timed apart, in a process of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "learner_flow"))

import meter
from adapters import STEPS, BaseAdapter, load
from driver import Learner
from session import Session


def nanoseconds(roots: list[int]) -> int:
    """CPU of these process trees so far, with that of threads that have ended left out."""
    total = 0
    for pid in meter.tree(roots):
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(task.read_text().split()[0])
            except OSError:
                continue
    return total


async def journey(
    adapter: BaseAdapter, url: str, learner: Learner, roots: list[int]
) -> tuple[dict[str, float], dict[str, float]]:
    """One learner's way; CPU and time of each step in milliseconds."""
    spent, took = {}, {}
    session = Session(url)
    try:
        for step in STEPS:
            before, begun = nanoseconds(roots), time.perf_counter()
            await getattr(adapter, step)(session, learner)
            took[step] = (time.perf_counter() - begun) * 1000
            spent[step] = (nanoseconds(roots) - before) / 1e6
    finally:
        await session.close()
    return spent, took


async def walk_all(
    url: str, users: list[dict], roots: list[int]
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """CPU and time of each step of each learner's way, one after the other; the first warms caches."""
    activity = json.loads((HERE / "learner_flow/fixtures/activity.json").read_text())
    adapter = load("opencme")(url, {}, activity)
    found = []
    for place, user in enumerate(users):
        learner = Learner(user["username"], user["password"], user["full_name"], random.Random(place))
        found.append(await journey(adapter, url, learner, roots))
    del found[0]
    return [spent for spent, _ in found], [took for _, took in found]


def idle(roots: list[int], seconds: float = 5.0) -> float:
    """What the server spends on its own, in milliseconds of CPU a second."""
    before = nanoseconds(roots)
    time.sleep(seconds)
    return round((nanoseconds(roots) - before) / 1e6 / seconds, 2)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--url", required=True)
    options.add_argument("--users", type=Path, required=True)
    options.add_argument("--user-offset", type=int, default=0)
    options.add_argument("--journeys", type=int, default=100)
    options.add_argument("--pid", action="append", default=[], metavar="NAME=PID")
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    pids = {name: int(pid) for name, _, pid in (one.partition("=") for one in chosen.pid)}
    roots = list(pids.values())
    users = json.loads(chosen.users.read_text())[chosen.user_offset :][: chosen.journeys + 1]
    found, took = asyncio.run(walk_all(chosen.url, users, roots))
    result = {
        "journeys": len(found),
        "idle_cpu_ms_per_s": idle(roots),
        "cpu_ms": {step: spread([one[step] for one in found]) for step in STEPS},
        "cpu_ms_per_journey": spread([sum(one.values()) for one in found]),
        "wall_ms": {step: spread([one[step] for one in took]) for step in STEPS},
        "memory_mib": meter.memory_mib(pids),
        "apart_cpu_ms": apart(),
    }
    chosen.out.write_text(json.dumps(result, indent=1) + "\n")
    for step, ms in result["cpu_ms"].items():
        print(f"{step:<16}{ms['mean']:>8}{ms['p50']:>8}{ms['p95']:>8} ms CPU")
    print(f"{'journey':<16}{result['cpu_ms_per_journey']['mean']:>8} ms CPU; apart {result['apart_cpu_ms']}")


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "mean": round(statistics.fmean(ordered), 2),
        "p50": round(ordered[len(ordered) // 2], 2),
        "p95": round(ordered[int(len(ordered) * 0.95)], 2),
    }


def apart() -> dict[str, float]:
    """The dear parts on their own, in this process."""
    from costly_parts import log_in_hash, pdf, signature  # noqa: PLC0415  readies Django

    return {"log_in_hash": mean_ms(log_in_hash), "pdf": mean_ms(pdf()), "signature": mean_ms(signature())}


def mean_ms(work: Callable[[], object], times: int = 30) -> float:
    work()
    begun = time.process_time_ns()
    for _ in range(times):
        work()
    return round((time.process_time_ns() - begun) / 1e6 / times, 2)


if __name__ == "__main__":
    main()
