"""`opencme import`: take a package in as a draft, or publish it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from opencme.activities.models import Revision
from opencme.activities.operations import ActivityWithdrawn
from opencme.activities.series_document import SeriesDocument
from opencme.cli.accounts import operator_with
from opencme.cli.check import BLOCKED, UNREADABLE
from opencme.cli.data_folder import refuse_other_account
from opencme.cli.remarks import count_line, print_remarks
from opencme.interchange.operations import (
    FindingsStandAgainst,
    Imported,
    PackageChanged,
    import_read_package,
)
from opencme.interchange.package.problems import PackageRefused
from opencme.interchange.package.read import read_package
from opencme.interchange.report import remarks_of_problems, remarks_on
from opencme.interchange.snapshots import snapshot_renderer


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--publish", is_flag=True, help="Publish it if nothing stands against that.")
@click.option("--by", "email", metavar="EMAIL", help="The operator in whose name this is done.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--create-provider", is_flag=True, help="Make the package's provider if it is unknown here.")
@click.pass_context
def command(
    context: click.Context,
    path: Path,
    *,
    email: str | None,
    publish: bool,
    dry_run: bool,
    create_provider: bool,
) -> None:
    """Take the package in PATH in as a draft; with --publish, offer it."""
    by = operator_with(email) if email else None
    if publish and by is None:
        raise click.UsageError("--publish needs --by EMAIL: the record says who published.")
    if not dry_run:
        refuse_other_account()
    with _refusals_said(context):
        package = read_package(path)
        # A series has no draft: what is written of it is public at once.
        waits = isinstance(package.made, SeriesDocument) and not publish
        imported = import_read_package(
            package=package,
            at=timezone.now(),
            imported_by=by,
            door="cli",
            may_create_provider=create_provider,
            render_snapshot=snapshot_renderer() if publish else None,
            dry_run=dry_run or waits,
        )
    print_remarks(remarks_on(imported.checked))
    click.echo()
    for line in _lines(imported, dry_run=dry_run):
        click.echo(line)
    if not dry_run and not os.environ.get("OPENCME_BASE_URL"):
        click.echo(f"OPENCME_BASE_URL is not set: {settings.OPENCME_BASE_URL} is taken for it.")


@contextmanager
def _refusals_said(context: click.Context) -> Iterator[None]:
    """Say why nothing was imported, and end with the status for that."""
    try:
        yield
    except PackageRefused as refused:
        remarks = remarks_of_problems(refused.problems)
        print_remarks(remarks)
        click.echo(f"\nNothing was imported. {count_line(remarks).capitalize()}.")
        context.exit(UNREADABLE)
    except FindingsStandAgainst as refused:
        print_remarks(remarks_on(refused.checked))
        click.echo("\nNothing was imported: the findings above stand against publication.")
        context.exit(BLOCKED)
    except PackageChanged as refused:
        sentence = "A file was changed during the import; nothing was imported. Try again."
        raise click.ClickException(sentence) from refused
    except ActivityWithdrawn as refused:
        sentence = "The activity was withdrawn. Make a new one, and name it as the successor."
        raise click.ClickException(sentence) from refused


def _lines(imported: Imported, *, dry_run: bool) -> list[str]:
    remarks = remarks_on(imported.checked)
    if dry_run:
        return [f"Dry run: nothing was written. {count_line(remarks).capitalize()}."]
    if imported.series is not None:
        series = imported.series
        return [_changed(imported), f"Series: {_address('series', series.uuid, series.slug)}"]
    if imported.draft is None:
        return ["A series has no draft. To make its page, import it with --publish --by EMAIL."]
    lines = [_changed(imported), f"Preview: {_address('preview', imported.draft.uuid)}"]
    if imported.revision is not None:
        activity = imported.draft.activity
        lines.append(_published(imported.revision))
        lines.append(f"Page: {_address('activity', activity.uuid, activity.slug)}")
    return lines


def _published(revision: Revision) -> str:
    by = revision.published_by.email if revision.published_by else "nobody"
    words = "published" if revision.approved_by else "published without approval"
    return f"Revision {revision.number}, {words} by {by}."


def _changed(imported: Imported) -> str:
    return "Imported." if imported.changed else "Nothing has changed since the last import."


def _address(name: str, *args: object) -> str:
    return f"{settings.OPENCME_BASE_URL}{reverse(name, args=args)}"
