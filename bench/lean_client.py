"""An HTTP/1.1 client that costs next to nothing: one kept connection, one request at a time, no parsing
beyond status, length and the few headers that matter.

Thousands of learners on the machine that also serves them must not be what is measured.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass


class ConnectionLost(Exception):
    """The server closed the connection before the answer was complete."""


@dataclass(slots=True)
class Answer:
    """What came back. `body` is as sent; `text` unpacks it."""

    status: int
    head: bytes
    body: bytes

    @property
    def text(self) -> str:
        packed = b"content-encoding: gzip" in self.head.lower()
        return (zlib.decompress(self.body, 31) if packed else self.body).decode()

    def header(self, name: bytes) -> str:
        for line in self.head.split(b"\r\n"):
            found, _, value = line.partition(b":")
            if found.lower() == name:
                return value.strip().decode()
        return ""


class Connection(asyncio.Protocol):
    """One learner's connection; opened again when the server has closed it."""

    def __init__(self, host: str, port: int, cookies: str) -> None:
        self._address = (host, port)
        self._common = f" HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\nAccept-Encoding: gzip\r\n"
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None

    async def get(self, path: str) -> Answer:
        return await self._exchange(f"GET {path}{self._common}\r\n".encode())

    async def post(self, path: str, body: bytes, *, kind: str, headers: str = "") -> Answer:
        length = f"Content-Length: {len(body)}\r\nContent-Type: {kind}\r\n"
        return await self._exchange(f"POST {path}{self._common}{length}{headers}\r\n".encode() + body)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def _exchange(self, message: bytes) -> Answer:
        is_kept = self._transport is not None and not self._transport.is_closing()
        try:
            return await self._once(message)
        except ConnectionLost:
            # The server may close an idle connection just then: browsers ask once more, on a new one.
            if not is_kept:
                raise
            return await self._once(message)

    async def _once(self, message: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        if self._transport is None or self._transport.is_closing():
            await loop.create_connection(lambda: self, *self._address)
        self._waiting = loop.create_future()
        self._buffer.clear()
        assert self._transport is not None
        self._transport.write(message)
        return await self._waiting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._waiting is None or self._waiting.done():
            return
        head = bytes(self._buffer[:end])
        length = _length(head)
        if len(self._buffer) >= end + 4 + length:
            body = bytes(self._buffer[end + 4 : end + 4 + length])
            self._waiting.set_result(Answer(int(head[9:12]), head, body))

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionLost(str(error or "closed")))


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at < 0:
        return 0
    end = lowered.find(b"\r", at)
    return int(lowered[at + 15 : end if end > 0 else None])
