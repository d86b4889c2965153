"""One fault, over and over, under load; then the comparison."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
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
    log, began = Log(), time.monotonic()
    with ExitStack() as closing:
        rig, base = _prepared(name, database_name, random.Random(seed), learners, closing)
        installation = rig.installation
        crowd = Crowd(base, installation.accounts, at_once=at_once, seed=seed, log=log)
        seen = _harmed(name, rig, crowd, rounds=rounds, calm_seconds=calm_seconds)
        left = crowd.finish(within_seconds=finish_within)
        counted, gone = installation.counted(), installation.gone()
        installation.environment["OPENCME_DATABASE_URL"] = installation.database.url
        installation.stop()
        result = installation.compare(log)
        last_words = installation.last_words()
    problems = [*result["problems"], *_problems(log, gone, left, finish_within)]
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


def _prepared(
    name: str, database_name: str, rng: random.Random, learners: int, closing: ExitStack
) -> tuple[Rig, str]:
    """An installation that serves, with all that the fault reaches for; and the address for browsers."""
    folder, disk = _folder(name, database_name, closing)
    database = Sqlite(folder) if database_name == "sqlite" else Postgresql(folder)
    closing.callback(database.stop)
    installation = Installation(folder, database, learners=learners)
    closing.callback(installation.close)
    rig = Rig(installation, rng, disk=disk)
    if name == "clock-back":
        _fake_the_clock(installation)
    if name == "cut-database" and isinstance(database, Postgresql):
        rig.proxy = _proxy_before(database.port, rng, closing)
        installation.environment["OPENCME_DATABASE_URL"] = database.url_at(rig.proxy.port)
    installation.start()
    if name != "cut-browsers":
        return rig, installation.url
    rig.web_proxy = _proxy_before(installation.port, rng, closing)
    return rig, f"http://127.0.0.1:{rig.web_proxy.port}"


def _proxy_before(port: int, rng: random.Random, closing: ExitStack) -> CuttingProxy:
    proxy = CuttingProxy(("127.0.0.1", port), rng)
    closing.callback(proxy.close)
    return proxy


def _harmed(name: str, rig: Rig, crowd: Crowd, *, rounds: int, calm_seconds: float) -> list[dict[str, Any]]:
    """Let the crowd walk and do the harm, round by round; what each saw."""
    crowd.begin()
    seen = []
    for _ in range(rounds):
        time.sleep(rig.rng.uniform(0.3, 1) * calm_seconds)
        seen.append(FAULTS[name][0](rig))
    return seen


def _problems(log: Log, gone: list[str], left: int, finish_within: float) -> Iterator[str]:
    """What does not hold beside what the comparison finds."""
    yield from (f"an answer that nobody should get: {one}" for one in log.unexpected)
    yield from (f"the {name} has ended and did not come back" for name in gone)
    if left:
        yield f"{left} learners did not come to their certificate within {finish_within:.0f} s"


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
