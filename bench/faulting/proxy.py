"""A TCP proxy that cuts connections in the middle of what they carry."""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import suppress


class CuttingProxy:
    """Passes bytes on until it is told to cut; what was sent may have arrived without its answer."""

    def __init__(self, target: tuple[str, int], rng: random.Random, *, port: int = 0) -> None:
        self._target, self._rng = target, rng
        self._listener = socket.create_server(("127.0.0.1", port), backlog=200)
        self.port: int = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._is_open = True
        self.cuts = 0
        self.answers_swallowed = 0
        self._swallow_until = 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while self._is_open:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._pairs.append((client, server))
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while part := source.recv(65536):
                if is_answer and time.monotonic() < self._swallow_until:
                    self.answers_swallowed += 1
                    break  # done on the other side, and nobody here will know
                sink.sendall(part)
        self._end(source, sink)

    def _end(self, *pair: socket.socket) -> None:
        for one in pair:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        with self._lock:
            self._pairs = [kept for kept in self._pairs if pair[0] not in kept]

    def swallow_answers(self, seconds: float) -> None:
        """For a moment, cut each connection as soon as it is answered."""
        self._swallow_until = time.monotonic() + seconds

    def cut(self, share: float = 1.0) -> None:
        """Cut some connections now."""
        with self._lock:
            chosen = [pair for pair in self._pairs if self._rng.random() < share]
        for pair in chosen:
            self.cuts += 1
            self._end(*pair)

    def close(self) -> None:
        self._is_open = False
        self._listener.close()
        self.cut()
