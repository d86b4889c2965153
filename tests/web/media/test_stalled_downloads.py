"""Twenty readers that stop reading hold no server thread."""

import http.client
import io
import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.urls import reverse

from opencme.media.links import end_of_address, signature_of
from opencme.media.operations import store_media

STALLED = 20
THREADS = 4


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(transactional_db, tmp_path):
    """The real server on the test database, with fewer threads than stalled readers."""
    database = settings.DATABASES["default"]
    address = (
        f"sqlite:///{database['NAME']}"
        if database["ENGINE"].endswith("sqlite3")
        else "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    )
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OPENCME_", "DJANGO_"))},
        "DJANGO_SETTINGS_MODULE": "opencme.config.settings",
        "OPENCME_SECRET_KEY": settings.SECRET_KEY,
        "OPENCME_BASE_URL": f"http://127.0.0.1:{port}",
        "OPENCME_DATA_DIR": str(settings.OPENCME_DATA_DIR),
        "OPENCME_DATABASE_URL": address,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--blocking-threads",
        str(THREADS),
    ]
    log = (tmp_path / "server.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, *command, "opencme.config.wsgi:application"], env=environment, stdout=log, stderr=log
    )
    try:
        wait_until_up(port, process, log)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def wait_until_up(port, process, log):
    for _ in range(200):
        try:
            return answer_of(port, "/healthz")
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    log.seek(0)
    pytest.fail(log.read())


def answer_of(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def stall(port: int, path: str) -> socket.socket:
    """Ask for a file, read its first bytes and then nothing more."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.settimeout(10)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nRange: bytes=0-\r\n\r\n".encode())
    assert reader.recv(64).startswith(b"HTTP/1.1 206")
    return reader


def test_pages_answer_while_twenty_downloads_stall(server):
    content = os.urandom(8 * 1024 * 1024)
    row = store_media(source=io.BytesIO(content), media_type="video/mp4", at=datetime.now(UTC))
    until = end_of_address(datetime.now(UTC))
    key = signature_of(row.sha256, until=until)
    path = f"{reverse('media', args=[row.sha256, 'talk.mp4'])}?until={until}&key={key}"
    readers = []
    try:
        readers += [stall(server, path) for _ in range(STALLED)]
        started = time.monotonic()
        statuses = [answer_of(server, page) for page in ["/healthz"] * 10 + [reverse("catalogue")]]
        assert statuses == [200] * 11
        assert time.monotonic() - started < 5
    finally:
        for reader in readers:
            reader.close()
        shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
