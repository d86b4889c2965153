"""The key that signs for an installation is made once; one that is lost is not replaced in silence."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.credit import certified

from opencme.credit.operations import certificate_pdf_of
from opencme.credit.operations.signing_key import SigningKeyMissing, remember_lost_signer, signing_key_file
from opencme.credit.render.signers import Signed, check_signature, current_signer, retired_signers
from opencme.credit.render.signing import FILE_NAME, ensure_signing_key

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 16, 38, tzinfo=UTC)


def test_it_is_made_where_nothing_was_signed_yet(tmp_path):
    certified()
    path = signing_key_file(tmp_path, at=AT)
    assert path == tmp_path / FILE_NAME
    made = path.read_bytes()
    with CaptureQueriesContext(connection) as queries:
        assert signing_key_file(tmp_path, at=AT).read_bytes() == made
    assert len(queries) == 0


def test_where_certificates_were_signed_no_other_is_made(tmp_path):
    certificate_pdf_of(certificate=certified(), folder=tmp_path, at=AT)
    (tmp_path / FILE_NAME).unlink()
    with pytest.raises(SigningKeyMissing, match="is missing, although certificates were signed"):
        signing_key_file(tmp_path, at=AT)
    with pytest.raises(SigningKeyMissing, match="rotate-signing-key --lost"):
        certificate_pdf_of(certificate=certified(), folder=tmp_path, at=AT)
    assert list(tmp_path.iterdir()) == []


def test_what_was_signed_tells_who_signed_it(tmp_path):
    assert remember_lost_signer(tmp_path) is None
    pdf = certificate_pdf_of(certificate=certified(), folder=tmp_path, at=AT)
    lost = current_signer(tmp_path)
    assert remember_lost_signer(tmp_path) is None
    (tmp_path / FILE_NAME).unlink()
    ensure_signing_key(tmp_path, at=AT + timedelta(days=1))
    assert check_signature(pdf, tmp_path).verdict is Signed.BY_OTHERS
    assert remember_lost_signer(tmp_path) == lost
    assert check_signature(pdf, tmp_path).verdict is Signed.BY_OUR_FORMER_KEY
    assert remember_lost_signer(tmp_path) is None
    assert retired_signers(tmp_path) == (lost,)
