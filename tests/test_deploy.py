"""The examples in deploy/, read by the programs they are for."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from opencme.cli.registry import COMMANDS
from opencme.cli.safety import refusals
from opencme.cli.settings_file import read_settings_file
from opencme.credit.render.signing import new_key_and_certificate

# Servers of Debian lie where only root looks for programs.
PATH = f"{os.environ['PATH']}:/usr/sbin"


@pytest.fixture
def deploy(pytestconfig):
    return pytestconfig.rootpath / "deploy"


def run(*command, cwd):
    found = shutil.which(command[0], path=PATH)
    return subprocess.run(
        [found, *command[1:]], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


def need(program):
    if shutil.which(program, path=PATH) is None:
        pytest.skip(f"{program} is not installed")


@pytest.fixture
def units(deploy, tmp_path):
    """The units, with a program that is there in place of the one they name."""
    for unit in (deploy / "systemd").iterdir():
        text = unit.read_text().replace("/opt/opencme/.venv/bin/opencme", sys.executable)
        (tmp_path / unit.name).write_text(text)
    return tmp_path


def test_systemd_takes_the_units(units):
    need("systemd-analyze")
    names = [unit.name.replace("@.", "@1.") for unit in units.iterdir()]
    verified = run("systemd-analyze", "verify", "--man=no", *names, cwd=units)
    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_units_give_away_little(units):
    need("systemd-analyze")
    for unit in units.glob("*.service"):
        examined = run(
            "systemd-analyze", "security", "--offline=true", "--threshold=20", unit.name, cwd=units
        )
        assert examined.returncode == 0, examined.stdout


def test_the_units_call_commands_that_are_there(deploy):
    called = set()
    for unit in (deploy / "systemd").glob("*.service"):
        called |= set(
            re.findall(r"^ExecStart=/opt/opencme/.venv/bin/opencme (\S+)", unit.read_text(), re.MULTILINE)
        )
    assert called == {"serve", "worker", "backup", "doctor"}
    assert called <= set(COMMANDS)


def test_nginx_takes_its_site(deploy, tmp_path):
    need("nginx")
    pem = tmp_path / "key-and-certificate.pem"
    pem.write_bytes(new_key_and_certificate(datetime(2026, 11, 22, tzinfo=UTC)))
    site = (deploy / "nginx" / "opencme.conf").read_text()
    site = re.sub(r"ssl_certificate /\S+;", f"ssl_certificate {pem};", site)
    site = re.sub(r"ssl_certificate_key /\S+;", f"ssl_certificate_key {pem};", site)
    (tmp_path / "site.conf").write_text(site)
    paths = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {paths} include {tmp_path}/site.conf; }}\n"
    )
    tested = run("nginx", "-t", "-c", str(tmp_path / "nginx.conf"), cwd=tmp_path)
    assert tested.returncode == 0, tested.stderr


def test_caddy_takes_its_file(deploy, tmp_path):
    need("caddy")
    adapted = run("caddy", "adapt", "--config", str(deploy / "caddy" / "Caddyfile"), cwd=tmp_path)
    assert adapted.returncode == 0, adapted.stderr
    assert "not formatted" not in adapted.stderr


def test_the_example_of_settings_lacks_the_secret_alone(deploy, tmp_path):
    settings = read_settings_file(deploy / "opencme.env.example") | {"OPENCME_DATA_DIR": str(tmp_path)}
    assert [refusal.setting for refusal in refusals(settings)] == ["OPENCME_SECRET_KEY"]
