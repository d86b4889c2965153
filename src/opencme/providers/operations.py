"""Writes of providers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opencme.core.audit import record as record_event

from .models import Provider
from .record import PROVIDER, ProviderRecord


class ProviderExists(Exception):
    """A provider with this key is there already."""


@transaction.atomic
def create_provider(*, record: ProviderRecord, at: datetime, door: str = "") -> Provider:
    """Make a provider of a record. Raises ``ProviderExists``."""
    values = {
        "name": record.name,
        "standing": record.standing.value,
        "time_zone": record.time_zone,
        "record_json": PROVIDER.dump_python(record, mode="json"),
        "created_at": at,
    }
    provider, is_new = Provider.objects.get_or_create(key=record.key, defaults=values)
    if not is_new:
        raise ProviderExists(record.key)
    record_event(provider, "provider_made", at=at, door=door, standing=record.standing.value)
    return provider
