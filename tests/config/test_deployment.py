"""What Django says of the settings that an installation runs with."""

import subprocess
import sys

import pytest
from tests.cli.serving import environment_for

ASK = """
from opencme.cli.ready import ready_django
ready_django()
from django.conf import settings
from django.test import Client
from opencme.web.plain_answers import PlainAnswer
arrived = {"Host": "cme.example.org", "X-Forwarded-Proto": "https"}
answer = Client().get("/csrf/", secure=True, headers=arrived)
for morsel in answer.cookies.values():
    print(morsel.OutputString())
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY)
def start(status, headers):
    print(sorted(dict(headers)))
list(PlainAnswer.BUSY.answer({"REQUEST_METHOD": "GET", "HTTP_ACCEPT": "application/json"}, start))
print(sorted(set(answer.headers) - {"Content-Length"}))
print(answer.headers["Strict-Transport-Security"])
"""


@pytest.fixture
def environment(tmp_path, pytestconfig):
    return environment_for(tmp_path, pytestconfig.rootpath) | {
        "DJANGO_SETTINGS_MODULE": "opencme.config.settings",
        "OPENCME_BASE_URL": "https://cme.example.org",
        "OPENCME_BEHIND_PROXY": "true",
    }


def run(environment, *arguments):
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.sqlite  # these read settings and no database
def test_djangos_own_check_of_a_deployment_finds_nothing(environment):
    result = run(environment, "-m", "django", "check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr
    assert "(2 silenced)" in result.stdout + result.stderr


@pytest.mark.sqlite
def test_cookies_and_headers_are_those_of_an_encrypted_site(environment):
    result = run(environment | {"OPENCME_DATABASE_URL": "sqlite:///unused"}, "-c", ASK)
    csrf, session, busy, page, hsts = result.stdout.splitlines()
    assert csrf.startswith("__Host-opencme_csrf=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(csrf.split("; "))
    assert session == "__Host-opencme_session True True"
    for headers in (busy, page):
        assert "'Content-Security-Policy'" in headers
        assert "'Strict-Transport-Security'" in headers
        assert "'X-Content-Type-Options'" in headers
        assert "'X-Frame-Options'" in headers
        assert "'Referrer-Policy'" in headers
        assert "'Cross-Origin-Opener-Policy'" in headers
    assert hsts.startswith("max-age=31536000")
