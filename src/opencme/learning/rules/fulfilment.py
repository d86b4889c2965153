"""What a learner has fulfilled, unit by unit and designation by designation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from opencme.activities.document import ActivityDocument, Designation, Unit

from .content import content_left_ms, demanded_of, is_wholly_covered
from .records import PathState


def demands_pre_test(document: ActivityDocument) -> bool:
    """Whether the content waits for the pre-test."""
    designations = document.designations
    return not designations or any(one.requires_pre_test for one in designations)


def demands_content(document: ActivityDocument) -> bool:
    """Whether some designation asks for the content."""
    designations = document.designations
    return not designations or any(one.requires_content for one in designations)


def demands_evaluation(document: ActivityDocument) -> bool:
    """Whether the claim waits for the evaluation."""
    evaluation = document.evaluation
    if evaluation is None or not evaluation.required:
        return False
    return any(one.requires_evaluation for one in document.designations)


def is_fulfilled(unit: Unit, path: PathState, designation: Designation) -> bool:
    """Whether the unit meets what this designation asks of pre-test, content and post-test (R#48)."""
    if designation.requires_pre_test and unit.pre_test and not path.test(unit.pre_test.key).submitted:
        return False
    if designation.requires_content and content_left_ms(unit, path) > 0:
        return False
    if designation.requires_post_test and unit.post_test:
        return path.test(unit.post_test.key).passed
    return True


def fulfilled_units(
    document: ActivityDocument, path: PathState, designation: Designation
) -> tuple[Unit, ...]:
    """Return the units whose share of this designation is earned."""
    return tuple(unit for unit in document.units if is_fulfilled(unit, path, designation))


def unclaimed_units(document: ActivityDocument, path: PathState) -> tuple[Unit, ...]:
    """Return the units that are fulfilled for some designation and not claimed yet."""
    earned = {unit.key for one in document.designations for unit in fulfilled_units(document, path, one)}
    return tuple(unit for unit in document.units if unit.key in earned - path.claimed)


def completed_at(document: ActivityDocument, path: PathState, designation: Designation) -> datetime | None:
    """Return when the last content or test requirement of the fulfilled units was met.

    The date of completion is the local date of this instant; the evaluation does not move it.
    """
    units = fulfilled_units(document, path, designation)
    instants = [at for unit in units for at in _instants(unit, path, designation)]
    return max(instants, default=path.started_at if units else None)


def _instants(unit: Unit, path: PathState, designation: Designation) -> Iterator[datetime]:
    candidates: list[datetime | None] = []
    if designation.requires_pre_test and unit.pre_test:
        candidates.append(path.test(unit.pre_test.key).submitted_at)
    if designation.requires_content:
        candidates += [path.part(part.key).met_at for part in unit.recordings if demanded_of(unit, part)]
    if designation.requires_post_test and unit.post_test:
        candidates.append(path.test(unit.post_test.key).passed_at)
    yield from (at for at in candidates if at is not None)


def is_unit_done(document: ActivityDocument, unit: Unit, path: PathState) -> bool:
    """Whether nothing of the unit is left to do for any designation."""
    if document.designations:
        return all(is_fulfilled(unit, path, one) for one in document.designations)
    if unit.post_test:
        return path.test(unit.post_test.key).passed
    sent = unit.pre_test is None or path.test(unit.pre_test.key).submitted > 0
    return sent and is_wholly_covered(unit, path)
