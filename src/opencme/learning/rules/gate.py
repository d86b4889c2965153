"""The gate: which step of the path is open, done or locked, why, and what opens it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from opencme.activities.document import ActivityDocument, PostTest, PreTest, Unit
from opencme.assessment.rules import attempts_left
from opencme.learning.choices import LockCode, PathStepKind, StepState

from .content import content_left_ms, demanded_of, is_wholly_covered
from .fulfilment import (
    demands_content,
    demands_evaluation,
    demands_pre_test,
    fulfilled_units,
    is_unit_done,
    unclaimed_units,
)
from .records import Lock, PathState, PathStep, TestRecord, Window

CLAIM_KEY = "claim"


def path_steps(
    document: ActivityDocument, path: PathState, window: Window, *, on: date
) -> tuple[PathStep, ...]:
    """Return every stop of the path in its order with its state and the reason of each lock.

    Units may be taken in any order; inside one, the pre-test opens the content, the content the
    post-test. The evaluation opens with the first unit passed, the claim after it.
    """
    steps: list[PathStep] = []
    for unit in document.units:
        steps += _unit_steps(document, unit, path, window, on)
    if document.certified:
        steps += _closing_steps(document, path, window, on)
    return tuple(steps)


def _unit_steps(
    document: ActivityDocument, unit: Unit, path: PathState, window: Window, on: date
) -> Iterator[PathStep]:
    stop = _stop(path, window, on)
    if unit.pre_test:
        yield _pre_test_step(unit, unit.pre_test, path, stop)
    if unit.content:
        yield _content_step(document, unit, path, stop)
    if unit.post_test and document.certified:
        yield _post_test_step(document, unit, unit.post_test, path, stop)


def _stop(path: PathState, window: Window, on: date) -> Lock | None:
    """Return what keeps the whole participation from going on."""
    if path.is_superseded:
        return Lock(LockCode.SUPERSEDED)
    if window.is_withdrawn:
        return Lock(LockCode.WITHDRAWN)
    if not window.allows_completion(on):
        return Lock(LockCode.WINDOW_CLOSED, until=window.complete_until)
    return None


def _pre_test_step(unit: Unit, test: PreTest, path: PathState, stop: Lock | None) -> PathStep:
    kind, parts = PathStepKind.PRE_TEST, (test.key,)
    if path.test(test.key).submitted:
        return PathStep(test.key, kind, StepState.DONE, unit.key, parts)
    return _step(test.key, kind, unit.key, parts, stop)


def _content_step(document: ActivityDocument, unit: Unit, path: PathState, stop: Lock | None) -> PathStep:
    key, kind = unit.content[0].key, PathStepKind.CONTENT
    parts = tuple(part.key for part in unit.content)
    lock = _pre_test_lock(document, unit, path)
    if lock is None and stop and stop.code is not LockCode.WINDOW_CLOSED:
        lock = stop
    if lock:
        return PathStep(key, kind, StepState.LOCKED, unit.key, parts, stop or lock)
    done = is_unit_done(document, unit, path) or is_wholly_covered(unit, path)
    state = StepState.DONE if done else StepState.OPEN
    return PathStep(key, kind, state, unit.key, parts, is_review=bool(stop) or unit.key in path.claimed)


def _pre_test_lock(document: ActivityDocument, unit: Unit, path: PathState) -> Lock | None:
    test = unit.pre_test
    if test is None or not demands_pre_test(document) or path.test(test.key).submitted:
        return None
    return Lock(LockCode.PRE_TEST_FIRST, test.key)


def _post_test_step(
    document: ActivityDocument, unit: Unit, test: PostTest, path: PathState, stop: Lock | None
) -> PathStep:
    kind, parts, record = PathStepKind.POST_TEST, (test.key,), path.test(test.key)
    if record.passed:
        return PathStep(test.key, kind, StepState.DONE, unit.key, parts)
    lock = (
        stop
        or _pre_test_lock(document, unit, path)
        or _content_lock(document, unit, path)
        or _attempts_lock(test, record)
    )
    return _step(test.key, kind, unit.key, parts, lock)


def _content_lock(document: ActivityDocument, unit: Unit, path: PathState) -> Lock | None:
    left = content_left_ms(unit, path) if demands_content(document) else 0
    if left == 0:
        return None
    demanded = sum(demanded_of(unit, part) for part in unit.recordings)
    return Lock(LockCode.CONTENT_MISSING, unit.content[0].key, left_ms=left, demanded_ms=demanded)


def _attempts_lock(test: PostTest, record: TestRecord) -> Lock | None:
    left = attempts_left(limit=test.attempts, granted=record.granted, submitted=record.submitted)
    return Lock(LockCode.NO_ATTEMPTS_LEFT, test.key) if left == 0 else None


def _closing_steps(
    document: ActivityDocument, path: PathState, window: Window, on: date
) -> Iterator[PathStep]:
    """Yield the evaluation and the claim."""
    stop = _claim_stop(path, window, on)
    waiting = _nothing_fulfilled(document, path)
    if waiting:
        stop = stop or _stop(path, window, on)
    if document.evaluation:
        key = document.evaluation.key
        if path.evaluated_at:
            yield PathStep(key, PathStepKind.EVALUATION, StepState.DONE, parts=(key,))
        else:
            yield _step(key, PathStepKind.EVALUATION, "", (key,), stop or waiting)
    if document.designations:
        if path.claimed and not unclaimed_units(document, path):
            yield PathStep(CLAIM_KEY, PathStepKind.CLAIM, StepState.DONE)
            return
        lock = stop or _evaluation_lock(document, path) or waiting
        yield _step(CLAIM_KEY, PathStepKind.CLAIM, "", (), lock)


def _nothing_fulfilled(document: ActivityDocument, path: PathState) -> Lock | None:
    """Return the lock of evaluation and claim while no unit is fulfilled for any designation."""
    if any(fulfilled_units(document, path, one) for one in document.designations):
        return None
    if not document.designations and any(is_unit_done(document, unit, path) for unit in document.units):
        return None
    tests = [unit.post_test for unit in document.units if unit.post_test]
    if not tests:
        key = next((unit.content[0].key for unit in document.units if unit.content), "")
        return Lock(LockCode.COMPLETE_FIRST, key)
    test = next((one for one in tests if not path.test(one.key).passed), tests[0])
    return Lock(LockCode.PASS_FIRST, test.key, pass_mark=test.pass_mark or 0, of=len(test.items))


def _claim_stop(path: PathState, window: Window, on: date) -> Lock | None:
    if path.is_superseded:
        return Lock(LockCode.SUPERSEDED)
    if window.is_withdrawn:
        return Lock(LockCode.WITHDRAWN)
    if not window.allows_claim(on):
        return Lock(LockCode.WINDOW_CLOSED, until=window.evaluate_and_claim_until)
    return None


def _evaluation_lock(document: ActivityDocument, path: PathState) -> Lock | None:
    """Return the lock of the claim by the evaluation (R#49)."""
    if not demands_evaluation(document) or path.evaluated_at or document.evaluation is None:
        return None
    return Lock(LockCode.EVALUATION_FIRST, document.evaluation.key)


def _step(key: str, kind: PathStepKind, unit: str, parts: tuple[str, ...], lock: Lock | None) -> PathStep:
    state = StepState.LOCKED if lock else StepState.OPEN
    return PathStep(key, kind, state, unit, parts, lock)


def current_step(steps: tuple[PathStep, ...]) -> PathStep | None:
    """Return the next thing to do: the first open step from which credit can still arise."""
    return next((step for step in steps if step.state is StepState.OPEN and not step.is_review), None)


def step_holding(steps: tuple[PathStep, ...], key: str) -> PathStep | None:
    """Return the stop with this key, or the one whose page holds the document's step `key`."""
    named = next((step for step in steps if step.key == key), None)
    return named or next((step for step in steps if key in step.parts), None)


def is_review(document: ActivityDocument, path: PathState, window: Window, *, on: date) -> bool:
    """Whether a visit can no longer lead to credit: all of it claimed, or the window is closed."""
    all_claimed = bool(path.claimed) and path.claimed >= {unit.key for unit in document.units}
    return all_claimed or not window.allows_claim(on)
