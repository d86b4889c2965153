"""What a production start demands of its settings, and what it refuses by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import click

SECRET_KEY_LENGTH = 50
METRICS_TOKEN_LENGTH = 20
MAIL_SCHEMES = ("smtp", "smtps", "smtp+tls", "smtp+ssl")
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
TRUE = ("true", "on", "ok", "y", "yes", "1")


@dataclass(frozen=True)
class Refusal:
    """A setting that a production start does not accept, and what to do about it."""

    setting: str
    problem: str
    remedy: str


def refuse_unsafe_settings() -> None:
    """End the command where a setting is unsafe, naming each and its remedy."""
    refused = refusals(os.environ)
    if not refused:
        return
    click.echo("Not started. These settings must be mended first:\n", err=True)
    for refusal in refused:
        click.echo(f"  {refusal.setting} {refusal.problem}.\n    {refusal.remedy}", err=True)
    raise SystemExit(2)


def refusals(environment: Mapping[str, str]) -> tuple[Refusal, ...]:
    """Every unsafe or missing setting of `environment`, in the order an operator would mend them."""
    found = []
    for setting, (check, remedy) in CHECKS.items():
        problem = check(environment.get(setting, "").strip())
        if problem:
            found.append(Refusal(setting, problem, remedy))
    if _lacks_proxy(environment):
        found.append(
            Refusal(
                "OPENCME_BEHIND_PROXY",
                "is off, although OPENCME_BASE_URL is https and `serve` speaks http",
                """Set it to true, with a proxy in front that ends TLS and sets X-Forwarded-Proto and
    X-Forwarded-For; without it all visitors share one address and its limits.""",
            )
        )
    return tuple(found)


def _lacks_proxy(environment: Mapping[str, str]) -> bool:
    is_https = urlsplit(environment.get("OPENCME_BASE_URL", "").strip()).scheme == "https"
    return is_https and environment.get("OPENCME_BEHIND_PROXY", "").strip().lower() not in TRUE


def _secret_key(value: str) -> str:
    if not value:
        return "is not set"
    if len(value) < SECRET_KEY_LENGTH or len(set(value)) < 10:
        return "is too easy to guess"
    return ""


def _base_url(value: str) -> str:
    if not value:
        return "is not set"
    url = urlsplit(value)
    if url.scheme not in ("http", "https") or not url.hostname:
        return "is not an address"
    if url.path.strip("/") or url.query or url.fragment:
        return "has more than a scheme and a host"
    if url.scheme == "http" and not _is_loopback(url.hostname):
        return "is not encrypted"
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _database_url(value: str) -> str:
    if not value:
        return "is not set"
    url = urlsplit(value)
    if url.scheme not in DATABASE_SCHEMES:
        return f"names {url.scheme or 'no kind of database'}, which is not supported"
    if url.scheme == "sqlite" and url.path.strip("/") in ("", ":memory:"):
        return "would keep everything in memory"
    return ""


def _data_dir(value: str) -> str:
    if not value:
        return "is not set"
    folder = Path(value)
    if not folder.is_absolute():
        return "is not an absolute path"
    if not folder.is_dir():
        return "is not a folder that exists"
    return ""


def _mail_url(value: str) -> str:
    if not value:
        return "is not set"
    scheme = urlsplit(value).scheme
    if scheme not in MAIL_SCHEMES:
        return f"names {scheme or 'no kind of mail server'}, which delivers nothing"
    return ""


def _mail_from(value: str) -> str:
    if not value:
        return "is not set"
    return "" if "@" in value else "is not an address"


def _metrics_token(value: str) -> str:
    return "is too easy to guess" if value and len(value) < METRICS_TOKEN_LENGTH else ""


def _networks(value: str) -> str:
    for one in filter(None, value.split(",")):
        try:
            ip_network(one.strip())
        except ValueError:
            return f"names {one.strip()}, which is no network"
    return ""


def _off(value: str) -> str:
    return "is on" if value.lower() in TRUE else ""


CHECKS: dict[str, tuple[Callable[[str], str], str]] = {
    "OPENCME_DEBUG": (_off, "Remove it: it shows the inside of the program to visitors."),
    "OPENCME_DEMONSTRATION": (_off, "Remove it, or use `opencme demo`: it shows everyone's mail."),
    "OPENCME_SECRET_KEY": (
        _secret_key,
        """Set it to 50 or more random characters, kept secret, for example the output of
    python3 -c "import secrets; print(secrets.token_urlsafe(50))".""",
    ),
    "OPENCME_BASE_URL": (
        _base_url,
        """Set it to the public address, for example https://cme.example.org. It is printed on
    certificates. Plain http is accepted for localhost only.""",
    ),
    "OPENCME_DATABASE_URL": (
        _database_url,
        "Set it to sqlite:////srv/opencme/opencme.sqlite3 or postgres://user:password@host/name.",
    ),
    "OPENCME_DATA_DIR": (
        _data_dir,
        "Make a folder that only the server's account can read, and set its absolute path.",
    ),
    "OPENCME_MAIL_URL": (
        _mail_url,
        "Set it to the mail server, for example smtp+tls://user:password@mail.example.org:587.",
    ),
    "OPENCME_MAIL_FROM": (
        _mail_from,
        "Set it to the sender of all mail, for example 'CME Office <cme@example.org>'.",
    ),
    "OPENCME_METRICS_TOKEN": (
        _metrics_token,
        "Set it to 20 or more random characters, or remove it: then this machine alone may read /metrics.",
    ),
    "OPENCME_TRUSTED_NETWORKS": (
        _networks,
        "Set it to networks such as 192.0.2.0/24,2001:db8::/32, or leave it out.",
    ),
}
