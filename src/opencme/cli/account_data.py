"""`opencme account-data`: everything kept about somebody who asked the office for it."""

from __future__ import annotations

import os
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from opencme.cli.accounts import learner_named
from opencme.credit.exporting import data_archive
from opencme.credit.operations.signing_key import SigningKeyMissing


def _for_me_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@click.command()
@click.argument("account")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The ZIP to write; it must not be there yet.",
)
def command(account: str, output: Path) -> None:
    """Write everything that is kept about the person of ACCOUNT into one ZIP.

    ACCOUNT is the confirmed address of an open account, the UUID of any, or the code of a certificate, which
    leads to its person's account also after that was closed and blanked. Where an address was never
    confirmed, or its account was closed not long ago, this command names the UUID.

    A code is there to be shown, and an address that was never confirmed may be somebody else's: neither says
    who is asking. The file is readable by you alone. Hand it to nobody but that person, and remove it then.
    """
    learner = learner_named(account)
    try:
        archive = data_archive(learner, folder=settings.OPENCME_DATA_DIR, at=timezone.now())
    except SigningKeyMissing as refusal:
        raise click.ClickException(f"{refusal} Nothing was written.") from refusal
    try:
        with open(output, "xb", opener=_for_me_alone) as file:
            file.write(archive)
    except FileExistsError as trouble:
        raise click.ClickException(f"{output} is there already. Choose another name.") from trouble
    click.echo(f"{output}: {len(archive):,} bytes.")
