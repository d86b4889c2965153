"""The folder through which serving processes share their figures for /metrics."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "opencme-figures-"


@contextmanager
def figures_folder() -> Iterator[Path]:
    """Make the folder, name it in the environment, and remove it afterwards.

    It lies in memory where there is such a place: figures are written at every request, and a full
    disk would end the process that writes them. Folders of servers that were killed are removed.
    """
    place = _place()
    for left in place.glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if not Path(f"/proc/{owner}").exists() and left.stat().st_uid == os.geteuid():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    try:
        yield folder
    finally:
        del os.environ["PROMETHEUS_MULTIPROC_DIR"]
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path:
    """The folder that systemd gives, or the shared memory of Linux, or the temporary folder."""
    of_systemd = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    for candidate in (of_systemd, "/dev/shm"):  # noqa: S108  its folders are ours alone (0700)
        if candidate and os.access(candidate, os.W_OK):
            return Path(candidate)
    return Path(tempfile.gettempdir())
