import pytest
from click.testing import CliRunner
from tests.cli.serving import environment_for, run

from opencme.cli import main
from opencme.cli.settings_file import SettingsFileRefused, read_settings_file


def test_what_systemd_reads_is_read_alike(tmp_path):
    path = tmp_path / "opencme.env"
    path.write_text("# ours\n; too\n\nA=1\n B = two words \nC='x=y'\nD=\"CME Office <a@b.c>\"\nE=\n")
    assert read_settings_file(path) == {
        "A": "1",
        "B": "two words",
        "C": "x=y",
        "D": "CME Office <a@b.c>",
        "E": "",
    }


def test_a_line_that_is_no_setting_is_named(tmp_path):
    path = tmp_path / "opencme.env"
    path.write_text("A=1\nexport B=2\n")
    with pytest.raises(SettingsFileRefused, match=r"Line 2 of .* is no setting"):
        read_settings_file(path)


def test_a_file_that_is_not_there_is_said():
    result = CliRunner().invoke(main, ["--settings", "/nowhere/opencme.env", "doctor"])
    assert result.exit_code == 1
    assert "/nowhere/opencme.env cannot be read (No such file or directory)" in result.output


def test_a_command_runs_with_the_settings_of_a_file(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath)
    names = [name for name in environment if name.startswith("OPENCME_")]
    path = tmp_path / "opencme.env"
    path.write_text("".join(f"{name}={environment.pop(name)}\n" for name in names))
    result = run(environment, "--settings", str(path), "doctor", "--no-network")
    assert "settings that `serve` looks at are safe." in result.stdout
