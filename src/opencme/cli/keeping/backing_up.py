"""Make a backup while the installation serves."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
from django.conf import settings
from django.db import connection

from opencme import __version__
from opencme.cli.keeping.manifest import FILE_NAME as MANIFEST
from opencme.cli.keeping.manifest import (
    FORMAT,
    DatabaseCopy,
    Manifest,
    SigningKey,
    read_manifest,
    write_manifest,
)
from opencme.core.databases.errors import DatabaseTrouble
from opencme.core.keeping.contents import Contents, contents_of
from opencme.core.keeping.databases import database_beside, sqlite_file
from opencme.core.keeping.files import sha256_of_file, sync, written_whole
from opencme.core.keeping.last_backup import LastBackup, backups_of, remember_last_backup
from opencme.core.keeping.postgresql import ToolFailed, ToolMissing, dump_postgresql
from opencme.core.keeping.snapshots import snapshot
from opencme.core.keeping.sqlite import CopyDamaged, copy_sqlite
from opencme.credit.render.key_files import fingerprint_of
from opencme.credit.render.signers import remember_signers
from opencme.credit.render.signing import FILE_NAME as KEY_FILE
from opencme.media.keeping import KeptFile, copy_media, media_named_in, missing_media

MAKING = ".making-"
ROOM_TO_SPARE = 64 * 1024 * 1024


class NoBackupMade(Exception):
    """No backup was made, and the older ones stand; the message says why, and what to do."""


class FolderInUse(Exception):
    """Another backup is being made in the same folder; the message names it."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: its folder, what it says of itself, and the bytes that it took."""

    folder: Path
    manifest: Manifest
    length: int


def backups_folder() -> Path:
    """Where backups go unless somebody says otherwise."""
    return backups_of(Path(settings.OPENCME_DATA_DIR))


def make_backup(*, to: Path, with_key: bool, at: datetime) -> Backup:
    """Copy database and media into a new folder of `to`; complete, or not there at all.

    The database is copied first: whatever file its copy names was kept before. Raises `NoBackupMade`.
    """
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone_in(to):
            backup = _made(to, with_key=with_key, at=at)
    except (FolderInUse, ToolMissing, ToolFailed, DatabaseTrouble) as trouble:
        raise NoBackupMade(str(trouble)) from trouble
    except CopyDamaged as trouble:
        message = (
            f"The database is damaged: {trouble}.\nStop the server and restore the newest backup:"
            " `opencme restore FOLDER --replace` sets the damaged file aside as it is."
        )
        raise NoBackupMade(message) from trouble
    except (OSError, sqlite3.Error) as trouble:
        message = f"{trouble}. Mend that, or name another folder with --to."
        raise NoBackupMade(message) from trouble
    _note(backup)
    return backup


def prune_backups(folder: Path, *, keep: int, spare: Path | None = None) -> tuple[Path, ...]:
    """Remove all backups but the newest `keep` and `spare`, then the media files that no other names.

    Raises `NoBackup` where one that stays cannot be read, and `FolderInUse`; then nothing is removed.
    """
    with _alone_in(folder):  # files that are copied just now are named by no manifest yet
        return _pruned(folder, keep=keep, spare=spare)


def _pruned(folder: Path, *, keep: int, spare: Path | None) -> tuple[Path, ...]:
    found = sorted(_finished_in(folder), reverse=True)
    kept = [backup for place, backup in enumerate(found) if place < keep or backup == spare]
    named = {file.sha256 for backup in kept for file in read_manifest(backup).media}
    removed = tuple(backup for backup in found if backup not in kept)
    for backup in removed:
        shutil.rmtree(backup)
    for file in (folder / "media").glob("??/*"):
        if file.name not in named:
            file.unlink()
    return removed


def _finished_in(folder: Path) -> Iterator[Path]:
    for manifest in folder.glob(f"*/{MANIFEST}"):
        if not manifest.parent.name.startswith("."):
            yield manifest.parent


@contextmanager
def _alone_in(to: Path) -> Iterator[None]:
    """Let nobody else make a backup meanwhile, and clear away what one that was killed left behind.

    Raises `FolderInUse`.
    """
    with (to / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as trouble:
            raise FolderInUse(f"Another one is being made in {to}. Wait for its end.") from trouble
        for remains in to.glob(f"{MAKING}*"):
            shutil.rmtree(remains)
        yield


def _made(to: Path, *, with_key: bool, at: datetime) -> Backup:
    folder = _free_name(to, at)
    draft = folder.with_name(MAKING + folder.name)
    draft.mkdir(mode=0o700)
    try:
        backup = _fill(draft, to, with_key=with_key, at=at)
        sync(draft)
        draft.replace(folder)
        sync(to)
    except BaseException:
        shutil.rmtree(draft)
        raise
    return Backup(folder, backup.manifest, backup.length)


def _note(backup: Backup) -> None:
    """Note the backup for whoever watches. Where that fails it is made all the same."""
    last = LastBackup(backup.manifest.made_at, backup.folder, backup.length)
    try:
        remember_last_backup(Path(settings.OPENCME_DATA_DIR), last)
    except OSError as trouble:
        message = f"The backup is made, but not noted: {trouble}. `opencme doctor` does not know of it."
        click.secho(message, fg="yellow", err=True)


def _fill(draft: Path, to: Path, *, with_key: bool, at: datetime) -> Backup:
    _refuse_full_disk(to)
    click.echo("Copying the database ...")
    database, contents, files = _copy_database(draft)
    new = missing_media(files, to / "media")
    click.echo(f"Copying media: {len(new)} of {len(files)} files are new ...")
    copied = copy_media(files, source=Path(settings.MEDIA_ROOT), target=to / "media")
    manifest = Manifest(
        format=FORMAT,
        program=__version__,
        made_at=at,
        database=database,
        contents=contents,
        media=files,
        wanting=copied.wanting,
        signing_key=_signing_key(draft, with_key=with_key),
    )
    write_manifest(manifest, draft)
    return Backup(draft, manifest, database.length + copied.length)


def _copy_database(draft: Path) -> tuple[DatabaseCopy, Contents, tuple[KeptFile, ...]]:
    if connection.vendor == "sqlite":
        copy = draft / "database.sqlite3"
        copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), copy)
        with database_beside(sqlite_file(copy)) as beside:
            contents, files = contents_of(beside), media_named_in(beside)
    else:
        copy = draft / "database.dump"
        with snapshot():
            contents, files = contents_of(), media_named_in("default")
            dump_postgresql(copy)
    said = DatabaseCopy(connection.vendor, copy.name, copy.stat().st_size, sha256_of_file(copy))
    return said, contents, files


def _signing_key(draft: Path, *, with_key: bool) -> SigningKey | None:
    data = Path(settings.OPENCME_DATA_DIR)
    key = data / KEY_FILE
    if not key.exists():
        return None
    remember_signers(draft, data)
    if with_key:
        with written_whole(draft / KEY_FILE) as copy:
            shutil.copyfile(key, copy)
    return SigningKey(fingerprint_of(key), KEY_FILE if with_key else "")


def _refuse_full_disk(to: Path) -> None:
    """What a copy takes at most must fit; a dump has no indexes, and is compressed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            if connection.vendor == "sqlite"
            else "SELECT pg_database_size(current_database()) / 2"
        )
        (length,) = cursor.fetchone()
    needed = length + sum(f.length for f in missing_media(media_named_in("default"), to / "media"))
    free = shutil.disk_usage(to).free
    if free < needed + ROOM_TO_SPARE:
        message = (
            f"{to} has {free / 1e6:,.0f} MB free, and the backup may take {needed / 1e6:,.0f} MB."
            " Make room, or name another folder with --to."
        )
        raise NoBackupMade(message)


def _free_name(to: Path, at: datetime) -> Path:
    name = f"{at:%Y-%m-%dT%H%M%SZ}"
    taken = {entry.name for entry in to.iterdir()}
    while name in taken:
        name += "-again"
    return to / name
