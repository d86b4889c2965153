"""`opencme rotate-signing-key --lost`: what can be kept of a key that cannot sign any more is kept."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from tests.factories.credit import certified

from opencme.cli.rotate_signing_key import command
from opencme.credit.operations import certificate_pdf_of
from opencme.credit.render.signers import RETIRED_NAME, current_signer, readable_signer, retired_signers
from opencme.credit.render.signing import FILE_NAME

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 16, 38, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path, settings):
    """A data folder whose key has signed a certificate."""
    settings.OPENCME_DATA_DIR = tmp_path
    certificate_pdf_of(certificate=certified(), folder=tmp_path, at=AT)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def spoiled(folder):
    """Spoil the key; who signed by it, and what is in the file now."""
    key = folder / FILE_NAME
    signer, whole = current_signer(folder), key.read_bytes()
    key.write_bytes(whole.replace(b"PRIVATE KEY", b"PRIVATE KEYS"))
    return signer, key.read_bytes()


def test_a_key_that_is_spoiled_is_set_aside(folder):
    _signer, held = spoiled(folder)
    replaced = run("--lost")
    assert replaced.exit_code == 0
    (aside,) = folder.glob(f"{FILE_NAME}.before_*")
    assert (aside.read_bytes(), aside.stat().st_mode & 0o077) == (held, 0)
    assert str(aside) in replaced.output


def test_while_the_database_is_away_nothing_is_changed(folder, django_db_blocker):
    signer, held = spoiled(folder)
    with django_db_blocker.block():
        assert run("--lost").exit_code == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {FILE_NAME: held}
    assert run("--lost").exit_code == 0
    assert retired_signers(folder) == (signer,)
    assert readable_signer(folder) not in (None, signer)


def test_what_cannot_sign_either_changes_nothing(folder, tmp_path_factory):
    _signer, held = spoiled(folder)
    given = tmp_path_factory.mktemp("given") / "key.pem"
    given.write_text("no key")
    refused = run("--lost", "--with", given)
    assert (refused.exit_code, "Nothing was changed." in refused.output) == (1, True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {FILE_NAME: held}


def test_a_lost_key_that_is_given_again_signs_and_is_no_former_one(folder, tmp_path_factory):
    given = tmp_path_factory.mktemp("given") / "key.pem"
    given.write_bytes((folder / FILE_NAME).read_bytes())
    signer, _held = spoiled(folder)
    replaced = run("--lost", "--with", given)
    assert (replaced.exit_code, "which stays known" in replaced.output) == (0, False)
    assert (current_signer(folder), retired_signers(folder)) == (signer, ())
    assert (folder / RETIRED_NAME).read_bytes() == b""
