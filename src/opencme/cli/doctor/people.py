"""Whether this runs as who serves, and whether anybody may operate the installation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from opencme.cli.data_folder import owner_of
from opencme.cli.doctor.findings import Finding, fine, warning
from opencme.people.models import User


def examine_account(data: Path) -> Iterator[Finding]:
    """Root may write everywhere, so whatever is found out about files says nothing about the server."""
    if not data.is_dir() or data.stat().st_uid == os.geteuid():
        return
    name = owner_of(data)
    yield warning(
        "account",
        f"{data} belongs to {name}, and this runs as another account.",
        f"Run it again as {name} (runuser -u {name} -- opencme doctor): what is said of files then holds.",
    )


def examine_operators() -> Iterator[Finding]:
    """Somebody must be able to see drafts, findings and failures."""
    count = User.objects.filter(is_staff=True, is_active=True, merged_into=None).count()
    if count:
        yield fine("operators", f"Accounts of operators: {count}.")
    else:
        yield warning("operators", "Nobody may log in as an operator.", "Run `opencme create-operator`.")
