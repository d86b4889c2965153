"""The result of a test: the score, what was missed, and the answers once they may be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from opencme.activities.document import ActivityDocument, Item, PostTest, PreTest, Recording, Reference
from opencme.assessment.rules import Feedback, attempts_left, by_objective, feedback_after, score
from opencme.learning.models import Attempt
from opencme.learning.operations import test_of
from opencme.learning.queries import LearnerPath


@dataclass(frozen=True, slots=True)
class ChapterLink:
    """A chapter that teaches what was missed."""

    number: int
    seconds: int
    url: str


@dataclass(frozen=True, slots=True)
class ObjectiveLine:
    """One line per objective."""

    text: str
    right: int
    of: int
    chapters: tuple[ChapterLink, ...]


@dataclass(frozen=True, slots=True)
class ReviewedItem:
    """An item with its key, what was chosen, why, and where to read on."""

    item: Item
    is_right: bool
    keys: tuple[str, ...]
    chosen: tuple[str, ...]
    references: tuple[Reference, ...]


def result_context(path: LearnerPath, attempt: Attempt) -> dict[str, Any]:
    """Everything that the page of a result shows; keys only where `feedback_after` tells them."""
    document = path.document
    test = test_of(document, attempt.step_key)
    feedback = _feedback(path, test)
    return {
        "digest": path.participation.revision.sha256,
        "test": test,
        "attempt": attempt,
        "attempts_made": path.state.test(test.key).submitted,
        "left": _left(path, test),
        "needed": getattr(test, "pass_mark", None),
        "feedback": feedback,
        "objectives": tuple(_objective_lines(path, attempt, with_chapters=not attempt.passed))
        if feedback is not Feedback.THANKS
        else (),
        "review": tuple(_reviewed(document, attempt)) if feedback is Feedback.RATIONALES else (),
    }


def _feedback(path: LearnerPath, test: PreTest | PostTest) -> Feedback:
    if isinstance(test, PostTest):
        passed = path.state.test(test.key).passed
        return feedback_after(graded=True, passed=passed, left=_left(path, test))
    # A pre-test is never graded; its answers are told when those of the post-test may be.
    unit = path.document.unit_of[test.key]
    if unit.post_test and _feedback(path, unit.post_test) is Feedback.RATIONALES:
        return Feedback.RATIONALES
    return Feedback.THANKS


def _left(path: LearnerPath, test: PreTest | PostTest) -> int | None:
    if isinstance(test, PreTest):
        return 0
    record = path.state.test(test.key)
    return attempts_left(limit=test.attempts, granted=record.granted, submitted=record.submitted)


def _items(document: ActivityDocument, attempt: Attempt) -> tuple[Item, ...]:
    return tuple(document.item_of[key] for key in attempt.form["items"])


def _results(document: ActivityDocument, attempt: Attempt) -> dict[str, bool]:
    answers = {key: frozenset(one["value"]) for key, one in attempt.answers.items()}
    return dict(score(_items(document, attempt), answers, pass_mark=None).results)


def _objective_lines(path: LearnerPath, attempt: Attempt, *, with_chapters: bool) -> Iterator[ObjectiveLine]:
    document = path.document
    texts = {objective.key: objective.text for objective in document.objectives}
    lines = by_objective(_items(document, attempt), _results(document, attempt), texts)
    for line in lines:
        chapters = _chapters(path, attempt.step_key, line.objective) if with_chapters else ()
        shown = tuple(chapters) if line.missed else ()
        yield ObjectiveLine(texts.get(line.objective, line.objective), line.right, line.of, shown)


def _chapters(path: LearnerPath, step_key: str, objective: str) -> Iterator[ChapterLink]:
    unit = path.document.unit_of[step_key]
    for recording in unit.recordings:
        ends = [chapter.starts_at for chapter in recording.chapters[1:]] + [recording.seconds]
        for number, (chapter, end) in enumerate(zip(recording.chapters, ends, strict=False), start=1):
            if objective in chapter.objectives:
                url = _play_url(path, recording, chapter.starts_at)
                yield ChapterLink(number, end - chapter.starts_at, url)


def _play_url(path: LearnerPath, recording: Recording, second: int) -> str:
    unit = path.document.unit_of[recording.key]
    page = reverse("step", args=[path.participation.uuid, unit.content[0].key])
    return f"{page}?at={second}#{recording.key}"


def _reviewed(document: ActivityDocument, attempt: Attempt) -> Iterator[ReviewedItem]:
    results = _results(document, attempt)
    references = {reference.key: reference for reference in document.references}
    for item in _items(document, attempt):
        chosen = set(attempt.answers.get(item.key, {}).get("value", ()))
        yield ReviewedItem(
            item=item,
            is_right=results[item.key],
            keys=tuple(option.text for option in item.options if option.is_key),
            chosen=tuple(option.text for option in item.options if option.key in chosen),
            references=tuple(references[key] for key in item.references if key in references),
        )
