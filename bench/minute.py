#!/usr/bin/env python3
"""The minute after a webinar: thousands arrive at the post-test, answer, and hand in.

Each learner is signed in and past the recording. They arrive spread over a minute, open the page, answer an
item every five to twenty-five seconds (as the page's script sends it), hand in, and see their result. A busy
server (503) is tried again as the page does: after Retry-After, with jitter. What was acknowledged is written
down, and looked up in the database afterwards.

    python bench/minute.py --url http://127.0.0.1:8170 --waiting waiting.json --pid server=1 --out out.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "learner_flow"))

import meter
import uvloop
from lean_client import Answer, Connection, ConnectionLost

TOKEN = "b" * 32  # any secret will do where cookie and header agree
ITEM = re.compile(r'data-item="([^"]+)"')
ATTEMPT = re.compile(r'data-attempt="([^"]+)"')
STATUS_BUSY = 503


class Crowd:
    """What happened to all of them."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.busy: Counter[str] = Counter()
        self.busy_by_second: Counter[int] = Counter()
        self.begun = time.perf_counter()
        self.acknowledged: list[dict] = []
        self.requests = 0
        self.finished = 0

    def report(self) -> dict:
        return {
            "finished": self.finished,
            "requests": self.requests,
            "errors": dict(self.errors.most_common(20)),
            "busy_answers_tried_again": dict(self.busy),
            "busy_by_second": dict(sorted(self.busy_by_second.items())),
            "times": {name: spread(values) for name, values in self.times.items()},
            "all": spread([one for values in self.times.values() for one in values]),
        }


def spread(seconds: list[float]) -> dict:
    if not seconds:
        return {"n": 0}
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)

    return {"n": len(ordered), "p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99), "max_ms": at(1)}


class OneLearner:
    """A learner on the page of the post-test."""

    def __init__(self, crowd: Crowd, place: int, waiting: dict, chosen: argparse.Namespace) -> None:
        url = urlsplit(chosen.url)
        self.crowd = crowd
        self.random = random.Random(f"{chosen.seed}:{place}")
        self.pause = chosen.pause
        self.path = f"/path/{waiting['participation']}/post-test/"
        cookies = f"opencme_session={waiting['session']}; opencme_csrf={TOKEN}"
        self.connection = Connection(url.hostname, url.port, cookies)
        self.headers = f"X-CSRFToken: {TOKEN}\r\nAccept: application/json\r\nReferer: {chosen.url}/\r\n"

    async def come(self, after: float) -> None:
        await asyncio.sleep(after)
        try:
            await self.walk()
            self.crowd.finished += 1
        except Refused as refused:
            self.crowd.errors[str(refused)] += 1
        except OSError as trouble:
            self.crowd.errors[f"{type(trouble).__name__}: {trouble}"] += 1
        finally:
            self.connection.close()

    async def walk(self) -> None:
        page = await self.done("page", lambda: self.connection.get(self.path))
        text = page.text
        attempt, items = ATTEMPT.search(text), ITEM.findall(text)
        if attempt is None or not items:
            raise Refused("page without a test")
        answers = {}
        for item in items:
            await asyncio.sleep(self.random.uniform(self.pause / 3, self.pause * 5 / 3))
            answers[item] = f"o{self.random.randint(1, 4)}"
            await self.save(attempt[1], item, answers[item])
        await asyncio.sleep(self.random.uniform(self.pause / 3, self.pause * 5 / 3))
        await self.hand_in(attempt[1], answers)

    async def save(self, attempt: str, item: str, option: str) -> None:
        sent = {"attempt": attempt, "item": item, "value": [option], "n": 1, "age_ms": 0}
        body = json.dumps(sent).encode()
        url, headers = f"{self.path}save/", self.headers
        await self.done(
            "save", lambda: self.connection.post(url, body, kind="application/json", headers=headers)
        )
        self.crowd.acknowledged.append({"attempt": attempt, "item": item, "value": option})

    async def hand_in(self, attempt: str, answers: dict[str, str]) -> None:
        fields = "&".join(f"item-{item}={option}" for item, option in answers.items())
        body = f"attempt={attempt}&{fields}".encode()
        kind = "application/x-www-form-urlencoded"
        answer = await self.done(
            "submit", lambda: self.connection.post(self.path, body, kind=kind, headers=self.headers)
        )
        self.crowd.acknowledged.append({"attempt": attempt, "submitted": True})
        where = json.loads(answer.text)["location"]
        await self.done("result", lambda: self.connection.get(where))

    async def done(self, name: str, ask) -> Answer:  # noqa: ANN001
        """Ask until it is answered; the time counts from the first try."""
        begun, tries = time.perf_counter(), 0
        while True:
            self.crowd.requests += 1
            try:
                answer = await ask()
            except ConnectionLost as lost:
                raise Refused(f"{name}: connection {lost}") from lost
            if answer.status != STATUS_BUSY or tries >= 8:
                break
            tries += 1
            self.crowd.busy[name] += 1
            self.crowd.busy_by_second[int(time.perf_counter() - self.crowd.begun)] += 1
            await asyncio.sleep(float(answer.header(b"retry-after") or 1) * (1 + self.random.random() / 2))
        self.crowd.times[name].append(time.perf_counter() - begun)
        if answer.status != 200:
            raise Refused(f"{name}: status {answer.status}")
        return answer


class Refused(Exception):
    """An answer that a learner would see as an error."""


async def minute(chosen: argparse.Namespace) -> Crowd:
    waiting = json.loads(chosen.waiting.read_text())[chosen.offset : chosen.offset + chosen.learners]
    if len(waiting) < chosen.learners:
        raise SystemExit(f"only {len(waiting)} learners wait; make more with seed.py --waiting")
    crowd, arrivals = Crowd(), random.Random(chosen.seed)
    async with asyncio.TaskGroup() as group:
        for place, one in enumerate(waiting):
            learner = OneLearner(crowd, place, one, chosen)
            group.create_task(learner.come(arrivals.uniform(0, chosen.spread)))
    return crowd


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--url", required=True)
    options.add_argument("--waiting", type=Path, required=True, help="written by seed.py --waiting-users")
    options.add_argument("--learners", type=int, default=5000)
    options.add_argument("--offset", type=int, default=0, help="skip those used up by earlier runs")
    options.add_argument("--spread", type=float, default=60, help="seconds over which they arrive")
    options.add_argument("--pause", type=float, default=15, help="mean seconds between two answers")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--pid", action="append", default=[], metavar="NAME=PID")
    options.add_argument("--log", type=Path, help="what was acknowledged, one JSON a line")
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    pids = {name: int(pid) for name, _, pid in (one.partition("=") for one in chosen.pid)}
    before, machine, clock, own = meter.cpu(pids), meter.machine(), time.monotonic(), time.process_time()
    crowd = uvloop.run(minute(chosen))
    seconds, own = time.monotonic() - clock, time.process_time() - own
    after, busy = meter.cpu(pids), meter.machine()
    used = {name: round(sum(after[name]) - sum(before[name]), 2) for name in pids}
    whole = busy[1] - machine[1]
    result = {
        "learners": chosen.learners,
        "arrive_within_s": chosen.spread,
        "pause_s": chosen.pause,
        "seed": chosen.seed,
        "seconds": round(seconds, 1),
        **crowd.report(),
        "requests_per_s": round(crowd.requests / seconds, 1),
        "cpu_s": used,
        "client_cpu_ms_per_request": round(own * 1000 / max(1, crowd.requests), 3),
        "client_share_of_machine": round(own / whole, 3),
        "other_cpu_share": round((busy[0] - machine[0] - own - sum(used.values())) / whole, 3),
        "memory_mib": meter.memory_mib(pids),
    }
    chosen.out.write_text(json.dumps(result, indent=1) + "\n")
    if chosen.log:
        chosen.log.write_text("".join(json.dumps(one) + "\n" for one in crowd.acknowledged))
    print(json.dumps(result, indent=1))
    return 1 if crowd.errors or crowd.finished < chosen.learners else 0


if __name__ == "__main__":
    sys.exit(main())
