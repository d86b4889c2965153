#!/usr/bin/env python3
"""Writes docs/measurements.md and its charts from bench/results.

python bench/report.py
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from charts import bars, lines

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
DOCS = HERE.parent / "docs"
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

STEPS = {
    "login": "log in",
    "open_activity": "activity page",
    "start_pretest": "start",
    "submit_pretest": "hand in pre-test",
    "open_video": "recording",
    "progress": "played stretches",
    "start_posttest": "post-test",
    "submit_posttest": "hand in post-test",
    "evaluation": "evaluation",
    "certificate": "claim, certificate, PDF",
    "transcript": "transcript",
}


def result(name: str) -> dict | None:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else None


def by_database(name: str) -> dict[str, dict]:
    """The results `sqlite` and `postgresql` of one kind, as far as they were measured."""
    found = {label: result(name.format(key)) for key, label in NAMES.items()}
    return {label: one for label, one in found.items() if one}


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    out = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    out += ["| " + " | ".join("" if cell is None else str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(out) + "\n"


def draw(name: str, svg: str, alternative: str) -> str:
    (DOCS / "measurements").mkdir(exist_ok=True)
    (DOCS / "measurements" / f"{name}.svg").write_text(svg)
    return f"![{alternative}](measurements/{name}.svg)\n"


def where(found: dict) -> str:
    processor = ", ".join(found["processor"])
    return (
        f"Revision {found['revision']}, {found['measured_at'][:10]}, {found['cores']} cores ({processor}),"
        f" {found.get('memory_gib', '?')} GiB, Python {found['python']}, the driver on the same machine,"
        f" one argon2id hash in {found.get('hash_ms', '?')} ms."
    )


# --- sections -----------------------------------------------------------------------------------------


def cpu() -> Iterator[str]:
    found = by_database("{}-cpu")
    if not found:
        return
    yield "## CPU of one journey\n"
    yield "From the log-in to the transcript, one learner after the other; the database's CPU is in it.\n"
    rows = {
        title: {label: one["cpu_ms"][step]["p50"] for label, one in found.items()}
        for step, title in STEPS.items()
    }
    yield draw(
        "cpu",
        bars("CPU of each step", "Milliseconds of CPU of server and database.", unit="ms", rows=rows),
        "CPU of each step; the table below has the numbers",
    )
    whole = {label: one["cpu_ms_per_journey"] for label, one in found.items()}
    yield table(
        ["Step, median ms of CPU", *found],
        [
            *[[title, *row.values()] for title, row in rows.items()],
            ["**journey**, median", *[f"**{one['p50']}**" for one in whole.values()]],
            ["journey, mean", *[one["mean"] for one in whole.values()]],
        ],
    )
    apart = next(iter(found.values()))["apart_cpu_ms"]
    yield (
        f"On their own: hash of the password {apart['log_in_hash']} ms, PDF {apart['pdf']} ms,"
        f" signature {apart['signature']} ms.\n"
    )


def journeys() -> Iterator[str]:
    found = {label: _levels(key) for key, label in NAMES.items()}
    found = {label: runs for label, runs in found.items() if runs}
    if not found:
        return
    yield "## Journeys: so many learners at a time\n"
    yield "Each begins when another is done, without a pause between two steps, for so many seconds.\n"
    yield draw(
        "journeys",
        lines(
            "Journeys completed",
            "Completions a second by the number of learners at a time.",
            x="learners at a time",
            y="a second",
            series={
                label: [(run["concurrency"], run["completions_per_s"]) for run in runs]
                for label, runs in found.items()
            },
            x_is_log=True,
        ),
        "Journeys completed a second; the table below has the numbers",
    )
    yield table(
        ["Database", "learners", "seconds", "journeys/s", "p50 ms", "p95 ms", "p99 ms", "errors",
         "CPU ms each", "memory MiB", "others' share of the machine"],
        (
            [label, run["concurrency"], round(run["window_s"], 1), round(run["completions_per_s"], 2),
             run["flow"].get("p50_ms"), run["flow"].get("p95_ms"), run["flow"].get("p99_ms"),
             sum(run["errors"].values()),
             round(1000 * (run["cpu_s_per_completion"] or 0)), round(sum(run["memory_mib"].values())),
             f"{run['other_cpu_share']:.0%}"]
            for label, runs in found.items()
            for run in runs
        ),
    )  # fmt: skip
    yield "The driver spends some 60 ms of CPU of the same machine on each journey.\n"
    for label, runs in found.items():
        yield f"{label}, p50 / p95 / p99 of each step in ms:\n"
        yield table(
            ["Step", *[f"{run['concurrency']} at a time" for run in runs]],
            (
                [title, *[_three(run["steps"][step]) for run in runs]]
                for step, title in STEPS.items()
            ),
        )  # fmt: skip


def _levels(key: str) -> list[dict]:
    paths = sorted(RESULTS.glob(f"{key}-[0-9][0-9][0-9].json"))
    return [json.loads(path.read_text()) for path in paths]


def _three(found: dict) -> str:
    if not found.get("n"):
        return "none ended"
    return f"{found['p50_ms']:.0f} / {found['p95_ms']:.0f} / {found['p99_ms']:.0f}"


def arrivals() -> Iterator[str]:
    found = by_database("{}-open")
    if not found:
        return
    yield "## Arrivals by the clock\n"
    yield (
        "Learners come whether or not others are done; times count from the arrival. The seconds end when the"
        " last of them is done.\n"
    )
    yield table(
        ["Database", "arrivals/s", "seconds", "ended/s", "p50 ms", "p95 ms", "p99 ms", "still at it",
         "errors"],
        (
            [label, round(run["rate_per_s"], 2), round(run["window_s"], 1),
             round(run["completions_per_s"], 2),
             run["flow"].get("p50_ms"), run["flow"].get("p95_ms"), run["flow"].get("p99_ms"),
             run["in_flight_at_end_of_arrivals"], sum(run["errors"].values())]
            for label, one in found.items()
            for run in one["runs"]
        ),
    )  # fmt: skip
    for label, one in found.items():
        if one["knee_arrivals_per_s"] is None:
            yield f"{label} kept up with none of these.\n"
            continue
        yield f"{label} keeps up with {one['knee_arrivals_per_s']:.2f} arrivals a second.\n"


def peak() -> Iterator[str]:
    found = by_database("peak-{}")
    if not found:
        return
    yield "## The minute\n"
    yield (
        "Signed in and past the recording, they arrive within a minute, answer an item every fifteen seconds"
        " on average, and hand in ten answers.\n"
    )
    yield table(
        ["Database", "revision", "learners", "finished", "acknowledged", "lost", "errors", "p50 ms",
         "p95 ms", "p99 ms", "slowest ms", "told to wait", "one hash, ms", "server and database, s of CPU",
         "client's CPU per request, its share"],
        (
            [label, run.get("revision", one["revision"]), run["learners"], run["finished"],
             run["acknowledged"], run["lost"],
             sum(run["errors"].values()), run["all"]["p50_ms"], run["all"]["p95_ms"], run["all"]["p99_ms"],
             run["all"]["max_ms"], sum(run["busy_answers_tried_again"].values()), run.get("hash_ms"),
             round(sum(run["cpu_s"].values())),
             f"{run['client_cpu_ms_per_request']} ms, {run['client_share_of_machine']:.1%}"]
            for label, one in found.items()
            for run in one["runs"]
        ),
    )  # fmt: skip
    for label, one in found.items():
        yield f"{label}: {where(one)}\n"
        yield table(
            [f"{label}: p50 / p95 / p99 ms", *[f"{run['learners']} learners" for run in one["runs"]]],
            (
                [kind, *[_three(run["times"].get(kind, {})) for run in one["runs"]]]
                for kind in ("page", "save", "submit", "result")
            ),
        )


def growth() -> Iterator[str]:
    found = by_database("growth-{}-full") | {
        f"{label}, thin": one for label, one in by_database("growth-{}-thin").items()
    }
    if not found:
        return
    yield "## Growth\n"
    yield draw(
        "growth",
        lines(
            "CPU of a journey while participations grow",
            "Median milliseconds of CPU by the number of participations stored.",
            x="participations stored",
            y="ms of CPU",
            series={
                label: [(size["participations"], size["cpu_ms"]["journey"]) for size in one["sizes"]]
                for label, one in found.items()
            },
            x_is_log=True,
        ),
        "CPU of a journey by the number of participations; the table below has the numbers",
    )
    for label, one in found.items():
        yield where(one) + "\n"
        sizes = [f"{size['participations']:,}" for size in one["sizes"]]
        largest, wall = one["largest_over_smallest_cpu"], one["largest_over_smallest_wall"]
        yield table(
            [f"{label}: median ms of CPU", *sizes, "largest over smallest", "the same, by the clock"],
            (
                [title, *[size["cpu_ms"][step] for size in one["sizes"]], largest.get(step), wall.get(step)]
                for step, title in [*STEPS.items(), ("journey", "**journey**")]
            ),
        )
        yardsticks = [f"{size['hash_ms']} ms" for size in one["sizes"] if "hash_ms" in size]
        if yardsticks:
            yield f"One hash of a password, at these sizes in turn: {', '.join(yardsticks)}.\n"
        yield f"{one['bytes_per_million'] / 1e9:.1f} GB for each million on the disk.\n"


def long_run() -> Iterator[str]:
    found = by_database("long-run-{}")
    if not found:
        return
    yield "## The long run\n"
    yield "Half of the arrivals that it keeps up with, for half an hour, in slices of five minutes.\n"
    yield draw(
        "long-run",
        lines(
            "Memory in the long run",
            "Memory of the processes that serve, by the minutes since they began.",
            x="minutes",
            y="MiB",
            series={label: memory_by_minute(one) for label, one in found.items()},
        ),
        "Memory of the processes that serve by the minute; the tables below have the end of each slice",
    )
    for label, one in found.items():
        yield where(one) + "\n"
        yield table(
            [f"{label}, {one['rate_per_s']:.2f} arrivals a second", "ended", "errors", "p50 ms", "p95 ms",
             "p99 ms", "CPU ms each", "memory at its end, MiB", "others' share of the machine"],
            (
                [place, run["completions"], sum(run["errors"].values()),
                 run["flow"].get("p50_ms"), run["flow"].get("p95_ms"), run["flow"].get("p99_ms"),
                 round(1000 * run["cpu_s_per_completion"]),
                 ", ".join(f"{name} {mib:.0f}" for name, mib in run["memory_each_10_s"][-1].items()),
                 f"{run['other_cpu_share']:.0%}"]
                for place, run in enumerate(one["slices"], 1)
            ),
        )  # fmt: skip


def memory_by_minute(one: dict) -> list[tuple[float, float]]:
    """MiB that the server held, at every second minute."""
    samples = [sample["server"] for run in one["slices"] for sample in run["memory_each_10_s"]]
    return [(place // 6, samples[place]) for place in range(6, len(samples), 12)]


def ceilings() -> Iterator[str]:
    found = result("ceilings")
    if not found:
        return
    bare = found["bare_wsgi"]
    yield "## What this machine can do at most\n"
    yield table(
        ["What", "a second"],
        [
            [
                "commits of a small row, SQLite alone, each waiting for the disk",
                found["sqlite_commits_per_s"],
            ],
            [
                f"answers of the web server with nothing behind it ({bare['server_cpu_ms']} ms of CPU each)",
                bare["answers_per_s"],
            ],
            *(
                [f"pgbench simple-update, {one['clients']} clients", round(one["commits_per_s"])]
                for one in found.get("pgbench_simple_update", ())
            ),
        ],
    )


SECTIONS = (cpu, journeys, arrivals, peak, growth, long_run, ceilings)


def main() -> None:
    machine = result("machine") or {}
    parts = ["# Measurements\n", "Written by `bench/report.py` from `bench/results/`; [how to repeat"]
    parts[-1] += " them](../bench/README.md), [what follows for sizing](scaling.md).\n"
    if machine:
        parts.append(where(machine) + "\n")
    for section in SECTIONS:
        parts += section()
    (DOCS / "measurements.md").write_text("\n".join(parts))


if __name__ == "__main__":
    main()
