"""Scoring of tests, and what a learner is told afterwards.

Plain values. The items come from above (the activity document); what scoring needs of one is
said by `ScoredItem`.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from opencme.core.sentences import sentence as _
from opencme.core.verdicts import ALLOWED, Reason, Verdict, refused
from opencme.providers.statements.rulebook import source_of

Answer = frozenset[str]
Answers = Mapping[str, Answer]

SINGLE, MULTIPLE, TRUE_FALSE = "single", "multiple", "true_false"
ONE_ANSWER = frozenset({SINGLE, TRUE_FALSE})


class OptionLike(Protocol):
    """An answer of an item."""

    @property
    def key(self) -> str:
        """The name that an answer carries."""


class ScoredItem(Protocol):
    """What scoring needs to know of an item."""

    @property
    def key(self) -> str:
        """Stable over edits."""

    @property
    def kind(self) -> str:
        """`single`, `multiple` or `true_false`."""

    @property
    def options(self) -> Sequence[OptionLike]:
        """In the author's order."""

    @property
    def keys(self) -> frozenset[str]:
        """The correct options."""

    @property
    def objectives(self) -> tuple[str, ...]:
        """The objectives that the item assesses."""

    @property
    def vignette(self) -> str | None:
        """The case that it shares with others."""

    @property
    def shuffle_options(self) -> bool:
        """Whether the options may change places."""


class Feedback(enum.StrEnum):
    """What is shown of a submitted test."""

    THANKS = "thanks"
    """Ungraded: no score, no keys yet."""
    OBJECTIVES = "objectives"
    """Score and objectives missed with their chapters; no keys."""
    RATIONALES = "rationales"
    """Everything: score, keys, rationale and reference of each item."""


@dataclass(frozen=True, slots=True)
class Score:
    """The result of a test. `pass_mark` counts items; `None` means that nothing can be failed."""

    right: int
    of: int
    pass_mark: int | None
    results: Mapping[str, bool]

    @property
    def passed(self) -> bool:
        """Whether the minimum performance level is reached (R#48)."""
        return self.pass_mark is None or self.right >= self.pass_mark


@dataclass(frozen=True, slots=True)
class ObjectiveScore:
    """How many of an objective's items were right."""

    objective: str
    right: int
    of: int

    @property
    def missed(self) -> bool:
        """Whether there is something left to learn here."""
        return self.right < self.of


@dataclass(frozen=True, slots=True)
class Layout:
    """The order of items and options of one attempt, fixed when it begins."""

    items: tuple[str, ...]
    options: Mapping[str, tuple[str, ...]]


def is_well_formed(item: ScoredItem, answer: Answer) -> Verdict:
    """Whether an answer can be given to this item at all: known options, and one where one counts."""
    known = {option.key for option in item.options}
    if not answer <= known:
        return refused(
            Reason("ANSWER_UNKNOWN", _("This question has no such answer."), source_of("ANSWER_UNKNOWN"))
        )
    if item.kind in ONE_ANSWER and len(answer) > 1:
        return refused(
            Reason("ANSWER_TOO_MANY", _("This question takes one answer."), source_of("ANSWER_TOO_MANY"))
        )
    return ALLOWED


def is_right(item: ScoredItem, answer: Answer) -> bool:
    """Whether the answer is exactly the item's keys; half a multiple choice earns nothing."""
    return bool(item.keys) and answer == item.keys


def unanswered(items: Iterable[ScoredItem], answers: Answers) -> tuple[str, ...]:
    """Return the keys of the items without an answer, in order."""
    return tuple(item.key for item in items if not answers.get(item.key))


def score(items: Sequence[ScoredItem], answers: Answers, *, pass_mark: int | None) -> Score:
    """Score a test; an item without an answer is wrong."""
    results = {item.key: is_right(item, answers.get(item.key, frozenset())) for item in items}
    return Score(sum(results.values()), len(results), pass_mark, results)


def by_objective(
    items: Iterable[ScoredItem], results: Mapping[str, bool], objectives: Iterable[str]
) -> tuple[ObjectiveScore, ...]:
    """Return one line per objective that was assessed, in the order of `objectives`."""
    tally: dict[str, list[bool]] = {key: [] for key in objectives}
    for item in items:
        for key in item.objectives:
            tally.setdefault(key, []).append(results.get(item.key, False))
    return tuple(ObjectiveScore(key, sum(got), len(got)) for key, got in tally.items() if got)


def attempts_left(*, limit: int | None, granted: int, submitted: int) -> int | None:
    """Return how often the test can still be submitted; `None` means without limit."""
    return None if limit is None else max(0, limit + granted - submitted)


def feedback_after(*, graded: bool, passed: bool, left: int | None) -> Feedback:
    """What is told after a submit: no key is shown while another attempt could use it."""
    if not graded:
        return Feedback.THANKS
    if passed or left == 0:
        return Feedback.RATIONALES
    return Feedback.OBJECTIVES


def laid_out(items: Sequence[ScoredItem], *, shuffle_items: bool, seed: str) -> Layout:
    """Fix the order of an attempt. The same seed gives the same order.

    Items of one case stay together and in their order; true and false never change places.
    """
    dice = random.Random(seed)  # noqa: S311  an order of display, no secret
    groups = _grouped_by_case(items)
    if shuffle_items:
        dice.shuffle(groups)
    ordered = [item for group in groups for item in group]
    return Layout(
        items=tuple(item.key for item in ordered),
        options={item.key: _option_order(item, dice) for item in ordered},
    )


def _grouped_by_case(items: Sequence[ScoredItem]) -> list[list[ScoredItem]]:
    groups: list[list[ScoredItem]] = []
    of_case: dict[str, list[ScoredItem]] = {}
    for item in items:
        if item.vignette and item.vignette in of_case:
            of_case[item.vignette].append(item)
            continue
        groups.append([item])
        if item.vignette:
            of_case[item.vignette] = groups[-1]
    return groups


def _option_order(item: ScoredItem, dice: random.Random) -> tuple[str, ...]:
    keys = [option.key for option in item.options]
    if item.shuffle_options and item.kind != TRUE_FALSE:
        dice.shuffle(keys)
    return tuple(keys)
