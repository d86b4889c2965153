"""What was acknowledged is there after `kill -9`, in the middle of a test."""

import http.cookiejar
import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request
import uuid

import pytest
from tests.cli.serving import Served, environment_for, run

pytestmark = pytest.mark.sqlite


@pytest.fixture
def installation(tmp_path, pytestconfig):
    """A database with one activity and a learner who has a password."""
    root = pytestconfig.rootpath
    environment = environment_for(tmp_path, root)
    assert run(environment, "migrate").returncode == 0
    users = tmp_path / "users.json"
    subprocess.run(
        [sys.executable, root / "bench/seed.py", "--participations=0", "--learners=1", f"--users={users}"],
        env=environment,
        check=True,
        timeout=120,
    )
    return environment, json.loads(users.read_text())[0]


class Browser:
    """Just enough of one: cookies, forms and redirects."""

    def __init__(self, base):
        self.base = base
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def open(self, address, data=None, **headers):
        request = urllib.request.Request(urllib.parse.urljoin(self.base, address), data, headers)
        with self.opener.open(request, timeout=20) as answer:
            self.at = answer.url
            self.page = answer.read().decode()
        return self.page

    def hidden(self, name):
        return re.search(rf'name="{name}" value="([^"]+)"', self.page)[1]

    def submit(self, address, **fields):
        fields["csrfmiddlewaretoken"] = self.hidden("csrfmiddlewaretoken")
        return self.open(address, urllib.parse.urlencode(fields).encode())


def begin_test(served, learner):
    """Log in, start, and open the pre-test; the address and the attempt to save answers to."""
    browser = Browser(served.url)
    browser.open("/accounts/login/")
    browser.submit("/accounts/login/", login=learner["username"], password=learner["password"])
    browser.open("/activities/b8d5f6a2-31f4-4c39-9c0e-8f1f8d0a7b01/x/")
    browser.open(browser.at + "start/")
    browser.submit(browser.at, block=browser.hidden("block"))
    assert browser.at.endswith("/pre-test/"), browser.at
    return browser, browser.at, browser.hidden("attempt")


def test_every_acknowledged_answer_survives(installation):
    environment, learner = installation
    acknowledged = {}
    with Served(environment) as served:
        browser, address, attempt = begin_test(served, learner)
        token = json.loads(browser.open("/csrf/"))["token"]
        for n in range(1, 25):
            item, value = f"pre-q{1 + n % 10}", [f"o{1 + n % 4}"]
            sent = {"attempt": attempt, "item": item, "value": value, "n": n, "age_ms": 0}
            headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
            kept = json.loads(browser.open(address + "save/", json.dumps(sent).encode(), **headers))
            acknowledged[item] = kept["value"]
        served.kill()
    assert len(acknowledged) == 10
    with Served(environment) as served:
        again, _, same = begin_test(served, learner)
        assert uuid.UUID(same) == uuid.UUID(attempt)
        checked = re.findall(r'name="item-(pre-q\d+)" value="(o\d)"[^>]* checked', again.page)
    assert {item: [value] for item, value in checked} == acknowledged
