"""`opencme retention`: how long each kind of record is kept, and what is due to go."""

from __future__ import annotations

import dataclasses
import json
import textwrap

import click
from django.utils import timezone

from opencme.credit.purging import PurgeIncomplete, PurgeReport, due_for_purge, purge_due
from opencme.providers.statements import Keeping, keepings

_WORDS = {
    "never_confirmed": ("account never confirmed, blanked", "accounts never confirmed, blanked"),
    "accounts_blanked": ("closed account, blanked", "closed accounts, blanked"),
    "participations_released": ("participation whose evidence goes", "participations whose evidence goes"),
    "certificates_blanked": ("certificate whose details go", "certificates whose details go"),
    "mail_forgotten": ("old mail", "old mails"),
    "reply_addresses_blanked": (
        "address on a report about an ended activity",
        "addresses on reports about ended activities",
    ),
    "drafts_forgotten": (
        "test of an ended activity, begun and never handed in",
        "tests of ended activities, begun and never handed in",
    ),
}


@click.command()
@click.option("--purge", is_flag=True, help="Let it go now; a worker does so every day.")
@click.option("--json", "as_json", is_flag=True, help="Say how much as JSON.")
def command(*, purge: bool, as_json: bool) -> None:
    """Say how long each kind of record is kept, and what is due to go today."""
    now = timezone.now()
    try:
        report = purge_due(at=now) if purge else due_for_purge(at=now)
    except PurgeIncomplete as trouble:
        raise click.ClickException(f"{trouble}\nAll the others were purged: {trouble.report}") from trouble
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(report)))
        return
    if not purge:
        for rule in keepings(on=now.date()):
            _print_rule(rule)
        click.echo()
    click.secho("Gone" if purge else "Due to go", bold=True)
    for line in _lines(report):
        click.echo(f"  {line}")
    if not purge:
        click.echo("\nA worker lets it go every day; `opencme retention --purge` does so now, for good.")


def _print_rule(rule: Keeping) -> None:
    length = f"{rule.years} years" if rule.years else f"{rule.days} days" if rule.days else "at once"
    click.secho(f"{rule.what}", bold=True)
    click.echo(f"  {length}, counted from: {rule.counted_from}")
    for line in textwrap.wrap(rule.source, 94, break_long_words=False, break_on_hyphens=False):
        click.secho(f"  {line}", dim=True)


def _lines(report: PurgeReport) -> list[str]:
    counts = {name: count for name, count in dataclasses.asdict(report).items() if count}
    return [f"{count} {_WORDS[name][count != 1]}" for name, count in counts.items()] or ["nothing"]
