"""`opencme demo` from an empty folder to Ctrl-C, and again."""

import os
import re
import signal
import subprocess
import time
import urllib.request

import pytest
from tests.cli.serving import OPENCME, free_port

# It has a SQLite database of its own, whichever the other tests run on.
pytestmark = pytest.mark.sqlite


@pytest.fixture
def environment(pytestconfig):
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("OPENCME_", "DJANGO_"))}
    return ours | {"PYTHONPATH": str(pytestconfig.rootpath / "src"), "PYTHONUNBUFFERED": "1"}


def get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


class Demonstration:
    """A running demonstration; `home` is its first page, `said` what it printed in the end."""

    def __init__(self, environment, data):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [*OPENCME, "demo", "--port", str(self.port), "--data", str(data)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __enter__(self):
        while True:
            assert self.process.poll() is None, self.process.stdout.read()
            try:
                self.home = get(self.url + "/")
            except OSError:
                assert time.monotonic() - self.begun < 120
                time.sleep(0.1)
            else:
                self.seconds = time.monotonic() - self.begun
                return self

    def __exit__(self, *_):
        # Ctrl-C in a terminal reaches every process of the group.
        os.killpg(self.process.pid, signal.SIGINT)
        self.said = self.process.communicate(timeout=10)[0]


def test_it_serves_what_it_promises_keeps_it_and_begins_afresh_after_a_reset(environment, tmp_path):
    data = tmp_path / "data"
    with Demonstration(environment, data) as first:
        links = set(re.findall(r'href="(/activities/[^"]+)"', first.home))
        assert links
        assert "Write to office@example.org." in first.home
        assert "No mail yet." in get(first.url + "/mail/")
    assert first.process.returncode == 0, first.said
    assert f"OpenCME, a demonstration: {first.url}/" in first.said
    assert re.search(r"Clinician +clinician@example\.org +\S+", first.said)
    assert re.search(r"Operator +operator@example\.org +\S+", first.said)
    assert "Traceback" not in first.said

    with Demonstration(environment, data) as second:
        assert set(re.findall(r'href="(/activities/[^"]+)"', second.home)) == links
    assert second.process.returncode == 0, second.said
    assert second.seconds < 10  # under five when nothing else runs

    done = subprocess.run(
        [*OPENCME, "demo", "--reset", "--data", str(data)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "The next start begins afresh." in done.stdout
    assert not data.exists()
