"""`opencme check-signature`: whether a certificate's file is the one that was issued here."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings

from opencme.credit.render.signers import Signed, check_signature

WORDS = {
    Signed.NOT: "is no PDF with a signature",
    Signed.CHANGED: "was changed after it was signed",
    Signed.BY_US: "is as it was signed, by this installation",
    Signed.BY_OUR_FORMER_KEY: "is as it was signed, by this installation with a former key",
    Signed.BY_OTHERS: "is as it was signed, but not by this installation",
}
GOOD = (Signed.BY_US, Signed.BY_OUR_FORMER_KEY)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Say whether FILE is a certificate as it was signed here; status 1 where it is not.

    Whether the certificate still stands is a question for its code, at /verify/.
    """
    checked = check_signature(file.read_bytes(), Path(settings.OPENCME_DATA_DIR))
    click.echo(f"{file.name} {WORDS[checked.verdict]}.")
    if checked.signer and checked.signed_at:
        click.echo(
            f"  {checked.signed_at:%Y-%m-%d %H:%M %Z}, {checked.signer.name}\n"
            f"  key {checked.signer.key_fingerprint}\n"
            f"  certificate {checked.signer.fingerprint}"
        )
    if checked.verdict not in GOOD:
        raise SystemExit(1)
