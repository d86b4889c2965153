"""Where a visitor stands with an activity, for the one button of its page, in a single query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from opencme.activities.document import ActivityDocument
from opencme.activities.models import Activity
from opencme.credit.queries import path_in
from opencme.learning.choices import PathStepKind
from opencme.learning.models import Participation
from opencme.learning.queries import LearnerPath, day_in
from opencme.learning.rules import (
    PathState,
    PathStep,
    TestRecord,
    content_left_ms,
    current_step,
    fulfilled_units,
)
from opencme.people.models import User
from opencme.web.addresses import address
from opencme.web.learner.wordings import phrase_of
from opencme.web.templatetags.wording import amount, clock, day, minutes


@dataclass(frozen=True, slots=True)
class Standing:
    """A participation as the activity page shows it: the words and the address of its button."""

    label: str
    href: str
    note: str = ""
    unit_states: dict[str, tuple[str, str]] | None = None
    unit_links: dict[str, str] | None = None
    version_of: date | None = None


def standing_of(user: User, activity: Activity, *, at: datetime) -> Standing | None:
    """Where this person stands in the activity; nothing for one who has not started."""
    found = path_in(user, activity, at=at)
    if found is None:
        return None
    path, certificate = found
    row, own, state = path.participation, path.document, path.state
    label, href = _next(path, certificate)
    return Standing(
        label=label,
        href=href,
        note=_note(row, own, state),
        unit_states=_unit_states(own, state, path.steps),
        unit_links=_unit_links(row, own, path.steps),
        version_of=None
        if row.revision_id == activity.current_revision_id
        else day_in(activity.provider.time_zone, row.revision.published_at),
    )


# --- words ----------------------------------------------------------------------------------------


def _next(path: LearnerPath, certificate: UUID | None) -> tuple[str, str]:
    step, uuid = path.current, path.participation.uuid
    if step is not None and step.kind is PathStepKind.CLAIM:
        return _claim_words(path.document, path.state), address("claim", uuid)
    if step is not None:
        return _continue_words(path.document, path.state, step), address("path", uuid)
    if certificate:
        return _("View certificate"), address("certificate", certificate)
    return _("See where you are"), address("path", uuid)


def _claim_words(document: ActivityDocument, state: PathState) -> str:
    if len(document.designations) != 1:
        return _("Claim your credit")
    designation = document.designations[0]
    earned = sum(
        (
            document.share_of(unit, designation)
            for unit in fulfilled_units(document, state, designation)
            if unit.key not in state.claimed
        ),
        Decimal(0),
    )
    phrase = phrase_of(designation.credit_type, earned).replace("*", "")
    return _("Claim %(amount)s %(phrase)s") % {"amount": amount(earned), "phrase": phrase}


def _continue_words(document: ActivityDocument, state: PathState, step: PathStep) -> str:
    unit = next((one for one in document.units if one.key == step.unit), None)
    if step.kind is PathStepKind.CONTENT and unit is not None:
        left = content_left_ms(unit, state)
        if left:
            return _("Continue: recording, %(left)s left") % {"left": clock(left / 1000)}
    if len(document.units) > 1 and unit is not None:
        return _("Continue: %(unit)s, %(minutes)s") % {
            "unit": unit.title,
            "minutes": minutes(unit.minutes),
        }
    known = document.step_of.get(step.key)
    return _("Continue: %(step)s") % {"step": known.title.lower() if known else step.key}


def _note(row: Participation, document: ActivityDocument, state: PathState) -> str:
    passed = [
        (unit, state.test(unit.post_test.key))
        for unit in document.units
        if unit.post_test and state.test(unit.post_test.key).passed
    ]
    if not passed or len(document.units) < 2:
        return _("Started on %(date)s.") % {"date": _local_day(row, row.started_at)}
    unit, record = passed[-1]
    return _("%(unit)s: passed on %(date)s.") % {
        "unit": unit.title,
        "date": _local_day(row, record.passed_at) if record.passed_at else "",
    }


def _local_day(row: Participation, at: datetime) -> str:
    """The day of an instant in the provider's zone, as everywhere on the page."""
    return day(day_in(row.provider.time_zone, at))


def _unit_states(
    document: ActivityDocument, state: PathState, steps: tuple[PathStep, ...]
) -> dict[str, tuple[str, str]]:
    upcoming = current_step(steps)
    states: dict[str, tuple[str, str]] = {}
    for unit in document.units:
        record = state.test(unit.post_test.key) if unit.post_test else TestRecord()
        if record.passed:
            words = _("Passed, %(right)s of %(of)s") % {"right": record.right, "of": record.of}
            states[unit.key] = ("earned", words)
        elif upcoming is not None and upcoming.unit == unit.key:
            states[unit.key] = ("neutral", _("Next"))
        else:
            states[unit.key] = ("neutral", _("Open, in any order"))
    return states


def _unit_links(
    row: Participation, document: ActivityDocument, steps: tuple[PathStep, ...]
) -> dict[str, str]:
    first = {}
    for step in reversed(steps):
        if step.unit:
            first[step.unit] = step.key
    return {
        unit.key: address("step", row.uuid, first[unit.key]) for unit in document.units if unit.key in first
    }
