"""Loading the demonstration: packages in, through the same door as everybody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from opencme.activities.models import Activity
from opencme.activities.operations import set_successor
from opencme.interchange.operations import Imported, import_read_package
from opencme.interchange.package.read import read_package
from opencme.interchange.snapshots import snapshot_renderer
from opencme.people.models import User
from opencme.people.queries import owner_of_address

from .accounts import OPERATOR, create_demonstration_accounts
from .models import DemonstrationLoad
from .rules import moved, offset_on

PACKAGES = Path(__file__).parent / "packages"
DOOR = "demonstration"
ZONE = ZoneInfo("America/New_York")

PUBLISHED = (
    "biopsychosocial-conversation",
    "behavioral-medicine",
    "pacing-in-practice",
    "sleep-and-pain",
)
DRAFTS = ("opioid-conversation-draft",)
SERIES = ("specimen-pain-webinars",)
SUCCESSORS = {"sleep-and-pain": "biopsychosocial-conversation"}


class DemonstrationMissing(Exception):
    """The packages of the demonstration are not part of this installation."""


def load_demonstration(*, at: datetime) -> bool:
    """Make the log-ins and import the packages, once; whether anything was imported.

    All dates move by one offset, fixed at the first load, so that what should be current is current
    whenever that is. A load that was broken off is taken up with the same offset; a finished one is
    never repeated. Raises `DemonstrationMissing`.
    """
    load, _made = DemonstrationLoad.objects.get_or_create(
        pk=1, defaults={"offset_days": offset_on(at.astimezone(ZONE).date()).days, "begun_at": at}
    )
    if load.completed_at is not None:
        return False
    create_demonstration_accounts(at=at)
    operator = owner_of_address(OPERATOR.email)
    if operator is None or not PACKAGES.is_dir():
        raise DemonstrationMissing(str(PACKAGES))
    _import_all(timedelta(days=load.offset_days), operator, at)
    DemonstrationLoad.objects.filter(pk=1).update(completed_at=at)
    return True


def _import_all(offset: timedelta, operator: User, at: datetime) -> None:
    activities: dict[str, Activity] = {}
    for name in (*PUBLISHED, *DRAFTS, *SERIES):
        imported = _import_moved(name, offset, operator, at)
        if imported.draft is not None:
            activities[name] = imported.draft.activity
    for name, successor in SUCCESSORS.items():
        set_successor(
            activity=activities[name], successor=activities[successor], set_by=operator, door=DOOR, at=at
        )


def _import_moved(name: str, offset: timedelta, operator: User, at: datetime) -> Imported:
    package = read_package(PACKAGES / name)
    return import_read_package(
        package=replace(package, made=moved(package.made, offset)),
        at=at,
        imported_by=operator,
        door=DOOR,
        may_create_provider=True,
        render_snapshot=snapshot_renderer() if name in PUBLISHED else None,
    )
