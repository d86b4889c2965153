"""Whether every file that the database names lies where it should."""

from __future__ import annotations

from collections.abc import Iterator

from opencme.cli.doctor.findings import Finding, fine, trouble
from opencme.media.files import path_of, sha256_of
from opencme.media.models import MediaFile

SUBJECT = "media"
REMEDY = "Restore it from a backup, under the same name; its name is the hash of its content."


def examine_media(*, thorough: bool) -> Iterator[Finding]:
    """Look for each file and its length; with `thorough`, read it and compare its hash."""
    found, bad = 0, []
    for sha256, length in MediaFile.objects.values_list("sha256", "length").iterator():
        path = path_of(sha256)
        if not path.is_file() or path.stat().st_size != length or (thorough and _differs(sha256)):
            bad.append(path)
        found += 1
    if bad:
        yield trouble(
            SUBJECT, f"{len(bad)} of {found} files are missing or damaged, such as {bad[0]}.", REMEDY
        )
    else:
        yield fine(SUBJECT, f"All {found} files are there" + (", each with its hash." if thorough else "."))


def _differs(sha256: str) -> bool:
    with path_of(sha256).open("rb") as stream:
        return sha256_of(stream) != sha256
