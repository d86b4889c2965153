"""Browser tests: the demonstration as it is served, in Debian's Chromium.

With OPENCME_SCREENSHOTS=FOLDER each state that is looked at is kept there as a picture.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.browser.site import Site

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items):
    """All of them share one server, hence one worker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if not Path(CHROMIUM).exists():
                item.add_marker(pytest.mark.skip(reason="Chromium is missing: apt-get install chromium"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """`opencme demo` on a free port, with data of its own.

    With OPENCME_BROWSER_SITE=ADDRESS,FOLDER a demonstration that is served already is used.
    """
    if served := os.environ.get("OPENCME_BROWSER_SITE"):
        address, _, data = served.partition(",")
        yield Site(address, data=Path(data))
        return
    folder = tmp_path_factory.mktemp("demonstration")
    port = free_port()
    log = (folder / "server.log").open("w+")
    command = [sys.executable, "-m", "opencme", "demo", "--port", str(port), "--data", str(folder / "data")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    address = f"http://localhost:{port}"
    deadline = time.monotonic() + 120
    while not is_up(address):
        if process.poll() is not None or time.monotonic() > deadline:
            log.seek(0)
            pytest.fail(f"the demonstration did not start:\n{log.read()}")
        time.sleep(0.2)
    yield Site(address, data=folder / "data")
    process.terminate()
    process.wait(timeout=30)
    log.close()


@pytest.fixture(scope="session")
def chromium():
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Playwright's loop runs in this thread as long as the browser, and Django would not read a row.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
        )
        yield browser
        browser.close()


class Complaints(list):
    """What the browser complained about: broken scripts and what the content policy stopped."""

    def listen(self, page):
        page.on("pageerror", lambda error: self.append(f"script: {error}"))
        page.on("console", self._console)

    def _console(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.append(f"console: {message.text}")


@pytest.fixture
def open_browser(chromium):
    """Contexts, each a browser of its own; at the end none of them has complained."""
    complaints = Complaints()
    contexts = []

    def open_one(**options):
        context = chromium.new_context(**{"viewport": PHONE, "locale": "en-US", **options})
        context.set_default_timeout(10_000)
        context.on("page", complaints.listen)
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_browser):
    """One page on a phone."""
    return open_browser().new_page()
