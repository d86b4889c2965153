"""Whether SQLite's log is on the disk before anybody is told so: the server's system calls, read in order.

One learner walks alone and the server does no work beside the pages, so whatever was written to the log
before an answer left belongs to it. Looked at are answers that acknowledge: redirects after a form, and
JSON. The loss of power cannot be tried on a running machine; that each answer waits for the disk can be seen.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .installation import Installation, Sqlite
from .learners import Crowd, Log

CALLS = "pwrite64,pwritev,fdatasync,fsync,write,writev,sendto,sendmsg"
_WRITTEN = re.compile(r"pwritev?(?:64)?\(\d+<[^>]*-wal>")
_SYNCHRONIZED = re.compile(r"(?:fdatasync|fsync)\(\d+<[^>]*-wal>")
_ANSWERED = re.compile(
    r"(?:write|writev|sendto|sendmsg)\(\d+<TCP[^>]*>.*HTTP/1\.1 "
    r"(?:30[23] |200 OK\\r\\ncontent-type: application/json)"
)


def watch_syncs(*, seed: int, journeys: int) -> dict[str, Any]:
    """Walk some journeys under strace and count answers that left before the disk had what they rest on."""
    began, log = time.monotonic(), Log()
    with ExitStack() as closing:
        folder = Path(tempfile.mkdtemp(prefix="opencme-fault-"))
        closing.callback(shutil.rmtree, folder, ignore_errors=True)
        installation = Installation(folder, Sqlite(folder), learners=journeys)
        closing.callback(installation.close)
        installation.environment["OPENCME_BACKGROUND_WORK"] = "false"
        installation.start()
        calls = folder / "calls"
        command = ["strace", "-f", "-yy", "-s", "96", "-o", str(calls), "-e", f"trace={CALLS}"]
        with subprocess.Popen(
            [*command, "-p", str(installation.workers[0])], stderr=subprocess.DEVNULL
        ) as strace:
            time.sleep(1)
            crowd = Crowd(installation.url, installation.accounts, at_once=1, seed=seed, log=log)
            crowd.begin()
            end = time.monotonic() + 120
            while crowd.finished < journeys and time.monotonic() < end:
                time.sleep(0.2)
            crowd.finish(within_seconds=10)
            strace.send_signal(signal.SIGINT)
            strace.wait(20)
        with calls.open(errors="replace") as lines:
            seen = answers_before_the_disk(lines)
        installation.stop()
        problems = installation.compare(log)["problems"]
    if seen["answers_that_rest_on_writes"] == 0:
        problems.append("no answer rested on anything that was written: nothing was seen")
    problems += [f"answered before the disk had it: {line}" for line in seen.pop("too_early")]
    return {
        "fault": "sync-before-answer",
        "database": "sqlite",
        "seed": seed,
        "rounds": journeys,
        "seconds": round(time.monotonic() - began),
        "learners_done": crowd.finished,
        "acknowledged": log.counts(),
        "instead_of_answers": dict(log.troubles),
        "seen": [seen],
        "problems": problems,
    }


def answers_before_the_disk(lines: Iterable[str]) -> dict[str, Any]:
    """Read the calls in order; an answer is too early while the log has what was not synchronized."""
    is_waiting, rests = False, False
    begun: dict[str, str] = {}
    found: dict[str, Any] = {"log_writes": 0, "syncs": 0, "answers_that_rest_on_writes": 0, "too_early": []}
    for line in lines:
        thread, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[thread] = call
            if not _ANSWERED.search(call):
                continue
        elif "resumed>" in call:
            call = begun.pop(thread, "") + call
            if _ANSWERED.search(call):
                continue  # looked at when it began
        if _WRITTEN.search(call):
            is_waiting = rests = True
            found["log_writes"] += 1
        elif _SYNCHRONIZED.search(call) and call.endswith("= 0"):
            is_waiting = False
            found["syncs"] += 1
        elif _ANSWERED.search(call):
            found["answers_that_rest_on_writes"] += rests
            rests = False
            if is_waiting:
                found["too_early"].append(call[:120])
    return found
