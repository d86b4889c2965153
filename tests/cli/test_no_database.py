import pytest
from tests.cli.serving import environment_for, run

pytestmark = pytest.mark.sqlite


def test_a_command_without_a_database_says_how_to_get_one(tmp_path, pytestconfig):
    environment = environment_for(tmp_path / "missing", pytestconfig.rootpath)
    result = run(
        environment, "create-operator", "--email=a@example.org", "--name=A", "--password=a long odd one"
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "`opencme migrate` makes it" in result.stderr


def test_an_empty_database_is_said_too(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath)
    result = run(
        environment, "create-operator", "--email=a@example.org", "--name=A", "--password=a long odd one"
    )
    assert result.returncode == 1
    assert "no such table" in result.stderr
    assert "brings it up to date" in result.stderr


def test_a_file_that_is_no_database_is_said_with_the_way_back(tmp_path, pytestconfig):
    (tmp_path / "opencme.sqlite3").write_text("This was a database before somebody sorted its lines. " * 100)
    result = run(environment_for(tmp_path, pytestconfig.rootpath), "migrate")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "restore the last backup: `opencme restore FOLDER --replace`" in result.stderr
