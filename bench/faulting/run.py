"""One fault, over and over, under load; then the comparison."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .faults import FAULTS, Rig
from .installation import Installation, Postgresql, SmallDisk, Sqlite
from .learners import Crowd, Log
from .proxy import CuttingProxy

_DISK_MEGABYTES = {"sqlite": 40, "postgresql": 250}
_FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def run_fault(
    name: str,
    database_name: str,
    *,
    seed: int,
    rounds: int,
    at_once: int = 8,
    learners: int = 400,
    calm_seconds: float = 3.0,
    finish_within: float = 90.0,
) -> dict[str, Any]:
    """Harm an installation `rounds` times while learners walk; what was seen, and what does not hold."""
    rng, log, began = random.Random(seed), Log(), time.monotonic()
    with ExitStack() as closing:
        folder, disk = _folder(name, database_name, closing)
        database = Sqlite(folder) if database_name == "sqlite" else Postgresql(folder)
        closing.callback(database.stop)
        installation = Installation(folder, database, learners=learners)
        closing.callback(installation.close)
        rig = Rig(installation, rng, disk=disk)
        if name == "clock-back":
            _fake_the_clock(installation)
        if name == "cut-database" and isinstance(database, Postgresql):
            rig.proxy = CuttingProxy(("127.0.0.1", database.port), rng)
            closing.callback(rig.proxy.close)
            installation.environment["OPENCME_DATABASE_URL"] = database.url_at(rig.proxy.port)
        installation.start()
        base = installation.url
        if name == "cut-browsers":
            rig.web_proxy = CuttingProxy(("127.0.0.1", installation.port), rng)
            closing.callback(rig.web_proxy.close)
            base = f"http://127.0.0.1:{rig.web_proxy.port}"
        crowd = Crowd(base, installation.accounts, at_once=at_once, seed=seed, log=log)
        crowd.begin()
        seen = []
        for _ in range(rounds):
            time.sleep(rng.uniform(0.3, 1) * calm_seconds)
            seen.append(FAULTS[name][0](rig))
        left = crowd.finish(within_seconds=finish_within)
        counted, gone = installation.counted(), installation.gone()
        installation.environment["OPENCME_DATABASE_URL"] = database.url
        installation.stop()
        result = installation.compare(log)
        last_words = installation.last_words()
    problems = result["problems"] + [f"an answer that nobody should get: {one}" for one in log.unexpected]
    problems += [f"the {name} has ended and did not come back" for name in gone]
    if left:
        problems.append(f"{left} learners did not come to their certificate within {finish_within:.0f} s")
    return {
        "fault": name,
        "database": database_name,
        "seed": seed,
        "rounds": rounds,
        "seconds": round(time.monotonic() - began),
        "learners_done": crowd.finished,
        "acknowledged": log.counts(),
        "audit_entries": result.get("audit_entries", 0),
        "instead_of_answers": dict(log.troubles.most_common()),
        "counted_since_the_last_start": counted,
        "seen": seen,
        "problems": problems,
    } | ({"last_words_of_the_server": last_words} if problems else {})


def _folder(name: str, database_name: str, closing: ExitStack) -> tuple[Path, SmallDisk | None]:
    """Where all of it lies, and the small disk under it where the fault is a full one."""
    if name != "full-disk":
        made = Path(tempfile.mkdtemp(prefix="opencme-fault-"))
        closing.callback(shutil.rmtree, made, ignore_errors=True)
        return made, None
    disk = SmallDisk(_DISK_MEGABYTES[database_name])
    closing.callback(disk.close)
    folder = disk.folder / "cme"
    folder.mkdir()
    return folder, disk


def _fake_the_clock(installation: Installation) -> None:
    """Let the server read its clock from a file."""
    clock = installation.folder / "clock"
    clock.write_text("+0")
    installation.environment |= {
        "LD_PRELOAD": str(_FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
