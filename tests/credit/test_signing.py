"""The signature that tells a changed file from the one that was issued."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from tests.credit.test_render import FACE

from opencme.credit.render.pdf import certificate_pdf
from opencme.credit.render.signing import SigningKeyUnsafe, ensure_signing_key, signed

AT = datetime(2026, 11, 22, 16, 38, tzinfo=UTC)


def signed_certificate(folder):
    pdf = certificate_pdf(FACE, name="Jordan Example", at=AT)
    return signed(pdf, key_file=ensure_signing_key(folder, at=AT), reason="Issued by X", at=AT)


def status_of(pdf):
    signature = PdfFileReader(BytesIO(pdf)).embedded_signatures[0]
    context = ValidationContext(trust_roots=[signature.signer_cert], moment=AT)
    return validate_pdf_signature(signature, context)


def key_and_chain(key):
    """A key with the certificate of its own and two of issuers, as a trusted signer hands them out."""
    chain = []
    for place, name in enumerate(("Signer", "Issuing authority " * 3, "Root authority " * 3)):
        title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name.strip())])
        made = (
            x509.CertificateBuilder()
            .subject_name(title)
            .issuer_name(title)
            .public_key(key.public_key())
            .serial_number(place + 1)
            .not_valid_before(AT - timedelta(days=1))
            .not_valid_after(AT + timedelta(days=900))
            .add_extension(signing_only, critical=True)
            .sign(key, hashes.SHA256())
        )
        chain.append(made.public_bytes(Encoding.PEM))
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + b"".join(chain)


signing_only = x509.KeyUsage(
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


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    first = ensure_signing_key(tmp_path / "new", at=AT)
    text = first.read_bytes()

    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert ensure_signing_key(tmp_path / "new", at=AT).read_bytes() == text
    assert [path.name for path in (tmp_path / "new").iterdir()] == [first.name]


def test_processes_that_start_together_end_with_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(lambda _: ensure_signing_key(tmp_path, at=AT).read_bytes(), range(16)))

    assert len(texts) == 1


def test_a_signature_covers_the_whole_file_and_its_date_is_ours(tmp_path):
    status = status_of(signed_certificate(tmp_path))

    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.signer_reported_dt == AT


def test_a_changed_file_is_told_apart(tmp_path):
    pdf = bytearray(signed_certificate(tmp_path))
    pdf[len(pdf) // 3] ^= 1

    assert not status_of(bytes(pdf)).intact


def test_the_signature_is_invisible_and_the_file_stays_small_and_at_1_7(tmp_path):
    pdf = signed_certificate(tmp_path)
    field = PdfFileReader(BytesIO(pdf)).embedded_signatures[0].sig_field

    assert list(field["/Rect"]) == [0, 0, 0, 0]
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/Version /2.0" not in pdf
    assert len(pdf) < 200_000


def test_what_the_typesetter_wrote_stays_as_it_is(tmp_path):
    drawn = certificate_pdf(FACE, name="Jordan Example", at=AT)
    done = signed_certificate(tmp_path)
    metadata = PdfFileReader(BytesIO(drawn)).root["/Metadata"].data

    assert done.startswith(drawn)
    assert PdfFileReader(BytesIO(done)).root["/Metadata"].data == metadata


def test_signatures_of_one_key_say_each_its_own(tmp_path):
    key = ensure_signing_key(tmp_path, at=AT)
    for name, at in (("Jordan Example", AT), ("Ada Longername", AT + timedelta(days=400))):
        pdf = certificate_pdf(FACE, name=name, at=at)
        status = status_of(signed(pdf, key_file=key, reason="Issued by X", at=at))

        assert (status.intact, status.valid, status.signer_reported_dt) == (True, True, at)


def test_a_signature_says_what_the_library_would_say_in_strict_encoding(tmp_path):
    signature = PdfFileReader(BytesIO(signed_certificate(tmp_path))).embedded_signatures[0]
    stored = signature.pkcs7_content.rstrip(b"\0")
    parts = cms.ContentInfo.load(stored, strict=True)

    assert parts.dump(force=True) == stored
    assert len(parts["content"]["certificates"]) == 1
    assert {one["type"].native for one in signature.signer_info["signed_attrs"]} == {
        "content_type",
        "message_digest",
        "signing_time",
        "signing_certificate_v2",
        "cms_algorithm_protection",
    }


@pytest.mark.parametrize(
    "kind", [lambda: rsa.generate_private_key(65537, 2048), lambda: ec.generate_private_key(ec.SECP384R1())]
)
def test_a_trusted_key_of_another_kind_signs_with_its_chain(tmp_path, kind):
    key = tmp_path / "trusted.pem"
    key.write_bytes(key_and_chain(kind()))
    key.chmod(0o600)
    pdf = certificate_pdf(FACE, name="Jordan Example", at=AT)
    done = signed(pdf, key_file=key, reason="Issued by X", at=AT)
    signature = PdfFileReader(BytesIO(done)).embedded_signatures[0]

    assert (status_of(done).intact, status_of(done).valid) == (True, True)
    assert len(signature.other_embedded_certs) == 2


def test_a_key_that_others_can_read_is_refused(tmp_path):
    key = ensure_signing_key(tmp_path, at=AT)
    key.chmod(0o640)

    with pytest.raises(SigningKeyUnsafe, match="chmod 600"):
        signed(b"", key_file=key, reason="", at=AT)
