import click
import pytest

from opencme.cli.demo import claim_folder, remove_data


def test_a_new_folder_is_made_for_its_owner_alone(tmp_path):
    claim_folder(tmp_path / "demo")
    assert (tmp_path / "demo").stat().st_mode & 0o777 == 0o700


def test_a_folder_of_the_demonstration_is_taken_again(tmp_path):
    claim_folder(tmp_path / "demo")
    (tmp_path / "demo" / "opencme.sqlite3").touch()
    claim_folder(tmp_path / "demo")


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(click.ClickException, match="holds other files"):
        claim_folder(tmp_path)
    with pytest.raises(click.ClickException, match="nothing was removed"):
        remove_data(tmp_path)
    assert (tmp_path / "thesis.docx").exists()


def test_reset_removes_its_folder_and_nothing_else(tmp_path):
    claim_folder(tmp_path / "demo")
    remove_data(tmp_path / "demo")
    assert list(tmp_path.iterdir()) == []
