"""Commands that write into the data folder are for the account that it belongs to."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.factories.packages import a_package

from opencme.cli import import_package, migrate, rotate_signing_key
from opencme.cli.data_folder import owner_of
from opencme.cli.keeping.restoring import CannotRestore, held_still

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAMELESS = 4_000_000


@pytest.fixture
def others(tmp_path, settings):
    """A data folder of another account: root can make one, everybody else has /usr."""
    folder = tmp_path / "data"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, NAMELESS, -1)
    else:
        folder = Path("/usr")
    settings.OPENCME_DATA_DIR = folder
    return folder


@pytest.mark.parametrize("command", [rotate_signing_key.command, migrate.command])
def test_another_account_is_refused(command, others):
    before = sorted(others.iterdir())
    refused = CliRunner().invoke(command)
    assert refused.exit_code == 1
    assert f"{others} belongs to {owner_of(others)}. Run this as that account" in refused.output
    assert sorted(others.iterdir()) == before


def test_an_import_by_another_account_is_refused_and_a_trial_is_not(others, tmp_path, db):
    package = str(a_package(tmp_path))
    refused = CliRunner().invoke(import_package.command, [package])
    assert refused.exit_code == 1
    assert "belongs to" in refused.output
    tried = CliRunner().invoke(import_package.command, [package, "--dry-run", "--create-provider"])
    assert "belongs to" not in tried.output
    assert "Dry run: nothing was written." in tried.output


def test_nothing_is_held_still_for_another_account(others):
    with pytest.raises(CannotRestore, match="belongs to"), held_still("restore", at=AT):
        pass


def test_an_account_without_a_name_here_is_told_by_its_number(others):
    if os.geteuid() == 0:
        assert owner_of(others) == str(NAMELESS)
    else:
        assert owner_of(others) == "root"
