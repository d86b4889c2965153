"""`opencme rotate-signing-key`: another key for certificates; what the former one signed stays known."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from opencme.cli.data_folder import refuse_other_account
from opencme.credit.operations.signing_key import remember_lost_signer
from opencme.credit.render.signers import (
    RETIRED_NAME,
    NotASigner,
    Signer,
    place_signing_key,
    readable_signer,
    replace_signing_key,
    set_key_aside,
    signer_in,
)
from opencme.credit.render.signing import FILE_NAME, new_key_and_certificate


@click.command()
@click.option(
    "--with",
    "given",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with a key and its certificates, as PEM; left out, a key is made.",
)
@click.option("--lost", is_flag=True, help="The former key is gone or spoiled, and nobody has it.")
def command(given: Path | None, *, lost: bool) -> None:
    """Sign certificates by another key from now on. What was signed before stays as it is, and known."""
    folder = Path(settings.OPENCME_DATA_DIR)
    refuse_other_account()
    pem = given.read_bytes() if given else new_key_and_certificate(timezone.now())
    try:
        former, new = _replace_lost(folder, pem) if lost else replace_signing_key(folder, pem)
    except FileNotFoundError as trouble:
        raise click.ClickException(
            f"{folder} holds no signing key, so there is none to replace. The first start makes one; where"
            " one was lost, --lost goes on with another."
        ) from trouble
    except NotASigner as trouble:
        raise click.ClickException(f"Nothing was changed. {trouble}") from trouble
    click.echo(f"Certificates are signed by {new.name} from now on.\n  key {new.key_fingerprint}")
    _say_former(former)
    click.echo("Servers that run take the new key by themselves. Make a backup that has it.")


def _replace_lost(folder: Path, pem: bytes) -> tuple[Signer | None, Signer]:
    """Go on with another key where none can be read; who signed before is found by what was signed.

    That is asked first: with the key in its place and the database away, nobody would ask again. What
    cannot be read may yet be mended, so it is set aside. Raises `NotASigner`.
    """
    if readable_signer(folder):
        message = f"{folder / FILE_NAME} holds the key that signs. Leave --lost out. Nothing was changed."
        raise click.ClickException(message)
    new = signer_in(pem)
    former = remember_lost_signer(folder)
    if aside := set_key_aside(folder, f"{timezone.now():before_%Y%m%dT%H%M%SZ}"):
        click.echo(f"The file that was there could not sign. It is kept as {aside}")
    place_signing_key(folder, pem)
    return (None if former == new else former), new


def _say_former(former: Signer | None) -> None:
    if former is None:
        return
    click.echo(
        f"Before, by {former.name}, which stays known in {RETIRED_NAME}.\n  key {former.key_fingerprint}"
    )
