"""Whom limits per address count."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from uuid import uuid4

from django.conf import settings


def network_of(address: str) -> str:
    """The address that limits count: of IPv6 the network that a household gets.

    Behind a network that the operator trusts, each request counts alone. What is no address, as over a
    socket without a proxy's word, counts as itself.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if any(parsed in one for one in settings.OPENCME_TRUSTED_NETWORKS):
        return str(uuid4())
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network(f"{parsed}/64", strict=False))
    return str(parsed)
