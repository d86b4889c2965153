"""Figures for Prometheus.

On one process they lie in its memory. Where several serve, `opencme serve` names a folder in
PROMETHEUS_MULTIPROC_DIR; each process writes its figures there, and whoever is asked adds all up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from shutil import disk_usage
from typing import Final

from django.conf import settings
from django.db.utils import Error
from django.utils import timezone
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from opencme import __version__
from opencme.config.current_request import CurrentRequest
from opencme.core.counting import COUNTS, tell_of_counts
from opencme.core.jobs.standing import FAILING_AFTER, failing_jobs
from opencme.core.keeping.last_backup import NoteUnreadable, last_backup
from opencme.core.tasks import queue_state

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# A second line for each figure that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

_memory = CollectorRegistry()
_requests = Counter("opencme_requests", "Requests answered.", ("view", "method", "status"), registry=_memory)
_seconds = Histogram(
    "opencme_request_seconds",
    "Time until a request was answered, by the clock.",
    ("view",),
    buckets=_BUCKETS,
    registry=_memory,
)
_database_seconds = Counter(
    "opencme_database_seconds", "Time spent in statements of the database.", ("view",), registry=_memory
)
_queries = Counter("opencme_database_queries", "Statements of the database.", ("view",), registry=_memory)
_counts = {name: Counter(f"opencme_{name}", said, registry=_memory) for name, said in COUNTS.items()}

_Series = tuple[Counter, Histogram, Counter, Counter]
_series: dict[tuple[str, str, int], _Series] = {}


def observe_request(method: str, request: CurrentRequest, seconds: float) -> None:
    """Add one request to the figures."""
    key = (request.view, method, request.status)
    series = _series.get(key)
    if series is None:
        view = request.view or "none"
        series = (
            _requests.labels(view, method if method in _METHODS else "other", request.status),
            _seconds.labels(view),
            _database_seconds.labels(view),
            _queries.labels(view),
        )
        if method in _METHODS:  # what is remembered stays bounded, whatever strangers send
            _series[key] = series
    requests, histogram, database_seconds, queries = series
    requests.inc()
    histogram.observe(seconds)
    if request.queries:
        database_seconds.inc(request.database_seconds)
        queries.inc(request.queries)


def exposition() -> bytes:
    """Every figure, in the text form that Prometheus reads."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_memory)
        ProcessCollector(registry=registry)
    registry.register(_Standing())
    return generate_latest(registry)


class _Standing(Collector):
    """How the installation stands at the moment it is asked; the same whichever process answers."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        version = GaugeMetricFamily("opencme_version", "The version that runs.", labels=("version",))
        version.add_metric((__version__,), 1)
        yield version
        jobs = _jobs(timezone.now())
        yield GaugeMetricFamily(
            "opencme_database_up", "Whether the database answers whoever asks for figures.", value=bool(jobs)
        )
        yield from jobs
        data = Path(settings.OPENCME_DATA_DIR)
        yield GaugeMetricFamily(
            "opencme_disk_free_bytes", "Room left for the data folder.", value=disk_usage(data).free
        )
        yield GaugeMetricFamily(
            "opencme_last_backup_timestamp_seconds",
            "When the last backup was made, in seconds since 1970; 0 where none was.",
            value=_last_backup(data),
        )


def _jobs(at: datetime) -> list[GaugeMetricFamily]:
    """How the work beside the pages stands; nothing where the database does not answer."""
    try:
        state, failing = queue_state(at=at), failing_jobs()
    except Error:
        return []
    figures = (
        ("jobs_waiting", "Jobs that wait, those for later among them.", state.waiting),
        ("jobs_due_seconds", "How long the oldest job that is due has waited.", state.due_for_seconds),
        ("jobs_running", "Jobs at hand.", state.running),
        ("jobs_failed_for_good", "Jobs that were given up and wait for a person.", state.failed_for_good),
        ("workers", "Workers that were heard of lately.", state.workers),
    )
    gauges = [GaugeMetricFamily(f"opencme_{name}", said, value=value) for name, said, value in figures]
    return [*gauges, _failing(failing)]


def _failing(counts: Mapping[str, int]) -> GaugeMetricFamily:
    said = f"Jobs that failed {FAILING_AFTER} times in a row or more and are tried again."
    gauge = GaugeMetricFamily("opencme_jobs_failing", said, labels=("name",))  # Prometheus has its own `job`
    for name, count in counts.items():
        gauge.add_metric((name,), count)
    return gauge


def _last_backup(data: Path) -> float:
    try:
        last = last_backup(data)
    except NoteUnreadable:
        return 0.0
    return last.made_at.timestamp() if last else 0.0


def _count(name: str) -> None:
    _counts[name].inc()


tell_of_counts(_count)
