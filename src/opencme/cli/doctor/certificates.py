"""Whether certificates can be drawn and signed, and by the key that signed the earlier ones."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from opencme.cli.doctor.findings import Finding, fine, trouble, warning
from opencme.credit.operations.signing_key import IF_IT_IS_LOST, WHERE_IT_IS_KEPT, was_anything_signed
from opencme.credit.render.face import CertificateFace, empty_face
from opencme.credit.render.fonts import FONT_FOLDER
from opencme.credit.render.pdf import certificate_pdf
from opencme.credit.render.signers import NotASigner, current_signer
from opencme.credit.render.signing import FILE_NAME, signed

SOON = timedelta(days=60)


def examine_certificates(*, at: datetime) -> Iterator[Finding]:
    """Draw a specimen, then sign it."""
    begun = time.perf_counter()
    if not any(FONT_FOLDER.glob("*.ttf")):
        yield trouble("fonts", f"There is no font in {FONT_FOLDER}.", "Install OpenCME again.")
        return
    try:
        drawn = certificate_pdf(_specimen(), name="Jordan Example", at=at)
    except Exception as error:  # noqa: BLE001  whatever the typesetter says, the remedy is one
        yield trouble(
            "fonts", f"No certificate can be drawn: {error}.", "Install OpenCME and its parts again."
        )
        return
    yield fine("fonts", f"A certificate was drawn in {(time.perf_counter() - begun) * 1000:.0f} ms.")
    yield from examine_key(Path(settings.OPENCME_DATA_DIR), drawn=drawn, at=at)


def examine_key(folder: Path, *, drawn: bytes, at: datetime) -> Iterator[Finding]:
    """Whether the key in the data folder is there, is ours alone, fits its certificate, and signs."""
    path = folder / FILE_NAME
    if not path.is_file():
        yield _missing(path)
        return
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield trouble(
            "keys",
            f"{path} can be read by others, so nothing is signed.",
            f"Run chmod 600 {path}; if somebody may have read it, use another key.",
        )
        return
    try:
        certificate = current_signer(folder).certificate
        signed(drawn, key_file=path, reason="opencme doctor", at=at)
    except (NotASigner, OSError, ValueError, IndexError, StopIteration) as error:
        yield trouble(
            "keys",
            f"{path} does not sign: {str(error).rstrip('.')}.",
            f"It must hold the key, then its certificate, both as PEM. Restore it {WHERE_IT_IS_KEPT}.",
        )
        return
    ends = certificate.not_valid_after_utc
    if ends < at + SOON:
        yield warning(
            "keys",
            f"The certificate that signs ends on {ends:%Y-%m-%d}.",
            "Get another for the same key and put it in its place in the file; what was signed stays valid.",
        )
    else:
        yield fine("keys", f"{path.name} signs; its certificate is good until {ends:%Y-%m-%d}.")


def _missing(path: Path) -> Finding:
    if was_anything_signed():
        return trouble(
            "keys",
            f"{path} is missing, although certificates were signed: nothing is signed, and no server starts.",
            f"Restore it {WHERE_IT_IS_KEPT}. {IF_IT_IS_LOST}",
        )
    return fine("keys", "There is no key yet that signs certificates; the first start makes it.")


def _specimen() -> CertificateFace:
    return replace(
        empty_face("0000-0000-0000-0"),
        language="en",
        heading="Certificate",
        specimen_tag="SPECIMEN - NO CREDIT",
        provider="OpenCME doctor",
        title="Certificates can be drawn",
        verify_url="https://example.org/",
        qr_description="Nothing to see here",
    )
