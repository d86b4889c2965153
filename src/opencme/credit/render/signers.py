"""The keys that sign, and have signed, the certificates of an installation.

A key that is replaced leaves its public certificate behind, so that what it signed can be told from
what somebody else signed, for as long as anybody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from opencme.core.keeping.files import written_whole
from opencme.credit.render.key_files import public_fingerprint
from opencme.credit.render.signing import FILE_NAME

RETIRED_NAME: Final = "certificate-signers-retired.pem"


class NotASigner(Exception):
    """What should be a key with its certificate is none; the message says what is wrong."""


class Signed(StrEnum):
    """What the signature of a file says."""

    NOT = "not signed"
    CHANGED = "changed"
    BY_US = "by us"
    BY_OUR_FORMER_KEY = "by our former key"
    BY_OTHERS = "by others"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, known by its certificate."""

    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """The sha256 of the certificate, as readers of PDF show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def key_fingerprint(self) -> str:
        """The sha256 of the public key, as backups name it."""
        return public_fingerprint(self.certificate.public_key())

    @property
    def name(self) -> str:
        """Whom the certificate names."""
        return self.certificate.subject.rfc4514_string()


@dataclass(frozen=True, slots=True)
class Checked:
    """A file's signature: what it says, whose it is and the date it bears."""

    verdict: Signed
    signer: Signer | None = None
    signed_at: datetime | None = None


def current_signer(folder: Path) -> Signer:
    """The key that signs now. Raises `NotASigner`."""
    return signer_in((folder / FILE_NAME).read_bytes())


def readable_signer(folder: Path) -> Signer | None:
    """The key that signs now; none where it is missing or spoiled."""
    try:
        return current_signer(folder)
    except (FileNotFoundError, NotASigner):
        return None


def retired_signers(folder: Path) -> tuple[Signer, ...]:
    """Those that signed before, oldest first."""
    path = folder / RETIRED_NAME
    pem = path.read_bytes() if path.exists() else b""
    return tuple(Signer(one) for one in x509.load_pem_x509_certificates(pem)) if pem else ()


def replace_signing_key(folder: Path, pem: bytes) -> tuple[Signer, Signer]:
    """Sign from now on by the key in `pem`, which holds its certificates too.

    Returns the former signer and the new one. The former certificate is kept first, so that a power
    cut between leaves it named twice and never lost. Servers that run take the new key by themselves.
    Raises `NotASigner` where either is none.
    """
    former = current_signer(folder)
    return former, place_signing_key(folder, pem)


def place_signing_key(folder: Path, pem: bytes) -> Signer:
    """Sign by the key in `pem` from now on, whether or not there is one that it replaces.

    Whoever signed until now stays known, where that can be read. One that signs again is let go from the
    former ones last: a power cut between leaves it named twice and never lost. Raises `NotASigner` where
    `pem` is none.
    """
    new = signer_in(pem)
    if former := readable_signer(folder):
        remember_signer(folder, former)
    with written_whole(folder / FILE_NAME) as draft:
        draft.write_bytes(pem)
    known = retired_signers(folder)
    if new in known:
        _write_retired(folder, tuple(one for one in known if one != new))
    return new


def set_key_aside(folder: Path, name: str) -> Path | None:
    """Give the key's file a second name, which it keeps where another takes its place; none where none is."""
    place = folder / FILE_NAME
    if not place.exists():
        return None
    aside = place.with_name(f"{FILE_NAME}.{name}")
    aside.hardlink_to(place)
    return aside


def remember_signer(folder: Path, former: Signer) -> None:
    """Keep one among those that signed before, as the newest."""
    _write_retired(folder, (*(one for one in retired_signers(folder) if one != former), former))


def remember_signers(folder: Path, others: Path) -> None:
    """Take over the former signers that another folder knows: nothing that was signed is forgotten."""
    known = retired_signers(folder)
    more = [one for one in retired_signers(others) if one not in known]
    if more:
        _write_retired(folder, (*known, *more))


def check_signature(pdf: bytes, folder: Path) -> Checked:
    """What the signature of a PDF says: whether it is whole, and whether a key of ours made it."""
    embedded = _signature_in(pdf)
    if embedded is None:
        return Checked(Signed.NOT)
    signer, status = _signer_of(embedded), _status_of(embedded)
    verdict = _whose(signer, folder) if _is_whole(status) else Signed.CHANGED
    return Checked(verdict, signer, status.signer_reported_dt)


def signer_of(pdf: bytes) -> Signer | None:
    """Who signed a PDF; none where nobody did, or it was changed since. No key of ours is looked at."""
    embedded = _signature_in(pdf)
    return _signer_of(embedded) if embedded and _is_whole(_status_of(embedded)) else None


def _signature_in(pdf: bytes) -> EmbeddedPdfSignature | None:
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
    except (PdfError, ValueError):
        return None
    return signatures[-1] if signatures else None


def _signer_of(embedded: EmbeddedPdfSignature) -> Signer:
    return Signer(x509.load_der_x509_certificate(embedded.signer_cert.dump()))


def _status_of(embedded: EmbeddedPdfSignature) -> PdfSignatureStatus:
    return validate_pdf_signature(embedded, _trusting(embedded.signer_cert))


def _is_whole(status: PdfSignatureStatus) -> bool:
    return status.intact and status.valid and status.coverage is SignatureCoverageLevel.ENTIRE_FILE


def _trusting(certificate: asn1_x509.Certificate) -> ValidationContext:
    """Whom we trust is decided by `_whose`; here only the bytes are judged, on the day of signing."""
    moment = certificate["tbs_certificate"]["validity"]["not_before"].native
    return ValidationContext(trust_roots=[certificate], moment=moment, allow_fetching=False)


def _whose(signer: Signer, folder: Path) -> Signed:
    if signer.fingerprint == current_signer(folder).fingerprint:
        return Signed.BY_US
    former = {one.fingerprint for one in retired_signers(folder)}
    return Signed.BY_OUR_FORMER_KEY if signer.fingerprint in former else Signed.BY_OTHERS


def _write_retired(folder: Path, signers: tuple[Signer, ...]) -> None:
    with written_whole(folder / RETIRED_NAME, mode=0o644) as draft:
        draft.write_bytes(b"".join(_pem(one) for one in signers))


def _pem(signer: Signer) -> bytes:
    return signer.certificate.public_bytes(serialization.Encoding.PEM)


def signer_in(pem: bytes) -> Signer:
    """The key in `pem`, by its certificate. Raises `NotASigner`."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificates(pem)[0]
    except (ValueError, TypeError, UnsupportedAlgorithm) as trouble:
        raise NotASigner(
            "It must hold a key without a password, and its certificate, both as PEM."
        ) from trouble
    if public_fingerprint(key.public_key()) != public_fingerprint(certificate.public_key()):
        raise NotASigner("Its first certificate belongs to another key.")
    return Signer(certificate)
