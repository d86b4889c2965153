"""Where a visitor stands with an activity, for the one button of its page, in a single query.

The activity page may cost four queries with session and user, so everything that the gate needs
is read beside the participation. The gate itself decides (`learning.rules`). One who is on an
earlier version may have other steps; they are read as the path reads them, which costs more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from opencme.activities.document import ActivityDocument, PostTest, PreTest, Recording
from opencme.activities.models import Activity
from opencme.credit.models import Certificate, CreditClaim
from opencme.credit.queries import path_with_claims
from opencme.learning.choices import EvidenceKind, PathStepKind
from opencme.learning.models import Attempt, AttemptGrant, ContentEvidence, Participation, Playback
from opencme.learning.queries import day_in, intervals, window_for
from opencme.learning.rules import (
    ContentRecord,
    PathState,
    PathStep,
    TestRecord,
    content_left_ms,
    current_step,
    fulfilled_units,
    path_steps,
)
from opencme.people.models import User
from opencme.people.queries import belongs_to
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


def standing_of(
    user: User, activity: Activity, document: ActivityDocument, *, at: datetime
) -> Standing | None:
    """Where this person stands in the activity; nothing for one who has not started."""
    row = _with_evidence(_participations(user, activity), document).first()
    if row is None:
        return None
    row.activity = activity
    row.provider = activity.provider
    own, state, steps = _way(row, activity, document, at)
    label, href = _next(row, own, state, current_step(steps))
    return Standing(
        label=label,
        href=href,
        note=_note(row, own, state),
        unit_states=_unit_states(own, state, steps),
        unit_links=_unit_links(row, own, steps),
        version_of=None
        if own is document
        else day_in(activity.provider.time_zone, row.revision.published_at),
    )


def _way(
    row: Any, activity: Activity, document: ActivityDocument, at: datetime
) -> tuple[ActivityDocument, PathState, tuple[PathStep, ...]]:
    """The learner's own version with what they did and where the gate has them."""
    if row.revision_id != activity.current_revision_id:
        path = path_with_claims(row, at=at)
        return path.document, path.state, path.steps
    state = _state_of(row, document)
    on = day_in(activity.provider.time_zone, at)
    return document, state, path_steps(document, state, window_for(row), on=on)


def _participations(user: User, activity: Activity) -> QuerySet[Participation]:
    return (
        Participation.objects.filter(
            belongs_to(user), activity=activity, is_preview=False, superseded_by=None
        )
        .select_related("revision")
        .defer("revision__canonical", "revision__snapshot")
        .order_by("-started_at", "-pk")
    )


# --- one row with everything the gate needs ---------------------------------------------------------


def _with_evidence(rows: QuerySet[Participation], document: ActivityDocument) -> QuerySet[Participation]:
    annotations: dict[str, Any] = {
        "certificate_uuid": Subquery(
            Certificate.objects.filter(participation=OuterRef("pk"))
            .order_by("-issued_at", "-version")
            .values("uuid")[:1]
        ),
        "has_claim": Exists(CreditClaim.objects.filter(participation=OuterRef("pk"))),
    }
    claims = CreditClaim.objects.filter(participation=OuterRef("pk")).order_by("pk").values("units")
    for number in range(_most_claims(document)):
        annotations[f"claimed_{number}"] = Subquery(claims[number : number + 1])
    for number, step in enumerate(document.steps):
        if isinstance(step, PreTest | PostTest):
            annotations |= _test_annotations(number, step)
        elif isinstance(step, Recording):
            annotations |= _recording_annotations(number, step)
    return rows.annotate(**annotations)


def _most_claims(document: ActivityDocument) -> int:
    """How many claims have to be told apart: units passed later are claimed later, each once."""
    units = len(document.units)
    return units * len(document.designations) if units > 1 else 0


def _test_annotations(number: int, test: PreTest | PostTest) -> dict[str, Any]:
    """What the gate asks of a test, and no more: each value costs a subquery."""
    submitted = Attempt.objects.filter(
        participation=OuterRef("pk"), step_key=test.key, submitted_at__isnull=False
    ).order_by()
    if isinstance(test, PreTest):
        return {f"sent_{number}": Exists(submitted)}
    passed = submitted.filter(passed=True)
    found: dict[str, Any] = {
        f"passed_at_{number}": Subquery(passed.order_by("number").values("submitted_at")[:1]),
        f"score_{number}": Subquery(passed.order_by("-score").values("score")[:1]),
    }
    if test.attempts is not None:
        grants = AttemptGrant.objects.filter(participation=OuterRef("pk"), step_key=test.key).order_by()
        found[f"sent_{number}"] = _summed(submitted, Count("pk"))
        found[f"granted_{number}"] = _summed(grants, Sum("extra"))
    return found


def _summed(rows: QuerySet[Any], sum_: Count | Sum) -> Coalesce:
    summed = rows.values("participation").annotate(total=sum_).values("total")
    return Coalesce(Subquery(summed, output_field=IntegerField()), 0)


def _recording_annotations(number: int, recording: Recording) -> dict[str, Any]:
    played = Playback.objects.filter(participation=OuterRef("pk"), step_key=recording.key)
    met = ContentEvidence.objects.filter(
        participation=OuterRef("pk"),
        step_key=recording.key,
        kind__in=(EvidenceKind.ATTESTED, EvidenceKind.GRANTED, EvidenceKind.GROUP_SESSION),
    ).order_by("at")
    return {
        f"played_{number}": Subquery(played.values("intervals")[:1]),
        f"read_{number}": Subquery(played.values("segments")[:1]),
        f"met_{number}": Subquery(met.values("at")[:1]),
    }


def _state_of(row: Any, document: ActivityDocument) -> PathState:
    tests: dict[str, TestRecord] = {}
    content: dict[str, ContentRecord] = {}
    for number, step in enumerate(document.steps):
        if isinstance(step, PreTest | PostTest):
            passed_at = getattr(row, f"passed_at_{number}", None)
            tests[step.key] = TestRecord(
                submitted=int(getattr(row, f"sent_{number}", 0)),
                granted=getattr(row, f"granted_{number}", 0),
                passed=passed_at is not None,
                passed_at=passed_at,
                right=getattr(row, f"score_{number}", None),
                of=len(step.items),
            )
        elif isinstance(step, Recording):
            content[step.key] = ContentRecord(
                played=intervals(getattr(row, f"played_{number}") or ()),
                read=intervals(getattr(row, f"read_{number}") or ()),
                attested_at=getattr(row, f"met_{number}"),
            )
    return PathState(
        started_at=row.started_at,
        tests=tests,
        content=content,
        evaluated_at=row.evaluated_at,
        claimed=_claimed_units(row, document),
    )


def _claimed_units(row: Any, document: ActivityDocument) -> frozenset[str]:
    every = frozenset(unit.key for unit in document.units)
    if len(every) < 2:
        return every if row.has_claim else frozenset()
    claims = (getattr(row, f"claimed_{number}") or () for number in range(_most_claims(document)))
    return every.intersection(*([key for claim in claims for key in claim],))


# --- words ----------------------------------------------------------------------------------------


def _next(row: Any, document: ActivityDocument, state: PathState, step: PathStep | None) -> tuple[str, str]:
    if step is not None and step.kind is PathStepKind.CLAIM:
        return _claim_words(document, state), reverse("claim", args=[row.uuid])
    if step is not None:
        return _continue_words(document, state, step), reverse("path", args=[row.uuid])
    if row.certificate_uuid:
        return _("View certificate"), reverse("certificate", args=[row.certificate_uuid])
    return _("See where you are"), reverse("path", args=[row.uuid])


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


def _note(row: Any, document: ActivityDocument, state: PathState) -> str:
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


def _local_day(row: Any, at: datetime) -> str:
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
        unit.key: reverse("step", args=[row.uuid, first[unit.key]])
        for unit in document.units
        if unit.key in first
    }
