"""Sign certificates, so that a changed file can be told from the one that was issued.

The key is made at first start, with a certificate that vouches for itself: readers will see that the
file was not changed since, and that they do not know the signer. The signature is therefore invisible.
An installation with a trusted certificate puts its key and its chain into the same file.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko_certvalidator.registry import SimpleCertificateStore

from opencme.credit.render.cms import DIGEST, SignatureModel, detached_signature, model_of

FILE_NAME: Final = "certificate-signer.pem"

_YEARS: Final = 20
"""Certificates are looked at long after they were issued; a lapsed signer would only raise questions."""


class SigningKeyUnsafe(Exception):
    """The signing key can be read by others on this machine; its file needs mode 0600."""


def ensure_signing_key(folder: Path, *, at: datetime) -> Path:
    """Return the file with the installation's signing key and certificate; make it when there is none.

    Two processes that start together end with one key: the first to link its file into place wins.
    """
    path = folder / FILE_NAME
    if path.exists():
        return path
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{FILE_NAME}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(new_key_and_certificate(at))
            file.flush()
            os.fsync(file.fileno())
        _link_unless_present(draft, path)
    finally:
        draft.unlink()
    return path


def signed(pdf: bytes, *, key_file: Path, reason: str, at: datetime) -> bytes:
    """Return `pdf` with an invisible signature dated `at` that allows no change afterwards.

    Raises `SigningKeyUnsafe` when others on the machine may read the key.
    """
    stamp = key_file.stat()
    if stamp.st_mode & 0o077:
        raise SigningKeyUnsafe(f"{key_file} can be read by others. Run: chmod 600 {key_file}")
    model = _model(key_file, stamp.st_mtime_ns)
    placeholder = SignatureObject(
        timestamp=at,
        reason=reason,
        subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        # In hexadecimal: two of the file's bytes for each.
        bytes_reserved=2 * model.length,
    )
    mark = SigMDPSetup(md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    steps = PdfCMSEmbedder().write_cms("Signature", _Appender(BytesIO(pdf)))
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=mark))
    prepared, output = steps.send(SigIOSetup(md_algorithm=DIGEST, in_place=True))
    steps.send(detached_signature(model, prepared.document_digest, at=at))
    return bytes(output.getvalue())


class _Appender(IncrementalPdfFileWriter):
    """Appends the signature to the file and nothing else."""

    def _update_meta(self) -> None:
        """Leave the metadata to the typesetter, who dated them; the library would put in the clock's time."""


@lru_cache(maxsize=4)
def _model(key_file: Path, _changed_at: int) -> SignatureModel:
    """Read key and chain once; a replaced file has another time of change."""
    pem = key_file.read_bytes()
    key = serialization.load_pem_private_key(pem, password=None)
    chain = [_as_asn1(certificate) for certificate in x509.load_pem_x509_certificates(pem)]
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(chain[1:])
    signer = signers.SimpleSigner(
        signing_cert=chain[0],
        signing_key=asn1_keys.PrivateKeyInfo.load(
            key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        ),
        cert_registry=store,
    )
    return model_of(signer)


def _as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _link_unless_present(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return


def new_key_and_certificate(at: datetime) -> bytes:
    """A new key and a certificate by which it vouches for itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OpenCME certificate signer")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def _signing_only() -> x509.KeyUsage:
    """Say that the key signs documents (non-repudiation) and nothing else."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
