"""Replacing the key that signs: what it signed stays known as ours."""

import os
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.credit.test_render import FACE
from tests.credit.test_signing import key_and_chain

from opencme.credit.render.pdf import certificate_pdf
from opencme.credit.render.signers import (
    RETIRED_NAME,
    NotASigner,
    Signed,
    check_signature,
    current_signer,
    place_signing_key,
    remember_signers,
    replace_signing_key,
    retired_signers,
)
from opencme.credit.render.signing import FILE_NAME, ensure_signing_key, new_key_and_certificate, signed

AT = datetime(2026, 11, 22, 16, 38, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    ensure_signing_key(tmp_path, at=AT)
    return tmp_path


def issued(folder, at=AT):
    pdf = certificate_pdf(FACE, name="Jordan Example", at=at)
    return signed(pdf, key_file=folder / FILE_NAME, reason="Issued by X", at=at)


def verdict(pdf, folder):
    return check_signature(pdf, folder).verdict


def test_old_certificates_stay_known_and_new_ones_are_signed_by_the_new_key(folder):
    old = issued(folder)
    assert verdict(old, folder) is Signed.BY_US
    former, new = replace_signing_key(folder, new_key_and_certificate(AT + timedelta(days=1)))
    assert former != new
    assert verdict(old, folder) is Signed.BY_OUR_FORMER_KEY
    assert verdict(issued(folder), folder) is Signed.BY_US
    assert check_signature(old, folder).signer == former
    assert check_signature(old, folder).signed_at == AT


def test_every_former_key_stays_known(folder):
    files = []
    for day in range(3):
        files.append(issued(folder))
        replace_signing_key(folder, new_key_and_certificate(AT + timedelta(days=day)))
    assert {verdict(one, folder) for one in files} == {Signed.BY_OUR_FORMER_KEY}
    assert len(retired_signers(folder)) == 3


def test_the_former_private_key_is_gone_and_the_new_one_is_private(folder):
    replace_signing_key(folder, new_key_and_certificate(AT))
    assert b"PRIVATE KEY" not in (folder / RETIRED_NAME).read_bytes()
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == [FILE_NAME, RETIRED_NAME]


def test_a_trusted_key_with_its_chain_can_take_over_and_hand_back(folder):
    own = (folder / FILE_NAME).read_bytes()
    trusted = key_and_chain(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    replace_signing_key(folder, trusted)
    assert verdict(issued(folder), folder) is Signed.BY_US
    replace_signing_key(folder, own)
    assert len(retired_signers(folder)) == 1


@pytest.mark.parametrize("given", [b"", b"no key", b"key of another"])
def test_what_is_no_key_with_its_certificate_changes_nothing(folder, given):
    if given == b"key of another":
        key = new_key_and_certificate(AT).split(b"-----BEGIN CERTIFICATE")[0]
        given = key + new_key_and_certificate(AT).partition(b"-----END PRIVATE KEY-----\n")[2]
    before = (folder / FILE_NAME).read_bytes()
    with pytest.raises(NotASigner):
        replace_signing_key(folder, given)
    assert (folder / FILE_NAME).read_bytes() == before
    assert retired_signers(folder) == ()


def test_what_others_signed_is_told_apart(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    ensure_signing_key(elsewhere, at=AT)
    assert verdict(issued(elsewhere), folder) is Signed.BY_OTHERS


def test_a_changed_file_and_one_without_signature_are_told(folder):
    pdf = issued(folder)
    middle = len(pdf) // 3
    assert verdict(pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :], folder) is Signed.CHANGED
    assert verdict(pdf + b"\n% more\n", folder) is Signed.CHANGED
    assert verdict(certificate_pdf(FACE, name="Jordan Example", at=AT), folder) is Signed.NOT
    assert verdict(b"no pdf", folder) is Signed.NOT


def test_a_key_is_named_by_its_certificate(folder):
    assert current_signer(folder).name == "CN=OpenCME certificate signer"
    assert len(current_signer(folder).fingerprint) == 64


def test_another_folder_takes_over_who_signed_before(folder, tmp_path_factory):
    old = issued(folder)
    replace_signing_key(folder, new_key_and_certificate(AT))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    ensure_signing_key(elsewhere, at=AT)
    replace_signing_key(elsewhere, new_key_and_certificate(AT))
    for _ in range(2):
        remember_signers(elsewhere, folder)
    assert verdict(old, elsewhere) is Signed.BY_OUR_FORMER_KEY
    assert len(retired_signers(elsewhere)) == 2


def test_a_key_takes_its_place_whether_or_not_another_is_there(folder, tmp_path_factory):
    old, own = issued(folder), (folder / FILE_NAME).read_bytes()
    place_signing_key(folder, own)
    assert retired_signers(folder) == ()
    (folder / FILE_NAME).write_text("spoiled")
    place_signing_key(folder, own)
    assert verdict(old, folder) is Signed.BY_US
    place_signing_key(folder, new_key_and_certificate(AT))
    assert verdict(old, folder) is Signed.BY_OUR_FORMER_KEY
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    place_signing_key(elsewhere, own)
    assert (verdict(old, elsewhere), retired_signers(elsewhere)) == (Signed.BY_US, ())


def test_a_key_that_signs_again_is_known_however_the_change_is_cut_off(folder):
    own = (folder / FILE_NAME).read_bytes()
    former, _new = replace_signing_key(folder, new_key_and_certificate(AT))
    (folder / FILE_NAME).unlink()
    (folder / f".{RETIRED_NAME}.{os.getpid()}").mkdir()  # where the list would be written
    with pytest.raises(OSError, match="directory"):
        place_signing_key(folder, own)
    assert (current_signer(folder), retired_signers(folder)) == (former, (former,))
