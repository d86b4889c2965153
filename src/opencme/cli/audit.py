"""`opencme audit`: whether the record of what happened is whole."""

from __future__ import annotations

import time

import click

from opencme.core.keeping.audit import AuditReport, Fault, verify_audit
from opencme.core.models import AuditEntry

SHOWN = 50

_MEANINGS = {
    Fault.CHANGED: "not what was written",
    Fault.MISSING: "missing",
    Fault.OUT_OF_PLACE: "not a continuation of the entry before it",
    Fault.NOT_COUNTED: "more than its stream counts",
    Fault.HEAD_DIFFERS: "not the one that its stream names as the last",
}


@click.group()
def command() -> None:
    """Look after the audit chains."""


@command.command()
def verify() -> None:
    """Find every entry that was changed, removed or put elsewhere.

    Reads while the installation serves. Ends with 0 when all chains hold, with 1 when one does not.
    """
    began = time.monotonic()
    with click.progressbar(length=AuditEntry.objects.count(), label="Verifying") as bar:
        report = verify_audit(tell=bar.update)
    click.echo(
        f"{report.entries:,} entries in {report.streams:,} chains, read in {time.monotonic() - began:.1f} s."
    )
    say_broken(report)
    if report.broken:
        raise SystemExit(1)
    click.echo("Every chain holds: nothing was changed, nothing is missing, everything is in its place.")


def say_broken(report: AuditReport) -> None:
    """Print the places that do not hold, and what to do about them."""
    if not report.broken:
        return
    click.secho(f"Places that do not hold ({len(report.broken):,}):", fg="red", bold=True)
    for place in report.broken[:SHOWN]:
        one = place.first == place.last
        entries = f"entry {place.first} is" if one else f"entries {place.first} to {place.last} are"
        click.echo(f"  {place.kind} {place.uuid}: {entries} {_MEANINGS[place.fault]}.")
    if len(report.broken) > SHOWN:
        click.echo(f"  and {len(report.broken) - SHOWN:,} more")
    click.echo(
        "Someone wrote to the database past the program, or its file was damaged. Keep a copy of it as\n"
        "it is, and compare with a backup (`opencme restore` into another folder) to learn what stood there."
    )
