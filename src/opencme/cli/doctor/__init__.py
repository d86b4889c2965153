"""`opencme doctor`: what is wrong with the installation, and how to mend it."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import click
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from opencme.cli.doctor.environment import examine_file, examine_values
from opencme.cli.doctor.findings import Finding, State, trouble
from opencme.cli.ready import ready_django
from opencme.cli.settings_file import SETTINGS_FILE

WIDTH = 96
_COLORS = {State.FINE: "green", State.WARNING: "yellow", State.TROUBLE: "red"}


@click.command()
@click.option("--json", "for_machines", is_flag=True, help="Print the findings as JSON.")
@click.option("--thorough", is_flag=True, help="Read every media file and every page of the database.")
@click.option("--no-network", is_flag=True, help="Ask neither the mail server nor the public address.")
@click.option("--mail-to", metavar="ADDRESS", default="", help="Send a message there, to see it arrive.")
@click.option("--report-to", metavar="ADDRESS", help="Mail what was found there when there is trouble.")
@click.pass_context
def command(
    context: click.Context,
    *,
    for_machines: bool,
    thorough: bool,
    no_network: bool,
    mail_to: str,
    report_to: str | None,
) -> None:
    """Say what is wrong with the installation, and how to mend it.

    Changes nothing. Run it as the account that serves, with the same settings. The exit status is 0
    when there is no trouble (there may be warnings), 1 when there is some.
    """
    findings = [*examine_values(os.environ)]
    if SETTINGS_FILE in context.meta:
        findings += examine_file(context.meta[SETTINGS_FILE])
    findings += _with_settings_read(thorough=thorough, network=not no_network, mail_to=mail_to)
    if for_machines:
        click.echo(as_json(findings))
    else:
        print_findings(findings)
    if report_to == "":  # a setting left empty, as that of the office may be
        click.echo("--report-to names no address: trouble is mailed to nobody.", err=True)
    in_trouble = any(finding.state is State.TROUBLE for finding in findings)
    if in_trouble and report_to:
        _report(findings, report_to)
    context.exit(1 if in_trouble else 0)


def _report(findings: Sequence[Finding], to: str) -> None:
    if not settings.configured:
        raise click.ClickException("No report was sent: the settings cannot be read.")
    from opencme.cli.doctor.mail import NotSent, send_report  # noqa: PLC0415  it imports models

    try:
        send_report(as_text(findings), to=to)
    except NotSent as refusal:
        raise click.ClickException(f"No report was sent: {refusal}.") from refusal


def _with_settings_read(*, thorough: bool, network: bool, mail_to: str) -> list[Finding]:
    try:
        ready_django()
    except (ImproperlyConfigured, ValueError) as refused:
        remedy = "Mend it; docs/operation.md says what each setting means. The rest is looked at then."
        return [trouble("settings", f"The settings cannot be read: {refused}", remedy)]
    from opencme.cli.doctor.examination import Extent, examine  # noqa: PLC0415  it imports models

    extent = Extent(thorough=thorough, network=network, mail_to=mail_to)
    return list(examine(os.environ, extent=extent, now=timezone.now))


def print_findings(findings: Sequence[Finding]) -> None:
    """Print what was found, subject by subject, and what it comes to."""
    for finding in findings:
        head = f"{finding.state.value.upper() if finding.remedy else 'fine':<9}{finding.subject:<12}"
        lines = textwrap.wrap(finding.message, WIDTH - 21, break_long_words=False, break_on_hyphens=False)
        click.echo(click.style(head, fg=_COLORS[finding.state], bold=bool(finding.remedy)) + lines[0])
        for line in lines[1:]:
            click.echo(" " * 21 + line)
        remedy = textwrap.wrap(finding.remedy, WIDTH - 23, break_long_words=False, break_on_hyphens=False)
        for number, line in enumerate(remedy):
            click.echo(" " * 21 + ("> " if number == 0 else "  ") + line)
    click.echo()
    click.echo(_summary(findings))


def as_text(findings: Iterable[Finding]) -> str:
    """What needs somebody, for a mail."""
    return "\n\n".join(
        f"{finding.state.value.upper()}: {finding.message}\n> {finding.remedy}"
        for finding in sorted(findings, key=lambda finding: finding.state is not State.TROUBLE)
        if finding.remedy
    )


def _summary(findings: Iterable[Finding]) -> str:
    states = [finding.state for finding in findings]
    troubles, warnings = states.count(State.TROUBLE), states.count(State.WARNING)
    if not troubles and not warnings:
        return "Nothing is wrong."
    parts = [
        f"{count} {word if count == 1 else word + 's'}"
        for count, word in ((troubles, "trouble"), (warnings, "warning"))
        if count
    ]
    return f"{' and '.join(parts).capitalize()}. Each line marked > says what to do."


def as_json(findings: Iterable[Finding]) -> str:
    """The findings for a machine: a list, and whether any is trouble."""
    told = [asdict(finding) for finding in findings]
    return json.dumps(
        {"trouble": any(one["state"] == State.TROUBLE for one in told), "findings": told}, indent=2
    )
