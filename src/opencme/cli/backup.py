"""`opencme backup`: a copy of everything, while the installation serves."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils import timezone

from opencme.cli.keeping.backing_up import (
    Backup,
    FolderInUse,
    NoBackupMade,
    backups_folder,
    make_backup,
    prune_backups,
)
from opencme.cli.keeping.manifest import NoBackup
from opencme.cli.keeping.way_back import way_back
from opencme.credit.render.signing import FILE_NAME as KEY_FILE


@click.command()
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that keeps backups; `backups` in OPENCME_DATA_DIR if left out.",
)
@click.option(
    "--keep",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Afterwards, remove all but so many backups; that of an upgrade, its way back, stays.",
)
@click.option(
    "--with-key",
    is_flag=True,
    help="Put the key that signs certificates into it. Whoever has the backup can then sign.",
)
def command(to: Path | None, *, with_key: bool, keep: int | None) -> None:
    """Copy the database and the media files, as they are at one moment; serving goes on.

    Media files lie beside the backups in one folder that they share: keep it with them. Ends with 1
    when a media file is missing or damaged; the backup is made all the same.
    """
    folder = (to or backups_folder()).resolve()
    try:
        backup = make_backup(to=folder, with_key=with_key, at=timezone.now())
    except NoBackupMade as trouble:
        raise click.ClickException(f"No backup was made. {trouble}") from trouble
    say_backup(backup)
    if keep is not None:
        _prune(folder, keep)
    if backup.manifest.wanting:
        raise SystemExit(1)


def _prune(folder: Path, keep: int) -> None:
    try:
        removed = prune_backups(folder, keep=keep, spare=way_back())
    except (NoBackup, FolderInUse) as trouble:
        raise click.ClickException(f"Older backups were not removed. {trouble}") from trouble
    if removed:
        click.echo(f"  Older backups that were removed: {', '.join(path.name for path in removed)}.")


def say_backup(backup: Backup) -> None:
    """Print where the backup is, what is in it and what is not."""
    manifest = backup.manifest
    rows = sum(manifest.contents.rows.values())
    click.echo(
        f"{backup.folder}\n"
        f"  {rows:,} rows, {manifest.contents.chains:,} audit chains, {len(manifest.media):,} media files;"
        f" {backup.length / 1e6:,.1f} MB new."
    )
    say_key(backup)
    if manifest.wanting:
        click.secho(
            f"Media files missing or damaged here, hence not in the backup ({len(manifest.wanting)}):",
            fg="red",
        )
        for sha256 in manifest.wanting:
            click.echo(f"  {sha256}")
        click.echo("Bring them back from an older backup: each lies there under its hash.")


def say_key(backup: Backup) -> None:
    """Say which key signs certificates, and where it is."""
    key = backup.manifest.signing_key
    if key is None:
        click.echo("  No key signs certificates yet; the first start of the server makes it.")
    elif key.file:
        click.echo(f"  The signing key {key.fingerprint[:16]} is in it: keep the backup secret.")
    else:
        click.echo(
            f"  The signing key {key.fingerprint[:16]} is not in it. Keep {KEY_FILE} of the data"
            " folder in a\n  safe place of its own: restoring asks for it. The settings are not in it either."
        )
