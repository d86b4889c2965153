"""What Django says of the settings that an installation runs with."""

import subprocess
import sys

import pytest
from tests.cli.serving import environment_for


@pytest.mark.sqlite  # it reads settings and no database
def test_djangos_own_check_of_a_deployment_finds_nothing(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath) | {
        "DJANGO_SETTINGS_MODULE": "opencme.config.settings",
        "OPENCME_BASE_URL": "https://cme.example.org",
        "OPENCME_BEHIND_PROXY": "true",
    }
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "(2 silenced)" in result.stdout + result.stderr
