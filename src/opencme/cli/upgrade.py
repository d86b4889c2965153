"""`opencme upgrade`: bring the database up to this program, with a way back."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click
from django.utils import timezone

from opencme import __version__
from opencme.cli.audit import say_broken
from opencme.cli.backup import say_backup
from opencme.cli.keeping.backing_up import NoBackupMade, backups_folder, make_backup
from opencme.cli.keeping.restoring import CannotRestore, held_still
from opencme.cli.keeping.upgrading import State, Steps, state_of_database, steps_to_here, troubles_after
from opencme.cli.keeping.way_back import (
    note_way_back,
    way_back,
    way_back_of_unfinished,
)
from opencme.cli.migrate import migrate_database
from opencme.cli.restore import command as restore_command
from opencme.core.append_only import missing_triggers


@click.command()
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that keeps backups; `backups` in OPENCME_DATA_DIR if left out.",
)
@click.option("--although-broken", is_flag=True, help="Go on although audit chains do not hold.")
@click.option("--undo", is_flag=True, help="Restore the backup of the last upgrade; says what is lost.")
@click.option("--yes", is_flag=True, help="With --undo: do not ask.")
@click.option(
    "--signing-key",
    "key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --undo: the file with the key that signed then, where it is asked for.",
)
@click.option("--new-key", is_flag=True, help="With --undo: go on although that key is lost.")
@click.pass_context
def command(
    context: click.Context,
    to: Path | None,
    *,
    although_broken: bool,
    undo: bool,
    yes: bool,
    key: Path | None,
    new_key: bool,
) -> None:
    """Check, back up, bring the database up to date, and check again.

    The server and its workers must be stopped. Ends with 1 when something is not as it should be.
    """
    if undo:
        context.invoke(restore_command, folder=_noted(), key=key, new_key=new_key, replace=True, yes=yes)
        click.echo("Install the version that you had before: this one would not serve this database.")
        return
    steps = steps_to_here()
    _refuse_other_ways(steps)
    # One that was broken off at its very end has no step left, but its triggers are still to be made.
    if not steps.to_apply and not missing_triggers() and way_back_of_unfinished() is None:
        click.echo(f"The database fits OpenCME {__version__} already. Nothing was changed.")
        return
    try:
        with held_still("upgrade", at=timezone.now()):
            _upgrade((to or backups_folder()).resolve(), steps, although_broken=although_broken)
    except CannotRestore as trouble:
        raise click.ClickException(str(trouble)) from trouble


def _upgrade(to: Path, steps: Steps, *, although_broken: bool) -> None:
    before = _examined(although_broken=although_broken)
    before_it = _backed_up(to)
    click.echo(f"Bringing it up to date (steps: {len(steps.to_apply)}) ...")
    try:
        migrate_database()
    except Exception as trouble:  # noqa: BLE001  whatever a step raises, its operator needs the way back
        _give_up(f"A step failed ({type(trouble).__name__}): {str(trouble).strip()}.", before_it)
    _conclude(before, before_it)


def _refuse_other_ways(steps: Steps) -> None:
    if steps.is_empty:
        raise click.ClickException("There is no database yet. `opencme migrate` makes it.")
    if steps.unknown:
        message = (
            f"The database was made by a later version than {__version__}, which this one does not know"
            f" ({', '.join(steps.unknown[:3])}). Install that version. Nothing was changed."
        )
        raise click.ClickException(message)


def _examined(*, although_broken: bool) -> State:
    click.echo("Counting rows and walking the audit chains ...")
    state = state_of_database()
    say_broken(state.audit)
    if state.audit.broken and not although_broken:
        message = (
            "Nothing was changed. Find out what happened first; afterwards it is harder."
            " --although-broken goes on all the same."
        )
        raise click.ClickException(message)
    return state


def _backed_up(to: Path) -> Path:
    """Make a backup; return the one that `--undo` would restore."""
    try:
        backup = make_backup(to=to, with_key=False, at=timezone.now())
    except NoBackupMade as trouble:
        raise click.ClickException(f"No backup, hence no upgrade: {trouble}") from trouble
    say_backup(backup)
    begun = way_back_of_unfinished()
    if begun is not None:
        click.echo(
            f"An upgrade was broken off before. The way back stays the backup from before that one,\n{begun}."
        )
        return begun
    try:
        note_way_back(backup.folder, finished=False)
    except OSError as trouble:
        message = f"Where the backup lies cannot be noted: {trouble}. Nothing was changed."
        raise click.ClickException(message) from trouble
    return backup.folder


def _conclude(before: State, before_it: Path) -> None:
    click.echo("Counting and walking again ...")
    troubles = troubles_after(before, state_of_database())
    if troubles:
        _give_up("\n".join(troubles), before_it)
    note_way_back(before_it, finished=True)
    click.secho(f"The database fits OpenCME {__version__}. Nothing was lost on the way.", fg="green")
    click.echo(
        "Start the server. To undo, stop it and run `opencme upgrade --undo`: it restores\n"
        f"{before_it}, and what learners do from now on is lost by it."
    )


def _give_up(what: str, before_it: Path) -> NoReturn:
    message = (
        f"{what}\nDo not serve this database. `opencme upgrade --undo` restores it as it was, from\n"
        f"{before_it}; nothing is lost by that as long as nobody served it since."
    )
    raise click.ClickException(message)


def _noted() -> Path:
    folder = way_back()
    if folder is None:
        message = "No upgrade was noted here. `opencme restore FOLDER --replace` restores any backup."
        raise click.ClickException(message)
    return folder
