"""Whether visitors reach the server under its public address."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from opencme.cli.doctor.findings import Finding, fine, trouble, warning

SUBJECT = "address"
SECONDS = 5
SOON = timedelta(days=14)


def examine_address(base_url: str, *, behind_proxy: bool, at: datetime) -> Iterator[Finding]:
    """Ask the public address for its health, as a visitor's browser would."""
    try:
        status, body = _ask(f"{base_url}/healthz")
    except (OSError, ValueError) as error:
        yield _not_reached(base_url, getattr(error, "reason", error))
        return
    if status >= 400:
        yield warning(
            SUBJECT,
            f"{base_url}/healthz answers {status}.",
            "See that the server runs and the proxy passes everything on (deploy/ has examples).",
        )
        return
    if body.strip() != b"ok":
        yield trouble(
            SUBJECT,
            f"Something else answers at {base_url}.",
            "Mend OPENCME_BASE_URL, or what the proxy serves.",
        )
        return
    yield fine(SUBJECT, f"{base_url} answers.")
    if behind_proxy:
        yield from _who_is_named(base_url)
    if base_url.startswith("https:"):
        yield from _certificate(base_url, at)


def _ask(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310  the base URL is http or https
            return answer.status, answer.read(100)
    except urllib.error.HTTPError as error:
        return error.code, b""


def _not_reached(base_url: str, reason: object) -> Finding:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return trouble(
            SUBJECT,
            f"Browsers will refuse {base_url}: {reason.verify_message}.",
            "Get a certificate for this very name, with its whole chain; Caddy and certbot do.",
        )
    return warning(
        SUBJECT,
        f"{base_url} is not reached from this machine: {getattr(reason, 'strerror', None) or reason}.",
        "Start the server and the proxy; see that the name leads here and the firewall lets it through.",
    )


def _who_is_named(base_url: str) -> Iterator[Finding]:
    """Figures are shown to requests that passed no proxy: whoever gets them here was not named by ours."""
    status, _ = _ask(f"{base_url}/metrics")
    if status == 200:
        yield trouble(
            SUBJECT,
            "The proxy does not say who asks, so all visitors share one address and its limits.",
            "Let it send X-Forwarded-For and X-Forwarded-Proto, and keep /metrics to itself (deploy/).",
        )


def _certificate(base_url: str, at: datetime) -> Iterator[Finding]:
    address = urlsplit(base_url)
    host = address.hostname or ""
    with (
        socket.create_connection((host, address.port or 443), timeout=SECONDS) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
    ):
        said = secured.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said["notAfter"])), tz=UTC)
    if ends < at + SOON:
        yield warning(
            SUBJECT,
            f"The certificate of {host} ends on {ends:%Y-%m-%d}.",
            "Renew it; Caddy and certbot do so by themselves when port 80 can be reached.",
        )
    else:
        yield fine(SUBJECT, f"The certificate of {host} is good until {ends:%Y-%m-%d}.")
