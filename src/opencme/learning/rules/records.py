"""What the gate is given and what it answers, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from opencme.activities.rules import is_within
from opencme.core.sentences import sentence as _
from opencme.core.verdicts import ALLOWED, Reason, Verdict, refused
from opencme.learning.choices import LockCode, PathStepKind, StepState
from opencme.media.rules import Intervals, merged
from opencme.providers.statements.rulebook import source_of


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
    position_ms: int = 0
    """Where the learner goes on."""

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
    claimed: frozenset[str] = frozenset()
    """The units whose credit has been claimed."""

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
        return not self.is_withdrawn and is_within(on, self.complete_until)

    def allows_claim(self, on: date) -> bool:
        """Whether one who passed in time can still evaluate and claim."""
        return not self.is_withdrawn and is_within(on, self.evaluate_and_claim_until)


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
        code = f"GATE_{self.code.name}"
        return Reason(code, _SENTENCES[self.code], source_of(code), place=self.opened_by)


_SENTENCES = {
    LockCode.PRE_TEST_FIRST: _("Opens when the pre-test is sent."),
    LockCode.CONTENT_MISSING: _("Opens after more of the recording, played or read."),
    LockCode.PASS_FIRST: _("Opens when the post-test is passed."),
    LockCode.COMPLETE_FIRST: _("Opens when the content is completed."),
    LockCode.EVALUATION_FIRST: _("Opens after the evaluation."),
    LockCode.NO_ATTEMPTS_LEFT: _("All attempts are used; the office can grant another."),
    LockCode.WINDOW_CLOSED: _("The certification window has closed."),
    LockCode.WITHDRAWN: _("The provider has withdrawn the activity."),
    LockCode.SUPERSEDED: _("Another participation of the same person counts."),
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
