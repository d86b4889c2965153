"""The key that signs for an installation: made where nothing was signed yet, and never in silence again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from opencme.credit.models import CertificateFile
from opencme.credit.render.signers import (
    Signer,
    readable_signer,
    remember_signer,
    retired_signers,
    signer_of,
)
from opencme.credit.render.signing import FILE_NAME, ensure_signing_key

WHERE_IT_IS_KEPT: Final = (
    f"from the safe place where {FILE_NAME} is kept, or from a backup made with `opencme backup --with-key`"
)
IF_IT_IS_LOST: Final = (
    "If it is lost for good, `opencme rotate-signing-key --lost` goes on with another; what was signed"
    " stays as it is."
)


class SigningKeyMissing(Exception):
    """Certificates were signed, and the key is not where it should be; the message says what to do."""


def signing_key_file(folder: Path, *, at: datetime) -> Path:
    """Return the file with the key; make it where nothing was signed yet.

    Asks the database only where the file is missing. Raises `SigningKeyMissing`: a key made then would sign
    from now on, and nobody would look for the one that signed before.
    """
    path = folder / FILE_NAME
    # Looked for once more: meanwhile another may have made the first key, and signed.
    if not path.exists() and was_anything_signed() and not path.exists():
        raise SigningKeyMissing(
            f"{path} is missing, although certificates were signed. Restore it {WHERE_IT_IS_KEPT}; where"
            f" several machines serve, they share one data folder. {IF_IT_IS_LOST}"
        )
    return ensure_signing_key(folder, at=at)


def was_anything_signed() -> bool:
    """Whether a certificate's file was ever signed here."""
    return CertificateFile.objects.exists()


def remember_lost_signer(folder: Path) -> Signer | None:
    """Keep who signed the newest file among the former signers; none where the folder knows them already.

    What the database keeps was signed here: a key that was lost leaves its certificate in there. Nothing is
    asked of the folder's key, which may be missing.
    """
    newest = CertificateFile.objects.order_by("-pk").values_list("pdf", flat=True).first()
    signer = signer_of(bytes(newest)) if newest else None
    if signer is None or signer in (readable_signer(folder), *retired_signers(folder)):
        return None
    remember_signer(folder, signer)
    return signer
