"""One examination: every check in the order in which an operator would mend what it finds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from opencme.cli.doctor import (
    address,
    backups,
    certificates,
    clock,
    database,
    disk,
    jobs,
    mail,
    media,
    people,
)
from opencme.cli.doctor.environment import examine_names
from opencme.cli.doctor.findings import Finding, trouble

Check = Callable[[], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the examination goes."""

    thorough: bool = False
    network: bool = True
    mail_to: str = ""


def examine(
    environment: Mapping[str, str], *, extent: Extent, now: Callable[[], datetime]
) -> Iterator[Finding]:
    """Everything that can be said with the settings read; one check that fails does not end the others.

    Each check asks the clock anew: those before it may take minutes, and the server goes on meanwhile.
    """
    data = Path(settings.OPENCME_DATA_DIR)
    yield from examine_names(environment, known=settings.OPENCME_SETTINGS_READ)
    yield from _safely("account", lambda: people.examine_account(data))
    unusable = database.can_be_used()
    if unusable is not None:
        yield unusable
    else:
        yield from _of_the_database(extent, now)
    yield from _safely("disk", lambda: disk.examine_disk(_folders(data)))
    yield from _safely("backups", lambda: backups.examine_backups(data, at=now()))
    if extent.network:
        yield from _safely("mail", lambda: mail.examine_mail_server(send_to=extent.mail_to))
        behind_proxy = settings.OPENCME_BEHIND_PROXY and not settings.OPENCME_METRICS_TOKEN
        yield from _safely(
            "address",
            lambda: address.examine_address(settings.OPENCME_BASE_URL, behind_proxy=behind_proxy, at=now()),
        )


def _of_the_database(extent: Extent, now: Callable[[], datetime]) -> Iterator[Finding]:
    yield from _safely("database", lambda: database.examine_database(thorough=extent.thorough))
    behind = list(_safely("migrations", database.examine_migrations))
    yield from behind
    if any(finding.remedy for finding in behind):
        return  # tables that the checks below read may not be there
    checks: dict[str, Check] = {
        "triggers": database.examine_triggers,
        "clock": lambda: clock.examine_clock(at=now()),
        "certificates": lambda: certificates.examine_certificates(at=now()),
        "media": lambda: media.examine_media(thorough=extent.thorough),
        "jobs": lambda: jobs.examine_jobs(at=now()),
        "mail": lambda: mail.examine_outbox(at=now()),
        "operators": people.examine_operators,
    }
    for subject, check in checks.items():
        yield from _safely(subject, check)


def _safely(subject: str, check: Check) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001  a check that breaks is a finding, not the end
        yield trouble(
            subject,
            f"This could not be looked at ({type(error).__name__}: {error}).",
            "Mend what is named above and run `opencme doctor` again; if it stays, report it.",
        )


def _folders(data: Path) -> Iterator[Path]:
    yield data
    if connection.vendor == "sqlite":
        folder = Path(str(connection.settings_dict["NAME"])).parent
        if folder.resolve() != data.resolve():
            yield folder
    yield Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108  large uploads and backups pass through it
