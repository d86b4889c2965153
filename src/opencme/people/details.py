"""What people say of themselves, corrected by themselves; and the end of all their sessions."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opencme.core.audit import record

from .models import User
from .operations import state_qualification
from .queries import current_qualification


@transaction.atomic
def state_details(*, user: User, name: str, profession: str, letters: str, at: datetime) -> User:
    """Take the name, profession and degree as the person says now.

    Nothing that was claimed or printed before changes. The same again changes nothing.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.name != name:
        locked.name = name
        locked.save(update_fields=["name"])
        record(locked, "name_stated", at=at, by=locked.uuid, door="web")
    before = current_qualification(locked)
    if before is None or (before.profession, before.letters) != (profession, letters):
        state_qualification(user=locked, profession=profession, letters=letters, at=at)
        record(locked, "qualification_stated", at=at, by=locked.uuid, door="web")
    return locked


@transaction.atomic
def end_sessions(*, user: User, at: datetime) -> User:
    """End every session of the account, on every device; the caller may begin one anew."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    locked.session_round += 1
    locked.save(update_fields=["session_round"])
    record(locked, "sessions_ended", at=at, by=locked.uuid, door="web")
    return locked
