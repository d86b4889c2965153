"""Twenty readers that stop reading hold no server thread."""

import socket
import time
from urllib.parse import urlsplit

from tests.browser.walk import Walk

STALLED = 20  # the demonstration serves with eight threads


def stall(address: str) -> socket.socket:
    """Ask for a file, read its first bytes and then nothing more."""
    url = urlsplit(address)
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.settimeout(10)
    reader.connect(("127.0.0.1", url.port))
    path = f"{url.path}?{url.query}"
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nRange: bytes=0-\r\n\r\n".encode())
    assert reader.recv(64).startswith(b"HTTP/1.1 206")
    return reader


def test_the_path_page_answers_while_twenty_downloads_stall(page, site):
    walk = Walk(page, site)
    walk.begin("stalled@hospital.example")
    walk.submit_pre_test()
    film = page.locator("video source").evaluate("(source) => source.src")
    readers = []
    try:
        readers += [stall(film) for _ in range(STALLED)]
        started = time.monotonic()
        statuses = [page.request.get(page.url).status for _ in range(10)]
        assert statuses == [200] * 10
        assert time.monotonic() - started < 5
    finally:
        for reader in readers:
            reader.close()
