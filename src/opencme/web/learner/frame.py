"""The frame of every page of the path: the header, the steps with their state, what is special."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DatabaseError
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from opencme.activities.document import ActivityDocument, Evaluation, Unit
from opencme.credit.queries import path_of_learner
from opencme.learning.choices import PathStepKind, StepState
from opencme.learning.models import Participation
from opencme.learning.operations import unwritten_beats
from opencme.learning.queries import LearnerPath
from opencme.learning.rules import PathStep, TestRecord, is_review
from opencme.media.rules import covered_ms
from opencme.people.models import User
from opencme.web.addresses import address
from opencme.web.learner.locks import CLOSING, lock_note
from opencme.web.learner.wordings import content_title
from opencme.web.templatetags.wording import clock, questions

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FrameEntry:
    """A step as rail and sheet show it."""

    title: str
    note: str
    state: str
    href: str


@dataclass(frozen=True, slots=True)
class PathFrame:
    """What stands around the page of a step."""

    title: str
    close_url: str
    entries: tuple[FrameEntry, ...]
    number: int
    count: int
    zone: str
    is_preview: bool
    is_review: bool
    version_of: date | None
    """The day of the learner's own version, where the activity has a newer one."""
    saved_at: datetime | None


def learner_of(request: HttpRequest) -> User:
    """The signed-in person; 404 for nobody, which `login_required` has sent away before."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def load_path(request: HttpRequest, uuid: UUID) -> LearnerPath:
    """The path of the signed-in person; 404 where it is nobody's or somebody else's."""
    settle_beats(uuid)
    return load_path_as_written(request, uuid)


def load_path_as_written(request: HttpRequest, uuid: UUID) -> LearnerPath:
    """The same without what was played a moment ago and waits to be written."""
    try:
        return path_of_learner(learner_of(request), uuid, at=timezone.now())
    except Participation.DoesNotExist:
        raise Http404 from None


def settle_beats(uuid: UUID) -> None:
    """Have written what was played in a participation; where nothing can be, pages show what was before."""
    try:
        unwritten_beats.write_of(uuid)
    except DatabaseError as trouble:
        logger.warning("What was played waits to be written: %s", trouble)


def frame_of(path: LearnerPath, here: str, *, saved_at: datetime | None = None) -> PathFrame:
    """The frame around the page of the step `here`."""
    participation = path.participation
    activity = participation.activity
    places = [step.key for step in path.steps]
    newer = participation.revision_id != activity.current_revision_id
    zone = participation.provider.time_zone
    return PathFrame(
        title=path.document.title,
        close_url=address("activity", activity.uuid, activity.slug),
        entries=tuple(_entry(path, step, here) for step in path.steps),
        number=places.index(here) + 1 if here in places else len(places),
        count=len(places),
        zone=zone,
        is_preview=participation.is_preview,
        is_review=is_review(path.document, path.state, path.window, on=path.on),
        version_of=participation.revision.published_at.astimezone(ZoneInfo(zone)).date() if newer else None,
        saved_at=saved_at,
    )


def frame_context(path: LearnerPath, here: str, *, saved_at: datetime | None = None) -> dict[str, Any]:
    """What every page of the path hands to its template."""
    return {
        "path": path,
        "participation": path.participation,
        "document": path.stripped,
        "frame": frame_of(path, here, saved_at=saved_at),
    }


def step_url(path: LearnerPath, step: PathStep) -> str:
    """The address of a stop of the path."""
    uuid = path.participation.uuid
    if step.kind is PathStepKind.EVALUATION:
        return address("evaluation", uuid)
    if step.kind is PathStepKind.CLAIM:
        return address("claim", uuid)
    return address("step", uuid, step.key)


def next_address(path: LearnerPath) -> str:
    """Where one goes on; where nothing is left to do, the page that says what now."""
    if path.current is not None:
        return step_url(path, path.current)
    closed = next((one for one in path.steps if one.lock and one.lock.code in CLOSING), None)
    return step_url(path, closed or path.steps[-1])


def unit_of(document: ActivityDocument, step: PathStep) -> Unit | None:
    """The unit that a stop belongs to."""
    return next((unit for unit in document.units if unit.key == step.unit), None)


def title_of(document: ActivityDocument, step: PathStep) -> str:
    """What a stop is called, without its unit."""
    unit = unit_of(document, step)
    if step.kind is PathStepKind.CONTENT and unit:
        return content_title(unit)
    known = document.step_of.get(step.key)
    return known.title if known else _("Claim")


def full_title_of(document: ActivityDocument, step: PathStep) -> str:
    """What a stop is called away from the path: with its unit, where there are several."""
    title, unit = title_of(document, step), unit_of(document, step)
    if unit is None or not unit.title or len(document.units) < 2:
        return title
    return unit.title if step.kind is PathStepKind.CONTENT else f"{unit.title}: {title}"


def _entry(path: LearnerPath, step: PathStep, here: str) -> FrameEntry:
    title, unit = title_of(path.document, step), unit_of(path.document, step)
    if unit and unit.title and len(path.document.units) > 1 and step.kind is PathStepKind.CONTENT:
        title = unit.title  # the content stands for its unit; its tests follow it by their own names
    is_here = step.key == here
    state = "here" if is_here else step.state.value
    reachable = step.state is not StepState.LOCKED and not is_here
    return FrameEntry(title, _note(path, step), state, step_url(path, step) if reachable else "")


def _note(path: LearnerPath, step: PathStep) -> str:
    if step.lock:
        return lock_note(step.lock, zone=path.participation.provider.record.time_zone_label, kind=step.kind)
    return "".join(_NOTES[step.kind](path, step))


def _pre_test_note(path: LearnerPath, step: PathStep) -> Iterator[str]:
    record = path.state.test(step.key)
    if record.submitted_at:
        yield _("sent %(time)s") % {"time": _time(path, record.submitted_at)}
    else:
        count = len(path.document.step_of[step.key].items)  # type: ignore[union-attr]
        yield _("%(questions)s, not graded") % {"questions": questions(count)}


def _content_note(path: LearnerPath, step: PathStep) -> Iterator[str]:
    unit = unit_of(path.document, step)
    length = sum(part.seconds for part in unit.recordings) if unit else 0
    if unit is None or not length:
        return
    records = [path.state.part(part.key) for part in unit.recordings]
    if any(record.attested_at for record in records):
        yield _("completed another way")
        return
    played = sum(covered_ms(record.covered) for record in records) // 1000
    yield _("%(played)s of %(length)s played") % {"played": clock(played), "length": clock(length)}


def _post_test_note(path: LearnerPath, step: PathStep) -> Iterator[str]:
    record = path.state.test(step.key)
    if record.passed_at:
        yield _("%(right)s of %(count)s, passed %(time)s") % {
            "right": record.right,
            "count": record.of,
            "time": _time(path, record.passed_at),
        }
    elif record.submitted:
        yield _("%(right)s of %(count)s, try again") % {"right": record.right, "count": record.of}
    else:
        yield _open_test(path, step, record)


def _open_test(path: LearnerPath, step: PathStep, record: TestRecord) -> str:
    del record
    test = path.document.step_of[step.key]
    mark = getattr(test, "pass_mark", None)
    count = len(test.items)  # type: ignore[union-attr]
    if mark is None:
        return questions(count)
    return _("%(mark)s of %(count)s passes") % {"mark": mark, "count": count}


def _evaluation_note(path: LearnerPath, step: PathStep) -> Iterator[str]:
    evaluation = path.document.step_of.get(step.key)
    if path.state.evaluated_at:
        yield _("sent")
    elif isinstance(evaluation, Evaluation):
        yield _("%(questions)s, kept apart from your name") % {
            "questions": questions(len(evaluation.questions))
        }


def _claim_note(path: LearnerPath, step: PathStep) -> Iterator[str]:
    del path
    yield _("claimed") if step.state is StepState.DONE else _("your certificate appears at once")


_NOTES = {
    PathStepKind.PRE_TEST: _pre_test_note,
    PathStepKind.CONTENT: _content_note,
    PathStepKind.POST_TEST: _post_test_note,
    PathStepKind.EVALUATION: _evaluation_note,
    PathStepKind.CLAIM: _claim_note,
}


def _time(path: LearnerPath, at: datetime) -> str:
    """An instant of today as its time, of another day as its date, in the provider's zone."""
    local = at.astimezone(ZoneInfo(path.participation.provider.time_zone))
    return f"{local:%H:%M}" if local.date() == path.on else f"{local.day} {local:%b}"
