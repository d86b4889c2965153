"""What machines ask a server: is it alive, is it ready, how does it do.

They are answered before Django looks at the name of the host or at https, because whoever watches a
server asks it by its number.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from threading import Lock
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.utils import Error
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST

from opencme.cli.server import has_unapplied_migrations
from opencme.config.current_request import current_request
from opencme.config.metrics import exposition
from opencme.core.tasks import queue_state

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

READINESS_IS_GOOD_FOR_SECONDS: Final = 2.0
LEAST_ROOM: Final = 64 * 1024 * 1024
_TEXT: Final = "text/plain; charset=utf-8"
_OF_PROXIES: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def with_sign_of_life(application: Application) -> Application:
    """Answer /healthz: this process answers. It looks at nothing else, so that no one restarts it in vain."""

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/healthz":
            return application(environ, start_response)
        return _say(environ, start_response, "200 OK", b"ok\n", name="healthz")

    return answer


def with_probes(application: Application) -> Application:
    """Answer /readyz and /metrics; both look into the database."""

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in ("/readyz", "/metrics") and not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # Django does so at its own requests
        if path == "/readyz":
            ready, words = readiness()
            status = "200 OK" if ready else "503 Service Unavailable"
            return _say(environ, start_response, status, words.encode(), name="readyz")
        if path != "/metrics":
            return application(environ, start_response)
        if not may_see_metrics(environ, token=settings.OPENCME_METRICS_TOKEN):
            said = b"Metrics are for this machine itself, or for who sends OPENCME_METRICS_TOKEN as Bearer.\n"
            return _say(environ, start_response, "403 Forbidden", said, name="metrics")
        return _say(environ, start_response, "200 OK", exposition(), name="metrics", kind=CONTENT_TYPE_LATEST)

    return answer


def may_see_metrics(environ: Environ, *, token: str) -> bool:
    """Whether a request has the token, or comes from this machine without a proxy between."""
    if token:
        given: str = environ.get("HTTP_AUTHORIZATION", "")
        return constant_time_compare(given, f"Bearer {token}")
    if any(environ.get(name) for name in _OF_PROXIES):
        return False
    try:
        return ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Said:
    ready: bool
    words: str
    until: float


_last_said = _Said(ready=False, words="", until=0.0)
_one_at_a_time = Lock()


def readiness() -> tuple[bool, str]:
    """Whether requests can be served, and a line for each thing looked at.

    Kept for two seconds: however often strangers ask, the database is asked seldom.
    """
    global _last_said  # noqa: PLW0603  one for the process
    with _one_at_a_time:
        if _last_said.until < time.monotonic():
            lines = {name: look() for name, look in _LOOKS.items()}
            ready = all(said == "ok" for said in lines.values())
            lines |= {"work": _work() if lines["migrations"] == "ok" else "not looked at"}
            words = "".join(f"{name}: {said}\n" for name, said in lines.items())
            said = ("ready\n" if ready else "not ready\n") + words
            _last_said = _Said(ready, said, time.monotonic() + READINESS_IS_GOOD_FOR_SECONDS)
        return _last_said.ready, _last_said.words


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "does not answer"
    return "ok"


_known_to_be_applied = False


def _migrations() -> str:
    """Ask until they are applied; afterwards none goes missing while the same program runs."""
    global _known_to_be_applied  # noqa: PLW0603  one for the process
    if not _known_to_be_applied:
        try:
            _known_to_be_applied = not has_unapplied_migrations()
        except Error:
            return "not known"
    return "ok" if _known_to_be_applied else "some are missing"


def _disk() -> str:
    folder = Path(settings.OPENCME_DATA_DIR)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".ready-") as file:
            file.write(b"x" * 4096)
    except OSError:
        return "cannot be written to"
    return "ok" if shutil.disk_usage(folder).free > LEAST_ROOM else "full"


def _work() -> str:
    """Late work beside the pages is no reason to turn visitors away: it is said and counts nothing."""
    state = queue_state(at=timezone.now())
    if not state.workers:
        return "nobody does it"
    return "late" if state.is_late else "ok"


_LOOKS: Final[dict[str, Callable[[], str]]] = {
    "database": _database,
    "migrations": _migrations,
    "disk": _disk,
}


def _say(
    environ: Environ,
    start_response: Callable[..., Any],
    status: str,
    body: bytes,
    *,
    name: str,
    kind: str = _TEXT,
) -> Iterable[bytes]:
    request = current_request()
    if request is not None:
        request.view = name
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(status, headers)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
