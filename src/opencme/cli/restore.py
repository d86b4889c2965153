"""`opencme restore`: put a backup in the place of the installation."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils import timezone

from opencme.cli.audit import say_broken
from opencme.cli.keeping.manifest import NoBackup
from opencme.cli.keeping.restoring import (
    CannotRestore,
    Plan,
    Restored,
    Standing,
    held_still,
    plan_restore,
    restore,
    set_aside_in,
    standing_database,
)
from opencme.cli.keeping.way_back import forget_way_back
from opencme.core.keeping.contents import Contents
from opencme.core.keeping.postgresql import ToolFailed, ToolMissing
from opencme.credit.render.key_files import NotAKey

_NOUNS = {
    "people_user": "accounts",
    "activities_revision": "published revisions",
    "learning_participation": "participations",
    "learning_attempt": "attempts",
    "credit_creditclaim": "claims",
    "credit_certificate": "certificates",
    "core_auditentry": "audit entries",
}


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--signing-key",
    "key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file with the key that signs certificates, when the backup does not hold it.",
)
@click.option(
    "--new-key",
    is_flag=True,
    help="Go on with the key that is here, or with a new one: the right one is lost.",
)
@click.option("--replace", is_flag=True, help="Set aside the database that is there.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(folder: Path, key: Path | None, *, new_key: bool, replace: bool, yes: bool) -> None:
    """Put the backup in FOLDER in the place that the settings name.

    The server must be stopped. Afterwards everything is counted and every audit chain verified;
    ends with 1 when something differs from what was backed up.
    """
    at = timezone.now()
    try:
        plan = plan_restore(folder.resolve(), key=key, new_key=new_key, at=at)
        with held_still("restore", at=at):
            stands = standing_database()
            _confirm(plan, stands, replace=replace, yes=yes)
            if stands:
                click.echo(f"What stands there goes to {set_aside_in(plan)}.")
            click.echo("Restoring ...")
            restored = restore(plan)
            forget_way_back()
    except (CannotRestore, NoBackup, NotAKey, ToolMissing, ToolFailed) as trouble:
        raise click.ClickException(str(trouble)) from trouble
    if stands:
        click.echo(
            f"The database that stood there is kept in {set_aside_in(plan)}.\n"
            "Remove it when you no longer need it: it holds what learners entrusted to you."
        )
    say_restored(restored)
    if not restored.is_whole:
        raise SystemExit(1)


def losses(standing: Contents, backup: Contents) -> list[str]:
    """What a database has more than a backup, in words."""
    found = []
    for table, noun in _NOUNS.items():
        more = standing.rows.get(table, 0) - backup.rows.get(table, 0)
        if more > 0:
            found.append(f"{more:,} {noun}")
    return found


def _confirm(plan: Plan, stands: Standing | None, *, replace: bool, yes: bool) -> None:
    made = plan.manifest.made_at
    click.echo(f"Backup of {made:%Y-%m-%d %H:%M:%S} UTC, made by OpenCME {plan.manifest.program}.")
    if stands is None:
        return
    _say_losses(stands, plan.manifest.contents)
    if not replace:
        message = (
            "There is a database already. --replace sets it aside, to"
            f" {set_aside_in(plan)}, and restores the backup."
        )
        raise CannotRestore(message)
    if not yes:
        click.confirm("Restore?", abort=True)


def _say_losses(stands: Standing, backup: Contents) -> None:
    if stands.contents is None:
        click.echo("The database that is there cannot be read: nobody can count what came after the backup.")
        click.echo("All of that will be lost. Learners who were here since then have to be told.")
    elif lost := losses(stands.contents, backup):
        click.echo(f"What came after it will be lost: {', '.join(lost)}.")
        click.echo("Learners whose answers or certificates are among them have to be told.")


def say_restored(restored: Restored) -> None:
    """Print what stands now next to what was backed up."""
    say, found = restored.said, restored.found
    for table in sorted(say.rows.keys() | found.rows.keys()):
        if say.rows.get(table) != found.rows.get(table):
            click.secho(
                f"  {table}: {say.rows.get(table)} backed up, {found.rows.get(table)} restored", fg="red"
            )
    rows, equal = sum(found.rows.values()), "equal" if say.rows == found.rows else "NOT equal"
    click.echo(f"  {rows:,} rows in {len(found.rows)} tables: {equal} to the backup.")
    heads = "equal" if say.heads == found.heads else "NOT equal"
    click.echo(f"  {found.chains:,} audit chains: heads {heads} to the backup.")
    say_broken(restored.audit)
    if not restored.audit.broken:
        click.echo(f"  {restored.audit.entries:,} audit entries: every chain holds.")
    if restored.triggers:
        click.secho(
            f"  Triggers are missing: {', '.join(restored.triggers)}. Run `opencme migrate`.", fg="red"
        )
    if restored.media:
        click.secho(f"  Media files are missing: {len(restored.media)}.", fg="red")
    if restored.is_behind:
        click.echo(
            "The backup is of an earlier release: this version serves it only after `opencme upgrade`."
        )
    click.echo("Mail that was due when the backup was made is sent at the next start, perhaps once more.")
