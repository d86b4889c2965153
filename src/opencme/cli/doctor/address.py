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


def examine_address(base_url: str, *, at: datetime) -> Iterator[Finding]:
    """Ask the public address for its health, as a visitor's browser would."""
    try:
        with urllib.request.urlopen(f"{base_url}/healthz", timeout=SECONDS) as answer:  # noqa: S310  checked http(s)
            body = answer.read(100)
    except urllib.error.HTTPError as error:
        yield warning(
            SUBJECT,
            f"{base_url}/healthz answers {error.code}.",
            "See that the proxy passes everything on, with the name of the host (docs/operation.md).",
        )
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        yield warning(
            SUBJECT,
            f"{base_url} is not reached from this machine: {getattr(reason, 'strerror', None) or reason}.",
            "Start the server and the proxy; see that the name leads here and the firewall lets it through.",
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
    if base_url.startswith("https:"):
        yield from _certificate(base_url, at)


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
            "Renew it; caddy and certbot do so by themselves when port 80 can be reached.",
        )
    else:
        yield fine(SUBJECT, f"The certificate of {host} is good until {ends:%Y-%m-%d}.")
