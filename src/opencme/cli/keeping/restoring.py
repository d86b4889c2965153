"""Put a backup in the place of an installation's database and files."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.db import connection, connections

from opencme.cli.data_folder import other_account
from opencme.cli.keeping.manifest import Manifest, SigningKey, read_manifest
from opencme.core.append_only import missing_triggers
from opencme.core.databases.errors import StorageFailed
from opencme.core.databases.server_lock import hold_database, holder_of
from opencme.core.keeping.audit import AuditReport, verify_audit
from opencme.core.keeping.contents import Contents, contents_of
from opencme.core.keeping.databases import database_beside, sqlite_file
from opencme.core.keeping.files import sha256_of_file, written_whole
from opencme.core.keeping.migrations import known
from opencme.core.keeping.postgresql import alone_in_database, restore_dump
from opencme.core.keeping.snapshots import snapshot
from opencme.core.keeping.sqlite import is_in_use, put_in_place
from opencme.credit.operations.signing_key import remember_lost_signer
from opencme.credit.render.key_files import fingerprint_of
from opencme.credit.render.signers import (
    NotASigner,
    place_signing_key,
    readable_signer,
    remember_signers,
    retired_signers,
    set_key_aside,
    signer_in,
)
from opencme.credit.render.signing import FILE_NAME as KEY_FILE
from opencme.credit.render.signing import new_key_and_certificate
from opencme.media.keeping import KeptFile, copy_media, missing_media


class CannotRestore(Exception):
    """Nothing was changed; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A backup that was looked at and found good, and what goes where.

    `key`: the file with the key to sign by from then on, which may lie in its place already; none where
    the backup knows of none, or its key is lost (`new_key`).
    """

    folder: Path
    manifest: Manifest
    key: Path | None
    at: datetime
    new_key: bool

    @property
    def aside(self) -> str:
        """What names all that is set aside."""
        return f"{self.at:before_%Y%m%dT%H%M%SZ}"

    @property
    def copy(self) -> Path:
        """The copy of the database in the backup."""
        return self.folder / self.manifest.database.file

    @property
    def pool(self) -> Path:
        """Where the backup's media files lie, shared with the backups beside it."""
        return self.folder.parent / "media"


@dataclass(frozen=True, slots=True)
class Standing:
    """A database that stands where a backup is to go; without contents where it is too damaged to be read."""

    contents: Contents | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What stands now, next to what the backup says."""

    said: Contents
    found: Contents
    audit: AuditReport
    triggers: tuple[str, ...]
    media: tuple[KeptFile, ...]
    is_behind: bool

    @property
    def is_whole(self) -> bool:
        """Whether everything that was backed up is there again, and nothing else."""
        return self.said == self.found and not (self.audit.broken or self.triggers or self.media)


def plan_restore(folder: Path, *, key: Path | None, new_key: bool, at: datetime) -> Plan:
    """Look at a backup without changing anything. Raises `CannotRestore`, `NoBackup`, `NotAKey`."""
    manifest = read_manifest(folder)
    _refuse_other_kind(manifest)
    _refuse_later_release(manifest)
    found = None if new_key else _key_for(manifest, folder, key)
    plan = Plan(folder, manifest, found, at, new_key=new_key)
    _refuse_damaged(plan)
    return plan


def standing_database() -> Standing | None:
    """What the installation's database holds now; none when there is no database yet."""
    if connection.vendor == "sqlite" and not _sqlite_place().exists():
        return None
    try:
        with snapshot():
            contents = contents_of()
    except StorageFailed:
        return Standing(None)
    return Standing(contents) if contents.rows else None


@contextmanager
def held_still(command: str, *, at: datetime) -> Iterator[None]:
    """Let no server or worker start meanwhile, and on PostgreSQL no command open the database either.

    What would end the process interrupts it instead, so that what stood can be put back. Raises
    `CannotRestore` while a server, a worker or a command has the database open, and to an account
    other than the one that the data folder belongs to.
    """
    connections.close_all()
    if words := other_account():
        raise CannotRestore(words)
    held = _held_sqlite(command, at=at) if connection.vendor == "sqlite" else _held_postgresql()
    with _interrupted_at_the_end(), held:
        yield


@contextmanager
def _interrupted_at_the_end() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP where a terminal goes away, do what Ctrl-C does."""
    is_interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  the signature of a handler
        nonlocal is_interrupted
        if not is_interrupted:  # they often come together, and the second would break off the putting back
            is_interrupted = True
            raise KeyboardInterrupt

    # What `nohup` lets go on goes on.
    ends = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) != signal.SIG_IGN]
    former = {one: signal.signal(one, interrupt) for one in ends}
    try:
        yield
    finally:
        for one, handler in former.items():
            signal.signal(one, handler)


@contextmanager
def _held_sqlite(command: str, *, at: datetime) -> Iterator[None]:
    _refuse_users(_who_uses_sqlite())
    place = _sqlite_place()
    place.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    lock = hold_database(place, address=f"`opencme {command}`", at=at)
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def _held_postgresql() -> Iterator[None]:
    with alone_in_database() as is_alone:
        _refuse_users("" if is_alone else "Others have the database open.")
        yield


def _refuse_users(who: str) -> None:
    if who:
        raise CannotRestore(
            f"{who} Stop the server and its workers (`systemctl stop 'opencme-worker@*' opencme`),"
            " then try again."
        )


def _who_uses_sqlite() -> str:
    place = _sqlite_place()
    server = holder_of(place) if place.exists() else None
    if server:
        return f"{place} is served by process {server.pid} at {server.address}."
    return _who_has_open(place)


def _who_has_open(place: Path) -> str:
    return f"Some program has {place} open." if place.exists() and is_in_use(place) else ""


def _refuse_users_since(arrived: Path) -> None:
    """Refuse commands that came after the first look.

    The last of them would remove the log of what is put in place, which has the name of their own.
    """
    who = _who_has_open(_sqlite_place())
    if who:
        arrived.unlink()
    _refuse_users(who)


def restore(plan: Plan) -> Restored:
    """Put database, media and key in their places, and compare with what the backup says.

    The caller holds the database still. What stood there is set aside, never removed. Raises
    `CannotRestore`.
    """
    try:
        copy_media(plan.manifest.media, source=plan.pool, target=Path(settings.MEDIA_ROOT))
        arrived = _arrived(plan) if connection.vendor == "sqlite" else None
    except OSError as trouble:
        raise CannotRestore(f"{trouble}. What stands was not touched.") from trouble
    connections.close_all()  # one that is open would close files by names that are others' by then
    if arrived:
        _refuse_users_since(arrived)
        put_in_place(arrived, _sqlite_place(), aside=_aside_place(plan))
    else:
        restore_dump(plan.copy, aside=plan.aside)
    _place_key(plan)
    connections.close_all()
    return compare(plan.manifest)


def compare(manifest: Manifest) -> Restored:
    """Read everything again from where the server will read it."""
    with snapshot():
        found = contents_of()
    is_behind = bool(known().difference(found.migrations))
    return Restored(
        said=manifest.contents,
        found=found,
        audit=verify_audit(),
        # Triggers are made by migrating: those of an earlier release are not what this program would make.
        triggers=() if is_behind else missing_triggers(),
        media=_lost_since(manifest, Path(settings.MEDIA_ROOT)),
        is_behind=is_behind,
    )


def set_aside_in(plan: Plan) -> str:
    """Where the database goes that stood there before, in words."""
    if connection.vendor == "sqlite":
        return str(_aside_place(plan))
    return f"the schema {plan.aside} of the same database"


def _sqlite_place() -> Path:
    return Path(settings.DATABASES["default"]["NAME"]).resolve()


def _aside_place(plan: Plan) -> Path:
    place = _sqlite_place()
    return place.with_name(f"{place.stem}-{plan.aside}{place.suffix}")


def _arrived(plan: Plan) -> Path:
    """The copy of the database beside its place, found to hold what the manifest says."""
    place = _sqlite_place()
    arrived = place.with_name(f".{place.name}.restoring")
    with written_whole(arrived) as draft:
        shutil.copyfile(plan.copy, draft)
    with database_beside(sqlite_file(arrived)) as beside:
        found = contents_of(beside)
    if found != plan.manifest.contents:
        arrived.unlink()
        message = (
            f"{plan.copy} does not hold what its manifest says. Nothing was changed. Use another backup."
        )
        raise CannotRestore(message)
    return arrived


def _place_key(plan: Plan) -> None:
    """Put the key of the plan in its place; a key that it replaces is set aside, and its signatures known."""
    place = Path(settings.OPENCME_DATA_DIR) / KEY_FILE
    remember_signers(place.parent, plan.folder)
    pem = _key_to_place(plan, place)
    if pem is not None:
        set_key_aside(place.parent, plan.aside)
        place_signing_key(place.parent, pem)
    if plan.new_key:
        remember_lost_signer(place.parent)


def _key_to_place(plan: Plan, place: Path) -> bytes | None:
    """The key to put there; none where what is there stays."""
    if plan.new_key:
        return None if readable_signer(place.parent) else new_key_and_certificate(plan.at)
    return None if plan.key is None or plan.key == place else plan.key.read_bytes()


def _refuse_other_kind(manifest: Manifest) -> None:
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    made_of = manifest.database.vendor
    if made_of != connection.vendor:
        message = (
            f"The backup is of {names.get(made_of, made_of)}, and OPENCME_DATABASE_URL names"
            f" {names[connection.vendor]}. Restore it to {names.get(made_of, made_of)}; from SQLite,"
            " `opencme move-to-postgres` goes on to PostgreSQL."
        )
        raise CannotRestore(message)


def _refuse_later_release(manifest: Manifest) -> None:
    unknown = set(manifest.contents.migrations) - known()
    if unknown:
        message = (
            f"The backup was made by OpenCME {manifest.program}, whose tables this program does not know"
            f" ({', '.join(sorted(unknown)[:3])}). Install that version, then restore."
        )
        raise CannotRestore(message)


def _refuse_damaged(plan: Plan) -> None:
    said = plan.manifest.database
    if not plan.copy.is_file() or sha256_of_file(plan.copy) != said.sha256:
        message = f"{plan.copy} is missing or is not the file that was backed up. Use another backup."
        raise CannotRestore(message)
    gone = set(_lost_since(plan.manifest, plan.pool))
    lacking = [file for file in _lost_since(plan.manifest, Path(settings.MEDIA_ROOT)) if file in gone]
    if lacking:
        message = (
            f"Media files are missing ({len(lacking)}), such as {lacking[0].sha256}. They belong into"
            f" {plan.pool}, beside the backup: copy that folder too."
        )
        raise CannotRestore(message)


def _lost_since(manifest: Manifest, folder: Path) -> tuple[KeptFile, ...]:
    """The files that were good when the backup was made, and that a folder lacks now."""
    lacking = missing_media(manifest.media, folder)
    return tuple(file for file in lacking if file.sha256 not in manifest.wanting)


def _key_for(manifest: Manifest, folder: Path, given: Path | None) -> Path | None:
    wanted = manifest.signing_key
    if wanted is None:
        return None
    place = Path(settings.OPENCME_DATA_DIR) / KEY_FILE
    if given and _holds(given, wanted):
        return given
    here = readable_signer(place.parent)
    if here and here.key_fingerprint == wanted.fingerprint:
        return place
    if _was_retired_here(wanted):
        if here is None:
            raise CannotRestore(_words_about_successor(place, given))
        return place
    in_backup = folder / wanted.file
    if wanted.file and in_backup.is_file() and _holds(in_backup, wanted):
        return in_backup
    raise CannotRestore(_words_about_key(wanted, given))


def _holds(file: Path, wanted: SigningKey) -> bool:
    """Whether it is the key that is wanted, and can sign."""
    if fingerprint_of(file) != wanted.fingerprint:
        return False
    try:
        signer_in(file.read_bytes())
    except NotASigner as trouble:
        raise CannotRestore(f"{file} cannot sign. {trouble}") from trouble
    return True


def _was_retired_here(wanted: SigningKey) -> bool:
    """Whether it was replaced here since the backup; then it signs again only where its file is named."""
    retired = retired_signers(Path(settings.OPENCME_DATA_DIR))
    return any(one.key_fingerprint == wanted.fingerprint for one in retired)


def _about_given(given: Path | None) -> str:
    return f"{given} holds another key. " if given else ""


def _words_about_successor(place: Path, given: Path | None) -> str:
    return (
        f"{_about_given(given)}The key of the backup was replaced here since, and {place}, with the one"
        " that signs in its stead, cannot be read.\n"
        "Put that file back. If it is lost for good, --new-key goes on with another. The key of the backup\n"
        "signs again only where its file is named with --signing-key."
    )


def _words_about_key(wanted: SigningKey, given: Path | None) -> str:
    return (
        f"{_about_given(given)}This installation signs certificates with the key whose public half has the"
        f" sha256 {wanted.fingerprint}, and that key is not in the backup.\n"
        "Name its file with --signing-key. If it is lost for good, --new-key goes on with another: what was"
        "\nsigned stays as it is, and later certificates are signed by a key that nobody knows."
    )
