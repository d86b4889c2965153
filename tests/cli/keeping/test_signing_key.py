"""The key that signs certificates when it is missing, was replaced, or comes back with a backup."""

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.serving import Served, free_port

from opencme.credit.render.signers import Signed, check_signature, current_signer, retired_signers, signer_in
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
    assert refused.stderr.startswith(
        f"Error: {key} is missing, although certificates were signed. Restore it"
    )
    assert "Traceback" not in refused.stderr
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


def backed_up(installation, *options):
    """Make a backup; its folder."""
    made = installation.run("backup", *options)
    assert made.returncode == 0, made.stderr
    return Path(json.loads((installation.folder / "backups" / "last.json").read_text())["path"])


def rotated(installation):
    """Sign by another key; the former one and this."""
    former = current_signer(installation.folder)
    assert installation.run("rotate-signing-key").returncode == 0
    return former, current_signer(installation.folder)


@pytest.mark.parametrize("with_key", [(), ("--with-key",)])
def test_a_backup_brings_no_key_back_that_was_replaced_since(installation, with_key):
    folder = backed_up(installation, *with_key)
    former, new = rotated(installation)
    restored = installation.run("restore", folder, "--replace", "--yes")
    assert restored.returncode == 0, restored.stderr
    assert current_signer(installation.folder) == new
    assert retired_signers(installation.folder) == (former,)


def test_a_backup_brings_no_key_back_that_was_replaced_by_one_that_is_lost(installation):
    folder = backed_up(installation, "--with-key")
    former, _new = rotated(installation)
    key = installation.folder / KEY_FILE
    key.unlink()
    refused = installation.run("restore", folder, "--replace", "--yes")
    assert (refused.returncode, key.exists()) == (1, False)
    assert "--signing-key" in refused.stderr
    restored = installation.run("restore", folder, "--replace", "--yes", "--new-key")
    assert restored.returncode == 0, restored.stderr
    assert current_signer(installation.folder) != former
    assert former in retired_signers(installation.folder)


def test_the_former_key_signs_again_where_its_file_is_named(installation, tmp_path):
    folder = backed_up(installation)
    shutil.copy2(installation.folder / KEY_FILE, tmp_path / "former.pem")
    former, new = rotated(installation)
    asked = ("--replace", "--yes", "--signing-key", tmp_path / "former.pem")
    restored = installation.run("restore", folder, *asked)
    assert restored.returncode == 0, restored.stderr
    assert current_signer(installation.folder) == former
    assert retired_signers(installation.folder) == (new,)


def test_a_key_that_a_backup_replaces_stays_known(installation):
    first = current_signer(installation.folder)
    folder = backed_up(installation, "--with-key")
    (installation.folder / KEY_FILE).unlink()
    assert installation.run("rotate-signing-key", "--lost").returncode == 0
    other = current_signer(installation.folder)
    assert installation.run("restore", folder, "--replace", "--yes").returncode == 0
    assert current_signer(installation.folder) == first
    assert other in retired_signers(installation.folder)
    (aside,) = installation.folder.glob(f"{KEY_FILE}.before_*")
    assert signer_in(aside.read_bytes()) == other


def test_with_a_lost_key_a_new_one_goes_on_and_the_old_signatures_stay_known(installation, empty):
    folder = backed_up(installation)
    (signed,) = signed_files(installation)
    restored = empty.run("restore", folder, "--new-key")
    assert restored.returncode == 0, restored.stderr
    assert current_signer(empty.folder) != current_signer(installation.folder)
    assert check_signature(signed, empty.folder).verdict is Signed.BY_OUR_FORMER_KEY


def test_a_key_that_cannot_sign_is_refused_before_anything_is_changed(installation, empty, tmp_path):
    folder = backed_up(installation)
    alone = tmp_path / "alone.pem"
    alone.write_text((installation.folder / KEY_FILE).read_text().partition("-----BEGIN CERT")[0])
    refused = empty.run("restore", folder, "--signing-key", alone)
    assert refused.returncode == 1
    assert "cannot sign" in refused.stderr
    assert not (empty.folder / KEY_FILE).exists()


def test_an_upgrade_is_undone_although_its_key_is_lost_or_elsewhere(old, tmp_path):
    former = current_signer(old.folder)
    assert old.run("upgrade").returncode == 0
    (old.folder / KEY_FILE).rename(tmp_path / "elsewhere.pem")
    assert "Name its file with --signing-key." in old.run("upgrade", "--undo", "--yes").stderr
    note = (old.folder / "backups" / "before-upgrade.json").read_text()
    undone = old.run("upgrade", "--undo", "--yes", "--signing-key", tmp_path / "elsewhere.pem")
    assert undone.returncode == 0, undone.stderr
    assert current_signer(old.folder) == former
    (old.folder / KEY_FILE).unlink()
    (old.folder / "backups" / "before-upgrade.json").write_text(note)
    undone = old.run("upgrade", "--undo", "--yes", "--new-key")
    assert undone.returncode == 0, undone.stderr
    assert current_signer(old.folder) != former
