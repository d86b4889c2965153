"""The signature that tells a changed file from the one that was issued."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO

import pytest
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


def test_a_key_that_others_can_read_is_refused(tmp_path):
    key = ensure_signing_key(tmp_path, at=AT)
    key.chmod(0o640)

    with pytest.raises(SigningKeyUnsafe, match="chmod 600"):
        signed(b"", key_file=key, reason="", at=AT)
