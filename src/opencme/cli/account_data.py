"""`opencme account-data`: everything kept about somebody who asked the office for it."""

from __future__ import annotations

import os
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from opencme.cli.accounts import learner_with
from opencme.credit.exporting import data_archive


def _for_me_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@click.command()
@click.argument("address")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The ZIP to write; it must not be there yet.",
)
def command(address: str, output: Path) -> None:
    """Write everything that is kept about the account of ADDRESS into one ZIP.

    The file is readable by you alone. Hand it to nobody but that person, and remove it then.
    """
    archive = data_archive(learner_with(address), folder=settings.OPENCME_DATA_DIR, at=timezone.now())
    try:
        with open(output, "xb", opener=_for_me_alone) as file:
            file.write(archive)
    except FileExistsError as trouble:
        raise click.ClickException(f"{output} is there already. Choose another name.") from trouble
    click.echo(f"{output}: {len(archive):,} bytes.")
