"""The key that signs certificates when it is missing, was replaced, or comes back with a backup."""

import pytest
from tests.cli.serving import Served, free_port

from opencme.credit.render.signers import Signed, check_signature, current_signer, retired_signers
from opencme.credit.render.signing import FILE_NAME as KEY_FILE


def signed_files(installation):
    """The PDFs that were signed in the installation."""
    with installation.connected() as connection:
        rows = connection.execute("SELECT pdf FROM credit_certificatefile ORDER BY id").fetchall()
    return [bytes(pdf) for (pdf,) in rows]


@pytest.mark.sqlite  # it is the same on both, and a server takes seconds to start
def test_without_the_key_nothing_is_served_until_it_is_back_or_known_to_be_lost(installation):
    key = installation.folder / KEY_FILE
    key.unlink()
    refused = installation.run("serve", "--port", free_port())
    assert refused.returncode == 1
    assert f"{key} is missing, although certificates were signed. Restore it" in refused.stderr
    assert not key.exists()
    unsure = installation.run("rotate-signing-key")
    assert (unsure.returncode, key.exists()) == (1, False)
    replaced = installation.run("rotate-signing-key", "--lost")
    assert replaced.returncode == 0, replaced.stderr
    (signed,) = signed_files(installation)
    assert check_signature(signed, installation.folder).verdict is Signed.BY_OUR_FORMER_KEY
    assert retired_signers(installation.folder)[0].key_fingerprint in replaced.stdout
    with Served(installation.environment) as served:
        assert served.health == 200


def test_a_key_that_signs_is_not_taken_for_lost(installation):
    before = current_signer(installation.folder)
    refused = installation.run("rotate-signing-key", "--lost")
    assert refused.returncode == 1
    assert "Leave --lost out." in refused.stderr
    assert current_signer(installation.folder) == before
