"""Whether the clock can be trusted: dates of credit rest on it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection
from django.db.models import Max

from opencme.cli.doctor.findings import Finding, fine, trouble, warning
from opencme.core.models import AuditEntry

SUBJECT = "clock"
SLACK = timedelta(seconds=5)
RECENT_ENTRIES = 1000


def examine_clock(*, at: datetime) -> Iterator[Finding]:
    """Hold the clock against the network's time, the database's, and what was written before."""
    newest = AuditEntry.objects.filter(
        pk__gt=(AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0) - RECENT_ENTRIES
    ).aggregate(last=Max("at"))["last"]
    yield from against_record(at=at, newest=newest)
    if connection.vendor == "postgresql":
        yield from _against_database(at)
    if _is_synchronized() == "no":
        yield warning(
            SUBJECT,
            "This machine's clock is not set by the network.",
            "Turn it on with `timedatectl set-ntp true`, or install chrony.",
        )
    try:
        ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        yield trouble(
            SUBJECT,
            "This machine knows no time zones, so no deadline of a provider can be told.",
            "Install the package tzdata.",
        )


def against_record(*, at: datetime, newest: datetime | None) -> Iterator[Finding]:
    """Time never runs backwards: what was recorded cannot lie ahead."""
    if newest is not None and newest > at + SLACK:
        yield trouble(
            SUBJECT,
            f"It is {at:%Y-%m-%d %H:%M:%S} UTC, but something was recorded at {newest:%Y-%m-%d %H:%M:%S}.",
            "Set the clock right (`timedatectl`). If it was ahead before, what it dated then is wrong.",
        )
    else:
        yield fine(SUBJECT, f"It is {at:%Y-%m-%d %H:%M:%S} UTC, after everything that was recorded.")


def _against_database(at: datetime) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    apart = abs(row[0] - at) if row else timedelta()
    if apart > SLACK:
        yield warning(
            SUBJECT,
            f"The database's clock differs by {apart.total_seconds():.0f} seconds.",
            "Let both machines follow the network's time.",
        )


def _is_synchronized() -> str:
    """Yes, no, or empty where nobody knows."""
    program = shutil.which("timedatectl")
    if program is None:
        return ""
    said = subprocess.run(  # noqa: S603  the program of the system, with fixed arguments
        [program, "show", "--property=NTPSynchronized", "--value"],
        capture_output=True,
        text=True,
        timeout=5,
        check=False,
    )
    return said.stdout.strip()
