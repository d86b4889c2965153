"""What a start behind a proxy makes of the proxy's headers, in a process with such settings."""

import subprocess
import sys

import pytest
from tests.cli.serving import environment_for

ASK = """
from opencme.cli.ready import ready_django
ready_django()
from allauth.account.adapter import get_adapter
from django.test import RequestFactory
request = RequestFactory().get("/", headers={headers})
print(request.scheme, get_adapter().get_client_ip(request))
"""


@pytest.mark.parametrize(
    ("behind", "proxies", "seen"),
    [
        ("true", "1", "https 203.0.113.7"),
        ("true", "2", "https 198.51.100.1"),
        ("false", "1", "http 127.0.0.1"),
    ],
)
def test_only_a_declared_proxy_is_believed(tmp_path, pytestconfig, behind, proxies, seen):
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7", "X-Forwarded-Proto": "https"}
    environment = environment_for(tmp_path, pytestconfig.rootpath) | {
        "OPENCME_BASE_URL": "https://cme.example.org",
        "OPENCME_BEHIND_PROXY": behind,
        "OPENCME_PROXY_COUNT": proxies,
    }
    asked = subprocess.run(
        [sys.executable, "-c", ASK.format(headers=headers)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert asked.stdout.strip() == seen
