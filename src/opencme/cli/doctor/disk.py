"""Whether there is room, whether it can be written to, and how long safe writing takes."""

from __future__ import annotations

import errno
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from opencme.cli.doctor.findings import Finding, fine, size, trouble, warning

SUBJECT = "disk"
LITTLE_ROOM = 2 * 1024**3
NO_ROOM = 256 * 1024**2
FEW_FILES = 10_000
SLOW_SECONDS = 0.05


def examine_disk(folders: Iterable[Path]) -> Iterator[Finding]:
    """Each disk once, however many of the folders lie on it; each folder tried by writing."""
    seen: set[int] = set()
    for folder in folders:
        if not folder.is_dir():
            continue
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield room(folder, free=shutil.disk_usage(folder).free, files=_free_files(folder))
        yield from _tried(folder)


def room(folder: Path, *, free: int, files: int | None) -> Finding:
    """Judge the room that is left; `files` is None where the file system does not count them."""
    if free < NO_ROOM:
        return trouble(
            SUBJECT,
            f"Only {size(free)} are left for {folder}; when it is full, nobody can answer or claim.",
            "Make room at once, or move the folder to a larger disk.",
        )
    if files is not None and files < FEW_FILES:
        return trouble(
            SUBJECT,
            f"Only {files} more files fit on the disk of {folder}.",
            "Remove files from it; many small ones are the usual cause (df -i).",
        )
    if free < LITTLE_ROOM:
        return warning(
            SUBJECT, f"{size(free)} are left for {folder}.", "Make room, or move the folder to a larger disk."
        )
    return fine(SUBJECT, f"{size(free)} are left for {folder}.")


def _free_files(folder: Path) -> int | None:
    found = os.statvfs(folder)
    return found.f_favail if found.f_files else None


def _tried(folder: Path) -> Iterator[Finding]:
    try:
        seconds = statistics.median(_seconds_of_a_safe_write(folder) for _ in range(5))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return  # said before
        yield trouble(
            SUBJECT,
            f"{folder} cannot be written to ({error.strerror}).",
            "Run this as the account that serves; if it is that one, give it the folder (chown).",
        )
        return
    said = f"A safe write in {folder} takes {seconds * 1000:.1f} ms."
    if seconds > SLOW_SECONDS:
        yield warning(
            SUBJECT, f"{said} Every saved answer waits for one.", "Use a local disk, best with flash memory."
        )
    else:
        yield fine(SUBJECT, said)


def _seconds_of_a_safe_write(folder: Path) -> float:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
        begun = time.perf_counter()
        file.write(b"x" * 4096)
        file.flush()
        os.fsync(file.fileno())
        return time.perf_counter() - begun
