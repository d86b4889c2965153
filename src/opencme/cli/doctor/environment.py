"""Whether the settings are there, safe, and spelled as the program reads them."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from opencme.cli.doctor.findings import Finding, fine, trouble, warning
from opencme.cli.safety import CHECKS, refusals

SUBJECT = "settings"

# Read by `make` and the tests, not by the program.
_OF_DEVELOPERS = frozenset(
    {
        "OPENCME_BROWSER_SITE",
        "OPENCME_POSTGRESQL_PID",
        "OPENCME_POSTGRESQL_URL",
        "OPENCME_REQUIRE_ALL",
        "OPENCME_SCREENSHOTS",
        "OPENCME_TEST_DATABASE_URL",
    }
)


def examine_values(environment: Mapping[str, str]) -> Iterator[Finding]:
    """What `opencme serve` would refuse to start with."""
    refused = refusals(environment)
    for refusal in refused:
        yield trouble(SUBJECT, f"{refusal.setting} {refusal.problem}.", " ".join(refusal.remedy.split()))
    if not refused:
        yield fine(SUBJECT, f"All {len(CHECKS)} settings that `serve` looks at are safe.")


def examine_file(path: Path) -> Iterator[Finding]:
    """The file has the keys and passwords of the installation."""
    if path.stat().st_mode & stat.S_IRWXO:
        yield trouble(
            SUBJECT,
            f"Everybody on this machine can read {path}, which holds keys and passwords.",
            f"Run chmod o= {path}; if others may have read it, change them.",
        )


def examine_names(environment: Mapping[str, str], *, known: Iterable[str]) -> Iterator[Finding]:
    """Names that begin as ours and that nothing reads: mostly a slip of the pen."""
    names = frozenset(known)
    for name in sorted(environment):
        if not name.startswith("OPENCME_") or name in names | _OF_DEVELOPERS:
            continue
        close = difflib.get_close_matches(name, names, n=1)
        remedy = f"Did you mean {close[0]}?" if close else "Remove it; docs/operation.md lists the settings."
        yield warning(SUBJECT, f"{name} is set, and nothing reads it.", remedy)
