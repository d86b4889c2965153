"""The gate: which step of the path is open, done or locked, why, and what opens it.

Pure functions over the document, the state of one participation and a date. `on` is always a
date in the provider's time zone; the dates of an activity are inclusive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from opencme.activities.document import (
    ActivityDocument,
    Dates,
    Designation,
    PostTest,
    PreTest,
    Recording,
    Unit,
)
from opencme.assessment.rules import attempts_left
from opencme.core.verdicts import ALLOWED, Reason, Verdict, refused
from opencme.media.rules import Intervals, covered_ms, demanded_ms, merged

from .choices import LockCode, PathStepKind, StepState

CLAIM_KEY = "claim"
CLAIM_DAYS = 30
"""Days after the expiration in which one who passed in time may still evaluate and claim."""

WHOLE = 97
"""Percent of a recording that count as the whole of it: nobody plays the last second."""


@dataclass(frozen=True, slots=True)
class TestRecord:
    """Where a learner stands with one test."""

    __test__ = False

    submitted: int = 0
    granted: int = 0
    passed: bool = False
    submitted_at: datetime | None = None
    passed_at: datetime | None = None
    right: int | None = None
    of: int | None = None
    in_progress: bool = False


@dataclass(frozen=True, slots=True)
class ContentRecord:
    """How a learner took part in one recording or reading. Stretches in ms of the recording."""

    played: Intervals = ()
    read: Intervals = ()
    attested_at: datetime | None = None
    granted_at: datetime | None = None
    met_at: datetime | None = None

    @property
    def covered(self) -> Intervals:
        """What was played or read; reading the text is an equal route."""
        return merged(self.played, self.read)


@dataclass(frozen=True, slots=True)
class PathState:
    """Everything the gate knows of one participation."""

    started_at: datetime
    tests: Mapping[str, TestRecord] = field(default_factory=dict)
    content: Mapping[str, ContentRecord] = field(default_factory=dict)
    evaluated_at: datetime | None = None
    is_preview: bool = False
    is_superseded: bool = False
    is_claimed: bool = False

    def test(self, key: str) -> TestRecord:
        """Return the record of a test, empty where nothing happened."""
        return self.tests.get(key, TestRecord())

    def part(self, key: str) -> ContentRecord:
        """Return the record of a recording or reading, empty where nothing happened."""
        return self.content.get(key, ContentRecord())


@dataclass(frozen=True, slots=True)
class Window:
    """Until when one who has started may complete, and evaluate and claim; inclusive."""

    complete_until: date | None = None
    evaluate_and_claim_until: date | None = None
    is_withdrawn: bool = False

    def allows_completion(self, on: date) -> bool:
        """Whether tests and content still count."""
        return not self.is_withdrawn and _within(on, self.complete_until)

    def allows_claim(self, on: date) -> bool:
        """Whether one who passed in time can still evaluate and claim."""
        return not self.is_withdrawn and _within(on, self.evaluate_and_claim_until)


@dataclass(frozen=True, slots=True)
class Lock:
    """Why a step is locked, in numbers and keys that the page can phrase."""

    code: LockCode
    opened_by: str = ""
    """The key of the path step that opens it, where one does."""
    left_ms: int = 0
    demanded_ms: int = 0
    pass_mark: int = 0
    of: int = 0
    until: date | None = None

    @property
    def reason(self) -> Reason:
        """Return the reason as a verdict carries and a record keeps it."""
        return Reason(f"GATE_{self.code.name}", _SENTENCES[self.code], "R#48", place=self.opened_by)


_SENTENCES = {
    LockCode.PRE_TEST_FIRST: "Opens when the pre-test is sent.",
    LockCode.CONTENT_MISSING: "Opens after more of the recording, played or read.",
    LockCode.PASS_FIRST: "Opens when the post-test is passed.",
    LockCode.COMPLETE_FIRST: "Opens when the content is completed.",
    LockCode.EVALUATION_FIRST: "Opens after the evaluation.",
    LockCode.NO_ATTEMPTS_LEFT: "All attempts are used; the office can grant another.",
    LockCode.WINDOW_CLOSED: "The certification window has closed.",
    LockCode.WITHDRAWN: "The provider has withdrawn the activity.",
    LockCode.SUPERSEDED: "Another participation of the same person counts.",
}


@dataclass(frozen=True, slots=True)
class PathStep:
    """One stop of the path. `parts` are the keys of the document's steps that it holds."""

    key: str
    kind: PathStepKind
    state: StepState
    unit: str = ""
    parts: tuple[str, ...] = ()
    lock: Lock | None = None
    is_review: bool = False
    """Open to look at, but no credit arises from it any more."""

    @property
    def verdict(self) -> Verdict:
        """Whether the step may be entered; the reason where it may not."""
        return refused(self.lock.reason) if self.lock else ALLOWED


# --- dates --------------------------------------------------------------------------------------


def _within(on: date, until: date | None) -> bool:
    return until is None or on <= until


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


def claim_until(dates: Dates) -> date | None:
    """Return the last day to evaluate and claim: as stated, or 30 days after the expiration."""
    if dates.evaluate_and_claim_until is not None:
        return dates.evaluate_and_claim_until
    return dates.complete_until and dates.complete_until + timedelta(days=CLAIM_DAYS)


def start_until(dates: Dates) -> date | None:
    """Return the last day to start for credit: as stated, or the expiration."""
    return dates.start_until or dates.complete_until


def window_of(own: Dates, current: Dates, *, is_withdrawn: bool = False) -> Window:
    """Return the window of one who has started under `own` while the activity states `current`.

    A later date extends, an earlier one never cuts off one who has started; withdrawal stops all.
    """
    return Window(
        complete_until=_later(own.complete_until, current.complete_until),
        evaluate_and_claim_until=_later(claim_until(own), claim_until(current)),
        is_withdrawn=is_withdrawn,
    )


def may_start(dates: Dates, *, is_withdrawn: bool, on: date) -> Verdict:
    """Whether a new participation may start on this day (R#13)."""
    if is_withdrawn:
        return refused(Lock(LockCode.WITHDRAWN).reason)
    if not _within(on, start_until(dates)):
        return refused(Lock(LockCode.WINDOW_CLOSED, until=start_until(dates)).reason)
    return ALLOWED


# --- content ------------------------------------------------------------------------------------


def demanded_of(unit: Unit, recording: Recording) -> int:
    """Return the milliseconds of a recording that the activity demands.

    Nothing by default. A unit without a post-test rests on its content alone, hence on all of it.
    """
    length = recording.seconds * 1000
    if recording.demanded_percent is not None:
        return demanded_ms(length_ms=length, share_percent=recording.demanded_percent)
    return 0 if unit.post_test else demanded_ms(length_ms=length, share_percent=WHOLE)


def part_left_ms(unit: Unit, recording: Recording, record: ContentRecord) -> int:
    """Return how much of a recording is still demanded; nothing where it was attested or granted."""
    if record.attested_at or record.granted_at:
        return 0
    return max(0, demanded_of(unit, recording) - covered_ms(record.covered))


def content_left_ms(unit: Unit, path: PathState) -> int:
    """Return how much of the unit's recordings is still demanded."""
    return sum(part_left_ms(unit, part, path.part(part.key)) for part in unit.recordings)


def is_wholly_covered(unit: Unit, path: PathState) -> bool:
    """Whether the content needs nothing more: all of it covered, attested or granted."""
    return bool(unit.recordings) and all(_is_whole(part, path.part(part.key)) for part in unit.recordings)


def _is_whole(recording: Recording, record: ContentRecord) -> bool:
    whole = demanded_ms(length_ms=recording.seconds * 1000, share_percent=WHOLE)
    attested = record.attested_at or record.granted_at
    return bool(attested) or covered_ms(record.covered) >= whole


# --- what is fulfilled --------------------------------------------------------------------------


def _demands_pre_test(document: ActivityDocument) -> bool:
    designations = document.designations
    return not designations or any(one.requires_pre_test for one in designations)


def _demands_content(document: ActivityDocument) -> bool:
    designations = document.designations
    return not designations or any(one.requires_content for one in designations)


def _demands_evaluation(document: ActivityDocument) -> bool:
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


# --- the gate -----------------------------------------------------------------------------------


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
    return PathStep(key, kind, state, unit.key, parts, is_review=bool(stop) or path.is_claimed)


def _pre_test_lock(document: ActivityDocument, unit: Unit, path: PathState) -> Lock | None:
    test = unit.pre_test
    if test is None or not _demands_pre_test(document) or path.test(test.key).submitted:
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
    left = content_left_ms(unit, path) if _demands_content(document) else 0
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
        if path.is_claimed:
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
    if not _demands_evaluation(document) or path.evaluated_at or document.evaluation is None:
        return None
    return Lock(LockCode.EVALUATION_FIRST, document.evaluation.key)


def _step(key: str, kind: PathStepKind, unit: str, parts: tuple[str, ...], lock: Lock | None) -> PathStep:
    state = StepState.LOCKED if lock else StepState.OPEN
    return PathStep(key, kind, state, unit, parts, lock)


# --- reading the path ---------------------------------------------------------------------------


def current_step(steps: tuple[PathStep, ...]) -> PathStep | None:
    """Return the next thing to do: the first open step from which credit can still arise."""
    return next((step for step in steps if step.state is StepState.OPEN and not step.is_review), None)


def step_holding(steps: tuple[PathStep, ...], key: str) -> PathStep | None:
    """Return the stop with this key, or the one whose page holds the document's step `key`."""
    named = next((step for step in steps if step.key == key), None)
    return named or next((step for step in steps if key in step.parts), None)


def is_review(path: PathState, window: Window, *, on: date) -> bool:
    """Whether a visit can no longer lead to credit: claimed already, or the window is closed."""
    return path.is_claimed or not window.allows_claim(on)
